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
