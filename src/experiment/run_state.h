/*
 * run_state.h: a protocol while it runs: experiments on the rows of a dataset,
 * divided into parts; contenders; and the cells that these need.
 */
#ifndef KJ_EXPERIMENT_RUN_STATE_H
#define KJ_EXPERIMENT_RUN_STATE_H

#include "base/sha256.h"
#include "corpus/arena.h"
#include "corpus/index.h"
#include "experiment/protocol_check.h"
#include "kanjo/runs.h"

/* One fold with one seed: rows to train on, rows to estimate. */
typedef struct kj__part {
  size_t fold, seed; /* from 0 */
  kj_rows train, test;
  char train_hash[KJ__SHA256_HEX_SIZE], test_hash[KJ__SHA256_HEX_SIZE];
} kj__part;

/* The gate's probability beside the features: of rows that are trained on by
 * gates that never heard their speakers, of tested rows by the gate. */
typedef struct kj__informed {
  size_t n_folds;        /* of the training rows */
  const kj__part *fold;  /* (n_folds): their gates; tests the fold's rows */
  const kj__part *outer; /* the gate's own */
  size_t *fold_cell;     /* (n_folds) */
  size_t cell;           /* of the gate */
  double *probability;   /* (n_rows), by row of the data; NULL: not yet read */
} kj__informed;

/* A fit, and the rows it estimates. */
typedef struct kj__cell {
  char key[KJ__SHA256_HEX_SIZE], data_hash[KJ__SHA256_HEX_SIZE];
  const char *settings; /* JSON */
  kj_fit_options options;
  const kj__part *part;
  kj_rows unlabelled; /* n 0: none */
  bool has_robustness, is_gate;
  kj__informed *informed; /* or NULL; else it waits for those gates */
  const char *experiment, *contender;
  double cost;              /* in multiply-adds, roughly */
  bool is_done, has_failed; /* has_failed: run->is_patient, no record */
} kj__cell;

/* A contender, a point of a sweep or of a grid: a cell for every part. */
typedef struct kj__variant {
  const kj_protocol_method *method;
  kj_smoothing *smoothing; /* (n_parts): chosen ones differ */
  size_t *cell;            /* (n_parts) */
  bool is_chosen;          /* by inner folds */
  size_t *expert[2];       /* (n_parts): of scripted, of spontaneous speech */
  size_t *informed;        /* (n_parts); NULL, like those, where not routed */
  size_t **residual;       /* (n_parts) of (folds); NULL without intervals */
} kj__variant;

/* Inner folds of a part's training rows. */
typedef struct kj__inner {
  size_t n;
  const kj__part *fold; /* (n) */
} kj__inner;

/* What routed systems share: the gate and its rows, those of the experts. */
typedef struct kj__routing {
  kj__part *gate;         /* (n_parts) */
  kj__part *expert[2];    /* (n_parts): of rows of kind 0, of kind 1 */
  size_t *gate_cell;      /* (n_parts) */
  kj__informed *informed; /* (n_parts); NULL without the route features */
} kj__routing;

/* lambda and epsilon of one variant on one part, chosen by inner folds. */
typedef struct kj__choice {
  size_t variant, part;
  size_t n_settings, n_inner;
  kj_smoothing *setting; /* (n_settings) */
  const kj__part *inner; /* (n_inner) */
  size_t *cell;          /* (n_settings, n_inner) */
} kj__choice;

/* An experiment on the data. */
typedef struct kj__trial {
  const kj_protocol_experiment *experiment;
  kj__division division;
  bool has_division, is_leaky;
  kj_rows unlabelled;
  char unlabelled_hash[KJ__SHA256_HEX_SIZE];
  size_t n_parts, n_folds; /* n_parts: n_folds times seeds */
  kj__part *part;          /* seed after seed */
  size_t n_methods, n_variants, n_choices;
  kj__variant *variant; /* methods; points of sweeps; points of the grid */
  kj__choice *choice;
  kj__routing *routing; /* or NULL */
  kj__inner *intervals; /* (n_parts), or NULL */
} kj__trial;

typedef struct kj__run {
  const kj_protocol *protocol;
  const kj_dataset *data;
  kj_dataset kinds; /* the same with kinds as ratings, where there are gates */
  kj_run_store *store;
  const kj_run_options *options;
  kj__arena *arena;
  unsigned char (*row_hash)[KJ__SHA256_SIZE]; /* (n_rows) */
  kj__trial *trial;                           /* one an experiment */
  kj__index keys;                             /* key to index of cell */
  kj__cell **cell;
  size_t n_cells, capacity;
  bool is_patient; /* a training that fails does not end the run */
} kj__run;

/* trial_rows.c: choose and divide the rows of a trial. */
kj_status kj__trial_divide(kj__run *run, kj__trial *trial, kj_error *err);

/* trial_rows.c: the rows that an experiment may train on. */
kj_status kj__trial_training_rows(kj__run *run, const kj__trial *trial,
                                  kj_rows *rows, kj_error *err);

/* inner.c: folds of whole speakers among the training rows of a part. */
kj_status kj__inner_divide(kj__run *run, const kj__part *outer, size_t n_folds,
                           kj__part **inner, kj_error *err);

/* What decides: a metric, summed over targets. */
typedef struct kj__judge {
  int by; /* 0 mae, 1 ccc */
  size_t first, n_targets;
} kj__judge;

/* One setting on all inner folds. */
typedef struct kj__inner_cells {
  const kj__part *part; /* (n) */
  const size_t *cell;   /* (n) */
  size_t n;
} kj__inner_cells;

/* inner.c: of the rows of all inner parts, each estimated by its cell; lower
 * is better, infinite where it is not defined. */
kj_status kj__inner_score(kj__run *run, const kj__inner_cells *inner,
                          const kj__judge *by, double *score, kj_error *err);

/* trial_rows.c: folds that are the same for all seeds are the first n_folds
 * parts, which lead the others. */
size_t kj__trial_leaders(const kj__trial *trial);

/* trial_rows.c: divide the training rows of a part into folds, a part each. */
kj_status kj__part_divide(kj__run *run, const kj__part *outer,
                          const kj_folds *folds, kj__part **inner, size_t *n,
                          kj_error *err);

/* trial_rows.c: the same parts for another seed. */
kj_status kj__parts_repeat(kj__run *run, const kj__part *from, size_t n,
                           size_t seed, const kj__part **to, kj_error *err);

/* trial_rows.c: whether a row is among those that a filter lets through. */
bool kj__filter_passes(const kj_protocol_filter *filter, const kj_row *row);
bool kj__texts_have(const kj_texts *texts, const char *text);

/* trial.c: the variants of a trial and the cells they need so far; with
 * `choose`, those of the inner folds first. */
kj_status kj__trial_plan(kj__run *run, kj__trial *trial, kj_error *err);

/* trial.c: the cells of the chosen variants, once the inner ones are done. */
kj_status kj__trial_choose(kj__run *run, kj__trial *trial, kj_error *err);

/* trial_routing.c: the rows of gates and experts; their cells, those of a
 * variant that is routed once it has its smoothing; how many it has a part. */
kj_status kj__routing_divide(kj__run *run, kj__trial *trial, kj_error *err);
kj_status kj__routing_need_gates(kj__run *run, kj__trial *trial, kj_error *err);
kj_status kj__routing_need(kj__run *run, const kj__trial *trial, kj__variant *v,
                           kj_error *err);
size_t kj__routing_count(const kj__trial *trial, const kj__variant *v);

/* trial.c: a method among the names, and no point of a sweep or grid. */
bool kj__variant_is_named(const kj__trial *trial, const kj__variant *v,
                          const kj_texts *names);

/* trial_intervals.c: inner folds whose residuals make intervals; likewise. */
kj_status kj__intervals_divide(kj__run *run, kj__trial *trial, kj_error *err);
kj_status kj__intervals_need(kj__run *run, const kj__trial *trial,
                             kj__variant *v, kj_error *err);
size_t kj__intervals_count(const kj__trial *trial, const kj__variant *v);

/* cell_data.c: read the probabilities that cells wait for. */
kj_status kj__informed_read(kj__run *run, kj__informed *informed,
                            kj_error *err);

/* cell_data.c: the data as a cell sees them. */
typedef struct kj__cell_data {
  const kj_dataset *data;
  kj_dataset wide; /* with the probability as the last column */
} kj__cell_data;

kj_status kj__cell_data_create(const kj__run *run, const kj__cell *cell,
                               kj__cell_data *out, kj_error *err);
void kj__cell_data_clear(kj__cell_data *data);

/* cells.c: a digest for every row; of rows in their order, for a gate with
 * their kinds. */
kj_status kj__run_hash_rows(kj__run *run, kj_error *err);
void kj__rows_hash(const kj__run *run, kj_rows rows,
                   char hex[KJ__SHA256_HEX_SIZE]);
void kj__kinds_hash(const kj__run *run, kj_rows rows,
                    char hex[KJ__SHA256_HEX_SIZE]);

/* What makes a cell. */
typedef struct kj__cell_request {
  const kj__trial *trial;
  const kj__part *part;
  const kj_protocol_method *method; /* of a gate not read, like the next */
  const kj_smoothing *smoothing;
  const kj_fit_options *fit; /* NULL: as the protocol has it */
  bool is_inner; /* of a choice or a routed system: no robustness is needed */
  bool is_gate;
  kj__informed *informed; /* or NULL */
  const char *contender;  /* its name; NULL: the method's */
} kj__cell_request;

/* cells.c: find or add the cell; its index. */
kj_status kj__cell_need(kj__run *run, const kj__cell_request *request,
                        size_t *index, kj_error *err);

/* cell_fit.c: run a cell on this thread; its record and rows, to be added to
 * the store under a lock by `keep`. */
typedef struct kj__cell_outcome {
  kj_run_record record;
  kj_run_rows rows;
} kj__cell_outcome;

/* Whether its estimates have deviations beside them. */
bool kj__cell_predicts_sd(const kj__cell *cell);

/* Whether what the store has of a cell is as many estimates as were asked for,
 * with deviations where they are needed; KJ_EDATA. */
kj_status kj__record_check(const kj_run_record *record, size_t n_estimates,
                           bool needs_sd, kj_error *err);

kj_status kj__cell_run(const kj__run *run, const kj__cell *cell,
                       bool (*stop)(void *), void *context,
                       kj__cell_outcome *out, kj_error *err);
void kj__cell_outcome_clear(kj__cell_outcome *outcome);

/* robustness.c: mean |f(x + r) - f(x)| over rows, as JSON. */
struct json_t *kj__robustness(const kj_fit *fit, const kj_dataset *data,
                              kj_rows rows, kj_error *err);
extern const double KJ__ROBUSTNESS_EPSILON[];
enum { KJ__N_ROBUSTNESS = 6 };

/* run_cells.c: run all cells that are not done. */
kj_status kj__run_cells(kj__run *run, kj_error *err);

/* run_cells.c: what is to be done, before it is. */
kj_status kj__run_tell_plan(kj__run *run, size_t n_later, kj_error *err);

/* results.c: everything, from the store. */
kj_status kj__run_results(kj__run *run, struct json_t **results, kj_error *err);

#endif
