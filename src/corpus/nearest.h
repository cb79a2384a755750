/* nearest.h: did you mean ... */
#ifndef KJ_CORPUS_NEAREST_H
#define KJ_CORPUS_NEAREST_H

#include <stddef.h>

/* Write the (at most 3) names nearest to `wanted`, or to `also` unless that is
 * NULL, into dst, with ", " between them; "none" where there is no name. */
void kj__nearest(char *dst, size_t size, const char *wanted, const char *also,
                 const char *const *names, size_t n);

#endif
