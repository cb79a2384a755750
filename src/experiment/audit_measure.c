/*
 * audit_measure.c: a model on the features of an audit, by groups of rows.
 */
#include "experiment/audit_state.h"

#include "base/error.h"
#include "base/memory.h"
#include "kanjo/experiment.h"
#include "kanjo/metrics.h"

#include <math.h>
#include <string.h>

static const kj_audit_cell UNDEFINED = {
    .moved = (double)NAN, .mae = (double)NAN, .ccc = (double)NAN};

typedef struct measuring {
  const kj_audit *audit;
  const kj_estimator_parts *parts;
  double *clean, *moved;    /* (n_rows, n_targets of the estimator) */
  double *truth, *estimate; /* (n_rows) */
} measuring;

static kj_status estimate(const kj_audit *audit, const kj_estimator *estimator,
                          kj_condition condition, double *values, kj_error *err)
{
  kj_dataset disturbed = *audit->data;
  disturbed.x = audit->x[condition];
  disturbed.n_inputs = audit->n_inputs;
  return kj_estimate_rows(estimator, &disturbed,
                          (kj_rows){NULL, disturbed.n_rows}, values, err);
}

/* Which of the estimator's targets is target k of the data. */
static kj_status find_target(const measuring *m, size_t k, size_t *found,
                             kj_error *err)
{
  const char *name = m->audit->data->target[k];
  for (size_t t = 0; t < m->parts->n_targets; t++)
    if (strcmp(m->parts->target[t], name) == 0) {
      *found = t;
      return KJ_OK;
    }
  return kj__fail(err, KJ_EDATA, "the model does not estimate '%s'", name);
}

static kj_status measure_group(const measuring *m, size_t k, size_t g,
                               kj_audit_cell *cell, kj_error *err)
{
  const kj_dataset *data = m->audit->data;
  size_t t = 0;
  kj_status status = find_target(m, k, &t, err);
  double moved = 0.0;
  *cell = UNDEFINED;
  for (size_t i = 0; status == KJ_OK && i < data->n_rows; i++) {
    const double y = (double)data->y[i * data->n_targets + k];
    if (!isfinite(y) ||
        (g > 0 && strcmp(data->row[i].gender, m->audit->group[g]) != 0))
      continue;
    const size_t at = i * m->parts->n_targets + t;
    m->truth[cell->n_rows] = y;
    m->estimate[cell->n_rows++] = m->moved[at];
    moved += fabs(m->moved[at] - m->clean[at]);
  }
  if (status != KJ_OK || cell->n_rows == 0)
    return status;
  kj_metrics metrics;
  status =
      kj_metrics_compute(m->truth, m->estimate, cell->n_rows, &metrics, err);
  if (status == KJ_OK) {
    cell->moved = moved / (double)cell->n_rows;
    cell->mae = metrics.mae;
    cell->ccc = metrics.ccc;
  }
  return status;
}

static kj_status measure(measuring *m, const kj_estimator *estimator,
                         kj_condition condition, kj_audit_cell *cells,
                         kj_error *err)
{
  const kj_dataset *data = m->audit->data;
  kj_status status =
      estimate(m->audit, estimator, KJ_CONDITION_CLEAN, m->clean, err);
  if (status == KJ_OK)
    status = estimate(m->audit, estimator, condition, m->moved, err);
  for (size_t k = 0; k < data->n_targets; k++)
    for (size_t g = 0; g < KJ_AUDIT_GROUPS; g++) {
      kj_audit_cell *cell = &cells[k * KJ_AUDIT_GROUPS + g];
      *cell = UNDEFINED;
      if (status == KJ_OK && g < m->audit->n_groups)
        status = measure_group(m, k, g, cell, err);
    }
  return status;
}

kj_status kj_audit_measure(const kj_audit *audit, const kj_estimator *estimator,
                           kj_condition condition, kj_audit_cell *cells,
                           kj_error *err)
{
  const size_t n_rows = audit->data->n_rows;
  measuring m = {.audit = audit, .parts = kj_estimator_get_parts(estimator)};
  if ((unsigned)condition >= KJ_N_CONDITIONS || !audit->x[condition])
    return kj__fail(err, KJ_EARGUMENT, "condition %d was left out",
                    (int)condition);
  m.clean = kj__allocate(NULL, n_rows, m.parts->n_targets * sizeof(double));
  m.moved = kj__allocate(NULL, n_rows, m.parts->n_targets * sizeof(double));
  m.truth = kj__allocate(NULL, n_rows, sizeof(double));
  m.estimate = kj__allocate(NULL, n_rows, sizeof(double));
  const kj_status status = m.clean && m.moved && m.truth && m.estimate
                               ? measure(&m, estimator, condition, cells, err)
                               : kj__fail_memory(err, "an audit");
  kj__release(NULL, m.clean);
  kj__release(NULL, m.moved);
  kj__release(NULL, m.truth);
  kj__release(NULL, m.estimate);
  return status;
}

/* `more` is how much worse the condition's value is than the clean one. */
static bool is_below(double mark, double clean, double value, double more)
{
  return isnan(mark) || isnan(clean) || (!isnan(value) && more <= mark);
}

bool kj_audit_is_within(const kj_audit_marks *marks, const kj_audit_cell *clean,
                        const kj_audit_cell *cell)
{
  return is_below(marks->moved, clean->moved, cell->moved, cell->moved) &&
         is_below(marks->mae, clean->mae, cell->mae, cell->mae - clean->mae) &&
         is_below(marks->ccc, clean->ccc, cell->ccc, clean->ccc - cell->ccc);
}
