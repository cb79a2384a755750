/*
 * binary_layer.c: would products with a 0/1 matrix pay in a training step?
 *
 *     bench_binary_layer
 *
 * bench_binary_product asks what they are worth at most. This one does what a
 * step of VAT asks of layer 1200 -> 600, the making of the tables included, for
 * both chains (clean, moved): the signals sent back, and the weight gradient,
 * stored or moving the parameters by Adam's step. Beside it the same by the
 * training's own kernels. Both must agree with plain loops in double.
 *
 * Before each call 8 MiB are written: as in a step, operands come from the
 * third-level cache. Least of several rounds, in turn. AVX-512 only.
 */
#include "base/random.h"
#include "common/binary.h"
#include "common/clock.h"
#include "network/kernels.h"
#include "network/panels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  IN = KJ_BENCH_IN,
  OUT = KJ_BENCH_OUT,
  N_ROUNDS = 25,
  EVICTED = 1 << 21, /* floats */
  CHECKED = 37       /* one result of so many is */
};

static const kj__adam_step_constants ADAM = {.9F,  .1F,   .999F, .001F, 10,
                                             1000, 1e-3F, 1e-8F, 0};

typedef struct bench {
  kj_bench_binary q;
  const kj__kernels *dense;
  float *signal[2]; /* of layer 2: clean without the rows' scale, moved with */
  float *clean;     /* clean with it */
  float *evicted;
} bench;

static float *numbers(size_t n)
{
  void *p = aligned_alloc(64, (n * sizeof(float) + 63) / 64 * 64);
  if (!p) {
    fputs("bench_binary_layer: no memory\n", stderr);
    exit(1);
  }
  memset(p, 0, n * sizeof(float));
  return p;
}

static float *draw(kj__random *random, size_t n, double scale)
{
  float *x = numbers(n);
  for (size_t i = 0; i < n; i++)
    x[i] = (float)(scale * kj__random_normal(random));
  return x;
}

/* Half of the units are on. */
static float *draw_hidden(kj__random *random, size_t n)
{
  float *h = draw(random, n, 1);
  for (size_t i = 0; i < n; i++)
    h[i] = h[i] > 0 ? h[i] : 0;
  return h;
}

/* A chain's signals as the dense kernels want them. */
static float *signals(const bench *b, size_t chain, bool is_scaled)
{
  const size_t n_rows = b->q.n_rows;
  float *signal = numbers(kj__panels_size(OUT, n_rows));
  for (size_t k = 0; k < OUT; k++)
    for (size_t r = 0; r < n_rows; r++) {
      const size_t at = kj__panels_at(OUT, k, r);
      const float scale = is_scaled ? b->q.scale[chain][r] : 1;
      signal[at] = b->q.above[chain][at] > 0 ? b->q.last[k] * scale : 0;
    }
  return signal;
}

static bench create(const kj__kernels *dense, size_t n_rows)
{
  kj__random random = kj__random_stream(1, KJ__PURPOSE_TEST, 0, 0);
  bench b = {.dense = dense, .evicted = numbers(EVICTED)};
  b.q = (kj_bench_binary){
      .n_rows = n_rows,
      .weights = draw(&random, (IN + 1) * OUT, 0.03),
      .last = draw(&random, OUT, 0.04),
      .scaled = numbers(kj__panels_size(IN, n_rows)),
      .gradient = numbers((IN + 1) * OUT),
      .parameters = numbers((IN + 1) * OUT),
      .moment1 = numbers((IN + 1) * OUT),
      .moment2 = numbers((IN + 1) * OUT),
      .which = (int32_t *)(void *)numbers(OUT / 2 * n_rows),
      .rows = (uint16_t *)(void *)numbers(OUT * n_rows / 4),
  };
  for (size_t c = 0; c < 2; c++) {
    float *columns = numbers(kj__panels_size(n_rows, IN));
    b.q.above[c] = draw_hidden(&random, kj__panels_size(OUT, n_rows));
    b.q.h[c] = draw_hidden(&random, kj__panels_size(IN, n_rows));
    kj__panels_transpose(b.q.h[c], IN, n_rows, 0, n_rows, columns);
    b.q.columns[c] = columns;
    b.q.scale[c] = draw(&random, n_rows, 0.1);
    b.q.back[c] = numbers(kj__panels_size(IN, n_rows));
    b.signal[c] = signals(&b, c, c == 1);
  }
  b.clean = signals(&b, 0, true);
  return b;
}

static void destroy(bench *b)
{
  for (size_t c = 0; c < 2; c++) {
    free(b->q.above[c]);
    free(b->q.h[c]);
    free(b->q.columns[c]);
    free(b->q.scale[c]);
    free(b->q.back[c]);
    free(b->signal[c]);
  }
  free(b->q.weights);
  free(b->q.last);
  free(b->q.scaled);
  free(b->q.gradient);
  free(b->q.parameters);
  free(b->q.moment1);
  free(b->q.moment2);
  free(b->q.which);
  free(b->q.rows);
  free(b->clean);
  free(b->evicted);
}

static void dense_backward(const bench *b)
{
  for (size_t c = 0; c < 2; c++) {
    const kj__backward q = {.n_in = IN,
                            .n_out = OUT,
                            .n_rows = b->q.n_rows,
                            .weights = b->q.weights,
                            .signal = b->signal[c],
                            .h = b->q.h[c],
                            .back = b->q.back[c],
                            .row_scale = c == 0 ? b->q.scale[0] : NULL,
                            .scaled = c == 0 ? b->q.scaled : NULL};
    b->dense->backward(&q, 0, IN);
  }
}

static void dense_descend(const bench *b)
{
  const size_t n = b->q.n_rows;
  const kj__descent q = {
      .n_in = IN,
      .n_out = OUT,
      .stack = {{.n_rows = n, .signal = b->clean, .columns = b->q.columns[0]},
                {.n_rows = n,
                 .signal = b->signal[1],
                 .columns = b->q.columns[1]}},
      .gradient = b->q.adam ? NULL : b->q.gradient,
      .adam = b->q.adam,
      .parameters = b->q.parameters,
      .moment1 = b->q.moment1,
      .moment2 = b->q.moment2,
  };
  b->dense->descend(&q, 0, OUT);
}

static void binary_backward(const bench *b)
{
  kj_bench_binary_backward(&b->q);
}

static void binary_descend(const bench *b)
{
  kj_bench_binary_descend(&b->q);
}

/* ---- against double ---- */

/* The rms of the difference, relative to the rms of what it should be. */
typedef struct deviation {
  double difference, whole;
} deviation;

static void note(deviation *d, double found, double expected)
{
  d->difference += (found - expected) * (found - expected);
  d->whole += expected * expected;
}

static double backward_off(const bench *b)
{
  deviation d = {0, 0};
  for (size_t n = 0; n < 2 * IN * b->q.n_rows; n += CHECKED) {
    const size_t c = n % 2, i = n / 2 % IN, r = n / 2 / IN;
    const size_t at = kj__panels_at(IN, i, r);
    double sum = 0;
    for (size_t k = 0; k < OUT; k++)
      if (b->q.above[c][kj__panels_at(OUT, k, r)] > 0)
        sum += (double)b->q.weights[k * IN + i] * (double)b->q.last[k];
    if (!(b->q.h[c][at] > 0))
      sum = 0;
    const double scaled = sum * (double)b->q.scale[c][r];
    note(&d, (double)b->q.back[c][at], c == 0 ? sum : scaled);
    if (c == 0)
      note(&d, (double)b->q.scaled[at], scaled);
  }
  return sqrt(d.difference / d.whole);
}

/* From zero moments, Adam's first is a known part of the gradient. */
static double gradient_at(const bench *b, size_t n)
{
  return b->q.adam ? (double)b->q.moment1[n] / (double)ADAM.one_minus_beta1
                   : (double)b->q.gradient[n];
}

static double descend_off(const bench *b)
{
  deviation d = {0, 0};
  for (size_t n = 0; n < IN * OUT; n += CHECKED) {
    const size_t k = n / IN, i = n % IN;
    double sum = 0;
    for (size_t c = 0; c < 2; c++)
      for (size_t r = 0; r < b->q.n_rows; r++)
        if (b->q.above[c][kj__panels_at(OUT, k, r)] > 0)
          sum += (double)b->q.scale[c][r] *
                 (double)b->q.h[c][kj__panels_at(IN, i, r)];
    note(&d, gradient_at(b, n), sum * (double)b->q.last[k]);
  }
  return sqrt(d.difference / d.whole);
}

/* ---- times ---- */

typedef struct contest {
  const char *name;
  void (*run[2])(const bench *b); /* dense, binary */
  double (*off)(const bench *b);
  const kj__adam_step_constants *adam;
} contest;

static const contest CONTESTS[] = {
    {"backward", {dense_backward, binary_backward}, backward_off, NULL},
    {"gradient", {dense_descend, binary_descend}, descend_off, NULL},
    {"and Adam", {dense_descend, binary_descend}, descend_off, &ADAM},
};

static double time_once(const bench *b, void (*run)(const bench *b))
{
  for (size_t i = 0; i < EVICTED; i++)
    b->evicted[i] += 1;
  const double begin_s = kj_bench_now_s();
  run(b);
  return kj_bench_now_s() - begin_s;
}

/* Prints a line; returns whether both agree with double. */
static bool compare(bench *b, const contest *x)
{
  double least_s[2] = {HUGE_VAL, HUGE_VAL}, off[2];
  b->q.adam = x->adam;
  for (size_t round = 0; round < N_ROUNDS; round++)
    for (size_t way = 0; way < 2; way++)
      least_s[way] = fmin(least_s[way], time_once(b, x->run[way]));
  memset(b->q.gradient, 0, IN * OUT * sizeof *b->q.gradient);
  for (size_t way = 0; way < 2; way++) {
    memset(b->q.moment1, 0, IN * OUT * sizeof *b->q.moment1);
    x->run[way](b);
    off[way] = x->off(b);
  }
  printf("%5zu  %s  %8.1f  %8.1f  %5.2f  %8.1f  %.1e  %.1e\n", b->q.n_rows,
         x->name, 1e6 * least_s[0], 1e6 * least_s[1], least_s[0] / least_s[1],
         1e6 * (least_s[0] - least_s[1]), off[0], off[1]);
  fflush(stdout);
  return off[0] < 1e-6 && off[1] < 1e-6;
}

int main(void)
{
  static const size_t BATCH[] = {32, 64, 128, 256, 512};
  bool agree = true;
  if (!kj_bench_binary_is_here() || !kj__tier_is_here(KJ__TIER_AVX512)) {
    fputs("bench_binary_layer needs AVX-512\n", stderr);
    return 1;
  }
  printf("1200 -> 600, both chains, microseconds; off: rms from double\n"
         "%5s  %-8s  %8s  %8s  %5s  %8s  %-7s  %-7s\n",
         "batch", "product", "dense", "binary", "ratio", "saved", "off", "off");
  for (size_t i = 0; i < sizeof BATCH / sizeof *BATCH; i++) {
    bench b = create(kj__kernels_get(KJ__TIER_AVX512, KJ__FP32), BATCH[i]);
    for (size_t x = 0; x < sizeof CONTESTS / sizeof *CONTESTS; x++)
      agree = compare(&b, &CONTESTS[x]) && agree;
    destroy(&b);
  }
  if (!agree)
    fputs("bench_binary_layer: a product is wrong\n", stderr);
  return agree ? 0 : 1;
}
