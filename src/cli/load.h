/*
 * load.h: what several verbs read: settings into options, tables into
 * datasets.
 */
#ifndef KJ_CLI_LOAD_H
#define KJ_CLI_LOAD_H

#include "cli/options.h"
#include "kanjo/experiment.h"
#include "kanjo/model.h"

/* mix, left, right or a number from 1, as kj_audio_options.channel. */
kj_status cli_read_channel(const char *text, int *channel, kj_error *err);

/* --set, --rate, --channel. */
kj_status cli_read_sound(const cli_settings *settings,
                         const kj_feature_set **set, kj_audio_options *audio,
                         kj_error *err);

/* --raw; all zero where it is not given. */
kj_status cli_read_raw(const cli_settings *settings, kj_raw *raw,
                       kj_error *err);

/* --target and --scale; `n` 0 where no target is named. */
kj_status cli_read_targets(const cli_settings *settings,
                           kj_target_spec *targets, size_t *n, kj_error *err);

/* All options of train and cross-validate that decide a fit. */
kj_status cli_read_fit(const cli_settings *settings, size_t n_targets,
                       kj_fit_options *options, kj_error *err);

/* The fit of a gate beside those `others`; alone it has their smoothing and
 * epochs, else its own. */
kj_status cli_read_gate(const cli_settings *settings,
                        const kj_fit_options *others, kj_fit_options *gate,
                        kj_error *err);

/* How sound is read for a dataset: by options, or as a model wants it. */
typedef struct cli_sound {
  const kj_feature_set *set;
  kj_audio_options audio;
  const char *cache_folder; /* where features are kept, or NULL: nowhere */
  const char *cache_name;
} cli_sound;

/* LABELS.csv with features: from --features, else from its sound files.
 * *n_dropped counts rows that were left out; each was noted. */
kj_status cli_load_labelled(const cli_settings *settings, const char *path,
                            const kj_target_spec *targets, size_t n_targets,
                            const cli_sound *sound, kj_dataset **out,
                            size_t *n_dropped, kj_error *err);

/* --unlabelled, in the columns of `like`; NULL where it is not given. */
kj_status cli_load_unlabelled(const cli_settings *settings,
                              const kj_dataset *like, kj_dataset **out,
                              kj_error *err);

/* Progress and interrupts of long work on a dataset, as callbacks. */
struct cli_progress;
bool cli_stop(void *context);

/* The inputs of the command line and of --list. */
kj_status cli_read_inputs(const cli_settings *settings, kj_inputs *inputs,
                          kj_error *err);

#endif
