/* table.h: the tables of kernels that this build has, one a tier. */
#ifndef KJ_FEATURES_KERNELS_TABLE_H
#define KJ_FEATURES_KERNELS_TABLE_H

#include "features/lanes.h"

extern const kj__lane_kernels kj__lane_kernels_baseline;
extern const kj__lane_kernels kj__lane_kernels_avx2;
extern const kj__lane_kernels kj__lane_kernels_avx512;

#endif
