/* sections.h: what a report says, section by section. */
#ifndef KJ_EXPERIMENT_REPORT_SECTIONS_H
#define KJ_EXPERIMENT_REPORT_SECTIONS_H

#include "experiment/report/document.h"
#include <jansson.h>

/* A text of the object; "" where there is none. */
const char *kj__report_text(const json_t *object, const char *key);

/* An array of texts as "a, b and c". */
void kj__report_join(const json_t *texts, char *to, size_t size);

/* The entry of an array whose text `key` is `name`, or NULL. */
const json_t *kj__report_find(const json_t *array, const char *key,
                              const char *name);

/* Write NAME.html, NAME.md and the figures into a folder (report.c). */
kj_status kj__report_files(const kj__document *d, const char *folder,
                           const char *name, kj_error *err);

/* What was run, on what, and how it was chosen. */
void kj__section_setting(kj__document *d, const json_t *results);

/* One experiment: its targets' tables, figures and words. */
void kj__section_experiment(kj__document *d, const json_t *experiment);

/* The paper's figures in its layout beside ours. */
void kj__section_paper(kj__document *d, const json_t *experiment);

/* Differences between methods, tested over speakers. */
void kj__section_comparisons(kj__document *d, const json_t *target);

/* In words, what the numbers of a target show, and what they do not. */
void kj__section_reading(kj__document *d, const json_t *target);

/* One bullet: "MAE of vat minus that of none: -0.012 [...], corrected p ...:
 * ..."; nothing where the difference is not defined. */
void kj__report_comparison(kj__document *d, const json_t *comparison);

/* A gate, its experts and who is heard; nothing where there is no routing. */
void kj__section_routing(kj__document *d, const json_t *experiment);

/* How often intervals hold the ratings; nothing where there are none. */
void kj__section_intervals(kj__document *d, const json_t *experiment);

/* Probabilities of a gate against what was true. */
void kj__section_reliability(kj__document *d, const json_t *experiment);

/* A cell: "0.465 [0.423, 0.521] ± 0.006". */
void kj__report_metric(kj__document *d, const json_t *metric);

/* The figures of a target, and those of an experiment. */
void kj__section_target_charts(kj__document *d, const json_t *experiment,
                               const json_t *target);
void kj__section_sweeps(kj__document *d, const json_t *experiment);

#endif
