/* centred.h: the mean of samples, which is no part of a voice. */
#ifndef KJ_FEATURES_CENTRED_H
#define KJ_FEATURES_CENTRED_H

#include <stddef.h>

/* Rounded to float, so that samples which are all the same leave exact zeros.
 */
static inline float kj__mean_of(const float *x, size_t n)
{
  double sum = 0.0;
  for (size_t i = 0; i < n; i++)
    sum += (double)x[i];
  return (float)(sum / (double)n);
}

#endif
