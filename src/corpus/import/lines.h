/* lines.h: text files, a line at a time. */
#ifndef KJ_CORPUS_IMPORT_LINES_H
#define KJ_CORPUS_IMPORT_LINES_H

#include "kanjo/status.h"
#include <stddef.h>

/* One line; valid, and free to be changed, during a call of the visitor. */
typedef struct kj__line {
  const char *name; /* of the file, for messages */
  size_t number;    /* from 1 */
  char *text;       /* without its end, "\n" or "\r\n" */
} kj__line;

typedef kj_status kj__line_visitor(void *context, const kj__line *line,
                                   kj_error *err);

/* Show each line of a text of `size` bytes, which is changed, and has a zero
 * byte after it. A byte order mark is passed over. KJ_EFORMAT: a zero byte
 * within; or what the visitor returned. */
kj_status kj__lines_each(const char *name, char *text, size_t size,
                         kj__line_visitor *visitor, void *context,
                         kj_error *err);

/* The same for a file. KJ_EFILE if it cannot be read. */
kj_status kj__lines_read(const char *path, kj__line_visitor *visitor,
                         void *context, kj_error *err);

/* KJ_EFORMAT: "NAME:LINE: " and the sentence. */
kj_status kj__line_fail(const kj__line *line, kj_error *err, const char *format,
                        ...) __attribute__((format(printf, 3, 4)));

/* The text without the blanks around it; what follows is cut off. */
char *kj__trimmed(char *text);

#endif
