/* limit.h: what this machine can do at most, measured now. */
#ifndef KJ_BENCH_LIMIT_H
#define KJ_BENCH_LIMIT_H

#include "base/tier.h"

/* GF/s of one core that multiplies and adds in registers with the vectors of a
 * tier: two operations a lane and term, fused where the tier fuses. The best of
 * a few bursts, about 3 ms in all. */
double kj_bench_multiply_add_limit(kj__tier tier);

#endif
