/*
 * backward.c: back = W' signal where h > 0, and its multiple row by row;
 * kernels.h.
 */
#include "network/kernels/functions.h"
#include "network/kernels/operand.h"

enum { BLOCK_TERMS = 128, BLOCK_UNITS = 48 };

typedef kj__backward job;

KJ__INLINE size_t unit_stride(const job *q)
{
  (void)q;
  return 1;
}

KJ__INLINE size_t term_stride(const job *q)
{
  return q->n_in;
}

KJ__INLINE const float *start(const job *q, size_t unit)
{
  (void)q;
  (void)unit;
  return NULL;
}

KJ__INLINE void finish(const job *q, size_t at, size_t column)
{
  kj__vec back = kj__vec_load(q->back + at);
  if (q->h) {
    const kj__vec_mask on =
        (kj__vec_mask)(kj__vec_load(q->h + at) > kj__vec_of(0));
    back = kj__vec_choose(on, back, kj__vec_of(0));
    kj__vec_store(q->back + at, back);
  }
  if (!q->scaled)
    return;
  kj__vec scaled = kj__vec_load(q->row_scale + column) * back;
  if (q->accumulate)
    scaled = kj__vec_load(q->scaled + at) + scaled;
  kj__vec_store(q->scaled + at, scaled);
}

#include "network/kernels/product.h"

void KJ__OF_TIER(kj__run_backward)(const kj__backward *q, size_t first,
                                   size_t last)
{
  const product p = {.n_units = q->n_in,
                     .n_terms = kj__words_for(q->n_out),
                     .n_rows = q->n_rows,
                     .a = kj__operand(q->weights, q->narrow_weights),
                     .b = kj__operand(q->signal, q->narrow_signal),
                     .sums = q->back};
  run_product(q, &p, first, last);
}
