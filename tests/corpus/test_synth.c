/*
 * test_synth.c: a synthetic corpus, spoken by espeak-ng: the same bytes for
 * any number of threads, a table that can be read, and nothing left behind
 * where something failed.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "corpus/synth/speech.h"
#include "corpus/tables.h"
#include "kanjo/audio.h"
#include "kanjo/synthesis.h"

enum { N = 16, N_SPEAKERS = 4, MAX_FILE = 1 << 22 };

/* Where espeak-ng is; skips the test where it is nowhere. */
static test_path the_program(void)
{
  test_path path;
  static const char *const folders[] = {"/usr/bin", "/usr/local/bin"};
  for (size_t i = 0; i < 2; i++) {
    snprintf(path.text, sizeof path.text, "%s/espeak-ng", folders[i]);
    if (access(path.text, X_OK) == 0)
      return path;
  }
  print_message("skipped: no espeak-ng\n");
  skip();
  return path;
}

static kj_synthesis_options small(size_t n_threads)
{
  kj_synthesis_options options = kj_synthesis_defaults();
  options.n_utterances = N;
  options.n_speakers = N_SPEAKERS;
  options.n_threads = n_threads;
  return options;
}

static test_path make_corpus(void **state, const char *name,
                             const kj_synthesis_options *options)
{
  const test_path folder = path_in(state, name);
  kj_error err;
  check_ok(kj_synthesis_write(folder.text, options, NULL, &err), &err);
  return folder;
}

static size_t count_entries(const char *path)
{
  size_t n = 0;
  DIR *folder = opendir(path);
  assert_non_null(folder);
  while (readdir(folder))
    n++;
  closedir(folder);
  return n - 2; /* "." and ".." */
}

static bool are_equal(const char *a, const char *b)
{
  char *of_a, *of_b;
  size_t n_a, n_b;
  kj_error err;
  check_ok(kj__file_read(a, MAX_FILE, &of_a, &n_a, &err), &err);
  check_ok(kj__file_read(b, MAX_FILE, &of_b, &n_b, &err), &err);
  const bool equal = n_a == n_b && memcmp(of_a, of_b, n_a) == 0;
  free(of_a);
  free(of_b);
  return equal;
}

/* How many files of one folder differ in the other; all are compared. */
static size_t count_differences(const char *a, const char *b, size_t *n_files)
{
  size_t n = 0;
  DIR *folder = opendir(a);
  assert_non_null(folder);
  for (struct dirent *e = readdir(folder); e; e = readdir(folder)) {
    test_path in_a, in_b;
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
      continue;
    assert_true(strlen(a) + strlen(e->d_name) + 2 < TEST_PATH_SIZE);
    stpcpy(stpcpy(stpcpy(in_a.text, a), "/"), e->d_name);
    stpcpy(stpcpy(stpcpy(in_b.text, b), "/"), e->d_name);
    if (e->d_type == DT_DIR)
      n += count_differences(in_a.text, in_b.text, n_files);
    else {
      n += !are_equal(in_a.text, in_b.text);
      ++*n_files;
    }
  }
  closedir(folder);
  return n;
}

static void the_same_bytes_for_any_threads(void **state)
{
  the_program();
  const kj_synthesis_options one = small(1), five = small(5);
  kj_synthesis_options other = small(1);
  other.seed = 2;
  const test_path a = make_corpus(state, "a", &one);
  const test_path b = make_corpus(state, "b", &five);
  const test_path c = make_corpus(state, "c", &other);
  size_t n_files = 0;
  assert_int_equal(count_differences(a.text, b.text, &n_files), 0);
  assert_int_equal(n_files, 2 * (N + 2) + 1);
  n_files = 0;
  const size_t n_different = count_differences(a.text, c.text, &n_files);
  assert_int_equal(n_different, n_files);
}

/* One language alone is what it is beside the other. */
static void languages_do_not_depend_on_each_other(void **state)
{
  the_program();
  kj_synthesis_options options = small(2);
  const test_path both = make_corpus(state, "both", &options);
  options.languages = "ja";
  const test_path one = make_corpus(state, "one", &options);
  size_t n_files = 0;
  const test_path a = path_in(state, "both/ja"), b = path_in(state, "one/ja");
  assert_int_equal(count_differences(a.text, b.text, &n_files), 0);
  assert_int_equal(n_files, N + 2);
  assert_int_equal(count_entries(both.text), 3);
  assert_int_equal(count_entries(one.text), 2);
}

/* ---- espeak-ng ---- */

static kj__synth_sound said(const char *language, const char *markup,
                            double speed, double range)
{
  const kj__synth_voice voice = {{[KJ__SYNTH_SPEED] = speed,
                                  [KJ__SYNTH_PITCH] = 50,
                                  [KJ__SYNTH_RANGE] = range}};
  const kj__synth_speech speech = {language, "f2", markup, &voice};
  kj__synth_sound sound;
  kj_error err;
  check_ok(kj__synth_speech_say(&speech, &sound, &err), &err);
  return sound;
}

static double seconds_said(const char *markup, double speed)
{
  const kj__synth_sound sound = said("ja", markup, speed, 100);
  free(sound.samples);
  return (double)sound.n / sound.rate_hz;
}

/* A pause takes its time, speed takes it away, the range changes the sound. */
static void espeak_does_what_it_is_asked(void **state)
{
  (void)state;
  the_program();
  const double plain = seconds_said("あさから あめです。", 160);
  const double paused =
      seconds_said("あさから<break time=\"700ms\"/> あめです。", 160);
  const double fast = seconds_said("あさから あめです。", 260);
  if (!(paused > plain + 0.5 && paused < plain + 0.9 && fast < 0.8 * plain))
    fail_msg("%.3f s, %.3f s with a pause of 0.7 s, %.3f s fast", plain, paused,
             fast);
  const kj__synth_sound flat = said("en", "The bus is late.", 160, 10);
  const kj__synth_sound wide = said("en", "The bus is late.", 160, 200);
  const size_t n = flat.n < wide.n ? flat.n : wide.n;
  assert_int_not_equal(
      memcmp(flat.samples, wide.samples, n * sizeof *flat.samples), 0);
  free(flat.samples);
  free(wide.samples);
}

/* ---- the table ---- */

static double seconds_of(const char *path)
{
  kj_audio *audio;
  kj_error err;
  float samples[4096];
  size_t n = 0;
  check_ok(kj_audio_open(path, NULL, &audio, &err), &err);
  do
    check_ok(kj_audio_read(audio, samples, 4096, &n, &err), &err);
  while (n > 0);
  const kj_audio_info info = kj_audio_get_info(audio);
  kj_audio_close(audio);
  assert_int_equal(info.source_rate_hz, 16000);
  assert_int_equal(info.n_channels, 1);
  assert_int_equal(kj_audio_classify(&info), KJ_RECORDING_OK);
  return info.end_s;
}

static void check_row(const kj_row *row, const char *language)
{
  char corpus[16];
  snprintf(corpus, sizeof corpus, "synth-%s", language);
  assert_string_equal(row->language, language);
  assert_string_equal(row->group_name[KJ_GROUP_CORPUS], corpus);
  assert_memory_equal(row->group_name[KJ_GROUP_SPEAKER], language, 2);
  assert_memory_equal(row->group_name[KJ_GROUP_SESSION], language, 2);
  assert_in_range(row->spontaneous, 0, 1);
  assert_true(strcmp(row->gender, "f") == 0 || strcmp(row->gender, "m") == 0);
  assert_true(strlen(row->text) > 10);
  assert_true(strlen(row->emotion) > 2);
}

static void check_table(const char *path, const char *language)
{
  const kj_target_spec targets[] = {{"valence", "valence", 1, 5},
                                    {"activation", "activation", 1, 5},
                                    {"dominance", "dominance", 1, 5}};
  kj_dataset *data;
  kj_error err;
  double seconds[2] = {0};
  size_t n[2] = {0};
  check_ok(kj_dataset_read_labels(path, targets, 3, &data, &err), &err);
  assert_int_equal(data->n_rows, N);
  assert_int_equal(data->groups[KJ_GROUP_SPEAKER].n, N_SPEAKERS);
  assert_int_equal(data->groups[KJ_GROUP_SESSION].n, N_SPEAKERS / 2);
  for (size_t i = 0; i < N; i++) {
    const kj_row *row = &data->row[i];
    check_row(row, language);
    seconds[row->spontaneous] += seconds_of(row->file);
    n[row->spontaneous]++;
  }
  const double read = seconds[0] / (double)n[0];
  const double spontaneous = seconds[1] / (double)n[1];
  if (!(read > 1.5 && spontaneous > 1.15 * read))
    fail_msg("%s: %.2f s read, %.2f s spontaneous", language, read,
             spontaneous);
  kj_dataset_destroy(data);
}

static void the_tables_can_be_read(void **state)
{
  the_program();
  kj_synthesis_options options = small(2);
  kj_synthesis_report report;
  kj_error err;
  const test_path folder = path_in(state, "t");
  check_ok(kj_synthesis_write(folder.text, &options, &report, &err), &err);
  check_table(path_in(state, "t/en/labels.csv").text, "en");
  check_table(path_in(state, "t/ja/labels.csv").text, "ja");
  assert_int_equal(report.n_parts, 2);
  assert_int_equal(report.part[1].n_utterances, N);
  assert_int_equal(report.part[1].n_speakers, N_SPEAKERS);
  assert_true(report.part[1].seconds > 1.5 * N);
  assert_non_null(strstr(report.program, "eSpeak NG"));
  char *readme;
  size_t size;
  check_ok(kj__file_read(path_in(state, "t/README.md").text, MAX_FILE, &readme,
                         &size, &err),
           &err);
  assert_non_null(strstr(readme, "SYNTHETIC"));
  assert_non_null(strstr(readme, "--seed 1 "));
  free(readme);
}

/* ---- what fails ---- */

/* Make a corpus in FOLDER/out; it must fail so, and nothing may be left. */
static void expect_failure(void **state, const kj_synthesis_options *options,
                           kj_status status, const char *message)
{
  const test_path folder = path_in(state, "out");
  kj_error err;
  check_failure(kj_synthesis_write(folder.text, options, NULL, &err), status,
                &err, message);
  if (access(folder.text, F_OK) == 0)
    fail_msg("%s: still there after \"%s\"", folder.text, err.message);
}

static void folders_that_cannot_be_used(void **state)
{
  the_program();
  const kj_synthesis_options options = small(1);
  const test_path file = write_text(state, "file", "x");
  const test_path within = path_in(state, "file/out");
  const test_path nowhere = path_in(state, "no/out");
  const char *const folder = *state;
  char longest[8192];
  kj_error err;
  memset(longest, 'x', sizeof longest);
  longest[sizeof longest - 1] = '\0';
  const struct {
    const char *folder;
    kj_status status;
    const char *message;
  } rows[] = {
      {file.text, KJ_EFILE, "Not a directory"},
      {within.text, KJ_EFILE, "cannot be made: Not a directory"},
      {nowhere.text, KJ_EFILE, "cannot be made: No such file"},
      {folder, KJ_EFILE, "holds file; must be a new or an empty folder"},
      {longest, KJ_EARGUMENT, "must be at most"},
      {NULL, KJ_EARGUMENT, "is NULL"}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    check_failure(kj_synthesis_write(rows[i].folder, &options, NULL, &err),
                  rows[i].status, &err, rows[i].message);
  assert_int_equal(count_entries(folder), 1);
}

static bool after_three(void *context)
{
  size_t *n_asked = context;
  return ++*n_asked > 3;
}

static void a_stop_leaves_nothing(void **state)
{
  the_program();
  kj_synthesis_options options = small(2);
  size_t n_asked = 0;
  options.stop = after_three;
  options.context = &n_asked;
  expect_failure(state, &options, KJ_EINTERRUPTED, "stopped after 3 of 32");
  /* An empty folder that was there stays. */
  const test_path folder = path_in(state, "empty");
  kj_error err;
  assert_int_equal(mkdir(folder.text, 0777), 0);
  n_asked = 0;
  check_failure(kj_synthesis_write(folder.text, &options, NULL, &err),
                KJ_EINTERRUPTED, &err, "stopped");
  assert_int_equal(count_entries(folder.text), 0);
}

/* Put a script of this text in the place of espeak-ng. */
static void replace_program(void **state, const char *script)
{
  const test_path path = write_text(state, "bin/espeak-ng", script);
  assert_int_equal(chmod(path.text, 0755), 0);
}

static void a_program_that_fails(void **state)
{
  const test_path real = the_program();
  const kj_synthesis_options options = small(2);
  const char *const old = getenv("PATH");
  char *const kept = strdup(old ? old : "/usr/bin:/bin");
  const test_path bin = path_in(state, "bin");
  char path[2 * TEST_PATH_SIZE], script[2 * TEST_PATH_SIZE];
  assert_int_equal(mkdir(bin.text, 0777), 0);
  assert_int_equal(setenv("PATH", bin.text, 1), 0);
  expect_failure(state, &options, KJ_EFILE,
                 "needs the program espeak-ng (Debian package espeak-ng)");
  snprintf(path, sizeof path, "%s:/usr/bin:/bin", bin.text);
  assert_int_equal(setenv("PATH", path, 1), 0);
  replace_program(state, "#!/bin/sh\n[ \"$1\" = --version ] && exit 0\n"
                         "echo no voices today >&2\nexit 1\n");
  expect_failure(state, &options, KJ_EFILE, "exit code 1: no voices today");
  replace_program(state, "#!/bin/sh\necho hello\n");
  expect_failure(state, &options, KJ_EFORMAT,
                 "en-f01-0001: espeak-ng: its output is no WAV");
  snprintf(script, sizeof script,
           "#!/bin/sh\necho >>$0.calls\n"
           "[ $(wc -l <$0.calls) -lt 6 ] && exec %s \"$@\"\nkill -9 $$\n",
           real.text);
  replace_program(state, script);
  expect_failure(state, &options, KJ_EFILE, "espeak-ng: ended by signal 9");
  assert_int_equal(setenv("PATH", kept, 1), 0);
  free(kept);
}

#define IN_FOLDER(test)                                                        \
  cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(espeak_does_what_it_is_asked),
      IN_FOLDER(the_same_bytes_for_any_threads),
      IN_FOLDER(languages_do_not_depend_on_each_other),
      IN_FOLDER(the_tables_can_be_read),
      IN_FOLDER(folders_that_cannot_be_used),
      IN_FOLDER(a_stop_leaves_nothing),
      IN_FOLDER(a_program_that_fails)};
  return cmocka_run_group_tests_name("synth", tests, NULL, NULL);
}
