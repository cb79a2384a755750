/*
 * forward_moved.c: what z and h become when the input moves; kernels.h.
 */
#include "network/kernels/functions.h"
#include "network/kernels/operand.h"

enum { BLOCK_TERMS = 384, BLOCK_UNITS = 24 };

typedef kj__forward_moved job;

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
  (void)q;
  (void)unit;
  return NULL;
}

/* The sums t lie in delta. */
KJ__INLINE void finish(const job *q, size_t at, size_t column)
{
  (void)column;
  if (!q->h)
    return;
  const kj__vec z = kj__vec_load(q->z + at);
  const kj__vec t = kj__vec_load(q->delta + at);
  const kj__vec h = kj__vec_relu(z + t);
  const kj__vec above = kj__vec_choose((kj__vec_mask)(t < -z), -z, t);
  kj__vec_store(q->h + at, h);
  kj__vec_store(q->delta + at,
                kj__vec_choose((kj__vec_mask)(z > kj__vec_of(0)), above, h));
}

#include "network/kernels/product.h"

void KJ__OF_TIER(kj__run_forward_moved)(const kj__forward_moved *q,
                                        size_t first, size_t last)
{
  const product p = {.n_units = q->n_out,
                     .n_terms = kj__words_for(q->n_in),
                     .n_rows = q->n_rows,
                     .a = kj__operand(q->weights, q->narrow_weights),
                     .b = kj__operand(q->input, q->narrow_input),
                     .sums = q->delta};
  run_product(q, &p, first, last);
}
