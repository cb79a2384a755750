/*
 * gate.c: what a gate learns from: rows whose only rating is their kind.
 *
 * Source: Kuwahara et al., ICAART 2020, section 3.3: the classifier's widths.
 */
#include "kanjo/routing.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
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
