/*
 * test_threads.c: files that cannot be opened, beside files that can: a thread
 * must not close the descriptor of another, and an error must be of its own
 * file.
 */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "audio/sound_files.h"

enum { N_FRAMES = 2000, N_THREADS = 4, N_ROUNDS = 4000 };

/* What one thread opens again and again, and the first thing that was wrong:
 * cmocka's asserts are for the main thread alone. */
typedef struct opener {
  pthread_t thread;
  sound_path path;
  const char *message; /* part of the error that is due; NULL: none */
  const sound *expected;
  char fault[600];
} opener;

static void judge(opener *o, int round, kj_status status, const kj_error *err,
                  const sound *all)
{
  if (o->message && (status == KJ_OK || !strstr(err->message, o->message) ||
                     !strstr(err->message, o->path.text)))
    snprintf(o->fault, sizeof o->fault, "round %d: %s, \"%.200s\"", round,
             kj_status_text(status), err->message);
  else if (!o->message && status != KJ_OK)
    snprintf(o->fault, sizeof o->fault, "round %d: %s", round, err->message);
  else if (!o->message && (all->n != o->expected->n ||
                           memcmp(all->samples, o->expected->samples,
                                  all->n * sizeof *all->samples) != 0))
    snprintf(o->fault, sizeof o->fault, "round %d: other samples", round);
}

static void *open_again(void *context)
{
  opener *o = context;
  for (int round = 0; round < N_ROUNDS && o->fault[0] == '\0'; round++) {
    kj_error err = {0};
    sound all = {0};
    const kj_status status = try_sound(o->path.text, NULL, 512, &all, &err);
    judge(o, round, status, &err, &all);
    free(all.samples);
  }
  return NULL;
}

static void test_broken_beside_good(void **state)
{
  static int frames[N_FRAMES];
  for (int i = 0; i < N_FRAMES; i++)
    frames[i] = (i * 7919 % 1000) << 20;
  const sound_path good = path_in(state, "good.wav");
  write_integers(good.text, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 16000, 1, frames,
                 N_FRAMES);
  const sound_path cut = path_in(state, "cut.wav");
  write_bytes(cut.text, "RIFF\x24\0\0\0WAVEfmt ", 16);
  const sound_path text = path_in(state, "text.wav");
  write_bytes(text.text, "this is no sound at all, only words\n", 36);
  sound expected = read_sound(good.text, NULL);
  opener opener_of[N_THREADS] = {
      {.path = good, .expected = &expected},
      {.path = cut, .message = ""},
      {.path = good, .expected = &expected},
      {.path = text, .message = "not recognised"},
  };
  for (size_t t = 0; t < N_THREADS; t++)
    assert_int_equal(
        pthread_create(&opener_of[t].thread, NULL, open_again, &opener_of[t]),
        0);
  for (size_t t = 0; t < N_THREADS; t++)
    pthread_join(opener_of[t].thread, NULL);
  for (size_t t = 0; t < N_THREADS; t++)
    if (opener_of[t].fault[0])
      fail_msg("thread %zu, %s: %s", t, opener_of[t].path.text,
               opener_of[t].fault);
  free(expected.samples);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(
      test_broken_beside_good, make_folder, remove_folder)};
  return cmocka_run_group_tests_name("audio/threads", tests, NULL, NULL);
}
