/*
 * results_state.h: the results of an experiment while they are gathered.
 */
#ifndef KJ_EXPERIMENT_RESULTS_STATE_H
#define KJ_EXPERIMENT_RESULTS_STATE_H

#include "experiment/run_state.h"
#include "kanjo/paired.h"

#include <jansson.h>

/* The rows that an experiment tests: with each seed, and with any. */
typedef struct kj__tested {
  kj_rows any;   /* in the order of the data */
  kj_rows *seed; /* (n_seeds) likewise */
  bool is_part;  /* of them: where no row has a rating, nothing is defined */
} kj__tested;

/* What one variant reached. */
typedef struct kj__measured {
  size_t n_seeds, n_targets;
  double *estimate;       /* (n_rows, n_targets): means over seeds; by row of
                             the data, only of rows that were tested */
  double *seed_estimate;  /* (n_seeds, n_rows, n_targets) */
  double *seed_sd;        /* likewise; NULL where none is predicted */
  kj_result *seed_result; /* (n_seeds, n_targets) */
  kj_result *result;      /* (n_targets) */
  kj_metrics *spread;     /* (n_targets) */
  json_t *history;        /* an array: those of all cells */
  json_t *robustness;     /* likewise, with the number of rows */
} kj__measured;

/* measured.c */
kj_status kj__tested_list(kj__run *run, const kj__trial *trial,
                          kj__tested *tested, kj_error *err);
/* Those of a kind, 1 or 0; -1: those of either. */
kj_status kj__tested_kind(kj__run *run, const kj__tested *tested, int kind,
                          kj__tested *out, kj_error *err);

/* Room alone; then what cells (n_parts) estimated with each seed; then the
 * metrics and means of those estimates on some rows, also once more. */
kj_status kj__measured_allocate(kj__run *run, size_t n_targets, kj__measured *m,
                                kj_error *err);
kj_status kj__measured_read(kj__run *run, const kj__trial *trial,
                            const size_t *cell, size_t n_targets,
                            kj__measured *m, kj_error *err);
kj_status kj__measured_judge(kj__run *run, const kj__tested *tested,
                             kj__measured *m, kj_error *err);

/* All of it for a variant. */
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

/* results_target.c: {METRIC: that} of one target, whole. */
json_t *kj__metrics_json(const kj__measured *measured, size_t target);

/* results_target.c: one entry of "targets" of an experiment. */
json_t *kj__target_json(kj__run *run, const kj__trial *trial,
                        const kj__tested *tested, const kj__measured *measured,
                        size_t target, kj_error *err);

/* results_compare.c: pairs of contenders, tested over speakers. */
kj_status kj__comparisons_json(kj__run *run, const kj__tested *tested,
                               const kj__measured *measured, size_t target,
                               json_t **out, kj_error *err);

/* results_compare.c: a is better than b? */
typedef struct kj__pair {
  const kj__measured *a, *b;
  const char *a_name, *b_name;
  kj_metric metric;
  kj_paired result;
} kj__pair;

enum { KJ__MOST_PAIRS = 2048 };

/* One family for Holm's correction. */
typedef struct kj__pairs {
  size_t n, n_beyond; /* pairs; those for which there was no room */
  kj__pair pair[KJ__MOST_PAIRS];
} kj__pairs;

/* Add a pair by mae and one by ccc. */
void kj__pairs_add(kj__pairs *pairs, kj__pair what);

/* Test the pairs; none where speakers are not known. KJ_EDATA if there were
 * too many. */
kj_status kj__pairs_json(kj__run *run, const kj__tested *tested, size_t target,
                         kj__pairs *pairs, json_t **out, kj_error *err);

/* results_routing.c: routed systems of an experiment, or null; results_gate.c:
 * how well their gate tells kinds apart. */
kj_status kj__routing_json(kj__run *run, const kj__trial *trial,
                           const kj__tested *tested,
                           const kj__measured *measured, json_t **out,
                           kj_error *err);
kj_status kj__gate_json(kj__run *run, const kj__trial *trial,
                        const kj__tested *known, const kj__measured *gate,
                        json_t **out, kj_error *err);

/* results_intervals.c: how often intervals hold the ratings, or null. */
kj_status kj__intervals_json(kj__run *run, const kj__trial *trial,
                             const kj__measured *measured, json_t **out,
                             kj_error *err);

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
