/* narrow_descend.c: descend.c in bf16. */
#define KJ__NARROW
#include "network/kernels/descend.c"
