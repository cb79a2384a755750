/*
 * processors.c: a ball goes to and fro between two threads, each on a processor
 * of its own.
 */
#define _GNU_SOURCE
#include "common/processors.h"

#include "common/clock.h"

#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { N_ROUND_TRIPS = 20000, N_REPEATS = 5 };

void kj_bench_find_processors(size_t found[2])
{
  cpu_set_t set;
  int n = 0;
  sched_getaffinity(0, sizeof set, &set);
  for (size_t i = 0; i < CPU_SETSIZE && n < 2; i++)
    if (CPU_ISSET(i, &set))
      found[n++] = i;
  if (n == 1)
    found[1] = found[0];
}

void kj_bench_pin(size_t processor)
{
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  sched_setaffinity(0, sizeof set, &set);
}

typedef struct table_tennis {
  alignas(128) atomic_int ball; /* even: to be returned by the other thread */
  alignas(128) size_t processor;
} table_tennis;

static void *return_balls(void *argument)
{
  table_tennis *t = argument;
  kj_bench_pin(t->processor);
  for (int i = 0; i < N_ROUND_TRIPS; i++) {
    while (atomic_load_explicit(&t->ball, memory_order_acquire) != 2 * i + 1)
      ;
    atomic_store_explicit(&t->ball, 2 * i + 2, memory_order_release);
  }
  return NULL;
}

/* Seconds a round trip. */
static double measure_round_trip(const size_t processors[2])
{
  table_tennis t = {.processor = processors[1]};
  cpu_set_t before;
  pthread_t other;
  sched_getaffinity(0, sizeof before, &before);
  kj_bench_pin(processors[0]);
  if (pthread_create(&other, NULL, return_balls, &t) != 0)
    abort();
  double begin = 0;
  for (int i = 0; i < N_ROUND_TRIPS; i++) {
    if (i == 1)
      begin = kj_bench_now_s(); /* the first waits for the thread to start */
    atomic_store_explicit(&t.ball, 2 * i + 1, memory_order_release);
    while (atomic_load_explicit(&t.ball, memory_order_acquire) != 2 * i + 2)
      ;
  }
  const double seconds = kj_bench_now_s() - begin;
  pthread_join(other, NULL);
  sched_setaffinity(0, sizeof before, &before);
  return seconds / (N_ROUND_TRIPS - 1);
}

double kj_bench_round_trip_ns(void)
{
  size_t processors[2];
  double trips[N_REPEATS];
  kj_bench_find_processors(processors);
  if (processors[0] == processors[1])
    return 0.0;
  for (int i = 0; i < N_REPEATS; i++)
    trips[i] = measure_round_trip(processors);
  return 1e9 * kj_bench_median(trips, N_REPEATS);
}
