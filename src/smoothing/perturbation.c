/*
 * perturbation.c: r = epsilon g / |g|, random directions and signs.
 *
 * Source: Kuwahara et al., ICAART 2020: r of AT (2)-(4); Miyato et al., arXiv
 * 1507.00677, for the random unit vector. A random sign is Kanjo's, for the
 * exact direction has none of its own.
 */
#include "smoothing/perturbation.h"

#include <math.h>

double kj__norm(const kj_real *v, size_t n)
{
  double sum = 0.0;
  for (size_t j = 0; j < n; j++)
    sum += (double)v[j] * (double)v[j];
  return sqrt(sum);
}

bool kj__scale_to(kj_real *v, size_t n, double length)
{
  const double norm = kj__norm(v, n);
  if (norm == 0.0)
    return false;
  for (size_t j = 0; j < n; j++)
    v[j] = (kj_real)((double)v[j] / norm * length);
  return true;
}

void kj__move(const kj_real *x, const kj_real *d, size_t n, double length,
              kj_real *moved)
{
  for (size_t j = 0; j < n; j++)
    moved[j] = (kj_real)((double)x[j] + length * (double)d[j]);
}

kj__random kj__row_stream(uint64_t seed, uint64_t step, uint64_t row_id)
{
  return kj__random_stream(seed, KJ__PURPOSE_DIRECTION, step, row_id);
}

void kj__random_vector(kj__random stream, size_t n, double length, kj_real *v)
{
  do {
    for (size_t j = 0; j < n; j++)
      v[j] = (kj_real)kj__random_normal(&stream);
  } while (!kj__scale_to(v, n, length));
}

double kj__random_sign(kj__random stream)
{
  return kj__random_u32(&stream) >> 31 ? -1.0 : 1.0;
}
