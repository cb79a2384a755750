/*
 * product.h: weights times a batch, in tiles: what forward and backward share.
 *
 * The file that includes this has defined a type `job`, and
 *
 *   unit_stride(job), term_stride(job)
 *                            how far apart in a two units are, two terms;
 *                            one is 1, as the compiler must know
 *   start(job, unit)         what the sums from a unit on start from; or NULL:
 *                            from 0
 *   finish(job, at, column)  what follows, for a vector of finished sums, at
 *                            `at` of their matrix and from row `column` on
 *
 * and BLOCK_TERMS, BLOCK_UNITS: the part of a panel that so many terms have
 * stays in the first-level cache while so many units use it. Between blocks the
 * sums wait where their result will be, so that each runs in the order of its
 * terms.
 */
#include "network/kernels/tile.h"

#include <stdbool.h>
#include <string.h>

enum { TERMS_AHEAD = 16 }; /* some 100 cycles: as long as a cache takes */

/* sums (n_units, n_rows) = start + a (n_units, n_terms) b (n_terms, n_rows) */
typedef struct product {
  size_t n_units, n_terms, n_rows;
  const kj__word *a, *b;
  float *sums;
} product;

/* A block of units and terms, and of its columns those of a tile. */
typedef struct block {
  size_t unit, n_units, term, n_terms, column;
  const kj__word *a; /* of its first unit and term */
  size_t a_term;
  const kj__word *next; /* of the block that follows; or NULL */
} block;

/* Weights read across their rows: those of some rows on, for processors follow
 * only a short stride by themselves. Else, of the last tile of a column: the
 * part of b that is next. */
KJ__INLINE void look_near(const job *q, const product *p, const block *c,
                          size_t n_units, size_t unit, kj__ahead *ahead)
{
  const size_t column = c->column + KJ__TILE_COLUMNS;
  if (unit_stride(q) == 1) {
    ahead->near = c->a + unit + TERMS_AHEAD * c->a_term;
    ahead->near_stride = c->a_term;
  } else if (unit + n_units >= c->n_units && column < p->n_rows) {
    ahead->near = p->b + kj__words_at(p->n_terms, c->term, column);
    ahead->near_stride = KJ__PANEL;
  }
}

/* In the first column of a block: a share of the next block's weights, which
 * may have to come from memory. Across their rows they are a line of each row,
 * else the lines of the tile's rows and of some more. */
KJ__INLINE void look_far(const job *q, const block *c, size_t unit,
                         kj__ahead *ahead)
{
  const size_t line = unit / KJ__TILE_UNITS * KJ__LINE_WORDS;
  if (c->column > 0 || !c->next)
    return;
  if (unit_stride(q) != 1) {
    ahead->far = c->next + unit * unit_stride(q);
    ahead->far_stride = unit_stride(q);
    ahead->rows = KJ__ROWS_AHEAD;
  } else if (line < c->n_units + KJ__LINE_WORDS) {
    ahead->far = c->next + line;
    ahead->far_stride = term_stride(q);
    ahead->rows = SIZE_MAX;
  }
}

/* A tile of n_units, a constant, from a block's `unit` on. */
KJ__INLINE void run_tile(const job *q, const product *p, const block *c,
                         size_t n_units, size_t unit)
{
  const bool across = unit_stride(q) == 1;
  const size_t a_unit = unit_stride(q), a_term = across ? c->a_term : 1;
  const size_t at = kj__panels_at(p->n_units, c->unit + unit, c->column);
  kj__tile t;
  if (c->term == 0)
    kj__tile_start(&t, n_units, start(q, c->unit + unit));
  else
    kj__tile_load(&t, n_units, p->sums + at);
  const kj__word *a = c->a + unit * a_unit;
  const kj__word *b = p->b + kj__words_at(p->n_terms, c->term, c->column);
  kj__ahead ahead = kj__ahead_nothing(a);
  look_near(q, p, c, n_units, unit, &ahead);
  look_far(q, c, unit, &ahead);
  kj__tile_add(&t, n_units, c->n_terms, a, a_unit, a_term, b, &ahead);
  kj__tile_store(&t, n_units, p->sums + at, KJ__PANEL);
  if (c->term + c->n_terms < p->n_terms)
    return;
  for (size_t i = 0; i < n_units; i++) {
    finish(q, at + i * KJ__PANEL, c->column);
    finish(q, at + i * KJ__PANEL + KJ__LANES, c->column + KJ__LANES);
  }
}

/* A function for each number of units: in one, clang would share code between
 * them and keep their sums in memory. */
KJ__APART static void run_whole(const job *q, const product *p, const block *c,
                                size_t unit)
{
  run_tile(q, p, c, KJ__TILE_UNITS, unit);
}

KJ__APART static void run_three(const job *q, const product *p, const block *c,
                                size_t unit)
{
  run_tile(q, p, c, 3, unit);
}

KJ__APART static void run_one(const job *q, const product *p, const block *c,
                              size_t unit)
{
  run_tile(q, p, c, 1, unit);
}

/* All columns of a block: whole tiles, then what is left at the layer's end. */
static void run_block(const job *q, const product *p, block *c)
{
  for (c->column = 0; c->column < p->n_rows; c->column += KJ__TILE_COLUMNS) {
    size_t unit = 0;
    for (; unit + KJ__TILE_UNITS <= c->n_units; unit += KJ__TILE_UNITS)
      run_whole(q, p, c, unit);
    for (; unit + 3 <= c->n_units; unit += 3)
      run_three(q, p, c, unit);
    for (; unit < c->n_units; unit++)
      run_one(q, p, c, unit);
  }
}

/* A copy of a block of weights that are read across their rows. A whole block's
 * size is a constant, so that no function is called to copy a row. */
static void pack(block *c, kj__word *packed)
{
  for (size_t k = 0; k < c->n_terms; k++) {
    const kj__word *row = c->a + k * c->a_term;
    if (c->n_units == BLOCK_UNITS)
      memcpy(packed + k * BLOCK_UNITS, row, BLOCK_UNITS * sizeof *row);
    else
      memcpy(packed + k * BLOCK_UNITS, row, c->n_units * sizeof *row);
  }
  c->a = packed;
  c->a_term = BLOCK_UNITS;
}

/* The weights of the block that follows c. */
static const kj__word *next_block(const job *q, const product *p,
                                  const block *c)
{
  const size_t term = c->term + BLOCK_TERMS;
  if (term < p->n_terms)
    return c->a + BLOCK_TERMS * term_stride(q);
  const size_t unit = c->unit + BLOCK_UNITS;
  return unit < p->n_units ? p->a + unit * unit_stride(q) : NULL;
}

/* Units first..last. Rows of weights that lie a multiple of 2 KiB apart fall
 * on few lines of the cache, which then holds only as many. */
static void run_product(const job *q, const product *p, size_t first,
                        size_t last)
{
  _Alignas(64) kj__word packed[BLOCK_TERMS * BLOCK_UNITS];
  const bool collides = unit_stride(q) == 1 && term_stride(q) % 512 == 0;
  block c;
  for (c.unit = first; c.unit < last; c.unit += BLOCK_UNITS)
    for (c.term = 0; c.term < p->n_terms; c.term += BLOCK_TERMS) {
      c.n_units = kj__smaller(BLOCK_UNITS, last - c.unit);
      c.n_terms = kj__smaller(BLOCK_TERMS, p->n_terms - c.term);
      c.a_term = term_stride(q);
      c.a = p->a + c.unit * unit_stride(q) + c.term * c.a_term;
      c.next = next_block(q, p, &c);
      if (collides)
        pack(&c, packed);
      run_block(q, p, &c);
    }
}
