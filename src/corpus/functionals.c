/*
 * functionals.c: features that were extracted from the rows' own files.
 */
#include "kanjo/corpus.h"

#include "base/error.h"
#include "base/memory.h"
#include "corpus/table.h"

#include <math.h>
#include <string.h>

static kj_status check_values(const kj_dataset *d, size_t n, const float *x,
                              const unsigned char *usable, kj_error *err)
{
  size_t n_usable = 0;
  for (size_t i = 0; i < d->n_rows; i++) {
    n_usable += usable[i] != 0;
    for (size_t k = 0; k < n && usable[i]; k++)
      if (!isfinite(x[i * n + k]))
        return kj__fail(err, KJ_EDATA,
                        "%s: \"%.128s\": feature %zu is not "
                        "finite",
                        d->path, d->row[i].name, k + 1);
  }
  if (n_usable == 0)
    return kj__fail(err, KJ_EDATA, "%s: no row has features", d->path);
  return KJ_OK;
}

/* The names of the set's columns, in the arena; NULL where memory is short. */
static const char **copy_names(kj_dataset *d, const kj_feature_set *set)
{
  char name[KJ_FEATURE_NAME_SIZE];
  const char **names =
      kj__arena_take(d->arena, set->n_functionals, sizeof *names);
  for (size_t i = 0; i < set->n_functionals && names; i++) {
    names[i] =
        kj_feature_set_column(set, KJ_LEVEL_FUNCTIONALS, i, name, NULL) == KJ_OK
            ? kj__arena_text(d->arena, name)
            : NULL;
    if (!names[i])
      return NULL;
  }
  return names;
}

kj_status kj_dataset_attach_functionals(kj_dataset *dataset,
                                        const kj_feature_set *set,
                                        const float *x,
                                        const unsigned char *usable,
                                        kj_error *err)
{
  kj_dataset *d = dataset;
  const size_t n = set->n_functionals;
  size_t size;
  kj_status status = kj__dataset_check_bare(d, err);
  if (status == KJ_OK)
    status = check_values(d, n, x, usable, err);
  if (status != KJ_OK)
    return status;
  const char **names = copy_names(d, set);
  char label[KJ_FEATURE_LABEL_SIZE];
  kj_feature_set_label(set, label);
  d->features_path = d->path;
  d->set_label = kj__arena_text(d->arena, label);
  if (!names || !d->set_label || !kj__size_multiply(d->n_rows, n, &size))
    return kj__fail_memory(err, d->path);
  d->x = kj__allocate(NULL, size, sizeof *d->x);
  if (!d->x)
    return kj__fail_memory(err, d->path);
  memcpy(d->x, x, size * sizeof *d->x);
  d->n_inputs = n;
  d->input_name = names;
  status = kj__dataset_name_features(d, err);
  return status == KJ_OK ? kj_dataset_keep_rows(d, usable, err) : status;
}
