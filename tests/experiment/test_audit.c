/*
 * test_audit.c: the same recordings under every condition: the clean ones as
 * ever, the others moved, the same bits for any number of threads.
 */
#define _GNU_SOURCE
#include "network/support.h"

#include "corpus/tables.h"
#include "kanjo/audit.h"
#include "kanjo/experiment.h"
#include "kanjo/model.h"

enum { N_FEATURES = 384, N_FILES = 4 };

static const char FOLDER[] = KJ_TEST_SOURCE_DIR "/tests/fixtures/is09";
static const char *const FILES[N_FILES] = {"glide_up", "glide_down", "dc_voice",
                                           "hiss"};

static kj_dataset *table_of(void **state, size_t n_speakers)
{
  const kj_target_spec target = {"valence", "valence", 1, 5};
  char text[4096] = "file,speaker,gender,valence\n";
  kj_dataset *data = NULL;
  kj_error err;
  for (size_t i = 0; i < N_FILES; i++) {
    const size_t n = strlen(text);
    snprintf(text + n, sizeof text - n, "%s/%s.wav,s%zu,%s,%zu\n", FOLDER,
             FILES[i], i % n_speakers, i % 2 ? "f" : "m", 1 + i);
  }
  check_ok(kj_dataset_read_labels(write_text(state, "labels.csv", text).text,
                                  &target, 1, &data, &err),
           &err);
  return data;
}

static kj_audit_options options_of(size_t n_threads)
{
  return (kj_audit_options){.set = kj_feature_set_find("is09"),
                            .audio = kj_audio_default_options(),
                            .n_threads = n_threads,
                            .seed = 1};
}

static kj_audit *audit_of(const kj_dataset *data, size_t n_threads)
{
  const kj_audit_options options = options_of(n_threads);
  kj_audit *audit = NULL;
  kj_error err;
  check_ok(kj_audit_create(data, &options, &audit, &err), &err);
  return audit;
}

static void test_clean_is_as_ever(void **state)
{
  kj_dataset *data = table_of(state, 2);
  kj_audit *audit = audit_of(data, 1);
  const kj_sound_options sound = {.set = kj_feature_set_find("is09"),
                                  .audio = kj_audio_default_options(),
                                  .n_threads = 1};
  kj_error err;
  kj_dataset *same = table_of(state, 2);
  check_ok(kj_dataset_attach_sound(same, &sound, &err), &err);
  assert_same("features of the clean sound",
              kj_audit_features(audit, KJ_CONDITION_CLEAN), same->x,
              (size_t)N_FILES * N_FEATURES);
  for (int c = 1; c < KJ_N_CONDITIONS; c++) {
    const float *x = kj_audit_features(audit, (kj_condition)c);
    if (x && memcmp(x, same->x, N_FEATURES * sizeof *x) == 0)
      fail_msg("%s: changes nothing", kj_condition_name((kj_condition)c));
  }
  kj_dataset_destroy(same);
  kj_audit_destroy(audit);
  kj_dataset_destroy(data);
}

static void test_threads_change_no_bit(void **state)
{
  kj_dataset *data = table_of(state, 2);
  kj_audit *one = audit_of(data, 1), *three = audit_of(data, 3);
  for (int c = 0; c < KJ_N_CONDITIONS; c++)
    if (kj_audit_features(one, (kj_condition)c))
      assert_same(kj_condition_name((kj_condition)c),
                  kj_audit_features(three, (kj_condition)c),
                  kj_audit_features(one, (kj_condition)c),
                  (size_t)N_FILES * N_FEATURES);
  kj_audit_destroy(one);
  kj_audit_destroy(three);
  kj_dataset_destroy(data);
}

static void test_babble_needs_other_speakers(void **state)
{
  kj_dataset *data = table_of(state, 1);
  kj_audit *audit = audit_of(data, 1);
  assert_null(kj_audit_left_out(audit, KJ_CONDITION_WHITE_20));
  assert_string_equal(kj_audit_left_out(audit, KJ_CONDITION_BABBLE_20),
                      "there is only one speaker");
  assert_null(kj_audit_features(audit, KJ_CONDITION_BABBLE_20));
  assert_string_equal(kj_audit_group(audit, 0), "all");
  assert_string_equal(kj_audit_group(audit, 1), "m");
  assert_string_equal(kj_audit_group(audit, 2), "f");
  assert_null(kj_audit_group(audit, 3));
  kj_audit_destroy(audit);
  kj_dataset_destroy(data);
}

/* A linear model of one feature, the mean energy: gain moves its estimate by
 * exactly that factor. */
static void test_measures_what_moved(void **state)
{
  enum { MEAN_ENERGY = 5 };
  const kj_network_shape shape = {
      .n_layers = 1, .width = {N_FEATURES, 1}, .output = KJ_ACTIVATION_LINEAR};
  float mean[N_FEATURES] = {0.0f}, inverse_sd[N_FEATURES];
  kj_network *network = NULL;
  kj_estimator *estimator = NULL;
  kj_audit_cell cell[KJ_AUDIT_GROUPS];
  kj_error err;
  for (size_t i = 0; i < N_FEATURES; i++)
    inverse_sd[i] = 1.0f;
  check_ok(kj_network_create(&shape, NULL, &network, &err), &err);
  kj_network_weights(network, 0)[MEAN_ENERGY] = 1.0f;
  const kj_estimator_parts parts = {
      .n_targets = 1,
      .target = {"valence"},
      .scaler = {N_FEATURES, mean, inverse_sd, 10.0f},
      .n_parts = 1,
      .part = {{.network = network}},
      .slope = {1.0}};
  check_ok(kj_estimator_create(&parts, NULL, &estimator, &err), &err);
  kj_dataset *data = table_of(state, 2);
  kj_audit *audit = audit_of(data, 1);
  const float *clean = kj_audit_features(audit, KJ_CONDITION_CLEAN);
  double sum = 0.0, error = 0.0;
  for (size_t i = 0; i < N_FILES; i++) {
    const double estimate = (double)clean[i * N_FEATURES + MEAN_ENERGY];
    sum += estimate / N_FILES;
    error += (1.0 + (double)i - 0.1 * estimate) / N_FILES;
  }
  check_ok(
      kj_audit_measure(audit, estimator, KJ_CONDITION_GAIN_M20, cell, &err),
      &err);
  assert_near("moved by -20 dB", cell[0].moved, 0.9 * sum, 1e-6);
  assert_near("MAE at -20 dB", cell[0].mae, error, 1e-6);
  assert_int_equal(cell[0].n_rows, N_FILES);
  assert_int_equal(cell[1].n_rows, N_FILES / 2);
  assert_int_equal(cell[3].n_rows, 0);
  kj_audit_destroy(audit);
  kj_dataset_destroy(data);
  kj_estimator_destroy(estimator);
  kj_network_destroy(network);
}

static bool always(void *context)
{
  (void)context;
  return true;
}

static void test_refuses(void **state)
{
  kj_dataset *data = table_of(state, 2);
  kj_audit *audit = NULL;
  kj_error err;
  kj_audit_options options = options_of(1);
  options.audio.rate_hz = 0;
  assert_int_equal(kj_audit_create(data, &options, &audit, &err), KJ_EARGUMENT);
  options = options_of(1);
  options.set = NULL;
  assert_int_equal(kj_audit_create(data, &options, &audit, &err), KJ_EARGUMENT);
  options = options_of(1);
  options.stop = always;
  assert_int_equal(kj_audit_create(data, &options, &audit, &err),
                   KJ_EINTERRUPTED);
  data->row[2].file = "nowhere.wav";
  options.stop = NULL;
  assert_int_equal(kj_audit_create(data, &options, &audit, &err), KJ_EFILE);
  assert_non_null(strstr(err.message, "nowhere.wav"));
  assert_null(audit);
  kj_dataset_destroy(data);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_clean_is_as_ever, make_folder,
                                      remove_folder),
      cmocka_unit_test_setup_teardown(test_threads_change_no_bit, make_folder,
                                      remove_folder),
      cmocka_unit_test_setup_teardown(test_babble_needs_other_speakers,
                                      make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(test_measures_what_moved, make_folder,
                                      remove_folder),
      cmocka_unit_test_setup_teardown(test_refuses, make_folder, remove_folder),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
