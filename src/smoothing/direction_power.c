/*
 * direction_power.c: the direction of VAT by power iteration.
 *
 *   d random, |d| = 1;   repeat:  d <- g / |g|,
 *   g = grad_r KL[p(y|x) || p(y|x + r)] at r = xi' d
 *
 * Since the KL is about r' H r / 2, g is about xi' H d: a step of the power
 * method for H. Done differently: xi' = xi |x| (xi where x is 0), for a step
 * that suits the data is too small for one row and too large for another; the
 * KL is that of the values before the output's activation; d stays where g is
 * exactly 0.
 *
 * d is kept as the one gradient; r holds xi' d on the way there, g on the way
 * back.
 *
 * Source: Kuwahara et al., ICAART 2020, (5)-(10), after Miyato et al., arXiv
 * 1507.00677, section 3.
 */
#include "smoothing/direction.h"
#include "smoothing/outputs.h"
#include "smoothing/passes.h"
#include "smoothing/perturbation.h"
#include "smoothing/work.h"

#include <math.h>

/* r = xi' d. */
static void step_out(const void *context, size_t first, size_t last)
{
  const kj__state *s = context;
  const kj_real *x = s->stepper->layer[0].trace[KJ__CLEAN].input;
  for (size_t row = first; row < last; row += KJ__PANEL) {
    const size_t at = kj__panels_at(s->n_in, 0, row);
    double factor[KJ__PANEL];
    kj__panel_dot(x + at, x + at, s->n_in, factor);
    for (size_t r = 0; r < KJ__PANEL; r++)
      factor[r] =
          s->step->smoothing->xi * (factor[r] > 0.0 ? sqrt(factor[r]) : 1.0);
    kj__panel_scale(s->stepper->gradient + at, factor, s->n_in,
                    s->stepper->r + at);
  }
}

/* r = grad_r KL(z(x), z(x + r)). */
static void compute_gradient(const kj__state *s)
{
  kj__pass_moved(s);
  kj__outputs_moved(s);
  kj__outputs_signal(s);
  kj__pass_send(s, KJ__MOVED);
  kj__pass_back(s, &(kj__chain){.mask = KJ__MOVED,
                                .signal = KJ__MOVED,
                                .n_rows = s->n_covered,
                                .dx = s->stepper->r});
}

/* d = r / |r|, where that is not 0. */
static void turn(const void *context, size_t first, size_t last)
{
  const kj__state *s = context;
  for (size_t row = first; row < last; row++) {
    const size_t at = kj__panels_at(s->n_in, 0, row);
    const kj_real *g = s->stepper->r + at;
    kj_real *d = s->stepper->gradient + at;
    double square = 0.0;
    for (size_t j = 0; j < s->n_in; j++)
      square += (double)g[j * KJ__PANEL] * (double)g[j * KJ__PANEL];
    for (size_t j = 0; j < s->n_in && square != 0.0; j++)
      d[j * KJ__PANEL] = (kj_real)((double)g[j * KJ__PANEL] / sqrt(square));
  }
}

static void run(const kj__state *s, void (*piece)(const void *, size_t, size_t))
{
  kj__work_run(s->stepper->crew, &(kj__work){piece, s, s->n_covered, KJ__PANEL},
               1);
}

static void find(const kj__state *s)
{
  kj__direction_noise.find(s);
  for (unsigned t = 0; t < s->step->smoothing->power_iterations; t++) {
    run(s, step_out);
    compute_gradient(s);
    run(s, turn);
  }
}

const kj__direction kj__direction_power = {.find = find};
