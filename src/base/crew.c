/*
 * crew.c: pieces are claimed from one counter a thread; waiting is a little
 * spinning, then sleep.
 *
 * A region begins when the caller has written a share of its pieces to each
 * member and has set how many are left, last. Who takes one from that number,
 * and found it above 0, has claimed a piece. Only then does it look at job and
 * context, which hold still until it has reported the piece: the caller waits
 * for the sum of all reports. So a thread that comes late finds either nothing
 * left or a piece of the region that runs now; it can never see one that is
 * over, and nobody waits for a thread that has claimed nothing.
 */
#define _POSIX_C_SOURCE 200809L
#include "base/crew.h"

#include "base/error.h"
#include "base/flush.h"
#include "base/memory.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>

enum {
  MOST_THREADS = 256,
  /* What two threads write is this far apart. Lines have 64 bytes, but some
   * processors fetch them in pairs and some have longer ones. */
  LINE_BYTES = 128,
  /* Looks at a flag before sleeping: 15 to 60 microseconds, about what it
   * takes to wake a thread. With a tenth of it threads sleep in each region,
   * and beside a busy process the throughput halves (bench/crew.c). */
  N_SPINS = 1000,
  /* Times the caller lets others have its processor before it sleeps. */
  N_YIELDS = 20
};

/* A thread and its share of the region: a line that the caller writes once a
 * region, so that one transfer between processors tells all. */
typedef struct member {
  alignas(LINE_BYTES) atomic_ptrdiff_t n_left; /* < 0: asked for in vain */
  size_t end;                                  /* one past the last piece */
  void (*job)(void *context, size_t piece);
  void *context;
  atomic_size_t announced; /* number of the last region it was told of */
  atomic_bool is_asleep;   /* who sets it to false owes a post to `wake` */
  alignas(LINE_BYTES) size_t seen; /* number of the last region it looked at */
  kj__crew *crew;
  sem_t wake;
  pthread_t thread;
} member;

struct kj__crew {
  size_t n_threads;
  void *memory; /* as allocated: the crew begins at the next line */
  kj_allocator allocator;
  atomic_bool is_ending;
  alignas(LINE_BYTES) atomic_size_t region;    /* number of the last region */
  alignas(LINE_BYTES) atomic_size_t n_pending; /* pieces not reported yet */
  member members[];                            /* the caller is the first */
};

/* Tell the processor that this is a loop that waits. */
static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb" ::: "memory"); /* `yield` returns at once on most */
#endif
}

/* What a member waits for. */
typedef bool condition(const member *m);

static bool was_told(const member *m)
{
  return atomic_load_explicit(&m->announced, memory_order_acquire) != m->seen;
}

/* Told of a region just before the rest of the crew, a member may already
 * have looked at it: then `seen` is ahead. */
static bool has_begun(const member *m)
{
  return (ptrdiff_t)(atomic_load(&m->crew->region) - m->seen) > 0;
}

static bool is_over(const member *m)
{
  return atomic_load(&m->crew->n_pending) == 0;
}

static bool spin_until(const member *m, condition *is_true)
{
  for (int i = 0; i < N_SPINS; i++) {
    if (is_true(m))
      return true;
    relax();
  }
  return false;
}

/* Here and in wake() the order of all atomic operations is one for all
 * threads: either the sleeper sees that the condition came true, or the one
 * who made it so sees the sleeper. */
static void sleep_until(member *m, condition *is_true)
{
  while (!is_true(m)) {
    atomic_store(&m->is_asleep, true);
    if (is_true(m) && atomic_exchange(&m->is_asleep, false))
      return;
    while (sem_wait(&m->wake) != 0) /* a signal came in between */
      ;
  }
}

static void wake(member *m)
{
  if (atomic_load(&m->is_asleep) && atomic_exchange(&m->is_asleep, false))
    sem_post(&m->wake);
}

static bool claim(member *owner, size_t *piece)
{
  if (atomic_load_explicit(&owner->n_left, memory_order_relaxed) <= 0)
    return false;
  const ptrdiff_t n_left =
      atomic_fetch_sub_explicit(&owner->n_left, 1, memory_order_acquire);
  if (n_left <= 0)
    return false;
  *piece = owner->end - (size_t)n_left;
  return true;
}

static size_t run_share(member *owner)
{
  size_t n_done = 0;
  size_t piece;
  for (; claim(owner, &piece); n_done++)
    owner->job(owner->context, piece);
  return n_done;
}

/* The member's own share, then what is left of the others'; one report. */
static void take_part(member *m)
{
  kj__crew *crew = m->crew;
  const size_t number = (size_t)(m - crew->members);
  size_t n_done = 0;
  for (size_t i = 0; i < crew->n_threads; i++)
    n_done += run_share(&crew->members[(number + i) % crew->n_threads]);
  if (n_done > 0 && atomic_fetch_sub(&crew->n_pending, n_done) == n_done)
    wake(&crew->members[0]);
}

static void *work(void *argument)
{
  member *m = argument;
  (void)kj__flush_begin();
  for (;;) {
    if (!spin_until(m, was_told))
      sleep_until(m, has_begun);
    m->seen = atomic_load_explicit(&m->announced, memory_order_acquire);
    if (atomic_load(&m->crew->is_ending))
      return NULL;
    take_part(m);
  }
}

/* Give each member its share: sizes that differ by 1 at most, the larger
 * first. Setting n_left publishes the rest of the line. */
static void announce(kj__crew *crew, size_t n_pieces,
                     void (*job)(void *context, size_t piece), void *context)
{
  const size_t n_threads = crew->n_threads;
  const size_t number = atomic_load(&crew->region) + 1;
  atomic_store_explicit(&crew->n_pending, n_pieces, memory_order_relaxed);
  size_t end = n_pieces;
  for (size_t i = n_threads; i-- > 0;) {
    member *m = &crew->members[i];
    const size_t n = n_pieces / n_threads + (i < n_pieces % n_threads);
    m->end = end;
    m->job = job;
    m->context = context;
    atomic_store_explicit(&m->n_left, (ptrdiff_t)n, memory_order_release);
    atomic_store_explicit(&m->announced, number, memory_order_release);
    end -= n;
  }
  atomic_store(&crew->region, number);
}

void kj__crew_run(kj__crew *crew, size_t n_pieces,
                  void (*job)(void *context, size_t piece), void *context)
{
  if (kj__crew_threads(crew) == 1 || n_pieces <= 1) {
    for (size_t piece = 0; piece < n_pieces; piece++)
      job(context, piece);
    return;
  }
  announce(crew, n_pieces, job, context);
  for (size_t i = 1; i < crew->n_threads && i < n_pieces; i++)
    wake(&crew->members[i]);
  member *caller = &crew->members[0];
  take_part(caller);
  if (spin_until(caller, is_over))
    return;
  for (int i = 0; i < N_YIELDS && !is_over(caller); i++)
    sched_yield();
  sleep_until(caller, is_over);
}

/* Memory for a crew, at the beginning of a line; NULL where there is none. */
static kj__crew *allocate(size_t n_threads, const kj_allocator *allocator)
{
  const size_t size = sizeof(kj__crew) + n_threads * sizeof(member);
  char *memory = kj__allocate(allocator, 1, size + LINE_BYTES - 1);
  if (!memory)
    return NULL;
  const size_t past = (uintptr_t)memory % LINE_BYTES;
  void *line = memory + (past > 0 ? LINE_BYTES - past : 0);
  kj__crew *crew = line;
  crew->memory = memory;
  crew->allocator = kj__allocator(allocator);
  return crew;
}

static bool start_worker(member *m)
{
  if (sem_init(&m->wake, 0, 0) != 0)
    return false;
  if (pthread_create(&m->thread, NULL, work, m) == 0)
    return true;
  sem_destroy(&m->wake);
  return false;
}

kj_status kj__crew_create(size_t n_threads, const kj_allocator *allocator,
                          kj__crew **out, kj_error *err)
{
  if (n_threads < 1 || n_threads > MOST_THREADS)
    return kj__fail(err, KJ_EARGUMENT, "n_threads is %zu; must be 1..%d",
                    n_threads, (int)MOST_THREADS);
  kj__crew *crew = allocate(n_threads, allocator);
  if (!crew)
    return kj__fail_memory(err, "a crew of threads");
  for (size_t i = 0; i < n_threads; i++)
    crew->members[i].crew = crew;
  sem_init(&crew->members[0].wake, 0, 0); /* cannot fail for 0 on Linux */
  crew->n_threads = 1;
  while (crew->n_threads < n_threads &&
         start_worker(&crew->members[crew->n_threads]))
    crew->n_threads++;
  *out = crew;
  return KJ_OK;
}

void kj__crew_destroy(kj__crew *crew)
{
  if (!crew)
    return;
  atomic_store(&crew->is_ending, true);
  announce(crew, 0, NULL, NULL);
  for (size_t i = 1; i < crew->n_threads; i++) {
    wake(&crew->members[i]);
    pthread_join(crew->members[i].thread, NULL);
  }
  for (size_t i = 0; i < crew->n_threads; i++)
    sem_destroy(&crew->members[i].wake);
  const kj_allocator allocator = crew->allocator;
  kj__release(&allocator, crew->memory);
}

size_t kj__crew_threads(const kj__crew *crew)
{
  return crew ? crew->n_threads : 1;
}
