/*
 * forward.c: z = b + W input, h = max(0, z); kernels.h.
 */
#include "network/kernels/functions.h"
#include "network/kernels/operand.h"

enum { BLOCK_TERMS = 384, BLOCK_UNITS = 24 };

typedef kj__forward job;

KJ__INLINE size_t unit_stride(const job *q)
{
  return kj__words_for(q->n_in);
}

KJ__INLINE size_t term_stride(const job *q)
{
  (void)q;
  return 1;
}

KJ__INLINE const float *start(const job *q, size_t unit)
{
  return q->bias + unit;
}

/* The sums are z; or, where z is not wanted, lie in h. */
KJ__INLINE void finish(const job *q, size_t at, size_t column)
{
  (void)column;
  if (!q->h)
    return;
  const float *z = q->z ? q->z : q->h;
  kj__vec_store(q->h + at, kj__vec_relu(kj__vec_load(z + at)));
}

#include "network/kernels/product.h"

void KJ__OF_TIER(kj__run_forward)(const kj__forward *q, size_t first,
                                  size_t last)
{
  const product p = {.n_units = q->n_out,
                     .n_terms = kj__words_for(q->n_in),
                     .n_rows = q->n_rows,
                     .a = kj__operand(q->weights, q->narrow_weights),
                     .b = kj__operand(q->input, q->narrow_input),
                     .sums = q->z ? q->z : q->h};
  run_product(q, &p, first, last);
}
