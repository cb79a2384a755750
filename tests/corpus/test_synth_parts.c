/*
 * test_synth_parts.c: what a synthetic corpus is made of: the draws, the
 * words, the room, the child process. Nothing here runs espeak-ng.
 */
#define _GNU_SOURCE
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "corpus/synth/plan.h"
#include "corpus/synth/process.h"
#include "corpus/synth/recording.h"
#include "corpus/synth/words.h"
#include "corpus/tables.h"

enum { N = 2000, RATE = KJ__SYNTH_RATE_HZ };

#define PI 3.14159265358979323846

static void check_near(double got, double wanted, double tolerance)
{
  if (!(fabs(got - wanted) <= tolerance))
    fail_msg("got %.9g, wanted %.9g within %g", got, wanted, tolerance);
}

/* ---- draws ---- */

static kj__synth_plan plan_of(bool is_shifted)
{
  kj_synthesis_options options = kj_synthesis_defaults();
  kj__synth_plan plan;
  kj_error err;
  options.n_utterances = N;
  options.spontaneity_shift = is_shifted;
  check_ok(kj__synth_plan_create(&options, &plan, &err), &err);
  return plan;
}

static double correlation(const double *x, const double *y, size_t n)
{
  double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
  for (size_t i = 0; i < n; i++) {
    mx += x[i] / (double)n;
    my += y[i] / (double)n;
  }
  for (size_t i = 0; i < n; i++) {
    xx += (x[i] - mx) * (x[i] - mx);
    yy += (y[i] - my) * (y[i] - my);
    xy += (x[i] - mx) * (y[i] - my);
  }
  return xy / sqrt(xx * yy);
}

/* One rater follows the truth with r about .85, and answers in steps. */
static void raters_follow_the_truth(void **state)
{
  (void)state;
  static double truth[N], rating[N];
  kj__synth_plan plan = plan_of(true);
  for (size_t p = 0; p < plan.n_parts; p++)
    for (size_t k = 0; k < KJ__SYNTH_N_DIMENSIONS; k++) {
      const kj__synth_part *part = &plan.part[p];
      for (size_t i = 0; i < N; i++) {
        truth[i] = part->utterance[i].truth[k];
        rating[i] = part->utterance[i].rating[k][0];
        if (rating[i] < 1 || rating[i] > part->language->scale_high ||
            rating[i] != rint(rating[i]))
          fail_msg("part %zu, dimension %zu, row %zu: %.9g is no step", p, k, i,
                   rating[i]);
      }
      const double r = correlation(truth, rating, N);
      if (r < 0.75 || r > 0.95)
        fail_msg("part %zu, dimension %zu: r %.3f of one rater", p, k, r);
    }
  kj__synth_plan_clear(&plan);
}

static double of_kind(const kj__synth_part *part, bool is_spontaneous, int cue,
                      int dimension)
{
  static double x[N], y[N];
  size_t n = 0;
  for (size_t i = 0; i < part->n_utterances; i++) {
    const kj__synth_utterance *u = &part->utterance[i];
    if (u->is_spontaneous != is_spontaneous)
      continue;
    x[n] = u->truth[dimension];
    y[n++] = u->voice.cue[cue];
  }
  assert_in_range(n, N / 3, 2 * N / 3);
  return correlation(x, y, n);
}

/* Activation is fast and loud, valence wide and bright, dominance low. */
static void the_voice_follows_the_emotion(void **state)
{
  (void)state;
  kj__synth_plan plan = plan_of(true);
  for (size_t p = 0; p < plan.n_parts; p++) {
    const kj__synth_part *part = &plan.part[p];
    const double speed =
        of_kind(part, false, KJ__SYNTH_SPEED, KJ__SYNTH_ACTIVATION);
    const double level =
        of_kind(part, false, KJ__SYNTH_LEVEL, KJ__SYNTH_ACTIVATION);
    const double range =
        of_kind(part, false, KJ__SYNTH_RANGE, KJ__SYNTH_VALENCE);
    if (speed < 0.5 || level < 0.5 || range < 0.5)
      fail_msg("part %zu: r of speed %.2f, level %.2f, range %.2f", p, speed,
               level, range);
  }
  kj__synth_plan_clear(&plan);
}

/* Read speech is the same with the shift or without, to the bit; spontaneous
 * speech shows valence by its brightness only without. */
static void the_shift_is_of_spontaneous_speech(void **state)
{
  (void)state;
  kj__synth_plan on = plan_of(true), off = plan_of(false);
  for (size_t i = 0; i < N; i++) {
    const kj__synth_utterance *a = &on.part[0].utterance[i];
    const kj__synth_utterance *b = &off.part[0].utterance[i];
    assert_memory_equal(a->truth, b->truth, sizeof a->truth);
    const bool is_same = memcmp(&a->voice, &b->voice, sizeof a->voice) == 0;
    if (is_same == a->is_spontaneous)
      fail_msg("%s: spontaneous %d, the same voice %d", a->name,
               a->is_spontaneous, is_same);
  }
  const double flat =
      of_kind(&on.part[0], true, KJ__SYNTH_TILT, KJ__SYNTH_VALENCE);
  const double full =
      of_kind(&off.part[0], true, KJ__SYNTH_TILT, KJ__SYNTH_VALENCE);
  if (!(flat < 0.45 && full > 0.7))
    fail_msg("r of valence and tilt: %.2f with the shift, %.2f without", flat,
             full);
  kj__synth_plan_clear(&on);
  kj__synth_plan_clear(&off);
}

static void every_speaker_and_utterance_has_a_name(void **state)
{
  (void)state;
  kj_synthesis_options options = kj_synthesis_defaults();
  kj__synth_plan plan;
  kj_error err;
  options.n_speakers = KJ_SYNTHESIS_MAX_SPEAKERS;
  options.n_utterances = 12345;
  check_ok(kj__synth_plan_create(&options, &plan, &err), &err);
  for (size_t p = 0; p < plan.n_parts; p++) {
    const kj__synth_part *part = &plan.part[p];
    for (size_t s = 1; s < part->n_speakers; s++)
      for (size_t before = 0; before < s; before++)
        assert_string_not_equal(part->speaker[s].name,
                                part->speaker[before].name);
    for (size_t i = part->n_speakers; i < part->n_utterances; i++) {
      const kj__synth_utterance *u = &part->utterance[i];
      const char *before = part->utterance[i - part->n_speakers].name;
      assert_string_not_equal(u->name, before);
      assert_memory_equal(u->name, part->speaker[u->speaker].name,
                          strlen(part->speaker[u->speaker].name));
    }
  }
  kj__synth_plan_clear(&plan);
}

static void options_are_checked(void **state)
{
  (void)state;
  kj__synth_plan plan;
  kj_error err;
  const struct {
    const char *languages;
    size_t n_utterances, n_speakers;
    const char *message;
  } rows[] = {{"en,de", 10, 2, "\"de\" is none of those there are: en, ja"},
              {"", 10, 2, "\"\" is none"},
              {"en,", 10, 2, "\"\" is none"},
              {"en,ja,en", 10, 2, "en is there twice"},
              {NULL, 10, 2, "languages is NULL"},
              {"en", 10, 1, "n_speakers is 1; must be 2..100"},
              {"en", 1000, 101, "n_speakers is 101"},
              {"en", 9, 10, "n_utterances is 9; must be 10"},
              {"en", 100001, 10, "must be 10 (one a speaker)..100000"}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    kj_synthesis_options options = kj_synthesis_defaults();
    options.languages = rows[i].languages;
    options.n_utterances = rows[i].n_utterances;
    options.n_speakers = rows[i].n_speakers;
    check_failure(kj__synth_plan_create(&options, &plan, &err), KJ_EARGUMENT,
                  &err, rows[i].message);
  }
}

/* ---- words ---- */

static void spontaneous_speech_has_fillers(void **state)
{
  (void)state;
  kj__random random = kj__random_stream(1, KJ__PURPOSE_TEST, 0, 0);
  for (size_t l = 0; l < KJ__SYNTH_N_LANGUAGES; l++) {
    const kj__synth_language *language = &KJ__SYNTH_LANGUAGES[l];
    size_t n_pauses = 0, longest = 0;
    for (size_t i = 0; i < N; i++) {
      kj__synth_words words;
      kj__synth_words_draw(language, i % 2, &random, &words);
      const bool has_comma = strstr(words.text, language->comma) != NULL;
      if (has_comma != (i % 2 == 1))
        fail_msg("spontaneous %zu: \"%s\"", i % 2, words.text);
      assert_null(strchr(words.text, '<'));
      assert_null(strchr(words.text, '"'));
      n_pauses += strstr(words.markup, "<break") != NULL;
      if (strlen(words.markup) > longest)
        longest = strlen(words.markup);
      assert_int_equal(
          strcmp(words.text + strlen(words.text) - strlen(language->stop),
                 language->stop),
          0);
    }
    assert_in_range(n_pauses, N / 4, N / 2);
    assert_in_range(longest, 100, KJ__SYNTH_TEXT_SIZE / 2);
  }
}

/* The particle は is spoken わ, where it ends a phrase. */
static void a_particle_is_spoken_as_it_sounds(void **state)
{
  (void)state;
  static const char *const sentence[] = {"はこは はこ", NULL};
  kj__synth_language language = KJ__SYNTH_LANGUAGES[1];
  kj__random random = kj__random_stream(1, KJ__PURPOSE_TEST, 0, 0);
  kj__synth_words words;
  language.read = sentence;
  kj__synth_words_draw(&language, false, &random, &words);
  assert_string_equal(words.text, "はこは はこ。");
  assert_string_equal(words.markup, "はこわ はこ。");
}

/* ---- room ---- */

/* The response at a frequency to an impulse. */
static double gain_at(const float *h, size_t n, double hz)
{
  double re = 0, im = 0;
  for (size_t t = 0; t < n; t++) {
    re += (double)h[t] * cos(2 * PI * hz * (double)t / RATE);
    im += (double)h[t] * sin(2 * PI * hz * (double)t / RATE);
  }
  return 20 * log10(hypot(re, im));
}

static void record_impulse(const kj__synth_room *room, float *x, size_t n)
{
  kj__random random = kj__random_stream(1, KJ__PURPOSE_TEST, 0, 0);
  kj_error err;
  memset(x, 0, n * sizeof *x);
  x[0] = 1.0F;
  check_ok(kj__synth_room_record(room, &random, x, n, &err), &err);
}

static void a_room_does_what_it_says(void **state)
{
  (void)state;
  static float x[RATE];
  const double quiet = -200;
  record_impulse(&(kj__synth_room){.gain_db = -6, .noise_db = quiet}, x, RATE);
  check_near(gain_at(x, RATE, 1000), -6, 1e-4);
  record_impulse(&(kj__synth_room){.lowpass_hz = 2000, .noise_db = quiet}, x,
                 RATE);
  check_near(gain_at(x, RATE, 1), 0, 1e-3);
  check_near(gain_at(x, RATE, 2000), -3, 0.7);
  record_impulse(&(kj__synth_room){.noise_db = -40}, x, RATE);
  double power = 0;
  for (size_t t = 1; t < RATE; t++)
    power += (double)x[t] * (double)x[t] / (RATE - 1);
  check_near(10 * log10(power), -40, 0.2);
}

/* The energy left after the reverberation time is 60 dB below all of it. */
static void reverberation_lasts_as_long_as_it_says(void **state)
{
  (void)state;
  static float x[2 * RATE];
  const double seconds = 0.5;
  record_impulse(
      &(kj__synth_room){.reverberation_s = seconds, .noise_db = -300}, x,
      2 * RATE);
  double all = 0, left = 0;
  for (size_t t = 1; t < 2 * (size_t)RATE; t++) {
    all += (double)x[t] * (double)x[t];
    if ((double)t > seconds * RATE)
      left += (double)x[t] * (double)x[t];
  }
  check_near(10 * log10(left / all), -60, 3);
}

/* A tone with pauses around it gets the level that the voice has. */
static void a_recording_has_the_level_of_the_voice(void **state)
{
  (void)state;
  enum { FROM_HZ = 22050 };
  const kj__synth_voice voice = {{[KJ__SYNTH_LEVEL] = -30}};
  const kj__synth_room room = {.noise_db = -200};
  kj__random random = kj__random_stream(1, KJ__PURPOSE_TEST, 0, 0);
  kj__synth_sound sound = {calloc(3 * FROM_HZ, sizeof(float)), 3 * FROM_HZ,
                           FROM_HZ};
  kj_error err;
  for (size_t t = FROM_HZ; t < 2 * FROM_HZ; t++)
    sound.samples[t] = (float)sin(2 * PI * 440 * (double)t / FROM_HZ);
  check_ok(kj__synth_recording_make(&sound, &voice, &room, &random, &err),
           &err);
  assert_int_equal(sound.rate_hz, RATE);
  assert_in_range(sound.n, 3 * RATE, 3 * RATE + RATE / 2);
  double power = 0;
  for (size_t t = 0; t < sound.n; t++)
    power += (double)sound.samples[t] * (double)sound.samples[t] / RATE;
  check_near(10 * log10(power), -30, 0.1);
  memset(sound.samples, 0, sound.n * sizeof *sound.samples);
  check_failure(kj__synth_recording_make(&sound, &voice, &room, &random, &err),
                KJ_EDATA, &err, "said nothing");
  free(sound.samples);
}

/* ---- espeak-ng's output ---- */

static void a_wav_of_unknown_length_is_read(void **state)
{
  (void)state;
  static const char wav[] = "RIFF\x24\xF0\xFF\x7FWAVE"
                            "fmt \x10\0\0\0\x01\0\x01\0\x22\x56\0\0\x44\xAC\0\0"
                            "\x02\0\x10\0"
                            "LIST\x02\0\0\0xx"
                            "data\0\xF0\xFF\x7F\0\x40\0\x80\xFF";
  const size_t size = sizeof wav - 1;
  kj__synth_sound sound;
  kj_error err;
  check_ok(kj__synth_speech_read(wav, size, &sound, &err), &err);
  assert_int_equal(sound.rate_hz, 22050);
  assert_int_equal(sound.n, 2); /* half a sample does not count */
  check_near((double)sound.samples[0], 0.5, 0);
  check_near((double)sound.samples[1], -1, 0);
  free(sound.samples);
  check_failure(kj__synth_speech_read("", 0, &sound, &err), KJ_EFORMAT, &err,
                "is no WAV");
  for (size_t n = 12; n < size - 6; n++) { /* up to the header of the data */
    char *cut = malloc(n);
    memcpy(cut, wav, n);
    if (kj__synth_speech_read(cut, n, &sound, &err) == KJ_OK) {
      assert_int_equal(sound.n, 0);
      free(sound.samples);
    }
    free(cut);
  }
  static const struct {
    size_t at;
    char value;
  } wrong[] = {{20, 3}, {22, 2}, {25, 0}, {34, 8}};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    char other[sizeof wav];
    memcpy(other, wav, sizeof wav);
    other[wrong[i].at] = wrong[i].value;
    check_failure(kj__synth_speech_read(other, size, &sound, &err), KJ_EFORMAT,
                  &err, "must give WAV of 16 bit and one channel");
  }
}

/* ---- child processes ---- */

static void a_process_ends_as_it_ends(void **state)
{
  (void)state;
  static const struct {
    char *script;
    int silence_ms;
    const char *message;
  } rows[] = {{"echo first >&2; echo second >&2; exit 3", 60000,
               "sh: exit code 3: first"},
              {"kill -9 $$", 60000, "sh: ended by signal 9"},
              {"yes", 60000, "sh: wrote more than 100000 bytes"},
              {"exec sleep 60", 300, "sh: silent for 0 s"}};
  kj_error err;
  char *output;
  size_t n;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char *const argv[] = {"sh", "-c", rows[i].script, NULL};
    check_failure(
        kj__process_run(argv, rows[i].silence_ms, 100000, &output, &n, &err),
        KJ_EFILE, &err, rows[i].message);
  }
  char *const missing[] = {"kanjo-no-such-program", NULL};
  check_failure(kj__process_run(missing, 300, 100, &output, &n, &err), KJ_EFILE,
                &err, "cannot be started: No such file or directory");
}

static void a_process_gives_all_it_wrote(void **state)
{
  (void)state;
  char *const argv[] = {"sh", "-c",
                        "head -c 300000 /dev/zero >&2; cat; "
                        "head -c 300000 /dev/zero",
                        NULL};
  kj_error err;
  char *output;
  size_t n;
  check_ok(kj__process_run(argv, 5000, 1000000, &output, &n, &err), &err);
  assert_int_equal(n, 300000);
  free(output);
  char *const silent[] = {"true", NULL};
  check_ok(kj__process_run(silent, 5000, 10, &output, &n, &err), &err);
  assert_int_equal(n, 0);
  assert_string_equal(output, "");
  free(output);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(raters_follow_the_truth),
      cmocka_unit_test(the_voice_follows_the_emotion),
      cmocka_unit_test(the_shift_is_of_spontaneous_speech),
      cmocka_unit_test(every_speaker_and_utterance_has_a_name),
      cmocka_unit_test(options_are_checked),
      cmocka_unit_test(spontaneous_speech_has_fillers),
      cmocka_unit_test(a_particle_is_spoken_as_it_sounds),
      cmocka_unit_test(a_room_does_what_it_says),
      cmocka_unit_test(reverberation_lasts_as_long_as_it_says),
      cmocka_unit_test(a_recording_has_the_level_of_the_voice),
      cmocka_unit_test(a_wav_of_unknown_length_is_read),
      cmocka_unit_test(a_process_ends_as_it_ends),
      cmocka_unit_test(a_process_gives_all_it_wrote)};
  return cmocka_run_group_tests_name("synth parts", tests, NULL, NULL);
}
