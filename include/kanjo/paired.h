/*
 * paired.h: is method A better than method B? Paired tests over speakers.
 *
 * The observation is a speaker: seeds are averaged first, then each speaker
 * gives one number, d_s = m_A,s - m_B,s. Utterances are never pooled. Those of
 * one voice resemble each other, and a test that takes them for independent
 * finds differences that are not there: of 2000 simulated experiments with 12
 * speakers of 35 utterances, with a correlation of .05 to .15 between those of
 * a speaker, in 22 to 43 % where 5 % were promised
 * (tests/metrics/test_false_alarms.c).
 */
#ifndef KANJO_PAIRED_H
#define KANJO_PAIRED_H

#include "kanjo/metrics.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Estimates of A and of B for the same rows, for one or more seeds each.
 *
 * `a` has shape (n_seeds_a, n), `b` (n_seeds_b, n), row-major; a method that
 * draws nothing at random has one seed. `cluster` holds the speaker of each
 * row, a number below n_clusters. All belong to the caller.
 */
typedef struct kj_paired_rows {
  const double *truth;
  const double *a;
  const double *b;
  const size_t *cluster;
  size_t n;
  size_t n_clusters;
  size_t n_seeds_a;
  size_t n_seeds_b;
} kj_paired_rows;

/** How the tests are made; see kj_paired_defaults(). */
typedef struct kj_paired_options {
  double level; /* of the interval, above 0 and below 1 */
  uint64_t seed;
  const kj_allocator *allocator; /* of the scratch; NULL: malloc/free */
} kj_paired_options;

/** What the differences d_s of n speakers say; NaN where undefined. */
typedef struct kj_paired {
  size_t n;               /* speakers with a difference */
  size_t n_undefined;     /* those without: left out */
  double difference;      /* mean of d_s: each speaker counts once */
  kj_interval interval;   /* of the mean difference over speakers */
  double sd;              /* of d_s, divided by n - 1 */
  double effect_size;     /* d_z = difference / sd */
  double rank_biserial;   /* -1..1 */
  double p_signflip;      /* two-sided */
  double p_wilcoxon;      /* two-sided */
  bool is_exact_signflip; /* all 2^n signs were tried */
  bool is_exact_wilcoxon; /* its distribution, not its normal approximation */
} kj_paired;

/**
 * Compute each metric of each cluster: the mean over seeds of the metric on
 * the cluster's rows.
 *
 * For mae that is the mean over rows of |e| averaged over seeds. A metric that
 * is undefined in one of the seeds is NaN, as are all of a cluster without
 * rows.
 *
 * @param[in]  rows       as for kj_metrics_intervals, but that rows->estimate
 *                        has shape (n_seeds, rows->n), row-major.
 * @param[in]  n_seeds    at least 1.
 * @param[in]  allocator  of the scratch; NULL: malloc/free.
 * @param[out] out        rows->n_clusters metrics; untouched on failure.
 * @return KJ_OK; KJ_EARGUMENT if a pointer is NULL or a size is 0; KJ_EDATA
 *         naming the index of a value that is not finite or a cluster out of
 *         range; KJ_EMEMORY.
 *
 * Memory: scratch only, released before the return.  Threads: any number.
 * Cost: O(n_seeds (n + n_clusters)).
 */
kj_status kj_metrics_by_cluster(const kj_metric_rows *rows, size_t n_seeds,
                                const kj_allocator *allocator, kj_metrics *out,
                                kj_error *err);

/** Level 0.95, seed 1, malloc/free. */
kj_paired_options kj_paired_defaults(void);

/**
 * Test whether the differences of speakers have mean 0.
 *
 * Sign flips: were A and B the same, each d_s could as well have the other
 * sign; p is the share of the 2^n choices of signs whose |sum| is at least
 * that of the signs seen. Up to 20 speakers all are tried; above that 100000
 * random ones, with p = (1 + count) / (1 + 100000). Sums within 1e-12 of
 * sum |d_s| are ties, and count.
 *
 * Wilcoxon's signed ranks: differences of 0 are dropped, the others ranked by
 * |d_s|, equal ones by their mid-rank; W+ is the sum of the ranks of d_s > 0.
 * Without zeros and without equal |d_s|, up to 50 speakers, p comes from the
 * distribution of W+; else from a normal of mean n (n + 1) / 4 and variance
 * n (n + 1) (2 n + 1) / 24 - sum (t^3 - t) / 48 over groups of t equal ones,
 * without continuity correction.
 *
 * The interval is difference -+ t sd / sqrt(n), Student's t with n - 1 degrees
 * of freedom. rank_biserial is (W+ - W-) / (W+ + W-).
 *
 * Special cases. n = 0: everything NaN. n = 1: both p are 1; interval, sd and
 * effect size NaN. All differences 0: both p are 1, effect size and
 * rank_biserial NaN. All the same but not 0: sd is 0, effect size NaN.
 *
 * @param[in]  difference  d_s of n speakers, within +-1e100; NaN for one
 *                         whose metric is undefined, who is left out.
 * @param[in]  n           may be 0.
 * @param[in]  options     NULL: kj_paired_defaults().
 * @param[out] out         the result; untouched on failure.
 * @return KJ_OK; KJ_EARGUMENT if a pointer is NULL (`difference` may be where
 *         n is 0) or the level out of range; KJ_EDATA naming the index of a
 *         difference that is infinite or out of range; KJ_EMEMORY.
 *
 * Memory: scratch only, released before the return.  Threads: any number.
 * Cost: O(2^20 + n log n) up to 20 speakers, else O(100000 n).
 * Source: sign flips: Fisher, The Design of Experiments, 1935, section 21;
 * random ones: Phipson and Smyth, Permutation p-values should never be zero,
 * 2010; Wilcoxon, Individual comparisons by ranking methods, 1945, and as
 * scipy.stats.wilcoxon chooses (to 1e-12); rank_biserial: Kerby, The simple
 * difference formula, 2014; d_z: Cohen, Statistical Power Analysis, 1988.
 */
kj_status kj_paired_test(const double *difference, size_t n,
                         const kj_paired_options *options, kj_paired *out,
                         kj_error *err);

/**
 * Test A against B: kj_paired_test of d_s = m_A,s - m_B,s, where m is the
 * metric of kj_metrics_by_cluster.
 *
 * A d_s within 1e-12 of |m_A,s| + |m_B,s| is 0. For sd_ratio, of which the
 * best value is 1, d_s says which is larger and not which is better.
 *
 * @param[in]  rows     truth, speakers and both methods' estimates.
 * @param[in]  metric   one of the list.
 * @param[in]  options  NULL: kj_paired_defaults().
 * @param[out] out      the result; untouched on failure.
 * @return as kj_metrics_by_cluster and kj_paired_test; KJ_EARGUMENT for no
 *         metric; messages say whose estimates are meant, "a: estimate[3]".
 *
 * Memory, threads: as kj_paired_test.  Cost: that of both.
 */
kj_status kj_paired_compare(const kj_paired_rows *rows, kj_metric metric,
                            const kj_paired_options *options, kj_paired *out,
                            kj_error *err);

/**
 * Give the smallest two-sided p that either test can give with n speakers:
 * 2 / 2^n, reached where one method is better for all of them; above 20
 * speakers 1 / 100001, that of the sign flips. NaN for n = 0.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
double kj_paired_smallest_p(size_t n);

/**
 * Give the smallest |d_z| that n speakers show with the probability `power` in
 * a two-sided t test at `alpha`.
 *
 * It is the delta of P(|T| > t) = power, for T noncentral t with n - 1 degrees
 * of freedom and noncentrality delta sqrt(n), t Student's quantile. The tests
 * of kj_paired_test have slightly less power than the t test where
 * differences are normal (Wilcoxon's asymptotically 3/pi of the speakers).
 *
 * @param[in] n      2..1000000.
 * @param[in] alpha  0.001..0.5.
 * @param[in] power  above alpha and at most 0.999.
 * @return the effect size; NaN where an argument is out of range.
 *
 * Memory: allocates nothing.  Threads: any number.  Cost: some 10^4 erfc;
 * for n of 2 or 3 and small alpha up to 10^7.
 * Source: Cohen, Statistical Power Analysis, 1988; agrees with scipy.stats.nct
 * to 1e-10.
 */
double kj_paired_detectable(size_t n, double alpha, double power);

enum { KJ_PAIRED_NOTE_SIZE = 256 }; /* bytes that hold any note */

/**
 * Say what n speakers cannot show, in one English sentence:
 * "10 speakers: a mean difference below 1.00 sd of the speakers' differences
 * would be missed more often than one time in five". Up to 5 speakers it says
 * that no p below .05 is possible, too. At alpha .05, power .8.
 *
 * Empty from 34 speakers on, who show a medium effect (d_z = .5) four times
 * out of five.
 *
 * @param[in]  n     speakers.
 * @param[out] text  KJ_PAIRED_NOTE_SIZE bytes: ASCII, zero-terminated, without
 *                   a final period, with a decimal point in any locale.
 *
 * Memory: allocates nothing.  Threads: any number.
 * Source: medium effect: Cohen, Statistical Power Analysis, 1988.
 */
void kj_paired_note(size_t n, char text[KJ_PAIRED_NOTE_SIZE]);

/**
 * Adjust a family of p values so that the chance of one false alarm or more in
 * the family is at most the alpha that each is then compared with.
 *
 * Holm: of m values, with p_(1) <= p_(2) <= ..., the adjusted one of p_(i) is
 * max over k <= i of min(1, (m - k + 1) p_(k)). A NaN stays one, and is not of
 * the family.
 *
 * @param[in]  p    n values, 0..1 or NaN.
 * @param[in]  n    may be 0.
 * @param[out] out  n adjusted values in the order of p; must not overlap p;
 *                  untouched on failure.
 * @return KJ_OK; KJ_EARGUMENT if a pointer is NULL and n is not 0; KJ_EDATA
 *         naming the index of a p out of range.
 *
 * Memory: allocates nothing.  Threads: any number.  Cost: O(n^2).
 * Source: Holm, A simple sequentially rejective multiple test procedure, 1979.
 */
kj_status kj_holm(const double *p, size_t n, double *out, kj_error *err);

#ifdef __cplusplus
}
#endif
#endif
