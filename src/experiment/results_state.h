/*
 * results_state.h: the results of an experiment while they are gathered.
 */
#ifndef KJ_EXPERIMENT_RESULTS_STATE_H
#define KJ_EXPERIMENT_RESULTS_STATE_H

#include "experiment/run_state.h"

#include <jansson.h>

/* The rows that an experiment tests: with each seed, and with any. */
typedef struct kj__tested {
  kj_rows any;   /* in the order of the data */
  kj_rows *seed; /* (n_seeds) likewise */
} kj__tested;

/* What one variant reached. */
typedef struct kj__measured {
  size_t n_seeds, n_targets;
  double *estimate;       /* (n_rows, n_targets): means over seeds; by row of
                             the data, only of rows that were tested */
  double *seed_estimate;  /* (n_seeds, n_rows, n_targets) */
  kj_result *seed_result; /* (n_seeds, n_targets) */
  kj_result *result;      /* (n_targets) */
  kj_metrics *spread;     /* (n_targets) */
  json_t *history;        /* an array: those of all cells */
  json_t *robustness;     /* likewise, with the number of rows */
} kj__measured;

/* measured.c */
kj_status kj__tested_list(kj__run *run, const kj__trial *trial,
                          kj__tested *tested, kj_error *err);
kj_status kj__measured_create(kj__run *run, const kj__trial *trial,
                              const kj__tested *tested,
                              const kj__variant *variant, kj__measured *out,
                              kj_error *err);
void kj__measured_clear(kj__measured *measured);

/* A JSON number, or null where it is not finite. */
json_t *kj__json_number(double value);

/* {"mean", "low", "high"}; with `spread` those, the spread and the seeds. */
json_t *kj__metric_json(const kj__measured *measured, size_t target,
                        kj_metric metric, bool is_whole);

/* results_target.c: one entry of "targets" of an experiment. */
json_t *kj__target_json(kj__run *run, const kj__trial *trial,
                        const kj__tested *tested, const kj__measured *measured,
                        size_t target, kj_error *err);

/* results_compare.c: pairs of contenders, tested over speakers. */
kj_status kj__comparisons_json(kj__run *run, const kj__tested *tested,
                               const kj__measured *measured, size_t target,
                               json_t **out, kj_error *err);

/* results_compare.c: raters against each other, or null. */
kj_status kj__ceiling_json(const kj_dataset *data, kj_rows rows, size_t target,
                           json_t **out, kj_error *err);

/* results_curves.c */
/* NULL where memory is short. */
json_t *kj__history_json(kj__run *run, const kj__trial *trial,
                         const kj__measured *measured);
json_t *kj__robustness_json(kj__run *run, const kj__measured *measured,
                            size_t target);
json_t *kj__sweeps_json(kj__run *run, const kj__trial *trial,
                        const kj__measured *measured);
json_t *kj__grids_json(kj__run *run, const kj__trial *trial,
                       const kj__measured *measured);

#endif
