/* narrow_forward_moved.c: forward_moved.c in bf16. */
#define KJ__NARROW
#include "network/kernels/forward_moved.c"
