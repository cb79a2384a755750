/*
 * explore.c: the log of a search: batches tried within the budget.
 */
#include "experiment/search/search_state.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

bool kj__search_is_same(const kj_search_point *a, const kj_search_point *b)
{
  for (size_t p = 0; p < KJ_N_SEARCH_PARAMETERS; p++)
    if (a->value[p] != b->value[p])
      return false;
  return true;
}

/* Where a setting stands in the log; log->n: nowhere. */
static size_t find(const kj_search_log *log, const kj_search_point *point)
{
  size_t i = 0;
  while (i < log->n && !kj__search_is_same(&log->trial[i].point, point))
    i++;
  return i;
}

static bool append(kj_search_log *log, const kj_search_point *point,
                   size_t rung)
{
  void *trials = log->trial;
  if (!kj__grow(&trials, &log->capacity, log->n + 1, sizeof *log->trial))
    return false;
  log->trial = trials;
  log->trial[log->n++] = (kj_search_trial){
      .point = *point, .rung = rung, .score = (double)INFINITY};
  return true;
}

/* Put what is new into the log, as far as the budget goes. */
static kj_status list_new(kj__search *s, const kj_search_point *point, size_t n,
                          size_t rung, kj_error *err)
{
  for (size_t i = 0; i < n; i++) {
    if (find(s->log, &point[i]) < s->log->n)
      continue;
    if (s->log->n == s->options->runs) {
      s->is_over = s->log->is_cut = true;
      return KJ_OK;
    }
    if (!append(s->log, &point[i], rung))
      return kj__fail_memory(err, "a search");
  }
  return KJ_OK;
}

/* Only what was done counts, and only up to the first that was not: so the
 * log is the beginning of one that nothing stopped. */
static void keep_done(kj__search *s, size_t from)
{
  kj_search_log *log = s->log;
  while (from < log->n && log->trial[from].is_done)
    from++;
  if (from < log->n) {
    log->n = from;
    s->is_over = log->is_cut = true;
  }
}

kj_status kj__search_try(kj__search *s, const kj_search_point *point, size_t n,
                         size_t rung, double *score, kj_error *err)
{
  const size_t before = s->log->n;
  kj_status status = s->is_over ? KJ_OK : list_new(s, point, n, rung, err);
  if (status == KJ_OK && s->log->n > before)
    status = s->evaluate(s->context, s->log->trial + before, s->log->n - before,
                         err);
  if (status != KJ_OK)
    return status;
  keep_done(s, before);
  for (size_t i = 0; score && i < n; i++) {
    const size_t at = find(s->log, &point[i]);
    score[i] = at < s->log->n ? s->log->trial[at].score : (double)NAN;
  }
  return KJ_OK;
}

/* The first of the least score, of the last rung: scores of few epochs do not
 * compare with those of many. */
static void find_best(kj_search_log *log)
{
  log->best = log->n;
  for (size_t i = 0; i < log->n; i++) {
    const kj_search_trial *t = &log->trial[i];
    const kj_search_trial *best =
        log->best < log->n ? &log->trial[log->best] : NULL;
    if (isfinite(t->score) &&
        (!best || t->rung > best->rung ||
         (t->rung == best->rung && t->score < best->score)))
      log->best = i;
  }
}

static kj_status follow(kj__search *s, kj_error *err)
{
  switch (s->options->strategy) {
  case KJ_SEARCH_PAPER:
    return kj__search_paper(s, err);
  case KJ_SEARCH_GRID:
    return kj__search_grid(s, err);
  case KJ_SEARCH_RANDOM:
    return kj__search_random(s, err);
  case KJ_SEARCH_NLOPT:
    return kj__search_nlopt(s, err);
  default:
    return kj__search_halving(s, err);
  }
}

kj_status kj_search_explore(const kj_search_options *options,
                            kj_search_evaluate *evaluate, void *context,
                            kj_search_log *log, kj_error *err)
{
  kj__search search = {
      .options = options, .evaluate = evaluate, .context = context, .log = log};
  *log = (kj_search_log){0};
  const kj_status status = follow(&search, err);
  if (status != KJ_OK)
    return status;
  find_best(log);
  if (log->best == log->n)
    return log->n == 0
               ? kj__fail(err, KJ_EINTERRUPTED,
                          "the time was up before one setting was tried")
               : kj__fail(err, KJ_ETRAINING,
                          "the training failed with each of %zu settings",
                          log->n);
  return KJ_OK;
}

void kj_search_log_clear(kj_search_log *log)
{
  kj__release(NULL, log->trial);
  *log = (kj_search_log){0};
}
