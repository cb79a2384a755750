/* narrow_backward.c: backward.c in bf16. */
#define KJ__NARROW
#include "network/kernels/backward.c"
