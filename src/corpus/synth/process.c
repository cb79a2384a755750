/*
 * process.c: a child process by posix_spawn and two pipes.
 */
#define _GNU_SOURCE
#include "corpus/synth/process.h"

#include "base/error.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUT, ERR, N_STREAMS };
enum { READ_SIZE = 65536, MAX_COMPLAINT = 4096, FIRST_FREE = 3 };

/* What comes through one of the two pipes. */
typedef struct stream {
  int from, to; /* ends of the pipe; -1: closed */
  char *data;
  size_t n, capacity;
} stream;

typedef struct child {
  const char *name;
  pid_t pid;
  stream stream[N_STREAMS];
} child;

static void close_end(int *end)
{
  if (*end >= 0)
    close(*end);
  *end = -1;
}

/* Not 0, 1 or 2, which the child gets its own of; errno on failure. */
static int lift(int *end)
{
  const int lifted = fcntl(*end, F_DUPFD_CLOEXEC, FIRST_FREE);
  if (lifted < 0)
    return -1;
  close(*end);
  *end = lifted;
  return 0;
}

static kj_status open_pipe(child *c, stream *s, kj_error *err)
{
  int end[2];
  if (pipe2(end, O_CLOEXEC) != 0)
    return kj__fail(err, KJ_EFILE, "%s: no pipe: %s", c->name, strerror(errno));
  s->from = end[0];
  s->to = end[1];
  if (lift(&s->from) != 0 || lift(&s->to) != 0)
    return kj__fail(err, KJ_EFILE, "%s: no pipe: %s", c->name, strerror(errno));
  return KJ_OK;
}

/* A number as posix_spawnp has it: 0 or an errno. */
static int spawn(child *c, char *const *argv)
{
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  sigset_t none, defaults;
  sigemptyset(&none);
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  int failed = posix_spawn_file_actions_init(&files);
  if (failed)
    return failed;
  failed = posix_spawnattr_init(&attributes);
  if (failed) {
    posix_spawn_file_actions_destroy(&files);
    return failed;
  }
  failed =
      posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  for (int i = OUT; i <= ERR && !failed; i++)
    failed = posix_spawn_file_actions_adddup2(&files, c->stream[i].to, i + 1);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP |
                                            POSIX_SPAWN_SETSIGMASK |
                                            POSIX_SPAWN_SETSIGDEF);
  if (!failed)
    failed = posix_spawnp(&c->pid, argv[0], &files, &attributes, argv, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return failed;
}

/* Take what is there; the last byte of the room stays free for a zero. */
static kj_status take(child *c, stream *s, kj_error *err)
{
  if (!kj__grow((void **)&s->data, &s->capacity, s->n + READ_SIZE + 1, 1))
    return kj__fail_memory(err, "what a program wrote");
  const ssize_t n = read(s->from, s->data + s->n, READ_SIZE);
  if (n < 0 && errno != EINTR && errno != EAGAIN)
    return kj__fail(err, KJ_EFILE, "%s: %s", c->name, strerror(errno));
  if (n > 0)
    s->n += (size_t)n;
  if (n == 0)
    close_end(&s->from);
  return KJ_OK;
}

/* Until both pipes are closed at the other end. */
static kj_status listen_to(child *c, int timeout_ms, size_t max_size,
                           kj_error *err)
{
  kj_status status = KJ_OK;
  stream *out = &c->stream[OUT];
  stream *complaint = &c->stream[ERR];
  while (status == KJ_OK && (out->from >= 0 || complaint->from >= 0)) {
    struct pollfd ready[N_STREAMS] = {
        {.fd = out->from, .events = POLLIN},
        {.fd = complaint->from, .events = POLLIN}};
    const int n = poll(ready, N_STREAMS, timeout_ms);
    if (n == 0)
      return kj__fail(err, KJ_EFILE, "%s: silent for %d s", c->name,
                      timeout_ms / 1000);
    if (n < 0 && errno != EINTR)
      return kj__fail(err, KJ_EFILE, "%s: %s", c->name, strerror(errno));
    for (int i = 0; i < N_STREAMS && n > 0 && status == KJ_OK; i++)
      if (ready[i].revents)
        status = take(c, &c->stream[i], err);
    if (complaint->n > MAX_COMPLAINT)
      complaint->n = MAX_COMPLAINT;
    if (out->n > max_size)
      return kj__fail(err, KJ_EFILE, "%s: wrote more than %zu bytes", c->name,
                      max_size);
  }
  return status;
}

/* Its first words on standard error; "" where it said nothing. */
static const char *complaint_of(child *c)
{
  stream *s = &c->stream[ERR];
  if (!s->data)
    return "";
  s->data[s->n] = '\0';
  s->data[strcspn(s->data, "\r\n")] = '\0';
  return s->data;
}

/* Wait for the end; one that we gave up on is killed before. */
static kj_status finish(child *c, kj_status status, kj_error *err)
{
  int how = 0;
  if (status != KJ_OK)
    kill(c->pid, SIGKILL);
  while (waitpid(c->pid, &how, 0) < 0)
    if (errno != EINTR)
      return status != KJ_OK
                 ? status
                 : kj__fail(err, KJ_EFILE, "%s: %s", c->name, strerror(errno));
  if (status != KJ_OK)
    return status;
  if (WIFSIGNALED(how))
    return kj__fail(err, KJ_EFILE, "%s: ended by signal %d", c->name,
                    WTERMSIG(how));
  if (WEXITSTATUS(how) != 0)
    return kj__fail(err, KJ_EFILE, "%s: exit code %d: %s", c->name,
                    WEXITSTATUS(how), complaint_of(c));
  return KJ_OK;
}

static kj_status run(child *c, char *const *argv, int timeout_ms,
                     size_t max_size, kj_error *err)
{
  kj_status status = open_pipe(c, &c->stream[OUT], err);
  if (status == KJ_OK)
    status = open_pipe(c, &c->stream[ERR], err);
  if (status != KJ_OK)
    return status;
  const int failed = spawn(c, argv);
  if (failed)
    return kj__fail(err, KJ_EFILE, "%s: cannot be started: %s", c->name,
                    strerror(failed));
  close_end(&c->stream[OUT].to);
  close_end(&c->stream[ERR].to);
  return finish(c, listen_to(c, timeout_ms, max_size, err), err);
}

kj_status kj__process_run(char *const *argv, int timeout_ms, size_t max_size,
                          char **output, size_t *n_output, kj_error *err)
{
  child c = {.name = argv[0],
             .stream = {{.from = -1, .to = -1}, {.from = -1, .to = -1}}};
  const kj_status status = run(&c, argv, timeout_ms, max_size, err);
  for (int i = 0; i < N_STREAMS; i++) {
    close_end(&c.stream[i].from);
    close_end(&c.stream[i].to);
  }
  free(c.stream[ERR].data);
  stream *out = &c.stream[OUT];
  if (status != KJ_OK) {
    free(out->data);
    return status;
  }
  out->data[out->n] = '\0'; /* there is a byte: the end was read into it */
  *output = out->data;
  *n_output = out->n;
  return KJ_OK;
}
