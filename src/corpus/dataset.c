/*
 * dataset.c: what can be done to a dataset once it is read.
 */
#include "kanjo/corpus.h"

#include "base/error.h"
#include "base/memory.h"
#include "corpus/index.h"
#include "corpus/table.h"
#include "corpus/utf8.h"

#include <string.h>

void kj_dataset_destroy(kj_dataset *dataset)
{
  if (!dataset)
    return;
  kj__release(NULL, dataset->row);
  kj__release(NULL, dataset->y);
  kj__release(NULL, dataset->x);
  kj__arena_destroy(dataset->arena);
  kj__release(NULL, dataset);
}

/* Number the groups of one kind in the order in which they first appear. */
static bool group_by(kj_dataset *d, size_t kind, const char **name)
{
  kj__index index = {0};
  size_t n = 0;
  bool done = true;
  for (size_t i = 0; i < d->n_rows && done; i++) {
    kj_row *row = &d->row[i];
    size_t existing;
    done = kj__index_add(&index, row->group_name[kind], n, &existing);
    if (existing == KJ__NONE)
      name[n++] = row->group_name[kind];
    row->group[kind] = existing == KJ__NONE ? n - 1 : existing;
  }
  kj__index_clear(&index);
  if (!done)
    return false;
  const char **kept = kj__arena_take(d->arena, n, sizeof *kept);
  if (!kept)
    return false;
  memcpy(kept, name, n * sizeof *kept);
  d->groups[kind] = (kj_groups){n, kept};
  return true;
}

kj_status kj__dataset_group(kj_dataset *dataset, kj_error *err)
{
  const char **name = kj__allocate(NULL, dataset->n_rows, sizeof *name);
  bool done = name != NULL;
  for (size_t kind = 0; kind < KJ_N_GROUPS && done; kind++)
    done = group_by(dataset, kind, name);
  kj__release(NULL, name);
  return done ? KJ_OK : kj__fail_memory(err, dataset->path);
}

kj_status kj__dataset_check_bare(const kj_dataset *dataset, kj_error *err)
{
  if (dataset->n_inputs > 0)
    return kj__fail(err, KJ_EARGUMENT, "%s: has %zu features already",
                    dataset->path, dataset->n_inputs);
  return KJ_OK;
}

/* True if the columns are those of the set, in its order. */
static bool has_columns_of(const kj_dataset *dataset, const kj_feature_set *set)
{
  char name[KJ_FEATURE_NAME_SIZE];
  if (set->n_functionals != dataset->n_inputs)
    return false;
  for (size_t i = 0; i < dataset->n_inputs; i++)
    if (kj_feature_set_column(set, KJ_LEVEL_FUNCTIONALS, i, name, NULL) !=
            KJ_OK ||
        strcmp(name, dataset->input_name[i]) != 0)
      return false;
  return true;
}

/* The label is "is09/1" or the like. */
static bool is_label_of(const char *label, const kj_feature_set *set)
{
  char own[KJ_FEATURE_LABEL_SIZE];
  kj_feature_set_label(set, own);
  return strcmp(label, own) == 0;
}

static kj_status set_known(kj_dataset *d, const kj_feature_set *set,
                           kj_error *err)
{
  char label[KJ_FEATURE_LABEL_SIZE];
  kj_feature_set_label(set, label);
  if (!d->set_label)
    d->set_label = kj__arena_text(d->arena, label);
  if (!d->set_label)
    return kj__fail_memory(err, d->path);
  d->feature_set = set->name;
  d->feature_set_version = set->version;
  return KJ_OK;
}

kj_status kj__dataset_name_features(kj_dataset *dataset, kj_error *err)
{
  char known[KJ_FEATURE_LABEL_SIZE * 4] = "", label[KJ_FEATURE_LABEL_SIZE];
  dataset->feature_set = "table";
  dataset->feature_set_version = 0;
  for (size_t i = 0; i < kj_feature_set_count(); i++) {
    const kj_feature_set *set = kj_feature_set_get(i);
    if (!has_columns_of(dataset, set))
      continue;
    if (!dataset->set_label || is_label_of(dataset->set_label, set))
      return set_known(dataset, set, err);
    kj_feature_set_label(set, label);
    strncat(known, known[0] ? " or " : "", sizeof known - strlen(known) - 1);
    strncat(known, label, sizeof known - strlen(known) - 1);
  }
  return known[0] == '\0'
             ? KJ_OK
             : kj__fail(err, KJ_EDATA,
                        "%s: column feature_set is \"%.64s\"; with these "
                        "columns must be %s",
                        dataset->features_path, dataset->set_label, known);
}

kj_status kj_dataset_check_set(const kj_dataset *dataset, const char *label,
                               kj_error *err)
{
  if (!label || !dataset->set_label || strcmp(label, dataset->set_label) == 0)
    return KJ_OK;
  return kj__fail(err, KJ_EDATA,
                  "%s: features are of the set %.64s; must be %.64s",
                  dataset->features_path, dataset->set_label, label);
}

static void move_row(kj_dataset *d, size_t to, size_t from)
{
  const size_t n_y = d->n_targets, n_x = d->n_inputs;
  if (to == from)
    return;
  d->row[to] = d->row[from];
  if (n_y > 0)
    memcpy(d->y + to * n_y, d->y + from * n_y, n_y * sizeof *d->y);
  if (n_x > 0)
    memcpy(d->x + to * n_x, d->x + from * n_x, n_x * sizeof *d->x);
}

kj_status kj_dataset_keep_rows(kj_dataset *dataset, const unsigned char *keep,
                               kj_error *err)
{
  size_t n = 0;
  for (size_t i = 0; i < dataset->n_rows; i++)
    n += keep[i] != 0;
  if (n == 0)
    return kj__fail(err, KJ_EDATA, "%s: no row is left", dataset->path);
  n = 0;
  for (size_t i = 0; i < dataset->n_rows; i++)
    if (keep[i])
      move_row(dataset, n++, i);
  dataset->n_rows = n;
  return kj__dataset_group(dataset, err);
}

/* from[i]: which column of the dataset has names[i]. */
static kj_status find_columns(const kj_dataset *d, const char *const *names,
                              size_t n, size_t *from, kj_error *err)
{
  kj__index index = {0};
  kj_status status = KJ_OK;
  size_t existing;
  char shown[64];
  for (size_t i = 0; i < d->n_inputs && status == KJ_OK; i++)
    if (!kj__index_add(&index, d->input_name[i], i, &existing))
      status = kj__fail_memory(err, d->path);
  for (size_t i = 0; i < n && status == KJ_OK; i++) {
    from[i] = kj__index_find(&index, names[i]);
    kj__utf8_shorten(shown, sizeof shown, names[i]);
    if (from[i] == KJ__NONE)
      status = kj__fail(err, KJ_EDATA,
                        "%s: no column \"%s\", feature %zu of the model's %zu",
                        d->path, shown, i + 1, n);
  }
  kj__index_clear(&index);
  return status;
}

/* All of the model's columns are there; are there others? */
static kj_status check_no_other(const kj_dataset *d, const size_t *from,
                                size_t n, unsigned char *used, kj_error *err)
{
  char shown[64];
  for (size_t i = 0; i < n; i++)
    used[from[i]] = 1;
  for (size_t i = 0; i < d->n_inputs; i++)
    if (!used[i]) {
      kj__utf8_shorten(shown, sizeof shown, d->input_name[i]);
      return kj__fail(err, KJ_EDATA,
                      "%s: column \"%s\" is no feature of the model; the table "
                      "has %zu features, the model %zu",
                      d->path, shown, d->n_inputs, n);
    }
  if (n != d->n_inputs)
    return kj__fail(err, KJ_EDATA, "%s: the model names a feature twice",
                    d->path);
  return KJ_OK;
}

/* Column from[i] becomes column i; `line` is room for one row. */
static kj_status reorder(kj_dataset *d, const size_t *from, float *line,
                         const char **name, kj_error *err)
{
  const size_t n = d->n_inputs;
  for (size_t r = 0; r < d->n_rows; r++) {
    float *x = d->x + r * n;
    memcpy(line, x, n * sizeof *line);
    for (size_t i = 0; i < n; i++)
      x[i] = line[from[i]];
  }
  for (size_t i = 0; i < n; i++)
    name[i] = d->input_name[from[i]];
  d->input_name = name;
  return kj__dataset_name_features(d, err);
}

kj_status kj_dataset_match_columns(kj_dataset *dataset,
                                   const char *const *names, size_t n,
                                   kj_error *err)
{
  size_t *from = kj__allocate(NULL, n, sizeof *from);
  float *line = kj__allocate(NULL, dataset->n_inputs, sizeof *line);
  unsigned char *used = kj__allocate(NULL, dataset->n_inputs, 1);
  const char **name =
      kj__arena_take(dataset->arena, dataset->n_inputs, sizeof *name);
  kj_status status = from && line && used && name
                         ? find_columns(dataset, names, n, from, err)
                         : kj__fail_memory(err, dataset->path);
  if (status == KJ_OK)
    status = check_no_other(dataset, from, n, used, err);
  if (status == KJ_OK)
    status = reorder(dataset, from, line, name, err);
  kj__release(NULL, from);
  kj__release(NULL, line);
  kj__release(NULL, used);
  return status;
}
