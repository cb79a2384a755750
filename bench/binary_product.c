/*
 * binary_product.c: could products with a 0/1 matrix cost less than dense ones?
 *
 *     bench_binary_product
 *
 * With one output, the signal behind the last hidden layer is W_3 times a 0/1
 * mask (where a unit is above 0) times a number for each row. A product with
 * it is a sum of those weights whose units are on: for three units, one of 8
 * sums, which a vector of 8 numbers holds, and one instruction picks for 8 rows
 * at once. It replaces three multiply-adds by a pick and an addition. (With 16
 * numbers a vector, four.)
 *
 * Prints both, as if each did the dense product's work, with all operands in
 * the first- or second-level cache and the making of the tables left out:
 * what is gained here at most. AVX2 only.
 */
#include "common/clock.h"

#include <stdio.h>
#include <stdlib.h>

#if defined(__x86_64__)
#include <immintrin.h>

enum { UNITS = 6, ROWS = 16, TERMS = 600, GROUP = 3, REPEATS = 4000 };

#define INSTRUCTIONS __attribute__((target("avx2,fma")))

/* sum (6, 16) += w (6, 600) b (600, 16) */
INSTRUCTIONS static void add_dense(const float *w, const float *b, float *sums)
{
  __m256 sum[UNITS][2];
  for (int i = 0; i < UNITS; i++)
    sum[i][0] = sum[i][1] = _mm256_setzero_ps();
  for (int k = 0; k < TERMS; k++) {
    const __m256 b0 = _mm256_loadu_ps(b + 32 * k);
    const __m256 b1 = _mm256_loadu_ps(b + 32 * k + 8);
#pragma GCC unroll 6
    for (int i = 0; i < UNITS; i++) {
      const __m256 w_ik = _mm256_set1_ps(w[i * TERMS + k]);
      sum[i][0] = _mm256_fmadd_ps(w_ik, b0, sum[i][0]);
      sum[i][1] = _mm256_fmadd_ps(w_ik, b1, sum[i][1]);
    }
  }
  for (int i = 0; i < UNITS; i++) {
    _mm256_storeu_ps(sums + 16 * i, sum[i][0]);
    _mm256_storeu_ps(sums + 16 * i + 8, sum[i][1]);
  }
}

/* The same from tables (200, 6, 8) of sums of three, and which (200, 32). */
INSTRUCTIONS static void add_binary(const float *tables, const int *which,
                                    float *sums)
{
  __m256 sum[UNITS][2];
  for (int i = 0; i < UNITS; i++)
    sum[i][0] = sum[i][1] = _mm256_setzero_ps();
  for (int g = 0; g < TERMS / GROUP; g++) {
    const __m256i i0 = _mm256_loadu_si256((const void *)(which + 32 * g));
    const __m256i i1 = _mm256_loadu_si256((const void *)(which + 32 * g + 8));
#pragma GCC unroll 6
    for (int i = 0; i < UNITS; i++) {
      __m256 table = _mm256_loadu_ps(tables + (g * UNITS + i) * 8);
      __asm__(""
              : "+x"(table)); /* or gcc picks from memory, four times slower
                                 on Zen 3 */
      sum[i][0] = _mm256_add_ps(sum[i][0], _mm256_permutevar8x32_ps(table, i0));
      sum[i][1] = _mm256_add_ps(sum[i][1], _mm256_permutevar8x32_ps(table, i1));
    }
  }
  for (int i = 0; i < UNITS; i++) {
    _mm256_storeu_ps(sums + 16 * i, sum[i][0]);
    _mm256_storeu_ps(sums + 16 * i + 8, sum[i][1]);
  }
}

static double gflops(double seconds)
{
  return 2.0 * UNITS * ROWS * TERMS * REPEATS / seconds / 1e9;
}

int main(void)
{
  enum { N_ROUNDS = 9 };
  static float w[UNITS * TERMS], b[TERMS * 32], sums[UNITS * ROWS];
  static float tables[TERMS / GROUP * UNITS * 8];
  static int which[TERMS / GROUP * 32];
  double dense[N_ROUNDS], binary[N_ROUNDS];
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) {
    fputs("bench_binary_product needs AVX2\n", stderr);
    return 1;
  }
  for (int i = 0; i < TERMS / GROUP * 32; i++)
    which[i] = i * 5 % 8;
  for (int round = 0; round < N_ROUNDS; round++) {
    double begin = kj_bench_now_s();
    for (int i = 0; i < REPEATS; i++)
      add_dense(w, b, sums);
    dense[round] = gflops(kj_bench_now_s() - begin);
    begin = kj_bench_now_s();
    for (int i = 0; i < REPEATS; i++)
      add_binary(tables, which, sums);
    binary[round] = gflops(kj_bench_now_s() - begin);
  }
  printf("dense: %.1f GF/s; binary: worth %.1f GF/s at most\n",
         kj_bench_median(dense, N_ROUNDS), kj_bench_median(binary, N_ROUNDS));
  return sums[0] > 1e30f;
}
#else
int main(void)
{
  fputs("bench_binary_product needs AVX2\n", stderr);
  return 1;
}
#endif
