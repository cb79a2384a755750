/*
 * sets.c: the table of feature sets and the names of their columns.
 */
#include "kanjo/features.h"

#include "base/error.h"
#include "features/recipe.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const kj_feature_set sets[] = {
    {.name = "is09",
     .version = 1,
     .title = "INTERSPEECH 2009 Emotion Challenge, 384 numbers",
     .n_functionals = 384,
     .n_descriptors = 32,
     .default_rate_hz = 16000,
     .min_rate_hz = 4000,
     .max_rate_hz = 384000,
     .frame_s = 0.025,
     .hop_s = 0.010,
     .recipe = &kj__is09},
    {.name = "is09-clean",
     .version = 1,
     .title = "the 384 numbers of is09 without its traps",
     .n_functionals = 384,
     .n_descriptors = 32,
     .default_rate_hz = 16000,
     .min_rate_hz = 4000,
     .max_rate_hz = 384000,
     .frame_s = 0.025,
     .hop_s = 0.010,
     .recipe = &kj__is09_clean},
};
enum { N_SETS = sizeof sets / sizeof sets[0] };

size_t kj_feature_set_count(void)
{
  return N_SETS;
}

const kj_feature_set *kj_feature_set_get(size_t index)
{
  return index < N_SETS ? &sets[index] : NULL;
}

const kj_feature_set *kj_feature_set_find(const char *name)
{
  for (size_t i = 0; name && i < N_SETS; i++)
    if (strcmp(sets[i].name, name) == 0)
      return &sets[i];
  return NULL;
}

void kj_feature_set_label(const kj_feature_set *set,
                          char label[KJ_FEATURE_LABEL_SIZE])
{
  snprintf(label, KJ_FEATURE_LABEL_SIZE, "%s/%u", set->name, set->version);
}

/* Columns run over functional (fastest), contour, stage. */
static void write_column(const kj__recipe *r, kj_feature_level level,
                         size_t index, char name[KJ_FEATURE_NAME_SIZE])
{
  const bool summed = level == KJ_LEVEL_FUNCTIONALS;
  const size_t column = summed ? index / r->n_functionals : index;
  const kj__contour_name *contour = &r->contour[column % r->n_contours];
  snprintf(name, KJ_FEATURE_NAME_SIZE, "%s%s%s%s%s", contour->head,
           r->stage[column / r->n_contours], contour->tail, summed ? "_" : "",
           summed ? r->functional[index % r->n_functionals] : "");
}

kj_status kj_feature_set_column(const kj_feature_set *set,
                                kj_feature_level level, size_t index,
                                char name[KJ_FEATURE_NAME_SIZE], kj_error *err)
{
  if (!set)
    return kj__fail(err, KJ_EARGUMENT, "set is NULL");
  if (level != KJ_LEVEL_FUNCTIONALS && level != KJ_LEVEL_DESCRIPTORS)
    return kj__fail(err, KJ_EARGUMENT,
                    "level is %d; must be functionals (%d) or descriptors (%d)",
                    (int)level, KJ_LEVEL_FUNCTIONALS, KJ_LEVEL_DESCRIPTORS);
  const size_t n_columns =
      level == KJ_LEVEL_FUNCTIONALS ? set->n_functionals : set->n_descriptors;
  if (index >= n_columns)
    return kj__fail(err, KJ_EARGUMENT, "index is %zu; must be 0..%zu", index,
                    n_columns - 1);
  if (!name)
    return kj__fail(err, KJ_EARGUMENT, "name is NULL");
  write_column(set->recipe, level, index, name);
  return KJ_OK;
}
