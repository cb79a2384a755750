/*
 * tile.h: the innermost loop of every product.
 *
 * A tile of sums, some units by two vectors of columns, stays in registers
 * while the terms run through: two vectors of b are loaded, and each unit's
 * factor is spread over a vector. Loads are 8 for 12 multiply-adds (14 for 24
 * with 32 registers), so that the multiply-adds are the limit.
 *
 * Terms are counted in words of operand.h: in bf16 there are two in each.
 */
#ifndef KJ_NETWORK_KERNELS_TILE_H
#define KJ_NETWORK_KERNELS_TILE_H

#include "network/kernels/operand.h"

/* KJ__TILE_UNITS x 2 vectors: with 16 registers 6 x 2 (two more hold the
 * panel's numbers, one the weight), with 32 registers 12 x 2. */
enum {
  KJ__TILE_UNITS = KJ__REGISTERS == 32 ? 12 : 6,
  KJ__TILE_COLUMNS = 2 * KJ__LANES
};

typedef struct kj__tile {
  kj__vec sum[KJ__TILE_UNITS][2];
} kj__tile;

/* In all of these n_units, at most KJ__TILE_UNITS, is a constant where they
 * are inlined. */

/* All sums of unit i from start[i]; start NULL: from 0. */
KJ__INLINE void kj__tile_start(kj__tile *t, size_t n_units, const float *start)
{
  KJ__UNROLL
  for (size_t i = 0; i < n_units; i++)
    t->sum[i][0] = t->sum[i][1] = kj__vec_of(start ? start[i] : 0);
}

/* From a part of a panel. */
KJ__INLINE void kj__tile_load(kj__tile *t, size_t n_units, const float *sums)
{
  KJ__UNROLL
  for (size_t i = 0; i < n_units; i++) {
    t->sum[i][0] = kj__vec_load(sums + i * KJ__PANEL);
    t->sum[i][1] = kj__vec_load(sums + i * KJ__PANEL + KJ__LANES);
  }
}

KJ__INLINE void kj__tile_store(const kj__tile *t, size_t n_units, float *sums,
                               size_t stride)
{
  KJ__UNROLL
  for (size_t i = 0; i < n_units; i++) {
    kj__vec_store(sums + i * stride, t->sum[i][0]);
    kj__vec_store(sums + i * stride + KJ__LANES, t->sum[i][1]);
  }
}

/* One turn of a term, see KJ__TURNS. */
KJ__INLINE void kj__tile_turn(kj__tile *t, size_t n_units, const kj__word *a,
                              size_t a_unit, const kj__word *b, size_t turn)
{
  const kj__factor b0 = kj__factor_of(kj__words_load(b), turn);
  const kj__factor b1 = kj__factor_of(kj__words_load(b + KJ__LANES), turn);
  KJ__UNROLL
  for (size_t i = 0; i < n_units; i++) {
    const kj__factor a_i = kj__factor_of(kj__words_of(a[i * a_unit]), turn);
    t->sum[i][0] = kj__factor_multiply_add(a_i, b0, t->sum[i][0]);
    t->sum[i][1] = kj__factor_multiply_add(a_i, b1, t->sum[i][1]);
  }
  kj__turn_end();
}

/* All turns of it. */
KJ__INLINE void kj__tile_term(kj__tile *t, size_t n_units, const kj__word *a,
                              size_t a_unit, const kj__word *b)
{
  for (size_t turn = 0; turn < KJ__TURNS; turn++)
    kj__tile_turn(t, n_units, a, a_unit, b, turn);
}

/* What a tile brings nearer while it is summed, a line of each a term k: to the
 * first cache near + k near_stride; to the second what is wanted in some
 * microseconds, far + (k & rows) far_stride + (k & ~rows). With KJ__ROWS_AHEAD
 * for `rows` that is the next line of each of 16 rows in turn; with all bits
 * set, of one row after the other. A stride of 0 is for nothing new. */
typedef struct kj__ahead {
  const kj__word *near;
  size_t near_stride;
  const kj__word *far;
  size_t far_stride, rows;
} kj__ahead;

/* Where words are multiplied in two turns, no register is left for it. */
enum {
  KJ__LINE_WORDS = 16, /* of 64 bytes */
  KJ__ROWS_AHEAD = KJ__LINE_WORDS - 1,
  KJ__LOOKS_AHEAD = KJ__TURNS == 1
};

/* Nothing: a line that is there already. */
KJ__INLINE kj__ahead kj__ahead_nothing(const kj__word *here)
{
  return (kj__ahead){here, 0, here, 0, KJ__ROWS_AHEAD};
}

/* sum_ij += sum_k a_ik b_kj, k = 0 .. n_terms - 1, with a_ik at
 * a[i * a_unit + k * a_term], one of whose strides is 1, and b a part of a
 * panel. */
KJ__INLINE void kj__tile_add(kj__tile *t, size_t n_units, size_t n_terms,
                             const kj__word *a, size_t a_unit, size_t a_term,
                             const kj__word *b, const kj__ahead *ahead)
{
  for (size_t k = 0; k < n_terms; k++) {
    kj__tile_term(t, n_units, a + k * a_term, a_unit, b + k * KJ__PANEL);
    if (!KJ__LOOKS_AHEAD)
      continue;
    __builtin_prefetch(ahead->near + k * ahead->near_stride);
    __builtin_prefetch(ahead->far + (k & ahead->rows) * ahead->far_stride +
                           (k & ~ahead->rows),
                       0, 2);
  }
}

KJ__INLINE size_t kj__smaller(size_t a, size_t b)
{
  return a < b ? a : b;
}

#endif
