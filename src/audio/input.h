/*
 * input.h: a path, or standard input, as a file descriptor that can seek.
 */
#ifndef KJ_AUDIO_INPUT_H
#define KJ_AUDIO_INPUT_H

#include "kanjo/status.h"

#include <stdbool.h>

/* How many bytes of a path an error message shows at most: the reason after
 * it must fit into the message too. */
enum { KJ__PATH_SHOWN = 240 };

/* What messages call the input: the path, or "standard input" for "-". */
const char *kj__input_label(const char *path);

/* A descriptor at the start of the content, which is not empty; the caller
 * closes it. Whatever is no regular file is copied to an unlinked temporary
 * one, unless `is_stream` says that it will be read but once, as it comes.
 * KJ_EFILE, KJ_EFORMAT (empty); messages without the path. */
kj_status kj__input_open(const char *path, bool is_stream, int *descriptor,
                         kj_error *err);

#endif
