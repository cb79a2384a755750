/*
 * feature_cache.h: features of sound that were extracted for an experiment,
 * kept in its folder, so that starting it again need not listen again.
 */
#ifndef KJ_CLI_FEATURE_CACHE_H
#define KJ_CLI_FEATURE_CACHE_H

#include "cli/load.h"

/* Where the features of these rows would be kept, as FOLDER/features/NAME-
 * followed by a digest of the feature set, how sound is read, and of each
 * row's file, its size, its time of change, and segment. Caller frees. */
kj_status cli_cache_path(const char *folder, const char *name,
                         const kj_dataset *data, const cli_sound *sound,
                         char **path, kj_error *err);

/* Give the dataset the features that are kept there; *found false, and the
 * dataset as it was, where there are none that can be used. */
kj_status cli_cache_read(const char *path, kj_dataset *data,
                         const cli_sound *sound, bool *found, kj_error *err);

/* Keep the features of a dataset. `before` are its rows as they were before
 * those without values were dropped, n_before of them. */
kj_status cli_cache_write(const char *path, const kj_dataset *data,
                          const kj_row *before, size_t n_before, kj_error *err);

#endif
