/*
 * plain.c: the products of kernels.h in plain loops.
 *
 * They define the answers. Tests hold every tier against them, and a build
 * with kj_real double, which the tests compare with numpy, has no other.
 */
#include "network/kernels.h"
#include "network/panels.h"

#include <tgmath.h>

/* max(0, z); a NaN stays one, so that a network gone wrong shows it. */
static kj_real relu(kj_real z)
{
  return z < 0 ? 0 : z;
}

/* start + sum_i W_oi input_ir */
static kj_real sum_inputs(const kj_real *w_o, const kj_real *input, size_t n_in,
                          size_t r, kj_real start)
{
  kj_real sum = start;
  for (size_t i = 0; i < n_in; i++)
    sum += w_o[i] * input[kj__panels_at(n_in, i, r)];
  return sum;
}

static void forward(const kj__forward *q, size_t first, size_t last)
{
  for (size_t o = first; o < last; o++)
    for (size_t r = 0; r < q->n_rows; r++) {
      const kj_real z = sum_inputs(q->weights + o * q->n_in, q->input, q->n_in,
                                   r, q->bias[o]);
      const size_t at = kj__panels_at(q->n_out, o, r);
      if (q->z)
        q->z[at] = z;
      if (q->h)
        q->h[at] = relu(z);
    }
}

static void forward_moved(const kj__forward_moved *q, size_t first, size_t last)
{
  for (size_t o = first; o < last; o++)
    for (size_t r = 0; r < q->n_rows; r++) {
      const kj_real t =
          sum_inputs(q->weights + o * q->n_in, q->input, q->n_in, r, 0);
      const size_t at = kj__panels_at(q->n_out, o, r);
      if (!q->h) {
        q->delta[at] = t;
        continue;
      }
      const kj_real z = q->z[at];
      q->h[at] = relu(z + t);
      q->delta[at] = z > 0 ? (t < -z ? -z : t) : q->h[at];
    }
}

static void backward(const kj__backward *q, size_t first, size_t last)
{
  for (size_t i = first; i < last; i++)
    for (size_t r = 0; r < q->n_rows; r++) {
      kj_real sum = 0;
      for (size_t o = 0; o < q->n_out; o++)
        sum += q->weights[o * q->n_in + i] *
               q->signal[kj__panels_at(q->n_out, o, r)];
      const size_t at = kj__panels_at(q->n_in, i, r);
      const kj_real back = !q->h || q->h[at] > 0 ? sum : 0;
      q->back[at] = back;
      if (!q->scaled)
        continue;
      const kj_real scaled = q->row_scale[r] * back;
      q->scaled[at] = q->accumulate ? q->scaled[at] + scaled : scaled;
    }
}

/* dW_oi; i = n_in: db_o */
static kj_real sum_rows(const kj__descent *q, size_t o, size_t i)
{
  kj_real sum = 0;
  for (size_t s = 0; s < 2; s++) {
    const kj__stack *stack = &q->stack[s];
    for (size_t r = 0; r < stack->n_rows; r++) {
      const kj_real dz = stack->signal[kj__panels_at(q->n_out, o, r)];
      sum += i == q->n_in
                 ? dz
                 : dz * stack->columns[kj__panels_at(stack->n_rows, r, i)];
    }
  }
  return sum;
}

static void use(const kj__descent *q, size_t at, kj_real g)
{
  if (q->gradient) {
    q->gradient[at] = g;
    return;
  }
  const kj__adam_step_constants *c = q->adam;
  kj_real *p = &q->parameters[at], *m = &q->moment1[at], *v = &q->moment2[at];
  *m = c->beta1 * *m + c->one_minus_beta1 * g;
  *v = c->beta2 * *v + c->one_minus_beta2 * (g * g);
  const kj_real m_hat = *m * c->unbias1;
  const kj_real v_hat = *v * c->unbias2;
  *p -= c->alpha * m_hat / (sqrt(v_hat) + c->epsilon) + c->decay * *p;
}

static void descend(const kj__descent *q, size_t first, size_t last)
{
  for (size_t o = first; o < last; o++) {
    for (size_t i = 0; i < q->n_in; i++)
      use(q, o * q->n_in + i, sum_rows(q, o, i));
    use(q, q->n_out * q->n_in + o, sum_rows(q, o, q->n_in));
  }
}

const kj__kernels kj__kernels_plain = {
    .name = "plain",
    .forward = forward,
    .forward_moved = forward_moved,
    .backward = backward,
    .descend = descend,
};
