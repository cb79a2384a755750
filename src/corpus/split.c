/*
 * split.c: holding out whole speakers, sessions or corpora.
 *
 * A random split puts the same voices on both sides, and figures measured so
 * are too good; it is made only where "random" was said.
 */
#include "kanjo/corpus.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "corpus/number.h"

#include <math.h>
#include <string.h>

enum { N_GROUPINGS = KJ_GROUP_ROW + 1 };

static const char *const GROUPINGS[N_GROUPINGS] = {
#define GROUPING_NAME(id, name) name,
    KJ_GROUP_LIST(GROUPING_NAME)
#undef GROUPING_NAME
};

/* Read "NAME" or "NAME:REST"; *rest is NULL where there is no colon. */
static bool parse_group(const char *text, kj_group *group, const char **rest)
{
  const char *colon = strchr(text, ':');
  const size_t n = colon ? (size_t)(colon - text) : strlen(text);
  for (int i = 0; i < N_GROUPINGS; i++)
    if (strlen(GROUPINGS[i]) == n && memcmp(GROUPINGS[i], text, n) == 0) {
      *group = (kj_group)i;
      *rest = colon ? colon + 1 : NULL;
      return true;
    }
  return false;
}

kj_status kj_split_parse(const char *text, kj_split *split, kj_error *err)
{
  kj_split read = {0};
  const char *rest;
  if (!parse_group(text, &read.group, &rest) || !rest ||
      !kj__number_parse(rest, &read.fraction) || !(read.fraction > 0.0) ||
      !(read.fraction < 1.0))
    return kj__fail(err, KJ_EARGUMENT,
                    "split \"%.64s\": must be speaker:F, session:F, corpus:F "
                    "or random:F with 0 < F < 1, such as speaker:0.2",
                    text);
  *split = read;
  return KJ_OK;
}

/* A number of folds, 2..1000. */
static bool parse_count(const char *text, size_t *n)
{
  double number;
  if (strspn(text, "0123456789") != strlen(text) ||
      !kj__number_parse(text, &number) || number < 2.0 || number > 1000.0)
    return false;
  *n = (size_t)number;
  return true;
}

kj_status kj_folds_parse(const char *text, kj_folds *folds, kj_error *err)
{
  kj_folds read = {0};
  const char *rest;
  bool good;
  if (parse_group(text, &read.group, &rest))
    good = rest ? parse_count(rest, &read.n) : read.group != KJ_GROUP_ROW;
  else
    good = parse_count(text, &read.n);
  if (!good)
    return kj__fail(err, KJ_EARGUMENT,
                    "folds \"%.64s\": must be speaker, session, corpus, a "
                    "number of folds from 2, or one of them with a number, "
                    "such as speaker:5 or random:10",
                    text);
  *folds = read;
  return KJ_OK;
}

/* The rows to divide, by the group they belong to. */
typedef struct division {
  size_t n;      /* groups that have rows, in the order of the dataset */
  size_t *group; /* (rows.n): of each row, 0..n-1 */
  size_t *size;  /* (n): rows of each group */
  size_t *order; /* (n): the groups, shuffled */
} division;

static void division_clear(division *d)
{
  kj__release(NULL, d->group);
  kj__release(NULL, d->size);
  kj__release(NULL, d->order);
}

static size_t row_at(kj_rows rows, size_t i)
{
  return rows.index ? rows.index[i] : i;
}

/* Every row must say whom it belongs to: else a voice could be on both sides
 * without anybody knowing. */
static kj_status check_groups(const kj_dataset *dataset, kj_rows rows,
                              kj_group group, kj_error *err)
{
  const kj_groups *groups = &dataset->groups[group];
  const char *kind = GROUPINGS[group];
  if (groups->n == 1 && groups->name[0][0] == '\0')
    return kj__fail(err, KJ_EDATA,
                    "%s: no row has a %s, so none can be kept together; add a "
                    "column \"%s\", or ask for a random split by its name, as "
                    "in random:0.2 (the same voices are then on both sides)",
                    dataset->path, kind, kind);
  for (size_t i = 0; i < rows.n; i++) {
    const kj_row *row = &dataset->row[row_at(rows, i)];
    if (row->group_name[group][0] == '\0')
      return kj__fail(err, KJ_EDATA,
                      "%s:%zu: the row has no %s; every row needs one to be "
                      "held out or kept with its %s",
                      dataset->path, row->line, kind, kind);
  }
  return KJ_OK;
}

/* Number the groups that have rows; number[g] is 0..n-1 for group g. */
static size_t number_groups(const kj_dataset *dataset, kj_rows rows,
                            kj_group group, size_t *number)
{
  size_t n = 0;
  for (size_t i = 0; i < rows.n; i++)
    number[dataset->row[row_at(rows, i)].group[group]] = 1;
  for (size_t g = 0; g < dataset->groups[group].n; g++)
    if (number[g] > 0)
      number[g] = n++;
  return n;
}

/* The numbers 0..n-1 of each row's group; their count n. */
static kj_status group_rows(const kj_dataset *dataset, kj_rows rows,
                            kj_group group, division *d, kj_error *err)
{
  if (group == KJ_GROUP_ROW) {
    for (size_t i = 0; i < rows.n; i++)
      d->group[i] = i;
    d->n = rows.n;
    return KJ_OK;
  }
  const kj_status status = check_groups(dataset, rows, group, err);
  if (status != KJ_OK)
    return status;
  size_t *number = kj__allocate(NULL, dataset->groups[group].n, sizeof *number);
  if (!number)
    return kj__fail_memory(err, dataset->path);
  d->n = number_groups(dataset, rows, group, number);
  for (size_t i = 0; i < rows.n; i++)
    d->group[i] = number[dataset->row[row_at(rows, i)].group[group]];
  kj__release(NULL, number);
  return KJ_OK;
}

/* To be cleared also on failure. */
static kj_status divide(const kj_dataset *dataset, kj_rows rows, kj_group group,
                        uint64_t seed, division *d, kj_error *err)
{
  *d = (division){.group = kj__allocate(NULL, rows.n, sizeof *d->group)};
  if (!d->group)
    return kj__fail_memory(err, dataset->path);
  const kj_status status = group_rows(dataset, rows, group, d, err);
  if (status != KJ_OK)
    return status;
  if (d->n < 2)
    return kj__fail(err, KJ_EDATA,
                    "%s: nothing to hold out: of %zu rows, counted by %s, "
                    "there %s; there must be at least two",
                    dataset->path, rows.n,
                    group == KJ_GROUP_ROW ? "row" : GROUPINGS[group],
                    d->n == 1 ? "is only one" : "is none");
  d->size = kj__allocate(NULL, d->n, sizeof *d->size);
  d->order = kj__allocate(NULL, d->n, sizeof *d->order);
  if (!d->size || !d->order)
    return kj__fail_memory(err, dataset->path);
  for (size_t i = 0; i < rows.n; i++)
    d->size[d->group[i]]++;
  for (size_t g = 0; g < d->n; g++)
    d->order[g] = g;
  kj__random random = kj__random_stream(seed, KJ__PURPOSE_SPLIT, 0, 0);
  kj__random_shuffle(&random, d->order, d->n);
  return KJ_OK;
}

/* How many groups, in their shuffled order, come nearest to `wanted` rows. */
static size_t count_held_out(const division *d, double wanted)
{
  double held = (double)d->size[d->order[0]];
  size_t n = 1;
  for (; n + 1 < d->n; n++) {
    const double with = held + (double)d->size[d->order[n]];
    if (fabs(with - wanted) >= fabs(held - wanted))
      break;
    held = with;
  }
  return n;
}

kj_status kj_split_make(const kj_dataset *dataset, kj_rows rows,
                        const kj_split *split, unsigned char *held_out,
                        kj_error *err)
{
  division d;
  if (!(split->fraction > 0.0 && split->fraction < 1.0))
    return kj__fail(err, KJ_EARGUMENT,
                    "fraction %g is to be held out; must be between 0 and 1",
                    split->fraction);
  kj_status status = divide(dataset, rows, split->group, split->seed, &d, err);
  unsigned char *is_held = NULL;
  if (status == KJ_OK) {
    is_held = kj__allocate(NULL, d.n, 1);
    if (!is_held)
      status = kj__fail_memory(err, dataset->path);
  }
  if (status == KJ_OK) {
    const size_t n = count_held_out(&d, split->fraction * (double)rows.n);
    for (size_t k = 0; k < n; k++)
      is_held[d.order[k]] = 1;
    for (size_t i = 0; i < rows.n; i++)
      held_out[i] = is_held[d.group[i]];
  }
  kj__release(NULL, is_held);
  division_clear(&d);
  return status;
}

/* The groups as `order` has them, but the largest first. */
static bool sort_by_size(division *d)
{
  size_t largest = 0;
  for (size_t g = 0; g < d->n; g++)
    largest = d->size[g] > largest ? d->size[g] : largest;
  size_t *at = kj__allocate(NULL, largest + 1, sizeof *at);
  size_t *sorted = kj__allocate(NULL, d->n, sizeof *sorted);
  const bool done = at && sorted;
  if (done) { /* a counting sort keeps the order of equals */
    for (size_t g = 0; g < d->n; g++)
      at[d->size[g] - 1]++;
    for (size_t s = largest; s > 0; s--)
      at[s - 1] += at[s];
    for (size_t k = 0; k < d->n; k++)
      sorted[at[d->size[d->order[k]]]++] = d->order[k];
    memcpy(d->order, sorted, d->n * sizeof *sorted);
  }
  kj__release(NULL, at);
  kj__release(NULL, sorted);
  return done;
}

/* Each group into the fold that has the fewest rows so far. */
static bool fill_folds(division *d, size_t n_folds, size_t *fold_of_group)
{
  size_t *n_rows = kj__allocate(NULL, n_folds, sizeof *n_rows);
  const bool done = n_rows && sort_by_size(d);
  for (size_t k = 0; k < d->n && done; k++) {
    size_t smallest = 0;
    for (size_t f = 1; f < n_folds; f++)
      if (n_rows[f] < n_rows[smallest])
        smallest = f;
    fold_of_group[d->order[k]] = smallest;
    n_rows[smallest] += d->size[d->order[k]];
  }
  kj__release(NULL, n_rows);
  return done;
}

/* fold_of_group: shape (d->n). */
static kj_status assign_folds(const kj_dataset *dataset, const kj_folds *folds,
                              division *d, size_t *fold_of_group, kj_error *err)
{
  if (folds->n > d->n)
    return kj__fail(
        err, KJ_EDATA,
        "%s: %zu folds were asked for; counted by %s, there are "
        "only %zu to hold out",
        dataset->path, folds->n,
        folds->group == KJ_GROUP_ROW ? "row" : GROUPINGS[folds->group], d->n);
  if (folds->n > 0)
    return fill_folds(d, folds->n, fold_of_group)
               ? KJ_OK
               : kj__fail_memory(err, dataset->path);
  for (size_t g = 0; g < d->n; g++)
    fold_of_group[g] = g;
  return KJ_OK;
}

kj_status kj_folds_make(const kj_dataset *dataset, kj_rows rows,
                        const kj_folds *folds, size_t *fold_of_row,
                        size_t *n_folds, kj_error *err)
{
  division d;
  size_t *fold_of_group = NULL;
  if (folds->n == 1)
    return kj__fail(err, KJ_EARGUMENT, "1 fold; must be at least 2");
  kj_status status = divide(dataset, rows, folds->group, folds->seed, &d, err);
  if (status == KJ_OK) {
    fold_of_group = kj__allocate(NULL, d.n, sizeof *fold_of_group);
    if (!fold_of_group)
      status = kj__fail_memory(err, dataset->path);
  }
  if (status == KJ_OK)
    status = assign_folds(dataset, folds, &d, fold_of_group, err);
  if (status == KJ_OK) {
    for (size_t i = 0; i < rows.n; i++)
      fold_of_row[i] = fold_of_group[d.group[i]];
    *n_folds = folds->n > 0 ? folds->n : d.n;
  }
  kj__release(NULL, fold_of_group);
  division_clear(&d);
  return status;
}
