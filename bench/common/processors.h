/* processors.h: which of them run, and how far apart two are. */
#ifndef KJ_BENCH_PROCESSORS_H
#define KJ_BENCH_PROCESSORS_H

#include <stddef.h>

/* The first two processors that this process may run on; the same twice where
 * there is only one. */
void kj_bench_find_processors(size_t found[2]);

/* Keep the calling thread on one processor. */
void kj_bench_pin(size_t processor);

/* Nanoseconds that a cache line takes from one of these two to the other and
 * back; the median of a few measurements, 0 where there is one processor. */
double kj_bench_round_trip_ns(void);

#endif
