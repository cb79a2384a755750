/*
 * path.c: the pieces of a straight path through a network of ReLUs.
 *
 * On a piece each layer's z = a + t c, and each ReLU is on or off. A piece ends
 * where the first unit's z reaches 0; that unit is flipped, which moves a and c
 * of the layers above it, and the gradient of those below it, by one column or
 * row of the weights. A path of 384-1200-600-1 has some hundred pieces, and all
 * of them cost about as much as a few passes through the network.
 *
 * It ends: with the layers below unchanged c is fixed, so that a unit that was
 * flipped moves away from 0 and is not flipped again.
 */
#include "network/path.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

/* A layer, while t goes up. */
typedef struct layer {
  size_t n_in, n;
  const kj_real *weights; /* (n, n_in) */
  const kj_real *biases;
  double *a, *c;     /* z = a + t c */
  double *u;         /* df/dh, h = max(0, z) */
  unsigned char *on; /* 1: h = z; 0: h = 0 */
  bool is_fixed;     /* a linear output: always on */
} layer;

struct kj__path {
  kj_network_shape shape;
  layer layer[KJ_MAX_LAYERS];
  double *gradient; /* integral of df/dz of the first layer */
};

typedef struct crossing {
  double t;
  size_t l, j;
} crossing;

kj_status kj__path_create(const kj_network_shape *shape, kj__path **out,
                          kj_error *err)
{
  kj__path *p = kj__allocate(NULL, 1, sizeof *p);
  bool is_room = p != NULL;
  if (is_room) {
    p->shape = *shape;
    p->gradient = kj__allocate(NULL, shape->width[1], sizeof(double));
    is_room = p->gradient != NULL;
  }
  for (size_t l = 0; is_room && l < shape->n_layers; l++) {
    layer *at = &p->layer[l];
    const size_t n = shape->width[l + 1];
    at->a = kj__allocate(NULL, n, sizeof(double));
    at->c = kj__allocate(NULL, n, sizeof(double));
    at->u = kj__allocate(NULL, n, sizeof(double));
    at->on = kj__allocate(NULL, n, 1);
    is_room = at->a && at->c && at->u && at->on;
  }
  if (!is_room) {
    kj__path_destroy(p);
    return kj__fail_memory(err, "the path through a network");
  }
  *out = p;
  return KJ_OK;
}

void kj__path_destroy(kj__path *path)
{
  if (!path)
    return;
  for (size_t l = 0; l < path->shape.n_layers; l++) {
    kj__release(NULL, path->layer[l].a);
    kj__release(NULL, path->layer[l].c);
    kj__release(NULL, path->layer[l].u);
    kj__release(NULL, path->layer[l].on);
  }
  kj__release(NULL, path->gradient);
  kj__release(NULL, path);
}

/* The last layer has unit k alone. */
static void bind(kj__path *p, const kj_network *net, size_t k)
{
  const size_t last = p->shape.n_layers - 1;
  for (size_t l = 0; l <= last; l++) {
    layer *at = &p->layer[l];
    at->n_in = p->shape.width[l];
    at->n = l == last ? 1 : p->shape.width[l + 1];
    at->weights = kj_network_weights(net, l) + (l == last ? k * at->n_in : 0);
    at->biases = kj_network_biases(net, l) + (l == last ? k : 0);
    at->is_fixed = l == last && p->shape.output == KJ_ACTIVATION_LINEAR;
  }
}

/* a and c of a layer from what is on in the one below. */
static void pass_up(layer *at, const layer *below)
{
  for (size_t i = 0; i < at->n; i++) {
    const kj_real *w = at->weights + i * at->n_in;
    double a = (double)at->biases[i], c = 0.0;
    for (size_t j = 0; j < at->n_in; j++)
      if (below->on[j]) {
        a += (double)w[j] * below->a[j];
        c += (double)w[j] * below->c[j];
      }
    at->a[i] = a;
    at->c[i] = c;
  }
}

/* u of the layer below from what is on in this one. */
static void pass_down(const layer *at, layer *below)
{
  memset(below->u, 0, below->n * sizeof *below->u);
  for (size_t i = 0; i < at->n; i++) {
    const kj_real *w = at->weights + i * at->n_in;
    if (at->on[i])
      for (size_t j = 0; j < at->n_in; j++)
        below->u[j] += at->u[i] * (double)w[j];
  }
}

/* What is on at t = 0, a little later. */
static void switch_on(layer *at)
{
  for (size_t j = 0; j < at->n; j++)
    at->on[j] =
        at->is_fixed || at->a[j] > 0.0 || (at->a[j] >= 0.0 && at->c[j] > 0.0);
}

static void start(kj__path *p, const float *x)
{
  const size_t last = p->shape.n_layers - 1;
  layer *first = &p->layer[0];
  for (size_t i = 0; i < first->n; i++) {
    const kj_real *w = first->weights + i * first->n_in;
    first->a[i] = (double)first->biases[i];
    first->c[i] = 0.0;
    for (size_t j = 0; j < first->n_in; j++)
      first->c[i] += (double)w[j] * (double)x[j];
  }
  switch_on(first);
  for (size_t l = 1; l <= last; l++) {
    pass_up(&p->layer[l], &p->layer[l - 1]);
    switch_on(&p->layer[l]);
  }
  p->layer[last].u[0] = 1.0;
  for (size_t l = last; l > 0; l--)
    pass_down(&p->layer[l], &p->layer[l - 1]);
}

/* The unit that first reaches 0 after t; t 1 where none does. */
static crossing find_crossing(const kj__path *p, double t)
{
  crossing first = {.t = 1.0, .l = p->shape.n_layers};
  for (size_t l = 0; l < p->shape.n_layers; l++) {
    const layer *at = &p->layer[l];
    for (size_t j = 0; !at->is_fixed && j < at->n; j++) {
      if (at->on[j] ? at->c[j] >= 0.0 : at->c[j] <= 0.0)
        continue;
      const double t_0 = fmax(t, -at->a[j] / at->c[j]);
      if (t_0 < first.t)
        first = (crossing){t_0, l, j};
    }
  }
  return first;
}

/* Switch unit j of layer l. */
static void flip(kj__path *p, size_t l, size_t j)
{
  layer *at = &p->layer[l];
  at->on[j] = !at->on[j];
  const double sign = at->on[j] ? 1.0 : -1.0;
  if (l + 1 < p->shape.n_layers) {
    layer *above = at + 1;
    for (size_t i = 0; i < above->n; i++) {
      const double w = sign * (double)above->weights[i * above->n_in + j];
      above->a[i] += w * at->a[j];
      above->c[i] += w * at->c[j];
    }
  }
  for (size_t m = l + 2; m < p->shape.n_layers; m++)
    pass_up(&p->layer[m], &p->layer[m - 1]);
  if (l > 0) {
    const kj_real *w = at->weights + j * at->n_in;
    for (size_t i = 0; i < at->n_in; i++)
      (at - 1)->u[i] += sign * at->u[j] * (double)w[i];
  }
  for (size_t m = l; m > 1; m--)
    pass_down(&p->layer[m - 1], &p->layer[m - 2]);
}

/* A_i = x_i sum_j W_ji integral_j, of the first layer. */
static void attribute(const kj__path *p, const float *x, double *attribution)
{
  const layer *first = &p->layer[0];
  for (size_t i = 0; i < first->n_in; i++)
    attribution[i] = 0.0;
  for (size_t j = 0; j < first->n; j++) {
    const kj_real *w = first->weights + j * first->n_in;
    for (size_t i = 0; i < first->n_in; i++)
      attribution[i] += p->gradient[j] * (double)w[i];
  }
  for (size_t i = 0; i < first->n_in; i++)
    attribution[i] *= (double)x[i];
}

static double output_at(const kj__path *p, double t)
{
  const layer *last = &p->layer[p->shape.n_layers - 1];
  return last->on[0] ? last->a[0] + t * last->c[0] : 0.0;
}

kj__path_ends kj__path_integrate(kj__path *path, const kj_network *net,
                                 const float *x, size_t k, double *attribution)
{
  const layer *first = &path->layer[0];
  bind(path, net, k);
  start(path, x);
  memset(path->gradient, 0, first->n * sizeof *path->gradient);
  kj__path_ends ends = {.from = output_at(path, 0.0)};
  for (double t = 0.0; t < 1.0; ends.n_pieces++) {
    const crossing next = find_crossing(path, t);
    for (size_t j = 0; j < first->n; j++)
      if (first->on[j])
        path->gradient[j] += (next.t - t) * first->u[j];
    if (next.l < path->shape.n_layers)
      flip(path, next.l, next.j);
    t = next.t;
  }
  ends.to = output_at(path, 1.0);
  attribute(path, x, attribution);
  return ends;
}
