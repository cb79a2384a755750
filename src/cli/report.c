/*
 * report.c: exit codes, messages, progress, interrupts.
 */
#define _GNU_SOURCE
#include "cli/report.h"

#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

int cli_exit_code(kj_status status)
{
  switch (status) {
  case KJ_OK:
    return CLI_DONE;
  case KJ_EARGUMENT:
    return CLI_USAGE;
  case KJ_EFILE:
  case KJ_EFORMAT:
  case KJ_EDATA:
  case KJ_ESHAPE:
  case KJ_ETOOSHORT:
    return CLI_NO_INPUT;
  case KJ_EMODEL:
    return CLI_BAD_MODEL;
  case KJ_EINTERRUPTED:
    return CLI_INTERRUPTED;
  case KJ_EMEMORY:
  case KJ_ETRAINING:
    return CLI_SOME_FAILED;
  }
  return CLI_SOME_FAILED;
}

int cli_fail(const kj_error *err)
{
  fprintf(stderr, "kanjo: %s\n", err->message);
  return cli_exit_code(err->status);
}

void cli_note(const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  fputs("kanjo: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
}

double cli_now_s(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

cli_progress cli_progress_start(int when)
{
  const bool is_terminal = isatty(STDERR_FILENO) != 0;
  return (cli_progress){.is_shown = when == 1 || (when == 0 && is_terminal),
                        .is_terminal = is_terminal,
                        .started_s = cli_now_s(),
                        .shown_s = -1e9};
}

cli_progress cli_progress_beside(int when, const char *output)
{
  return cli_progress_start(!output && isatty(STDOUT_FILENO) ? 2 : when);
}

int cli_columns(int descriptor)
{
  struct winsize size;
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0)
    return 0;
  return size.ws_col > 0 ? size.ws_col : 80;
}

/* ", 85 a second", of this run. */
static void tell_rate(const cli_progress *progress, double now, size_t done,
                      char *text, size_t size)
{
  const double n = (double)(done - progress->done_before);
  const double rate = n / (now - progress->started_s);
  if (progress->has_rate && n > 0.0 && isfinite(rate))
    snprintf(text, size, rate < 100.0 ? ", %.2g a second" : ", %.0f a second",
             rate);
}

/* ", 12 s left", from the pace of this run; "" before there is one. */
static void tell_time_left(const cli_progress *progress, double now,
                           size_t done, size_t total, char *text, size_t size)
{
  if (done <= progress->done_before || done >= total)
    return;
  const double pace_s =
      (now - progress->started_s) / (double)(done - progress->done_before);
  const double left_s = pace_s * (double)(total - done);
  if (left_s < 120.0)
    snprintf(text, size, ", %.0f s left", left_s);
  else
    snprintf(text, size, ", %.0f min left", left_s / 60.0);
}

void cli_progress_show(cli_progress *progress, const char *text, size_t done,
                       size_t total)
{
  const double now = cli_now_s();
  const double often_s = 0.1;
  if (!progress->is_shown || (progress->is_terminal && done != total &&
                              now - progress->shown_s < often_s))
    return;
  progress->shown_s = now;
  char line[512], of[32] = "", rate[48] = "", left[48] = "";
  tell_rate(progress, now, done, rate, sizeof rate);
  tell_time_left(progress, now, done, total, left, sizeof left);
  if (total > 0)
    snprintf(of, sizeof of, " of %zu", total);
  snprintf(line, sizeof line, "%zu%s%s%s  %s", done, of, rate, left, text);
  if (progress->is_terminal)
    fprintf(stderr, "\r\033[K%.*s", cli_columns(STDERR_FILENO) - 1, line);
  else
    fprintf(stderr, "%s\n", line);
  fflush(stderr);
}

void cli_progress_end(cli_progress *progress)
{
  if (progress->is_shown && progress->is_terminal)
    fputs("\r\033[K", stderr);
}

/* The one place that a signal can reach; everything else asks. */
static atomic_int interrupted;

static void on_interrupt(int signal_number)
{
  (void)signal_number;
  atomic_store(&interrupted, 1);
}

void cli_catch_interrupts(void)
{
  struct sigaction action = {.sa_handler = on_interrupt,
                             .sa_flags = (int)SA_RESETHAND};
  struct sigaction before;
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  /* a terminal that goes; who said nohup wants to stay */
  if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
    sigaction(SIGHUP, &action, NULL);
}

bool cli_is_interrupted(void)
{
  return atomic_load(&interrupted) != 0;
}
