/*
 * test_shortage.c: allocation number 1, 2, 3 ... fails, and the resampler
 * fails: a message, nothing else. (Under a sanitizer: and nothing leaks.)
 *
 * The linker puts the __wrap_ functions here in the place of the originals
 * for all of libkanjo (tests.cmake).
 */
#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <soxr.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "audio/sound_files.h"

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
soxr_t __real_soxr_create(double source_hz, double rate_hz, unsigned n_channels,
                          soxr_error_t *error, const soxr_io_spec_t *io,
                          const soxr_quality_spec_t *quality,
                          const soxr_runtime_spec_t *runtime);
soxr_t __wrap_soxr_create(double source_hz, double rate_hz, unsigned n_channels,
                          soxr_error_t *error, const soxr_io_spec_t *io,
                          const soxr_quality_spec_t *quality,
                          const soxr_runtime_spec_t *runtime);
soxr_error_t __real_soxr_process(soxr_t soxr, soxr_in_t in, size_t n_in,
                                 size_t *n_taken, soxr_out_t out,
                                 size_t capacity, size_t *n_out);
soxr_error_t __wrap_soxr_process(soxr_t soxr, soxr_in_t in, size_t n_in,
                                 size_t *n_taken, soxr_out_t out,
                                 size_t capacity, size_t *n_out);

/* What shall fail: the call with this number from now on; 0: none. */
typedef struct shortage {
  unsigned malloc_call, soxr_create_call, soxr_process_call;
} shortage;

/* The wrapped functions take no context, so this one has to be the file's. */
static shortage *current(void)
{
  static shortage countdown;
  return &countdown;
}

static bool is_due(unsigned *countdown)
{
  return *countdown > 0 && --*countdown == 0;
}

void *__wrap_malloc(size_t size)
{
  return is_due(&current()->malloc_call) ? NULL : __real_malloc(size);
}

soxr_t __wrap_soxr_create(double source_hz, double rate_hz, unsigned n_channels,
                          soxr_error_t *error, const soxr_io_spec_t *io,
                          const soxr_quality_spec_t *quality,
                          const soxr_runtime_spec_t *runtime)
{
  if (is_due(&current()->soxr_create_call)) {
    *error = "malloc failed";
    return NULL;
  }
  return __real_soxr_create(source_hz, rate_hz, n_channels, error, io, quality,
                            runtime);
}

soxr_error_t __wrap_soxr_process(soxr_t soxr, soxr_in_t in, size_t n_in,
                                 size_t *n_taken, soxr_out_t out,
                                 size_t capacity, size_t *n_out)
{
  if (is_due(&current()->soxr_process_call))
    return "malloc failed";
  return __real_soxr_process(soxr, in, n_in, n_taken, out, capacity, n_out);
}

static sound_path short_file(void **state)
{
  static const float frames[8000] = {0.5f};
  const sound_path path = path_in(state, "short.wav");
  write_floats(path.text, SF_FORMAT_WAV | SF_FORMAT_FLOAT, 8000, 1, frames,
               8000);
  return path;
}

static void test_every_allocation_may_fail(void **state)
{
  enum { LIMIT = 50 };
  const sound_path path = short_file(state);
  unsigned n_failures = 0;
  for (unsigned call = 1; call < LIMIT; call++) {
    kj_audio *audio = NULL;
    kj_error err = {0};
    *current() = (shortage){.malloc_call = call};
    const kj_status status = kj_audio_open(path.text, NULL, &audio, &err);
    const bool was_reached = current()->malloc_call == 0;
    *current() = (shortage){0};
    if (!was_reached) {
      assert_int_equal(status, KJ_OK);
      kj_audio_close(audio);
      break;
    }
    n_failures++;
    if (status != KJ_EMEMORY || audio || !strstr(err.message, "out of memory"))
      fail_msg("allocation %u failed: status %s, \"%s\"", call,
               kj_status_text(status), err.message);
  }
  print_message("%u allocations failed one by one\n", n_failures);
  assert_in_range(n_failures, 5, LIMIT - 2);
}

static void test_resampler_may_fail(void **state)
{
  const sound_path path = short_file(state);
  *current() = (shortage){.soxr_create_call = 1};
  expect_failure(path.text, NULL, KJ_EMEMORY,
                 "short.wav: no resampler from 8000 to 16000 Hz: malloc "
                 "failed");
  const kj_audio_options native = {.rate_hz = 8000};
  *current() = (shortage){.soxr_create_call = 1};
  free(read_sound(path.text, &native).samples); /* nothing to resample */
  *current() = (shortage){.soxr_process_call = 3};
  expect_failure(path.text, NULL, KJ_EMEMORY,
                 "short.wav: resampler: malloc failed");
  *current() = (shortage){0};
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_allocation_may_fail),
      cmocka_unit_test(test_resampler_may_fail),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
