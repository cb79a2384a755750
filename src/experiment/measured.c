/*
 * measured.c: from the cells of a variant to its metrics: pooled over folds,
 * measured for each seed, then averaged, as kj_cross_validate does.
 */
#include "experiment/results_state.h"
#include "experiment/seeds.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

json_t *kj__json_number(double value)
{
  return isfinite(value) ? json_real(value) : json_null();
}

/* Rows that are marked, in the order of the data. */
static kj_status list(kj__run *run, const unsigned char *is_tested,
                      kj_rows *rows, kj_error *err)
{
  size_t n = 0;
  for (size_t i = 0; i < run->data->n_rows; i++)
    n += is_tested[i];
  size_t *index = kj__arena_take(run->arena, n, sizeof *index);
  if (!index)
    return kj__fail_memory(err, "results");
  *rows = (kj_rows){index, n};
  n = 0;
  for (size_t i = 0; i < run->data->n_rows; i++)
    if (is_tested[i])
      index[n++] = i;
  return KJ_OK;
}

/* Of some rows those of a kind, -1 for any that is known. */
static kj_status list_kind(kj__run *run, kj_rows from, int kind, kj_rows *rows,
                           kj_error *err)
{
  size_t *index = kj__arena_take(run->arena, from.n, sizeof *index);
  size_t n = 0;
  if (!index)
    return kj__fail_memory(err, "results");
  for (size_t i = 0; i < from.n; i++) {
    const int is = run->data->row[from.index[i]].spontaneous;
    if (kind < 0 ? is >= 0 : is == kind)
      index[n++] = from.index[i];
  }
  *rows = (kj_rows){index, n};
  return KJ_OK;
}

kj_status kj__tested_kind(kj__run *run, const kj__tested *tested, int kind,
                          kj__tested *out, kj_error *err)
{
  const size_t n_seeds = (size_t)run->protocol->seeds;
  *out = (kj__tested){.is_part = true};
  out->seed = kj__arena_take(run->arena, n_seeds, sizeof *out->seed);
  kj_status status = out->seed
                         ? list_kind(run, tested->any, kind, &out->any, err)
                         : kj__fail_memory(err, "results");
  for (size_t s = 0; status == KJ_OK && s < n_seeds; s++)
    status = list_kind(run, tested->seed[s], kind, &out->seed[s], err);
  return status;
}

kj_status kj__tested_list(kj__run *run, const kj__trial *trial,
                          kj__tested *tested, kj_error *err)
{
  const size_t n_rows = run->data->n_rows;
  const size_t n_seeds = (size_t)run->protocol->seeds;
  unsigned char *any = kj__allocate(NULL, n_rows, 1);
  unsigned char *one = kj__allocate(NULL, n_rows, 1);
  *tested = (kj__tested){0};
  tested->seed = kj__arena_take(run->arena, n_seeds, sizeof *tested->seed);
  kj_status status =
      any && one && tested->seed ? KJ_OK : kj__fail_memory(err, "results");
  for (size_t s = 0; status == KJ_OK && s < n_seeds; s++) {
    memset(one, 0, n_rows);
    for (size_t p = 0; p < trial->n_parts; p++) {
      const kj__part *part = &trial->part[p];
      for (size_t i = 0; part->seed == s && i < part->test.n; i++)
        any[part->test.index[i]] = one[part->test.index[i]] = 1;
    }
    status = list(run, one, &tested->seed[s], err);
  }
  if (status == KJ_OK)
    status = list(run, any, &tested->any, err);
  kj__release(NULL, any);
  kj__release(NULL, one);
  return status;
}

/* Where the estimates of one cell go. */
typedef struct reading {
  const kj__part *part;
  size_t n_targets;
  double *value; /* (n_rows, n_targets), by row of the data */
  double *sd;    /* likewise, or NULL */
  kj__measured *into;
} reading;

static kj_status append_json(json_t *array, const char *text, size_t n_rows,
                             kj_error *err)
{
  json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
  if (!value)
    return kj__fail(err, KJ_EDATA, "a record of the store is no JSON");
  json_t *entry =
      json_pack("{s:o, s:I}", "value", value, "rows", (json_int_t)n_rows);
  return json_array_append_new(array, entry) == 0
             ? KJ_OK
             : kj__fail_memory(err, "results");
}

static kj_status read_cell(void *context, const kj_run_record *record,
                           kj_error *err)
{
  const reading *r = context;
  const kj_rows rows = r->part->test;
  kj_status status =
      kj__record_check(record, rows.n * r->n_targets, r->sd != NULL, err);
  for (size_t i = 0; status == KJ_OK && i < rows.n; i++) {
    const size_t to = rows.index[i] * r->n_targets, from = i * r->n_targets;
    memcpy(r->value + to, record->estimate + from,
           r->n_targets * sizeof *r->value);
    if (r->sd)
      memcpy(r->sd + to, record->sd + from, r->n_targets * sizeof *r->sd);
  }
  if (status == KJ_OK)
    status = append_json(r->into->history, record->history, rows.n, err);
  return status == KJ_OK
             ? append_json(r->into->robustness, record->robustness, rows.n, err)
             : status;
}

/* The estimates of all folds with one seed. */
static kj_status read_seed(kj__run *run, const kj__trial *trial,
                           const size_t *cell, size_t seed, reading *r,
                           kj_error *err)
{
  kj_status status = KJ_OK;
  for (size_t p = 0; status == KJ_OK && p < trial->n_parts; p++) {
    if (trial->part[p].seed != seed)
      continue;
    r->part = &trial->part[p];
    status = kj_run_store_visit(run->store, run->cell[cell[p]]->key, read_cell,
                                r, err);
  }
  return status;
}

static bool has_rating(const kj_dataset *data, kj_rows rows, size_t target)
{
  for (size_t i = 0; i < rows.n; i++)
    if (isfinite(data->y[rows.index[i] * data->n_targets + target]))
      return true;
  return false;
}

static kj_result undefined(void)
{
  kj_result result = {0};
  for (size_t m = 0; m < KJ_N_METRICS; m++) {
    *kj__metric_at(&result.metrics, m) = (double)NAN;
    result.intervals.of[m] = (kj_interval){(double)NAN, (double)NAN};
  }
  return result;
}

/* Measure one seed; `compact` has room for all rows. */
static kj_status measure_seed(kj__run *run, const kj__tested *tested,
                              size_t seed, double *compact, kj__measured *m,
                              kj_error *err)
{
  const size_t n_t = run->data->n_targets;
  const kj_rows rows = tested->seed[seed];
  const double *value = m->seed_estimate + seed * run->data->n_rows * n_t;
  kj_result *result = m->seed_result + seed * n_t;
  kj_bootstrap_options bootstrap = kj_bootstrap_defaults();
  bootstrap.seed = run->protocol->seed;
  for (size_t i = 0; i < rows.n; i++)
    memcpy(compact + i * n_t, value + rows.index[i] * n_t,
           n_t * sizeof *compact);
  kj_status status = KJ_OK;
  for (size_t k = 0; status == KJ_OK && k < n_t; k++)
    if (tested->is_part && !has_rating(run->data, rows, k))
      result[k] = undefined();
    else
      status = kj_measure(run->data, rows, k, compact + k, n_t, &bootstrap,
                          &result[k], err);
  return status;
}

kj_status kj__measured_allocate(kj__run *run, size_t n_targets, kj__measured *m,
                                kj_error *err)
{
  const size_t n_t = n_targets;
  *m =
      (kj__measured){.n_seeds = (size_t)run->protocol->seeds, .n_targets = n_t};
  m->estimate = kj__allocate(NULL, run->data->n_rows, n_t * sizeof(double));
  m->seed_estimate =
      kj__allocate(NULL, m->n_seeds * run->data->n_rows, n_t * sizeof(double));
  m->seed_result = kj__allocate(NULL, m->n_seeds, n_t * sizeof(kj_result));
  m->result = kj__allocate(NULL, n_t, sizeof(kj_result));
  m->spread = kj__allocate(NULL, n_t, sizeof(kj_metrics));
  m->history = json_array();
  m->robustness = json_array();
  return m->estimate && m->seed_estimate && m->seed_result && m->result &&
                 m->spread && m->history && m->robustness
             ? KJ_OK
             : kj__fail_memory(err, "results");
}

/* Means over the seeds that tested a row; `count` has room for all rows. */
static void average(const kj__run *run, const kj__tested *tested, double *count,
                    kj__measured *m)
{
  const size_t n_rows = run->data->n_rows, n_t = m->n_targets;
  memset(m->estimate, 0, n_rows * n_t * sizeof *m->estimate);
  for (size_t s = 0; s < m->n_seeds; s++) {
    const double *value = m->seed_estimate + s * n_rows * n_t;
    for (size_t i = 0; i < tested->seed[s].n; i++) {
      const size_t row = tested->seed[s].index[i];
      count[row] += 1.0;
      for (size_t k = 0; k < n_t; k++)
        m->estimate[row * n_t + k] += value[row * n_t + k];
    }
  }
  for (size_t i = 0; i < tested->any.n; i++) {
    const size_t row = tested->any.index[i];
    for (size_t k = 0; k < n_t; k++)
      m->estimate[row * n_t + k] /= count[row];
  }
}

kj_status kj__measured_judge(kj__run *run, const kj__tested *tested,
                             kj__measured *m, kj_error *err)
{
  const size_t n_rows = run->data->n_rows, n_t = run->data->n_targets;
  double *compact = kj__allocate(NULL, n_rows, n_t * sizeof *compact);
  double *count = kj__allocate(NULL, n_rows, sizeof *count);
  kj_status status = compact && count ? KJ_OK : kj__fail_memory(err, "results");
  for (size_t s = 0; status == KJ_OK && s < m->n_seeds; s++)
    status = measure_seed(run, tested, s, compact, m, err);
  if (status == KJ_OK)
    average(run, tested, count, m);
  for (size_t k = 0; status == KJ_OK && k < n_t; k++)
    kj__summarise_seeds(&m->seed_result[k], m->n_seeds, n_t, &m->result[k],
                        &m->spread[k]);
  kj__release(NULL, compact);
  kj__release(NULL, count);
  return status;
}

kj_status kj__measured_read(kj__run *run, const kj__trial *trial,
                            const size_t *cell, size_t n_targets,
                            kj__measured *m, kj_error *err)
{
  kj_status status = kj__measured_allocate(run, n_targets, m, err);
  const size_t n_values = run->data->n_rows * n_targets;
  if (status == KJ_OK && kj__cell_predicts_sd(run->cell[cell[0]])) {
    m->seed_sd = kj__allocate(NULL, m->n_seeds, n_values * sizeof(double));
    status = m->seed_sd ? KJ_OK : kj__fail_memory(err, "results");
  }
  for (size_t s = 0; status == KJ_OK && s < m->n_seeds; s++) {
    reading r = {.n_targets = n_targets,
                 .value = m->seed_estimate + s * n_values,
                 .sd = m->seed_sd ? m->seed_sd + s * n_values : NULL,
                 .into = m};
    status = read_seed(run, trial, cell, s, &r, err);
  }
  return status;
}

kj_status kj__measured_create(kj__run *run, const kj__trial *trial,
                              const kj__tested *tested,
                              const kj__variant *variant, kj__measured *out,
                              kj_error *err)
{
  kj_status status = kj__measured_read(run, trial, variant->cell,
                                       run->data->n_targets, out, err);
  if (status == KJ_OK)
    status = kj__measured_judge(run, tested, out, err);
  if (status != KJ_OK)
    kj__fail_in(err, status, "experiment '%s'", trial->experiment->id);
  return status;
}

void kj__measured_clear(kj__measured *m)
{
  kj__release(NULL, m->estimate);
  kj__release(NULL, m->seed_estimate);
  kj__release(NULL, m->seed_sd);
  kj__release(NULL, m->seed_result);
  kj__release(NULL, m->result);
  kj__release(NULL, m->spread);
  json_decref(m->history);
  json_decref(m->robustness);
  *m = (kj__measured){0};
}

json_t *kj__metric_json(const kj__measured *m, size_t target, kj_metric metric,
                        bool is_whole)
{
  const kj_result *r = &m->result[target];
  json_t *object = json_object();
  json_object_set_new(object, "mean",
                      kj__json_number(kj_metric_value(&r->metrics, metric)));
  json_object_set_new(object, "low",
                      kj__json_number(r->intervals.of[metric].low));
  json_object_set_new(object, "high",
                      kj__json_number(r->intervals.of[metric].high));
  if (!is_whole)
    return object;
  json_t *seeds = json_array();
  for (size_t s = 0; s < m->n_seeds; s++)
    json_array_append_new(
        seeds,
        kj__json_number(kj_metric_value(
            &m->seed_result[s * m->n_targets + target].metrics, metric)));
  json_object_set_new(
      object, "spread",
      kj__json_number(kj_metric_value(&m->spread[target], metric)));
  json_object_set_new(object, "seeds", seeds);
  return object;
}
