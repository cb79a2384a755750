/* binary.h: layer 2's products behind a 0/1 mask, from tables (AVX-512). */
#ifndef KJ_BENCH_BINARY_H
#define KJ_BENCH_BINARY_H

#include "network/kernels.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KJ_BENCH_IN = 1200, KJ_BENCH_OUT = 600, KJ_BENCH_GROUP = 4 };

/* Of each chain, clean and moved: matrices in panels, n_rows a multiple of 32.
 * The signal is last_k scale_r where above_kr > 0. */
typedef struct kj_bench_binary {
  size_t n_rows;
  float *weights;    /* (OUT, IN), row-major */
  float *last;       /* (OUT): the weights of the output */
  float *above[2];   /* (OUT, n_rows) */
  float *h[2];       /* (IN, n_rows) */
  float *columns[2]; /* h transposed */
  float *scale[2];   /* (n_rows) */
  float *back[2];    /* (IN, n_rows), where h > 0; the clean one not scaled, */
  float *scaled;     /* but here */
  float *gradient;   /* (OUT, IN), row-major */
  const kj__adam_step_constants *adam;   /* or NULL: gradient is stored */
  float *parameters, *moment1, *moment2; /* (OUT, IN), then (OUT) */
  int32_t *which;                        /* room for (OUT / 4, 2 n_rows) */
  uint16_t *rows;                        /* room for (2 n_rows / 32, OUT, 8) */
} kj_bench_binary;

bool kj_bench_binary_is_here(void);
void kj_bench_binary_backward(const kj_bench_binary *q);
void kj_bench_binary_descend(const kj_bench_binary *q);

#endif
