/*
 * pool.h: independent jobs on a few threads.
 *
 * Each job is computed by one thread and writes only its own results, so what
 * comes out never depends on the number of threads.
 */
#ifndef KJ_BASE_POOL_H
#define KJ_BASE_POOL_H

#include <stddef.h>

/* Run job(context, 0) ... job(context, n_jobs - 1), each once, on at most
 * n_threads threads (0 or 1: all on the caller's); returns when all are done.
 * Where a thread cannot be started, the others do its work. */
void kj__pool_run(size_t n_jobs, size_t n_threads,
                  void (*job)(void *context, size_t index), void *context);

/* Number of processors this process may run on, at least 1. */
size_t kj__pool_processors(void);

#endif
