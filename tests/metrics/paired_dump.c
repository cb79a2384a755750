/*
 * paired_dump.c: what the library makes of the numbers on standard input, for
 * paired_oracle.py to check. Requests, answered by one line each:
 *   test N                            then N differences, nan among them
 *   compare METRIC N N_SPEAKERS N_A N_B
 *                                     then N rows  TRUTH SPEAKER A... B...
 *   detectable N ALPHA POWER
 *   holm N                            then N p
 *   ceiling N_ROWS                    then N_ROWS times  K RATING...
 */
#include "kanjo/paired.h"
#include "kanjo/raters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void give_up(const char *why)
{
  fprintf(stderr, "paired_dump: %s\n", why);
  exit(1);
}

static void *numbers(size_t n, size_t size)
{
  void *memory = calloc(n + 1, size);
  if (!memory)
    give_up("out of memory");
  return memory;
}

static double read_number(void)
{
  double number;
  if (scanf("%lf", &number) != 1)
    give_up("a number is missing");
  return number;
}

static size_t read_size(void)
{
  return (size_t)read_number();
}

static double *read_numbers(size_t n)
{
  double *values = numbers(n, sizeof *values);
  for (size_t i = 0; i < n; i++)
    values[i] = read_number();
  return values;
}

static void print_paired(const kj_paired *p)
{
  printf("%zu %zu %.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g %d %d", p->n,
         p->n_undefined, p->difference, p->interval.low, p->interval.high,
         p->sd, p->effect_size, p->rank_biserial, p->p_signflip, p->p_wilcoxon,
         p->is_exact_signflip, p->is_exact_wilcoxon);
}

static void test(void)
{
  const size_t n = read_size();
  double *d = read_numbers(n);
  kj_paired paired;
  kj_error err;
  if (kj_paired_test(d, n, NULL, &paired, &err) != KJ_OK)
    give_up(err.message);
  print_paired(&paired);
  free(d);
}

static void compare(void)
{
  const kj_metric metric = (kj_metric)read_number();
  kj_paired_rows rows = {.n = read_size()};
  const size_t n = rows.n;
  rows.n_clusters = read_size();
  rows.n_seeds_a = read_size();
  rows.n_seeds_b = read_size();
  double *truth = numbers(n, sizeof *truth);
  size_t *speaker = numbers(n, sizeof *speaker);
  double *a = numbers(n * rows.n_seeds_a, sizeof *a);
  double *b = numbers(n * rows.n_seeds_b, sizeof *b);
  for (size_t i = 0; i < n; i++) {
    truth[i] = read_number();
    speaker[i] = read_size();
    for (size_t k = 0; k < rows.n_seeds_a; k++)
      a[k * n + i] = read_number();
    for (size_t k = 0; k < rows.n_seeds_b; k++)
      b[k * n + i] = read_number();
  }
  rows.truth = truth;
  rows.cluster = speaker;
  rows.a = a;
  rows.b = b;
  kj_paired paired;
  kj_error err;
  if (kj_paired_compare(&rows, metric, NULL, &paired, &err) != KJ_OK)
    give_up(err.message);
  print_paired(&paired);
  free(b);
  free(a);
  free(speaker);
  free(truth);
}

static void detectable(void)
{
  const size_t n = read_size();
  const double alpha = read_number();
  const double power = read_number();
  printf("%.17g", kj_paired_detectable(n, alpha, power));
}

static void holm(void)
{
  const size_t n = read_size();
  double *p = read_numbers(n);
  double *adjusted = numbers(n, sizeof *adjusted);
  kj_error err;
  if (kj_holm(p, n, adjusted, &err) != KJ_OK)
    give_up(err.message);
  for (size_t i = 0; i < n; i++)
    printf("%.17g ", adjusted[i]);
  free(adjusted);
  free(p);
}

static void ceiling(void)
{
  const size_t n_rows = read_size();
  size_t *offset = numbers(n_rows, sizeof *offset);
  double *values = numbers(n_rows * 16, sizeof *values);
  for (size_t i = 0; i < n_rows; i++) {
    const size_t k = read_size();
    if (k > 16)
      give_up("more than 16 ratings");
    offset[i + 1] = offset[i] + k;
    for (size_t j = 0; j < k; j++)
      values[offset[i] + j] = read_number();
  }
  kj_ceiling out;
  kj_error err;
  if (kj_rater_ceiling(&(kj_ratings){offset, values, n_rows}, &out, &err) !=
      KJ_OK)
    give_up(err.message);
  printf("%.17g %.17g %zu %zu %.17g", out.mae, out.ccc, out.n_rows, out.n_pairs,
         out.n_raters_mean);
  free(values);
  free(offset);
}

int main(void)
{
  static const struct {
    const char *name;
    void (*answer)(void);
  } requests[] = {{"test", test},
                  {"compare", compare},
                  {"detectable", detectable},
                  {"holm", holm},
                  {"ceiling", ceiling}};
  enum { N_REQUESTS = sizeof requests / sizeof *requests };
  char request[16];
  while (scanf("%15s", request) == 1) {
    size_t i = 0;
    while (i < N_REQUESTS && strcmp(request, requests[i].name) != 0)
      i++;
    if (i == N_REQUESTS)
      give_up("unknown request");
    requests[i].answer();
    printf("\n");
  }
  return 0;
}
