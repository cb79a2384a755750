/*
 * clock.c: time and medians.
 */
#define _GNU_SOURCE
#include "common/clock.h"

#include <stdlib.h>
#include <time.h>

double kj_bench_now_s(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double kj_bench_median(double *values, size_t n)
{
  qsort(values, n, sizeof *values, compare);
  return n % 2 ? values[n / 2] : 0.5 * (values[n / 2 - 1] + values[n / 2]);
}
