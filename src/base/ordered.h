/*
 * ordered.h: a stream of items, worked on by several threads and given out in
 * the order they came in.
 *
 * There are n_slots places. Taking an item puts it into the next place; giving
 * it out frees the place, so that no more than n_slots items are ever held
 * between the two, however long the stream is.
 */
#ifndef KJ_BASE_ORDERED_H
#define KJ_BASE_ORDERED_H

#include <stdbool.h>
#include <stddef.h>

typedef struct kj__ordered kj__ordered;

typedef struct kj__ordered_steps {
  void *context;
  /* Put the next item into place `slot`; false: there is none, or all is to
   * stop. One call at a time, in order. */
  bool (*take)(void *context, size_t slot);
  /* Work on it; `worker` is below the number of threads, and has one call at
   * a time. */
  void (*work)(void *context, kj__ordered *queue, size_t slot, size_t worker);
  /* Give it out. One call at a time, in order. */
  void (*give)(void *context, size_t slot);
} kj__ordered_steps;

/* Run the whole stream on at most n_threads threads (0 or 1: the caller's);
 * returns when every item that was taken has been given out. Every n_slots is
 * at least 1. */
void kj__ordered_run(const kj__ordered_steps *steps, size_t n_slots,
                     size_t n_threads);

/* From within work: is everything before this item given out? Then what it
 * has so far may go out too. */
bool kj__ordered_is_next(kj__ordered *queue, size_t slot);

/* From within work: wait until that is so. */
void kj__ordered_wait(kj__ordered *queue, size_t slot);

#endif
