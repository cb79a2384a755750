/*
 * crew.c: what threads that work together cost on this machine, and what is
 * left of them where another process is busy on one of their processors.
 *
 *     bench_crew
 *
 * Prints the round trip of a cache line between two processors, the cost of a
 * region that does nothing, and the throughput of arithmetic in regions of
 * about 100 microseconds for two threads: a crew, and for comparison a fixed
 * split with a barrier that spins and yields. All figures are medians of
 * interleaved runs.
 */
#define _GNU_SOURCE
#include "base/crew.h"
#include "base/pool.h"
#include "common/clock.h"
#include "common/processors.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
  N_REPEATS = 5,
  N_EMPTY_REGIONS = 50000,
  N_PIECES = 16,      /* of an arithmetic region */
  PIECE_STEPS = 6000, /* 10 to 15 microseconds: two threads, 100 a region */
  N_SPINS = 1000      /* of the barrier, as in src/base/crew.c */
};

static const double SECONDS = 0.25; /* of each throughput */

/* ---- Regions ---- */

static void do_nothing(void *context, size_t piece)
{
  (void)context;
  (void)piece;
}

static kj__crew *create_crew(size_t n_threads)
{
  kj__crew *crew = NULL;
  kj_error error;
  if (kj__crew_create(n_threads, NULL, &crew, &error)) {
    fprintf(stderr, "%s\n", error.message);
    exit(1);
  }
  return crew;
}

static double measure_empty_region(void)
{
  kj__crew *crew = create_crew(2);
  for (double begin = kj_bench_now_s();
       kj_bench_now_s() < begin + 0.02;) /* until both are awake */
    kj__crew_run(crew, 2, do_nothing, NULL);
  const double begin = kj_bench_now_s();
  for (int i = 0; i < N_EMPTY_REGIONS; i++)
    kj__crew_run(crew, 2, do_nothing, NULL);
  const double seconds = kj_bench_now_s() - begin;
  kj__crew_destroy(crew);
  return seconds / N_EMPTY_REGIONS;
}

/* A chain of multiplications and additions, as no compiler may shorten it. */
static void compute(void *context, size_t piece)
{
  float *results = context;
  float x = results[16 * piece];
  for (int i = 0; i < PIECE_STEPS; i++)
    x = x * 0.999F + 0.001F;
  results[16 * piece] = x;
}

/* Regions a second of a crew of `n_threads`. */
static double run_crew(size_t n_threads)
{
  float results[16 * N_PIECES] = {0};
  kj__crew *crew = create_crew(n_threads);
  const double begin = kj_bench_now_s();
  double seconds = 0;
  int n_regions = 0;
  for (; seconds < SECONDS; n_regions++) {
    kj__crew_run(crew, N_PIECES, compute, results);
    seconds = kj_bench_now_s() - begin;
  }
  kj__crew_destroy(crew);
  return n_regions / seconds;
}

/* ---- A fixed split with a barrier, for comparison ---- */

typedef struct split {
  float results[16 * N_PIECES];
  alignas(128) atomic_int n_begun;
  alignas(128) atomic_int n_finished;
} split;

static void wait_for(atomic_int *counter, int value)
{
  for (int i = 0; atomic_load(counter) != value; i++)
    if (i >= N_SPINS)
      sched_yield();
}

static void run_half(split *s, size_t half)
{
  for (size_t i = 0; i < N_PIECES / 2; i++)
    compute(s->results, half * (N_PIECES / 2) + i);
}

static void *follow(void *argument)
{
  split *s = argument;
  for (int seen = 0;;) {
    for (int i = 0; atomic_load(&s->n_begun) == seen; i++)
      if (i >= N_SPINS)
        sched_yield();
    if (atomic_load(&s->n_begun) < 0)
      return NULL;
    seen++;
    run_half(s, 1);
    atomic_store(&s->n_finished, seen);
  }
}

static double run_split(size_t n_threads)
{
  (void)n_threads;
  split s = {.n_begun = 0};
  pthread_t other;
  if (pthread_create(&other, NULL, follow, &s) != 0)
    abort();
  const double begin = kj_bench_now_s();
  double seconds = 0;
  int n_regions = 0;
  while (seconds < SECONDS) {
    atomic_store(&s.n_begun, ++n_regions);
    run_half(&s, 0);
    wait_for(&s.n_finished, n_regions);
    seconds = kj_bench_now_s() - begin;
  }
  atomic_store(&s.n_begun, -1);
  pthread_join(other, NULL);
  return n_regions / seconds;
}

/* ---- With a busy process beside it ---- */

static pid_t start_competitor(size_t processor)
{
  const pid_t child = fork();
  if (child < 0)
    abort();
  if (child > 0)
    return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  kj_bench_pin(processor);
  for (volatile unsigned i = 0;; i++)
    ;
}

static void end_competitor(pid_t child)
{
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
}

typedef struct row {
  const char *name;
  double (*run)(size_t n_threads);
  size_t n_threads;
  bool is_busy; /* a competitor on the second processor */
  double rates[N_REPEATS];
} row;

static void measure_rows(row *rows, size_t n_rows, size_t processor)
{
  for (size_t repeat = 0; repeat < N_REPEATS; repeat++)
    for (size_t i = 0; i < n_rows; i++) {
      pid_t child = 0;
      if (rows[i].is_busy)
        child = start_competitor(processor);
      rows[i].rates[repeat] = rows[i].run(rows[i].n_threads);
      if (rows[i].is_busy)
        end_competitor(child);
    }
}

static void print_throughput(size_t processor)
{
  row rows[] = {
      {"one thread, quiet", run_crew, 1, false, {0}},
      {"crew of 2, quiet", run_crew, 2, false, {0}},
      {"crew of 2, busy", run_crew, 2, true, {0}},
      {"fixed split, quiet", run_split, 2, false, {0}},
      {"fixed split, busy", run_split, 2, true, {0}},
  };
  enum { N_ROWS = sizeof rows / sizeof rows[0] };
  double rates[N_ROWS];
  measure_rows(rows, N_ROWS, processor);
  printf("%-20s %12s %14s %14s %8s\n", "throughput", "us a region",
         "of one thread", "of quiet crew", "worst");
  for (size_t i = 0; i < N_ROWS; i++)
    rates[i] = kj_bench_median(rows[i].rates, N_REPEATS);
  for (size_t i = 0; i < N_ROWS; i++)
    printf("%-20s %12.1f %14.2f %14.2f %8.2f\n", rows[i].name, 1e6 / rates[i],
           rates[i] / rates[0], rates[i] / rates[1],
           rows[i].rates[0] / rates[0]);
}

int main(void)
{
  if (kj__pool_processors() < 2) {
    fprintf(stderr, "bench_crew needs two processors\n");
    return 1;
  }
  size_t processors[2];
  double regions[N_REPEATS];
  kj_bench_find_processors(processors);
  for (int i = 0; i < N_REPEATS; i++)
    regions[i] = measure_empty_region();
  printf("round trip between processors %zu and %zu: %.0f ns\n", processors[0],
         processors[1], kj_bench_round_trip_ns());
  printf("a region with nothing to do, 2 threads: %.0f ns\n",
         1e9 * kj_bench_median(regions, N_REPEATS));
  print_throughput(processors[1]);
  return 0;
}
