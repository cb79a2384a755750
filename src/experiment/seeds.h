/* seeds.h: one result from those of several seeds. */
#ifndef KJ_EXPERIMENT_SEEDS_H
#define KJ_EXPERIMENT_SEEDS_H

#include "kanjo/experiment.h"

/* Means over the seeds of metrics and of the intervals' bounds, and the
 * metrics' standard deviation (divided by n - 1; 0 for one seed). That of seed
 * s is one[s * stride]. */
void kj__summarise_seeds(const kj_result *one, size_t n_seeds, size_t stride,
                         kj_result *mean, kj_metrics *spread);

/* The k-th metric, in the order of kj_metric. */
double *kj__metric_at(kj_metrics *metrics, size_t k);

#endif
