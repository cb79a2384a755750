/*
 * components.h: the models inside a model: gate, experts, informed estimator.
 *
 * Each stands in the file as a whole model file of its own, in a tensor of
 * bytes, so that it is written, read and checked as any other.
 */
#ifndef KJ_MODEL_COMPONENTS_H
#define KJ_MODEL_COMPONENTS_H

#include "kanjo/model.h"
#include "model/metadata.h"
#include "model/safetensors.h"

/* Model files, by component; NULL where there is none. */
typedef struct kj__component_files {
  uint8_t *data[KJ_N_COMPONENTS];
  size_t size[KJ_N_COMPONENTS];
} kj__component_files;

/* Release them; all zero is allowed. */
void kj__component_files_clear(kj__component_files *files);

/* "component.gate" and so on; of KJ__TENSOR_NAME_SIZE bytes. */
void kj__component_tensor(kj_component component, char *name);

/* The sizes of those that a file has, and memory for them. KJ_EFORMAT where
 * one is missing that is needed; KJ_EMEMORY. */
kj_status kj__component_files_measure(const kj__safetensors *file,
                                      kj__component_files *out, kj_error *err);

/* That a component hears and reads what the whole does. KJ_EFORMAT. */
kj_status kj__component_check(const kj_model_card *whole,
                              const kj_model_card *card, kj_component component,
                              kj_error *err);

#endif
