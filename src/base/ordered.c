/*
 * ordered.c: items are counted as they come; item i has place i mod n_slots.
 *
 * Whoever finishes the oldest item gives it out, and all finished ones behind
 * it. The oldest item always has a thread that works on it and waits for
 * nobody, so that no wait is for ever.
 */
#include "base/ordered.h"

#include "base/memory.h"
#include "base/pool.h"

#include <pthread.h>
#include <stdint.h>

struct kj__ordered {
  const kj__ordered_steps *steps;
  size_t n_slots;
  bool *is_done; /* shape (n_slots): worked on, not yet given out */
  uint64_t n_taken, n_given;
  bool has_ended;
  bool is_taking, is_giving; /* a thread is within that step */
  pthread_mutex_t lock;
  pthread_cond_t changed;
};

/* Take the next item: false at the end. Holds no lock while it is read. */
static bool take(kj__ordered *q, size_t *slot)
{
  pthread_mutex_lock(&q->lock);
  while (!q->has_ended &&
         (q->is_taking || q->n_taken - q->n_given == q->n_slots))
    pthread_cond_wait(&q->changed, &q->lock);
  bool is_there = false;
  if (!q->has_ended) {
    *slot = (size_t)(q->n_taken % q->n_slots);
    q->is_taking = true;
    pthread_mutex_unlock(&q->lock);
    is_there = q->steps->take(q->steps->context, *slot);
    pthread_mutex_lock(&q->lock);
    q->is_taking = false;
    q->has_ended = !is_there;
    q->n_taken += is_there ? 1 : 0;
    pthread_cond_broadcast(&q->changed);
  }
  pthread_mutex_unlock(&q->lock);
  return is_there;
}

/* Give out what is finished and has nothing unfinished before it. */
static void give_finished(kj__ordered *q, size_t slot)
{
  pthread_mutex_lock(&q->lock);
  q->is_done[slot] = true;
  while (!q->is_giving && q->n_given < q->n_taken &&
         q->is_done[q->n_given % q->n_slots]) {
    const size_t next = (size_t)(q->n_given % q->n_slots);
    q->is_giving = true;
    pthread_mutex_unlock(&q->lock);
    q->steps->give(q->steps->context, next);
    pthread_mutex_lock(&q->lock);
    q->is_giving = false;
    q->is_done[next] = false;
    q->n_given++;
    pthread_cond_broadcast(&q->changed);
  }
  pthread_mutex_unlock(&q->lock);
}

static void run_worker(void *context, size_t worker)
{
  kj__ordered *q = context;
  size_t slot;
  while (take(q, &slot)) {
    q->steps->work(q->steps->context, q, slot, worker);
    give_finished(q, slot);
  }
}

static void run_alone(const kj__ordered_steps *steps)
{
  while (steps->take(steps->context, 0)) {
    steps->work(steps->context, NULL, 0, 0);
    steps->give(steps->context, 0);
  }
}

void kj__ordered_run(const kj__ordered_steps *steps, size_t n_slots,
                     size_t n_threads)
{
  kj__ordered q = {.steps = steps, .n_slots = n_slots};
  if (n_threads > 1)
    q.is_done = kj__allocate(NULL, n_slots, sizeof *q.is_done);
  if (!q.is_done) {
    run_alone(steps);
    return;
  }
  pthread_mutex_init(&q.lock, NULL);
  pthread_cond_init(&q.changed, NULL);
  kj__pool_run(n_threads, n_threads, run_worker, &q);
  pthread_cond_destroy(&q.changed);
  pthread_mutex_destroy(&q.lock);
  kj__release(NULL, q.is_done);
}

static bool is_next(const kj__ordered *q, size_t slot)
{
  return !q->is_giving && (size_t)(q->n_given % q->n_slots) == slot;
}

bool kj__ordered_is_next(kj__ordered *q, size_t slot)
{
  if (!q)
    return true;
  pthread_mutex_lock(&q->lock);
  const bool is_it = is_next(q, slot);
  pthread_mutex_unlock(&q->lock);
  return is_it;
}

void kj__ordered_wait(kj__ordered *q, size_t slot)
{
  if (!q)
    return;
  pthread_mutex_lock(&q->lock);
  while (!is_next(q, slot))
    pthread_cond_wait(&q->changed, &q->lock);
  pthread_mutex_unlock(&q->lock);
}
