/* support.h: small estimators for the tests of this room and of the model. */
#ifndef KJ_TESTS_ESTIMATOR_SUPPORT_H
#define KJ_TESTS_ESTIMATOR_SUPPORT_H

#include "network/support.h"

#include "kanjo/estimator.h"

enum { SAMPLE_INPUTS = 7, SAMPLE_TARGETS = 3, SAMPLE_PARTS = 2 };

/* Parts with memory of their own: valence from one network (7-5-1, ReLU),
 * activation and dominance from another (7-4-3-2, linear). */
typedef struct sample {
  kj_estimator_parts parts;
  kj_network *network[SAMPLE_PARTS];
  float mean[SAMPLE_INPUTS];
  float inverse_sd[SAMPLE_INPUTS];
} sample;

static inline void sample_clear(sample *s)
{
  for (size_t p = 0; p < SAMPLE_PARTS; p++)
    kj_network_destroy(s->network[p]);
}

static inline void sample_init(sample *s, uint64_t seed)
{
  static const kj_network_shape shapes[SAMPLE_PARTS] = {
      {.n_layers = 2, .width = {SAMPLE_INPUTS, 5, 1}, KJ_ACTIVATION_RELU},
      {.n_layers = 3, .width = {SAMPLE_INPUTS, 4, 3, 2}, KJ_ACTIVATION_LINEAR}};
  kj__random random = test_stream(seed, 0);
  *s = (sample){.parts = {.n_targets = SAMPLE_TARGETS,
                          .target = {"valence", "activation", "dominance"},
                          .n_parts = SAMPLE_PARTS,
                          .slope = {1.25, 1.0, 0.1},
                          .offset = {-0.5, 0.0, 1.0 / 3.0}}};
  for (size_t p = 0; p < SAMPLE_PARTS; p++) {
    s->network[p] = random_network(&shapes[p], &random);
    s->parts.part[p] =
        (kj_estimator_part){.network = s->network[p], .first_target = p};
  }
  for (size_t j = 0; j < SAMPLE_INPUTS; j++) {
    s->mean[j] = (float)kj__random_normal(&random);
    s->inverse_sd[j] = (float)(0.1 + kj__random_uniform(&random));
  }
  s->inverse_sd[3] = 0.0f; /* a constant column */
  s->parts.scaler = (kj_scaler){SAMPLE_INPUTS, s->mean, s->inverse_sd, 2.5f};
}

static inline kj_estimator *new_estimator(const kj_estimator_parts *parts)
{
  kj_estimator *estimator = NULL;
  kj_error err;
  if (kj_estimator_create(parts, NULL, &estimator, &err) != KJ_OK)
    fail_msg("kj_estimator_create: %s", err.message);
  return estimator;
}

static inline kj_estimator *sample_estimator(uint64_t seed)
{
  sample s;
  sample_init(&s, seed);
  kj_estimator *estimator = new_estimator(&s.parts);
  sample_clear(&s);
  return estimator;
}

/* The same with weights of a kind, calibrated on normal numbers. */
static inline kj_estimator *sample_estimator_of(kj_weights weights,
                                                uint64_t seed)
{
  enum { N_CALIBRATION = 40 };
  kj_estimator *from = sample_estimator(seed), *to = NULL;
  if (weights == KJ_WEIGHTS_FP32)
    return from;
  kj__random random = test_stream(seed, 3);
  float *rows =
      draw_new(&random, 0.0, 1.0, (size_t)N_CALIBRATION * SAMPLE_INPUTS);
  kj_error err;
  if (kj_estimator_convert(from, weights, rows, N_CALIBRATION, &to, &err) !=
      KJ_OK)
    fail_msg("kj_estimator_convert: %s", err.message);
  free(rows);
  kj_estimator_destroy(from);
  return to;
}

static inline kj_estimator_scratch *new_scratch(const kj_estimator *estimator,
                                                size_t max_rows)
{
  kj_estimator_scratch *scratch = NULL;
  kj_error err;
  if (kj_estimator_scratch_create(estimator, max_rows, NULL, &scratch, &err) !=
      KJ_OK)
    fail_msg("kj_estimator_scratch_create: %s", err.message);
  return scratch;
}

/* Estimates of n_rows rows, max_rows at a time. */
static inline void estimate(const kj_estimator *estimator, size_t max_rows,
                            const float *x, size_t n_rows, int already_scaled,
                            double *values)
{
  kj_estimator_scratch *scratch = new_scratch(estimator, max_rows);
  kj_error err;
  if (kj_estimator_estimate(estimator, scratch, x, n_rows, already_scaled,
                            values, &err) != KJ_OK)
    fail_msg("kj_estimator_estimate: %s", err.message);
  kj_estimator_scratch_destroy(scratch);
}

/* Bit for bit; both free of NaN. */
static inline void assert_same_values(const char *what, const double *got,
                                      const double *expected, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (memcmp(&got[i], &expected[i], sizeof *got) != 0)
      fail_msg("%s: value %zu of %zu is %.17g, must be exactly %.17g", what, i,
               n, got[i], expected[i]);
}

/* A call failed with this status, and its message says this. */
static inline void assert_error(const char *what, kj_status status,
                                const kj_error *err, kj_status expected,
                                const char *text)
{
  if (status != expected)
    fail_msg("%s: status is \"%s\", must be \"%s\"; message: %s", what,
             kj_status_text(status), kj_status_text(expected),
             status == KJ_OK ? "" : err->message);
  if (err->status != expected)
    fail_msg("%s: err.status is %d, must be %d", what, (int)err->status,
             (int)expected);
  if (!strstr(err->message, text))
    fail_msg("%s: message \"%s\" does not say \"%s\"", what, err->message,
             text);
}

#endif
