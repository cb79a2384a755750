/*
 * draw.c: settings that are drawn: random search, and successive halving.
 *
 * Setting i is decided by the seed and i alone (Bergstra, Bengio: Random
 * Search for Hyper-Parameter Optimization, JMLR 13, 2012). Halving (Jamieson,
 * Talwalkar, AISTATS 2016; the factor 3 of Li et al., JMLR 18, 2018) gives few
 * epochs to many settings and three times as many to the best third, until one
 * rung has all epochs. Each rung trains anew.
 */
#include "experiment/search/search_state.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"

#include <math.h>
#include <stdlib.h>

enum {
  TRIES = 100,    /* draws a setting, before a space counts as exhausted */
  MOST_RUNGS = 4, /* the first has a 27th of the epochs */
};

static kj_search_point draw(const kj_search_options *o, size_t i)
{
  kj_search_point point = o->start;
  for (size_t p = 0; p < KJ_N_SEARCH_PARAMETERS; p++) {
    const kj_search_axis *axis = &o->axis[p];
    kj__random random =
        kj__random_stream(o->seed, KJ__PURPOSE_SEARCH, (uint64_t)i, p);
    if (axis->is_searched && axis->n > 0)
      point.value[p] = axis->value[kj__random_below(&random, axis->n)];
    else if (axis->is_searched)
      point.value[p] = kj__search_at((kj_search_parameter)p, axis,
                                     kj__random_uniform(&random));
  }
  return point;
}

static bool is_among(const kj_search_point *point, size_t n,
                     const kj_search_point *one)
{
  for (size_t i = 0; i < n; i++)
    if (kj__search_is_same(&point[i], one))
      return true;
  return false;
}

/* Different settings, up to `most`; how many there are. */
static size_t draw_many(const kj_search_options *o, kj_search_point *point,
                        size_t most)
{
  size_t n = 0;
  for (size_t i = 0; n < most && i < TRIES * most; i++) {
    const kj_search_point one = draw(o, i);
    if (!is_among(point, n, &one))
      point[n++] = one;
  }
  return n;
}

kj_status kj__search_random(kj__search *s, kj_error *err)
{
  const size_t most = s->options->runs;
  kj_search_point *point = kj__allocate(NULL, most, sizeof *point);
  if (!point)
    return kj__fail_memory(err, "a search");
  const size_t n = draw_many(s->options, point, most);
  const kj_status status = kj__search_try(s, point, n, 0, NULL, err);
  kj__release(NULL, point);
  return status;
}

/* How many rungs n settings make of so many epochs: the last has one setting
 * or more, the first one epoch or more. */
static size_t count_rungs(size_t n, double epochs)
{
  size_t rungs = 1;
  while (rungs < MOST_RUNGS && n >= KJ_SEARCH_KEEP &&
         epochs >= KJ_SEARCH_KEEP) {
    n /= KJ_SEARCH_KEEP;
    epochs /= KJ_SEARCH_KEEP;
    rungs++;
  }
  return rungs;
}

/* Settings tried over all rungs. */
static size_t count_tried(size_t n, size_t rungs)
{
  size_t sum = 0;
  for (; rungs > 0; rungs--, n /= KJ_SEARCH_KEEP)
    sum += n;
  return sum;
}

typedef struct ranked {
  double score;
  size_t at;
} ranked;

static int compare(const void *a, const void *b)
{
  const ranked *x = a, *y = b;
  if (x->score != y->score)
    return x->score < y->score ? -1 : 1;
  return (x->at > y->at) - (x->at < y->at);
}

/* The best third, in the order of their scores. */
static size_t keep_best(kj_search_point *point, const double *score, size_t n,
                        ranked *order, kj_search_point *kept)
{
  const size_t n_kept = n / KJ_SEARCH_KEEP;
  for (size_t i = 0; i < n; i++)
    order[i] = (ranked){score[i], i};
  qsort(order, n, sizeof *order, compare);
  for (size_t i = 0; i < n_kept; i++)
    kept[i] = point[order[i].at];
  for (size_t i = 0; i < n_kept; i++)
    point[i] = kept[i];
  return n_kept;
}

static kj_status climb(kj__search *s, kj_search_point *point, double *score,
                       ranked *order, kj_error *err)
{
  const double epochs = s->options->start.value[KJ_SEARCH_EPOCHS];
  size_t n = 1;
  while (count_tried(n + 1, count_rungs(n + 1, epochs)) <= s->options->runs)
    n++;
  const size_t rungs = count_rungs(n, epochs);
  kj_search_point *kept = point + s->options->runs;
  n = draw_many(s->options, point, n);
  kj_status status = KJ_OK;
  for (size_t r = 0; status == KJ_OK && !s->is_over && r < rungs && n > 0;
       r++) {
    const double part = pow(KJ_SEARCH_KEEP, (double)(rungs - 1 - r));
    for (size_t i = 0; i < n; i++)
      point[i].value[KJ_SEARCH_EPOCHS] = fmax(1.0, round(epochs / part));
    status = kj__search_try(s, point, n, r, score, err);
    if (status == KJ_OK && !s->is_over)
      n = keep_best(point, score, n, order, kept);
  }
  return status;
}

kj_status kj__search_halving(kj__search *s, kj_error *err)
{
  const size_t most = s->options->runs;
  kj_search_point *point = kj__allocate(NULL, most, 2 * sizeof *point);
  double *score = kj__allocate(NULL, most, sizeof *score);
  ranked *order = kj__allocate(NULL, most, sizeof *order);
  const kj_status status = point && score && order
                               ? climb(s, point, score, order, err)
                               : kj__fail_memory(err, "a search");
  kj__release(NULL, point);
  kj__release(NULL, score);
  kj__release(NULL, order);
  return status;
}
