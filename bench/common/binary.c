/*
 * binary.c: layer 2's products behind a 0/1 mask, from tables; binary.h.
 *
 * Backward: the 16 sums of four weights are one vector, from which an
 * instruction picks for 16 rows; both chains share it. Gradient: the 16 sums
 * of four rows are 16 vectors along the inputs; a unit adds one of them.
 */
#include "common/binary.h"

#include "network/panels.h"

#if defined(__x86_64__)
#include <immintrin.h>

enum {
  IN = KJ_BENCH_IN,
  OUT = KJ_BENCH_OUT,
  GROUPS = OUT / KJ_BENCH_GROUP, /* of units */
  UNITS = 12,
  SUMS = 16,
  PANEL_GROUPS = KJ__PANEL / KJ_BENCH_GROUP, /* of rows */
  ROW_UNITS = 4
};

#define INSTRUCTIONS                                                           \
  __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))

bool kj_bench_binary_is_here(void)
{
  return __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}

/* Which of 16 sums: of each group of units, for 16 rows. */
INSTRUCTIONS static void find_units(const float *above, size_t column,
                                    int32_t *which)
{
  for (size_t g = 0; g < GROUPS; g++) {
    __m512i sum = _mm512_setzero_si512();
    for (size_t k = 0; k < KJ_BENCH_GROUP; k++) {
      const float *at =
          above + kj__panels_at(OUT, g * KJ_BENCH_GROUP + k, column);
      const __mmask16 on = _mm512_cmp_ps_mask(_mm512_loadu_ps(at),
                                              _mm512_setzero_ps(), _CMP_GT_OQ);
      sum = _mm512_mask_or_epi32(sum, on, sum, _mm512_set1_epi32(1 << k));
    }
    _mm512_storeu_si512(which + g * KJ__PANEL, sum);
  }
}

/* tables (GROUPS, UNITS, 16) of the units from i on. Meanwhile the weights of
 * the tile that follows come nearer. */
INSTRUCTIONS static void tabulate_units(const kj_bench_binary *q, size_t i,
                                        float *tables)
{
  static const __mmask16 HAS[] = {0xaaaa, 0xcccc, 0xf0f0, 0xff00};
  _Alignas(64) float w[KJ_BENCH_GROUP][SUMS];
  for (size_t g = 0; g < GROUPS; g++) {
    for (size_t k = 0; k < KJ_BENCH_GROUP; k++) {
      const size_t term = g * KJ_BENCH_GROUP + k;
      const float *at = q->weights + term * IN + i;
      __builtin_prefetch(at + 2 * UNITS);
      _mm512_store_ps(w[k], _mm512_mul_ps(_mm512_maskz_loadu_ps(0x0fff, at),
                                          _mm512_set1_ps(q->last[term])));
    }
#pragma GCC unroll 12
    for (size_t u = 0; u < UNITS; u++) {
      __m512 sum = _mm512_maskz_mov_ps(HAS[0], _mm512_set1_ps(w[0][u]));
      sum = _mm512_mask_add_ps(sum, HAS[1], sum, _mm512_set1_ps(w[1][u]));
      sum = _mm512_mask_add_ps(sum, HAS[2], sum, _mm512_set1_ps(w[2][u]));
      sum = _mm512_mask_add_ps(sum, HAS[3], sum, _mm512_set1_ps(w[3][u]));
      _mm512_store_ps(tables + (g * UNITS + u) * SUMS, sum);
    }
  }
}

/* A tile of sums: UNITS by a panel's 32 rows. */
INSTRUCTIONS static void pick(const float *tables, const int32_t *which,
                              float *sums)
{
  __m512 sum[UNITS][2];
#pragma GCC unroll 12
  for (size_t u = 0; u < UNITS; u++)
    sum[u][0] = sum[u][1] = _mm512_setzero_ps();
  for (size_t g = 0; g < GROUPS; g++) {
    const __m512i w0 = _mm512_loadu_si512(which + g * KJ__PANEL);
    const __m512i w1 = _mm512_loadu_si512(which + g * KJ__PANEL + 16);
#pragma GCC unroll 12
    for (size_t u = 0; u < UNITS; u++) {
      __m512 table = _mm512_load_ps(tables + (g * UNITS + u) * SUMS);
      __asm__("" : "+v"(table)); /* not twice from memory */
      sum[u][0] = _mm512_add_ps(sum[u][0], _mm512_permutexvar_ps(w0, table));
      sum[u][1] = _mm512_add_ps(sum[u][1], _mm512_permutexvar_ps(w1, table));
    }
  }
#pragma GCC unroll 12
  for (size_t u = 0; u < UNITS; u++) {
    _mm512_store_ps(sums + u * KJ__PANEL, sum[u][0]);
    _mm512_store_ps(sums + u * KJ__PANEL + 16, sum[u][1]);
  }
}

INSTRUCTIONS static void finish(const kj_bench_binary *q, size_t chain,
                                size_t i, size_t column, const float *sums)
{
  for (size_t n = 0; n < UNITS * KJ__PANEL; n += 16) {
    const size_t at = kj__panels_at(IN, i, column) + n;
    const __mmask16 on = _mm512_cmp_ps_mask(_mm512_loadu_ps(q->h[chain] + at),
                                            _mm512_setzero_ps(), _CMP_GT_OQ);
    const __m512 back = _mm512_maskz_loadu_ps(on, sums + n);
    const __m512 scaled = _mm512_mul_ps(
        back, _mm512_loadu_ps(q->scale[chain] + column + n % KJ__PANEL));
    _mm512_storeu_ps(q->back[chain] + at, chain == 0 ? back : scaled);
    if (chain == 0)
      _mm512_storeu_ps(q->scaled + at, scaled);
  }
}

void kj_bench_binary_backward(const kj_bench_binary *q)
{
  static _Thread_local _Alignas(64) float tables[GROUPS * UNITS * SUMS];
  _Alignas(64) float sums[UNITS * KJ__PANEL];
  const size_t chain_size = GROUPS * q->n_rows;
  for (size_t chain = 0; chain < 2; chain++)
    for (size_t r = 0; r < q->n_rows; r += 16)
      find_units(q->above[chain], r,
                 q->which + chain * chain_size +
                     r / KJ__PANEL * KJ__PANEL * GROUPS + r % KJ__PANEL);
  for (size_t i = 0; i < IN; i += UNITS) {
    tabulate_units(q, i, tables);
    for (size_t chain = 0; chain < 2; chain++)
      for (size_t r = 0; r < q->n_rows; r += KJ__PANEL) {
        pick(tables, q->which + chain * chain_size + r * GROUPS, sums);
        finish(q, chain, i, r, sums);
      }
  }
}

/* Which of 16 sums each unit adds of a panel's groups of rows, in numbers. */
INSTRUCTIONS static void find_rows(const float *above, size_t column,
                                   uint16_t *rows)
{
  for (size_t k = 0; k < OUT; k++) {
    const float *at = above + kj__panels_at(OUT, k, column);
    const __m512 zero = _mm512_setzero_ps();
    const uint32_t low =
        _mm512_cmp_ps_mask(_mm512_loadu_ps(at), zero, _CMP_GT_OQ);
    const uint32_t high =
        _mm512_cmp_ps_mask(_mm512_loadu_ps(at + 16), zero, _CMP_GT_OQ);
    const uint32_t on = low | high << 16;
    for (size_t g = 0; g < PANEL_GROUPS; g++)
      rows[k * PANEL_GROUPS + g] =
          (uint16_t)((on >> (g * KJ_BENCH_GROUP) & 15) * KJ__PANEL);
  }
}

/* tables (8, 16, 32) of a panel's rows, for 32 inputs. */
INSTRUCTIONS static void tabulate_rows(const float *columns, const float *scale,
                                       float *tables)
{
  for (size_t g = 0; g < PANEL_GROUPS; g++)
    for (size_t half = 0; half < KJ__PANEL; half += 16) {
      __m512 sum[SUMS];
      sum[0] = _mm512_setzero_ps();
#pragma GCC unroll 4
      for (size_t k = 0; k < KJ_BENCH_GROUP; k++) {
        const size_t r = g * KJ_BENCH_GROUP + k;
        const __m512 row =
            _mm512_mul_ps(_mm512_set1_ps(scale[r]),
                          _mm512_loadu_ps(columns + r * KJ__PANEL + half));
#pragma GCC unroll 8
        for (size_t s = 0; s < (size_t)1 << k; s++)
          sum[s + ((size_t)1 << k)] = _mm512_add_ps(sum[s], row);
      }
#pragma GCC unroll 16
      for (size_t s = 0; s < SUMS; s++)
        _mm512_store_ps(tables + (g * SUMS + s) * KJ__PANEL + half, sum[s]);
    }
}

/* Add a panel's rows to sums (OUT, 32). */
INSTRUCTIONS static void add_rows(const float *tables, const uint16_t *rows,
                                  float *sums)
{
  for (size_t k = 0; k < OUT; k += ROW_UNITS) {
    __m512 sum[ROW_UNITS][2];
#pragma GCC unroll 4
    for (size_t u = 0; u < ROW_UNITS; u++) {
      sum[u][0] = _mm512_load_ps(sums + (k + u) * KJ__PANEL);
      sum[u][1] = _mm512_load_ps(sums + (k + u) * KJ__PANEL + 16);
    }
#pragma GCC unroll 8
    for (size_t g = 0; g < PANEL_GROUPS; g++)
#pragma GCC unroll 4
      for (size_t u = 0; u < ROW_UNITS; u++) {
        const float *row =
            tables + g * SUMS * KJ__PANEL + rows[(k + u) * PANEL_GROUPS + g];
        sum[u][0] = _mm512_add_ps(sum[u][0], _mm512_load_ps(row));
        sum[u][1] = _mm512_add_ps(sum[u][1], _mm512_load_ps(row + 16));
      }
#pragma GCC unroll 4
    for (size_t u = 0; u < ROW_UNITS; u++) {
      _mm512_store_ps(sums + (k + u) * KJ__PANEL, sum[u][0]);
      _mm512_store_ps(sums + (k + u) * KJ__PANEL + 16, sum[u][1]);
    }
  }
}

/* Adam's step of 16 parameters; network/adam.h. */
INSTRUCTIONS static void step(const kj_bench_binary *q, size_t at, __m512 g)
{
  const kj__adam_step_constants *c = q->adam;
  const size_t ahead = at + 8 * IN < IN * OUT ? at + 8 * IN : at;
  __builtin_prefetch(q->parameters + ahead, 1);
  __builtin_prefetch(q->moment1 + ahead, 1);
  __builtin_prefetch(q->moment2 + ahead, 1);
  const __m512 old = _mm512_loadu_ps(q->parameters + at);
  const __m512 m =
      c->beta1 * _mm512_loadu_ps(q->moment1 + at) + c->one_minus_beta1 * g;
  const __m512 v = c->beta2 * _mm512_loadu_ps(q->moment2 + at) +
                   c->one_minus_beta2 * (g * g);
  _mm512_storeu_ps(q->moment1 + at, m);
  _mm512_storeu_ps(q->moment2 + at, v);
  const __m512 root = _mm512_sqrt_ps(v * c->unbias2);
  const __m512 move = c->alpha * (m * c->unbias1) / (root + c->epsilon);
  _mm512_storeu_ps(q->parameters + at, old - (move + c->decay * old));
}

/* Use the sums of 32 inputs, and leave 0 in their place. */
INSTRUCTIONS static void use(const kj_bench_binary *q, size_t i, float *sums)
{
  for (size_t k = 0; k < OUT; k++)
    for (size_t half = 0; half < KJ__PANEL; half += 16) {
      float *at = sums + k * KJ__PANEL + half;
      const __m512 sum =
          _mm512_mul_ps(_mm512_set1_ps(q->last[k]), _mm512_load_ps(at));
      if (i + half < IN && q->adam)
        step(q, k * IN + i + half, sum);
      else if (i + half < IN)
        _mm512_storeu_ps(q->gradient + k * IN + i + half, sum);
      _mm512_store_ps(at, _mm512_setzero_ps());
    }
}

void kj_bench_binary_descend(const kj_bench_binary *q)
{
  static _Thread_local _Alignas(64) float sums[OUT * KJ__PANEL];
  _Alignas(64) float tables[PANEL_GROUPS * SUMS * KJ__PANEL];
  const size_t n_panels = q->n_rows / KJ__PANEL;
  for (size_t p = 0; p < 2 * n_panels; p++)
    find_rows(q->above[p / n_panels], p % n_panels * KJ__PANEL,
              q->rows + p * OUT * PANEL_GROUPS);
  for (size_t i = 0; i < IN; i += KJ__PANEL) {
    for (size_t p = 0; p < 2 * n_panels; p++) {
      const size_t chain = p / n_panels, r = p % n_panels * KJ__PANEL;
      tabulate_rows(q->columns[chain] + kj__panels_at(q->n_rows, r, i),
                    q->scale[chain] + r, tables);
      add_rows(tables, q->rows + p * OUT * PANEL_GROUPS, sums);
    }
    use(q, i, sums);
  }
}
#else
bool kj_bench_binary_is_here(void)
{
  return false;
}

void kj_bench_binary_backward(const kj_bench_binary *q)
{
  (void)q;
}

void kj_bench_binary_descend(const kj_bench_binary *q)
{
  (void)q;
}
#endif
