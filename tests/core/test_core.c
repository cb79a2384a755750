/*
 * test_core.c: speech to estimate with the core library alone.
 *
 * Features, a network and an estimator from tensors in memory, with an
 * allocator that counts: nothing is allocated once all is created, and what
 * was taken is given back. check_symbols.py shows that there is no other way
 * to memory, to a file or to a thread.
 */
#include "estimator/support.h"

#include "kanjo/features.h"

enum { RATE_HZ = 16000, N_SAMPLES = 3 * RATE_HZ, N_HIDDEN = 20, N_TARGETS = 2 };

/* A voice of a kind: a pitch that glides, with overtones, and pauses. */
static float *new_voice(void)
{
  float *samples = calloc(N_SAMPLES, sizeof *samples);
  assert_non_null(samples);
  double phase = 0.0;
  for (size_t i = 0; i < N_SAMPLES; i++) {
    const double t = (double)i / RATE_HZ;
    phase += 2.0 * 3.14159265358979 * (120.0 + 40.0 * sin(3.0 * t)) / RATE_HZ;
    const double loudness = fmax(0.0, sin(5.0 * t));
    for (int h = 1; h <= 10; h++)
      samples[i] += (float)(0.05 * loudness * sin(h * phase) / h);
  }
  return samples;
}

/* Everything on the way from samples to values. */
typedef struct chain {
  kj_extractor *extractor;
  kj_estimator *estimator;
  kj_estimator_scratch *scratch;
} chain;

/* The tensors as a file's reader would hand them over. */
static void create_estimator(chain *c, const kj_allocator *allocator, size_t n)
{
  const kj_network_shape shape = {
      .n_layers = 2, .width = {n, N_HIDDEN, N_TARGETS}, KJ_ACTIVATION_LINEAR};
  kj__random random = test_stream(81, 0);
  kj_real *mean = draw_new(&random, 0.0, 1.0, n);
  kj_real *inverse_sd = draw_new(&random, 0.0, 1.0, n);
  kj_network *net = NULL;
  kj_error err;
  for (size_t j = 0; j < n; j++)
    inverse_sd[j] = fabsf(inverse_sd[j]);
  if (kj_network_create(&shape, allocator, &net, &err) != KJ_OK)
    fail_msg("kj_network_create: %s", err.message);
  draw(&random, 0.0, 0.05, net->parameters, net->n_parameters);
  float *factor = calloc(n * (n + 1) / 2, sizeof *factor);
  assert_non_null(factor);
  for (size_t i = 0; i < n; i++)
    factor[i * (i + 1) / 2 + i] = 2.0f;
  const kj_estimator_parts parts = {.n_targets = N_TARGETS,
                                    .target = {"valence", "activation"},
                                    .scaler = {n, mean, inverse_sd, 10.0f},
                                    .n_parts = 1,
                                    .part = {{.network = net}},
                                    .slope = {1.0, 0.5},
                                    .novelty = {.n_rows = 1,
                                                .n_speakers = 1,
                                                .centre = mean,
                                                .factor = factor,
                                                .threshold = 1.0,
                                                .false_alarms = 0.05},
                                    .offset = {3.0, 3.0}};
  if (kj_estimator_create(&parts, allocator, &c->estimator, &err) != KJ_OK)
    fail_msg("kj_estimator_create: %s", err.message);
  if (kj_estimator_scratch_create(c->estimator, 1, allocator, &c->scratch,
                                  &err) != KJ_OK)
    fail_msg("kj_estimator_scratch_create: %s", err.message);
  kj_network_destroy(net);
  free(factor);
  free(inverse_sd);
  free(mean);
}

static chain create_chain(const kj_feature_set *set,
                          const kj_allocator *allocator)
{
  chain c = {0};
  kj_error err;
  if (kj_extractor_create(set, RATE_HZ, allocator, &c.extractor, &err) != KJ_OK)
    fail_msg("kj_extractor_create: %s", err.message);
  create_estimator(&c, allocator, set->n_functionals);
  return c;
}

static void destroy_chain(chain *c)
{
  kj_estimator_scratch_destroy(c->scratch);
  kj_estimator_destroy(c->estimator);
  kj_extractor_destroy(c->extractor);
}

/* One recording, handed over `piece` samples at a time. */
static void run(const chain *c, const float *samples, size_t piece,
                double values[N_TARGETS])
{
  float functionals[1024];
  kj_error err;
  for (size_t at = 0; at < N_SAMPLES; at += piece) {
    const size_t left = N_SAMPLES - at;
    if (kj_extractor_process(c->extractor, samples + at,
                             left < piece ? left : piece, &err) != KJ_OK)
      fail_msg("kj_extractor_process: %s", err.message);
  }
  if (kj_extractor_finish(c->extractor, functionals, &err) != KJ_OK)
    fail_msg("kj_extractor_finish: %s", err.message);
  if (kj_estimator_estimate(c->estimator, c->scratch, functionals, 1, 0, values,
                            &err) != KJ_OK)
    fail_msg("kj_estimator_estimate: %s", err.message);
  double novelty = 0.0;
  if (kj_estimator_novelty(c->estimator, c->scratch, functionals, 1, 0,
                           &novelty, &err) != KJ_OK)
    fail_msg("kj_estimator_novelty: %s", err.message);
  assert_true(novelty > 0.0);
  kj_extractor_reset(c->extractor);
}

static void count_allocations(const kj_feature_set *set)
{
  static const size_t pieces[] = {N_SAMPLES, 1, 160, 4096};
  assert_true(set->n_functionals <= 1024);
  ration counter = {0};
  const kj_allocator allocator = ration_allocator(&counter);
  float *samples = new_voice();
  chain c = create_chain(set, &allocator);
  const size_t n_created = counter.n_calls;
  double first[N_TARGETS] = {0}, values[N_TARGETS];
  for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
    run(&c, samples, pieces[i], i == 0 ? first : values);
    if (i > 0)
      assert_same_values("pieces", values, first, N_TARGETS);
    if (counter.n_calls != n_created)
      fail_msg("pieces of %zu: %zu allocations after creation", pieces[i],
               counter.n_calls - n_created);
  }
  print_message("%s: %zu allocations at creation, none after; estimate %.6f "
                "%.6f\n",
                set->name, n_created, first[0], first[1]);
  for (size_t k = 0; k < N_TARGETS; k++)
    assert_true(fabs(first[k] - 3.0) > 1e-3 && fabs(first[k]) < 100.0);
  destroy_chain(&c);
  if (counter.n_live != 0)
    fail_msg("%zu blocks were not given back", counter.n_live);
  free(samples);
}

static void test_no_allocation_after_creation(void **state)
{
  (void)state;
  for (size_t i = 0; i < kj_feature_set_count(); i++)
    count_allocations(kj_feature_set_get(i));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_no_allocation_after_creation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
