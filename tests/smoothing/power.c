/*
 * power.c: the exact direction against the power iteration run to convergence,
 * in double.
 *
 * The power iteration approaches the top eigenvector of J' F J by the ratio of
 * its two largest eigenvalues, mu_1 / mu_0, an iteration: from a start whose
 * tangent to it is 1e3, n = log(1e-9) / log(mu_1 / mu_0) iterations bring the
 * tangent to 1e-6, that is 1 - |cos| to 5e-13. One output: mu_1 = 0, n = 1.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "smoothing/eigen.h"
#include "smoothing/hand.h"
#include "smoothing/step_case.h"
#include <string.h>

static const double ALLOWED = 1e-10;

static const case_options CASES[] = {
    {.name = "1 output",
     .n_out = 1,
     .n_unlabelled = 40,
     .output = KJ_ACTIVATION_RELU,
     .n_in = 20,
     .hidden = {40, 30}},
    {.name = "3 outputs, equal sigma",
     .n_out = 3,
     .n_unlabelled = 40,
     .n_in = 20,
     .hidden = {40, 30}},
    {.name = "3 outputs, unequal sigma",
     .n_out = 3,
     .n_unlabelled = 40,
     .output = KJ_ACTIVATION_RELU,
     .unequal_sigma = true,
     .n_in = 20,
     .hidden = {40, 30}},
};
enum { N_CASES = sizeof CASES / sizeof CASES[0] };

static double dot(const double *a, const double *b, size_t n)
{
  double sum = 0.0;
  for (size_t j = 0; j < n; j++)
    sum += a[j] * b[j];
  return sum;
}

/* d z_k / d x of every row, k = 0 .. n_out-1; (n_out, n_rows, n_in). */
static double *jacobian_of(const step_case *c)
{
  double *jacobian =
      case_memory(c->n_out * c->n_rows * c->n_in, sizeof *jacobian);
  for (size_t i = 0; i < c->n_rows; i++) {
    hand_values v;
    memcpy(v.h[0], c->x + i * c->n_in, c->n_in * sizeof v.h[0][0]);
    hand_forward(c->net, &v);
    for (size_t k = 0; k < c->n_out; k++) {
      double signal[HAND_WIDTH] = {0.0};
      signal[k] = 1.0;
      hand_backward(c->net, &v, signal, NULL);
      memcpy(jacobian + (k * c->n_rows + i) * c->n_in, signal,
             c->n_in * sizeof *signal);
    }
  }
  return jacobian;
}

/* mu_1 / mu_0 of J F J' of row i: the top eigenvalue, then that of what is
 * left without it. */
static double eigenvalue_ratio(const step_case *c, const double *jacobian,
                               size_t i)
{
  const size_t K = c->n_out, n = c->n_in;
  double gram[9], copy[9], u[3];
  for (size_t k = 0; k < K; k++)
    for (size_t l = 0; l < K; l++)
      gram[k * K + l] = dot(jacobian + (k * c->n_rows + i) * n,
                            jacobian + (l * c->n_rows + i) * n, n) /
                        (c->smoothing.sigma[k] * c->smoothing.sigma[l]);
  memcpy(copy, gram, sizeof copy);
  const double mu_0 = kj__eigen_top(copy, K, u);
  for (size_t k = 0; k < K; k++)
    for (size_t l = 0; l < K; l++)
      gram[k * K + l] -= mu_0 * u[k] * u[l];
  return K == 1 ? 0.0 : kj__eigen_top(gram, K, u) / mu_0;
}

static double worst_ratio(const step_case *c, double *mean)
{
  double *jacobian = jacobian_of(c);
  double worst = 0.0, sum = 0.0;
  for (size_t i = 0; i < c->n_rows; i++) {
    const double ratio = eigenvalue_ratio(c, jacobian, i);
    worst = fmax(worst, ratio);
    sum += ratio;
  }
  free(jacobian);
  *mean = sum / (double)c->n_rows;
  return worst;
}

/* Worst 1 - |cos| over the rows of two sets of perturbations. */
static double worst_distance(const step_case *c, const double *a,
                             const double *b, size_t *row)
{
  double worst = -1.0;
  for (size_t i = 0; i < c->n_rows; i++) {
    const double *a_i = a + i * c->n_in, *b_i = b + i * c->n_in;
    const double size =
        sqrt(dot(a_i, a_i, c->n_in)) * sqrt(dot(b_i, b_i, c->n_in));
    const double distance = 1.0 - fabs(dot(a_i, b_i, c->n_in)) / size;
    if (!(distance <= worst)) {
      worst = distance;
      *row = i;
    }
  }
  return worst;
}

/* The exact perturbations; the caller frees them. */
static double *exact_of(step_case *c)
{
  const size_t n = c->n_rows * c->n_in;
  double *exact = case_memory(n, sizeof *exact);
  c->smoothing.kind = KJ_SMOOTHING_VAT;
  c->smoothing.direction = KJ_DIRECTION_EXACT;
  case_direction(c);
  memcpy(exact, c->r, n * sizeof *exact);
  return exact;
}

static void check_case(const case_options *o, uint64_t seed)
{
  step_case c = case_create(o, seed);
  double mean;
  size_t row = 0;
  const double ratio = worst_ratio(&c, &mean);
  double *exact = exact_of(&c);
  c.smoothing.direction = KJ_DIRECTION_POWER;
  c.smoothing.xi = 1e-6;
  case_direction(&c);
  const double once = worst_distance(&c, exact, c.r, &row);
  const double n = ratio > 0.0 ? ceil(log(1e-9) / log(ratio)) : 1.0;
  assert_true(n <= KJ_MAX_POWER_ITERATIONS);
  c.smoothing.power_iterations = (unsigned)n;
  case_direction(&c);
  const double distance = worst_distance(&c, exact, c.r, &row);
  print_message("%-25s mu_1/mu_0 mean %.3f, worst %.4f: 1 - |cos| %.1e after "
                "%u iterations (%.1e after 1)\n",
                o->name, mean, ratio, distance, c.smoothing.power_iterations,
                once);
  if (!(distance < ALLOWED))
    fail_msg("%s, row %zu, seed %llu: 1 - |cos| is %.3g after %u iterations, "
             "must be below %g (mu_1/mu_0 %.6f)",
             o->name, row, (unsigned long long)seed, distance,
             c.smoothing.power_iterations, ALLOWED, ratio);
  free(exact);
  case_destroy(&c);
}

static void power_iteration_converges_to_the_exact_direction(void **state)
{
  (void)state;
  for (size_t i = 0; i < N_CASES; i++)
    check_case(&CASES[i], 300 + i);
}

/* Plain J J' would ignore sigma: the two must not be mistaken for another. */
static void unequal_sigmas_turn_the_direction(void **state)
{
  (void)state;
  step_case c = case_create(&CASES[2], 302);
  double *unequal = exact_of(&c);
  for (size_t k = 0; k < c.n_out; k++)
    c.smoothing.sigma[k] = 1.0;
  double *equal = exact_of(&c);
  size_t row = 0;
  const double distance = worst_distance(&c, unequal, equal, &row);
  print_message("sigma .8, 1.3, .5 against 1, 1, 1: 1 - |cos| up to %.2f\n",
                distance);
  assert_true(distance > 0.01);
  free(unequal);
  free(equal);
  case_destroy(&c);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(power_iteration_converges_to_the_exact_direction),
      cmocka_unit_test(unequal_sigmas_turn_the_direction),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
