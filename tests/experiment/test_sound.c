/*
 * test_sound.c: a table that names sound files gets the functionals of those
 * files, on any number of threads; files of no use are told and dropped.
 */
#define _GNU_SOURCE
#include "network/support.h"

#include "corpus/tables.h"
#include "kanjo/experiment.h"
#include "kanjo/recording.h"

enum { N_FEATURES = 384, N_STATISTICS = 12, MOST_FAILED = 8 };

static const char FOLDER[] = KJ_TEST_SOURCE_DIR "/tests/fixtures/is09";

/* What the callbacks heard. */
typedef struct heard {
  size_t n_failed, n_progress, last_done, total, n_asked, stop_at;
  char failed[MOST_FAILED][256];
} heard;

static void hear_failed(void *context, const char *name, const char *status,
                        const char *reason)
{
  heard *h = context;
  assert_in_range(h->n_failed, 0, MOST_FAILED - 1);
  snprintf(h->failed[h->n_failed++], sizeof h->failed[0], "%s: %s: %s", name,
           status, reason);
}

static void hear_progress(void *context, size_t done, size_t total)
{
  heard *h = context;
  if (done != h->last_done + 1)
    abort(); /* an assertion cannot leave another thread */
  h->n_progress++;
  h->last_done = done;
  h->total = total;
}

static bool hear_stop(void *context)
{
  heard *h = context;
  return ++h->n_asked == h->stop_at;
}

static kj_sound_options sound_options(heard *h)
{
  kj_sound_options options = {.set = kj_feature_set_find("is09"),
                              .audio = kj_audio_default_options(),
                              .n_threads = 1,
                              .progress = hear_progress,
                              .stop = hear_stop,
                              .failed = hear_failed,
                              .context = h};
  options.audio.rate_hz = 0; /* the fixtures' own */
  return options;
}

static kj_dataset *read_labels(const char *path)
{
  const kj_target_spec target = {"valence", "valence", 1, 5};
  kj_dataset *data = NULL;
  kj_error err;
  check_ok(kj_dataset_read_labels(path, &target, 1, &data, &err), &err);
  return data;
}

/* A table of fixtures, and of files in the test's folder, whose names begin
 * with a slash; NULL ends the names. */
static kj_dataset *table_of(void **state, const char *const *names)
{
  char text[4096] = "file,speaker,valence\n";
  for (size_t i = 0; names[i]; i++) {
    const size_t n = strlen(text);
    if (names[i][0] == '/')
      snprintf(text + n, sizeof text - n, "%s,s,3\n", names[i] + 1);
    else
      snprintf(text + n, sizeof text - n, "%s/%s.wav,s,3\n", FOLDER, names[i]);
  }
  return read_labels(write_text(state, "labels.csv", text).text);
}

static void attach(kj_dataset *data, const kj_sound_options *options)
{
  kj_error err;
  check_ok(kj_dataset_attach_sound(data, options, &err), &err);
}

/* ---- the values ---- */

static void read_fixture(const char *name, double *values)
{
  char path[512], line[256];
  snprintf(path, sizeof path, "%s/%s.functionals.csv", FOLDER, name);
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  assert_non_null(fgets(line, sizeof line, file)); /* the header */
  for (size_t i = 0; i < N_FEATURES; i++) {
    assert_non_null(fgets(line, sizeof line, file));
    const char *comma = strchr(line, ',');
    assert_non_null(comma);
    values[i] = strtod(comma + 1, NULL);
  }
  fclose(file);
}

/* The acceptance rule of tests/fixtures/is09/README.md, for functionals. */
static void check_fixture(const char *name, const float *x)
{
  enum { MAX, MIN, SKEWNESS = 10 };
  double expected[N_FEATURES];
  read_fixture(name, expected);
  for (size_t i = 0; i < N_FEATURES; i++) {
    const double *contour = &expected[i - i % N_STATISTICS];
    const double largest = fmax(fabs(contour[MAX]), fabs(contour[MIN]));
    const double more = i % N_STATISTICS >= SKEWNESS ? 1e-4 : 0.0;
    const double allowed = 1e-4 * fabs(expected[i]) + 1e-6 * largest + more;
    if (!(fabs((double)x[i] - expected[i]) <= allowed))
      fail_msg("%s: feature %zu is %.9g, must be %.9g within %.2g", name, i,
               (double)x[i], expected[i], allowed);
  }
}

static const char *const FIXTURES[] = {
    "glide_up",  "octave_jumps", "white_noise", "dc_voice",   "clipped",
    "rate_8000", "rate_44100",   "quiet",       "glide_down", NULL};
enum { N_FIXTURES = sizeof FIXTURES / sizeof FIXTURES[0] - 1 };

static void features_are_those_of_the_files(void **state)
{
  heard h = {0};
  const kj_sound_options options = sound_options(&h);
  kj_dataset *data = table_of(state, FIXTURES);
  attach(data, &options);
  assert_int_equal(data->n_rows, N_FIXTURES);
  assert_int_equal(data->n_inputs, N_FEATURES);
  assert_string_equal(data->feature_set, "is09");
  assert_int_equal(data->feature_set_version, 1);
  assert_string_equal(data->input_name[0], "pcm_RMSenergy_sma_max");
  for (size_t i = 0; i < N_FIXTURES; i++)
    check_fixture(FIXTURES[i], data->x + i * N_FEATURES);
  assert_int_equal(h.n_failed, 0); /* "clipped" and "quiet" have values */
  assert_int_equal(h.n_progress, N_FIXTURES);
  assert_int_equal(h.total, N_FIXTURES);
  kj_dataset_destroy(data);
}

static void threads_do_not_change_the_bits(void **state)
{
  heard h = {0};
  kj_sound_options options = sound_options(&h);
  kj_dataset *alone = table_of(state, FIXTURES);
  attach(alone, &options);
  for (size_t n_threads = 2; n_threads <= 8; n_threads += 3) {
    h = (heard){0};
    options.n_threads = n_threads;
    kj_dataset *data = table_of(state, FIXTURES);
    attach(data, &options);
    assert_memory_equal(data->x, alone->x,
                        N_FIXTURES * N_FEATURES * sizeof *data->x);
    assert_int_equal(h.n_progress, N_FIXTURES);
    kj_dataset_destroy(data);
  }
  kj_dataset_destroy(alone);
}

/* start and end of a row, and rate and channel for all. */
static void segments_are_cut_out(void **state)
{
  heard h = {0};
  char text[1024];
  kj_sound_options options = sound_options(&h);
  options.audio.rate_hz = 16000;
  snprintf(text, sizeof text,
           "file,start,end,valence\n%s/glide_up.wav,,,3\n"
           "%s/glide_up.wav,0.2,0.6,3\n%s/glide_up.wav,0.4,,3\n",
           FOLDER, FOLDER, FOLDER);
  kj_dataset *data = read_labels(write_text(state, "l.csv", text).text);
  attach(data, &options);
  static const double part[3][2] = {{0, 0}, {0.2, 0.6}, {0.4, 0}};
  for (size_t i = 0; i < 3; i++) {
    kj_recording_options whole = {.set = options.set, .audio = options.audio};
    kj_recording recording;
    float x[N_FEATURES];
    whole.audio.start_s = part[i][0];
    whole.audio.end_s = part[i][1];
    assert_int_equal(
        kj_recording_extract(data->row[i].file, &whole, x, &recording, NULL),
        KJ_OK);
    assert_memory_equal(data->x + i * N_FEATURES, x, sizeof x);
  }
  assert_memory_not_equal(data->x, data->x + N_FEATURES, sizeof(float) * 384);
  kj_dataset_destroy(data);
}

/* ---- files of no use ---- */

static const char *const SOME_BAD[] = {"glide_up",    "/none.wav", "frames_0",
                                       "white_noise", "/text.wav", NULL};

static void bad_files_are_told_and_dropped(void **state)
{
  write_text(state, "text.wav", "no sound");
  for (size_t n_threads = 1; n_threads <= 3; n_threads += 2) {
    heard h = {0};
    kj_sound_options options = sound_options(&h);
    options.n_threads = n_threads;
    kj_dataset *data = table_of(state, SOME_BAD);
    attach(data, &options);
    assert_int_equal(data->n_rows, 2);
    check_fixture("glide_up", data->x);
    check_fixture("white_noise", data->x + N_FEATURES);
    assert_int_equal(h.n_failed, 3);
    assert_non_null(strstr(h.failed[0], "none.wav: decode_error: "));
    assert_non_null(strstr(h.failed[1], "frames_0.wav: too_short: "));
    assert_non_null(strstr(h.failed[2], "text.wav: decode_error: "));
    assert_int_equal(h.total, 5);
    kj_dataset_destroy(data);
  }
}

static void expect_refused(kj_dataset *data, const kj_sound_options *options,
                           kj_status expected, const char *part)
{
  kj_error err = {0};
  check_failure(kj_dataset_attach_sound(data, options, &err), expected, &err,
                part);
  assert_int_equal(kj_dataset_attach_sound(data, options, NULL), expected);
}

static void nothing_usable_is_an_error(void **state)
{
  static const char *const names[] = {"/none.wav", "frames_0", NULL};
  heard h = {0};
  kj_sound_options options = sound_options(&h);
  options.progress = NULL;
  kj_dataset *data = table_of(state, names);
  expect_refused(data, &options, KJ_EDATA, "labels.csv: no row has features");
  assert_int_equal(data->n_rows, 2);
  assert_null(data->x);
  kj_dataset_destroy(data);
  data = read_labels(
      write_text(state, "u.csv", "utterance,valence\na,3\nb,4\n").text);
  expect_refused(data, &options, KJ_EDATA,
                 "u.csv:2: no file named, and no feature table given");
  kj_dataset_destroy(data);
}

static void options_out_of_range_are_refused(void **state)
{
  heard h = {0};
  kj_sound_options options = sound_options(&h);
  kj_dataset *data = table_of(state, FIXTURES);
  options.progress = NULL;
  options.audio.channel = -5;
  expect_refused(data, &options, KJ_EARGUMENT, "channel");
  options.audio.channel = KJ_CHANNEL_MIX;
  attach(data, &options);
  h = (heard){0};
  expect_refused(data, &options, KJ_EARGUMENT,
                 "labels.csv: has features already");
  assert_int_equal(h.n_asked, 0); /* before any file was opened */
  kj_dataset_destroy(data);
}

static void stop_interrupts_it(void **state)
{
  for (size_t n_threads = 1; n_threads <= 3; n_threads += 2)
    for (size_t stop_at = 1; stop_at <= N_FIXTURES; stop_at += 4) {
      heard h = {.stop_at = stop_at};
      kj_error err = {0};
      kj_sound_options options = sound_options(&h);
      options.n_threads = n_threads;
      kj_dataset *data = table_of(state, FIXTURES);
      check_failure(kj_dataset_attach_sound(data, &options, &err),
                    KJ_EINTERRUPTED, &err, "stopped");
      assert_int_equal(h.n_asked, stop_at);
      assert_null(data->x);
      assert_int_equal(data->n_rows, N_FIXTURES);
      kj_dataset_destroy(data);
    }
}

static void callbacks_may_be_absent(void **state)
{
  heard h = {0};
  kj_sound_options options = sound_options(&h);
  options.progress = NULL;
  options.stop = NULL;
  options.failed = NULL;
  write_text(state, "text.wav", "no sound");
  kj_dataset *data = table_of(state, SOME_BAD);
  attach(data, &options);
  assert_int_equal(data->n_rows, 2);
  kj_dataset_destroy(data);
}

#define IN_FOLDER(test)                                                        \
  cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
  const struct CMUnitTest tests[] = {
      IN_FOLDER(features_are_those_of_the_files),
      IN_FOLDER(threads_do_not_change_the_bits),
      IN_FOLDER(segments_are_cut_out),
      IN_FOLDER(bad_files_are_told_and_dropped),
      IN_FOLDER(nothing_usable_is_an_error),
      IN_FOLDER(options_out_of_range_are_refused),
      IN_FOLDER(stop_interrupts_it),
      IN_FOLDER(callbacks_may_be_absent),
  };
  return cmocka_run_group_tests_name("experiment sound", tests, NULL, NULL);
}
