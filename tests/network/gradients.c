/*
 * gradients.c: every gradient against central differences, in double.
 *
 * Every entry of the parameter and of the input gradient, for each shape,
 * output activation, loss, weights and missing targets:
 *
 *   |g - (L(+h) - L(-h)) / 2h| < 1e-6 max(|g|, largest |g| / 1000)
 *
 * A case is drawn anew while a ReLU changes side over a difference, for at a
 * kink a central difference is no derivative, and while the gradient is 0, as
 * that of a dead network, for there is nothing to see.
 */
#include "support.h"

#include "network/activations.h"
#include "network/backward.h"
#include "network/loss.h"
#include <stdio.h>

enum { MOST_TRIES = 20, MOST_ROWS = 40 };

static const double STEP = 3e-5, TOLERANCE = 1e-6, FLOOR = 1e-3, NOTHING = 1e-9;

static const kj_network_shape SHAPES[] = {
    {1, {3, 2}, KJ_ACTIVATION_LINEAR},
    {1, {5, 1}, KJ_ACTIVATION_LINEAR},
    {2, {4, 6, 1}, KJ_ACTIVATION_LINEAR},
    {3, {5, 8, 7, 3}, KJ_ACTIVATION_LINEAR},
    {2, {3, 40, 2}, KJ_ACTIVATION_LINEAR},
    {4, {2, 3, 4, 3, 1}, KJ_ACTIVATION_LINEAR},
};
static const size_t ROW_COUNTS[] = {4, 35};

/* What is differentiated. */
typedef struct problem {
  kj_network_shape shape;
  kj_loss loss;
  bool before_activation; /* the loss takes z instead of f */
  bool weighted, masked;
  size_t n_rows;
  uint64_t seed;

  kj_network *net;
  kj_activations *activations;
  kj_real *x, *y, *weight;
  kj_real *gradient, *dx; /* as computed by the backward pass */
  bool *side;             /* of every ReLU at the point itself */
} problem;

static size_t n_sides(const problem *p)
{
  size_t n = 0;
  for (size_t l = 1; l <= p->shape.n_layers; l++)
    n += p->shape.width[l] * p->n_rows;
  return n;
}

/* The side of ReLU number i of the last forward pass; the values before the
 * output's activation count only where it has one. */
static bool side_of(const problem *p, size_t i)
{
  const kj_activations *a = p->activations;
  size_t l = 1;
  for (; i >= p->shape.width[l] * p->n_rows; l++)
    i -= p->shape.width[l] * p->n_rows;
  const bool has_kink =
      l < p->shape.n_layers ||
      (p->shape.output == KJ_ACTIVATION_RELU && !p->before_activation);
  return has_kink && a->value[l][i] > 0;
}

static bool same_sides(const problem *p)
{
  for (size_t i = 0; i < n_sides(p); i++)
    if (side_of(p, i) != p->side[i])
      return false;
  return true;
}

static double loss_at(const problem *p, kj_real *df)
{
  kj_real f[MOST_ROWS * KJ_MAX_OUTPUTS];
  kj_network_forward(p->net, p->x, p->n_rows, p->activations, f);
  if (p->before_activation)
    kj__activations_output(p->activations, f);
  return kj__loss(p->loss, p->y, f, p->weight, p->n_rows, n_outputs(&p->shape),
                  df);
}

static void draw_targets(problem *p, kj__random *random)
{
  const size_t n = p->n_rows * n_outputs(&p->shape);
  for (size_t i = 0; i < n; i++) {
    p->y[i] = (kj_real)kj__random_uniform(random);
    if (p->masked && i % 5 == 3)
      p->y[i] = (kj_real)NAN;
  }
  for (size_t i = 0; p->weight && i < p->n_rows; i++)
    p->weight[i] = (kj_real)(2.0 * kj__random_uniform(random));
}

static void set_up(problem *p)
{
  kj__random random = test_stream(p->seed, 1);
  p->net = random_network(&p->shape, &random);
  p->activations = new_activations(&p->shape, p->n_rows);
  p->x = draw_new(&random, 0.0, 1.0, p->n_rows * n_inputs(&p->shape));
  p->y = draw_new(&random, 0.0, 1.0, p->n_rows * n_outputs(&p->shape));
  p->weight = p->weighted ? draw_new(&random, 0.0, 1.0, p->n_rows) : NULL;
  draw_targets(p, &random);
  p->gradient = calloc(p->net->n_parameters, sizeof *p->gradient);
  p->dx = calloc(p->n_rows * n_inputs(&p->shape), sizeof *p->dx);
  p->side = calloc(n_sides(p), sizeof *p->side);
  assert_true(p->gradient && p->dx && p->side);
  kj_real df[MOST_ROWS * KJ_MAX_OUTPUTS];
  loss_at(p, df);
  for (size_t i = 0; i < n_sides(p); i++)
    p->side[i] = side_of(p, i);
  kj__network_backward(p->net, p->activations, df, p->n_rows,
                       !p->before_activation, p->gradient, p->dx);
}

static void tear_down(problem *p)
{
  kj_network_destroy(p->net);
  kj_activations_destroy(p->activations);
  void *const blocks[] = {p->x, p->y, p->weight, p->gradient, p->dx, p->side};
  for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
    free(blocks[i]);
}

/* The central difference by *variable; false at a kink. */
static bool differentiate(const problem *p, kj_real *variable, double *slope)
{
  const kj_real kept = *variable;
  *variable = kept + STEP;
  const double above = loss_at(p, NULL);
  bool smooth = same_sides(p);
  *variable = kept - STEP;
  const double below = loss_at(p, NULL);
  smooth = smooth && same_sides(p);
  *variable = kept;
  *slope = (above - below) / (2.0 * STEP);
  return smooth;
}

/* The largest relative error of g over n variables; -1: to be drawn anew. */
static double compare(const problem *p, kj_real *variables, const kj_real *g,
                      size_t n)
{
  double largest = 0.0, worst = 0.0;
  for (size_t i = 0; i < n; i++)
    largest = fmax(largest, fabs(g[i]));
  if (largest < NOTHING)
    return -1.0;
  for (size_t i = 0; i < n; i++) {
    double slope;
    if (!differentiate(p, variables + i, &slope))
      return -1.0;
    const double scale = fmax(fabs(g[i]), FLOOR * largest);
    const double error = fabs(g[i] - slope) / scale;
    if (!(error < TOLERANCE))
      fail_msg("shape %zu-..-%zu (%zu layers, %s output), %s%s%s%s, %zu rows, "
               "seed %llu: gradient %zu of %zu is %.12g, central difference "
               "%.12g",
               n_inputs(&p->shape), n_outputs(&p->shape), p->shape.n_layers,
               kj_activation_name(p->shape.output), kj_loss_name(p->loss),
               p->before_activation ? " of z" : "",
               p->weighted ? ", weighted" : "", p->masked ? ", masked" : "",
               p->n_rows, (unsigned long long)p->seed, i, n, g[i], slope);
    worst = fmax(worst, error);
  }
  return worst;
}

/* What all cases together have shown. */
typedef struct tally {
  size_t n_cases, n_redrawn, n_numbers;
  double worst;
} tally;

static void check_case(problem p, tally *total)
{
  for (p.seed = 1; p.seed <= MOST_TRIES; p.seed++) {
    set_up(&p);
    const size_t n_x = p.n_rows * n_inputs(&p.shape);
    double worst =
        compare(&p, p.net->parameters, p.gradient, p.net->n_parameters);
    if (worst >= 0.0) {
      const double worst_x = compare(&p, p.x, p.dx, n_x);
      worst = worst_x < 0.0 ? -1.0 : fmax(worst, worst_x);
    }
    total->n_numbers += worst >= 0.0 ? p.net->n_parameters + n_x : 0;
    tear_down(&p);
    if (worst >= 0.0) {
      total->n_cases++;
      total->worst = fmax(total->worst, worst);
      return;
    }
    total->n_redrawn++;
  }
  fail_msg("no draw of %d is away from all kinks and alive", MOST_TRIES);
}

static void check_shape(kj_network_shape shape, kj_loss loss,
                        bool before_activation, tally *total)
{
  for (size_t r = 0; r < sizeof ROW_COUNTS / sizeof ROW_COUNTS[0]; r++)
    for (unsigned options = 0; options < 4; options++)
      check_case((problem){.shape = shape,
                           .loss = loss,
                           .before_activation = before_activation,
                           .weighted = (options & 1) != 0,
                           .masked = (options & 2) != 0,
                           .n_rows = ROW_COUNTS[r]},
                 total);
}

static void check_all(kj_loss loss, bool before_activation)
{
  tally total = {0};
  for (size_t s = 0; s < sizeof SHAPES / sizeof SHAPES[0]; s++)
    for (int output = 0; output < 2; output++) {
      kj_network_shape shape = SHAPES[s];
      shape.output = (kj_activation)output;
      check_shape(shape, loss, before_activation, &total);
    }
  print_message("%s: %zu cases, %zu redrawn, %zu derivatives, largest relative "
                "error %.2g\n",
                kj_loss_name(loss), total.n_cases, total.n_redrawn,
                total.n_numbers, total.worst);
}

static void squared_error_has_its_gradient(void **state)
{
  (void)state;
  check_all(KJ_LOSS_MSE, false);
}

static void cross_entropy_has_its_gradient(void **state)
{
  (void)state;
  check_all(KJ_LOSS_BCE, false);
}

static void ccc_has_its_gradient(void **state)
{
  (void)state;
  check_all(KJ_LOSS_CCC, false);
}

static void the_value_before_the_activation_has_its_gradient(void **state)
{
  (void)state;
  check_all(KJ_LOSS_MSE, true);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(squared_error_has_its_gradient),
      cmocka_unit_test(cross_entropy_has_its_gradient),
      cmocka_unit_test(ccc_has_its_gradient),
      cmocka_unit_test(the_value_before_the_activation_has_its_gradient),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
