/* step.h: what the pieces of one training step hand to each other. */
#ifndef KJ_SMOOTHING_STEP_H
#define KJ_SMOOTHING_STEP_H

#include "base/crew.h"
#include "kanjo/smoothing.h"
#include "network/kernels.h"

/* A step has two passes: of the rows as they are, and of the rows moved by r.
 */
typedef enum kj__pass { KJ__CLEAN, KJ__MOVED, KJ__N_PASSES } kj__pass;

/* What a pass leaves behind at layer l, in panels. */
typedef struct kj__trace {
  kj_real *input;   /* h_l, h_0 = x; (n_in, rows) */
  kj_real *signal;  /* derivatives by z_l; (n_out, rows) */
  kj_real *columns; /* input, transposed; (rows, n_in) */
  kj__bf16 *narrow_signal, *narrow_columns; /* of both; NULL in fp32 */
} kj__trace;

/* Layer l: z_l = W_l h_l + b_l. */
typedef struct kj__layer {
  size_t n_in, n_out;
  kj__trace trace[KJ__N_PASSES];
  kj_real *z;     /* of the clean pass; (n_out, rows) */
  kj_real *delta; /* how far its output moves: h'_(l+1) - h_(l+1), of the last
                     layer z'_l - z_l; (n_out, rows) */
  kj__bf16 *narrow_forward;  /* its weights, as kernels.h has them; NULL in */
  kj__bf16 *narrow_backward; /* fp32 */
} kj__layer;

/* The outputs row by row; shape (max_rows, n_out), row-major. */
typedef struct kj__outputs {
  kj_real *z;                    /* clean, before the activation */
  kj_real *f;                    /* f(x) */
  kj_real *z_move;               /* z' - z */
  kj_real *signal[KJ__N_PASSES]; /* clean: derivatives of L by z; moved: what
                                    else is sent back */
  double sigma[KJ_MAX_OUTPUTS];  /* of D, of this step */
  double *excess; /* what D squares: f(x + r) less its target, and the like */
} kj__outputs;

struct kj_stepper {
  kj_allocator allocator;
  kj_network_shape shape;
  size_t max_rows;
  const kj__kernels *kernels;
  kj__crew *crew; /* NULL: one thread */
  kj__layer layer[KJ_MAX_LAYERS];
  kj__outputs outputs;
  kj_real *r;            /* perturbations, in panels; (n_in, rows) */
  kj_real *gradient;     /* g_k, in panels; n_out of (n_in, rows) */
  size_t gradient_size;  /* numbers from one g_k to the next */
  kj_real *row_scale;    /* (pad(max_rows)) */
  kj__bf16 *narrow;      /* the operand of the product at hand; NULL in fp32 */
  const kj_network *net; /* whose weights the narrow ones are; NULL: nobody's */
  void *memory;          /* the block that all arrays lie in */
  size_t n_bytes;        /* of that block */
};

/* A step under way. */
typedef struct kj__state {
  kj_stepper *stepper;
  const kj_network *net;
  const kj_batch *batch;
  const kj_step *step;
  size_t n_in, n_out, n_layers;
  size_t n_rows;       /* that pass forward, labelled rows first */
  size_t n_supervised; /* rows of L: the labelled ones; 0: no L is wanted */
  size_t n_covered;    /* rows of R */
} kj__state;

/* Whether outputs are ratings, of which D wants no more than the difference,
 * and not the log odds or the deviation of something. */
static inline bool kj__state_is_rating(const kj__state *s)
{
  return s->step->loss == KJ_LOSS_MSE || s->step->loss == KJ_LOSS_CCC;
}

/* Rows whose derivatives a pass's trace has in the end. */
static inline size_t kj__state_rows(const kj__state *s, kj__pass pass)
{
  return pass == KJ__CLEAN ? s->n_supervised : s->n_covered;
}

#endif
