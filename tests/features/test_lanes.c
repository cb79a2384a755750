/*
 * test_lanes.c: frames in batches against the plain version, for every tier.
 *
 * Zero-crossing rate, RMS and F0 are equal bit for bit; voicing within 1e-6,
 * MFCC within 1e-4 of their size + 1e-3, which is the tolerance towards
 * openSMILE (docs/features.md).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/batch.h"
#include "features/signals.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SAMPLES = 160000, SEED = 5 };

static float sound[MAX_SAMPLES];

typedef struct plan {
  kj__batch batch;
  kj__descriptors plain;
  void *memory;
} plan;

static void lay_out(plan *p, kj__tier tier, const kj__rate *rate,
                    kj__arena *arena)
{
  kj__batch_layout(&p->batch, rate, kj__lane_kernels_get(tier), arena);
  kj__descriptors_layout(&p->plain, rate, arena);
}

static plan *create_plan(kj__tier tier, unsigned rate_hz)
{
  const kj__rate rate = kj__rate_of(rate_hz);
  plan *p = calloc(1, sizeof *p);
  assert_non_null(p);
  kj__arena arena = {NULL, 0};
  lay_out(p, tier, &rate, &arena);
  p->memory = malloc(arena.used);
  assert_non_null(p->memory);
  memset(p->memory, 0xff, arena.used); /* nothing hangs on zeros */
  arena = (kj__arena){p->memory, 0};
  lay_out(p, tier, &rate, &arena);
  kj__batch_init(&p->batch);
  kj__descriptors_init(&p->plain);
  return p;
}

static void destroy_plan(plan *p)
{
  free(p->memory);
  free(p);
}

static size_t frames_of(const kj__rate *rate, size_t n_samples)
{
  return n_samples < rate->frame_samples
             ? 0
             : (n_samples - rate->frame_samples) / rate->hop_samples + 1;
}

/* ---- signals ---- */

static void fill_noise(float *x, size_t n, unsigned rate_hz, uint64_t seed)
{
  (void)rate_hz;
  for (size_t i = 0; i < n; i++)
    x[i] = (float)(0.3 * next_uniform(&seed));
}

/* Of which a 16-bit file has the least: one step up, down or none. */
static void fill_dither(float *x, size_t n, unsigned rate_hz, uint64_t seed)
{
  (void)rate_hz;
  for (size_t i = 0; i < n; i++)
    x[i] = (float)round(1.4 * next_uniform(&seed)) / 32767.0f;
}

static void fill_tone(float *x, size_t n, unsigned rate_hz, uint64_t seed)
{
  (void)seed;
  const double step = 2.0 * 3.141592653589793 * 250.0 / rate_hz;
  for (size_t i = 0; i < n; i++)
    x[i] = (float)(0.9 * sin(step * (double)i));
}

static void fill_silence(float *x, size_t n, unsigned rate_hz, uint64_t seed)
{
  (void)rate_hz, (void)seed;
  memset(x, 0, n * sizeof *x);
}

/* A click here and there, and else silence. */
static void fill_clicks(float *x, size_t n, unsigned rate_hz, uint64_t seed)
{
  (void)seed;
  for (size_t i = 0; i < n; i++)
    x[i] = i % (rate_hz / 160) == 0 ? 0.5f : 0.0f;
}

static void fill_extremes(float *x, size_t n, unsigned rate_hz, uint64_t seed)
{
  static const float scale[] = {1e-30f, 1e-20f, 1e-8f, 1e4f, 1e15f, 1e25f};
  fill_voice(x, n, rate_hz, seed);
  for (size_t i = 0; i < n; i++)
    x[i] *= scale[i * 6 / n];
}

static void fill_broken(float *x, size_t n, unsigned rate_hz, uint64_t seed)
{
  fill_voice(x, n, rate_hz, seed);
  x[n / 3] = (float)NAN;
  x[n / 2] = (float)INFINITY;
}

typedef struct signal {
  const char *name;
  void (*fill)(float *x, size_t n, unsigned rate_hz, uint64_t seed);
} signal;

static const signal signals[] = {
    {"voice", fill_voice},       {"noise", fill_noise},
    {"dither", fill_dither},     {"tone", fill_tone},
    {"silence", fill_silence},   {"clicks", fill_clicks},
    {"extremes", fill_extremes}, {"broken", fill_broken},
};
enum { N_SIGNALS = sizeof signals / sizeof signals[0] };

static const unsigned rates_hz[] = {4000, 8000, 11025, 16000, 44100, 384000};
enum { N_RATES = sizeof rates_hz / sizeof rates_hz[0] };

/* ---- agreement ---- */

typedef struct worst {
  double mfcc, voicing; /* of the tolerance */
  double acf, cepstrum; /* of the value at lag 0 */
  uint64_t n_frames, n_voiced, n_plain;
} worst;

static double tolerance_of(size_t c, double value)
{
  if (c >= KJ__MFCC && c < KJ__ZCR)
    return 1e-3 + 1e-4 * fabs(value);
  return c == KJ__VOICING ? 1e-6 : 0.0;
}

static void compare_frame(const char *what, size_t k, const float *got,
                          const float *plain, worst *w)
{
  for (size_t c = 0; c < KJ__N_RAW; c++) {
    const double x = (double)got[c], v = (double)plain[c];
    const double tolerance = tolerance_of(c, v);
    if (x == v || (isnan(x) && isnan(v)))
      continue;
    if (!(fabs(x - v) <= tolerance))
      fail_msg("%s, frame %zu, descriptor %zu: %.9g, plain %.9g", what, k, c, x,
               v);
    double *const of = c == KJ__VOICING ? &w->voicing : &w->mfcc;
    *of = fmax(*of, fabs(x - v) / tolerance);
  }
}

/* The kernels' lags, of one lane, against those of the frame that the plain
 * version computed last. */
static void compare_lags(const plan *p, size_t lane, worst *w)
{
  const kj__pitch *pitch = &p->plain.pitch;
  const size_t n_lanes = p->batch.kernels->n_lanes;
  const float *lags = p->batch.lanes.lags + lane;
  const double acf0 = (double)lags[0], cepstrum0 = (double)lags[n_lanes];
  if (p->batch.lanes.value[KJ__F0][lane] == KJ__LAG_UNSURE || acf0 == 0.0)
    return;
  for (size_t t = 0; t < p->plain.rate.n_lags; t++) {
    const double acf = (double)lags[2 * t * n_lanes] / acf0 -
                       (double)pitch->acf[t] / (double)pitch->acf[0];
    const double cepstrum =
        (double)lags[(2 * t + 1) * n_lanes] / cepstrum0 -
        (double)pitch->cepstrum[t] / (double)pitch->cepstrum[0];
    w->acf = fmax(w->acf, fabs(acf));
    w->cepstrum = fmax(w->cepstrum, fabs(cepstrum));
  }
}

static void compare_sound(kj__tier tier, const char *what, size_t n_samples,
                          unsigned rate_hz, worst *w)
{
  plan *p = create_plan(tier, rate_hz);
  const kj__rate *rate = &p->plain.rate;
  const size_t n_frames = frames_of(rate, n_samples);
  const size_t n_lanes = p->batch.kernels->n_lanes;
  for (size_t k = 0; k < n_frames; k += n_lanes) {
    const size_t n = n_frames - k < n_lanes ? n_frames - k : n_lanes;
    const float *samples = sound + k * rate->hop_samples;
    float raw[KJ__MAX_LANES][KJ__N_RAW], plain[KJ__N_RAW];
    kj__batch_compute(&p->batch, samples, n, raw[0]);
    for (size_t i = 0; i < n; i++) {
      kj__descriptors_compute(&p->plain, samples + i * rate->hop_samples,
                              plain);
      compare_frame(what, k + i, raw[i], plain, w);
      compare_lags(p, i, w);
      w->n_voiced += plain[KJ__F0] > 0.0f;
    }
  }
  w->n_frames += n_frames;
  w->n_plain += p->batch.n_plain;
  destroy_plan(p);
}

static size_t samples_at(unsigned rate_hz)
{
  return rate_hz / 5 * 8 < MAX_SAMPLES ? rate_hz / 5 * 8 : MAX_SAMPLES;
}

static void all_signals_agree_with_the_plain_version(void **state)
{
  (void)state;
  for (int t = 0; t < KJ__N_TIERS; t++)
    for (size_t s = 0; s < N_SIGNALS && kj__tier_is_here((kj__tier)t); s++) {
      worst w = {0};
      for (size_t r = 0; r < N_RATES; r++) {
        char what[80];
        snprintf(what, sizeof what, "%s: %s at %u Hz",
                 kj__tier_name((kj__tier)t), signals[s].name, rates_hz[r]);
        const size_t n = samples_at(rates_hz[r]);
        signals[s].fill(sound, n, rates_hz[r], SEED);
        compare_sound((kj__tier)t, what, n, rates_hz[r], &w);
      }
      print_message(
          "%-8s %-8s %5llu frames, %4llu voiced, %4llu plain; MFCC "
          "%.3f, voicing %.3f of the tolerance; acf %.1e, cepstrum "
          "%.1e\n",
          kj__tier_name((kj__tier)t), signals[s].name,
          (unsigned long long)w.n_frames, (unsigned long long)w.n_voiced,
          (unsigned long long)w.n_plain, w.mfcc, w.voicing, w.acf, w.cepstrum);
      if (s < 3)
        assert_true(w.acf < (double)KJ__PITCH_MARGIN / 10.0 &&
                    w.cepstrum < (double)KJ__PITCH_MARGIN / 10.0);
    }
}

/* ---- lanes ---- */

/* All frames of the sound in batches of at most `most`. */
static size_t compute_all(plan *p, size_t n_samples, size_t most, float *raw)
{
  const kj__rate *rate = &p->plain.rate;
  const size_t n_frames = frames_of(rate, n_samples);
  kj__batch_reset(&p->batch);
  for (size_t k = 0, n; k < n_frames; k += n) {
    n = n_frames - k < most ? n_frames - k : most;
    kj__batch_compute(&p->batch, sound + k * rate->hop_samples, n,
                      raw + k * KJ__N_RAW);
  }
  return n_frames;
}

enum { MOST_FRAMES = 200 };

static void no_lane_sees_another(void **state)
{
  (void)state;
  static float full[MOST_FRAMES][KJ__N_RAW], part[MOST_FRAMES][KJ__N_RAW];
  const size_t n = 16000;
  fill_voice(sound, n, 16000, SEED);
  sound[5000] = (float)NAN;
  memset(sound + 9000, 0, 2000 * sizeof sound[0]);
  for (int t = 0; t < KJ__N_TIERS; t++) {
    if (!kj__tier_is_here((kj__tier)t))
      continue;
    plan *p = create_plan((kj__tier)t, 16000);
    const size_t n_lanes = p->batch.kernels->n_lanes;
    const size_t n_frames = compute_all(p, n, n_lanes, full[0]);
    assert_true(n_frames <= MOST_FRAMES);
    for (size_t most = 1; most < n_lanes; most++) {
      compute_all(p, n, most, part[0]);
      for (size_t k = 0; k < n_frames; k++)
        if (memcmp(full[k], part[k], sizeof full[k]) != 0)
          fail_msg("%s: frame %zu is another in batches of %zu than of %zu",
                   kj__tier_name((kj__tier)t), k, most, n_lanes);
    }
    destroy_plan(p);
  }
}

/* Those of x86-64 that fuse agree to the bit. */
static void tiers_that_fuse_agree(void **state)
{
  (void)state;
  static float narrow[MOST_FRAMES][KJ__N_RAW], wide[MOST_FRAMES][KJ__N_RAW];
  const size_t n = 16000;
  fill_voice(sound, n, 16000, SEED);
  if (!kj__tier_is_here(KJ__TIER_AVX512)) {
    print_message("skipped: this machine has no avx512\n");
    return;
  }
  plan *p = create_plan(KJ__TIER_AVX2, 16000);
  plan *q = create_plan(KJ__TIER_AVX512, 16000);
  const size_t n_frames = compute_all(p, n, 8, narrow[0]);
  compute_all(q, n, 16, wide[0]);
  for (size_t k = 0; k < n_frames; k++)
    for (size_t c = 0; c < KJ__N_RAW; c++)
      if (memcmp(&narrow[k][c], &wide[k][c], sizeof(float)) != 0)
        fail_msg("frame %zu, descriptor %zu: avx2 %.9g, avx512 %.9g", k, c,
                 (double)narrow[k][c], (double)wide[k][c]);
  destroy_plan(p);
  destroy_plan(q);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_signals_agree_with_the_plain_version),
      cmocka_unit_test(no_lane_sees_another),
      cmocka_unit_test(tiers_that_fuse_agree),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
