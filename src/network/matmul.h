/* matmul.h: the one matrix product that every pass is made of. */
#ifndef KJ_NETWORK_MATMUL_H
#define KJ_NETWORK_MATMUL_H

#include "kanjo/real.h"
#include <stdbool.h>
#include <stddef.h>

/*
 * C (m, n) = A (m, k) B (k, n), or C += A B.
 *
 * A may be read transposed: its element (i, p) is a[i * a_row + p * a_column].
 * B and C have contiguous rows: b[p * b_row + j], c[i * c_row + j].
 */
typedef struct kj__matmul_problem {
  size_t m, n, k;
  const kj_real *a;
  size_t a_row, a_column;
  const kj_real *b;
  size_t b_row;
  kj_real *c; /* must not overlap a or b */
  size_t c_row;
  bool accumulate; /* C += A B; else C = A B */
} kj__matmul_problem;

/*
 * Compute a matrix product.
 *
 * Each element is ((c + a_0 b_0) + a_1 b_1) + ... in kj_real, in this order and
 * without fused multiply-add, c = 0 unless accumulating: the bits of the plain
 * triple loop, whatever the size, blocking, vector width or compiler.
 *
 * Memory: allocates nothing.  Threads: any number, on different c.
 */
void kj__matmul(const kj__matmul_problem *problem);

#endif
