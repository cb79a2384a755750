/* tables.h: the tables of kernels that this build has, one a tier. */
#ifndef KJ_NETWORK_KERNELS_TABLES_H
#define KJ_NETWORK_KERNELS_TABLES_H

#include "network/kernels.h"

extern const kj__kernels kj__kernels_baseline;
extern const kj__kernels kj__kernels_avx2;
extern const kj__kernels kj__kernels_avx512;

extern const kj__kernels kj__kernels_narrow_baseline;
extern const kj__kernels kj__kernels_narrow_avx2;
extern const kj__kernels kj__kernels_narrow_avx512;
extern const kj__kernels kj__kernels_narrow_avx512bf16;

#endif
