/*
 * checkpoint.h: a training's state in a file, and back, all or nothing.
 *
 * A safetensors file, written through a temporary name, with the tensors of
 * the state and, in its metadata, a JSON object that tells what they belong
 * to. NaN is allowed: it is what an undefined figure of a history is.
 */
#ifndef KJ_MODEL_CHECKPOINT_H
#define KJ_MODEL_CHECKPOINT_H

#include "kanjo/status.h"
#include "model/safetensors.h"
#include <stddef.h>

/* Write n tensors and the text of a JSON object.
 * KJ_EARGUMENT if a view or the text is not allowed; KJ_EFILE if it cannot be
 * written, and then a file that was there before is left as it was;
 * KJ_EMEMORY. */
kj_status kj__checkpoint_write(const char *path, const kj__tensor_view *tensors,
                               size_t n, const char *state_json, kj_error *err);

/* Read a file that has exactly the expected tensors, by name, dtype and shape,
 * into the memory of the views; on failure that memory is untouched.
 * state_json: malloc'ed, the caller's, NULL if not wanted.
 * KJ_EFILE if it cannot be read; KJ_EFORMAT with file, field, value and what
 * was allowed; KJ_EMEMORY. */
kj_status kj__checkpoint_read(const char *path, const kj__tensor_view *expected,
                              size_t n, char **state_json, kj_error *err);

/* Read the text alone, to see whose state it is. Errors likewise. */
kj_status kj__checkpoint_read_state(const char *path, char **state_json,
                                    kj_error *err);

#endif
