/* clock.h: seconds, and what to say of several measurements. */
#ifndef KJ_BENCH_CLOCK_H
#define KJ_BENCH_CLOCK_H

#include <stddef.h>

/* A clock that only goes forward. */
double kj_bench_now_s(void);

/* The middle of n values, which it sorts. */
double kj_bench_median(double *values, size_t n);

#endif
