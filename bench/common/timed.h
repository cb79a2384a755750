/* timed.h: kernels that note how long they took. */
#ifndef KJ_BENCH_TIMED_H
#define KJ_BENCH_TIMED_H

#include "network/kernels.h"

/* What was spent on one kind of product of one layer. */
typedef struct kj_bench_account {
  const char *kernel; /* forward, forward_moved, backward, descend */
  size_t n_in, n_out;
  size_t n_calls;
  double seconds;
  double flops; /* two a multiply-add */
} kj_bench_account;

enum { KJ_BENCH_MOST_ACCOUNTS = 64 };

/* The kernels of `real`, each call of which is booked; for one thread, and one
 * table at a time. Clears the accounts. */
const kj__kernels *kj_bench_time_kernels(const kj__kernels *real);

/* The accounts so far, in the order of their first calls. */
const kj_bench_account *kj_bench_accounts(size_t *n);

void kj_bench_clear_accounts(void);

#endif
