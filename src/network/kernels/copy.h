/*
 * copy.h: the copies in bf16 of weights that just moved; network/narrow.h.
 */
#ifndef KJ_NETWORK_KERNELS_COPY_H
#define KJ_NETWORK_KERNELS_COPY_H

#include "network/kernels/operand.h"
#include "network/narrow.h"

typedef uint32_t kj__bits __attribute__((vector_size(4 * KJ__LANES)));
typedef kj__bf16 kj__halves __attribute__((vector_size(2 * KJ__LANES)));

/* kj__narrow of each lane, in the upper half of it. */
KJ__INLINE kj__bits kj__bits_narrow(kj__vec v)
{
  const kj__bits bits = (kj__bits)v;
  const kj__bits rounded = bits + 0x7fffU + (bits >> 16 & 1U);
  const kj__bits is_nan = (kj__bits)(v != v);
  return ((bits | 0x400000U) & is_nan) | (rounded & ~is_nan);
}

KJ__INLINE void kj__store_upper(kj__bf16 *p, kj__bits bits)
{
  const kj__halves upper = __builtin_convertvector(bits >> 16, kj__halves);
  memcpy(p, &upper, sizeof upper);
}

/* A row of forward copies ends with 0 where the number of inputs is odd. */
KJ__INLINE void kj__end_row(const kj__descent *q, size_t unit, size_t end)
{
  if (end == q->n_in && end % 2)
    q->narrow_forward[unit * kj__even(q->n_in) + end] = 0;
}

/* Of the weights of units `unit` and unit + 1, n inputs from `input` on. */
KJ__INLINE void kj__copy_pair(const kj__descent *q, size_t unit, size_t input,
                              size_t n)
{
  const size_t row = kj__even(q->n_in);
  const float *even = q->parameters + unit * q->n_in + input;
  const float *odd = even + q->n_in;
  kj__bf16 *forward = q->narrow_forward + unit * row + input;
  kj__bf16 *backward = q->narrow_backward + unit * q->n_in + 2 * input;
  size_t i = 0;
  for (; i + KJ__LANES <= n; i += KJ__LANES) {
    const kj__bits low = kj__bits_narrow(kj__vec_load(even + i));
    const kj__bits high = kj__bits_narrow(kj__vec_load(odd + i));
    const kj__bits pairs = (high & 0xffff0000U) | low >> 16;
    kj__store_upper(forward + i, low);
    kj__store_upper(forward + row + i, high);
    memcpy(backward + 2 * i, &pairs, sizeof pairs);
  }
  for (; i < n; i++) {
    backward[2 * i] = forward[i] = kj__narrow(even[i]);
    backward[2 * i + 1] = forward[row + i] = kj__narrow(odd[i]);
  }
  kj__end_row(q, unit, input + n);
  kj__end_row(q, unit + 1, input + n);
}

/* The same of the layer's last unit, whose number is even: zeros beside it. */
KJ__INLINE void kj__copy_last(const kj__descent *q, size_t input, size_t n)
{
  const size_t unit = q->n_out - 1, row = kj__even(q->n_in);
  for (size_t i = input; i < input + n; i++) {
    const kj__bf16 narrow = kj__narrow(q->parameters[unit * q->n_in + i]);
    q->narrow_forward[unit * row + i] = narrow;
    q->narrow_backward[unit * q->n_in + 2 * i] = narrow;
    q->narrow_backward[unit * q->n_in + 2 * i + 1] = 0;
  }
  kj__end_row(q, unit, input + n);
}

#endif
