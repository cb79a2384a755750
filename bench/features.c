/*
 * features.c: what the features of a frame cost, stage by stage, beside what
 * the machine could do, and a whole extraction beside the plain version's.
 *
 *     bench_features [FILE]      a recording; else ten minutes made here
 *
 * Stages: microseconds a frame on warm caches, the least of interleaved runs,
 * for every tier. Operations (a multiply-add is two) and bytes of scratch are
 * counted in the source; the limits beside them, multiply-adds in registers and
 * copying within the scratch, are measured in the same run. Extraction:
 * decoding, descriptors, contours, functionals. Every frame is also computed by
 * the plain version, and compared.
 */
#define _POSIX_C_SOURCE 200809L /* setenv */
#include "kanjo/features.h"
#include "base/random.h"
#include "common/clock.h"
#include "common/limit.h"
#include "features/batch.h"
#include "features/contour.h"
#include "kanjo/audio.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RATE_HZ = 16000, MADE_S = 600, BLOCK = 10240 };
enum { N_REPEATS = 15, N_BATCHES = 64 };
enum { N_FUNCTIONALS = 384 };

typedef enum stage {
  WINDOW,
  SPECTRUM,
  BANDS,
  PITCH,
  CONTOURS,
  SUMS,
  N_STAGES
} stage;

static const char *const STAGE[N_STAGES] = {"window, RMS, zero crossings",
                                            "transform, power, magnitude",
                                            "mel bands, MFCC",
                                            "autocorrelation, cepstrum, peaks",
                                            "contours",
                                            "functionals"};

typedef struct sound {
  float *samples;
  size_t n;
} sound;

typedef struct bench {
  sound sound;
  kj__rate rate;
  void *memory;
  kj__batch batch;
  kj__contours contours;
  kj__functionals functionals;
  double least_s[N_STAGES]; /* a frame */
  double limit, copy;       /* GF/s, GB/s */
} bench;

static void must(bool is_so, const char *what)
{
  if (is_so)
    return;
  fprintf(stderr, "bench_features: %s failed\n", what);
  exit(1);
}

/* ---- sound ---- */

/* A gliding voice in syllables, and noise. */
static sound make_sound(void)
{
  sound s = {NULL, (size_t)RATE_HZ * MADE_S};
  s.samples = malloc(s.n * sizeof(float));
  must(s.samples != NULL, "allocation");
  kj__random random = kj__random_stream(1, KJ__PURPOSE_TEST, 0, 0);
  double phase = 0.0;
  for (size_t i = 0; i < s.n; i++) {
    const double t = (double)i / RATE_HZ, loud = fabs(sin(12.0 * t));
    phase += (180.0 + 60.0 * sin(1.7 * t)) / RATE_HZ;
    double voice = 0.0;
    for (int h = 1; h <= 4; h++)
      voice += sin(6.283185307179586 * h * phase) / h;
    s.samples[i] = (float)(0.15 * (loud > 0.4 ? loud * voice : 0.0) +
                           0.004 * kj__random_normal(&random));
  }
  return s;
}

static kj_status read_sound(const char *path, float *out, size_t room,
                            size_t *n_all)
{
  kj_audio *audio = NULL;
  kj_status status = kj_audio_open(path, NULL, &audio, NULL);
  size_t n = 1;
  for (*n_all = 0; status == KJ_OK && n > 0; *n_all += n) {
    float block[BLOCK];
    status = kj_audio_read(audio, block, BLOCK, &n, NULL);
    for (size_t i = 0; i < n && *n_all + i < room; i++)
      out[*n_all + i] = block[i];
  }
  kj_audio_close(audio);
  return status;
}

static sound load_sound(const char *path)
{
  sound s = {NULL, 0};
  must(read_sound(path, NULL, 0, &s.n) == KJ_OK, path);
  s.samples = malloc(s.n * sizeof(float) + 1);
  must(s.samples != NULL, "allocation");
  must(read_sound(path, s.samples, s.n, &s.n) == KJ_OK, path);
  return s;
}

/* ---- stages ---- */

static void lay_out(bench *b, kj__tier tier, kj__arena *arena)
{
  const kj__lane_kernels *kernels = kj__lane_kernels_get(tier);
  kj__batch_layout(&b->batch, &b->rate, kernels, arena);
  kj__contours_layout(&b->contours, KJ__N_RAW, arena);
  kj__functionals_layout(&b->functionals, 2 * KJ__N_RAW, arena);
  b->functionals.add = kernels->sum;
}

static void choose_tier(bench *b, kj__tier tier)
{
  kj__arena arena = {NULL, 0};
  lay_out(b, tier, &arena);
  free(b->memory);
  b->memory = malloc(arena.used);
  must(b->memory != NULL, "allocation");
  arena = (kj__arena){b->memory, 0};
  lay_out(b, tier, &arena);
  kj__batch_init(&b->batch);
  kj__contours_reset(&b->contours);
  kj__functionals_reset(&b->functionals);
  for (size_t s = 0; s < N_STAGES; s++)
    b->least_s[s] = (double)INFINITY;
  b->limit = kj_bench_multiply_add_limit(tier);
}

static void push_rows(bench *b, const float *raw, size_t n, bool summed)
{
  for (size_t i = 0; i < n; i++, raw += KJ__N_RAW) {
    const float *row = kj__contours_push(&b->contours, raw);
    if (row && summed)
      kj__functionals_push(&b->functionals, row);
  }
}

/* One batch; what each stage took is added to `spent`. */
static void run_batch(bench *b, const float *samples, double *spent)
{
  const kj__lane_kernels *k = b->batch.kernels;
  const size_t n = k->n_lanes;
  float raw[KJ__MAX_LANES * KJ__N_RAW] = {0};
  double at[N_STAGES + 1];
  at[WINDOW] = kj_bench_now_s();
  k->window(&b->batch.lanes, samples, n);
  at[SPECTRUM] = kj_bench_now_s();
  k->spectrum(&b->batch.lanes);
  at[BANDS] = kj_bench_now_s();
  k->bands(&b->batch.lanes);
  at[PITCH] = kj_bench_now_s();
  k->pitch(&b->batch.lanes);
  at[CONTOURS] = kj_bench_now_s();
  for (size_t i = 0; i < n * KJ__N_RAW; i++)
    raw[i] = b->batch.lanes.value[i % KJ__N_RAW][i / KJ__N_RAW];
  push_rows(b, raw, n, false);
  at[SUMS] = kj_bench_now_s();
  for (size_t i = 0; i < n; i++)
    kj__functionals_push(&b->functionals, b->contours.row);
  at[N_STAGES] = kj_bench_now_s();
  for (size_t s = 0; s < N_STAGES; s++)
    spent[s] += at[s + 1] - at[s];
}

static void time_stages(bench *b)
{
  const size_t n_lanes = b->batch.kernels->n_lanes;
  const size_t step = n_lanes * b->rate.hop_samples;
  const size_t room = b->rate.frame_samples + step;
  for (int repeat = 0; repeat < N_REPEATS; repeat++) {
    double spent[N_STAGES] = {0.0};
    size_t first = (size_t)repeat * 7919;
    for (size_t i = 0; i < N_BATCHES; i++, first += step)
      run_batch(b, b->sound.samples + first % (b->sound.n - room), spent);
    for (size_t s = 0; s < N_STAGES; s++)
      b->least_s[s] =
          fmin(b->least_s[s], spent[s] / (double)(N_BATCHES * n_lanes));
  }
}

/* Operations of a Fourier transform of n complex points: a radix-4 butterfly
 * has 16 additions and 3 complex products of 6, none in the last pass. */
static double fourier_operations(double n)
{
  double operations = 0.0, size = n;
  for (; size > 4.0; size /= 4.0)
    operations += n / 4.0 * 34.0;
  return operations + (size == 4.0 ? n / 4.0 * 16.0 : n / 2.0 * 4.0);
}

/* The same of a frame's stage. */
static double operations_of(const kj__rate *rate, stage s)
{
  const double l = (double)rate->frame_samples, h = (double)rate->hop_samples;
  const double n = (double)rate->n_lags, bins = (double)rate->n_bins;
  double lags = 0.0;
  switch (s) {
  case WINDOW: /* emphasis, window, square, sum; 8 a sample of a hop */
    return 5.0 * l + 8.0 * h;
  case SPECTRUM:
    return fourier_operations(n) + n / 2.0 * 20.0 + bins * 2.0;
  case BANDS:
    return 4.0 * bins + KJ__N_BANDS * (28.0 + 2.0 * KJ__N_MFCC);
  case PITCH:
    for (double half = n / 2.0; half >= 1.0; half /= 2.0)
      lags += fourier_operations(half) + half / 2.0 * 28.0;
    return lags + bins * (34.0 + 5.0) + n * (9.0 + 4.0 + 2.0);
  case CONTOURS:
    return KJ__N_RAW * 8.0;
  case SUMS:
    return 2.0 * KJ__N_RAW * 45.0;
  default:
    return 0.0;
  }
}

/* Passes of a Fourier transform of n points. */
static double passes_of(double n)
{
  return ceil(log2(n) / 2.0);
}

/* Bytes of scratch that a frame's stage loads and stores. */
static double bytes_of(const kj__rate *rate, stage s)
{
  const double m = (double)rate->fft_size, n = (double)rate->n_lags;
  const double bins = (double)rate->n_bins;
  double bytes = 0.0;
  switch (s) {
  case WINDOW:
    return 4.0 * ((double)rate->frame_samples + m);
  case SPECTRUM:
    return 4.0 * (2.0 * m * passes_of(n) + m + 2.0 * bins);
  case BANDS:
    return 4.0 * bins;
  case PITCH:
    for (double half = n / 2.0; half >= 1.0; half /= 2.0)
      bytes += 8.0 * half * (4.0 + 2.0 * passes_of(half) + 2.0);
    return bytes + 4.0 * (4.0 * bins + 3.0 * n);
  case CONTOURS:
    return 4.0 * KJ__N_RAW * 12.0;
  case SUMS:
    return 8.0 * 2.0 * KJ__N_RAW * 24.0;
  default:
    return 0.0;
  }
}

/* GB/s, loaded and stored, of copying between halves of the scratch. */
static double copy_limit(const bench *b)
{
  enum { N_COPIES = 2000, N_BURSTS = 5 };
  float *wave = b->batch.lanes.wave;
  const size_t half = b->rate.fft_size / 2 * b->batch.kernels->n_lanes;
  double best_s = (double)INFINITY;
  memset(wave, 0, 2 * half * sizeof *wave);
  for (int burst = 0; burst < N_BURSTS; burst++) {
    const double start_s = kj_bench_now_s();
    for (int i = 0; i < N_COPIES; i++) {
      memcpy(wave + half * (size_t)(i % 2), wave + half * (size_t)(1 - i % 2),
             half * sizeof *wave);
      __asm__ volatile("" : : "r"(wave) : "memory");
    }
    best_s = fmin(best_s, kj_bench_now_s() - start_s);
  }
  return 2.0 * N_COPIES * (double)(half * sizeof *wave) / best_s / 1e9;
}

static void print_line(const bench *b, const char *name, double s,
                       double operations, double bytes)
{
  const double gflops = operations / s / 1e9, gbytes = bytes / s / 1e9;
  printf("  %-34s %9.3f %8.1f %4.0f %% %8.1f %4.0f %%\n", name, s * 1e6, gflops,
         100.0 * gflops / b->limit, gbytes, 100.0 * gbytes / b->copy);
}

static void print_stages(bench *b)
{
  double total_s = 0.0, operations = 0.0, bytes = 0.0;
  b->copy = copy_limit(b);
  printf("%s, %zu frames at a time; at most %.0f GF/s, %.0f GB/s\n",
         b->batch.kernels->name, b->batch.kernels->n_lanes, b->limit, b->copy);
  printf("  %-34s %9s %8s %6s %8s %6s\n", "stage", "us/frame", "GF/s", "limit",
         "GB/s", "limit");
  for (size_t s = 0; s < N_STAGES; s++) {
    const double of = operations_of(&b->rate, (stage)s);
    const double moved = bytes_of(&b->rate, (stage)s);
    print_line(b, STAGE[s], b->least_s[s], of, moved);
    total_s += b->least_s[s];
    operations += of;
    bytes += moved;
  }
  print_line(b, "all", total_s, operations, bytes);
}

/* ---- a whole extraction ---- */

static double extract_fast(const char *path, const sound *s, float *out)
{
  kj_extractor *x = NULL;
  const double start_s = kj_bench_now_s();
  must(kj_extractor_create(kj_feature_set_find("is09"), RATE_HZ, NULL, &x,
                           NULL) == KJ_OK,
       "kj_extractor_create");
  kj_audio *audio = NULL;
  size_t n = s->n;
  if (path) {
    float block[BLOCK];
    must(kj_audio_open(path, NULL, &audio, NULL) == KJ_OK, path);
    while (kj_audio_read(audio, block, BLOCK, &n, NULL) == KJ_OK && n > 0)
      kj_extractor_process(x, block, n, NULL);
    kj_audio_close(audio);
  } else {
    kj_extractor_process(x, s->samples, n, NULL);
  }
  must(kj_extractor_finish(x, out, NULL) == KJ_OK, "kj_extractor_finish");
  kj_extractor_destroy(x);
  return kj_bench_now_s() - start_s;
}

/* The same with the plain loops, frame by frame. */
static double extract_plain(bench *b, const char *path, float *out)
{
  const double start_s = kj_bench_now_s();
  choose_tier(b, KJ__TIER_BASELINE);
  if (path)
    must(read_sound(path, b->sound.samples, b->sound.n, &(size_t){0}) == KJ_OK,
         path);
  const size_t n_frames =
      (b->sound.n - b->rate.frame_samples) / b->rate.hop_samples + 1;
  for (size_t i = 0; i < n_frames; i++) {
    float raw[KJ__N_RAW];
    kj__descriptors_compute(&b->batch.plain,
                            b->sound.samples + i * b->rate.hop_samples, raw);
    push_rows(b, raw, 1, true);
  }
  const float *row = kj__contours_drain(&b->contours);
  kj__functionals_push(&b->functionals, row);
  kj__functionals_compute(&b->functionals, out);
  return kj_bench_now_s() - start_s;
}

static void compare_extractions(bench *b, const char *path)
{
  float fast[N_FUNCTIONALS], plain[N_FUNCTIONALS];
  double fast_s[3], plain_s[3];
  for (int i = 0; i < 3; i++) {
    fast_s[i] = extract_fast(path, &b->sound, fast);
    plain_s[i] = extract_plain(b, path, plain);
  }
  const double f = kj_bench_median(fast_s, 3), p = kj_bench_median(plain_s, 3);
  const double length_s = (double)b->sound.n / RATE_HZ;
  printf("extraction of %.0f s%s: %.3f s, %.0f times real time; plain loops "
         "%.3f s: %.2f times as long\n",
         length_s, path ? " from a file" : "", f, length_s / f, p, p / f);
}

/* ---- agreement ---- */

typedef struct agreement {
  size_t n_frames, n_voiced, n_other_f0;
  double mfcc, voicing; /* the largest differences */
} agreement;

static void compare_frame(agreement *a, const float *got, const float *plain)
{
  a->n_frames++;
  a->n_voiced += plain[KJ__F0] > 0.0f;
  a->n_other_f0 += got[KJ__F0] != plain[KJ__F0];
  a->voicing =
      fmax(a->voicing, fabs((double)(got[KJ__VOICING] - plain[KJ__VOICING])));
  for (size_t c = KJ__MFCC; c < KJ__ZCR; c++)
    a->mfcc = fmax(a->mfcc, fabs((double)(got[c] - plain[c])));
}

/* Frames in batches against the plain version, all of them. */
static void compare_frames(bench *b, kj__descriptors *plain)
{
  const size_t hop = b->rate.hop_samples, most = b->batch.kernels->n_lanes;
  const size_t n_frames = (b->sound.n - b->rate.frame_samples) / hop + 1;
  agreement a = {0};
  kj__batch_reset(&b->batch);
  for (size_t k = 0, n; k < n_frames; k += n) {
    const float *samples = b->sound.samples + k * hop;
    float raw[KJ__MAX_LANES][KJ__N_RAW], one[KJ__N_RAW];
    n = n_frames - k < most ? n_frames - k : most;
    kj__batch_compute(&b->batch, samples, n, raw[0]);
    for (size_t i = 0; i < n; i++) {
      kj__descriptors_compute(plain, samples + i * hop, one);
      compare_frame(&a, raw[i], one);
    }
  }
  printf("%s: %zu frames, %zu voiced, %llu left to the plain version; beside "
         "it F0 differs in %zu, voicing by at most %.1e, MFCC by %.1e\n",
         b->batch.kernels->name, a.n_frames, a.n_voiced,
         (unsigned long long)b->batch.n_plain, a.n_other_f0, a.voicing, a.mfcc);
}

static void compare_tier(bench *b)
{
  kj__descriptors plain;
  kj__arena arena = {NULL, 0};
  kj__descriptors_layout(&plain, &b->rate, &arena);
  void *memory = malloc(arena.used);
  must(memory != NULL, "allocation");
  arena = (kj__arena){memory, 0};
  kj__descriptors_layout(&plain, &b->rate, &arena);
  kj__descriptors_init(&plain);
  compare_frames(b, &plain);
  free(memory);
}

int main(int argc, char **argv)
{
  const char *path = argc > 1 ? argv[1] : NULL;
  bench b = {.rate = kj__rate_of(RATE_HZ)};
  b.sound = path ? load_sound(path) : make_sound();
  must(b.sound.n > 2 * RATE_HZ, "a sound of at least two seconds");
  for (int t = 0; t < KJ__N_TIERS; t++) {
    if (!kj__tier_is_here((kj__tier)t))
      continue;
    choose_tier(&b, (kj__tier)t);
    time_stages(&b);
    print_stages(&b);
    compare_tier(&b);
    putchar('\n');
  }
  compare_extractions(&b, path);
  free(b.memory);
  free(b.sound.samples);
  return 0;
}
