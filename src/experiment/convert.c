/*
 * convert.c: weights in fewer bits, measured against those that were there.
 */
#include "experiment/fit_state.h"
#include "kanjo/conversion.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

kj_conversion_options kj_conversion_defaults(void)
{
  return (kj_conversion_options){
      .weights = KJ_WEIGHTS_INT8, .gate_mae = 0.01, .gate_ccc = 0.01};
}

/* Estimates of all rows by both, and room for one target's pairs. */
typedef struct comparison {
  const kj_estimator_parts *parts;
  const kj_dataset *data;
  double *before, *after; /* (n_rows, targets of the estimator) */
  double *truth, *a, *b;  /* (n_rows) */
} comparison;

static kj_status allocate(comparison *c, kj_error *err)
{
  const size_t n_rows = c->data->n_rows;
  const size_t row = c->parts->n_targets * sizeof(double);
  c->before = kj__allocate(NULL, n_rows, row);
  c->after = kj__allocate(NULL, n_rows, row);
  c->truth = kj__allocate(NULL, n_rows, sizeof(double));
  c->a = kj__allocate(NULL, n_rows, sizeof(double));
  c->b = kj__allocate(NULL, n_rows, sizeof(double));
  return c->before && c->after && c->truth && c->a && c->b
             ? KJ_OK
             : kj__fail_memory(err, "a conversion");
}

static void release(comparison *c)
{
  kj__release(NULL, c->before);
  kj__release(NULL, c->after);
  kj__release(NULL, c->truth);
  kj__release(NULL, c->a);
  kj__release(NULL, c->b);
}

/* Which target of the data is called so; n_targets: none. */
static size_t find_target(const kj_dataset *data, const char *name)
{
  size_t t = 0;
  while (t < data->n_targets && strcmp(data->target[t], name) != 0)
    t++;
  return t;
}

static kj_status check(const comparison *c,
                       const kj_conversion_options *options, kj_error *err)
{
  if (!(options->gate_mae >= 0.0 && options->gate_ccc >= 0.0))
    return kj__fail(err, KJ_EARGUMENT,
                    "gate is MAE %g, CCC %g; must be at least 0 each",
                    options->gate_mae, options->gate_ccc);
  if (!c->data->x || c->data->n_inputs != c->parts->scaler.n)
    return kj__fail(err, KJ_ESHAPE, "%s: %zu features; the model has %zu",
                    c->data->path, c->data->n_inputs, c->parts->scaler.n);
  for (size_t k = 0; k < c->parts->n_targets; k++)
    if (find_target(c->data, c->parts->target[k]) == c->data->n_targets)
      return kj__fail(err, KJ_EARGUMENT,
                      "%s: no ratings of '%s', which the model estimates",
                      c->data->path, c->parts->target[k]);
  return KJ_OK;
}

/* The rated rows of target k: ratings, and both estimates. */
static size_t gather(const comparison *c, size_t k, double *largest)
{
  const kj_dataset *data = c->data;
  const size_t t = find_target(data, c->parts->target[k]);
  size_t n = 0;
  *largest = 0.0;
  for (size_t i = 0; i < data->n_rows; i++) {
    const double y = (double)data->y[i * data->n_targets + t];
    const double a = c->before[i * c->parts->n_targets + k];
    const double b = c->after[i * c->parts->n_targets + k];
    *largest = fmax(*largest, fabs(b - a));
    if (!isfinite(y))
      continue;
    c->truth[n] = y;
    c->a[n] = a;
    c->b[n++] = b;
  }
  return n;
}

static kj_status judge(const comparison *c,
                       const kj_conversion_options *options, size_t k,
                       kj_conversion_target *out, kj_error *err)
{
  const char *name = c->parts->target[k];
  out->n_rows = gather(c, k, &out->largest_difference);
  if (out->n_rows == 0)
    return kj__fail(err, KJ_EDATA, "%s: no row has a rating of '%s'",
                    c->data->path, name);
  kj_status status =
      kj_metrics_compute(c->truth, c->a, out->n_rows, &out->before, err);
  if (status == KJ_OK)
    status = kj_metrics_compute(c->truth, c->b, out->n_rows, &out->after, err);
  if (status != KJ_OK)
    return status;
  if (!isfinite(out->before.ccc) || !isfinite(out->after.ccc))
    return kj__fail(err, KJ_EDATA,
                    "%s: the CCC of '%s' is not defined (%zu rated rows); the "
                    "gate needs rows whose ratings differ",
                    c->data->path, name, out->n_rows);
  out->has_passed = out->after.mae <= out->before.mae + options->gate_mae &&
                    out->after.ccc >= out->before.ccc - options->gate_ccc;
  return KJ_OK;
}

static kj_status compare(const comparison *c, const kj_estimator *from,
                         const kj_estimator *to,
                         const kj_conversion_options *options,
                         kj_conversion *report, kj_error *err)
{
  const kj_rows rows = {NULL, c->data->n_rows};
  *report = (kj_conversion){.n_rows = rows.n, .has_passed = true};
  kj_status status = kj_estimate_rows(from, c->data, rows, c->before, err);
  if (status == KJ_OK)
    status = kj_estimate_rows(to, c->data, rows, c->after, err);
  for (size_t k = 0; k < c->parts->n_targets && status == KJ_OK; k++) {
    status = judge(c, options, k, &report->target[k], err);
    report->has_passed = report->has_passed && report->target[k].has_passed;
  }
  return status;
}

kj_status kj_convert(const kj_estimator *from, const kj_dataset *data,
                     const kj_conversion_options *options,
                     kj_conversion *report, kj_estimator **out, kj_error *err)
{
  comparison c = {.parts = kj_estimator_get_parts(from), .data = data};
  kj_estimator *to = NULL;
  kj_status status = check(&c, options, err);
  if (status == KJ_OK)
    status = allocate(&c, err);
  if (status == KJ_OK)
    status = kj_conversion_make(from, options->weights, data, &to, err);
  if (status == KJ_OK)
    status = compare(&c, from, to, options, report, err);
  release(&c);
  if (status == KJ_OK)
    *out = to;
  else
    kj_estimator_destroy(to);
  return status;
}
