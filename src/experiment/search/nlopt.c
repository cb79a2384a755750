/*
 * nlopt.c: a derivative-free method of NLopt (Johnson,
 * https://nlopt.readthedocs.io), in the logarithms of the ranges.
 *
 * Settings come one after the other. None of the methods draws random numbers.
 */
#include "experiment/search/search_state.h"

#include "base/error.h"

#include <math.h>
#include <nlopt.h>

/* First steps of a quarter of the range's logarithm; steps below a thousandth
 * change nothing that a fold could show. */
static const double FIRST_STEP = 0.25, LAST_STEP = 1e-3;
/* In place of an infinite score, which no model of the surface can hold: above
 * any error on a scale of 1..5. */
static const double FAILED = 10.0;

typedef struct descent {
  kj__search *search;
  nlopt_opt optimiser;
  size_t axis[KJ_N_SEARCH_PARAMETERS]; /* that are searched */
  unsigned n;
  kj_status status;
  kj_error *err;
} descent;

static double evaluate(unsigned n, const double *x, double *gradient,
                       void *context)
{
  descent *d = context;
  const kj_search_options *o = d->search->options;
  kj_search_point point = o->start;
  double score = (double)NAN;
  (void)gradient;
  for (unsigned i = 0; i < n; i++)
    point.value[d->axis[i]] = kj__search_at((kj_search_parameter)d->axis[i],
                                            &o->axis[d->axis[i]], x[i]);
  d->status = kj__search_try(d->search, &point, 1, 0, &score, d->err);
  if (d->status != KJ_OK || d->search->is_over)
    nlopt_force_stop(d->optimiser);
  return isfinite(score) ? score : FAILED;
}

static kj_status set_up(descent *d)
{
  enum { REPEATS = 20 }; /* settings met again cost nothing, but must end */
  const kj_search_options *o = d->search->options;
  const bool is_good =
      nlopt_set_lower_bounds1(d->optimiser, 0.0) > 0 &&
      nlopt_set_upper_bounds1(d->optimiser, 1.0) > 0 &&
      nlopt_set_initial_step1(d->optimiser, FIRST_STEP) > 0 &&
      nlopt_set_xtol_abs1(d->optimiser, LAST_STEP) > 0 &&
      nlopt_set_maxeval(d->optimiser, (int)(REPEATS * o->runs)) > 0 &&
      nlopt_set_min_objective(d->optimiser, evaluate, d) > 0;
  return is_good ? KJ_OK : kj__fail_memory(d->err, "nlopt");
}

kj_status kj__search_nlopt(kj__search *s, kj_error *err)
{
  static const nlopt_algorithm algorithms[] = {
#define ALGORITHM(id, name, of_nlopt) of_nlopt,
      KJ_SEARCH_ALGORITHM_LIST(ALGORITHM)
#undef ALGORITHM
  };
  descent d = {.search = s, .err = err};
  double x[KJ_N_SEARCH_PARAMETERS], least = 0.0;
  for (size_t p = 0; p < KJ_N_SEARCH_PARAMETERS; p++)
    if (s->options->axis[p].is_searched) {
      x[d.n] =
          kj__search_share(&s->options->axis[p], s->options->start.value[p]);
      d.axis[d.n++] = p;
    }
  d.optimiser = nlopt_create(algorithms[s->options->algorithm], d.n);
  if (!d.optimiser)
    return kj__fail_memory(err, "nlopt");
  kj_status status = set_up(&d);
  if (status == KJ_OK) {
    const nlopt_result result = nlopt_optimize(d.optimiser, x, &least);
    status = d.status;
    if (status == KJ_OK && result == NLOPT_OUT_OF_MEMORY)
      status = kj__fail_memory(err, "nlopt");
  }
  nlopt_destroy(d.optimiser);
  return status;
}
