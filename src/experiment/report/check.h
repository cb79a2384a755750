/* check.h: whether a results.json is what the report reads. */
#ifndef KJ_EXPERIMENT_REPORT_CHECK_H
#define KJ_EXPERIMENT_REPORT_CHECK_H

#include "kanjo/status.h"
#include <jansson.h>

/* KJ_EFORMAT naming the place, as in experiments[0].targets[1].name, what
 * stands there and what must. */
kj_status kj__report_check(const json_t *results, kj_error *err);

#endif
