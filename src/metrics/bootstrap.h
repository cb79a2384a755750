/*
 * bootstrap.h: the symmetric bootstrap-t interval of anything that follows
 * from the sums of clusters; described at kj_metrics_intervals.
 */
#ifndef KJ_METRICS_BOOTSTRAP_H
#define KJ_METRICS_BOOTSTRAP_H

#include "metrics/clusters.h"

/* From n_sums sums (and their origin) to one value a metric; NaN or infinite
 * where there is none. */
typedef void (*kj__statistic)(const double *sums, kj__origin origin,
                              double value[KJ_N_METRICS]);

/* Level and number of replicates, or KJ_EARGUMENT. */
kj_status kj__bootstrap_check(const kj_bootstrap_options *options,
                              kj_error *err);

/* The intervals, on the scale of the statistic; options already checked. */
kj_status kj__bootstrap(const kj__clusters *clusters, kj__statistic statistic,
                        const kj_bootstrap_options *options,
                        kj_interval out[KJ_N_METRICS], kj_error *err);

#endif
