/*
 * routing.h: spontaneous and scripted speech apart: a gate that tells them,
 * an expert for each, and how good they are. docs/routing.md.
 *
 * Source: Kuwahara et al., ICAART 2020, section 3.3, figure 2, tables 3 and 4.
 */
#ifndef KANJO_ROUTING_H
#define KANJO_ROUTING_H

#include "kanjo/corpus.h"
#include "kanjo/estimator.h"
#include "kanjo/experiment.h"
#include "kanjo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Look at a dataset as one for a gate: its only target is KJ_SPONTANEOUS, 1 or
 * 0, and NaN where it is unknown.
 *
 * @param[in] data   with its column; must outlive the view. Features that are
 *                   attached to it later are not in the view.
 * @param[out] view  to be cleared with kj_gate_view_clear, not destroyed;
 *                   unchanged on failure.
 * @return KJ_OK; KJ_EDATA if no row is of one of the kinds; KJ_EMEMORY.
 */
kj_status kj_gate_view(const kj_dataset *data, kj_dataset *view, kj_error *err);

/** Release what kj_gate_view made; all zero is allowed. */
void kj_gate_view_clear(kj_dataset *view);

/**
 * The fit of the paper's gate: 384-1200-600-300-1 with a linear output, binary
 * cross-entropy, else as kj_fit_defaults.
 */
kj_fit_options kj_gate_defaults(void);

/**
 * List the rows of a dataset that are of a kind.
 *
 * @param[in] kind    1: spontaneous; 0: scripted.
 * @param[out] index  shape (rows.n), of which *n are written, in order.
 * @param[out] n      how many.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
void kj_rows_of_kind(const kj_dataset *data, kj_rows rows, int kind,
                     size_t *index, size_t *n);

/** How an estimator that routes is made; kj_fit_options of its components. */
typedef struct kj_routing_options {
  kj_fit_options fit;  /* of the experts, and of the estimator of all speech */
  kj_fit_options gate; /* as kj_gate_defaults has it */
  kj_route route;
  kj_folds folds;      /* of whole speakers, sessions or corpora: who is asked
                          about rows that it has not heard */
  kj_folds gate_folds; /* likewise within the training rows of each fold; for
                          kj_routed_out_of_fold with the route features alone */
  size_t n_threads;    /* fits at a time; changes no bit of what comes out */
  void (*progress)(void *context, size_t done, size_t total); /* or NULL */
  bool (*stop)(void *context);                                /* or NULL */
  void *context;
} kj_routing_options;

/**
 * Ask gates about rows whose speakers they have not heard: one for each fold,
 * trained on the others.
 *
 * What a gate says of rows that it was trained on is far too sure; an informed
 * estimator that learned from it would trust the gate too much.
 *
 * @param[in] data          with features; rows of unknown kind are asked about
 *                          and not trained on.
 * @param[in] unlabelled    for all fits, or NULL.
 * @param[in] options       gate, folds, threads and callbacks are used.
 * @param[out] probability  shape (data->n_rows).
 * @return KJ_OK; as kj_gate_view and kj_cross_validate.
 */
kj_status kj_gate_out_of_fold(const kj_dataset *data,
                              const kj_dataset *unlabelled,
                              const kj_routing_options *options,
                              double *probability, kj_error *err);

/**
 * Estimate every row by gate and experts that have not heard its speaker.
 *
 * With the route `features` the informed estimator of a fold learns from gates
 * of its own, by gate_folds within the fold's training rows: as many fits more
 * as there are of these in each fold.
 *
 * @param[out] out  arrays of n_rows rows, by options->route; its sd too is of
 *                  who is heard, and 0 where neither deviations are predicted
 *                  nor experts are mixed.
 * @return KJ_OK; KJ_EARGUMENT if the route is `plain` or `oracle`, or
 *         `features` with unlabelled rows; as kj_fit_many.
 */
kj_status kj_routed_out_of_fold(const kj_dataset *data,
                                const kj_dataset *unlabelled,
                                const kj_routing_options *options,
                                const kj_routed *out, kj_error *err);

/**
 * Whether kj_routed_out_of_fold can divide the data: nothing is fitted.
 *
 * @return KJ_OK; KJ_EDATA if there are too few speakers for the folds (or for
 *         those within them), or a fold leaves no row of a kind to learn from;
 *         as kj_folds_make.
 */
kj_status kj_routed_check_folds(const kj_dataset *data,
                                const kj_routing_options *options,
                                kj_error *err);

/**
 * Look at a dataset as one for an informed estimator: its features, and as the
 * last one, KJ_SPONTANEOUS, the probability of each row.
 *
 * @param[in] probability  shape (data->n_rows).
 * @param[out] view        to be cleared with kj_informed_view_clear; unchanged
 *                         on failure.
 * @return KJ_OK; KJ_EMEMORY.
 */
kj_status kj_informed_view(const kj_dataset *data, const double *probability,
                           kj_dataset *view, kj_error *err);

/** Release what kj_informed_view made; all zero is allowed. */
void kj_informed_view_clear(kj_dataset *view);

/**
 * Put an estimator, a gate and experts together.
 *
 * @param[in] plain    of all speech; its residuals are left out, for they are
 *                     not those of the whole.
 * @param[in] routing  components and route; all are copied.
 * @param[out] out     caller releases with kj_estimator_destroy.
 * @return as kj_estimator_create.
 */
kj_status kj_routing_attach(const kj_estimator *plain,
                            const kj_routing *routing, kj_estimator **out,
                            kj_error *err);

/**
 * Estimate rows of a dataset by the experts of an estimator.
 *
 * @param[in] estimator  with a gate.
 * @param[in] data, rows as for kj_estimate_rows.
 * @param[in] route      see KJ_ROUTE_LIST; the oracle reads kj_row.spontaneous.
 * @param[out] out       arrays of rows.n rows.
 * @return as kj_estimate_rows; KJ_EARGUMENT if there is no such route;
 *         KJ_EDATA too if the kind of a row is unknown to the oracle.
 */
kj_status kj_route_rows(const kj_estimator *estimator, const kj_dataset *data,
                        kj_rows rows, kj_route route, const kj_routed *out,
                        kj_error *err);

#ifdef __cplusplus
}
#endif
#endif
