/* text.h: text from data, made safe for where it goes. */
#ifndef KJ_EXPERIMENT_REPORT_TEXT_H
#define KJ_EXPERIMENT_REPORT_TEXT_H

#include <stddef.h>
#include <stdio.h>

/* items with room for n, or NULL and the old ones still there. */
void *kj__report_grow(void *items, size_t n, size_t size);

/* Copy as many whole UTF-8 characters as fit. */
void kj__report_copy(char *to, size_t size, const char *from);

/* Add as many whole UTF-8 characters as fit to the text in `to`. */
void kj__report_append(char *to, size_t size, const char *from);

/* Of XML and HTML: & < > " ' as entities, and U+FFFD for what neither has:
 * control characters, U+FFFE, U+FFFF. */
void kj__report_html_text(const char *text, FILE *out);

/* Of Markdown, in one line: what would mean something gets a backslash. */
void kj__report_markdown_text(const char *text, FILE *out);

/* A name of a file or an element: letters, digits and '-' only. */
void kj__report_id(char *to, size_t size, const char *from);

#endif
