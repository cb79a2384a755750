/*
 * test_tables.c: constants of the sampling rates, mel bands, window, lifter.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/descriptors_plan.h"

#include <math.h>

/* ---- sampling rates ---- */

typedef struct rate_case {
  unsigned hz;
  size_t frame, hop, fft, skip;
  double bin_hz, highest_hz, lowest_hz; /* highest and lowest F0 */
} rate_case;

static const rate_case rate_cases[] = {
    {8000, 200, 80, 256, 15, 31.25, 470.6, 63.5},
    {11025, 276, 110, 512, 22, 21.5625, 460.0, 43.5},
    {12000, 300, 120, 512, 24, 23.4375, 461.5, 47.2},
    {16000, 400, 160, 512, 31, 31.25, 484.8, 63.0},
    {22050, 551, 221, 1024, 44, 21.5234375, 479.1, 43.2},
    {24000, 600, 240, 1024, 48, 23.4375, 480.0, 47.1},
    {32000, 800, 320, 1024, 63, 31.25, 492.3, 62.7},
    {44100, 1103, 441, 2048, 88, 21.54296875, 490.2, 43.2},
    {48000, 1200, 480, 2048, 96, 23.4375, 489.8, 47.0},
    {96000, 2400, 960, 4096, 192, 23.4375, 494.8, 46.9},
};

static void constants_of_the_rates(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof rate_cases / sizeof *rate_cases; i++) {
    const rate_case *c = &rate_cases[i];
    const kj__rate r = kj__rate_of(c->hz);
    assert_int_equal(r.hz, c->hz);
    assert_int_equal(r.frame_samples, c->frame);
    assert_int_equal(r.hop_samples, c->hop);
    assert_int_equal(r.fft_size, c->fft);
    assert_int_equal(r.n_bins, c->fft / 2 + 1);
    assert_int_equal(r.n_lags, c->fft / 2);
    if (r.lag_skip != c->skip)
      fail_msg("%u Hz: lag skip %zu, not %zu", c->hz, r.lag_skip, c->skip);
    assert_true((double)r.bin_hz == c->bin_hz);
    const double high = 1.0 / ((double)(c->skip + 2) * (double)r.lag_s);
    const double low = 1.0 / ((double)(r.n_lags - 2) * (double)r.lag_s);
    if (fabs(high - c->highest_hz) > 0.06 || fabs(low - c->lowest_hz) > 0.06)
      fail_msg("%u Hz: F0 %.2f..%.2f Hz, not %.1f..%.1f", c->hz, low, high,
               c->lowest_hz, c->highest_hz);
  }
}

/* At every rate: the frame fits the FFT, frames overlap, lags are left. */
static void every_rate_is_sound(void **state)
{
  (void)state;
  for (unsigned hz = 4000; hz <= 384000; hz += hz < 50000 ? 1 : 997) {
    const kj__rate r = kj__rate_of(hz);
    if (!(r.frame_samples <= r.fft_size && 2 * r.frame_samples > r.fft_size &&
          r.hop_samples > 0 && r.hop_samples < r.frame_samples &&
          r.lag_skip >= 1 && r.lag_skip + 4 < r.n_lags && r.top_hz <= 8000.0f &&
          r.top_hz >= 1999.0f))
      fail_msg("%u Hz: frame %zu, hop %zu, FFT %zu, skip %zu, top %g Hz", hz,
               r.frame_samples, r.hop_samples, r.fft_size, r.lag_skip,
               (double)r.top_hz);
  }
}

/* ---- mel bands ---- */

static void bins_of_the_bands_at_16_khz(void **state)
{
  (void)state;
  static const size_t n_bins[KJ__N_BANDS + 1] = {
      2, 2, 3,  3,  3,  3,  4,  4,  5,  5,  6,  6,  6, 8,
      8, 9, 10, 10, 12, 13, 14, 16, 17, 19, 20, 23, 24};
  kj__descriptors d;
  void *memory = create_descriptors(&d, 16000);
  for (size_t j = 0; j <= KJ__N_BANDS; j++)
    if (d.mel.first_bin[j + 1] - d.mel.first_bin[j] != n_bins[j])
      fail_msg("interval %zu: bins %zu..%zu, not %zu of them", j,
               d.mel.first_bin[j], d.mel.first_bin[j + 1], n_bins[j]);
  assert_int_equal(d.mel.first_bin[0], 1);
  assert_int_equal(d.mel.first_bin[KJ__N_BANDS + 1], 256);
  const struct {
    size_t bin;
    float weight;
  } falling[] = {
      {1, 0.532052f}, {2, 0.083690f}, {3, 0.653339f}, {255, 0.0385546f}};
  for (size_t i = 0; i < 4; i++)
    if (fabsf(d.mel.falling[falling[i].bin] - falling[i].weight) > 1e-6f)
      fail_msg("bin %zu: weight %.9g, not %.9g", falling[i].bin,
               (double)d.mel.falling[falling[i].bin],
               (double)falling[i].weight);
  free(memory);
}

/* A flat spectrum of 1 at bins between two peaks adds 1 to the bands in all;
 * the first and the last bin add nothing. */
static void weights_of_a_bin_sum_to_one(void **state)
{
  (void)state;
  static const unsigned rates_hz[] = {4000, 8000, 16000, 44100, 384000};
  for (size_t i = 0; i < 5; i++) {
    kj__descriptors d;
    void *memory = create_descriptors(&d, rates_hz[i]);
    for (size_t k = 0; k < d.rate.n_bins; k++)
      d.magnitude[k] = 0.0f;
    for (size_t k = 0; k < d.rate.n_bins; k++) {
      float sum = 0.0f;
      d.magnitude[k] = 1.0f;
      kj__mel_compute(&d.mel, d.magnitude, d.bands);
      d.magnitude[k] = 0.0f;
      for (size_t b = 0; b < KJ__N_BANDS; b++) {
        assert_true(d.bands[b] >= 0.0f);
        sum += d.bands[b] / 32767.0f;
      }
      const size_t *first = d.mel.first_bin;
      const int inner = k >= first[1] && k < first[KJ__N_BANDS];
      const int outer = k < 1 || k >= first[KJ__N_BANDS + 1];
      if ((inner && fabsf(sum - 1.0f) > 1e-6f) || (outer && sum != 0.0f))
        fail_msg("%u Hz, bin %zu: weights sum to %.9g", rates_hz[i], k,
                 (double)sum);
    }
    free(memory);
  }
}

/* ---- window, lifter ---- */

static void window_and_lifter(void **state)
{
  (void)state;
  static const double lift[KJ__N_MFCC] = {
      2.565463, 4.099058, 5.569565, 6.947049, 8.203468, 9.313246,
      10.25379, 11.00595, 11.55442, 11.88804, 12.0,     11.88804};
  kj__descriptors d;
  void *memory = create_descriptors(&d, 16000);
  assert_true(fabsf(d.frame.window[0] - 0.08f) < 1e-7f);
  for (size_t i = 0; i < 400; i++)
    assert_true(fabsf(d.frame.window[i] - d.frame.window[399 - i]) < 1e-7f);
  for (size_t i = 0; i < KJ__N_MFCC; i++)
    if (fabs((double)d.mfcc.scale[i] / sqrt(2.0 / 26.0) - lift[i]) > 1e-5)
      fail_msg("lifter %zu: %.9g, not %.9g", i + 1,
               (double)d.mfcc.scale[i] / sqrt(2.0 / 26.0), lift[i]);
  free(memory);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(constants_of_the_rates),
      cmocka_unit_test(every_rate_is_sound),
      cmocka_unit_test(bins_of_the_bands_at_16_khz),
      cmocka_unit_test(weights_of_a_bin_sum_to_one),
      cmocka_unit_test(window_and_lifter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
