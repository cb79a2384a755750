/*
 * listed.c: searches over values that are given: the paper's, and the grid.
 *
 * Kuwahara et al. 2020, section 4.1: epsilon fixed, lambda varied (figure 3);
 * then the best lambda fixed and epsilon varied (figure 4).
 */
#include "experiment/search/search_state.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

/* Vary one parameter, and leave `point` at its best value. */
static kj_status vary(kj__search *s, kj_search_parameter parameter,
                      kj_search_point *point, kj_error *err)
{
  const kj_search_axis *axis = &s->options->axis[parameter];
  kj_search_point points[KJ_SEARCH_MAX_VALUES];
  double score[KJ_SEARCH_MAX_VALUES], least = (double)INFINITY;
  for (size_t i = 0; i < axis->n; i++) {
    points[i] = *point;
    points[i].value[parameter] = axis->value[i];
  }
  const kj_status status = kj__search_try(s, points, axis->n, 0, score, err);
  for (size_t i = 0; status == KJ_OK && i < axis->n; i++)
    if (score[i] < least) {
      least = score[i];
      *point = points[i];
    }
  return status;
}

kj_status kj__search_paper(kj__search *s, kj_error *err)
{
  kj_search_point point = s->options->start;
  const kj_status status = vary(s, KJ_SEARCH_LAMBDA, &point, err);
  return status == KJ_OK ? vary(s, KJ_SEARCH_EPSILON, &point, err) : status;
}

/* The combination with that number; the last parameter runs fastest. False:
 * there are not so many. */
static bool combine(const kj_search_options *o, size_t number,
                    kj_search_point *point)
{
  *point = o->start;
  for (size_t p = KJ_N_SEARCH_PARAMETERS; p-- > 0;) {
    const kj_search_axis *axis = &o->axis[p];
    if (!axis->is_searched)
      continue;
    point->value[p] = axis->value[number % axis->n];
    number /= axis->n;
  }
  return number == 0;
}

kj_status kj__search_grid(kj__search *s, kj_error *err)
{
  /* One more than the budget, so that a cut is noticed. */
  const size_t most = s->options->runs + 1;
  kj_search_point *point = kj__allocate(NULL, most, sizeof *point);
  size_t n = 0;
  if (!point)
    return kj__fail_memory(err, "a grid");
  while (n < most && combine(s->options, n, &point[n]))
    n++;
  const kj_status status = kj__search_try(s, point, n, 0, NULL, err);
  kj__release(NULL, point);
  return status;
}
