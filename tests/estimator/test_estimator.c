/*
 * test_estimator.c: every part that is not allowed is refused by name; an
 * estimator owns what it was made of; short memory leaves nothing behind.
 */
#include "estimator/support.h"

/* ---- one part wrong at a time ---- */

static void no_targets(sample *s)
{
  s->parts.n_targets = 0;
}
static void many_targets(sample *s)
{
  s->parts.n_targets = KJ_MAX_TARGETS + 1;
}
static void long_name(sample *s)
{
  memset(s->parts.target[1], 'a', KJ_TARGET_NAME_SIZE);
}
static void empty_name(sample *s)
{
  s->parts.target[2][0] = '\0';
}
static void odd_name(sample *s)
{
  s->parts.target[0][1] = '\n';
}
static void same_names(sample *s)
{
  strcpy(s->parts.target[2], "valence");
}
static void nan_slope(sample *s)
{
  s->parts.slope[1] = (double)NAN;
}
static void infinite_offset(sample *s)
{
  s->parts.offset[2] = (double)INFINITY;
}
static void no_columns(sample *s)
{
  s->parts.scaler.n = 0;
}
static void many_columns(sample *s)
{
  s->parts.scaler.n = KJ_MAX_INPUTS + 1;
}
static void no_clip(sample *s)
{
  s->parts.scaler.clip = 0.0f;
}
static void nan_clip(sample *s)
{
  s->parts.scaler.clip = NAN;
}
static void nan_mean(sample *s)
{
  s->mean[4] = NAN;
}
static void negative_sd(sample *s)
{
  s->inverse_sd[5] = -1.0f;
}
static void infinite_sd(sample *s)
{
  s->inverse_sd[6] = INFINITY;
}
static void odd_normalisation(sample *s)
{
  const int beyond = KJ_NORMALISE_SPEAKER + 1;
  memcpy(&s->parts.normalisation, &beyond, sizeof beyond);
}
static void no_parts(sample *s)
{
  s->parts.n_parts = 0;
}
static void many_parts(sample *s)
{
  s->parts.n_parts = 4;
}
static void no_network(sample *s)
{
  s->parts.part[1].network = NULL;
}
static void odd_shape(sample *s)
{
  s->network[1]->shape.n_layers = 0;
}
static void other_inputs(sample *s)
{
  s->network[0]->shape.width[0] = 6;
}
static void late_start(sample *s)
{
  s->parts.part[1].first_target = 2;
}
static void overlap(sample *s)
{
  s->parts.part[1].first_target = 0;
}
static void uncovered(sample *s)
{
  s->parts.n_parts = 1;
}
static void too_many_outputs(sample *s)
{
  s->parts.n_targets = 2;
}

static void test_refusals(void **state)
{
  (void)state;
  static const struct {
    const char *name;
    void (*spoil)(sample *s);
    kj_status status;
    const char *says;
  } rows[] = {
      {"no targets", no_targets, KJ_EARGUMENT, "n_targets is 0; must be 1..16"},
      {"many targets", many_targets, KJ_EARGUMENT, "n_targets is 17"},
      {"long name", long_name, KJ_EARGUMENT, "name of target 1 is too long"},
      {"empty name", empty_name, KJ_EARGUMENT, "name of target 2 is empty"},
      {"odd name", odd_name, KJ_EARGUMENT, "control character 0x0a"},
      {"same names", same_names, KJ_EARGUMENT, "targets 0 and 2 are both"},
      {"NaN slope", nan_slope, KJ_EARGUMENT, "calibration of activation"},
      {"offset", infinite_offset, KJ_EARGUMENT, "calibration of dominance"},
      {"no columns", no_columns, KJ_EARGUMENT, "scaler.n is 0; must be 1.."},
      {"many columns", many_columns, KJ_EARGUMENT, "scaler.n is 65537"},
      {"no clip", no_clip, KJ_EARGUMENT, "scaler.clip is 0"},
      {"NaN clip", nan_clip, KJ_EARGUMENT, "scaler.clip is nan"},
      {"NaN mean", nan_mean, KJ_EARGUMENT, "scaler.mean of column 4 is nan"},
      {"negative", negative_sd, KJ_EARGUMENT, "inverse_sd of column 5 is -1"},
      {"infinite", infinite_sd, KJ_EARGUMENT, "inverse_sd of column 6 is inf"},
      {"odd", odd_normalisation, KJ_EARGUMENT, "normalisation is 3"},
      {"no parts", no_parts, KJ_EARGUMENT, "n_parts is 0; must be 1..3"},
      {"many parts", many_parts, KJ_EARGUMENT, "n_parts is 4"},
      {"no network", no_network, KJ_EARGUMENT, "network 1 is NULL"},
      {"odd shape", odd_shape, KJ_ESHAPE, "network 1: n_layers is 0"},
      {"other inputs", other_inputs, KJ_ESHAPE, "network 0 has 6 inputs"},
      {"late start", late_start, KJ_ESHAPE, "starts at target 2; must be 1"},
      {"overlap", overlap, KJ_ESHAPE, "starts at target 0; must be 1"},
      {"uncovered", uncovered, KJ_ESHAPE,
       "outputs for 1 targets together; there are 3"},
      {"outputs", too_many_outputs, KJ_ESHAPE, "there are 2 targets"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    sample s;
    sample_init(&s, 1);
    rows[i].spoil(&s);
    kj_estimator *estimator = NULL;
    kj_error err = {.status = KJ_OK};
    const kj_status status =
        kj_estimator_create(&s.parts, NULL, &estimator, &err);
    assert_error(rows[i].name, status, &err, rows[i].status, rows[i].says);
    if (estimator)
      fail_msg("%s: out was set by a call that failed", rows[i].name);
    assert_int_equal(kj_estimator_create(&s.parts, NULL, &estimator, NULL),
                     rows[i].status);
    sample_clear(&s);
  }
}

/* Spoiling the parts afterwards changes nothing. */
static void test_copies_its_parts(void **state)
{
  (void)state;
  const float x[SAMPLE_INPUTS] = {0.5f, -1.0f, 2.0f, 0.0f, 1.0f, -0.25f, 3.0f};
  double before[SAMPLE_TARGETS], after[SAMPLE_TARGETS];
  sample s;
  sample_init(&s, 2);
  kj_estimator *estimator = new_estimator(&s.parts);
  estimate(estimator, 1, x, 1, 0, before);
  memset(s.mean, 0, sizeof s.mean);
  memset(s.inverse_sd, 0, sizeof s.inverse_sd);
  for (size_t p = 0; p < SAMPLE_PARTS; p++)
    memset(s.network[p]->parameters, 0,
           s.network[p]->n_parameters * sizeof *s.network[p]->parameters);
  sample_clear(&s);
  estimate(estimator, 1, x, 1, 0, after);
  assert_same_values("after", after, before, SAMPLE_TARGETS);
  const kj_estimator_parts *parts = kj_estimator_get_parts(estimator);
  assert_string_equal(parts->target[2], "dominance");
  assert_true(parts->part[1].network != s.network[1]);
  assert_true(parts->scaler.mean != s.mean);
  kj_estimator_destroy(estimator);
}

/* Allocation 1, 2, 3 ... fails; every block taken is given back. */
static void test_short_memory(void **state)
{
  (void)state;
  sample s;
  sample_init(&s, 3);
  kj_status status = KJ_EMEMORY;
  size_t n_failures = 0;
  for (size_t fails_at = 1; status != KJ_OK; fails_at++) {
    ration r = {.fails_at = fails_at};
    const kj_allocator allocator = ration_allocator(&r);
    kj_estimator *estimator = NULL;
    kj_error err;
    status = kj_estimator_create(&s.parts, &allocator, &estimator, &err);
    if (status == KJ_OK)
      kj_estimator_destroy(estimator);
    else
      assert_error("create", status, &err, KJ_EMEMORY, "out of memory");
    if (r.n_live != 0)
      fail_msg("create, allocation %zu: %zu blocks lost", fails_at, r.n_live);
    n_failures += status != KJ_OK;
  }
  assert_true(n_failures >= 5); /* estimator, mean, inverse_sd, 2 networks */
  sample_clear(&s);
}

static void test_short_memory_for_scratch(void **state)
{
  (void)state;
  kj_estimator *estimator = sample_estimator(4);
  kj_status status = KJ_EMEMORY;
  size_t n_failures = 0;
  for (size_t fails_at = 1; status != KJ_OK; fails_at++) {
    ration r = {.fails_at = fails_at};
    const kj_allocator allocator = ration_allocator(&r);
    kj_estimator_scratch *scratch = NULL;
    kj_error err;
    status =
        kj_estimator_scratch_create(estimator, 3, &allocator, &scratch, &err);
    if (status == KJ_OK)
      kj_estimator_scratch_destroy(scratch);
    else
      assert_error("scratch", status, &err, KJ_EMEMORY, "out of memory");
    if (r.n_live != 0)
      fail_msg("scratch, allocation %zu: %zu blocks lost", fails_at, r.n_live);
    n_failures += status != KJ_OK;
  }
  assert_true(n_failures >= 5);
  kj_estimator_destroy(estimator);
}

static void test_scratch_arguments(void **state)
{
  (void)state;
  kj_estimator *estimator = sample_estimator(5);
  kj_estimator_scratch *scratch = NULL;
  kj_error err;
  kj_status status =
      kj_estimator_scratch_create(estimator, 0, NULL, &scratch, &err);
  assert_error("no rows", status, &err, KJ_EARGUMENT, "max_rows is 0");
  status = kj_estimator_scratch_create(estimator, SIZE_MAX / 4, NULL, &scratch,
                                       &err);
  assert_error("many rows", status, &err, KJ_EMEMORY, "out of memory");
  assert_null(scratch);
  kj_estimator_scratch_destroy(NULL);
  kj_estimator_destroy(NULL);
  kj_estimator_destroy(estimator);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_copies_its_parts),
      cmocka_unit_test(test_short_memory),
      cmocka_unit_test(test_short_memory_for_scratch),
      cmocka_unit_test(test_scratch_arguments),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
