/*
 * runs.h: a protocol run cell by cell, each kept as soon as it is done; and
 * the store of what was run.
 *
 * A cell is one fit: a contender, trained on some rows with one seed, and its
 * estimates of other rows. Its key is a SHA-256 of all that decides them:
 * options, seed, rows and version; so cells that are the same are run once,
 * and one that is in the store is never run again.
 */
#ifndef KANJO_RUNS_H
#define KANJO_RUNS_H

#include "kanjo/corpus.h"
#include "kanjo/protocol.h"
#include "kanjo/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One cell as the store has it. Texts are UTF-8 and end with a zero. */
typedef struct kj_run_record {
  const char *key;        /* 64 hexadecimal digits */
  const char *version;    /* of the program */
  const char *data;       /* SHA-256 of the rows trained on and estimated */
  const char *protocol;   /* SHA-256 of the protocol's text */
  const char *name;       /* of the protocol */
  const char *experiment; /* id */
  size_t fold;            /* from 1 */
  uint64_t seed;
  const char *contender;
  const char *settings;   /* JSON: the options of the fit */
  const char *history;    /* JSON: one object per network and epoch */
  const char *robustness; /* JSON: the output against |r|, or "null" */
  const char *metrics;    /* JSON: {target: {metric: value}} */
  const char *rows;       /* SHA-256 that names the estimated rows */
  const double *estimate; /* (n_rows, n_targets), row-major */
  size_t n_estimates;     /* n_rows times n_targets */
  const double *sd;       /* as estimate: the deviations that the fit predicts;
                             NULL where it does not */
  double seconds;         /* that it took */
} kj_run_record;

/** The rows that a cell estimated. */
typedef struct kj_run_rows {
  const char *key; /* kj_run_record.rows */
  const char
      *names; /* JSON: {"targets": [...], "rows": [[name, speaker]...]} */
  const double *truth; /* (n_rows, n_targets); NaN: not rated */
  size_t n_truths;
} kj_run_rows;

/** A store of runs: an SQLite file. */
typedef struct kj_run_store kj_run_store;

/**
 * Open a store.
 *
 * @param[in] path       of the file.
 * @param[in] is_written false: only to be read, and it must be there.
 * @param[out] out       unchanged on failure.
 * @return KJ_OK; KJ_EFILE if it cannot be opened or written; KJ_EFORMAT if it
 *         is no such store, or one of another version; KJ_EMEMORY.
 *
 * Memory: caller releases with kj_run_store_close.  Threads: one at a time.
 */
kj_status kj_run_store_open(const char *path, bool is_written,
                            kj_run_store **out, kj_error *err);

/** Close a store; NULL is allowed. */
void kj_run_store_close(kj_run_store *store);

/** Whether a cell is in the store; KJ_EFILE. */
kj_status kj_run_store_has(kj_run_store *store, const char *key, bool *has,
                           kj_error *err);

/** Add a cell and the rows it estimated, whole or not at all; what is there
 * already stays. KJ_EFILE, such as a full disk. */
kj_status kj_run_store_add(kj_run_store *store, const kj_run_record *record,
                           const kj_run_rows *rows, kj_error *err);

/**
 * Visit the cells whose key begins with `prefix`, in the order of their keys.
 *
 * @param[in] visit  gets a record whose texts live until it returns; anything
 *                   but KJ_OK ends the visit and is returned.
 * @return KJ_OK; KJ_EFILE; what `visit` returned.
 */
kj_status kj_run_store_visit(kj_run_store *store, const char *prefix,
                             kj_status (*visit)(void *context,
                                                const kj_run_record *record,
                                                kj_error *err),
                             void *context, kj_error *err);

/** Likewise the one entry of rows with that key; KJ_EDATA if there is none. */
kj_status kj_run_store_rows(kj_run_store *store, const char *key,
                            kj_status (*visit)(void *context,
                                               const kj_run_rows *rows,
                                               kj_error *err),
                            void *context, kj_error *err);

/** What is told before the first cell runs. */
typedef struct kj_run_plan {
  size_t n_cells, n_done; /* of what is known so far; a choice of lambda and
                             epsilon adds cells once it is made */
  size_t n_later;         /* cells that wait for a choice */
  double seconds;         /* estimated, for what is left; NaN: unknown */
} kj_run_plan;

/** How to run a protocol. */
typedef struct kj_run_options {
  size_t n_threads;               /* cells at a time */
  bool is_dry;                    /* plan only */
  double (*now_s)(void *context); /* a clock that only goes forward; or NULL:
                                     times are 0 and nothing is estimated */
  void (*planned)(void *context, const kj_run_plan *plan);    /* or NULL */
  void (*progress)(void *context, size_t done, size_t total); /* or NULL */
  bool (*stop)(void *context);                                /* or NULL */
  void *context; /* of all four; called by one thread at a time */
} kj_run_options;

/**
 * Run what of a protocol is not in the store yet, and give the results.
 *
 * The results do not depend on the number of threads, nor on how often a run
 * was stopped and started again.
 *
 * @param[in] protocol  checked.
 * @param[in] data      the rows of all its corpora, as kj_dataset_concatenate
 *                      makes them, with the protocol's targets.
 * @param[in] store     opened to be written.
 * @param[in] options   as above.
 * @param[out] results  a new jansson object, see docs/experiments.md; NULL
 *                      after a dry run.
 * @return KJ_OK; KJ_EINTERRUPTED if `stop` said so; KJ_EDATA if an experiment
 *         has no rows, or a speaker on both sides; KJ_EFILE if the store
 *         cannot be written; as kj_fit_create and kj_fit_run_epoch, the cell
 *         named; KJ_EMEMORY.
 *
 * Threads: options->n_threads of its own.
 */
kj_status kj_protocol_run(const kj_protocol *protocol, const kj_dataset *data,
                          kj_run_store *store, const kj_run_options *options,
                          struct json_t **results, kj_error *err);

#ifdef __cplusplus
}
#endif
#endif
