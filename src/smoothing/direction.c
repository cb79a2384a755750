/*
 * direction.c: r = epsilon g / |g|, and which g a smoothing takes.
 *
 * Source: Kuwahara et al., ICAART 2020: AT (2)-(4), VAT (5)-(10). The paper
 * does not say what to do where g is 0; a random r is Kanjo's choice.
 */
#include "smoothing/direction.h"

#include "network/panels.h"
#include "smoothing/perturbation.h"
#include "smoothing/work.h"

#include <math.h>

const kj__direction *kj__direction_choose(const kj__state *s)
{
  static const kj__direction *const CHOICE[] = {
      [KJ_SMOOTHING_NOISE] = &kj__direction_noise,
      [KJ_SMOOTHING_AT] = &kj__direction_adversarial,
  };
  static const kj__direction *const VIRTUAL[] = {
      [KJ_DIRECTION_EXACT] = &kj__direction_exact,
      [KJ_DIRECTION_POWER] = &kj__direction_power,
  };
  const kj_smoothing *smoothing = s->step->smoothing;
  if (smoothing->kind == KJ_SMOOTHING_AT && s->n_out == 1)
    return &kj__direction_adversarial_one;
  return smoothing->kind == KJ_SMOOTHING_VAT ? VIRTUAL[smoothing->direction]
                                             : CHOICE[smoothing->kind];
}

kj__random kj__state_stream(const kj__state *s, size_t row)
{
  return kj__row_stream(s->step->seed, s->step->number, s->batch->row_id[row]);
}

static void draw_unit_vectors(const void *context, size_t first, size_t last)
{
  const kj__state *s = context;
  for (size_t row = first; row < last; row++)
    kj__random_vector(kj__state_stream(s, row), s->n_in, 1.0,
                      s->stepper->gradient + kj__panels_at(s->n_in, 0, row));
}

static void find_noise(const kj__state *s)
{
  kj__work_run(s->stepper->crew,
               &(kj__work){draw_unit_vectors, s, s->n_covered, KJ__PANEL}, 1);
}

const kj__direction kj__direction_noise = {.find = find_noise};

typedef struct job {
  const kj__state *s;
  const kj__direction *direction;
  size_t n_gradients;
} job;

enum { MOST_PRODUCTS = KJ_MAX_OUTPUTS * KJ_MAX_OUTPUTS };

/* For the 32 rows from `first` on: products[k * K + l] = g_k . g_l. */
static void multiply(const job *j, size_t first, double (*products)[KJ__PANEL])
{
  const kj_stepper *stepper = j->s->stepper;
  const kj_real *g = stepper->gradient + kj__panels_at(j->s->n_in, 0, first);
  const size_t K = j->n_gradients;
  for (size_t k = 0; k < K; k++)
    for (size_t l = k; l < K; l++) {
      double *product = products[k * K + l];
      kj__panel_dot(g + k * stepper->gradient_size,
                    g + l * stepper->gradient_size, j->s->n_in, product);
      for (size_t r = 0; r < KJ__PANEL; r++)
        products[l * K + k][r] = product[r];
    }
}

/* The factors epsilon c_k / |g| of one row; false where g is 0. */
static bool weigh(const job *j, size_t row, const double *products,
                  double *factor)
{
  const size_t K = j->n_gradients;
  double square = 0.0;
  factor[0] = 1.0;
  if (j->direction->weigh)
    j->direction->weigh(j->s, row, products, factor);
  for (size_t k = 0; k < K; k++)
    for (size_t l = 0; l < K; l++)
      square += factor[k] * factor[l] * products[k * K + l];
  if (square == 0.0)
    return false;
  for (size_t k = 0; k < K; k++)
    factor[k] *= j->s->step->smoothing->epsilon / sqrt(square);
  return true;
}

/* r = sum_k factor_k g_k, of one panel. */
static void combine(const job *j, double (*factor)[KJ__PANEL], size_t first)
{
  const kj_stepper *stepper = j->s->stepper;
  const size_t at = kj__panels_at(j->s->n_in, 0, first);
  const kj_real *g = stepper->gradient + at;
  if (j->n_gradients == 1) {
    kj__panel_scale(g, factor[0], j->s->n_in, stepper->r + at);
    return;
  }
  for (size_t i = 0; i < j->s->n_in * KJ__PANEL; i++) {
    double sum = 0.0;
    for (size_t k = 0; k < j->n_gradients; k++)
      sum +=
          factor[k][i % KJ__PANEL] * (double)g[k * stepper->gradient_size + i];
    stepper->r[at + i] = (kj_real)sum;
  }
}

/* moved = x + r, of one panel. */
static void move(const kj__state *s, size_t first)
{
  const size_t at = kj__panels_at(s->n_in, 0, first);
  const kj__trace *trace = s->stepper->layer[0].trace;
  const kj_real *x = trace[KJ__CLEAN].input + at;
  const kj_real *r = s->stepper->r + at;
  kj_real *moved = trace[KJ__MOVED].input + at;
  for (size_t i = 0; i < s->n_in * KJ__PANEL; i++)
    moved[i] = x[i] + r[i];
}

static void perturb_panel(const job *j, size_t first, size_t last)
{
  const kj__state *s = j->s;
  const size_t n_products = j->n_gradients * j->n_gradients;
  double products[MOST_PRODUCTS][KJ__PANEL];
  double factor[KJ_MAX_OUTPUTS][KJ__PANEL] = {{0.0}};
  bool is_flat[KJ__PANEL] = {false};
  multiply(j, first, products);
  for (size_t row = first; row < last; row++) {
    double of_row[MOST_PRODUCTS], factor_of_row[KJ_MAX_OUTPUTS];
    for (size_t p = 0; p < n_products; p++)
      of_row[p] = products[p][row - first];
    is_flat[row - first] = !weigh(j, row, of_row, factor_of_row);
    for (size_t k = 0; k < j->n_gradients && !is_flat[row - first]; k++)
      factor[k][row - first] = factor_of_row[k];
  }
  combine(j, factor, first);
  for (size_t row = first; row < last; row++)
    if (is_flat[row - first])
      kj__random_vector(kj__state_stream(s, row), s->n_in,
                        s->step->smoothing->epsilon,
                        s->stepper->r + kj__panels_at(s->n_in, 0, row));
  move(s, first);
}

static void perturb(const void *context, size_t first, size_t last)
{
  for (; first < last; first += KJ__PANEL)
    perturb_panel(context, first,
                  last - first < KJ__PANEL ? last : first + KJ__PANEL);
}

void kj__perturb(const kj__state *s, const kj__direction *direction)
{
  const job j = {s, direction, direction->weigh ? s->n_out : 1};
  direction->find(s);
  kj__work_run(s->stepper->crew,
               &(kj__work){perturb, &j, s->n_covered, KJ__PANEL}, 1);
}
