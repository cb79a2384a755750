/*
 * trial_intervals.c: the cells behind intervals: each method without a fold of
 * the training speakers of a part, to see how far it is off on them. No row
 * that is tested takes part (docs/intervals.md).
 */
#include "experiment/run_state.h"

#include "base/error.h"
#include "base/memory.h"

static kj_status divide(kj__run *run, const kj__trial *trial, size_t p,
                        kj__inner *inner, kj_error *err)
{
  kj_folds folds;
  kj__part *fold = NULL;
  kj_status status =
      kj_folds_parse(trial->experiment->intervals->folds, &folds, err);
  if (status != KJ_OK)
    return status;
  folds.seed = run->protocol->seed + trial->part[p].seed;
  status = kj__part_divide(run, &trial->part[p], &folds, &fold, &inner->n, err);
  inner->fold = fold;
  return status;
}

kj_status kj__intervals_divide(kj__run *run, kj__trial *trial, kj_error *err)
{
  const size_t n_leaders = kj__trial_leaders(trial);
  kj_status status = KJ_OK;
  trial->intervals =
      kj__arena_take(run->arena, trial->n_parts, sizeof *trial->intervals);
  if (!trial->intervals)
    return kj__fail_memory(err, "inner folds");
  for (size_t p = 0; status == KJ_OK && p < trial->n_parts; p++) {
    kj__inner *inner = &trial->intervals[p];
    const kj__inner *leader = &trial->intervals[p % n_leaders];
    if (p < n_leaders) {
      status = divide(run, trial, p, inner, err);
    } else {
      inner->n = leader->n;
      status = kj__parts_repeat(run, leader->fold, leader->n,
                                trial->part[p].seed, &inner->fold, err);
    }
  }
  return status == KJ_OK
             ? KJ_OK
             : kj__fail_in(err, status, "experiment '%s': intervals",
                           trial->experiment->id);
}

static bool has_intervals(const kj__trial *trial, const kj__variant *v)
{
  return trial->intervals &&
         kj__variant_is_named(trial, v, &trial->experiment->intervals->methods);
}

size_t kj__intervals_count(const kj__trial *trial, const kj__variant *v)
{
  return has_intervals(trial, v) ? trial->intervals[0].n : 0;
}

static kj_status need_part(kj__run *run, const kj__trial *trial,
                           const kj__variant *v, size_t p, size_t **cell,
                           kj_error *err)
{
  const kj__inner *inner = &trial->intervals[p];
  kj_status status = KJ_OK;
  *cell = kj__arena_take(run->arena, inner->n, sizeof **cell);
  if (!*cell)
    return kj__fail_memory(err, "the cells of intervals");
  for (size_t f = 0; status == KJ_OK && f < inner->n; f++) {
    const kj__cell_request request = {.trial = trial,
                                      .part = &inner->fold[f],
                                      .method = v->method,
                                      .smoothing = &v->smoothing[p],
                                      .is_inner = true};
    status = kj__cell_need(run, &request, &(*cell)[f], err);
  }
  return status;
}

kj_status kj__intervals_need(kj__run *run, const kj__trial *trial,
                             kj__variant *v, kj_error *err)
{
  kj_status status = KJ_OK;
  if (!has_intervals(trial, v))
    return KJ_OK;
  v->residual = kj__arena_take(run->arena, trial->n_parts, sizeof *v->residual);
  if (!v->residual)
    return kj__fail_memory(err, "the cells of intervals");
  for (size_t p = 0; status == KJ_OK && p < trial->n_parts; p++)
    status = need_part(run, trial, v, p, &v->residual[p], err);
  return status;
}
