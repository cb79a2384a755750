/*
 * trial_rows.c: which rows of the data an experiment trains on and estimates.
 */
#include "experiment/fit_state.h"
#include "experiment/run_state.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

/* What every row of the data may be used for. */
typedef struct uses {
  unsigned char *train, *test, *unlabelled; /* (n_rows) */
} uses;

bool kj__texts_have(const kj_texts *texts, const char *text)
{
  for (size_t i = 0; i < texts->n; i++)
    if (strcmp(texts->item[i], text) == 0)
      return true;
  return texts->n == 0;
}

bool kj__filter_passes(const kj_protocol_filter *f, const kj_row *row)
{
  return !f ||
         ((f->spontaneous < 0 || f->spontaneous == row->spontaneous) &&
          kj__texts_have(&f->language, row->language) &&
          kj__texts_have(&f->gender, row->gender) &&
          kj__texts_have(&f->emotion, row->emotion) &&
          kj__texts_have(&f->speaker, row->group_name[KJ_GROUP_SPEAKER]) &&
          kj__texts_have(&f->session, row->group_name[KJ_GROUP_SESSION]));
}

static void mark(const kj_dataset *data, const kj_protocol_experiment *e,
                 uses *u)
{
  const kj_texts *test = e->test.n > 0 ? &e->test : &e->train;
  for (size_t i = 0; i < data->n_rows; i++) {
    const kj_row *row = &data->row[i];
    const char *corpus = row->group_name[KJ_GROUP_CORPUS];
    if (!kj__filter_passes(e->only, row))
      continue;
    u->train[i] = kj__texts_have(&e->train, corpus) &&
                  kj__filter_passes(e->train_only, row);
    u->test[i] =
        kj__texts_have(test, corpus) && kj__filter_passes(e->test_only, row);
  }
}

/* The rows that are marked (in either array), in the order of the data. */
static kj_status list(kj__run *run, const unsigned char *a,
                      const unsigned char *b, kj_rows *rows, kj_error *err)
{
  const size_t n_rows = run->data->n_rows;
  size_t n = 0;
  for (size_t i = 0; i < n_rows; i++)
    n += a[i] || (b && b[i]) ? 1 : 0;
  size_t *index = kj__arena_take(run->arena, n, sizeof *index);
  if (!index)
    return kj__fail_memory(err, "the rows of an experiment");
  n = 0;
  for (size_t i = 0; i < n_rows; i++)
    if (a[i] || (b && b[i]))
      index[n++] = i;
  *rows = (kj_rows){index, n};
  return KJ_OK;
}

/* Whole speakers of the corpus lend their sound, and are then neither tested
 * nor trained on with their ratings. */
static kj_status set_apart(kj__run *run, kj__trial *trial, uses *u,
                           kj_error *err)
{
  const kj_protocol_adapt *adapt = trial->experiment->adapt;
  const kj_dataset *data = run->data;
  kj_rows rows;
  for (size_t i = 0; i < data->n_rows; i++)
    u->unlabelled[i] =
        strcmp(data->row[i].group_name[KJ_GROUP_CORPUS], adapt->corpus) == 0 &&
        kj__filter_passes(trial->experiment->only, &data->row[i]);
  kj_status status = list(run, u->unlabelled, NULL, &rows, err);
  if (status != KJ_OK)
    return status;
  const kj_split split = {.group = KJ_GROUP_SPEAKER,
                          .fraction = adapt->fraction,
                          .seed = run->protocol->seed};
  unsigned char *taken = kj__arena_take(run->arena, rows.n, 1);
  if (!taken)
    return kj__fail_memory(err, "unlabelled rows");
  status = kj_split_make(data, rows, &split, taken, err);
  if (status != KJ_OK)
    return kj__fail_in(err, status, "adapt");
  memset(u->unlabelled, 0, data->n_rows);
  for (size_t i = 0; i < rows.n; i++)
    if (taken[i]) {
      u->unlabelled[rows.index[i]] = 1;
      u->train[rows.index[i]] = u->test[rows.index[i]] = 0;
    }
  status = list(run, u->unlabelled, NULL, &trial->unlabelled, err);
  kj__rows_hash(run, trial->unlabelled, trial->unlabelled_hash);
  return status;
}

/* The rows of one part: of `pool`, row i is tested where inside[i] is `fold`.
 */
static kj_status fill_part(kj__run *run, const uses *u, kj_rows pool,
                           const size_t *fold_of, kj__part *part, kj_error *err)
{
  size_t *train = kj__arena_take(run->arena, pool.n, sizeof *train);
  size_t *test = kj__arena_take(run->arena, pool.n, sizeof *test);
  if (!train || !test)
    return kj__fail_memory(err, "the rows of an experiment");
  part->train = (kj_rows){train, 0};
  part->test = (kj_rows){test, 0};
  for (size_t i = 0; i < pool.n; i++) {
    const size_t row = pool.index[i];
    const bool is_inside = fold_of && fold_of[i] == part->fold;
    if (u->test[row] && (is_inside || !fold_of))
      test[part->test.n++] = row;
    if (u->train[row] && !is_inside)
      train[part->train.n++] = row;
  }
  kj__rows_hash(run, part->train, part->train_hash);
  kj__rows_hash(run, part->test, part->test_hash);
  return KJ_OK;
}

/* Every seed has the parts of the first. */
static void repeat_parts(kj__trial *trial)
{
  for (size_t p = trial->n_folds; p < trial->n_parts; p++) {
    trial->part[p] = trial->part[p % trial->n_folds];
    trial->part[p].seed = p / trial->n_folds;
  }
}

static kj_status take_parts(kj__run *run, kj__trial *trial, size_t n_folds,
                            kj_error *err)
{
  trial->n_folds = n_folds;
  trial->n_parts = n_folds * (size_t)run->protocol->seeds;
  trial->part = kj__arena_take(run->arena, trial->n_parts, sizeof(kj__part));
  if (!trial->part)
    return kj__fail_memory(err, "the parts of an experiment");
  for (size_t p = 0; p < trial->n_parts; p++) {
    trial->part[p].fold = p % n_folds;
    trial->part[p].seed = p / n_folds;
  }
  return KJ_OK;
}

static kj_status divide_by_folds(kj__run *run, kj__trial *trial, const uses *u,
                                 kj_rows pool, kj_error *err)
{
  size_t n_folds = 0;
  kj_folds folds = trial->division.folds;
  folds.seed = run->protocol->seed;
  size_t *fold_of = kj__arena_take(run->arena, pool.n, sizeof *fold_of);
  kj_status status =
      fold_of ? kj_folds_make(run->data, pool, &folds, fold_of, &n_folds, err)
              : kj__fail_memory(err, "folds");
  if (status == KJ_OK)
    status = take_parts(run, trial, n_folds, err);
  for (size_t f = 0; status == KJ_OK && f < n_folds; f++)
    status = fill_part(run, u, pool, fold_of, &trial->part[f], err);
  if (status == KJ_OK)
    repeat_parts(trial);
  return status;
}

static kj_status divide_by_holdout(kj__run *run, kj__trial *trial,
                                   const uses *u, kj_rows pool, kj_error *err)
{
  size_t *fold_of = kj__arena_take(run->arena, pool.n, sizeof *fold_of);
  unsigned char *held = kj__arena_take(run->arena, pool.n, 1);
  kj_status status = fold_of && held ? KJ_OK : kj__fail_memory(err, "a split");
  if (status == KJ_OK)
    status = take_parts(run, trial, 1, err);
  for (size_t s = 0; status == KJ_OK && s < trial->n_parts; s++) {
    kj_split split = trial->division.holdout;
    split.seed = run->protocol->seed + s;
    status = kj_split_make(run->data, pool, &split, held, err);
    for (size_t i = 0; status == KJ_OK && i < pool.n; i++)
      fold_of[i] = held[i] ? 0 : 1;
    if (status == KJ_OK)
      status = fill_part(run, u, pool, fold_of, &trial->part[s], err);
  }
  return status;
}

/* A speaker who is trained on and tested, or NULL. */
static const char *find_leak(const kj_dataset *data, const kj__part *part,
                             unsigned char *heard)
{
  const kj_groups *speakers = &data->groups[KJ_GROUP_SPEAKER];
  memset(heard, 0, speakers->n);
  for (size_t i = 0; i < part->train.n; i++)
    heard[data->row[part->train.index[i]].group[KJ_GROUP_SPEAKER]] = 1;
  for (size_t i = 0; i < part->test.n; i++) {
    const size_t s = data->row[part->test.index[i]].group[KJ_GROUP_SPEAKER];
    if (heard[s] && speakers->name[s][0] != '\0')
      return speakers->name[s];
  }
  return NULL;
}

/* Rows divided one by one: voices may be on both sides, known or not. */
static bool divides_rows(const kj__trial *trial)
{
  const kj__division *d = &trial->division;
  return trial->has_division &&
         (d->is_holdout ? d->holdout.group : d->folds.group) == KJ_GROUP_ROW;
}

static kj_status check_parts(const kj__run *run, kj__trial *trial,
                             unsigned char *heard, kj_error *err)
{
  trial->is_leaky = divides_rows(trial);
  if (trial->is_leaky && run->protocol->form == KJ_FORM_SOUND)
    return kj__fail(err, KJ_EDATA,
                    "experiment '%s': split '%s' puts the same voices on both "
                    "sides; a protocol of the form sound keeps speakers apart "
                    "(form paper does not)",
                    trial->experiment->id, trial->experiment->split);
  for (size_t p = 0; p < trial->n_parts; p++) {
    const kj__part *part = &trial->part[p];
    const char *id = trial->experiment->id;
    if (part->train.n == 0 || part->test.n == 0)
      return kj__fail(err, KJ_EDATA, "experiment '%s': no row to %s", id,
                      part->train.n == 0 ? "train on" : "test on");
    const char *leak = find_leak(run->data, part, heard);
    trial->is_leaky = trial->is_leaky || leak;
    if (leak && run->protocol->form == KJ_FORM_SOUND)
      return kj__fail(err, KJ_EDATA,
                      "experiment '%s': speaker '%s' is trained on and tested; "
                      "a protocol of the form sound keeps speakers apart (form "
                      "paper does not)",
                      id, leak);
  }
  return KJ_OK;
}

static kj_status divide(kj__run *run, kj__trial *trial, uses *u, kj_error *err)
{
  const kj_protocol_experiment *e = trial->experiment;
  kj_rows pool;
  kj_status status = KJ_OK;
  mark(run->data, e, u);
  if (e->adapt)
    status = set_apart(run, trial, u, err);
  if (status == KJ_OK)
    status = list(run, u->train, u->test, &pool, err);
  if (status != KJ_OK)
    return status;
  trial->has_division = e->split[0] != '\0';
  if (trial->has_division) {
    status = kj__division_parse(e->split, &trial->division, err);
    if (status != KJ_OK)
      return status;
    return trial->division.is_holdout
               ? divide_by_holdout(run, trial, u, pool, err)
               : divide_by_folds(run, trial, u, pool, err);
  }
  status = take_parts(run, trial, 1, err);
  if (status == KJ_OK)
    status = fill_part(run, u, pool, NULL, &trial->part[0], err);
  if (status == KJ_OK)
    repeat_parts(trial);
  return status;
}

kj_status kj__trial_divide(kj__run *run, kj__trial *trial, kj_error *err)
{
  const size_t n = run->data->n_rows;
  uses u = {.train = kj__arena_take(run->arena, n, 1),
            .test = kj__arena_take(run->arena, n, 1),
            .unlabelled = kj__arena_take(run->arena, n, 1)};
  unsigned char *heard =
      kj__arena_take(run->arena, run->data->groups[KJ_GROUP_SPEAKER].n, 1);
  if (!u.train || !u.test || !u.unlabelled || !heard)
    return kj__fail_memory(err, "the rows of an experiment");
  kj_status status = divide(run, trial, &u, err);
  if (status != KJ_OK)
    return kj__fail_in(err, status, "experiment '%s'", trial->experiment->id);
  return check_parts(run, trial, heard, err);
}

kj_status kj__trial_training_rows(kj__run *run, const kj__trial *trial,
                                  kj_rows *rows, kj_error *err)
{
  const size_t n = run->data->n_rows;
  uses u = {.train = kj__arena_take(run->arena, n, 1),
            .test = kj__arena_take(run->arena, n, 1)};
  if (!u.train || !u.test)
    return kj__fail_memory(err, "the rows of an experiment");
  mark(run->data, trial->experiment, &u);
  return list(run, u.train, NULL, rows, err);
}

size_t kj__trial_leaders(const kj__trial *trial)
{
  const bool is_redrawn = trial->has_division && trial->division.is_holdout;
  return is_redrawn ? trial->n_parts : trial->n_folds;
}

static kj_status fill_inner(kj__run *run, const kj__part *outer,
                            const size_t *fold_of, size_t f, kj__part *part,
                            kj_error *err)
{
  const kj_rows rows = outer->train;
  size_t *train = kj__arena_take(run->arena, rows.n, sizeof *train);
  size_t *test = kj__arena_take(run->arena, rows.n, sizeof *test);
  if (!train || !test)
    return kj__fail_memory(err, "inner folds");
  *part = (kj__part){.fold = outer->fold,
                     .seed = outer->seed,
                     .train = {train, 0},
                     .test = {test, 0}};
  for (size_t i = 0; i < rows.n; i++)
    if (fold_of[i] == f)
      test[part->test.n++] = rows.index[i];
    else
      train[part->train.n++] = rows.index[i];
  kj__rows_hash(run, part->train, part->train_hash);
  kj__rows_hash(run, part->test, part->test_hash);
  return KJ_OK;
}

kj_status kj__part_divide(kj__run *run, const kj__part *outer,
                          const kj_folds *folds, kj__part **inner, size_t *n,
                          kj_error *err)
{
  size_t *fold_of = kj__arena_take(run->arena, outer->train.n, sizeof *fold_of);
  kj_status status =
      fold_of ? kj_folds_make(run->data, outer->train, folds, fold_of, n, err)
              : kj__fail_memory(err, "inner folds");
  if (status != KJ_OK)
    return status;
  *inner = kj__arena_take(run->arena, *n, sizeof **inner);
  if (!*inner)
    return kj__fail_memory(err, "inner folds");
  for (size_t f = 0; status == KJ_OK && f < *n; f++)
    status = fill_inner(run, outer, fold_of, f, &(*inner)[f], err);
  return status;
}

kj_status kj__parts_repeat(kj__run *run, const kj__part *from, size_t n,
                           size_t seed, const kj__part **to, kj_error *err)
{
  kj__part *parts = kj__arena_take(run->arena, n, sizeof *parts);
  if (!parts)
    return kj__fail_memory(err, "inner folds");
  for (size_t i = 0; i < n; i++) {
    parts[i] = from[i];
    parts[i].seed = seed;
  }
  *to = parts;
  return KJ_OK;
}
