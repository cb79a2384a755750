/* process.h: run a program to its end, and take what it writes. */
#ifndef KJ_CORPUS_SYNTH_PROCESS_H
#define KJ_CORPUS_SYNTH_PROCESS_H

#include "kanjo/status.h"

#include <stddef.h>

/* Run argv[0], as PATH finds it, without a shell, standard input empty, in a
 * process group of its own (Ctrl-C reaches us, not the child).
 *
 * *output: malloc'ed, what it wrote on standard output, one zero byte after
 * it. KJ_EFILE if it cannot be started, ends otherwise than by exit(0) (the
 * first line of its standard error is in the message), is silent for
 * timeout_ms, or writes more than max_size bytes: then it is killed. */
kj_status kj__process_run(char *const *argv, int timeout_ms, size_t max_size,
                          char **output, size_t *n_output, kj_error *err);

#endif
