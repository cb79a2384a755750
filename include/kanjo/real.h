/*
 * real.h: the number that networks compute with.
 *
 * It is float. Only the project's own gradient tests build a second copy of
 * the network and smoothing rooms with KJ_REAL_DOUBLE, where it is double.
 */
#ifndef KANJO_REAL_H
#define KANJO_REAL_H

#ifdef KJ_REAL_DOUBLE
typedef double kj_real;
#else
typedef float kj_real;
#endif

#endif
