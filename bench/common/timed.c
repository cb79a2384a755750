/*
 * timed.c: kernels that note how long they took.
 *
 * Kernels have no context of their own, so what they note stands here.
 */
#include "common/timed.h"

#include "common/clock.h"

#include <string.h>

static struct {
  const kj__kernels *real;
  kj__kernels table;
  size_t n;
  kj_bench_account account[KJ_BENCH_MOST_ACCOUNTS];
} timed;

static kj_bench_account *find(const char *kernel, size_t n_in, size_t n_out)
{
  for (size_t i = 0; i < timed.n; i++) {
    kj_bench_account *a = &timed.account[i];
    if (a->n_in == n_in && a->n_out == n_out && strcmp(a->kernel, kernel) == 0)
      return a;
  }
  kj_bench_account *a = &timed.account[timed.n];
  if (timed.n + 1 < KJ_BENCH_MOST_ACCOUNTS)
    timed.n++;
  *a = (kj_bench_account){.kernel = kernel, .n_in = n_in, .n_out = n_out};
  return a;
}

static void book(kj_bench_account *account, double started_s, double terms)
{
  account->seconds += kj_bench_now_s() - started_s;
  account->flops += 2.0 * terms;
  account->n_calls++;
}

static void forward(const kj__forward *q, size_t first, size_t last)
{
  kj_bench_account *account = find("forward", q->n_in, q->n_out);
  const double started_s = kj_bench_now_s();
  timed.real->forward(q, first, last);
  book(account, started_s,
       (double)(last - first) * (double)q->n_in * (double)q->n_rows);
}

static void forward_moved(const kj__forward_moved *q, size_t first, size_t last)
{
  kj_bench_account *account = find("forward_moved", q->n_in, q->n_out);
  const double started_s = kj_bench_now_s();
  timed.real->forward_moved(q, first, last);
  book(account, started_s,
       (double)(last - first) * (double)q->n_in * (double)q->n_rows);
}

static void backward(const kj__backward *q, size_t first, size_t last)
{
  kj_bench_account *account = find("backward", q->n_in, q->n_out);
  const double started_s = kj_bench_now_s();
  timed.real->backward(q, first, last);
  book(account, started_s,
       (double)(last - first) * (double)q->n_out * (double)q->n_rows);
}

static void descend(const kj__descent *q, size_t first, size_t last)
{
  kj_bench_account *account = find("descend", q->n_in, q->n_out);
  const double started_s = kj_bench_now_s();
  timed.real->descend(q, first, last);
  book(account, started_s,
       (double)(last - first) * (double)q->n_in *
           (double)(q->stack[0].n_rows + q->stack[1].n_rows));
}

const kj__kernels *kj_bench_time_kernels(const kj__kernels *real)
{
  timed.real = real;
  timed.table = *real;
  timed.table.forward = forward;
  timed.table.forward_moved = forward_moved;
  timed.table.backward = backward;
  timed.table.descend = descend;
  kj_bench_clear_accounts();
  return &timed.table;
}

const kj_bench_account *kj_bench_accounts(size_t *n)
{
  *n = timed.n;
  return timed.account;
}

void kj_bench_clear_accounts(void)
{
  timed.n = 0;
}
