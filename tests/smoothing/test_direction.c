/*
 * test_direction.c: what every perturbation must be.
 *
 * Built twice: with kj_real float and, against kanjo_double, double.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "smoothing/step_case.h"
#include "tier.h"
#include <float.h>
#include <string.h>

/* A few roundings: one of each number, and in double those of the norm. */
static const double ROUNDING =
    sizeof(kj_real) == sizeof(float) ? (double)FLT_EPSILON : 8.0 * DBL_EPSILON;

/* Every way to find r. */
static const case_options WAYS[] = {
    {.name = "noise", .kind = KJ_SMOOTHING_NOISE},
    {.name = "at", .kind = KJ_SMOOTHING_AT},
    {.name = "vat exact", .kind = KJ_SMOOTHING_VAT},
    {.name = "vat power",
     .kind = KJ_SMOOTHING_VAT,
     .direction = KJ_DIRECTION_POWER,
     .iterations = 2},
};
enum { N_WAYS = sizeof WAYS / sizeof WAYS[0] };

static step_case make(size_t way, size_t n_labelled, size_t n_unlabelled,
                      size_t n_out)
{
  case_options o = WAYS[way];
  o.n_labelled = n_labelled;
  o.n_unlabelled = n_unlabelled;
  o.n_out = n_out;
  o.n_in = 30;
  o.hidden[0] = 40;
  o.hidden[1] = 20;
  o.output = KJ_ACTIVATION_RELU;
  o.unequal_sigma = true;
  return case_create(&o, 500);
}

static double dot(const kj_real *a, const kj_real *b, size_t n)
{
  double sum = 0.0;
  for (size_t j = 0; j < n; j++)
    sum += (double)a[j] * (double)b[j];
  return sum;
}

static double length(const kj_real *a, size_t n)
{
  return sqrt(dot(a, a, n));
}

/* Rows that a way moves. */
static size_t covered(const step_case *c)
{
  return c->smoothing.kind == KJ_SMOOTHING_AT ? c->batch.n_labelled : c->n_rows;
}

static void assert_lengths(const step_case *c, const char *way)
{
  for (size_t i = 0; i < c->n_rows; i++) {
    const double want = i < covered(c) ? c->smoothing.epsilon : 0.0;
    const double got = length(c->r + i * c->n_in, c->n_in);
    if (!(fabs(got - want) <= ROUNDING * want))
      fail_msg("%s, row %zu: |r| is %.17g, must be %.17g", way, i, got, want);
  }
}

static void r_has_length_epsilon(void **state)
{
  (void)state;
  static const double EPSILONS[] = {0.0, 1e-3, 1.5, 1e6};
  for (size_t way = 0; way < N_WAYS; way++) {
    step_case c = make(way, 20, 20, 3);
    memset(c.x, 0, c.n_in * sizeof *c.x); /* a row whose |x| is 0 */
    for (size_t e = 0; e < sizeof EPSILONS / sizeof EPSILONS[0]; e++) {
      c.smoothing.epsilon = EPSILONS[e];
      case_direction(&c);
      assert_lengths(&c, WAYS[way].name);
    }
    case_destroy(&c);
  }
}

/* Output weights 0: no direction moves the output. NaN: no label at all. */
static void a_row_without_a_gradient_moves_at_random(void **state)
{
  (void)state;
  step_case noise = make(0, 20, 20, 3);
  case_direction(&noise);
  for (size_t way = 1; way < N_WAYS; way++) {
    step_case c = make(way, 20, 20, 3);
    memset(kj_network_weights(c.net, 2), 0,
           3 * c.net->shape.width[2] * sizeof *c.x);
    case_direction(&c);
    assert_lengths(&c, WAYS[way].name);
    for (size_t i = 0; i < covered(&c) * c.n_in; i++) {
      const double error = fabs((double)c.r[i] - (double)noise.r[i]);
      if (!(error <= ROUNDING))
        fail_msg("%s, number %zu: r is %g, as noise %g", WAYS[way].name, i,
                 (double)c.r[i], (double)noise.r[i]);
    }
    case_destroy(&c);
  }
  step_case at = make(1, 20, 0, 3);
  for (size_t k = 0; k < 3; k++)
    at.y[5 * 3 + k] = (kj_real)NAN;
  case_direction(&at);
  assert_lengths(&at, "at, a row without labels");
  case_destroy(&at);
  case_destroy(&noise);
}

/* Mean 0 and variance epsilon^2 / n in each coordinate; five standard errors
 * of 4,000 rows. */
static void random_directions_prefer_none(void **state)
{
  (void)state;
  step_case c = make(0, 0, 4000, 1);
  for (size_t i = 0; i < c.n_rows; i++)
    c.row_id[i] = i;
  c.smoothing.epsilon = 1.0;
  case_direction(&c);
  const double n = (double)c.n_rows, variance = 1.0 / (double)c.n_in;
  for (size_t j = 0; j < c.n_in; j++) {
    double sum = 0.0, square = 0.0;
    for (size_t i = 0; i < c.n_rows; i++) {
      const double r = (double)c.r[i * c.n_in + j];
      sum += r / n;
      square += r * r / n;
    }
    if (!(fabs(sum) < 5.0 * sqrt(variance / n) &&
          fabs(square / variance - 1.0) < 5.0 * sqrt(2.0 / n)))
      fail_msg("coordinate %zu: mean %g, variance %g of %g, seed %d", j, sum,
               square, variance, CASE_SEED);
  }
  case_destroy(&c);
}

/* f(x) = max(0, x_0) at x = (.1, 1), in steps of xi' = .2: from d_0 > 0 the
 * iteration goes to (1, 0) and stays. From -.5 < d_0 < 0 it goes to (-1, 0),
 * where f has no slope left, and must stay there; from below, it stays where
 * it started. */
static void the_power_iteration_stays_where_there_is_no_slope(void **state)
{
  (void)state;
  case_options o = WAYS[3];
  o.n_unlabelled = 300;
  o.n_in = 2;
  o.hidden[0] = o.hidden[1] = 1;
  o.iterations = 3;
  step_case c = case_create(&o, 500);
  const kj_real parameters[] = {1, 0, 0, 1, 0, 1, 0}; /* W b, W b, W b */
  memcpy(c.net->parameters, parameters, sizeof parameters);
  for (size_t i = 0; i < c.n_rows; i++) {
    c.x[2 * i] = (kj_real)0.1;
    c.x[2 * i + 1] = 1;
  }
  c.smoothing.xi = 0.2 / length(c.x, 2);
  case_direction(&c);
  size_t n_forward = 0, n_backward = 0;
  for (size_t i = 0; i < c.n_rows; i++) {
    const double cosine = (double)c.r[2 * i] / c.smoothing.epsilon;
    n_forward += cosine > 0.999999;
    n_backward += cosine < -0.999999;
    if (cosine > -0.5 && cosine < 0.999999)
      fail_msg("row %zu: cosine %g", i, cosine);
  }
  print_message("300 rows: %zu to (1, 0), %zu to (-1, 0)\n", n_forward,
                n_backward);
  assert_in_range(n_forward, 120, 180); /* 1/2 of them */
  assert_in_range(n_backward, 25, 75);  /* 1/6 */
  case_destroy(&c);
}

static double plus_share(const step_case *c, const kj_real *first)
{
  size_t n_plus = 0;
  for (size_t i = 0; i < c->n_rows; i++)
    n_plus += dot(c->r + i * c->n_in, first, c->n_in) > 0.0;
  return (double)n_plus / (double)c->n_rows;
}

/* Equal rows have one line; its two ends are drawn evenly (five standard
 * errors of 2,000 rows: .056). */
static void the_exact_direction_has_a_random_sign(void **state)
{
  (void)state;
  for (size_t n_out = 1; n_out <= 3; n_out += 2) {
    step_case c = make(2, 0, 2000, n_out);
    for (size_t i = 1; i < c.n_rows; i++)
      memcpy(c.x + i * c.n_in, c.x, c.n_in * sizeof *c.x);
    case_direction(&c);
    const double share = plus_share(&c, c.r);
    for (size_t i = 0; i < c.n_rows * c.n_in; i++) {
      const kj_real end = c.r[i % c.n_in];
      assert_true(c.r[i] == end || c.r[i] == -end);
    }
    if (!(fabs(share - 0.5) < 0.056))
      fail_msg("%zu outputs: share of one sign %g, must be .5", n_out, share);
    case_destroy(&c);
  }
}

/* f(x + r) - f(x) of row i for a tiny r: AT must go away from y. */
static void assert_leaves_label(step_case *c, size_t i)
{
  kj_activations *scratch = NULL;
  kj_real f[2], *x = case_memory(2 * c->n_in, sizeof *x);
  assert_int_equal(
      kj_activations_create(&c->net->shape, 2, NULL, &scratch, NULL), KJ_OK);
  for (size_t j = 0; j < c->n_in; j++) {
    x[j] = c->x[i * c->n_in + j];
    x[c->n_in + j] = x[j] + c->r[i * c->n_in + j];
  }
  kj_network_forward(c->net, x, 2, scratch, f);
  const double change = (double)f[1] - (double)f[0];
  const double excess = (double)f[0] - (double)c->y[i];
  if (!(change * excess > 0.0))
    fail_msg("row %zu: f - y is %g, but r changes f by %g", i, excess, change);
  kj_activations_destroy(scratch);
  free(x);
}

static void at_lies_on_the_line_of_vat_and_leaves_the_label(void **state)
{
  (void)state;
  step_case at = make(1, 50, 0, 1), vat = make(2, 50, 0, 1);
  at.net->shape.output = KJ_ACTIVATION_LINEAR;
  vat.net->shape.output = KJ_ACTIVATION_LINEAR;
  at.smoothing.epsilon = vat.smoothing.epsilon = 0.01;
  case_direction(&at);
  case_direction(&vat);
  double worst = 0.0;
  for (size_t i = 0; i < at.n_rows; i++) {
    const kj_real *a = at.r + i * at.n_in, *v = vat.r + i * at.n_in;
    const double cosine =
        fabs(dot(a, v, at.n_in)) / length(a, at.n_in) / length(v, at.n_in);
    if (!(1.0 - cosine < ROUNDING))
      fail_msg("row %zu: 1 - |cos| of AT and VAT is %g", i, 1.0 - cosine);
    worst = fmax(worst, 1.0 - cosine);
    assert_leaves_label(&at, i);
  }
  print_message("AT and VAT, one output: worst 1 - |cos| %.1g\n", worst);
  case_destroy(&at);
  case_destroy(&vat);
}

static void reverse_rows(kj_real *rows, size_t n_rows, size_t n)
{
  for (size_t i = 0; i < n_rows / 2; i++)
    for (size_t j = 0; j < n; j++) {
      kj_real *a = rows + i * n + j, *b = rows + (n_rows - 1 - i) * n + j;
      const kj_real kept = *a;
      *a = *b;
      *b = kept;
    }
}

/* The labelled rows backwards, then the unlabelled ones backwards. */
static void reverse_batch(step_case *c)
{
  const size_t n_first = c->batch.n_labelled;
  const size_t n_second = c->batch.n_unlabelled;
  reverse_rows(c->x, n_first, c->n_in);
  reverse_rows(c->x + n_first * c->n_in, n_second, c->n_in);
  reverse_rows(c->y, n_first, c->n_out);
  for (size_t i = 0; i < n_first; i++)
    c->row_id[i] = 1000 + n_first - 1 - i;
  for (size_t i = 0; i < n_second; i++)
    c->row_id[n_first + i] = 2000 + n_second - 1 - i;
}

static void r_of_a_row_does_not_depend_on_its_company(void **state)
{
  (void)state;
  for (size_t way = 0; way < N_WAYS; way++) {
    step_case c = make(way, 13, 9, 3), reversed = make(way, 13, 9, 3);
    for (size_t i = 0; i < c.n_rows; i++)
      c.row_id[i] = i < 13 ? 1000 + i : 2000 + i - 13;
    reverse_batch(&reversed);
    case_direction(&c);
    case_direction(&reversed);
    reverse_rows(reversed.r, 13, c.n_in);
    reverse_rows(reversed.r + 13 * c.n_in, 9, c.n_in);
    assert_memory_equal(c.r, reversed.r, c.n_rows * c.n_in * sizeof *c.r);
    case_destroy(&c);
    case_destroy(&reversed);
  }
}

static void r_depends_on_seed_step_and_row(void **state)
{
  (void)state;
  step_case c = make(0, 1, 1, 1);
  const uint64_t names[][3] = {/* seed, step, row */
                               {1, 1, 1},
                               {2, 1, 1},
                               {1, 2, 1},
                               {1, 1, 2}};
  kj_real first[4];
  for (size_t i = 0; i < 4; i++) {
    c.row_id[0] = names[i][2];
    const kj_step step = {
        .smoothing = &c.smoothing, .seed = names[i][0], .number = names[i][1]};
    kj_stepper_direction(c.stepper, c.net, &c.batch, &step, c.r);
    first[i] = c.r[0];
    for (size_t k = 0; k < i; k++)
      assert_true(first[k] != first[i]);
  }
  case_destroy(&c);
}

static void without_smoothing_nothing_moves(void **state)
{
  (void)state;
  step_case c = make(0, 3, 3, 1);
  c.smoothing.kind = KJ_SMOOTHING_NONE;
  c.r[0] = 5;
  case_direction(&c);
  for (size_t i = 0; i < c.n_rows * c.n_in; i++)
    assert_true(c.r[i] == 0);
  case_destroy(&c);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(r_has_length_epsilon),
      cmocka_unit_test(a_row_without_a_gradient_moves_at_random),
      cmocka_unit_test(the_power_iteration_stays_where_there_is_no_slope),
      cmocka_unit_test(random_directions_prefer_none),
      cmocka_unit_test(the_exact_direction_has_a_random_sign),
      cmocka_unit_test(at_lies_on_the_line_of_vat_and_leaves_the_label),
      cmocka_unit_test(r_of_a_row_does_not_depend_on_its_company),
      cmocka_unit_test(r_depends_on_seed_step_and_row),
      cmocka_unit_test(without_smoothing_nothing_moves),
  };
  if (tier_is_missing())
    return TIER_SKIPPED;
  return cmocka_run_group_tests(tests, NULL, NULL);
}
