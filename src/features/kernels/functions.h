/* functions.h: the kernels of the tier that is being compiled. */
#ifndef KJ_FEATURES_KERNELS_FUNCTIONS_H
#define KJ_FEATURES_KERNELS_FUNCTIONS_H

#include "base/kernels/vector.h"
#include "features/lanes.h"

void KJ__OF_TIER(kj__lanes_window)(kj__lanes *q, const float *samples,
                                   size_t n_frames);
void KJ__OF_TIER(kj__lanes_spectrum)(kj__lanes *q);
void KJ__OF_TIER(kj__lanes_bands)(kj__lanes *q);
void KJ__OF_TIER(kj__lanes_pitch)(kj__lanes *q);
void KJ__OF_TIER(kj__lanes_sum)(kj__sums *sums, size_t n_blocks,
                                const kj__sums_step *step, const float *row);

#endif
