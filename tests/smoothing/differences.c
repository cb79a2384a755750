/*
 * differences.c: L and the directions against central differences, in double.
 *
 * Every entry of the parameter gradient of kj_stepper_gradient, for each
 * shape, output activation, loss, weights and missing targets:
 *
 *   |g - (L(+h) - L(-h)) / 2h| < 1e-6 max(|g|, largest |g| / 1000)
 *
 * and likewise every entry of r, as AT finds it, against the differences by x
 * of what its direction is the gradient of, brought to |r|. The losses are
 * those of an output computed by hand (hand.h).
 *
 * A case is drawn anew while a ReLU changes side over a difference, for at a
 * kink a central difference is no derivative, and while the gradient is 0, as
 * that of a dead network, for there is nothing to see.
 */
#include "network/support.h"

#include "network/loss.h"
#include "smoothing/hand.h"
#include "smoothing/step_case.h"

enum { MOST_TRIES = 20, MOST_ROWS = 40, MOST_SIDES = 64 };

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
  bool of_direction; /* what AT's direction is the gradient of, instead of L */
  bool weighted, masked;
  size_t n_rows;
  uint64_t seed;

  kj_network *net;
  kj_stepper *stepper;
  kj_smoothing smoothing;
  kj_real *x, *y, *weight;
  uint64_t row_id[MOST_ROWS];
  kj_real *gradient, *r;
  double excess[MOST_ROWS][KJ_MAX_OUTPUTS]; /* f - y, 0 where missing; held */
  bool side[MOST_ROWS][MOST_SIDES]; /* of every ReLU at the point itself */
} problem;

/* z of a row by hand; the sides of its ReLUs. A direction is that of z. */
static void run_row(const problem *p, size_t row, kj_real *z,
                    bool side[MOST_SIDES])
{
  hand_values v;
  size_t n = 0;
  const size_t n_layers = p->shape.n_layers, n_in = n_inputs(&p->shape);
  for (size_t j = 0; j < n_in; j++)
    v.h[0][j] = p->x[row * n_in + j];
  hand_forward(p->net, &v);
  for (size_t l = 1; l <= n_layers; l++)
    for (size_t u = 0; u < p->shape.width[l]; u++) {
      const bool has_kink =
          l < n_layers ||
          (p->shape.output == KJ_ACTIVATION_RELU && !p->of_direction);
      side[n++] = has_kink && v.h[l][u] > 0.0;
    }
  assert_true(n <= MOST_SIDES);
  for (size_t k = 0; k < n_outputs(&p->shape); k++)
    z[k] = v.h[n_layers][k];
}

/* L, or sum_k excess_k / sigma_k^2 z_k of a row; *smooth: no ReLU has changed
 * its side. */
static double value_at(const problem *p, size_t row, bool *smooth)
{
  kj_real f[MOST_ROWS * KJ_MAX_OUTPUTS];
  bool side[MOST_SIDES] = {false};
  const size_t n_out = n_outputs(&p->shape);
  double sum = 0.0;
  for (size_t i = 0; i < p->n_rows; i++) {
    run_row(p, i, f + i * n_out, side);
    if (memcmp(side, p->side[i], sizeof side) != 0)
      *smooth = false;
    for (size_t k = 0; k < n_out; k++) {
      const double sigma = p->smoothing.sigma[k];
      if (i == row)
        sum += p->excess[i][k] / (sigma * sigma) * f[i * n_out + k];
      f[i * n_out + k] = hand_output(p->net, f[i * n_out + k]);
    }
  }
  return p->of_direction
             ? sum
             : kj__loss(p->loss, p->y, f, p->weight, p->n_rows, n_out, NULL);
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

/* Where every value lies at the point itself. */
static void take_sides(problem *p)
{
  const size_t n_out = n_outputs(&p->shape);
  memset(p->side, 0, sizeof p->side);
  for (size_t i = 0; i < p->n_rows; i++) {
    kj_real z[KJ_MAX_OUTPUTS];
    run_row(p, i, z, p->side[i]);
    for (size_t k = 0; k < n_out; k++) {
      const double excess = hand_output(p->net, z[k]) - p->y[i * n_out + k];
      p->excess[i][k] = isnan(excess) ? 0.0 : excess;
    }
  }
}

static void run_stepper(problem *p)
{
  const kj_batch batch = {.x = p->x,
                          .y = p->y,
                          .weight = p->weight,
                          .n_labelled = p->n_rows,
                          .row_id = p->row_id};
  const kj_step step = {.loss = p->loss, .smoothing = &p->smoothing};
  if (p->of_direction)
    kj_stepper_direction(p->stepper, p->net, &batch, &step, p->r);
  else
    kj_stepper_gradient(p->stepper, p->net, &batch, &step, p->gradient, NULL);
}

static void set_up(problem *p)
{
  kj__random random = test_stream(p->seed, 1);
  p->net = random_network(&p->shape, &random);
  p->stepper = case_stepper(&p->shape, p->n_rows, NULL);
  p->smoothing = kj_smoothing_defaults(p->of_direction ? KJ_SMOOTHING_AT
                                                       : KJ_SMOOTHING_NONE);
  for (size_t k = 0; k < n_outputs(&p->shape); k++)
    p->smoothing.sigma[k] = 0.5 + 0.5 * (double)k;
  p->x = draw_new(&random, 0.0, 1.0, p->n_rows * n_inputs(&p->shape));
  p->y = draw_new(&random, 0.0, 1.0, p->n_rows * n_outputs(&p->shape));
  p->weight = p->weighted ? draw_new(&random, 0.0, 1.0, p->n_rows) : NULL;
  p->gradient = draw_new(&random, 0.0, 1.0, p->net->n_parameters);
  p->r = draw_new(&random, 0.0, 1.0, p->n_rows * n_inputs(&p->shape));
  draw_targets(p, &random);
  take_sides(p);
  run_stepper(p);
}

static void tear_down(problem *p)
{
  kj_network_destroy(p->net);
  kj_stepper_destroy(p->stepper);
  kj_real *const blocks[] = {p->x, p->y, p->weight, p->gradient, p->r};
  for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
    free(blocks[i]);
}

/* The central difference by *variable; false at a kink. */
static bool differentiate(const problem *p, size_t row, kj_real *variable,
                          double *slope)
{
  bool smooth = true;
  const kj_real kept = *variable;
  *variable = kept + STEP;
  const double above = value_at(p, row, &smooth);
  *variable = kept - STEP;
  const double below = value_at(p, row, &smooth);
  *variable = kept;
  *slope = (above - below) / (2.0 * STEP);
  return smooth;
}

static double norm_of(const double *v, size_t n)
{
  double sum = 0.0;
  for (size_t i = 0; i < n; i++)
    sum += v[i] * v[i];
  return sqrt(sum);
}

static double largest_of(const double *v, size_t n)
{
  double largest = 0.0;
  for (size_t i = 0; i < n; i++)
    largest = fmax(largest, fabs(v[i]));
  return largest;
}

/* The relative error of one entry. */
static double judge(const problem *p, const char *what, size_t i, double g,
                    double slope, double largest)
{
  const double error = fabs(g - slope) / fmax(fabs(g), FLOOR * largest);
  if (!(error < TOLERANCE))
    fail_msg("shape %zu-..-%zu (%zu layers, %s output), %s%s%s, %zu rows, seed "
             "%llu: %s %zu is %.12g, central difference %.12g",
             n_inputs(&p->shape), n_outputs(&p->shape), p->shape.n_layers,
             kj_activation_name(p->shape.output), kj_loss_name(p->loss),
             p->weighted ? ", weighted" : "", p->masked ? ", masked" : "",
             p->n_rows, (unsigned long long)p->seed, what, i, g, slope);
  return error;
}

/* The largest relative error; -1: to be drawn anew. */
static double compare_gradient(const problem *p, size_t *n_numbers)
{
  const size_t n = p->net->n_parameters;
  const double largest = largest_of(p->gradient, n);
  double worst = 0.0;
  if (largest < NOTHING)
    return -1.0;
  for (size_t i = 0; i < n; i++) {
    double slope;
    if (!differentiate(p, 0, p->net->parameters + i, &slope))
      return -1.0;
    worst =
        fmax(worst, judge(p, "gradient", i, p->gradient[i], slope, largest));
  }
  *n_numbers += n;
  return worst;
}

static double compare_direction(const problem *p, size_t *n_numbers)
{
  const size_t n_in = n_inputs(&p->shape);
  double worst = 0.0;
  size_t n_seen = 0;
  for (size_t i = 0; i < p->n_rows; i++) {
    double slope[KJ_MAX_OUTPUTS];
    for (size_t j = 0; j < n_in; j++)
      if (!differentiate(p, i, p->x + i * n_in + j, &slope[j]))
        return -1.0;
    const double norm = norm_of(slope, n_in), length = p->smoothing.epsilon;
    if (norm < 1e-3) /* no target, or dead: r is drawn */
      continue;
    for (size_t j = 0; j < n_in; j++)
      worst = fmax(worst, judge(p, "r", i * n_in + j, p->r[i * n_in + j],
                                length * slope[j] / norm, length));
    n_seen += n_in;
  }
  *n_numbers += n_seen;
  return n_seen > 0 ? worst : -1.0;
}

/* What all cases together have shown. */
typedef struct tally {
  size_t n_cases, n_redrawn, n_numbers;
  double worst;
} tally;

static void check_case(problem *p, tally *total)
{
  for (p->seed = 1; p->seed <= MOST_TRIES; p->seed++) {
    set_up(p);
    const double worst = p->of_direction
                             ? compare_direction(p, &total->n_numbers)
                             : compare_gradient(p, &total->n_numbers);
    tear_down(p);
    if (worst >= 0.0) {
      total->n_cases++;
      total->worst = fmax(total->worst, worst);
      return;
    }
    total->n_redrawn++;
  }
  fail_msg("no draw of %d is away from all kinks and alive", MOST_TRIES);
}

static void check_shape(kj_network_shape shape, kj_loss loss, bool of_direction,
                        tally *total)
{
  for (size_t r = 0; r < sizeof ROW_COUNTS / sizeof ROW_COUNTS[0]; r++)
    for (unsigned options = 0; options < 4; options++)
      check_case(&(problem){.shape = shape,
                            .loss = loss,
                            .of_direction = of_direction,
                            .weighted = (options & 1) != 0,
                            .masked = (options & 2) != 0,
                            .n_rows = ROW_COUNTS[r]},
                 total);
}

static void check_all(kj_loss loss, bool of_direction)
{
  tally total = {0};
  for (size_t s = 0; s < sizeof SHAPES / sizeof SHAPES[0]; s++)
    for (int output = 0; output < 2; output++) {
      kj_network_shape shape = SHAPES[s];
      shape.output = (kj_activation)output;
      check_shape(shape, loss, of_direction, &total);
    }
  print_message("%s: %zu cases, %zu redrawn, %zu derivatives, largest relative "
                "error %.2g\n",
                of_direction ? "direction" : kj_loss_name(loss), total.n_cases,
                total.n_redrawn, total.n_numbers, total.worst);
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

static void the_direction_is_the_gradient_before_the_activation(void **state)
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
      cmocka_unit_test(the_direction_is_the_gradient_before_the_activation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
