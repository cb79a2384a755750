/*
 * pool.c: independent jobs on a few threads; the next free thread takes the
 * next job.
 */
#define _GNU_SOURCE
#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

enum { MAX_THREADS = 256 };

typedef struct pool {
  size_t n_jobs;
  atomic_size_t next_job;
  void (*job)(void *context, size_t index);
  void *context;
} pool;

static void *worker(void *argument)
{
  pool *p = argument;
  for (;;) {
    const size_t index = atomic_fetch_add(&p->next_job, 1);
    if (index >= p->n_jobs)
      return NULL;
    p->job(p->context, index);
  }
}

void kj__pool_run(size_t n_jobs, size_t n_threads,
                  void (*job)(void *context, size_t index), void *context)
{
  pool p = {.n_jobs = n_jobs, .job = job, .context = context};
  atomic_init(&p.next_job, 0);
  pthread_t threads[MAX_THREADS];
  size_t n_started = 0;
  size_t n_wanted = n_threads < n_jobs ? n_threads : n_jobs;
  if (n_wanted > MAX_THREADS)
    n_wanted = MAX_THREADS;
  while (n_started + 1 < n_wanted &&
         pthread_create(&threads[n_started], NULL, worker, &p) == 0)
    n_started++;
  worker(&p);
  for (size_t i = 0; i < n_started; i++)
    pthread_join(threads[i], NULL);
}

size_t kj__pool_processors(void)
{
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0)
    return 1;
  const int count = CPU_COUNT(&set);
  return count > 0 ? (size_t)count : 1;
}
