/* number.h: decimal numbers as text, the same in every locale. */
#ifndef KJ_CORPUS_NUMBER_H
#define KJ_CORPUS_NUMBER_H

#include <stdbool.h>

/* Read all of `text` as a finite decimal number with a point, such as -1.5e3.
 * False, and *value untouched, for anything else: an empty text, spaces,
 * hexadecimal, inf, nan, or more than a double can hold. */
bool kj__number_parse(const char *text, double *value);

#endif
