/*
 * clones.h: loops compiled twice, the better one chosen when the program loads.
 *
 * AVX2 without FMA: wider vectors change no bits, a fused multiply-add would.
 * Where the loader cannot choose (no glibc, no x86), and under sanitizers,
 * whose runtime is not up when it does (KJ_NO_CLONES), the plain one serves.
 */
#ifndef KJ_NETWORK_CLONES_H
#define KJ_NETWORK_CLONES_H

#include <string.h> /* defines __GLIBC__ */

#if defined(__x86_64__) && defined(__GLIBC__) && !defined(KJ_NO_CLONES)
#define KJ__CLONES __attribute__((target_clones("avx2", "default")))
#else
#define KJ__CLONES
#endif

#endif
