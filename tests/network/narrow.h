/*
 * narrow.h: layers, sums and verdicts for the tests of the products in bf16.
 */
#ifndef KJ_TESTS_NETWORK_NARROW_H
#define KJ_TESTS_NETWORK_NARROW_H

#include "support.h"

#include "network/narrow.h"
#include "network/panels.h"

enum { MAX_TERMS = 1536 };

typedef struct shape {
  size_t n_in, n_out, n_rows;
} shape;

static const shape SHAPES[] = {
    {1, 1, 1},      {1, 1, 33},   {2, 1, 5},    {7, 5, 1},       {7, 5, 5},
    {7, 5, 31},     {5, 7, 32},   {33, 31, 1},  {33, 31, 5},     {33, 31, 31},
    {33, 31, 32},   {33, 31, 33}, {33, 31, 64}, {31, 33, 100},   {32, 32, 32},
    {64, 24, 33},   {45, 13, 33}, {13, 45, 64}, {384, 1200, 33}, {1200, 600, 5},
    {384, 1200, 1}, {600, 1, 100}};
enum { N_SHAPES = sizeof SHAPES / sizeof *SHAPES };

/* One layer and its rows. What a product in bf16 must not read (the wide
 * operands) is NaN in `trap`. */
typedef struct layer {
  shape s;
  kj_real *weights, *bias, *z, *h, *scale, *trap;
  kj_real *input;  /* (n_in, n_rows) */
  kj_real *signal; /* (n_out, n_rows) */
  kj__bf16 *forward, *backward, *narrow_input, *narrow_signal;
} layer;

/* A kernel, what it is given, and the tier's name, for messages. */
typedef struct subject {
  const kj__kernels *kernels;
  const layer *l;
  size_t strip; /* units at a time; 0: all */
} subject;

static inline kj__bf16 *new_narrow(size_t n)
{
  kj__bf16 *narrow = malloc(n * sizeof *narrow);
  assert_non_null(narrow);
  memset(narrow, 0xff, n * sizeof *narrow);
  return narrow;
}

static inline kj_real *fill_new(kj_real value, size_t n)
{
  kj_real *values = malloc(n * sizeof *values);
  assert_non_null(values);
  for (size_t i = 0; i < n; i++)
    values[i] = value;
  return values;
}

static inline kj__bf16 *pairs_of(const kj_real *panels, size_t a, size_t b)
{
  kj__bf16 *pairs = new_narrow(kj__panels_size(a, b));
  kj__narrow_pairs(panels, a, b, 0, kj__pad(b), pairs);
  return pairs;
}

static inline kj__bf16 *narrow_of(const kj_real *panels, size_t a, size_t b)
{
  kj__bf16 *narrow = new_narrow(kj__panels_size(a, b));
  kj__narrow_panels(panels, a, b, 0, kj__pad(b), narrow);
  return narrow;
}

static inline layer draw_layer(shape s)
{
  kj__random random = test_stream(s.n_in * 10000 + s.n_out, s.n_rows);
  const size_t n_weights = s.n_in * s.n_out;
  const size_t wide = s.n_in > s.n_out ? s.n_in : s.n_out;
  layer l = {.s = s};
  l.weights = draw_new(&random, 0.0, 1.0, n_weights);
  l.bias = draw_new(&random, 0.0, 1.0, s.n_out);
  l.z = draw_new(&random, 0.0, 1.0, kj__panels_size(s.n_out, s.n_rows));
  l.h = draw_new(&random, 0.0, 1.0, kj__panels_size(s.n_in, s.n_rows));
  l.scale = draw_new(&random, 0.0, 1.0, kj__pad(s.n_rows));
  l.input = draw_new(&random, 0.0, 1.0, kj__panels_size(s.n_in, s.n_rows));
  l.signal = draw_new(&random, 0.0, 1.0, kj__panels_size(s.n_out, s.n_rows));
  l.trap = fill_new(NAN, kj__pad(wide) * (kj__pad(s.n_rows) + kj__pad(wide)));
  l.forward = new_narrow(kj__even(s.n_in) * s.n_out);
  l.backward = new_narrow(s.n_in * kj__even(s.n_out));
  kj__narrow_weights(l.weights, s.n_in, s.n_out, 0, s.n_out, l.forward,
                     l.backward);
  l.narrow_input = pairs_of(l.input, s.n_in, s.n_rows);
  l.narrow_signal = pairs_of(l.signal, s.n_out, s.n_rows);
  return l;
}

static inline void free_layer(layer *l)
{
  void *blocks[] = {l->weights,  l->bias,         l->z,
                    l->h,        l->scale,        l->trap,
                    l->input,    l->signal,       l->forward,
                    l->backward, l->narrow_input, l->narrow_signal};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
    free(blocks[i]);
}

/* Terms of one sum, rounded to bf16. */
typedef struct terms {
  float a[MAX_TERMS], b[MAX_TERMS];
  size_t n;
} terms;

static inline void add_term(terms *t, kj_real a, kj_real b)
{
  assert_true(t->n < MAX_TERMS);
  t->a[t->n] = kj__widen(kj__narrow(a));
  t->b[t->n++] = kj__widen(kj__narrow(b));
}

/* The definition. */
static inline kj_real sum_pairs(terms *t, kj_real start)
{
  if (t->n % 2)
    add_term(t, 0, 0);
  float sum = (float)start;
  for (size_t k = 0; k < t->n; k += 2) {
    sum = fmaf(t->a[k + 1], t->b[k + 1], sum);
    sum = fmaf(t->a[k], t->b[k], sum);
  }
  return sum;
}

static inline void assert_number(const subject *q, const char *what,
                                 size_t unit, size_t row, kj_real got,
                                 kj_real expected)
{
  if (!(got == expected))
    fail_msg("%s, layer %zu -> %zu, %zu rows, %zu units at a time: %s of unit "
             "%zu, %zu is %.9g, must be exactly %.9g",
             q->kernels->name, q->l->s.n_in, q->l->s.n_out, q->l->s.n_rows,
             q->strip, what, unit, row, (double)got, (double)expected);
}

/* Of a large layer, some units, the last among them. */
static inline size_t next_unit(size_t unit, size_t n)
{
  const size_t step = n > 64 ? 37 : 1;
  return unit + 1 < n && unit + step >= n ? n - 1 : unit + step;
}

/* Call a kernel for units 0..n in strips, the last one first. */
#define IN_STRIPS(q, kernel, problem, n)                                       \
  do {                                                                         \
    const size_t strip_ = (q)->strip ? (q)->strip : (n);                       \
    for (size_t at_ = ((n)-1) / strip_ * strip_;; at_ -= strip_) {             \
      const size_t end_ = at_ + strip_;                                        \
      (q)->kernels->kernel((problem), at_, end_ < (n) ? end_ : (n));           \
      if (at_ == 0)                                                            \
        break;                                                                 \
    }                                                                          \
  } while (0)

/* Run a check for every layer, on every tier that is here, in strips of some
 * tiles and all at once. */
static inline void check_layers(void (*check)(const subject *q))
{
  for (size_t i = 0; i < N_SHAPES; i++) {
    layer l = draw_layer(SHAPES[i]);
    for (int tier = 0; tier < KJ__N_TIERS; tier++)
      for (size_t strip = 0; strip <= 3 * KJ__STRIP; strip += 3 * KJ__STRIP)
        if (kj__tier_is_here((kj__tier)tier))
          check(
              &(subject){kj__kernels_get((kj__tier)tier, KJ__BF16), &l, strip});
    free_layer(&l);
  }
}

#endif
