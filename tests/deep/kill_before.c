/*
 * kill_before.c: a library to preload, which kills its process before the nth
 * of the calls that change a folder or make a file safe.   KILL_BEFORE=n
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void count(void)
{
  static atomic_int n_calls;
  const char *last = getenv("KILL_BEFORE");
  if (last && atomic_fetch_add(&n_calls, 1) + 1 == atoi(last))
    raise(SIGKILL);
}

#define PASS_ON(name, parameters, arguments)                                   \
  int name parameters                                                          \
  {                                                                            \
    int(*function) parameters;                                                 \
    *(void **)&function = dlsym(RTLD_NEXT, #name);                             \
    count();                                                                   \
    return function arguments;                                                 \
  }

PASS_ON(rename, (const char *from, const char *to), (from, to))
PASS_ON(unlink, (const char *path), (path))
PASS_ON(fsync, (int file), (file))
PASS_ON(fdatasync, (int file), (file))
PASS_ON(ftruncate, (int file, off_t size), (file, size))
