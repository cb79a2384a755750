/*
 * test_crew.c: each piece of a region runs once, on whatever threads; a thread
 * begins with its own share; one that comes late touches nothing that is over
 * and delays nobody.
 */
#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/crew.h"

#include <errno.h>
#include <float.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_PIECES = 5000, MOST_THREADS = 8 };

static const size_t THREADS[] = {1, 2, 3, 8};
static const size_t PIECES[] = {0, 1, 2, 7, 100, 5000};
enum {
  N_THREADS = sizeof THREADS / sizeof THREADS[0],
  N_PIECES = sizeof PIECES / sizeof PIECES[0]
};

static kj__crew *create(size_t n_threads)
{
  kj__crew *crew = NULL;
  kj_error error;
  if (kj__crew_create(n_threads, NULL, &crew, &error))
    fail_msg("%s", error.message);
  assert_int_equal(kj__crew_threads(crew), n_threads);
  return crew;
}

static void sleep_milliseconds(long milliseconds)
{
  const struct timespec t = {.tv_nsec = 1000000 * milliseconds};
  nanosleep(&t, NULL);
}

/* ---- A region that notes what runs: without atomics, for the end of a region
 * has to make visible what the threads wrote ---- */

enum { ALIVE = 0x600D, POISON = 0xDEAD };

typedef struct ledger {
  unsigned mark; /* ALIVE while the region runs */
  size_t salt;
  int *n_runs;     /* of each piece */
  size_t *results; /* likewise */
  unsigned work;   /* steps that the first piece takes, the last one none */
} ledger;

static void note(void *context, size_t piece)
{
  ledger *l = context;
  if (l->mark != ALIVE || piece > MOST_PIECES)
    abort(); /* a late thread; an assertion cannot leave it */
  for (volatile unsigned i = 0; i < l->work / (piece + 1); i++)
    ;
  l->n_runs[piece]++;
  l->results[piece] = piece ^ l->salt;
}

/* One region; its context is poison afterwards. */
static void check_region(kj__crew *crew, ledger *l, size_t n_pieces)
{
  static int n_runs[MOST_PIECES + 1];
  static size_t results[MOST_PIECES];
  memset(n_runs, 0, (n_pieces + 1) * sizeof n_runs[0]);
  l->mark = ALIVE;
  l->n_runs = n_runs;
  l->results = results;
  kj__crew_run(crew, n_pieces, note, l);
  for (size_t i = 0; i < n_pieces; i++)
    if (n_runs[i] != 1 || results[i] != (i ^ l->salt))
      fail_msg("%zu pieces on %zu threads, region %zu: piece %zu ran %d times "
               "and gave %zu; must be once and %zu",
               n_pieces, kj__crew_threads(crew), l->salt, i, n_runs[i],
               results[i], i ^ l->salt);
  if (n_runs[n_pieces] != 0)
    fail_msg("%zu pieces on %zu threads: one more ran", n_pieces,
             kj__crew_threads(crew));
  l->mark = POISON;
}

static void each_piece_runs_once(void **state)
{
  (void)state;
  ledger contexts[2] = {{.mark = POISON}, {.mark = POISON}};
  for (size_t t = 0; t < N_THREADS; t++) {
    kj__crew *crew = create(THREADS[t]);
    for (size_t salt = 0; salt < 20; salt++)
      for (size_t p = 0; p < N_PIECES; p++) {
        ledger *l = &contexts[p % 2];
        l->salt = salt;
        check_region(crew, l, PIECES[p]);
      }
    kj__crew_destroy(crew);
  }
}

/* While a region runs, the context of the one before is poison: a thread that
 * comes late with it aborts. */
static void regions_follow_each_other_at_once(void **state)
{
  (void)state;
  for (size_t t = 0; t < N_THREADS; t++) {
    kj__crew *crew = create(THREADS[t]);
    ledger contexts[2] = {{.mark = POISON}, {.mark = POISON}};
    for (size_t salt = 0; salt < 5000; salt++) {
      ledger *l = &contexts[salt % 2];
      l->salt = salt;
      check_region(crew, l, salt % 13);
    }
    kj__crew_destroy(crew);
  }
}

static void pieces_may_be_uneven(void **state)
{
  (void)state;
  for (size_t t = 0; t < N_THREADS; t++) {
    kj__crew *crew = create(THREADS[t]);
    ledger contexts[2] = {{.work = 20000}, {.work = 20000}};
    for (size_t salt = 0; salt < 100; salt++) {
      ledger *l = &contexts[salt % 2];
      l->salt = salt;
      check_region(crew, l, 100);
    }
    kj__crew_destroy(crew);
  }
}

static void threads_that_sleep_wake_up(void **state)
{
  (void)state;
  for (size_t t = 0; t < N_THREADS; t++) {
    kj__crew *crew = create(THREADS[t]);
    ledger contexts[2] = {{.mark = POISON}, {.mark = POISON}};
    for (size_t salt = 0; salt < 100; salt++) {
      ledger *l = &contexts[salt % 2];
      l->salt = salt;
      if (salt % 3 != 0)
        sleep_milliseconds((long)(salt % 3));
      check_region(crew, l, 7);
    }
    kj__crew_destroy(crew);
  }
}

/* What workers wrote in one region, others read in the next one. */
typedef struct relay {
  size_t values[2][97];
  size_t n_regions;
} relay;

static void pass_on(void *context, size_t piece)
{
  relay *r = context;
  const size_t *from = r->values[r->n_regions % 2];
  size_t *to = r->values[(r->n_regions + 1) % 2];
  to[piece] = from[(piece + 31) % 97] + 1;
}

static void results_are_seen_in_the_next_region(void **state)
{
  (void)state;
  kj__crew *crew = create(3);
  relay r = {.n_regions = 0};
  for (; r.n_regions < 2000; r.n_regions++)
    kj__crew_run(crew, 97, pass_on, &r);
  for (size_t i = 0; i < 97; i++)
    if (r.values[0][i] != 2000)
      fail_msg("value %zu is %zu after 2000 regions", i, r.values[0][i]);
  kj__crew_destroy(crew);
}

/* ---- Who does what ---- */

typedef struct meeting {
  pthread_barrier_t all;
  size_t n_pieces_a_share, n_threads;
  atomic_size_t n_met;         /* in all regions */
  atomic_int n_too_soon;       /* other pieces that ran before all had met */
  pthread_t who[MOST_THREADS]; /* did the first piece of each share */
} meeting;

/* The first piece of each share waits until all of them are being done, which
 * takes as many threads. Until then nobody is free to help another. */
static void meet(void *context, size_t piece)
{
  meeting *m = context;
  if (piece % m->n_pieces_a_share != 0) {
    m->n_too_soon += m->n_met % m->n_threads != 0;
    return;
  }
  m->n_met++;
  m->who[piece / m->n_pieces_a_share] = pthread_self();
  pthread_barrier_wait(&m->all);
}

static void check_meeting(size_t n_threads, size_t n_pieces_a_share, long pause)
{
  kj__crew *crew = create(n_threads);
  meeting m = {.n_pieces_a_share = n_pieces_a_share, .n_threads = n_threads};
  pthread_t first[MOST_THREADS] = {0};
  assert_int_equal(pthread_barrier_init(&m.all, NULL, (unsigned)n_threads), 0);
  for (int region = 0; region < 20; region++) {
    sleep_milliseconds(pause);
    kj__crew_run(crew, n_threads * n_pieces_a_share, meet, &m);
    if (region == 0)
      memcpy(first, m.who, sizeof first);
    assert_true(pthread_equal(m.who[0], pthread_self()));
    for (size_t i = 0; i < n_threads; i++)
      if (!pthread_equal(m.who[i], first[i]))
        fail_msg("share %zu of %zu was begun by another thread in region %d", i,
                 n_threads, region);
  }
  if (m.n_too_soon != 0)
    fail_msg("%zu threads: %d times, one helped before it had begun its share",
             n_threads, m.n_too_soon);
  pthread_barrier_destroy(&m.all);
  kj__crew_destroy(crew);
}

static void each_thread_begins_with_its_own_share(void **state)
{
  (void)state;
  for (size_t t = 0; t < N_THREADS; t++)
    for (long pause = 0; pause < 2; pause++) {
      check_meeting(THREADS[t], 1, pause);
      check_meeting(THREADS[t], 3, pause);
    }
}

static void flush_and_note(void *context, size_t piece)
{
  meeting *m = context;
  volatile float x = FLT_MIN;
  volatile float y = x * 0.25F;
  if (piece > 0 && y > 0)
    abort(); /* a worker does not flush denormal numbers */
  meet(m, piece);
}

static void workers_flush_denormal_numbers(void **state)
{
  (void)state;
#if defined(__x86_64__) || defined(__aarch64__)
  kj__crew *crew = create(3);
  meeting m = {.n_pieces_a_share = 1};
  assert_int_equal(pthread_barrier_init(&m.all, NULL, 3), 0);
  kj__crew_run(crew, 3, flush_and_note, &m);
  pthread_barrier_destroy(&m.all);
  kj__crew_destroy(crew);
#else
  skip();
#endif
}

/* ---- A worker that the system does not run: held in a signal handler ---- */

typedef struct hold {
  sem_t held, release;
} hold;

static hold *the_hold(void) /* a handler can reach nothing else */
{
  static hold h;
  return &h;
}

static void stay(int signal_number)
{
  (void)signal_number;
  const int error = errno;
  sem_post(&the_hold()->held);
  while (sem_wait(&the_hold()->release) != 0)
    ;
  errno = error;
}

static void hold_thread(pthread_t thread)
{
  assert_int_equal(pthread_kill(thread, SIGUSR1), 0);
  while (sem_wait(&the_hold()->held) != 0)
    ;
}

/* With one of two threads held wherever it happens to wait, all pieces are
 * done by the other one; let go, it meets regions it knows nothing of. */
static void a_thread_that_does_not_run_delays_nothing(void **state)
{
  (void)state;
  struct sigaction action = {.sa_handler = stay};
  struct sigaction before;
  assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
  sem_init(&the_hold()->held, 0, 0);
  sem_init(&the_hold()->release, 0, 0);
  kj__crew *crew = create(2);
  meeting m = {.n_pieces_a_share = 1};
  assert_int_equal(pthread_barrier_init(&m.all, NULL, 2), 0);
  ledger contexts[2] = {{.mark = POISON}, {.mark = POISON}};
  for (size_t round = 0; round < 100; round++) {
    kj__crew_run(crew, 2, meet, &m);
    if (round % 4 == 0)
      sleep_milliseconds(1); /* asleep, otherwise most often spinning */
    hold_thread(m.who[1]);
    for (size_t i = 0; i < 40; i++) {
      ledger *l = &contexts[i % 2];
      l->salt = i;
      if (i == 20)
        sem_post(&the_hold()->release);
      check_region(crew, l, 2 + i % 5);
    }
  }
  pthread_barrier_destroy(&m.all);
  kj__crew_destroy(crew);
  sigaction(SIGUSR1, &before, NULL);
}

/* Processor time in seconds, of all threads. */
static double processor_time(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void idle_threads_take_no_processor_time(void **state)
{
  (void)state;
  kj__crew *crew = create(8);
  ledger l = {.salt = 0};
  check_region(crew, &l, 100);
  sleep_milliseconds(50); /* until all are asleep */
  const double begin = processor_time();
  sleep_milliseconds(200);
  const double seconds = processor_time() - begin;
  kj__crew_destroy(crew);
  if (seconds > 0.02)
    fail_msg("8 idle threads took %.3f s of 0.2; must be under 0.02", seconds);
}

/* ---- Coming and going ---- */

static void crews_come_and_go(void **state)
{
  (void)state;
  kj__crew_destroy(NULL);
  ledger l = {.salt = 5};
  for (size_t i = 0; i < 200; i++) {
    kj__crew *crew = create(1 + i % 8);
    if (i % 3 == 0)
      check_region(crew, &l, 10);
    kj__crew_destroy(crew);
  }
  kj__crew_destroy(create(256));
}

typedef struct order {
  size_t n_done;
  pthread_t caller;
} order;

static void note_order(void *context, size_t piece)
{
  order *o = context;
  if (piece != o->n_done || !pthread_equal(pthread_self(), o->caller))
    fail_msg("piece %zu ran after %zu others, or elsewhere", piece, o->n_done);
  o->n_done++;
}

static void no_crew_is_a_loop_of_the_caller(void **state)
{
  (void)state;
  order o = {.caller = pthread_self()};
  assert_int_equal(kj__crew_threads(NULL), 1);
  kj__crew_run(NULL, 100, note_order, &o);
  assert_int_equal(o.n_done, 100);
  kj__crew *crew = create(1);
  o.n_done = 0;
  kj__crew_run(crew, 100, note_order, &o);
  assert_int_equal(o.n_done, 100);
  kj__crew_destroy(crew);
}

typedef struct books {
  int n_allowed, n_allocated, n_released;
} books;

static void *allocate(void *context, size_t size)
{
  books *b = context;
  if (b->n_allocated == b->n_allowed)
    return NULL;
  b->n_allocated++;
  return malloc(size);
}

static void release(void *context, void *memory)
{
  books *b = context;
  b->n_released++;
  free(memory);
}

static void bad_arguments_and_short_memory_are_errors(void **state)
{
  (void)state;
  books b = {.n_allowed = 0};
  const kj_allocator allocator = {allocate, release, &b};
  kj__crew *crew = NULL;
  kj_error error = {0};
  assert_int_equal(kj__crew_create(0, NULL, &crew, &error), KJ_EARGUMENT);
  assert_string_equal(error.message, "n_threads is 0; must be 1..256");
  assert_int_equal(kj__crew_create(257, NULL, &crew, &error), KJ_EARGUMENT);
  assert_int_equal(kj__crew_create(4, &allocator, &crew, &error), KJ_EMEMORY);
  assert_int_equal(kj__crew_create(4, &allocator, &crew, NULL), KJ_EMEMORY);
  assert_null(crew);
  b.n_allowed = 100;
  assert_int_equal(kj__crew_create(4, &allocator, &crew, &error), KJ_OK);
  ledger l = {.salt = 9};
  check_region(crew, &l, 100);
  kj__crew_destroy(crew);
  assert_in_range(b.n_allocated, 1, 100);
  assert_int_equal(b.n_allocated, b.n_released);
}

/* Threads that may still be started; negative: any number. */
static int *allowance(void)
{
  static int n_threads = -1;
  return &n_threads;
}

typedef void *start_routine(void *);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          start_routine *start, void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          start_routine *start, void *argument);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          start_routine *start, void *argument)
{
  if (*allowance() == 0)
    return EAGAIN;
  if (*allowance() > 0)
    --*allowance();
  return __real_pthread_create(thread, attributes, start, argument);
}

static void fewer_threads_do_where_more_are_refused(void **state)
{
  (void)state;
  for (int n_allowed = 0; n_allowed < 4; n_allowed++) {
    kj__crew *crew = NULL;
    *allowance() = n_allowed;
    const kj_status status = kj__crew_create(8, NULL, &crew, NULL);
    *allowance() = -1;
    assert_int_equal(status, KJ_OK);
    assert_int_equal(kj__crew_threads(crew), 1 + n_allowed);
    ledger l = {.salt = 3};
    check_region(crew, &l, 100);
    kj__crew_destroy(crew);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_piece_runs_once),
      cmocka_unit_test(regions_follow_each_other_at_once),
      cmocka_unit_test(pieces_may_be_uneven),
      cmocka_unit_test(threads_that_sleep_wake_up),
      cmocka_unit_test(results_are_seen_in_the_next_region),
      cmocka_unit_test(each_thread_begins_with_its_own_share),
      cmocka_unit_test(workers_flush_denormal_numbers),
      cmocka_unit_test(a_thread_that_does_not_run_delays_nothing),
      cmocka_unit_test(idle_threads_take_no_processor_time),
      cmocka_unit_test(crews_come_and_go),
      cmocka_unit_test(no_crew_is_a_loop_of_the_caller),
      cmocka_unit_test(bad_arguments_and_short_memory_are_errors),
      cmocka_unit_test(fewer_threads_do_where_more_are_refused),
  };
  return cmocka_run_group_tests_name("base crew", tests, NULL, NULL);
}
