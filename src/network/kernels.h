/*
 * kernels.h: the matrix products of a training step, one table a tier.
 *
 * Each is one layer's product with what follows it fused behind, for a range
 * of the layer's units: ranges may be computed in any order, by any thread,
 * for every sum has one owner and runs in the order of its index,
 *
 *   ((a_0 b_0) + a_1 b_1) + ...    from 0, or from the bias
 *
 * in kj_real. A tier that has fused multiply-adds uses one for each term; all
 * tiers that do agree to the bit, and so do all that do not. Nothing else
 * (masks, scales, Adam) is ever fused.
 *
 * Matrices are in panels (network/panels.h) unless said otherwise; weights are
 * (n_out, n_in), row-major, as in the parameter block. Nothing overlaps.
 *
 * Precision bf16: products read the narrow operands (8 bits of mantissa,
 * rounded to nearest even) in place of the kj_real ones of the same name, two
 * terms at a time: acc = fma(odd term, acc), then fma(even term, acc), so that
 * emulation gives the bits of the native instruction VDPBF16PS (denormal
 * numbers apart). Sums, z, h, signals and parameters stay kj_real.
 */
#ifndef KJ_NETWORK_KERNELS_H
#define KJ_NETWORK_KERNELS_H

#include "base/tier.h"
#include "kanjo/real.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A range of units begins at a multiple of this, and ends at one or at the
 * layer's end. */
enum { KJ__STRIP = 12 };

typedef uint16_t kj__bf16;

/* z = b + W input;  h = max(0, z), NaN staying NaN. */
typedef struct kj__forward {
  size_t n_in, n_out, n_rows;
  const kj_real *weights;
  const kj_real *bias;            /* (n_out) */
  const kj_real *input;           /* (n_in, n_rows) */
  kj_real *z;                     /* (n_out, n_rows); or NULL: not wanted */
  kj_real *h;                     /* (n_out, n_rows); or NULL: not wanted */
  const kj__bf16 *narrow_weights; /* row-major (n_out, even(n_in)) */
  const kj__bf16 *narrow_input;   /* pairs of (n_in, n_rows) */
} kj__forward;

/* What z and h become when the input moves by `input`: with t = W input,
 *
 *   hidden layer (h not NULL)  h' = max(0, z + t);  delta = h' - h, computed
 *                              as max(t, -z) where z > 0, else h'
 *   last layer (h NULL)        delta = t
 *
 * The difference is summed by itself: subtracting two outputs would lose the
 * digits that a small move changes. */
typedef struct kj__forward_moved {
  size_t n_in, n_out, n_rows;
  const kj_real *weights;
  const kj_real *input; /* how far the layer's input moves; (n_in, n_rows) */
  const kj_real *z;     /* of the clean pass; (n_out, n_rows) */
  kj_real *h;           /* h'; (n_out, n_rows); or NULL: last layer */
  kj_real *delta;       /* (n_out, n_rows) */
  const kj__bf16 *narrow_weights; /* as in kj__forward */
  const kj__bf16 *narrow_input;
} kj__forward_moved;

/* back = W' signal, where h > 0, else 0. For a range of the n_in units.
 *
 * scaled = (scaled +) row_scale_r back_r: with a signal of 1 at one output,
 * `back` is that output's own gradient, and the gradient of any loss of it is
 * a multiple, row by row. */
typedef struct kj__backward {
  size_t n_in, n_out, n_rows;
  const kj_real *weights;
  const kj_real *signal; /* (n_out, n_rows) */
  const kj_real *h;      /* the layer's input; (n_in, n_rows); NULL: no mask */
  kj_real *back;         /* (n_in, n_rows) */
  const kj_real *row_scale;       /* (pad(n_rows)); NULL where scaled is */
  kj_real *scaled;                /* (n_in, n_rows); or NULL: not wanted */
  bool accumulate;                /* scaled += instead of = */
  const kj__bf16 *narrow_weights; /* (even(n_out) / 2, n_in, 2) */
  const kj__bf16 *narrow_signal;  /* pairs of (n_out, n_rows) */
} kj__backward;

/* The rows of one pass, as a weight gradient wants them. */
typedef struct kj__stack {
  size_t n_rows;          /* 0: none */
  const kj_real *signal;  /* dL/dz; (n_out, n_rows) */
  const kj_real *columns; /* the layer's input, transposed; (n_rows, n_in) */
  const kj__bf16 *narrow_signal;  /* as signal, in bf16 */
  const kj__bf16 *narrow_columns; /* pairs of (n_rows, n_in) */
} kj__stack;

/* What is the same for all parameters of an Adam step, see network/adam.h. */
typedef struct kj__adam_step_constants {
  kj_real beta1, one_minus_beta1, beta2, one_minus_beta2;
  kj_real unbias1, unbias2; /* 1 / (1 - beta^t) */
  kj_real alpha, epsilon, decay;
} kj__adam_step_constants;

/* dW = sum over both stacks' rows, first those of stack 0, of signal input';
 * db = the same sum of signal. Then Adam moves the parameters in place, or,
 * where gradient is given, the sums are written there and nothing moves.
 *
 * A layer's block is its weights, then its biases. */
typedef struct kj__descent {
  size_t n_in, n_out;
  kj__stack stack[2];
  kj_real *gradient; /* block; overwritten; or NULL */
  const kj__adam_step_constants *adam;
  kj_real *parameters, *moment1, *moment2; /* blocks */
  kj__bf16 *narrow_forward;  /* of the moved weights, as in kj__forward; */
  kj__bf16 *narrow_backward; /* as in kj__backward; both NULL in fp32 */
} kj__descent;

/* The kernels of one tier and precision. Ranges are of output units, for
 * backward of input units. */
typedef struct kj__kernels {
  const char *name; /* of the tier */
  bool fused;       /* sums with fused multiply-adds */
  bool narrow;      /* products in bf16 */
  void (*forward)(const kj__forward *q, size_t first, size_t last);
  void (*forward_moved)(const kj__forward_moved *q, size_t first, size_t last);
  void (*backward)(const kj__backward *q, size_t first, size_t last);
  void (*descend)(const kj__descent *q, size_t first, size_t last);
} kj__kernels;

typedef enum kj__precision { KJ__FP32, KJ__BF16 } kj__precision;

/* The kernels of a tier, which this machine must have (kj__tier_choose). With
 * kj_real double there is only the plain table, in fp32. */
const kj__kernels *kj__kernels_get(kj__tier tier, kj__precision precision);

/* The plain loops that define the answers: no blocking, no vectors, no fused
 * multiply-add. */
extern const kj__kernels kj__kernels_plain;

/* even(n), n rounded up to a multiple of 2. */
static inline size_t kj__even(size_t n)
{
  return n + n % 2;
}

/* Pairs of a matrix (a, b): its panels with rows i and i + 1 interleaved,
 * element (i, j) at
 *   (j / 32) * 32 * pad(a) + i / 2 * 64 + j % 32 * 2 + i % 2.
 * All of the padding is 0. From kj_real panels, of its panels first..last on
 * the b side (multiples of 32). */
void kj__narrow_pairs(const kj_real *panels, size_t n_a, size_t n_b,
                      size_t first, size_t last, kj__bf16 *pairs);

/* The same layout in bf16; columns b .. padding 0. */
void kj__narrow_panels(const kj_real *panels, size_t n_a, size_t n_b,
                       size_t first, size_t last, kj__bf16 *narrow);

/* The two copies of weights (n_out, n_in) that products read, of rows
 * first..last; first even. */
void kj__narrow_weights(const kj_real *weights, size_t n_in, size_t n_out,
                        size_t first, size_t last, kj__bf16 *forward,
                        kj__bf16 *backward);

#endif
