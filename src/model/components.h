/*
 * components.h: the models inside a model: gate, experts, informed estimator,
 * and the other members of an ensemble.
 *
 * Each stands in the file as a whole model file of its own, in a tensor of
 * bytes, so that it is written, read and checked as any other.
 */
#ifndef KJ_MODEL_COMPONENTS_H
#define KJ_MODEL_COMPONENTS_H

#include "kanjo/model.h"
#include "model/metadata.h"
#include "model/safetensors.h"
#include <stdbool.h>

/* Where they stand: components in their order, then members. */
enum { KJ__N_INNER = KJ_N_COMPONENTS + KJ_MAX_MEMBERS - 1 };

/* Model files; NULL where there is none. */
typedef struct kj__inner_files {
  uint8_t *data[KJ__N_INNER];
  size_t size[KJ__N_INNER];
} kj__inner_files;

/* Release them; all zero is allowed. */
void kj__inner_files_clear(kj__inner_files *files);

/* "component.gate", "member.2" and so on; of KJ__TENSOR_NAME_SIZE bytes. */
void kj__inner_name(size_t place, char *name);

/* Who stands there, of the parts of an estimator; or NULL. And its card. */
const kj_estimator *kj__inner_estimator(const kj_estimator_parts *parts,
                                        size_t place);
const kj_model_card *kj__inner_card(const kj_model_card *card, size_t place);

/* Put them there. */
void kj__inner_set(kj_estimator_parts *parts, size_t place,
                   const kj_estimator *estimator);
void kj__inner_set_card(kj_model_card *card, size_t place,
                        const kj_model_card *inner);

/* The sizes of those that the outline promises, and memory for them.
 * KJ_EFORMAT where one is missing; KJ_EMEMORY. */
kj_status kj__inner_files_measure(const kj__safetensors *file,
                                  const kj__outline *outline,
                                  kj__inner_files *out, kj_error *err);

/* That one of them hears and reads what the whole does. KJ_EFORMAT. */
kj_status kj__inner_check(const kj_model_card *whole, const kj_model_card *card,
                          size_t place, kj_error *err);

#endif
