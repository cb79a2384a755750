/*
 * test_settings.c: names, defaults, ranges, and steppers that cannot be made.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kanjo/smoothing.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void every_name_finds_its_value(void **state)
{
  (void)state;
  for (int i = KJ_SMOOTHING_NONE; i <= KJ_SMOOTHING_VAT; i++) {
    kj_smoothing_kind kind = (kj_smoothing_kind)99;
    assert_true(
        kj_smoothing_find(kj_smoothing_name((kj_smoothing_kind)i), &kind));
    assert_int_equal(kind, i);
  }
  for (int i = KJ_DIRECTION_EXACT; i <= KJ_DIRECTION_POWER; i++) {
    kj_direction direction = (kj_direction)99;
    assert_true(
        kj_direction_find(kj_direction_name((kj_direction)i), &direction));
    assert_int_equal(direction, i);
  }
  for (int i = KJ_PRECISION_FP32; i <= KJ_PRECISION_BF16; i++) {
    kj_precision precision = (kj_precision)99;
    assert_true(
        kj_precision_find(kj_precision_name((kj_precision)i), &precision));
    assert_int_equal(precision, i);
  }
  assert_string_equal(kj_smoothing_name(KJ_SMOOTHING_VAT), "vat");
  assert_string_equal(kj_precision_name(KJ_PRECISION_BF16), "bf16");
  assert_string_equal(kj_direction_name(KJ_DIRECTION_EXACT), "exact");
}

static void other_names_find_nothing(void **state)
{
  (void)state;
  static const char *const OTHERS[] = {"", "VAT", "va", "vatt", "exact "};
  for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++) {
    kj_smoothing_kind kind = KJ_SMOOTHING_AT;
    kj_direction direction = KJ_DIRECTION_POWER;
    kj_precision precision = KJ_PRECISION_BF16;
    assert_false(kj_precision_find(OTHERS[i], &precision));
    assert_int_equal(precision, KJ_PRECISION_BF16);
    assert_false(kj_smoothing_find(OTHERS[i], &kind));
    assert_false(kj_direction_find(OTHERS[i], &direction));
    assert_int_equal(kind, KJ_SMOOTHING_AT);
    assert_int_equal(direction, KJ_DIRECTION_POWER);
  }
  assert_null(kj_smoothing_name((kj_smoothing_kind)4));
  assert_null(kj_direction_name((kj_direction)2));
  assert_null(kj_precision_name((kj_precision)2));
}

static void defaults_pass_and_are_the_paper_s(void **state)
{
  (void)state;
  for (int i = KJ_SMOOTHING_NONE; i <= KJ_SMOOTHING_VAT; i++) {
    const kj_smoothing s = kj_smoothing_defaults((kj_smoothing_kind)i);
    assert_int_equal(s.kind, i);
    assert_true(s.lambda == 1.5 && s.epsilon == 1.5);
    assert_int_equal(s.direction, KJ_DIRECTION_EXACT);
    assert_int_equal(kj_smoothing_check(&s, KJ_MAX_OUTPUTS, NULL), KJ_OK);
  }
}

/* One wrong field each, in VAT by power iteration with three outputs. */
typedef struct wrong {
  size_t offset; /* of a double field */
  double value;
  const char *message;
} wrong;

#define FIELD(name) offsetof(kj_smoothing, name)
#define LARGE_RANGE "must be 0..1e+06"
#define SIGMA_RANGE "must be 1e-06..1e+06"
static const wrong WRONG[] = {
    {FIELD(lambda), -1.0, "lambda is -1; " LARGE_RANGE},
    {FIELD(lambda), 2e6, "lambda is 2e+06; " LARGE_RANGE},
    {FIELD(lambda), (double)NAN, "lambda is nan; " LARGE_RANGE},
    {FIELD(lambda), (double)INFINITY, "lambda is inf; " LARGE_RANGE},
    {FIELD(epsilon), -0.5, "epsilon is -0.5; " LARGE_RANGE},
    {FIELD(epsilon), 2e6, "epsilon is 2e+06; " LARGE_RANGE},
    {FIELD(epsilon), (double)NAN, "epsilon is nan; " LARGE_RANGE},
    {FIELD(sigma[0]), 0.0, "sigma[0] is 0; " SIGMA_RANGE},
    {FIELD(sigma[2]), -1.0, "sigma[2] is -1; " SIGMA_RANGE},
    {FIELD(sigma[1]), 2e6, "sigma[1] is 2e+06; " SIGMA_RANGE},
    {FIELD(sigma[1]), (double)NAN, "sigma[1] is nan; " SIGMA_RANGE},
    {FIELD(xi), 0.0, "xi is 0; must be 1e-12..1"},
    {FIELD(xi), 1.5, "xi is 1.5; must be 1e-12..1"},
    {FIELD(xi), (double)NAN, "xi is nan; must be 1e-12..1"},
};

static kj_smoothing power_settings(void)
{
  kj_smoothing s = kj_smoothing_defaults(KJ_SMOOTHING_VAT);
  s.direction = KJ_DIRECTION_POWER;
  return s;
}

static void assert_refused(const kj_smoothing *s, size_t n_targets,
                           const char *message)
{
  kj_error err = {0};
  const kj_status status = kj_smoothing_check(s, n_targets, &err);
  if (status != KJ_EARGUMENT || err.status != KJ_EARGUMENT ||
      strcmp(err.message, message) != 0)
    fail_msg("status %d, \"%s\"; must be %d, \"%s\"", (int)status, err.message,
             (int)KJ_EARGUMENT, message);
}

static void every_wrong_number_is_named(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
    kj_smoothing s = power_settings();
    memcpy((char *)&s + WRONG[i].offset, &WRONG[i].value, sizeof(double));
    assert_refused(&s, 3, WRONG[i].message);
  }
}

static void wrong_counts_and_kinds_are_named(void **state)
{
  (void)state;
  kj_smoothing s = power_settings();
  assert_refused(&s, 0, "n_targets is 0; must be 1..16");
  assert_refused(&s, 17, "n_targets is 17; must be 1..16");
  s.power_iterations = 0;
  assert_refused(&s, 3, "power_iterations is 0; must be 1..10000");
  s.power_iterations = 10001;
  assert_refused(&s, 3, "power_iterations is 10001; must be 1..10000");
  s.direction = (kj_direction)2;
  assert_refused(&s, 3, "direction is 2; no such direction");
  s.kind = (kj_smoothing_kind)4;
  assert_refused(&s, 3, "kind is 4; no such smoothing");
}

static void fields_that_are_not_used_are_not_checked(void **state)
{
  (void)state;
  kj_smoothing s = {.kind = KJ_SMOOTHING_NONE, .lambda = -1.0};
  assert_int_equal(kj_smoothing_check(&s, 1, NULL), KJ_OK);
  s = kj_smoothing_defaults(KJ_SMOOTHING_VAT);
  s.xi = 0.0;
  s.power_iterations = 0;
  s.sigma[3] = 0.0;
  assert_int_equal(kj_smoothing_check(&s, 3, NULL), KJ_OK);
  assert_int_equal(kj_smoothing_check(&s, 4, NULL), KJ_EARGUMENT);
}

/* An allocator that counts and refuses its n-th request. */
typedef struct ration {
  size_t n_requests, n_live, refuse;
} ration;

static void *ration_allocate(void *context, size_t size)
{
  ration *r = context;
  if (++r->n_requests == r->refuse)
    return NULL;
  r->n_live++;
  return malloc(size);
}

static void ration_release(void *context, void *memory)
{
  ration *r = context;
  r->n_live--;
  free(memory);
}

static void a_stepper_survives_every_failing_allocation(void **state)
{
  (void)state;
  const kj_stepper_options options = {
      .shape = {.n_layers = 2, .width = {4, 3, 2}},
      .max_rows = 5,
      .n_threads = 2};
  ration r = {0, 0, 0};
  const kj_allocator allocator = {ration_allocate, ration_release, &r};
  kj_stepper *stepper = NULL;
  kj_error err = {0};
  size_t n_failures = 0;
  for (r.refuse = 1;; r.refuse++) {
    r.n_requests = 0;
    const kj_status status =
        kj_stepper_create(&options, &allocator, &stepper, &err);
    if (status == KJ_OK)
      break;
    assert_int_equal(status, KJ_EMEMORY);
    assert_null(stepper);
    assert_int_equal(r.n_live, 0);
    n_failures++;
  }
  assert_true(n_failures >= 3);
  kj_stepper_destroy(stepper);
  kj_stepper_destroy(NULL);
  assert_int_equal(r.n_live, 0);
}

/* One wrong field each. */
static const struct {
  size_t max_rows, n_threads;
  int precision;
  size_t n_out;
  kj_status status;
  const char *message;
} WRONG_OPTIONS[] = {
    {0, 1, KJ_PRECISION_FP32, 2, KJ_EARGUMENT, "max_rows is 0; must be at "},
    {SIZE_MAX, 1, KJ_PRECISION_FP32, 2, KJ_EMEMORY, "out of memory"},
    {SIZE_MAX / 4096, 1, KJ_PRECISION_FP32, 2, KJ_EMEMORY, "out of memory"},
    {5, 0, KJ_PRECISION_FP32, 2, KJ_EARGUMENT, "n_threads is 0; must be 1.."},
    {5, 257, KJ_PRECISION_FP32, 2, KJ_EARGUMENT, "n_threads is 257; must be"},
    {5, 1, 2, 2, KJ_EARGUMENT, "precision is 2; no such precision"},
    {5, 1, KJ_PRECISION_FP32, KJ_MAX_OUTPUTS + 1, KJ_EARGUMENT, "width[2] is"},
};

static void a_stepper_refuses_wrong_options(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof WRONG_OPTIONS / sizeof WRONG_OPTIONS[0]; i++) {
    const kj_stepper_options options = {
        .shape = {.n_layers = 2, .width = {4, 3, WRONG_OPTIONS[i].n_out}},
        .max_rows = WRONG_OPTIONS[i].max_rows,
        .precision = (kj_precision)WRONG_OPTIONS[i].precision,
        .n_threads = WRONG_OPTIONS[i].n_threads};
    kj_stepper *stepper = NULL;
    kj_error err = {0};
    const kj_status status = kj_stepper_create(&options, NULL, &stepper, &err);
    if (status != WRONG_OPTIONS[i].status ||
        !strstr(err.message, WRONG_OPTIONS[i].message) || stepper)
      fail_msg("row %zu: status %d, \"%s\"; must be %d, \"%s...\"", i,
               (int)status, err.message, (int)WRONG_OPTIONS[i].status,
               WRONG_OPTIONS[i].message);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_name_finds_its_value),
      cmocka_unit_test(other_names_find_nothing),
      cmocka_unit_test(defaults_pass_and_are_the_paper_s),
      cmocka_unit_test(every_wrong_number_is_named),
      cmocka_unit_test(wrong_counts_and_kinds_are_named),
      cmocka_unit_test(fields_that_are_not_used_are_not_checked),
      cmocka_unit_test(a_stepper_survives_every_failing_allocation),
      cmocka_unit_test(a_stepper_refuses_wrong_options),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
