/*
 * test_fft.c: the transforms against their definitions, term by term.
 *
 * SNR = 10 log10(sum |reference|^2 / sum |difference|^2); the reference is the
 * O(n^2) sum in long double with exact angles. Floor: 300 dB for the Fourier
 * transforms and 280 dB for the cosine transform, whose odd values are a
 * running sum, at every size.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/fft.h"
#include "features/signals.h"

#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_SIZE = 4096, SEED = 7 };

static const long double pi = 3.14159265358979323846264338327950288L;
static const double fourier_floor_db = 300.0;
static const double cosine_floor_db = 280.0;

/* Memory for a plan: laid out twice, as the extractor does. */
typedef struct plan {
  kj__fft fft;
  kj__real_fft real;
  kj__cosine cosine;
  void *memory;
} plan;

static void layout(plan *p, size_t n, kj__arena *arena)
{
  kj__fft_layout(&p->fft, n, arena);
  if (n >= 2) {
    kj__real_fft_layout(&p->real, n, arena);
    kj__cosine_layout(&p->cosine, n, arena);
  }
}

static plan create_plan(size_t n)
{
  plan p;
  kj__arena arena = {NULL, 0};
  layout(&p, n, &arena);
  p.memory = malloc(arena.used);
  assert_non_null(p.memory);
  arena = (kj__arena){p.memory, 0};
  layout(&p, n, &arena);
  kj__fft_init(&p.fft);
  if (n >= 2) {
    kj__real_fft_init(&p.real);
    kj__cosine_init(&p.cosine);
  }
  return p;
}

/* exp(-2 pi i j k / n), the angle reduced exactly. */
static long double complex turn(size_t j, size_t k, size_t n)
{
  const long double angle = -2.0L * pi * (long double)(j * k % n) / n;
  return cosl(angle) + sinl(angle) * (long double complex)I;
}

typedef struct quality {
  long double signal, noise;
  double worst;
  size_t worst_k;
} quality;

static void measure(quality *q, size_t k, long double complex reference,
                    double re, double im)
{
  const long double dr = creall(reference) - (long double)re;
  const long double di = cimagl(reference) - (long double)im;
  const long double error = dr * dr + di * di;
  q->signal += creall(reference) * creall(reference) +
               cimagl(reference) * cimagl(reference);
  q->noise += error;
  if ((double)error > q->worst) {
    q->worst = (double)error;
    q->worst_k = k;
  }
}

static void judge(const char *what, size_t n, const quality *q, double floor_db)
{
  const double db = (double)(10.0L * log10l(q->signal / (q->noise + 1e-300L)));
  print_message("%-7s n %5zu: %.1f dB\n", what, n, db);
  if (!(db >= floor_db))
    fail_msg("%s of %zu points (seed %d): %.1f dB, floor %.0f; worst at %zu, "
             "off by %.3g",
             what, n, SEED, db, floor_db, q->worst_k, sqrt(q->worst));
}

static double input[2][MAX_SIZE + 1], output[2][MAX_SIZE + 1];
static long double exact[2][MAX_SIZE + 1]; /* the input again */

static void fill_input(size_t n)
{
  uint64_t seed = SEED;
  for (size_t i = 0; i <= n; i++) {
    input[0][i] = next_uniform(&seed);
    input[1][i] = next_uniform(&seed);
    exact[0][i] = (long double)input[0][i];
    exact[1][i] = (long double)input[1][i];
  }
}

static void check_complex(const plan *p, size_t n)
{
  quality q = {0};
  for (size_t i = 0; i < n; i++) {
    output[0][i] = input[0][i];
    output[1][i] = input[1][i];
  }
  kj__fft_transform(&p->fft, output[0], output[1]);
  for (size_t k = 0; k < n; k++) {
    long double complex sum = 0.0L;
    for (size_t j = 0; j < n; j++)
      sum +=
          (exact[0][j] + exact[1][j] * (long double complex)I) * turn(j, k, n);
    measure(&q, k, sum, output[0][k], output[1][k]);
  }
  judge("complex", n, &q, fourier_floor_db);
}

static void check_real(const plan *p, size_t n)
{
  quality q = {0};
  kj__real_fft_transform(&p->real, input[0], output[0], output[1]);
  for (size_t k = 0; k <= n / 2; k++) {
    long double complex sum = 0.0L;
    for (size_t j = 0; j < n; j++)
      sum += exact[0][j] * turn(j, k, n);
    measure(&q, k, sum, output[0][k], output[1][k]);
  }
  judge("real", n, &q, fourier_floor_db);
}

/* In place, as the extractor does it. */
static void check_cosine(const plan *p, size_t n)
{
  quality q = {0};
  for (size_t i = 0; i <= n; i++)
    output[0][i] = input[0][i];
  kj__cosine_transform(&p->cosine, output[0], output[0]);
  for (size_t t = 0; t < n; t++) {
    long double sum =
        0.5L * (exact[0][0] + (t % 2 ? -1.0L : 1.0L) * exact[0][n]);
    for (size_t k = 1; k < n; k++)
      sum += exact[0][k] * creall(turn(k, t, 2 * n));
    measure(&q, t, sum, output[0][t], 0.0);
  }
  judge("cosine", n, &q, cosine_floor_db);
}

static const size_t sizes[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};
enum { N_SIZES = sizeof sizes / sizeof sizes[0] };

static void transforms_meet_their_definitions(void **state)
{
  (void)state;
  for (size_t i = 0; i < N_SIZES; i++) {
    const size_t n = sizes[i];
    const plan p = create_plan(n);
    fill_input(n);
    check_complex(&p, n);
    if (n >= 2) {
      check_real(&p, n);
      check_cosine(&p, n);
    }
    free(p.memory);
  }
}

/* The largest size the highest sampling rate asks for: a unit sample at j
 * gives the turning exp(-2 pi i j k / n), each value within 1e-15. */
static void large_size_turns_a_unit_sample(void **state)
{
  (void)state;
  enum { N = 16384, AT = 4099 };
  static double x[N], re[N / 2 + 1], im[N / 2 + 1];
  const plan p = create_plan(N);
  x[AT] = 1.0;
  kj__real_fft_transform(&p.real, x, re, im);
  for (size_t k = 0; k <= N / 2; k++) {
    const long double complex expected = turn(AT, k, N);
    const double error = hypot((double)creall(expected) - re[k],
                               (double)cimagl(expected) - im[k]);
    if (!(error <= 1e-15))
      fail_msg("bin %zu of %d: off by %.3g", k, N, error);
  }
  free(p.memory);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(transforms_meet_their_definitions),
      cmocka_unit_test(large_size_turns_a_unit_sample),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
