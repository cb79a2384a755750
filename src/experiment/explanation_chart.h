/* explanation_chart.h: attributions of groups of features as bars. */
#ifndef KJ_EXPERIMENT_EXPLANATION_CHART_H
#define KJ_EXPERIMENT_EXPLANATION_CHART_H

#include "kanjo/explanation.h"
#include <stdio.h>

/* What is drawn: means over recordings. */
typedef struct kj__explanation_chart {
  size_t n_targets, n_recordings;
  const char *target[KJ_MAX_TARGETS];
  double baseline[KJ_MAX_TARGETS], estimate[KJ_MAX_TARGETS];
  double group[KJ_MAX_TARGETS][KJ_N_TRAITS][KJ_N_ASPECTS];
} kj__explanation_chart;

/* A panel a target, a row a group: bars to the right of the line move the
 * estimate up, those to the left down. All panels have one scale. */
void kj__explanation_svg(const kj__explanation_chart *chart, FILE *out);

/* The same numbers: target, trait, aspect, attribution. */
void kj__explanation_csv(const kj__explanation_chart *chart, FILE *out);

#endif
