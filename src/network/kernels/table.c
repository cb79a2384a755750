/*
 * table.c: the kernels of one tier.
 */
#include "network/kernels/functions.h"
#include "network/kernels/operand.h"
#include "network/kernels/tables.h"

#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)

const kj__kernels KJ__OF_TIER(kj__kernels) = {
    .name = TEXT(KJ__TIER),
    .fused = KJ__FUSED,
    .narrow = KJ__WORD_TERMS > 1,
    .forward = KJ__OF_TIER(kj__run_forward),
    .forward_moved = KJ__OF_TIER(kj__run_forward_moved),
    .backward = KJ__OF_TIER(kj__run_backward),
    .descend = KJ__OF_TIER(kj__run_descend),
};
