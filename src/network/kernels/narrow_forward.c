/* narrow_forward.c: forward.c in bf16. */
#define KJ__NARROW
#include "network/kernels/forward.c"
