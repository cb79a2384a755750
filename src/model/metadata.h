/*
 * metadata.h: the strings of a model file: all of a model but its numbers.
 */
#ifndef KJ_MODEL_METADATA_H
#define KJ_MODEL_METADATA_H

#include "kanjo/model.h"
#include "model/json.h"
#include <stdbool.h>

/* A model without its numbers. */
typedef struct kj__outline {
  kj_model_card card; /* strings belong to `metadata`, names to `columns` */
  const char *kanjo_version;
  bool is_narrow;           /* by its version: weights are not fp32 */
  bool has_components;      /* it routes */
  kj_estimator_parts parts; /* targets, scaler.n and clip, normalisation,
                               weights, link, route, first targets; pointers
                               are NULL */
  kj_network_shape shape[KJ_MAX_TARGETS]; /* of each part */
  json_t *metadata;
  json_t *columns;
  const char **column;
} kj__outline;

/* The metadata of a model: an object of strings.
 * KJ_EARGUMENT if a text of the card is not UTF-8; KJ_EMEMORY. */
kj_status kj__metadata_make(const kj_estimator_parts *parts,
                            const kj_model_card *card, json_t **metadata,
                            kj_error *err);

/* Read and check metadata, of which the outline then has a share.
 * KJ_EFORMAT with field, value and what was allowed; KJ_EMEMORY. */
kj_status kj__outline_read(json_t *metadata, kj__outline *out, kj_error *err);

/* Release what an outline owns; a zeroed one is allowed. */
void kj__outline_clear(kj__outline *outline);

/* What the records in a card may cost. */
static const kj__json_limits KJ__TRAINING_LIMITS = {16, 1000000};
static const kj__json_limits KJ__HISTORY_LIMITS = {4, 4000000};

/* ---- shared by the files of metadata only ---- */

/* What is written. */
typedef struct kj__metadata_source {
  const kj_estimator_parts *parts;
  const kj_model_card *card;
} kj__metadata_source;

/* A field of the estimator: how its text is made (NULL where memory is short
 * or a name is not UTF-8), and how it is read into an outline. */
typedef struct kj__metadata_field {
  const char *key;
  bool is_narrow_only; /* not there where weights are fp32 */
  json_t *(*make)(const kj__metadata_source *source);
  kj_status (*read)(const char *text, kj__outline *to, kj_error *err);
} kj__metadata_field;

enum { KJ__N_METADATA_FIELDS = 11 };
extern const kj__metadata_field KJ__METADATA_FIELDS[KJ__N_METADATA_FIELDS];

/* The field that a model may lack: quantiles of residuals, a JSON array with
 * an object or null for each target. */
#define KJ__RESIDUALS_KEY "residuals"

/* Put it where there are any; KJ_EMEMORY. */
kj_status kj__residuals_put(const kj_estimator_parts *parts, json_t *metadata,
                            kj_error *err);

/* Get it where it is there; n_targets must be known. KJ_EFORMAT; KJ_EMEMORY. */
kj_status kj__residuals_get(const json_t *metadata, kj_estimator_parts *parts,
                            kj_error *err);

/* Another: what is known of novelty, but the tensors; a JSON object. */
#define KJ__NOVELTY_KEY "novelty"

/* As with the residuals; pointers are left NULL. */
kj_status kj__novelty_put(const kj_estimator_parts *parts, json_t *metadata,
                          kj_error *err);
kj_status kj__novelty_get(const json_t *metadata, kj_estimator_parts *parts,
                          kj_error *err);

/* Another: the route of an estimator with components. */
#define KJ__ROUTING_KEY "routing"

/* Others: whether deviations are predicted; how many members there are. */
#define KJ__DEVIATION_KEY "deviation"
#define KJ__MEMBERS_KEY "members"

/* All of them but residuals and novelty, put where they are needed, and got
 * where they are there. KJ_EMEMORY; KJ_EFORMAT. */
kj_status kj__kinds_put(const kj_estimator_parts *parts, json_t *metadata,
                        kj_error *err);
kj_status kj__kinds_get(const json_t *metadata, kj__outline *outline,
                        kj_error *err);

/* KJ_EFORMAT: `is "TEXT"; must be ALLOWED`. */
kj_status kj__refuse(kj_error *err, const char *text, const char *allowed);

#endif
