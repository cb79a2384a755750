/*
 * search.h: hyper-parameters searched on inner, speaker-disjoint folds of the
 * training data alone.
 *
 * What is searched is one list; a strategy proposes settings, one batch after
 * the other, and is told how good each was. A batch depends on the options and
 * on earlier scores only, so a search is the same for any number of threads.
 */
#ifndef KANJO_SEARCH_H
#define KANJO_SEARCH_H

#include "kanjo/protocol.h"
#include "kanjo/runs.h"
#include "kanjo/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* X(enum, name, least, most, whole): what can be searched. width is that of
 * the first hidden layer; the others keep their ratio to it. A fixed sigma is
 * not here: with one target it only rescales lambda (lambda / sigma^2). */
#define KJ_SEARCH_PARAMETER_LIST(X)                                            \
  X(KJ_SEARCH_LAMBDA, "lambda", 0.0, 1e6, false)                               \
  X(KJ_SEARCH_EPSILON, "epsilon", 0.0, 1e6, false)                             \
  X(KJ_SEARCH_LEARNING_RATE, "learning-rate", 1e-12, 10.0, false)              \
  X(KJ_SEARCH_EPOCHS, "epochs", 1.0, 1e5, true)                                \
  X(KJ_SEARCH_WIDTH, "width", 1.0, 65536.0, true)                              \
  X(KJ_SEARCH_DROPOUT, "dropout", 0.0, KJ_MOST_DROPOUT, false)

typedef enum kj_search_parameter {
#define KJ_SEARCH_ENUM(id, name, least, most, whole) id,
  KJ_SEARCH_PARAMETER_LIST(KJ_SEARCH_ENUM)
#undef KJ_SEARCH_ENUM
      KJ_N_SEARCH_PARAMETERS
} kj_search_parameter;

/** The name of a parameter: "lambda". */
const char *kj_search_parameter_name(kj_search_parameter parameter);

/* X(enum, name) */
#define KJ_SEARCH_STRATEGY_LIST(X)                                             \
  X(KJ_SEARCH_PAPER, "paper") /* lambda at the fixed epsilon, then epsilon */  \
  X(KJ_SEARCH_GRID, "grid")   /* every combination of the values */            \
  X(KJ_SEARCH_RANDOM, "random")   /* drawn from the ranges */                  \
  X(KJ_SEARCH_NLOPT, "nlopt")     /* derivative-free, of the library NLopt */  \
  X(KJ_SEARCH_HALVING, "halving") /* many at few epochs, the best at more */

typedef enum kj_search_strategy {
#define KJ_SEARCH_ENUM(id, name) id,
  KJ_SEARCH_STRATEGY_LIST(KJ_SEARCH_ENUM)
#undef KJ_SEARCH_ENUM
      KJ_N_SEARCH_STRATEGIES
} kj_search_strategy;

/** The name of a strategy: "paper". */
const char *kj_search_strategy_name(kj_search_strategy strategy);

/* X(enum, name, NLopt's constant) */
#define KJ_SEARCH_ALGORITHM_LIST(X)                                            \
  X(KJ_SEARCH_BOBYQA, "bobyqa", NLOPT_LN_BOBYQA)   /* Powell 2009, local */    \
  X(KJ_SEARCH_SBPLX, "sbplx", NLOPT_LN_SBPLX)      /* Rowan 1990, local */     \
  X(KJ_SEARCH_DIRECT, "direct", NLOPT_GN_DIRECT_L) /* Gablonsky 2001, global   \
                                                    */

typedef enum kj_search_algorithm {
#define KJ_SEARCH_ENUM(id, name, of_nlopt) id,
  KJ_SEARCH_ALGORITHM_LIST(KJ_SEARCH_ENUM)
#undef KJ_SEARCH_ENUM
      KJ_N_SEARCH_ALGORITHMS
} kj_search_algorithm;

enum {
  KJ_SEARCH_MAX_VALUES = 64,
  KJ_SEARCH_MAX_RUNS = 10000,
  KJ_SEARCH_KEEP = 3 /* halving keeps one setting in three; Li et al. 2018 */
};

/** What one parameter may be: a list of values, or a range. */
typedef struct kj_search_axis {
  bool is_searched;
  size_t n; /* of `value`; 0: a range, searched in its logarithm */
  double value[KJ_SEARCH_MAX_VALUES];
  double low, high; /* of the range, or of the values */
} kj_search_axis;

/** A setting: a value for each parameter, those not searched too. */
typedef struct kj_search_point {
  double value[KJ_N_SEARCH_PARAMETERS];
} kj_search_point;

/** How to search. */
typedef struct kj_search_options {
  kj_search_strategy strategy;
  kj_search_algorithm algorithm; /* of strategy nlopt */
  kj_search_axis axis[KJ_N_SEARCH_PARAMETERS];
  kj_search_point start; /* where the others stay, and where a search begins */
  size_t runs;           /* settings tried at most, 1..KJ_SEARCH_MAX_RUNS */
  uint64_t seed;         /* of what strategies random and halving draw */
} kj_search_options;

/** One setting that was tried. */
typedef struct kj_search_trial {
  kj_search_point point;
  size_t rung;  /* of halving; else 0 */
  double score; /* lower is better; infinite where a training failed */
  bool is_done; /* false: time was up */
} kj_search_trial;

/** What was tried, in order. */
typedef struct kj_search_log {
  kj_search_trial *trial;
  size_t n, capacity;
  size_t best; /* the first of the least score in the last rung; n: none */
  bool is_cut; /* ended by the budget, not by the strategy */
} kj_search_log;

/** Score the trials of a batch: set `score` and `is_done`. What is not done
 * ends the search, as the budget does. */
typedef kj_status kj_search_evaluate(void *context, kj_search_trial *trial,
                                     size_t n, kj_error *err);

/**
 * Add what is searched, as in "lambda=0,0.5,1.5" (values), "lambda=0.1:10" (a
 * range) or "lambda=0.1:10:5" (five values of it, evenly in the logarithm).
 *
 * @param[in,out] options  gets the axis.
 * @return KJ_OK; KJ_EARGUMENT if there is no such parameter, it is there
 *         twice, or a value is out of range; sigma is refused with the reason.
 */
kj_status kj_search_add(kj_search_options *options, const char *text,
                        kj_error *err);

/**
 * Complete and check: where nothing is searched, lambda and epsilon are, by
 * the paper's values (paper, grid) or over 0.05..20 and 0.1..10; runs 0
 * becomes all (paper, grid) or 30.
 *
 * @return KJ_OK; KJ_EARGUMENT if the strategy cannot search what it is given;
 *         the message says why.
 */
kj_status kj_search_complete(kj_search_options *options, kj_error *err);

/**
 * Search with any way of scoring.
 *
 * @param[in] options   completed.
 * @param[in] evaluate  called with one batch after the other.
 * @param[out] log      caller releases with kj_search_log_clear, always.
 * @return KJ_OK; KJ_ETRAINING if no setting has a finite score; what
 *         `evaluate` returned; KJ_EMEMORY.
 */
kj_status kj_search_explore(const kj_search_options *options,
                            kj_search_evaluate *evaluate, void *context,
                            kj_search_log *log, kj_error *err);

/** Release a log; all zero is allowed. */
void kj_search_log_clear(kj_search_log *log);

/* X(enum, name): what a search makes small, or great. */
#define KJ_SEARCH_OBJECTIVE_LIST(X)                                            \
  X(KJ_SEARCH_BY_MAE, "mae")                                                   \
  X(KJ_SEARCH_BY_CCC, "ccc")

/** A search on the training rows of an experiment. */
typedef struct kj_search_job {
  kj_search_options options;
  const kj_protocol_experiment *experiment; /* of the protocol */
  const char *target; /* whose metric decides; NULL: the mean over all */
  int by;             /* 0 mae, 1 ccc */
  int smoothing;      /* kj_smoothing_kind of the network */
  size_t folds;       /* inner folds of whole training speakers, 2..1000 */
  size_t seeds;       /* networks a fold: seed, seed + 1, ...; 1..1000 */
  double minutes;     /* 0: no limit; needs run.now_s */
  kj_run_options run; /* threads, clock, stop; progress counts fits */
} kj_search_job;

/**
 * Search on inner folds of the rows that an experiment trains on.
 *
 * No other row is looked at; `data` need not have any. Each fit is put into
 * the store as soon as it is done, and taken from there when it is asked for
 * again: a search that was killed goes on with the same bits.
 *
 * @param[in] protocol  checked; not changed.
 * @param[in] data      the rows of at least the training corpora.
 * @param[in] store     opened to be written.
 * @param[in] job       what to search and how; options are completed here.
 * @param[out] results  a new jansson object, see docs/search.md.
 * @return KJ_OK; KJ_EARGUMENT; KJ_EDATA if the experiment divides its own
 *         corpora, or has too few speakers; KJ_EINTERRUPTED if `stop` said
 *         so; KJ_ETRAINING if every setting failed; KJ_EFILE; KJ_EMEMORY.
 *
 * Threads: job->run.n_threads of its own.
 */
kj_status kj_search_run(const kj_protocol *protocol, const kj_dataset *data,
                        kj_run_store *store, const kj_search_job *job,
                        struct json_t **results, kj_error *err);

/**
 * Write the best setting as a protocol: the same corpora, targets and tests,
 * with the contenders none, the one that was smoothed before, and `searched`.
 *
 * @param[in] results  of kj_search_run.
 * @param[out] text    YAML, malloc'ed, caller frees.
 * @return KJ_OK; KJ_EMEMORY.
 */
kj_status kj_search_protocol(const kj_protocol *protocol,
                             const kj_protocol_experiment *experiment,
                             const struct json_t *results, char **text,
                             kj_error *err);

/**
 * Write search.html and search.md into a folder, and their figures with the
 * numbers beside them: each setting, the best so far, and where lambda and
 * epsilon make a grid, its map.
 *
 * @return KJ_OK; KJ_EFILE; KJ_EMEMORY.
 */
kj_status kj_search_report_write(const struct json_t *results,
                                 const char *folder, kj_error *err);

#ifdef __cplusplus
}
#endif
#endif
