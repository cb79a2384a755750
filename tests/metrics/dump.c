/*
 * dump.c: what the library makes of the numbers on standard input, for
 * oracle.py to check. Two kinds of request, whatever their number:
 *   compare N N_CLUSTERS N_REPLICATES  then N rows  TRUTH A B CLUSTER
 *   ridge N_ROWS N_IN PENALTY          then N_ROWS rows  Y WEIGHT GROUP X...
 * answered by one line each: metrics of A, their intervals, A - B, its
 * intervals, p; or intercept and weights at PENALTY, then intercept, weights
 * and penalty of kj_ridge_fit.
 */
#include "kanjo/metrics.h"
#include "kanjo/ridge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void give_up(const char *why)
{
  fprintf(stderr, "dump: %s\n", why);
  exit(1);
}

static void *numbers(size_t n, size_t size)
{
  void *memory = calloc(n, size);
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

static void print_numbers(const double *values, size_t n)
{
  for (size_t i = 0; i < n; i++)
    printf("%.17g ", values[i]);
}

static void print_metrics(const kj_metrics *metrics)
{
  for (size_t m = 0; m < KJ_N_METRICS; m++)
    printf("%.17g ", kj_metric_value(metrics, (kj_metric)m));
}

static void print_intervals(const kj_metric_intervals *intervals)
{
  for (size_t m = 0; m < KJ_N_METRICS; m++)
    printf("%.17g %.17g ", intervals->of[m].low, intervals->of[m].high);
}

static void compare(void)
{
  const size_t n = (size_t)read_number();
  const size_t n_clusters = (size_t)read_number();
  kj_bootstrap_options options = kj_bootstrap_defaults();
  options.n_replicates = (size_t)read_number();
  double *truth = numbers(n, sizeof *truth);
  double *a = numbers(n, sizeof *a);
  double *b = numbers(n, sizeof *b);
  size_t *cluster = numbers(n, sizeof *cluster);
  for (size_t i = 0; i < n; i++) {
    truth[i] = read_number();
    a[i] = read_number();
    b[i] = read_number();
    cluster[i] = (size_t)read_number();
  }
  const kj_metric_rows rows = {truth, a, cluster, n, n_clusters};
  kj_error err;
  kj_metric_intervals intervals;
  kj_comparison comparison;
  if (kj_metrics_intervals(&rows, &options, &intervals, &err) != KJ_OK ||
      kj_metrics_compare(&rows, b, &options, &comparison, &err) != KJ_OK)
    give_up(err.message);
  print_metrics(&comparison.a);
  print_intervals(&intervals);
  print_metrics(&comparison.difference);
  print_intervals(&comparison.intervals);
  print_numbers(comparison.p, KJ_N_METRICS);
  free(cluster);
  free(b);
  free(a);
  free(truth);
}

static void ridge(void)
{
  const size_t n_rows = (size_t)read_number();
  const size_t n_in = (size_t)read_number();
  const double penalty = read_number();
  double *y = numbers(n_rows, sizeof *y);
  double *weight = numbers(n_rows, sizeof *weight);
  size_t *group = numbers(n_rows, sizeof *group);
  float *x = numbers(n_rows * n_in, sizeof *x);
  for (size_t i = 0; i < n_rows; i++) {
    y[i] = read_number();
    weight[i] = read_number();
    group[i] = (size_t)read_number();
    for (size_t k = 0; k < n_in; k++)
      x[i * n_in + k] = (float)read_number();
  }
  const kj_ridge_problem problem = {.x = x,
                                    .y = y,
                                    .weight = weight,
                                    .group = group,
                                    .n_rows = n_rows,
                                    .n_in = n_in};
  kj_error err;
  double *w = numbers(n_in, sizeof *w);
  double intercept, chosen;
  if (kj_ridge_solve(&problem, penalty, w, &intercept, &err) != KJ_OK)
    give_up(err.message);
  print_numbers(&intercept, 1);
  print_numbers(w, n_in);
  if (kj_ridge_fit(&problem, w, &intercept, &chosen, &err) != KJ_OK)
    give_up(err.message);
  print_numbers(&intercept, 1);
  print_numbers(w, n_in);
  print_numbers(&chosen, 1);
  free(w);
  free(x);
  free(group);
  free(weight);
  free(y);
}

int main(void)
{
  char request[16];
  while (scanf("%15s", request) == 1) {
    if (strcmp(request, "compare") == 0)
      compare();
    else if (strcmp(request, "ridge") == 0)
      ridge();
    else
      give_up("unknown request");
    printf("\n");
  }
  return 0;
}
