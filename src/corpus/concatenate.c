/*
 * concatenate.c: several corpora in one dataset, row behind row.
 */
#include "kanjo/corpus.h"

#include "base/error.h"
#include "base/memory.h"
#include "corpus/table.h"

#include <stdio.h>
#include <string.h>

static kj_status check_targets(const kj_dataset *a, const kj_dataset *b,
                               kj_error *err)
{
  bool same = a->n_targets == b->n_targets;
  for (size_t k = 0; same && k < a->n_targets; k++)
    same = strcmp(a->target[k], b->target[k]) == 0;
  return same ? KJ_OK
              : kj__fail(err, KJ_EARGUMENT, "%s and %s have other targets",
                         a->path, b->path);
}

/* Texts of a row, in an arena that lives as long as the new dataset. */
static bool copy_texts(kj__arena *arena, kj_row *row)
{
  const char **const text[] = {&row->name,   &row->file,     &row->utterance,
                               &row->gender, &row->language, &row->text,
                               &row->emotion};
  for (size_t i = 0; i < sizeof text / sizeof text[0]; i++) {
    *text[i] = kj__arena_text(arena, *text[i]);
    if (!*text[i])
      return false;
  }
  return true;
}

/* Likewise the ratings of single raters. */
static bool copy_ratings(kj__arena *arena, size_t n_targets, kj_row *row)
{
  for (size_t k = 0; k < n_targets; k++) {
    const kj_rating_list from = row->rating[k];
    if (from.n == 0)
      continue;
    double *copy = kj__arena_take(arena, from.n, sizeof *copy);
    if (!copy)
      return false;
    memcpy(copy, from.value, from.n * sizeof *copy);
    row->rating[k].value = copy;
  }
  return true;
}

/* Speaker 1 of one corpus is not speaker 1 of another. */
static bool name_groups(kj__arena *arena, const char *corpus, kj_row *row)
{
  for (size_t kind = 0; kind < KJ_N_GROUPS; kind++) {
    const char *name = row->group_name[kind];
    if (kind == KJ_GROUP_CORPUS) {
      name = kj__arena_text(arena, corpus);
    } else if (name[0] != '\0') {
      const char *prefix = kj__arena_joined(arena, corpus, ":");
      name = prefix ? kj__arena_joined(arena, prefix, name) : NULL;
    } else {
      name = "";
    }
    if (!name)
      return false;
    row->group_name[kind] = name;
  }
  return true;
}

static kj_status append(kj_dataset *to, const kj_dataset *from,
                        const char *corpus, kj_error *err)
{
  const size_t n_x = to->n_inputs, n_y = to->n_targets;
  for (size_t i = 0; i < from->n_rows; i++) {
    kj_row *row = &to->row[to->n_rows];
    *row = from->row[i];
    if (!copy_texts(to->arena, row) || !copy_ratings(to->arena, n_y, row) ||
        !name_groups(to->arena, corpus, row))
      return kj__fail_memory(err, from->path);
    if (n_y > 0)
      memcpy(to->y + to->n_rows * n_y, from->y + i * n_y, n_y * sizeof *to->y);
    memcpy(to->x + to->n_rows * n_x, from->x + i * n_x, n_x * sizeof *to->x);
    to->n_rows++;
  }
  return KJ_OK;
}

/* Columns, targets and room of the first, for n_rows rows of a set. */
static kj_status begin(kj_dataset *to, const kj_dataset *like,
                       const char *set_label, size_t n_rows, kj_error *err)
{
  to->arena = kj__arena_create();
  if (!to->arena)
    return kj__fail_memory(err, like->path);
  to->n_targets = like->n_targets;
  memcpy(to->target, like->target, sizeof to->target);
  to->n_inputs = like->n_inputs;
  to->path = kj__arena_text(to->arena, like->path);
  to->row = kj__allocate(NULL, n_rows, sizeof *to->row);
  to->y = kj__allocate(NULL, n_rows, like->n_targets * sizeof *to->y);
  to->x = kj__allocate(NULL, n_rows, like->n_inputs * sizeof *to->x);
  const char **name = kj__arena_take(to->arena, like->n_inputs, sizeof *name);
  if (!to->path || !to->row || !to->y || !to->x || !name)
    return kj__fail_memory(err, like->path);
  for (size_t j = 0; j < like->n_inputs; j++)
    if (!(name[j] = kj__arena_text(to->arena, like->input_name[j])))
      return kj__fail_memory(err, like->path);
  to->input_name = name;
  to->features_path = to->path;
  if (set_label && !(to->set_label = kj__arena_text(to->arena, set_label)))
    return kj__fail_memory(err, like->path);
  return kj__dataset_name_features(to, err);
}

/* *set_label: which set all parts are of that tell it. */
static kj_status check(kj_dataset *const *parts, size_t n, size_t *n_rows,
                       const char **set_label, kj_error *err)
{
  if (n == 0)
    return kj__fail(err, KJ_EARGUMENT, "no dataset to put together");
  kj_status status = KJ_OK;
  *n_rows = 0;
  *set_label = NULL;
  for (size_t p = 0; status == KJ_OK && p < n; p++) {
    *n_rows += parts[p]->n_rows;
    if (!parts[p]->x)
      status = kj__fail(err, KJ_EDATA, "%s: no features", parts[p]->path);
    if (status == KJ_OK)
      status = check_targets(parts[0], parts[p], err);
    if (status == KJ_OK && p > 0)
      status = kj_dataset_match_columns(parts[p], parts[0]->input_name,
                                        parts[0]->n_inputs, err);
    if (status == KJ_OK)
      status = kj_dataset_check_set(parts[p], *set_label, err);
    if (!*set_label)
      *set_label = parts[p]->set_label;
  }
  return status;
}

kj_status kj_dataset_concatenate(kj_dataset *const *parts,
                                 const char *const *names, size_t n,
                                 kj_dataset **out, kj_error *err)
{
  size_t n_rows = 0;
  const char *set_label = NULL;
  kj_status status = check(parts, n, &n_rows, &set_label, err);
  if (status != KJ_OK)
    return status;
  kj_dataset *all = kj__allocate(NULL, 1, sizeof *all);
  if (!all)
    return kj__fail_memory(err, parts[0]->path);
  status = begin(all, parts[0], set_label, n_rows, err);
  for (size_t p = 0; status == KJ_OK && p < n; p++)
    status = append(all, parts[p], names[p], err);
  if (status == KJ_OK)
    status = kj__dataset_group(all, err);
  if (status != KJ_OK) {
    kj_dataset_destroy(all);
    return status;
  }
  *out = all;
  return KJ_OK;
}
