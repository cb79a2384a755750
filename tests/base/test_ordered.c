/*
 * test_ordered.c: items come out in the order they went in, each worked on
 * once, whatever the number of threads and places; no more are held than there
 * are places; whoever waits for its turn gets it.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/ordered.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { N_ITEMS = 2000, MOST_SLOTS = 64 };

typedef struct ledger {
  size_t n_items, n_slots;
  size_t held[MOST_SLOTS]; /* the item of each place */
  size_t n_taken, n_given;
  atomic_int n_worked[N_ITEMS];
  size_t n_out_of_order, n_wrong_turns;
  bool waits; /* every third item waits for its turn */
} ledger;

static bool take(void *context, size_t slot)
{
  ledger *l = context;
  if (l->n_taken == l->n_items)
    return false;
  if (slot >= l->n_slots)
    abort(); /* an assertion cannot leave another thread */
  l->held[slot] = l->n_taken++;
  return true;
}

static void work(void *context, kj__ordered *queue, size_t slot, size_t worker)
{
  ledger *l = context;
  const size_t item = l->held[slot];
  (void)worker;
  atomic_fetch_add(&l->n_worked[item], 1);
  if (item % 7 == 0)
    sched_yield();
  if (l->waits && item % 3 == 0) {
    kj__ordered_wait(queue, slot);
    if (l->n_given != item || !kj__ordered_is_next(queue, slot))
      l->n_wrong_turns++; /* nobody else has its turn now */
  }
}

static void give(void *context, size_t slot)
{
  ledger *l = context;
  l->n_out_of_order += l->held[slot] != l->n_given;
  l->n_given++;
}

static void check(size_t n_items, size_t n_slots, size_t n_threads, bool waits)
{
  ledger l = {.n_items = n_items, .n_slots = n_slots, .waits = waits};
  const kj__ordered_steps steps = {&l, take, work, give};
  kj__ordered_run(&steps, n_slots, n_threads);
  if (l.n_given != n_items || l.n_out_of_order > 0 || l.n_wrong_turns > 0)
    fail_msg("%zu items, %zu slots, %zu threads: %zu given, %zu out of order, "
             "%zu out of turn",
             n_items, n_slots, n_threads, l.n_given, l.n_out_of_order,
             l.n_wrong_turns);
  for (size_t i = 0; i < n_items; i++)
    if (l.n_worked[i] != 1)
      fail_msg("item %zu was worked on %d times", i, l.n_worked[i]);
}

static void in_order_for_any_number_of_threads(void **state)
{
  (void)state;
  for (size_t n_threads = 0; n_threads <= 8; n_threads++)
    for (size_t n_slots = 1; n_slots <= MOST_SLOTS; n_slots *= 4)
      for (int waits = 0; waits < 2; waits++)
        check(N_ITEMS, n_slots, n_threads, waits != 0);
}

static void streams_of_nothing_and_of_little(void **state)
{
  (void)state;
  for (size_t n = 0; n < 5; n++)
    check(n, 4, 3, true);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(in_order_for_any_number_of_threads),
      cmocka_unit_test(streams_of_nothing_and_of_little),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
