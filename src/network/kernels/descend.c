/*
 * descend.c: the weight gradient, and Adam's step on it; kernels.h.
 *
 * A tile of the gradient stays in registers while the rows of both stacks run
 * through, and is then used up: the gradient is never stored as a whole. While
 * it is summed, the parameters and moments that the next will move are brought
 * nearer, a line a term: all at once they would hold up what the sums read. (To
 * take the steps of one tile between the products of the next was slower.)
 *
 * The inputs go in blocks whose columns fit the second-level cache; within
 * one, parameters and moments stream through once. In bf16 the copies of what
 * moved are made while it is still near.
 */
#include "network/kernels/copy.h"
#include "network/kernels/functions.h"
#include "network/kernels/tile.h"

#include <string.h>

enum {
  BLOCK_NUMBERS = 65536, /* of columns: 256 KiB, half of a usual cache */
  LINE_NUMBERS = 16,     /* of 64 bytes */
  UNIT_LINES = KJ__TILE_COLUMNS > 16 ? KJ__TILE_COLUMNS / 16 : 1,
  MOST_LINES = 3 * KJ__TILE_UNITS * UNIT_LINES
};

/* The same constants in every lane: instructions read them from memory, for
 * the registers are full of sums. */
typedef struct constants {
  kj__vec beta1, one_minus_beta1, beta2, one_minus_beta2;
  kj__vec unbias1, unbias2, alpha, epsilon, decay;
} constants;

static constants spread(const kj__adam_step_constants *c)
{
  return (constants){.beta1 = kj__vec_of(c->beta1),
                     .one_minus_beta1 = kj__vec_of(c->one_minus_beta1),
                     .beta2 = kj__vec_of(c->beta2),
                     .one_minus_beta2 = kj__vec_of(c->one_minus_beta2),
                     .unbias1 = kj__vec_of(c->unbias1),
                     .unbias2 = kj__vec_of(c->unbias2),
                     .alpha = kj__vec_of(c->alpha),
                     .epsilon = kj__vec_of(c->epsilon),
                     .decay = kj__vec_of(c->decay)};
}

/* Adam's step of a vector of parameters; network/adam.h. */
KJ__INLINE void step(const constants *c, kj__vec g, float *p, float *m,
                     float *v)
{
  const kj__vec old = kj__vec_load(p);
  const kj__vec m_new = c->beta1 * kj__vec_load(m) + c->one_minus_beta1 * g;
  const kj__vec v_new =
      c->beta2 * kj__vec_load(v) + c->one_minus_beta2 * (g * g);
  kj__vec_store(m, m_new);
  kj__vec_store(v, v_new);
  const kj__vec m_hat = m_new * c->unbias1;
  const kj__vec v_hat = v_new * c->unbias2;
  const kj__vec move = c->alpha * m_hat / (kj__vec_root(v_hat) + c->epsilon);
  kj__vec_store(p, old - (move + c->decay * old));
}

/* The same of n parameters, fewer than a vector. */
static void step_few(const constants *c, const float *g, float *p, float *m,
                     float *v, size_t n)
{
  float few[4][KJ__LANES] = {{0}};
  memcpy(few[0], g, n * sizeof *g);
  memcpy(few[1], p, n * sizeof *p);
  memcpy(few[2], m, n * sizeof *m);
  memcpy(few[3], v, n * sizeof *v);
  step(c, kj__vec_load(few[0]), few[1], few[2], few[3]);
  memcpy(p, few[1], n * sizeof *p);
  memcpy(m, few[2], n * sizeof *m);
  memcpy(v, few[3], n * sizeof *v);
}

/* The steps of n parameters from `at` on. */
KJ__INLINE void step_some(const kj__descent *q, const constants *adam,
                          size_t at, const float *sums, size_t n)
{
  float *p = q->parameters + at, *m = q->moment1 + at, *v = q->moment2 + at;
  size_t i = 0;
  for (; i + KJ__LANES <= n; i += KJ__LANES)
    step(adam, kj__vec_load(sums + i), p + i, m + i, v + i);
  if (i < n)
    step_few(adam, sums + i, p + i, m + i, v + i, n - i);
}

/* Use n sums of the parameters from `at` on. */
KJ__APART static void use(const kj__descent *q, const constants *adam,
                          size_t at, const float *sums, size_t n)
{
  if (q->gradient)
    memcpy(q->gradient + at, sums, n * sizeof *sums);
  else
    step_some(q, adam, at, sums, n);
}

/* A tile of the gradient: units from `unit`, inputs from `input` on. */
typedef struct place {
  size_t unit, input;
  size_t n_inputs; /* at most KJ__TILE_COLUMNS */
  size_t next;     /* first parameter of the tile that follows */
} place;

/* Use the sums of a tile. That it is as wide as can be is the usual case. */
KJ__INLINE void use_tile(const kj__descent *q, const constants *adam,
                         const float *sums, size_t n_units, const place *x)
{
  const bool usual = !q->gradient && x->n_inputs == KJ__TILE_COLUMNS;
  const constants c = *adam;
  size_t at = x->unit * q->n_in + x->input;
  if (usual)
    for (size_t i = 0; i < n_units; i++, at += q->n_in)
      step_some(q, &c, at, sums + i * KJ__TILE_COLUMNS, KJ__TILE_COLUMNS);
  else
    for (size_t i = 0; i < n_units; i++, at += q->n_in)
      use(q, adam, at, sums + i * KJ__TILE_COLUMNS, x->n_inputs);
}

/* The copies in bf16 of a tile that moved. A lone unit has its neighbour from
 * another tile: if that is yet to move, it copies again. */
KJ__INLINE void copy_tile(const kj__descent *q, size_t n_units, const place *x)
{
  for (size_t unit = x->unit / 2 * 2; unit < x->unit + n_units; unit += 2)
    if (unit + 1 < q->n_out)
      kj__copy_pair(q, unit, x->input, x->n_inputs);
    else
      kj__copy_last(q, x->input, x->n_inputs);
}

/* The lines that the next tile will move: of its units' parameters and of both
 * moments. */
typedef struct moved_lines {
  const float *line[MOST_LINES];
  size_t n, n_fetched;
} moved_lines;

KJ__INLINE void look_ahead(const kj__descent *q, size_t n_units, const place *x,
                           moved_lines *next)
{
  const float *const block[3] = {q->parameters, q->moment1, q->moment2};
  next->n = next->n_fetched = 0;
  if (q->gradient)
    return;
  for (size_t b = 0; b < 3; b++)
    for (size_t i = 0; i < n_units; i++)
      for (size_t l = 0; l < UNIT_LINES; l++)
        next->line[next->n++] =
            block[b] + x->next + i * q->n_in + l * LINE_NUMBERS;
}

/* Add n terms; meanwhile fetch the next lines, and `next_a`. */
KJ__INLINE void add_terms(kj__tile *t, size_t n_units, size_t n,
                          const kj__word *a, const kj__word *b,
                          const kj__word *next_a, const float *const *line)
{
  for (size_t k = 0; k < n; k++) {
    if (line)
      __builtin_prefetch(line[k], 1);
    __builtin_prefetch(next_a + k * KJ__LINE_WORDS);
    kj__tile_term(t, n_units, a + k, KJ__PANEL / KJ__WORD_TERMS,
                  b + k * KJ__PANEL);
  }
}

/* Add the n terms of a panel, a line fetched beside each while there are some.
 * So is what the next panel has of a, which lies in one piece. */
KJ__INLINE void add_panel(kj__tile *t, size_t n_units, size_t n,
                          const kj__word *a, const kj__word *b,
                          const kj__word *next_a, moved_lines *next)
{
  const size_t n_lines = kj__smaller(n, next->n - next->n_fetched);
  add_terms(t, n_units, n_lines, a, b, next_a, next->line + next->n_fetched);
  add_terms(t, n_units, n - n_lines, a + n_lines, b + n_lines * KJ__PANEL,
            next_a + n_lines * KJ__LINE_WORDS, NULL);
  next->n_fetched += n_lines;
}

/* sum_r dz_or h_ir over the rows of both stacks. */
KJ__INLINE void sum_tile(const kj__descent *q, size_t n_units, const place *x,
                         float *sums)
{
  const size_t panel = kj__panels_at(q->n_out, 0, KJ__PANEL) / KJ__WORD_TERMS;
  moved_lines next;
  look_ahead(q, n_units, x, &next);
  kj__tile t;
  kj__tile_start(&t, n_units, NULL);
  for (size_t s = 0; s < 2; s++) {
    const kj__stack *stack = &q->stack[s];
    if (stack->n_rows == 0)
      continue;
    const kj__word *a = kj__operand(stack->signal, stack->narrow_signal) +
                        x->unit * KJ__PANEL / KJ__WORD_TERMS;
    const kj__word *b = kj__operand(stack->columns, stack->narrow_columns) +
                        kj__words_at(kj__words_for(stack->n_rows), 0, x->input);
    for (size_t r = 0; r < stack->n_rows; r += KJ__PANEL, a += panel)
      add_panel(&t, n_units,
                kj__words_for(kj__smaller(KJ__PANEL, stack->n_rows - r)), a,
                b + r / KJ__WORD_TERMS * KJ__PANEL, a + panel, &next);
  }
  kj__tile_store(&t, n_units, sums, KJ__TILE_COLUMNS);
}

/* A function for each number of units, as in product.h. */
KJ__APART static void sum_whole(const kj__descent *q, const place *x,
                                float *sums)
{
  sum_tile(q, KJ__TILE_UNITS, x, sums);
}

KJ__APART static void sum_one(const kj__descent *q, const place *x, float *sums)
{
  sum_tile(q, 1, x, sums);
}

static void run_tile(const kj__descent *q, const constants *adam,
                     size_t n_units, const place *x)
{
  float sums[KJ__TILE_UNITS * KJ__TILE_COLUMNS];
  (n_units == 1 ? sum_one : sum_whole)(q, x, sums);
  use_tile(q, adam, sums, n_units, x);
  if (KJ__WORD_TERMS > 1 && !q->gradient && q->narrow_forward)
    copy_tile(q, n_units, x);
}

/* Units first..last and inputs from..to, the inputs innermost. */
static void run_inputs(const kj__descent *q, const constants *adam,
                       size_t first, size_t last, size_t from, size_t to)
{
  place x = {.unit = first};
  while (x.unit < last) {
    const size_t n_units = x.unit + KJ__TILE_UNITS <= last ? KJ__TILE_UNITS : 1;
    for (x.input = from; x.input < to; x.input += KJ__TILE_COLUMNS) {
      const size_t on = x.input + KJ__TILE_COLUMNS;
      x.n_inputs = kj__smaller(KJ__TILE_COLUMNS, q->n_in - x.input);
      x.next =
          on < to ? x.unit * q->n_in + on : (x.unit + n_units) * q->n_in + from;
      run_tile(q, adam, n_units, &x);
    }
    x.unit += n_units;
  }
}

/* db of up to KJ__STRIP units, side by side. */
static void run_biases(const kj__descent *q, const constants *adam,
                       size_t first, size_t n)
{
  float sum[KJ__STRIP] = {0};
  for (size_t s = 0; s < 2; s++)
    for (size_t r = 0; r < q->stack[s].n_rows; r++) {
      const float *signal =
          q->stack[s].signal + kj__panels_at(q->n_out, first, r);
      for (size_t i = 0; i < n; i++)
        sum[i] += signal[i * KJ__PANEL];
    }
  use(q, adam, q->n_out * q->n_in + first, sum, n);
}

void KJ__OF_TIER(kj__run_descend)(const kj__descent *q, size_t first,
                                  size_t last)
{
  const size_t n_rows = q->stack[0].n_rows + q->stack[1].n_rows;
  const size_t widest = BLOCK_NUMBERS / (n_rows + 1);
  const size_t n_inputs = (widest / KJ__PANEL + 1) * KJ__PANEL;
  constants adam;
  if (!q->gradient)
    adam = spread(q->adam);
  for (size_t from = 0; from < q->n_in; from += n_inputs)
    run_inputs(q, &adam, first, last, from,
               kj__smaller(from + n_inputs, q->n_in));
  for (size_t unit = first; unit < last; unit += KJ__STRIP)
    run_biases(q, &adam, unit, kj__smaller(KJ__STRIP, last - unit));
}
