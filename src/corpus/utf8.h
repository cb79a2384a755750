/* utf8.h: is this text? */
#ifndef KJ_CORPUS_UTF8_H
#define KJ_CORPUS_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* True if data[0..size-1] is well-formed UTF-8 (Unicode 15, table 3-7). */
bool kj__utf8_is_valid(const void *data, size_t size);

/* Copy `text` into `dst`, cut to size - 1 bytes before a character that does
 * not fit whole; control characters become '?'. */
void kj__utf8_shorten(char *dst, size_t size, const char *text);

#endif
