/*
 * model_input.h: models, and what is given to them.
 */
#ifndef KJ_CLI_MODEL_INPUT_H
#define KJ_CLI_MODEL_INPUT_H

#include "cli/load.h"
#include "kanjo/model.h"

/* How a model was trained to read sound: feature set (NULL: it wants the
 * columns of a table), rate and channel. KJ_EMODEL if its feature set is of
 * another version than here, so that it can estimate nothing. */
kj_status cli_model_sound(const kj_model *model, const char *name,
                          cli_sound *sound, kj_error *err);

/* The features of the dataset in the order of the model's columns; KJ_EDATA if
 * they are others. */
kj_status cli_match_model(const kj_model *model, const char *name,
                          kj_dataset *data, kj_error *err);

/* --target and --scale; without --target, all that a model estimates. A gate is
 * held against kinds of speech: it has none, and takes no --target. */
kj_status cli_read_model_targets(const cli_settings *settings,
                                 const kj_estimator_parts *parts,
                                 kj_target_spec *targets, size_t *n,
                                 kj_error *err);

/* Whose values a model gives: by the route that was asked for (negative: none),
 * else its own; plain where it has no experts. KJ_EARGUMENT if it has no such
 * route, or for the oracle, who must know the kinds. */
kj_status cli_choose_route(const kj_estimator *estimator, int asked,
                           kj_route *route, kj_error *err);

/* Say how many rows are of speakers that a model was trained on: these measure
 * memory, not skill. */
void cli_note_heard_speakers(const char *name, const kj_model *model,
                             const kj_dataset *data);

#endif
