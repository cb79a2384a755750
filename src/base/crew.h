/*
 * crew.h: a few threads that stay together for the short pieces of one task.
 *
 * A region is a number of pieces that may run at the same time. Each piece is
 * computed by one thread and writes only its own results, so what comes out
 * never depends on the number of threads. Independent jobs that take long are
 * better off in a pool (base/pool.h), whose threads come and go.
 *
 * One caller uses a crew at a time. A crew does not survive fork(): the child
 * has no threads but its own and must neither use nor destroy it.
 */
#ifndef KJ_BASE_CREW_H
#define KJ_BASE_CREW_H

#include "kanjo/memory.h"
#include "kanjo/status.h"

typedef struct kj__crew kj__crew;

/* Start a crew of n_threads (1..256), the caller's among them, in *out; fewer
 * where the system refuses one. Its threads flush denormal numbers to 0
 * (base/flush.h) and cost nothing while there is nothing to do.
 * KJ_EARGUMENT: n_threads out of range; KJ_EMEMORY. */
kj_status kj__crew_create(size_t n_threads, const kj_allocator *allocator,
                          kj__crew **out, kj_error *err);

/* End the threads and give everything back; `crew` may be NULL. */
void kj__crew_destroy(kj__crew *crew);

/* How many threads work, the caller's among them; 1 where `crew` is NULL. */
size_t kj__crew_threads(const kj__crew *crew);

/* Run job(context, 0) ... job(context, n_pieces - 1), each exactly once;
 * returns when all are done, and then no thread uses `context` any more. A
 * thread begins with its own contiguous share of the pieces, the same in each
 * region of that many, and then helps the others. One that the system does not
 * run delays nothing but the one piece it may have begun. On the caller's
 * thread alone where `crew` is NULL or has one thread. */
void kj__crew_run(kj__crew *crew, size_t n_pieces,
                  void (*job)(void *context, size_t piece), void *context);

#endif
