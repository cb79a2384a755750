/*
 * perturbation.c: products of the rows of a panel, random directions, signs.
 *
 * Source: Miyato et al., arXiv 1507.00677, for the random unit vector. A
 * random sign is Kanjo's, for the exact direction has none of its own.
 */
#include "smoothing/perturbation.h"

#include <math.h>
#include <string.h>

void kj__panel_dot(const kj_real *a, const kj_real *b, size_t n,
                   double dot[KJ__PANEL])
{
  double sum[KJ__PANEL] = {0.0};
  for (size_t j = 0; j < n; j++)
    for (size_t r = 0; r < KJ__PANEL; r++)
      sum[r] += (double)a[j * KJ__PANEL + r] * (double)b[j * KJ__PANEL + r];
  memcpy(dot, sum, sizeof sum);
}

void kj__panel_scale(const kj_real *from, const double factor[KJ__PANEL],
                     size_t n, kj_real *to)
{
  for (size_t j = 0; j < n; j++)
    for (size_t r = 0; r < KJ__PANEL; r++)
      to[j * KJ__PANEL + r] =
          (kj_real)(factor[r] * (double)from[j * KJ__PANEL + r]);
}

kj__random kj__row_stream(uint64_t seed, uint64_t step, uint64_t row_id)
{
  return kj__random_stream(seed, KJ__PURPOSE_DIRECTION, step, row_id);
}

void kj__random_vector(kj__random stream, size_t n, double length, kj_real *v)
{
  double norm = 0.0;
  while (norm == 0.0) {
    double square = 0.0;
    for (size_t j = 0; j < n; j++) {
      const kj_real number = (kj_real)kj__random_normal(&stream);
      v[j * KJ__PANEL] = number;
      square += (double)number * (double)number;
    }
    norm = sqrt(square);
  }
  for (size_t j = 0; j < n; j++)
    v[j * KJ__PANEL] = (kj_real)((double)v[j * KJ__PANEL] / norm * length);
}

double kj__random_sign(kj__random stream)
{
  return kj__random_u32(&stream) >> 31 ? -1.0 : 1.0;
}
