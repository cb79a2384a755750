/* platt.h: calibration of a classifier: a line through its log odds. */
#ifndef KJ_EXPERIMENT_PLATT_H
#define KJ_EXPERIMENT_PLATT_H

#include <stddef.h>

/* Answers of a classifier, and what was true. */
typedef struct kj__answers {
  const double *f;      /* log odds; shape (n) */
  const double *y;      /* 1 or 0; shape (n) */
  const double *weight; /* >= 0; shape (n) */
  size_t n;
} kj__answers;

/* The slope and offset of f under which y is the most likely. Where nothing
 * can be learned (no weight) 1 and 0. */
void kj__platt(const kj__answers *answers, double *slope, double *offset);

#endif
