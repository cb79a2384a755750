/*
 * folding.h: rows in folds of whole speakers; of each fold, gates and experts
 * that have not heard its rows.
 */
#ifndef KJ_EXPERIMENT_FOLDING_H
#define KJ_EXPERIMENT_FOLDING_H

#include "experiment/fit_state.h"
#include "kanjo/routing.h"

/* Who is fitted in a fold. */
enum { KJ__FOLD_GATE, KJ__FOLD_SCRIPTED, KJ__FOLD_SPONTANEOUS, KJ__FOLD_FITS };

typedef struct kj__fold {
  size_t *inside;  /* rows that are estimated */
  size_t *outside; /* rows that are trained on */
  size_t *kind[2]; /* those of them that are of a kind */
  size_t n_inside, n_outside, n_kind[2];
  double *value[KJ__FOLD_FITS]; /* (n_inside, targets of the fit) */
  double *sd[KJ__FOLD_FITS];    /* likewise; 0 where none is predicted */
} kj__fold;

typedef struct kj__folding {
  const kj_dataset *data;
  const kj_dataset *unlabelled; /* or NULL */
  const kj_routing_options *options;
  kj_rows rows;   /* of data, that are divided */
  kj_folds folds; /* how; their seed is that of the fit */
  kj_fit_pool pool;
  /* of kj__folding_begin: */
  size_t n_folds;
  size_t *fold_of_row; /* (rows.n) */
  kj__fold *fold;
} kj__folding;

/* All rows, with the folds, threads and callbacks of the options. */
kj__folding kj__folding_of(const kj_dataset *data, const kj_dataset *unlabelled,
                           const kj_routing_options *options);

/* Divide the rows; what fails is released by end too. */
kj_status kj__folding_begin(kj__folding *f, kj_error *err);
void kj__folding_end(kj__folding *f);

/* The fits first..last of every fold, on one dataset. */
kj_status kj__folding_run(const kj__folding *f, const kj_dataset *data,
                          int first, int last, kj_error *err);

/* The gates, on the kinds of the rows; and what they said, to where all rows of
 * the data stand. */
kj_status kj__folding_run_gates(const kj__folding *f, kj_error *err);
void kj__folding_collect_gates(const kj__folding *f, double *probability);

/* Whether there can be folds within those of the options; nothing is fitted. */
kj_status kj__informed_check_folds(const kj_dataset *data,
                                   const kj_routing_options *options,
                                   kj_error *err);

/* Estimates of every row by an informed estimator and gates that have not
 * heard its speaker (informed.c). */
kj_status kj__informed_out_of_fold(const kj_dataset *data,
                                   const kj_routing_options *options,
                                   const kj_routed *out, kj_error *err);

#endif
