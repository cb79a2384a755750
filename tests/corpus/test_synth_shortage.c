/*
 * test_synth_shortage.c: allocation number 1, 2, 3 ... of a synthetic corpus
 * fails: "out of memory", and nothing is left of it, nor (under a sanitizer)
 * in memory. A script that copies a file stands in for espeak-ng.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "corpus/synth/recording.h"
#include "corpus/tables.h"
#include "kanjo/synthesis.h"
#include "shortage.h"

enum { RATE_HZ = 16000, N_SAMPLES = 4000 };

/* A tone, as the script gives it. */
static void write_tone(void **state)
{
  static float x[N_SAMPLES];
  const kj__synth_sound tone = {x, N_SAMPLES, RATE_HZ};
  kj_error err;
  for (size_t t = 0; t < N_SAMPLES; t++)
    x[t] = t % 100 < 50 ? 0.5F : -0.5F;
  check_ok(kj__synth_recording_write(
               &tone, path_in(state, "bin/espeak-ng.wav").text, &err),
           &err);
}

/* Only this program's PATH: it ends with the test. */
static void replace_program(void **state)
{
  const test_path bin = path_in(state, "bin");
  char path[2 * TEST_PATH_SIZE];
  assert_int_equal(mkdir(bin.text, 0777), 0);
  const test_path script =
      write_text(state, "bin/espeak-ng", "#!/bin/sh\nexec cat \"$0.wav\"\n");
  assert_int_equal(chmod(script.text, 0755), 0);
  write_tone(state);
  snprintf(path, sizeof path, "%s:/usr/bin:/bin", bin.text);
  assert_int_equal(setenv("PATH", path, 1), 0);
}

/* With allocation number `at` failing: did it succeed? */
static bool run_short(const char *folder, size_t at)
{
  kj_synthesis_options options = kj_synthesis_defaults();
  kj_error err = {0};
  options.n_utterances = 2;
  options.n_speakers = 2;
  options.languages = "ja"; /* the one with walls */
  *countdown() = at;
  const kj_status status = kj_synthesis_write(folder, &options, NULL, &err);
  *countdown() = 0;
  if (status == KJ_OK)
    return true;
  if (status != KJ_EMEMORY || !strstr(err.message, "out of memory for "))
    fail_msg("without allocation %zu: %s: %s", at, kj_status_text(status),
             err.message);
  if (access(folder, F_OK) == 0)
    fail_msg("without allocation %zu: %s is still there", at, folder);
  return false;
}

static void every_allocation_may_fail(void **state)
{
  const test_path folder = path_in(state, "out");
  size_t n = 1;
  replace_program(state);
  while (!run_short(folder.text, n))
    n++;
  print_message("%zu allocations\n", n - 1);
  assert_in_range(n, 20, 200);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(
      every_allocation_may_fail, make_folder, remove_folder)};
  return cmocka_run_group_tests_name("synth shortage", tests, NULL, NULL);
}
