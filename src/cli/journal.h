/*
 * journal.h: how far an extraction has come, in a file beside its output.
 *
 * OUT.journal says how many of the recordings are done, which (a digest of
 * their names), with what options, and how many bytes of OUT.part they are.
 * It is replaced as a whole, after those bytes are safe on the disk. So
 * whoever is killed, at any instant, is taken up where the journal stands; what
 * OUT.part holds beyond is dropped. Before OUT gets its name, the journal says
 * how many bytes it will have: so who is killed before the journal is removed
 * has only that left to do.
 */
#ifndef KJ_CLI_JOURNAL_H
#define KJ_CLI_JOURNAL_H

#include "base/file.h"
#include "base/sha256.h"
#include "cli/checkpoint.h"
#include "cli/tally.h"

#include <jansson.h>

typedef struct cli_journal {
  char *path;       /* NULL: none is kept */
  json_t *options;  /* what decides the bytes of the output */
  kj__sha256 names; /* of the recordings done */
  char saved_names[KJ__SHA256_HEX_SIZE]; /* their digest, of an earlier run */
  uint64_t n_done;                       /* recordings */
  uint64_t n_rows;
  uint64_t size;      /* bytes of OUT.part */
  uint64_t whole;     /* bytes of OUT, once all is done; else 0 */
  cli_tally failures; /* among those done */
  cli_interval every; /* n recordings, or seconds */
  uint64_t n_saved;   /* n_done in the file */
  double saved_s;     /* monotonic clock: then, or at the start */
} cli_journal;

/* Begin the journal of `output` (a path; NULL or no regular file: none is
 * kept), or with is_resuming read what is there; takes `options`. KJ_EARGUMENT
 * if there is one and it is not to be resumed; KJ_EDATA if it is of other
 * options; KJ_EFORMAT if it is none. */
kj_status cli_journal_open(cli_journal *journal, const char *output,
                           json_t *options, bool is_resuming, kj_error *err);

/* Did the recordings done so far have these names? KJ_EDATA if not. */
kj_status cli_journal_check_names(const cli_journal *journal,
                                  const kj__sha256 *names, uint64_t n,
                                  kj_error *err);

/* Write how far it is, if it is time. */
kj_status cli_journal_pass(cli_journal *journal, kj__output *output,
                           kj_error *err);

/* Write how far it is, so that the same command with --resume goes on. */
kj_status cli_journal_save(cli_journal *journal, kj__output *output,
                           kj_error *err);

/* All is done: OUT is about to get its name, and will have `size` bytes. Only
 * an earlier journal is written anew; where that fails, it stays as it is. */
void cli_journal_conclude(cli_journal *journal, uint64_t size);

/* Has OUT its name, so that only the journal is to be removed? */
bool cli_journal_is_whole(const cli_journal *journal, const char *output);

/* The output is whole: no journal is left. */
void cli_journal_remove(const cli_journal *journal);

void cli_journal_clear(cli_journal *journal);

#endif
