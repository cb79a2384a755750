/*
 * model.h: an estimator and its card in one file, and back.
 *
 * A model file is a safetensors file (Python's safetensors library opens it).
 * Its tensors are
 *
 *   scaler.mean, scaler.inverse_sd   F32 (n_columns)
 *   networkN.layerL.weight           F32, BF16 or I8 (out, in), N and L from 0
 *   networkN.layerL.bias             F32 (out)
 *   networkN.layerL.scale            F32 (out), with I8: weight = scale * I8
 *   networkN.layerL.range            F32 (1), with I8: of the layer's inputs
 *   novelty.centre, novelty.factor   F32 (n_columns), (n_columns (n_columns +
 *                                    1) / 2), where novelty is known
 *   calibration                      F64 (n_targets, 2): slope, offset
 *   component.NAME, member.N         U8: a whole model file, of each component
 *                                    of an estimator that routes, and of each
 *                                    member of an ensemble, from 2
 *
 * and its metadata (strings; "columns" and the like hold JSON) say all else
 * that is needed to use it:
 *
 *   format "kanjo-model", format_version, kanjo_version
 *   feature_set, feature_set_version, columns, rate_hz, channel
 *   targets, rating_scale, networks, normalisation, scaler_clip, method
 *   licence, intended_use, description, training, history
 *   weights ("bf16" or "int8"; with fp32 the key is not there)
 *   residuals, novelty (not there where nothing is known)
 *   routing (the route; not there where there are no components)
 *   deviation ("predicted"; not there where it is not)
 *   members (their number; not there where there is one)
 *
 * Same estimator and card, same bytes: nothing comes from the clock. A file
 * is checked in full before any of it is used, and what is not known is
 * refused.
 *
 * Source: huggingface.co/docs/safetensors, "Format"; the rest is Kanjo's.
 */
#ifndef KANJO_MODEL_H
#define KANJO_MODEL_H

#include "kanjo/estimator.h"
#include "kanjo/features.h"
#include "kanjo/status.h"
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Versions of the model file, both written and read: with fp32 weights, as
 * always, and with others, which an older Kanjo must not misread. */
#define KJ_MODEL_FORMAT_VERSION "1"
#define KJ_MODEL_FORMAT_VERSION_NARROW "2"

/**
 * What stands beside the numbers of a model.
 *
 * Strings are UTF-8. For writing they belong to the caller, and a NULL text
 * counts as ""; of a model that was read they belong to the model, and none
 * is NULL.
 */
typedef struct kj_model_card {
  const char *feature_set;      /* "is09", "is09-clean"; "table" for another */
  unsigned feature_set_version; /* of that set; at least 1 */
  const char *const *column;    /* names of the features, in order, all
                                   different; those of the set if it is known */
  size_t n_columns;             /* as many as the scaler has */
  unsigned rate_hz;             /* how audio was read; 0: at its own rate */
  int channel;                  /* 0, 1, ...; KJ_CHANNEL_MIX (-1): their mean */
  const char *method;           /* "network", "ridge" or "constant" */
  const char *licence;
  const char *intended_use;
  const char *description;
  const char *training_json; /* a JSON object: options, data; NULL is {} */
  const char *history_json;  /* a JSON array, one object an epoch; NULL is [] */
  /* of each component that the estimator has, else NULL: its own card, for the
     same sound and features (but for the informed estimator's last one) */
  const struct kj_model_card *component[KJ_N_COMPONENTS];
  /* likewise of each other member of an ensemble, with the same columns */
  const struct kj_model_card *other[KJ_MAX_MEMBERS - 1];
} kj_model_card;

typedef struct kj_model kj_model;

/**
 * Write a model file, through a temporary name.
 *
 * What would be written is read back first: no file is made that
 * kj_model_read would refuse.
 *
 * @param[in] path       of the file; "-" is standard output.
 * @param[in] estimator  the numbers.
 * @param[in] card       the rest.
 * @return KJ_OK; KJ_EARGUMENT if the card or a weight is not allowed (the
 *         field is named); KJ_EFILE if it cannot be written, and then a file
 *         that was there before is left as it was; KJ_EMEMORY.
 *
 * Memory: allocates about three times the file.  Threads: shared-read.
 */
kj_status kj_model_write(const char *path, const kj_estimator *estimator,
                         const kj_model_card *card, kj_error *err);

/**
 * Read a model file.
 *
 * @param[in] path  of the file.
 * @param[out] out  the model; unchanged on failure.
 * @return KJ_OK; KJ_EFILE if it cannot be read or is larger than 1 GiB;
 *         KJ_EMODEL if anything in it is not as it must be (file, field,
 *         value and what was allowed are named); KJ_EMEMORY.
 *
 * Memory: caller releases with kj_model_destroy.  Threads: one.
 */
kj_status kj_model_read(const char *path, kj_model **out, kj_error *err);

/**
 * Make a model from the bytes of a model file.
 *
 * @param[in] data  the bytes; not needed afterwards.
 * @param[in] size  their number.
 * @param[in] name  what messages call them.
 * @param[out] out  the model; unchanged on failure.
 * @return KJ_OK; KJ_EMODEL as kj_model_read; KJ_EMEMORY.
 *
 * Memory: caller releases with kj_model_destroy; what is allocated is bounded
 * by the size.  Threads: one.
 */
kj_status kj_model_parse(const void *data, size_t size, const char *name,
                         kj_model **out, kj_error *err);

/** Release a model; NULL is allowed. */
void kj_model_destroy(kj_model *model);

/** The estimator of a model; belongs to the model, shared-read. */
const kj_estimator *kj_model_estimator(const kj_model *model);

/** The card of a model; belongs to the model, shared-read. */
const kj_model_card *kj_model_get_card(const kj_model *model);

/**
 * Find the feature set that a model wants of sound.
 *
 * Another version of a set has the same columns and means something else by
 * them, so a model of one is good for nothing here.
 *
 * @param[in] model  the model.
 * @param[out] set   the set; NULL where it is none of this library: the model
 *                   wants the columns of a table. Unchanged on failure.
 * @return KJ_OK; KJ_EMODEL if it is another version than that of this library.
 *
 * Memory: allocates nothing.  Threads: shared-read.
 */
kj_status kj_model_find_set(const kj_model *model, const kj_feature_set **set,
                            kj_error *err);

/** The version of Kanjo that wrote a model; belongs to the model. */
const char *kj_model_kanjo_version(const kj_model *model);

/**
 * Write a model card for people: Markdown.
 *
 * What it is for, what it estimates, what it needs, its networks, how it was
 * trained, and what it is not. Of the history, the first, the chosen and the
 * last epoch of each network stand there. Networks are told apart by "target"
 * of their epochs; the chosen epoch is the one whose "epoch" is "chosen_epoch"
 * of that entry of "networks" in the training record, or else the one of least
 * "validation_mae", or "mae" where nothing was held out.
 *
 * @param[in] model  the model.
 * @param[out] text  zero-terminated UTF-8 without control characters but line
 *                   feeds; unchanged on failure.
 * @return KJ_OK; KJ_EMEMORY.
 *
 * Memory: caller releases with free.  Threads: shared-read.
 */
kj_status kj_model_card_markdown(const kj_model *model, char **text,
                                 kj_error *err);

#ifdef __cplusplus
}
#endif
#endif
