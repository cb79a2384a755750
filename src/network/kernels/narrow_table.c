/* narrow_table.c: the kernels in bf16 of one tier. */
#define KJ__NARROW
#include "network/kernels/table.c"
