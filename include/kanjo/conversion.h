/*
 * conversion.h: weights in fewer bits, measured, and let through a gate.
 *
 * bf16 halves a model and int8 quarters it, and the time of one estimate with
 * it, for that time goes into reading the weights. What it costs in accuracy
 * is measured on rated utterances before anything is kept.
 */
#ifndef KANJO_CONVERSION_H
#define KANJO_CONVERSION_H

#include "kanjo/corpus.h"
#include "kanjo/estimator.h"
#include "kanjo/metrics.h"
#include "kanjo/status.h"
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What to make, and what it may cost at most in each target. */
typedef struct kj_conversion_options {
  kj_weights weights;
  double gate_mae; /* rise of the MAE, on the 1..5 scale; >= 0 */
  double gate_ccc; /* fall of the CCC; >= 0 */
} kj_conversion_options;

/** int8; gates of 0.01: a hundredth of a rating point, of a correlation. */
kj_conversion_options kj_conversion_defaults(void);

/** What a conversion did to one target. */
typedef struct kj_conversion_target {
  size_t n_rows; /* with a rating */
  kj_metrics before, after;
  double largest_difference; /* |after - before| of any one estimate */
  bool has_passed;
} kj_conversion_target;

/** What a conversion did; `target` as the estimator has them. */
typedef struct kj_conversion {
  size_t n_rows;   /* of the calibration */
  bool has_passed; /* every target */
  kj_conversion_target target[KJ_MAX_TARGETS];
} kj_conversion;

/**
 * Convert an estimator's weights, and those of all who are inside it: gate,
 * experts, informed estimator, members of an ensemble.
 *
 * As kj_estimator_convert, with every row for the calibration, standardised as
 * each network has it; the informed estimator's with the word of the gate as it
 * was before the conversion.
 *
 * @param[in] data  for int8: rows with features in the estimator's columns;
 *                  else may be NULL.
 * @param[out] out  the new estimator; unchanged on failure.
 * @return KJ_OK; as kj_estimator_convert and kj_estimate_rows, who is inside
 *         named; KJ_ESHAPE if the number of features differs.
 *
 * Memory: caller releases *out with kj_estimator_destroy.
 * Threads: shared-read.
 */
kj_status kj_conversion_make(const kj_estimator *from, kj_weights weights,
                             const kj_dataset *data, kj_estimator **out,
                             kj_error *err);

/**
 * Convert an estimator's weights and measure both on rated rows.
 *
 * The rows calibrate int8 (kj_estimator_convert) and judge: a target passes
 * where its MAE rises by gate_mae at most and its CCC falls by gate_ccc at
 * most. A CCC that is not defined (one row, equal ratings) cannot be judged.
 *
 * @param[in] from     its targets are all among those of `data`, in any order.
 * @param[in] data     rows with features in the estimator's columns, and
 *                     ratings.
 * @param[in] options  the kind to make and what is allowed.
 * @param[out] report  what was measured; whether it passed.
 * @param[out] out     the new estimator, whether it passed or not; unchanged
 *                     on failure.
 * @return KJ_OK; KJ_EARGUMENT as kj_estimator_convert, or if a target of the
 *         estimator is not among those of the data, or a gate is negative or
 *         NaN; KJ_ESHAPE if the number of features differs; KJ_EDATA as
 *         kj_estimator_convert and kj_estimate_rows, or if a target has no
 *         rating or its CCC is not defined; KJ_EMEMORY.
 *
 * Memory: caller releases *out with kj_estimator_destroy.
 * Threads: shared-read.
 */
kj_status kj_convert(const kj_estimator *from, const kj_dataset *data,
                     const kj_conversion_options *options,
                     kj_conversion *report, kj_estimator **out, kj_error *err);

#ifdef __cplusplus
}
#endif
#endif
