/*
 * test_ensemble.c: predicted deviations, and several estimators together,
 * held against the networks by themselves.
 */
#include "estimator/support.h"

#include <string.h>

enum { N_ROWS = 23, N_IN = 6, K = 2, MEMBERS = 4 };

static const char *const TARGETS[K] = {"valence", "activation"};

/* One network for both targets: two values, then two a. */
static kj_estimator *predicting(uint64_t seed)
{
  const kj_network_shape shape = {
      .n_layers = 2, .width = {N_IN, 5, 2 * K}, .output = KJ_ACTIVATION_LINEAR};
  kj__random random = test_stream(seed, 4);
  kj_network *network = random_network(&shape, &random);
  float mean[N_IN], inverse_sd[N_IN];
  for (size_t j = 0; j < N_IN; j++) {
    mean[j] = (float)kj__random_normal(&random);
    inverse_sd[j] = (float)(0.5 + kj__random_uniform(&random));
  }
  kj_estimator_parts parts = {.n_targets = K,
                              .n_parts = 1,
                              .predicts_sd = true,
                              .scaler = {N_IN, mean, inverse_sd, 10.0f},
                              .slope = {-1.5, 0.5},
                              .offset = {3.0, 2.0},
                              .part = {{.network = network}}};
  for (size_t k = 0; k < K; k++)
    strcpy(parts.target[k], TARGETS[k]);
  kj_estimator *estimator = new_estimator(&parts);
  kj_network_destroy(network);
  return estimator;
}

static void draw_rows(float *x)
{
  kj__random random = test_stream(91, 0);
  for (size_t j = 0; j < N_ROWS * N_IN; j++)
    x[j] = (float)(2.0 * kj__random_normal(&random));
}

static void estimate_both(const kj_estimator *estimator, size_t max_rows,
                          const float *x, double *values, double *sd)
{
  kj_error err;
  kj_estimator_scratch *scratch = new_scratch(estimator, max_rows);
  if (kj_estimator_estimate_sd(estimator, scratch, x, N_ROWS, 0, values, sd,
                               &err) != KJ_OK)
    fail_msg("%s", err.message);
  kj_estimator_scratch_destroy(scratch);
}

/* sd = |slope| sqrt(least^2 + exp(2 a)), a as the network has it. */
static void a_deviation_is_what_the_formula_says(void **state)
{
  (void)state;
  kj_estimator *estimator = predicting(1);
  const kj_estimator_parts *parts = kj_estimator_get_parts(estimator);
  float x[N_ROWS * N_IN], scaled[N_ROWS * N_IN], output[N_ROWS * 2 * K];
  double values[N_ROWS * K], sd[N_ROWS * K], alone[N_ROWS * K];
  kj_activations *activations = NULL;
  draw_rows(x);
  estimate_both(estimator, N_ROWS, x, values, sd);
  estimate(estimator, 3, x, N_ROWS, 0, alone);
  assert_memory_equal(values, alone, sizeof values);
  kj_scaler_apply(&parts->scaler, x, N_ROWS, scaled);
  assert_int_equal(kj_activations_create(&parts->part[0].network->shape, N_ROWS,
                                         NULL, &activations, NULL),
                   KJ_OK);
  kj_network_forward(parts->part[0].network, scaled, N_ROWS, activations,
                     output);
  for (size_t i = 0; i < N_ROWS; i++)
    for (size_t k = 0; k < K; k++) {
      const double f = (double)output[i * 2 * K + k];
      const double a = (double)output[i * 2 * K + K + k];
      const double s = fabs(parts->slope[k]) *
                       sqrt(KJ_LEAST_SD * KJ_LEAST_SD + exp(2.0 * a));
      assert_true(values[i * K + k] == parts->slope[k] * f + parts->offset[k]);
      if (!(fabs(sd[i * K + k] - s) <= 1e-12 * s))
        fail_msg("row %zu, target %zu: sd %.17g, must be %.17g", i, k,
                 sd[i * K + k], s);
    }
  kj_activations_destroy(activations);
  kj_estimator_destroy(estimator);
}

static kj_estimator *ensemble_of(kj_estimator *const *member)
{
  kj_estimator_parts parts = *kj_estimator_get_parts(member[0]);
  parts.n_others = MEMBERS - 1;
  for (size_t m = 1; m < MEMBERS; m++)
    parts.other[m - 1] = member[m];
  return new_estimator(&parts);
}

static void an_ensemble_is_a_mixture(void **state)
{
  (void)state;
  kj_estimator *member[MEMBERS];
  float x[N_ROWS * N_IN];
  double said[MEMBERS][N_ROWS * K], s[MEMBERS][N_ROWS * K];
  double values[N_ROWS * K], sd[N_ROWS * K], again[N_ROWS * K];
  draw_rows(x);
  for (size_t m = 0; m < MEMBERS; m++) {
    member[m] = predicting(10 + m);
    estimate_both(member[m], N_ROWS, x, said[m], s[m]);
  }
  kj_estimator *ensemble = ensemble_of(member);
  estimate_both(ensemble, 5, x, values, sd);
  estimate(ensemble, N_ROWS, x, N_ROWS, 0, again);
  assert_memory_equal(values, again, sizeof values);
  for (size_t j = 0; j < N_ROWS * K; j++) {
    double mean = 0.0, variance = 0.0;
    for (size_t m = 0; m < MEMBERS; m++)
      mean += said[m][j] / MEMBERS;
    for (size_t m = 0; m < MEMBERS; m++)
      variance +=
          (s[m][j] * s[m][j] + (said[m][j] - mean) * (said[m][j] - mean)) /
          MEMBERS;
    if (!(fabs(values[j] - mean) <= 1e-12 &&
          fabs(sd[j] - sqrt(variance)) <= 1e-12))
      fail_msg("entry %zu: %.17g +- %.17g, must be %.17g +- %.17g", j,
               values[j], sd[j], mean, sqrt(variance));
  }
  kj_estimator_destroy(ensemble);
  for (size_t m = 0; m < MEMBERS; m++)
    kj_estimator_destroy(member[m]);
}

/* Members that agree leave nothing, to the bit. */
static void equal_members_are_not_apart(void **state)
{
  (void)state;
  kj_estimator *alone = sample_estimator(3);
  kj_estimator_parts parts = *kj_estimator_get_parts(alone);
  parts.n_others = 2;
  parts.other[0] = parts.other[1] = alone;
  kj_estimator *ensemble = new_estimator(&parts);
  kj_estimator_scratch *scratch = new_scratch(ensemble, 1);
  const float x[SAMPLE_INPUTS] = {1.5f, -2.0f, 0.25f};
  double values[SAMPLE_TARGETS], sd[SAMPLE_TARGETS], want[SAMPLE_TARGETS];
  kj_error err;
  estimate(alone, 1, x, 1, 0, want);
  assert_int_equal(
      kj_estimator_estimate_sd(ensemble, scratch, x, 1, 0, values, sd, &err),
      KJ_OK);
  for (size_t k = 0; k < SAMPLE_TARGETS; k++)
    assert_true(values[k] == want[k] && sd[k] == 0.0);
  kj_estimator_scratch_destroy(scratch);
  kj_estimator_destroy(ensemble);
  kj_estimator_destroy(alone);
}

static void refuse(const kj_estimator_parts *parts, kj_status status,
                   const char *says)
{
  kj_estimator *estimator = NULL;
  kj_error err = {.status = KJ_OK};
  const kj_status got = kj_estimator_create(parts, NULL, &estimator, &err);
  assert_error(says, got, &err, status, says);
  assert_null(estimator);
}

static void what_does_not_fit_is_refused(void **state)
{
  (void)state;
  kj_estimator *a = predicting(5), *b = sample_estimator(5);
  kj_estimator_parts parts = *kj_estimator_get_parts(a);
  parts.n_others = 1;
  refuse(&parts, KJ_EARGUMENT, "member 2: is NULL");
  parts.other[0] = b;
  refuse(&parts, KJ_ESHAPE, "member 2: 7 features; must be 6");
  parts.n_others = KJ_MAX_MEMBERS;
  refuse(&parts, KJ_EARGUMENT, "n_others is 32; must be 0..31");
  parts = *kj_estimator_get_parts(a);
  parts.n_others = 1;
  parts.other[0] = a;
  kj_estimator *ensemble = new_estimator(&parts);
  parts.other[0] = ensemble;
  refuse(&parts, KJ_EARGUMENT, "member 2: has others inside itself");
  parts = *kj_estimator_get_parts(a);
  parts.link = KJ_LINK_LOGIT;
  refuse(&parts, KJ_EARGUMENT, "a probability has no predicted deviation");
  parts = *kj_estimator_get_parts(b);
  parts.predicts_sd = true;
  refuse(&parts, KJ_ESHAPE, "must be an even number");
  parts = *kj_estimator_get_parts(b);
  parts.residuals[0] =
      (kj_residuals){.n_residuals = 1, .n_speakers = 1, .is_relative = true};
  refuse(&parts, KJ_EARGUMENT, "relative to deviations that are not predicted");
  kj_estimator_destroy(ensemble);
  kj_estimator_destroy(a);
  kj_estimator_destroy(b);
}

static void who_knows_no_deviation_tells_none(void **state)
{
  (void)state;
  kj_estimator *estimator = sample_estimator(6);
  kj_estimator_scratch *scratch = new_scratch(estimator, 1);
  const float x[SAMPLE_INPUTS] = {0};
  double values[SAMPLE_TARGETS], sd[SAMPLE_TARGETS];
  kj_error err;
  assert_false(kj_estimator_has_sd(estimator));
  const kj_status status =
      kj_estimator_estimate_sd(estimator, scratch, x, 1, 0, values, sd, &err);
  assert_error("sd", status, &err, KJ_EARGUMENT, "predicts no deviations");
  kj_estimator_scratch_destroy(scratch);
  kj_estimator_destroy(estimator);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_deviation_is_what_the_formula_says),
      cmocka_unit_test(an_ensemble_is_a_mixture),
      cmocka_unit_test(equal_members_are_not_apart),
      cmocka_unit_test(what_does_not_fit_is_refused),
      cmocka_unit_test(who_knows_no_deviation_tells_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
