/*
 * estimate.c: the time of one estimate by its kind of weights, beside the time
 * that reading the same bytes takes.
 *
 *     bench_estimate
 *
 * A network 384-1200-600-1 and one row. About half of its hidden units are 0,
 * and their weights are not read: one estimate may take less than its limit.
 * `panels` is kj_network_forward with one row, made for many. All figures are
 * medians of interleaved runs on warm caches.
 */
#define _POSIX_C_SOURCE 200809L /* setenv */
#include "base/random.h"
#include "common/clock.h"
#include "network/packed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  N_REPEATS = 21,
  N_CALLS = 40, /* of a run */
  MOST_RUNS = KJ__N_TIERS * (KJ_N_WEIGHTS + 1),
  CHUNK = 32 /* words that are read at a time */
};

static const kj_network_shape SHAPE = {
    .n_layers = 3, .width = {384, 1200, 600, 1}, KJ_ACTIVATION_LINEAR};

/* ---- what is measured ---- */

typedef struct run {
  const char *tier, *name;
  kj__packed *packed; /* NULL: panels */
  kj__packed_scratch *scratch;
  kj_activations *activations;
  size_t n_bytes; /* of the weights */
  double limit[N_REPEATS], time[N_REPEATS];
} run;

typedef struct bench {
  kj_network *net;
  float *scale;
  float range[KJ_MAX_LAYERS];
  float x[384];
  run run[MOST_RUNS];
  size_t n_runs;
  uint64_t *words; /* to be read */
} bench;

static void must(bool is_so, const char *what)
{
  if (is_so)
    return;
  fprintf(stderr, "bench_estimate: %s failed\n", what);
  exit(1);
}

/* Weights that every kind has: whole multiples, up to 127, of a power of 2. */
static void fill_network(bench *b)
{
  kj__random random = kj__random_stream(1, KJ__PURPOSE_TEST, 0, 0);
  float *scale = b->scale;
  for (size_t l = 0; l < SHAPE.n_layers; l++) {
    const size_t n_in = SHAPE.width[l], n_out = SHAPE.width[l + 1];
    kj_real *w = kj_network_weights(b->net, l);
    const float step = exp2f(roundf(log2f(0.03f / sqrtf((float)n_in))));
    for (size_t i = 0; i < n_in * n_out; i++) {
      const float q = rintf((float)(45.0 * kj__random_normal(&random)));
      w[i] = step * fminf(fmaxf(q, -127.0f), 127.0f);
    }
    for (size_t o = 0; o < n_out; o++)
      *scale++ = step;
    b->range[l] = 10.0f;
  }
  for (size_t k = 0; k < SHAPE.width[0]; k++)
    b->x[k] = (float)kj__random_normal(&random);
}

static size_t n_weights(void)
{
  size_t n = 0;
  for (size_t l = 0; l < SHAPE.n_layers; l++)
    n += SHAPE.width[l] * SHAPE.width[l + 1];
  return n;
}

static void add_packed(bench *b, kj__tier tier, kj_weights weights)
{
  static const size_t SIZE[] = {4, 2, 1};
  const kj__packed_source source = {b->net, weights, b->scale, b->range};
  run *r = &b->run[b->n_runs++];
  r->tier = kj__tier_name(tier);
  r->name = kj_weights_name(weights);
  r->n_bytes = n_weights() * SIZE[weights];
  must(kj__packed_create(&source, NULL, &r->packed, NULL) == KJ_OK, "packing");
  must(kj__packed_scratch_create(r->packed, NULL, &r->scratch, NULL) == KJ_OK,
       "scratch");
}

static void add_panels(bench *b, kj__tier tier)
{
  run *r = &b->run[b->n_runs++];
  r->tier = kj__tier_name(tier);
  r->name = "panels";
  r->n_bytes = n_weights() * sizeof(float);
  must(kj_activations_create(&SHAPE, 1, NULL, &r->activations, NULL) == KJ_OK,
       "activations");
}

static void add_tier(bench *b, kj__tier tier)
{
  must(setenv("KANJO_CPU", kj__tier_name(tier), 1) == 0, "setenv");
  add_panels(b, tier);
  for (int w = 0; w < KJ_N_WEIGHTS; w++)
    add_packed(b, tier, (kj_weights)w);
}

/* ---- measuring ---- */

/* A read of many words at a time: nothing but memory is in its way. */
static uint64_t read_words(const uint64_t *words, size_t n)
{
  uint64_t sum[CHUNK] = {0}, all = 0;
  for (size_t i = 0; i + CHUNK <= n; i += CHUNK)
    for (size_t j = 0; j < CHUNK; j++)
      sum[j] ^= words[i + j];
  for (size_t j = 0; j < CHUNK; j++)
    all ^= sum[j];
  return all;
}

static double time_limit(const bench *b, const run *r)
{
  volatile uint64_t kept = 0;
  const double start = kj_bench_now_s();
  for (size_t i = 0; i < N_CALLS; i++)
    kept = kept ^ read_words(b->words, r->n_bytes / sizeof *b->words);
  return (kj_bench_now_s() - start) / N_CALLS;
}

static double time_run(const bench *b, const run *r)
{
  float y[KJ_MAX_OUTPUTS];
  const double start = kj_bench_now_s();
  for (size_t i = 0; i < N_CALLS; i++)
    if (r->packed)
      kj__packed_forward(r->packed, b->x, r->scratch, y);
    else
      kj_network_forward(b->net, b->x, 1, r->activations, y);
  return (kj_bench_now_s() - start) / N_CALLS;
}

static void print_run(run *r)
{
  const double limit = 1e6 * kj_bench_median(r->limit, N_REPEATS),
               time = 1e6 * kj_bench_median(r->time, N_REPEATS);
  printf("%-11s %-7s %10.1f %14.1f %8.2f\n", r->tier, r->name, time, limit,
         limit / time);
}

int main(void)
{
  bench *b = calloc(1, sizeof *b);
  must(b, "memory");
  must(kj_network_create(&SHAPE, NULL, &b->net, NULL) == KJ_OK, "a network");
  b->scale = calloc(384 + 1200 + 600 + 1, sizeof *b->scale);
  b->words = calloc(n_weights(), sizeof(float));
  must(b->scale && b->words, "memory");
  memset(b->words, 1, n_weights() * sizeof(float));
  fill_network(b);
  for (int t = 0; t < KJ__N_TIERS; t++)
    if (kj__tier_is_here((kj__tier)t))
      add_tier(b, (kj__tier)t);
  for (size_t i = 0; i < N_REPEATS; i++)
    for (size_t k = 0; k < b->n_runs; k++) {
      b->run[k].limit[i] = time_limit(b, &b->run[k]);
      b->run[k].time[i] = time_run(b, &b->run[k]);
    }
  printf("one estimate, 384-1200-600-1, microseconds\n"
         "%-11s %-7s %10s %14s %8s\n",
         "tier", "weights", "time", "read the same", "ratio");
  for (size_t k = 0; k < b->n_runs; k++)
    print_run(&b->run[k]);
  for (size_t k = 0; k < b->n_runs; k++) {
    kj__packed_scratch_destroy(b->run[k].scratch);
    kj__packed_destroy(b->run[k].packed);
    kj_activations_destroy(b->run[k].activations);
  }
  kj_network_destroy(b->net);
  free(b->words);
  free(b->scale);
  free(b);
  return 0;
}
