/* explanation_chart.h: attributions of groups of features as bars. */
#ifndef KJ_EXPERIMENT_EXPLANATION_CHART_H
#define KJ_EXPERIMENT_EXPLANATION_CHART_H

#include "kanjo/explanation.h"
#include <stdio.h>

/* Traits times aspects, and what the gate's probability does. */
enum { KJ__N_BARS = KJ_N_TRAITS * KJ_N_ASPECTS + 1 };

/* What is drawn; sums over recordings. All zero: none yet. */
typedef struct kj__explanation_chart {
  size_t n_targets, n_recordings;
  const char *target[KJ_MAX_TARGETS];
  bool is_gate;    /* attributions are of log odds */
  bool reads_gate; /* the last bar is there */
  double baseline[KJ_MAX_TARGETS], estimate[KJ_MAX_TARGETS];
  double probability[KJ_MAX_TARGETS];       /* of a gate; else not read */
  double moved[KJ_MAX_TARGETS][KJ__N_BARS]; /* attributions */
  double size[KJ_MAX_TARGETS][KJ__N_BARS];  /* their absolute values */
} kj__explanation_chart;

/* Add a recording; why: shape (n_targets). */
void kj__explanation_add(kj__explanation_chart *chart,
                         const kj_explanation *why, size_t n_targets);

/* A panel a target, a row a group: bars to the right of the line move the
 * estimate up, those to the left down; of several recordings the mean, in which
 * ups and downs cancel, lies on a pale bar of the mean size. All panels have
 * one scale. */
void kj__explanation_svg(const kj__explanation_chart *chart, FILE *out);

/* The same numbers: target, trait, aspect, mean attribution, mean size, and
 * the unit of both: "rating" or "log odds". */
void kj__explanation_csv(const kj__explanation_chart *chart, FILE *out);

#endif
