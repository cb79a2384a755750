/* functions.h: the kernels of the tier that is being compiled. */
#ifndef KJ_NETWORK_KERNELS_FUNCTIONS_H
#define KJ_NETWORK_KERNELS_FUNCTIONS_H

#include "base/kernels/vector.h"
#include "network/kernels.h"

void KJ__OF_TIER(kj__run_forward)(const kj__forward *q, size_t first,
                                  size_t last);
void KJ__OF_TIER(kj__run_forward_moved)(const kj__forward_moved *q,
                                        size_t first, size_t last);
void KJ__OF_TIER(kj__run_backward)(const kj__backward *q, size_t first,
                                   size_t last);
void KJ__OF_TIER(kj__run_descend)(const kj__descent *q, size_t first,
                                  size_t last);

#endif
