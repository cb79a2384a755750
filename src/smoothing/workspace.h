/* workspace.h: where the arrays of a stepper lie. */
#ifndef KJ_SMOOTHING_WORKSPACE_H
#define KJ_SMOOTHING_WORKSPACE_H

#include "smoothing/step.h"

/* Allocate the block of a stepper, whose shape, max_rows and kernels are set,
 * and share it out; KJ_EMEMORY where it is too large to have. */
kj_status kj__workspace_create(kj_stepper *stepper, kj_error *err);

void kj__workspace_destroy(kj_stepper *stepper);

#endif
