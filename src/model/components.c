/*
 * components.c: the bytes of the models inside a model, and whether they are
 * of one mould.
 */
#include "model/components.h"

#include "base/error.h"
#include "base/memory.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void kj__component_files_clear(kj__component_files *files)
{
  for (size_t c = 0; c < KJ_N_COMPONENTS; c++)
    free(files->data[c]);
  *files = (kj__component_files){0};
}

void kj__component_tensor(kj_component component, char *name)
{
  snprintf(name, KJ__TENSOR_NAME_SIZE, "component.%s",
           kj_component_name(component));
}

kj_status kj__component_files_measure(const kj__safetensors *file,
                                      kj__component_files *out, kj_error *err)
{
  char name[KJ__TENSOR_NAME_SIZE];
  for (size_t c = 0; c < KJ_N_COMPONENTS; c++) {
    kj__component_tensor((kj_component)c, name);
    const kj__stored_tensor *tensor = kj__safetensors_find(file, name);
    if (!tensor && c == KJ_COMPONENT_INFORMED)
      continue;
    if (!tensor)
      return kj__fail(err, KJ_EFORMAT, "tensor %s is missing", name);
    out->size[c] = tensor->end - tensor->begin;
    out->data[c] = kj__allocate(NULL, out->size[c] + 1, 1);
    if (!out->data[c])
      return kj__fail_memory(err, name);
  }
  return KJ_OK;
}

/* The first n columns are the same. */
static bool has_columns_of(const kj_model_card *a, const kj_model_card *b,
                           size_t n)
{
  bool same = a->n_columns >= n && b->n_columns >= n;
  for (size_t j = 0; same && j < n; j++)
    same = strcmp(a->column[j], b->column[j]) == 0;
  return same;
}

kj_status kj__component_check(const kj_model_card *whole,
                              const kj_model_card *card, kj_component component,
                              kj_error *err)
{
  const size_t n = whole->n_columns;
  const bool is_informed = component == KJ_COMPONENT_INFORMED;
  if (card->rate_hz != whole->rate_hz || card->channel != whole->channel)
    return kj__fail(err, KJ_EFORMAT,
                    "component %s: rate_hz is %u, channel %d; must be those of "
                    "the whole, %u and %d",
                    kj_component_name(component), card->rate_hz, card->channel,
                    whole->rate_hz, whole->channel);
  if (card->n_columns != n + is_informed || !has_columns_of(card, whole, n))
    return kj__fail(
        err, KJ_EFORMAT, "component %s: columns are not those of the whole%s",
        kj_component_name(component), is_informed ? " and one more" : "");
  return KJ_OK;
}
