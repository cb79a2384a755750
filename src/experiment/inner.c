/*
 * inner.c: folds among the rows that are trained on, and how good a setting is
 * over them: what lambda and epsilon, or more, are chosen by.
 */
#include "experiment/run_state.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

kj_status kj__inner_divide(kj__run *run, const kj__part *outer, size_t n_folds,
                           kj__part **inner, kj_error *err)
{
  size_t n_made;
  const kj_folds folds = {.group = KJ_GROUP_SPEAKER,
                          .n = n_folds,
                          .seed = run->protocol->seed + outer->seed};
  return kj__part_divide(run, outer, &folds, inner, &n_made, err);
}

/* Where the estimates of one cell go. */
typedef struct destination {
  double *copy;
  size_t n;
} destination;

static kj_status keep_estimates(void *context, const kj_run_record *record,
                                kj_error *err)
{
  destination *to = context;
  const kj_status status = kj__record_check(record, to->n, false, err);
  if (status == KJ_OK)
    memcpy(to->copy, record->estimate, to->n * sizeof *to->copy);
  return status;
}

/* Rows and estimates of all inner folds, one behind the other. */
static kj_status gather(kj__run *run, const kj__inner_cells *inner,
                        size_t *index, double *estimate, kj_error *err)
{
  const size_t n_t = run->data->n_targets;
  kj_status status = KJ_OK;
  size_t n = 0;
  for (size_t f = 0; status == KJ_OK && f < inner->n; f++) {
    const kj_rows rows = inner->part[f].test;
    destination to = {.copy = estimate + n * n_t, .n = rows.n * n_t};
    status = kj_run_store_visit(run->store, run->cell[inner->cell[f]]->key,
                                keep_estimates, &to, err);
    memcpy(index + n, rows.index, rows.n * sizeof *index);
    n += rows.n;
  }
  return status;
}

static double judge(const kj_dataset *data, kj_rows rows,
                    const double *estimate, const kj__judge *by, double *pairs)
{
  const size_t n_t = data->n_targets;
  double sum = 0.0;
  for (size_t k = by->first; k < by->first + by->n_targets; k++) {
    kj_metrics metrics;
    size_t n = 0;
    for (size_t i = 0; i < rows.n; i++) {
      const double y = (double)data->y[rows.index[i] * n_t + k];
      if (!isfinite(y))
        continue;
      pairs[n] = y;
      pairs[rows.n + n++] = estimate[i * n_t + k];
    }
    if (n == 0 ||
        kj_metrics_compute(pairs, pairs + rows.n, n, &metrics, NULL) != KJ_OK)
      return (double)INFINITY;
    sum += by->by == 0 ? metrics.mae : -metrics.ccc;
  }
  return isfinite(sum) ? sum : (double)INFINITY;
}

kj_status kj__inner_score(kj__run *run, const kj__inner_cells *inner,
                          const kj__judge *by, double *score, kj_error *err)
{
  const size_t n_t = run->data->n_targets;
  size_t n = 0;
  for (size_t f = 0; f < inner->n; f++)
    n += inner->part[f].test.n;
  size_t *index = kj__allocate(NULL, n, sizeof *index);
  double *estimate = kj__allocate(NULL, n, n_t * sizeof *estimate);
  double *pairs = kj__allocate(NULL, n, 2 * sizeof *pairs);
  kj_status status =
      index && estimate && pairs ? KJ_OK : kj__fail_memory(err, "a choice");
  if (status == KJ_OK)
    status = gather(run, inner, index, estimate, err);
  if (status == KJ_OK)
    *score = judge(run->data, (kj_rows){index, n}, estimate, by, pairs);
  kj__release(NULL, index);
  kj__release(NULL, estimate);
  kj__release(NULL, pairs);
  return status;
}
