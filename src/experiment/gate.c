/*
 * gate.c: what a gate learns from: rows whose only rating is their kind; and
 * what an informed estimator learns from: the gate's word beside the features.
 *
 * Source: Kuwahara et al., ICAART 2020, section 3.3: the classifier's widths.
 */
#include "experiment/fit_state.h"
#include "kanjo/routing.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

kj_status kj_gate_view(const kj_dataset *data, kj_dataset *view, kj_error *err)
{
  size_t n[2] = {0, 0};
  float *y = kj__allocate(NULL, data->n_rows, sizeof *y);
  if (!y)
    return kj__fail_memory(err, "the kinds of speech");
  for (size_t i = 0; i < data->n_rows; i++) {
    const int kind = data->row[i].spontaneous;
    y[i] = kind < 0 ? (float)NAN : (float)kind;
    if (kind >= 0)
      n[kind]++;
  }
  if (n[0] == 0 || n[1] == 0) {
    kj__release(NULL, y);
    return kj__fail(err, KJ_EDATA,
                    "%s: %zu rows are spontaneous (1 in the column "
                    "'" KJ_SPONTANEOUS "') and %zu are not (0); a gate needs "
                    "both",
                    data->path, n[1], n[0]);
  }
  *view = *data;
  view->n_targets = 1;
  memset(view->target, 0, sizeof view->target);
  strcpy(view->target[0], KJ_SPONTANEOUS);
  view->y = y;
  return KJ_OK;
}

void kj_gate_view_clear(kj_dataset *view)
{
  kj__release(NULL, view->y);
  *view = (kj_dataset){0};
}

kj_fit_options kj_gate_defaults(void)
{
  static const size_t HIDDEN[] = {1200, 600, 300};
  kj_fit_options options = kj_fit_defaults();
  options.n_hidden = sizeof HIDDEN / sizeof HIDDEN[0];
  memcpy(options.hidden, HIDDEN, sizeof HIDDEN);
  options.loss = KJ_LOSS_BCE;
  options.output = KJ_ACTIVATION_LINEAR;
  return options;
}

void kj_rows_of_kind(const kj_dataset *data, kj_rows rows, int kind,
                     size_t *index, size_t *n)
{
  *n = 0;
  for (size_t i = 0; i < rows.n; i++) {
    const size_t row = kj__row(rows, i);
    if (data->row[row].spontaneous == kind)
      index[(*n)++] = row;
  }
}

kj_status kj_informed_view(const kj_dataset *data, const double *probability,
                           kj_dataset *view, kj_error *err)
{
  const size_t n = data->n_inputs;
  float *x = kj__allocate(NULL, data->n_rows, (n + 1) * sizeof *x);
  const char **name = kj__allocate(NULL, n + 1, sizeof *name);
  if (!x || !name) {
    kj__release(NULL, x);
    kj__release(NULL, name);
    return kj__fail_memory(err, "what a gate says");
  }
  for (size_t i = 0; i < data->n_rows; i++) {
    memcpy(x + i * (n + 1), data->x + i * n, n * sizeof *x);
    x[i * (n + 1) + n] = (float)probability[i];
  }
  memcpy(name, data->input_name, n * sizeof *name);
  name[n] = KJ_SPONTANEOUS;
  *view = *data;
  view->x = x;
  view->input_name = name;
  view->n_inputs = n + 1;
  view->feature_set = "table";
  view->feature_set_version = 0;
  return KJ_OK;
}

void kj_informed_view_clear(kj_dataset *view)
{
  kj__release(NULL, view->x);
  kj__release(NULL, (void *)(uintptr_t)view->input_name);
  *view = (kj_dataset){0};
}

kj_status kj_routing_attach(const kj_estimator *plain,
                            const kj_routing *routing, kj_estimator **out,
                            kj_error *err)
{
  kj_estimator_parts parts = *kj_estimator_get_parts(plain);
  memset(parts.residuals, 0, sizeof parts.residuals);
  parts.routing = *routing;
  return kj_estimator_create(&parts, NULL, out, err);
}
