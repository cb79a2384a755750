/* signflip.h: the sign-flip permutation test; described at kj_paired_test. */
#ifndef KJ_METRICS_SIGNFLIP_H
#define KJ_METRICS_SIGNFLIP_H

#include <stddef.h>
#include <stdint.h>

enum { KJ__MAX_EXACT_FLIPS = 20 }; /* 2^20 choices of signs */
enum { KJ__N_RANDOM_FLIPS = 100000 };

/* Two-sided p of the n finite differences; exact up to KJ__MAX_EXACT_FLIPS.
 * n = 0: NaN. */
double kj__signflip_p(const double *difference, size_t n, uint64_t seed);

#endif
