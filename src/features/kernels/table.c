/*
 * table.c: the kernels of one tier.
 */
#include "features/kernels/table.h"

#include "features/kernels/functions.h"

#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)

const kj__lane_kernels KJ__OF_TIER(kj__lane_kernels) = {
    .name = TEXT(KJ__TIER),
    .n_lanes = KJ__LANES,
    .window = KJ__OF_TIER(kj__lanes_window),
    .spectrum = KJ__OF_TIER(kj__lanes_spectrum),
    .bands = KJ__OF_TIER(kj__lanes_bands),
    .pitch = KJ__OF_TIER(kj__lanes_pitch),
    .sum = KJ__OF_TIER(kj__lanes_sum),
};
