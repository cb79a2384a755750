/*
 * report.h: the report of an experiment, from its results.json alone.
 */
#ifndef KJ_EXPERIMENT_REPORT_REPORT_H
#define KJ_EXPERIMENT_REPORT_REPORT_H

#include "kanjo/status.h"
#include <jansson.h>

/* Write report.html, report.md and figures/ID.svg with figures/ID.csv into a
 * folder, which is made where it is not there. The same results give the same
 * bytes. KJ_EFORMAT if results are not of the layout of docs/experiments.md
 * (the place is named), KJ_EFILE, KJ_EMEMORY. */
kj_status kj__report_write(const json_t *results, const char *folder,
                           kj_error *err);

#endif
