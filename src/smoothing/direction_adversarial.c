/*
 * direction_adversarial.c: g = grad_x D(y, f(x)), the direction of AT.
 *
 * With D = sum_k m_k (y_k - f_k)^2 / (2 sigma_k^2) the signal at output k is
 * s_k = m_k (f_k - y_k) / sigma_k^2. It enters before the output's activation:
 * a ReLU output at 0 would stop it, and the row would have no direction. Of
 * logits, where D is the cross-entropy, s_k = m_k (1 / (1 + exp(-f_k)) - y_k);
 * of predicted deviations s_k are the derivatives of the likelihood.
 *
 * With one output g = s g_1, g_1 = dz / dx, and the chain back that gives g_1
 * gives the signals of L as well. With several, one chain that starts from s
 * is cheaper than a chain for each output.
 *
 * Source: Kuwahara et al., ICAART 2020, (2)-(4), with one output and sigma 1.
 */
#include "smoothing/direction.h"
#include "smoothing/outputs.h"
#include "smoothing/passes.h"

static void find_one(const kj__state *s)
{
  kj__outputs_miss(s);
  kj__outputs_miss_signal(s);
  kj__pass_units(s);
}

static void weigh_one(const kj__state *s, size_t row, const double *products,
                      double *c)
{
  (void)products;
  c[0] = (double)s->stepper->outputs.signal[KJ__MOVED][row];
}

const kj__direction kj__direction_adversarial_one = {
    .find = find_one, .weigh = weigh_one, .leaves_signals = true};

static void find(const kj__state *s)
{
  kj__outputs_miss(s);
  kj__outputs_miss_signal(s);
  kj__pass_send(s, KJ__MOVED);
  kj__pass_back(s, &(kj__chain){.mask = KJ__CLEAN,
                                .signal = KJ__MOVED,
                                .n_rows = s->n_covered,
                                .dx = s->stepper->gradient});
}

const kj__direction kj__direction_adversarial = {.find = find};
