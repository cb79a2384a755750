/*
 * components.c: the bytes of the models inside a model, and whether they are
 * of one mould.
 */
#include "model/components.h"

#include "base/error.h"
#include "base/memory.h"
#include "model/json.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_member(size_t place)
{
  return place >= KJ_N_COMPONENTS;
}

void kj__inner_files_clear(kj__inner_files *files)
{
  for (size_t i = 0; i < KJ__N_INNER; i++)
    free(files->data[i]);
  *files = (kj__inner_files){0};
}

void kj__inner_name(size_t place, char *name)
{
  if (is_member(place))
    snprintf(name, KJ__TENSOR_NAME_SIZE, "member.%zu",
             place - KJ_N_COMPONENTS + 2);
  else
    snprintf(name, KJ__TENSOR_NAME_SIZE, "component.%s",
             kj_component_name((kj_component)place));
}

const kj_estimator *kj__inner_estimator(const kj_estimator_parts *parts,
                                        size_t place)
{
  return is_member(place) ? parts->other[place - KJ_N_COMPONENTS]
                          : parts->routing.component[place];
}

const kj_model_card *kj__inner_card(const kj_model_card *card, size_t place)
{
  return is_member(place) ? card->other[place - KJ_N_COMPONENTS]
                          : card->component[place];
}

void kj__inner_set(kj_estimator_parts *parts, size_t place,
                   const kj_estimator *estimator)
{
  if (is_member(place))
    parts->other[place - KJ_N_COMPONENTS] = estimator;
  else
    parts->routing.component[place] = estimator;
}

void kj__inner_set_card(kj_model_card *card, size_t place,
                        const kj_model_card *inner)
{
  if (is_member(place))
    card->other[place - KJ_N_COMPONENTS] = inner;
  else
    card->component[place] = inner;
}

/* Whether the outline promises it; the informed estimator need not be there. */
static bool is_promised(const kj__outline *outline, size_t place)
{
  return is_member(place) ? place - KJ_N_COMPONENTS < outline->parts.n_others
                          : outline->has_components;
}

kj_status kj__inner_files_measure(const kj__safetensors *file,
                                  const kj__outline *outline,
                                  kj__inner_files *out, kj_error *err)
{
  char name[KJ__TENSOR_NAME_SIZE];
  for (size_t i = 0; i < KJ__N_INNER; i++) {
    if (!is_promised(outline, i))
      continue;
    kj__inner_name(i, name);
    const kj__stored_tensor *tensor = kj__safetensors_find(file, name);
    if (!tensor && i == KJ_COMPONENT_INFORMED)
      continue;
    if (!tensor)
      return kj__fail(err, KJ_EFORMAT, "tensor %s is missing", name);
    out->size[i] = tensor->end - tensor->begin;
    out->data[i] = kj__allocate(NULL, out->size[i] + 1, 1);
    if (!out->data[i])
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

kj_status kj__inner_check(const kj_model_card *whole, const kj_model_card *card,
                          size_t place, kj_error *err)
{
  const size_t n = whole->n_columns;
  const bool is_informed = place == KJ_COMPONENT_INFORMED;
  if (card->rate_hz != whole->rate_hz || card->channel != whole->channel)
    return kj__fail(err, KJ_EFORMAT,
                    "rate_hz is %u, channel %d; must be those of the whole, %u "
                    "and %d",
                    card->rate_hz, card->channel, whole->rate_hz,
                    whole->channel);
  const bool is_table = is_informed && strcmp(card->feature_set, "table") == 0;
  if (!is_table && (strcmp(card->feature_set, whole->feature_set) != 0 ||
                    card->feature_set_version != whole->feature_set_version))
    return kj__fail(
        err, KJ_EFORMAT,
        "feature_set is %s, version %u; must be that of the whole, "
        "%s, version %u",
        kj__quote(card->feature_set).text, card->feature_set_version,
        kj__quote(whole->feature_set).text, whole->feature_set_version);
  if (card->n_columns != n + is_informed || !has_columns_of(card, whole, n))
    return kj__fail(err, KJ_EFORMAT, "columns are not those of the whole%s",
                    is_informed ? " and one more" : "");
  return KJ_OK;
}
