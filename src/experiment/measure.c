/*
 * measure.c: estimates against ratings, clustered by speaker.
 */
#include "experiment/fit_state.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>

/* Rows with a rating, as the metrics want them. */
typedef struct measured {
  double *truth, *a, *b;
  size_t *cluster;
  size_t n, n_clusters;
} measured;

static void release(measured *m)
{
  kj__release(NULL, m->truth);
  kj__release(NULL, m->a);
  kj__release(NULL, m->b);
  kj__release(NULL, m->cluster);
}

static bool has_speakers(const kj_dataset *data)
{
  const kj_groups *speakers = &data->groups[KJ_GROUP_SPEAKER];
  return speakers->n > 1 || (speakers->n == 1 && speakers->name[0][0] != '\0');
}

/* Number the speakers among the rows 0, 1, ...; without any, each row. */
static kj_status number_clusters(const kj_dataset *data, measured *m,
                                 kj_error *err)
{
  const size_t n_groups = data->groups[KJ_GROUP_SPEAKER].n;
  size_t *number = kj__allocate(NULL, n_groups, sizeof *number);
  if (!number)
    return kj__fail_memory(err, "speakers");
  for (size_t i = 0; i < m->n; i++) {
    if (!has_speakers(data)) {
      m->cluster[i] = i;
      m->n_clusters = i + 1;
      continue;
    }
    size_t *known = &number[m->cluster[i]];
    if (*known == 0)
      *known = ++m->n_clusters;
    m->cluster[i] = *known - 1;
  }
  kj__release(NULL, number);
  return KJ_OK;
}

/* Gather the rated rows; b may be NULL. */
static kj_status gather(const kj_dataset *data, kj_rows rows, size_t target,
                        const double *a, const double *b, size_t stride,
                        measured *m, kj_error *err)
{
  *m = (measured){.truth = kj__allocate(NULL, rows.n, sizeof(double)),
                  .a = kj__allocate(NULL, rows.n, sizeof(double)),
                  .b = kj__allocate(NULL, rows.n, sizeof(double)),
                  .cluster = kj__allocate(NULL, rows.n, sizeof(size_t))};
  if (!m->truth || !m->a || !m->b || !m->cluster)
    return kj__fail_memory(err, "a measurement");
  for (size_t i = 0; i < rows.n; i++) {
    const size_t row = kj__row(rows, i);
    const double y = (double)data->y[row * data->n_targets + target];
    if (!isfinite(y))
      continue;
    m->truth[m->n] = y;
    m->a[m->n] = a[i * stride];
    m->b[m->n] = b ? b[i * stride] : 0.0;
    m->cluster[m->n++] = data->row[row].group[KJ_GROUP_SPEAKER];
  }
  if (m->n == 0)
    return kj__fail(err, KJ_EDATA, "%s: no row has a rating of '%s'",
                    data->path, data->target[target]);
  return number_clusters(data, m, err);
}

static kj_metric_rows metric_rows(const measured *m)
{
  return (kj_metric_rows){.truth = m->truth,
                          .estimate = m->a,
                          .cluster = m->cluster,
                          .n = m->n,
                          .n_clusters = m->n_clusters};
}

kj_status kj_measure(const kj_dataset *data, kj_rows rows, size_t target,
                     const double *estimate, size_t stride,
                     const kj_bootstrap_options *options, kj_result *out,
                     kj_error *err)
{
  measured m;
  kj_result result = {0};
  kj_status status =
      gather(data, rows, target, estimate, NULL, stride, &m, err);
  if (status == KJ_OK)
    status = kj_metrics_compute(m.truth, m.a, m.n, &result.metrics, err);
  if (status == KJ_OK) {
    const kj_metric_rows measured_rows = metric_rows(&m);
    status =
        kj_metrics_intervals(&measured_rows, options, &result.intervals, err);
  }
  if (status == KJ_OK) {
    result.n_rows = m.n;
    result.n_speakers = has_speakers(data) ? m.n_clusters : 0;
    *out = result;
  }
  release(&m);
  return status;
}

kj_status kj_measure_difference(const kj_dataset *data, kj_rows rows,
                                size_t target, const double *a, const double *b,
                                size_t stride,
                                const kj_bootstrap_options *options,
                                kj_comparison *out, kj_error *err)
{
  measured m;
  kj_status status = gather(data, rows, target, a, b, stride, &m, err);
  if (status == KJ_OK) {
    const kj_metric_rows measured_rows = metric_rows(&m);
    status = kj_metrics_compare(&measured_rows, m.b, options, out, err);
  }
  release(&m);
  return status;
}
