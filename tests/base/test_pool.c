/*
 * test_pool.c: each job runs once, whatever the number of threads, and no
 * more threads run than were asked for.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { MOST_JOBS = 1000 };

typedef struct ledger {
  atomic_int n_runs[MOST_JOBS];
  size_t result[MOST_JOBS]; /* written without a lock: each by one job */
  atomic_int n_inside, most_inside;
  pthread_t caller;
  atomic_int n_elsewhere; /* jobs that ran on another thread */
} ledger;

static void note(void *context, size_t index)
{
  ledger *l = context;
  const int inside = atomic_fetch_add(&l->n_inside, 1) + 1;
  int most = atomic_load(&l->most_inside);
  while (most < inside &&
         !atomic_compare_exchange_weak(&l->most_inside, &most, inside))
    ;
  if (index >= MOST_JOBS)
    abort(); /* an assertion cannot leave another thread */
  atomic_fetch_add(&l->n_runs[index], 1);
  l->result[index] = 3 * index + 1;
  if (!pthread_equal(pthread_self(), l->caller))
    atomic_fetch_add(&l->n_elsewhere, 1);
  if (index % 16 == 0)
    sched_yield();
  atomic_fetch_sub(&l->n_inside, 1);
}

static void check_run(size_t n_jobs, size_t n_threads)
{
  ledger l = {.caller = pthread_self()};
  kj__pool_run(n_jobs, n_threads, note, &l);
  for (size_t i = 0; i < MOST_JOBS; i++) {
    const int expected = i < n_jobs ? 1 : 0;
    if (l.n_runs[i] != expected)
      fail_msg("%zu jobs on %zu threads: job %zu ran %d times, must be %d",
               n_jobs, n_threads, i, l.n_runs[i], expected);
    if (expected && l.result[i] != 3 * i + 1)
      fail_msg("%zu jobs on %zu threads: job %zu gave %zu", n_jobs, n_threads,
               i, l.result[i]);
  }
  const size_t most = n_threads > 1 ? n_threads : 1;
  if (l.most_inside > (int)most)
    fail_msg("%zu jobs on %zu threads: %d ran at a time", n_jobs, n_threads,
             l.most_inside);
  if (n_threads <= 1)
    assert_int_equal(l.n_elsewhere, 0);
}

static void each_job_runs_once(void **state)
{
  (void)state;
  static const size_t jobs[] = {0, 1, 2, 7, 8, 9, MOST_JOBS};
  for (size_t j = 0; j < sizeof jobs / sizeof jobs[0]; j++)
    for (size_t n_threads = 0; n_threads <= 8; n_threads++)
      check_run(jobs[j], n_threads);
}

static void more_threads_than_allowed_are_not_started(void **state)
{
  (void)state;
  check_run(300, 100000); /* at most 256; 300 would overrun its array */
}

/* Two jobs that wait for each other end only if both run at the same time. */
static void meet(void *context, size_t index)
{
  (void)index;
  pthread_barrier_wait(context);
}

static void threads_run_at_the_same_time(void **state)
{
  (void)state;
  pthread_barrier_t barrier;
  assert_int_equal(pthread_barrier_init(&barrier, NULL, 4), 0);
  kj__pool_run(4, 4, meet, &barrier);
  pthread_barrier_destroy(&barrier);
}

static void there_is_a_processor(void **state)
{
  (void)state;
  const size_t n = kj__pool_processors();
  print_message("%zu processors\n", n);
  assert_in_range(n, 1, 100000);
  cpu_set_t before, one;
  assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
  CPU_ZERO(&one);
  for (size_t i = 0; CPU_COUNT(&one) == 0; i++)
    if (CPU_ISSET(i, &before))
      CPU_SET(i, &one);
  assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
  const size_t n_now = kj__pool_processors();
  assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
  assert_int_equal(n_now, 1); /* those it may run on, not those there are */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_job_runs_once),
      cmocka_unit_test(more_threads_than_allowed_are_not_started),
      cmocka_unit_test(threads_run_at_the_same_time),
      cmocka_unit_test(there_is_a_processor),
  };
  return cmocka_run_group_tests_name("base pool", tests, NULL, NULL);
}
