/*
 * results_intervals.c: how often intervals of a given level hold the ratings
 * of tested rows, overall and by whom: never promised, counted.
 *
 * The half-width of a part is the quantile of |rating - estimate| over its
 * training rows, each estimated by a fit without its fold, every speaker with
 * the same weight; where deviations are predicted, of |rating - estimate| / sd.
 * Beside it stands then what intervals of these deviations alone hold
 * (docs/intervals.md).
 */
#include "experiment/fit_state.h"
#include "experiment/results_state.h"

#include "base/error.h"
#include "base/memory.h"
#include "kanjo/coverage.h"

#include <math.h>
#include <string.h>

/* By whom rows are counted, and the two kinds of corpora. */
enum { ALL, SPEAKER, GENDER, CORPUS, WITHIN, ACROSS, N_COUNTS };

/* One method on one target. */
typedef struct covering {
  kj__run *run;
  const kj__trial *trial;
  const kj__variant *variant;
  const kj__measured *measured;
  size_t target;
  double *size;            /* (n_rows): residuals of a part */
  kj_dataset view;         /* y: 0 of tested rows, NaN of others; (n_rows) */
  double *off;             /* (n_rows): 0 inside, 2 outside */
  unsigned char *heard;    /* (n_corpora): trained on, of a part */
  unsigned char *within;   /* (n_rows): of a corpus that was trained on */
  bool is_predicted;       /* by normal distributions, without residuals */
  double width;            /* sum over the parts */
  kj_likelihood sum;       /* over rated rows and seeds: sums, not means */
  double half_widths;      /* likewise, of intervals on 1..5 */
  json_t *count[N_COUNTS]; /* {name: [rows, inside]}, sums over seeds */
} covering;

/* Where the residuals of one inner fold go. */
typedef struct reading {
  const covering *c;
  kj_rows rows;
} reading;

static double rating_of(const covering *c, size_t row)
{
  const kj_dataset *data = c->run->data;
  return (double)data->y[row * data->n_targets + c->target];
}

static kj_status keep(void *context, const kj_run_record *record, kj_error *err)
{
  const reading *r = context;
  const size_t n_t = r->c->run->data->n_targets;
  const kj_status status = kj__record_check(
      record, r->rows.n * n_t, r->c->measured->seed_sd != NULL, err);
  for (size_t i = 0; status == KJ_OK && i < r->rows.n; i++) {
    const size_t at = i * n_t + r->c->target;
    r->c->size[r->rows.index[i]] =
        fabs(rating_of(r->c, r->rows.index[i]) - record->estimate[at]) /
        (record->sd ? record->sd[at] : 1.0);
  }
  return status;
}

static kj_status find_width(const covering *c, size_t part, double *width,
                            kj_error *err)
{
  const kj__inner *inner = &c->trial->intervals[part];
  const double level = c->trial->experiment->intervals->level;
  kj_residuals residuals;
  kj_status status = KJ_OK;
  if (c->is_predicted) {
    *width = kj_normal_half_width(level);
    return KJ_OK;
  }
  for (size_t i = 0; i < c->run->data->n_rows; i++)
    c->size[i] = (double)NAN;
  for (size_t f = 0; status == KJ_OK && f < inner->n; f++) {
    reading r = {c, inner->fold[f].test};
    const size_t cell = c->variant->residual[part][f];
    status = kj_run_store_visit(c->run->store, c->run->cell[cell]->key, keep,
                                &r, err);
  }
  if (status == KJ_OK)
    status = kj__speaker_quantiles(c->run->data, c->size, &residuals, err);
  return status == KJ_OK
             ? kj_residuals_half_width(&residuals, level, width, err)
             : status;
}

/* What a part trains on: with split: corpus not all of its experiment. */
static void mark_heard(const covering *c, kj_rows train)
{
  memset(c->heard, 0, c->view.groups[KJ_GROUP_CORPUS].n);
  for (size_t i = 0; i < train.n; i++)
    c->heard[c->view.row[train.index[i]].group[KJ_GROUP_CORPUS]] = 1;
}

/* One tested row against an interval so many units wide. */
static void mark_row(covering *c, size_t row, double residual, double sd,
                     double width)
{
  c->view.y[row] = isfinite(residual) ? 0.0f : (float)NAN;
  c->off[row] = residual <= sd * width ? 0.0 : 2.0;
  c->within[row] = c->heard[c->view.row[row].group[KJ_GROUP_CORPUS]];
  if (!isfinite(residual))
    return;
  c->sum.n_rows++;
  c->sum.sd += sd;
  c->sum.nll += kj__surprise(residual, sd);
  c->half_widths += sd * width;
}

/* Whether each rated row of the part lies inside. */
static kj_status mark_part(covering *c, size_t p, kj_error *err)
{
  const kj_dataset *data = c->run->data;
  const kj__part *part = &c->trial->part[p];
  const size_t first = part->seed * data->n_rows * data->n_targets + c->target;
  const double *estimate = c->measured->seed_estimate + first;
  const double *sd = c->measured->seed_sd;
  double width;
  const kj_status status = find_width(c, p, &width, err);
  mark_heard(c, part->train);
  for (size_t i = 0; status == KJ_OK && i < part->test.n; i++) {
    const size_t row = part->test.index[i], at = row * data->n_targets;
    mark_row(c, row, fabs(rating_of(c, row) - estimate[at]),
             sd ? sd[first + at] : 1.0, width);
  }
  c->width += status == KJ_OK ? width : 0.0;
  return status;
}

static kj_status add(json_t *counts, const kj_coverage *count, kj_error *err)
{
  json_t *sums = json_object_get(counts, count->name);
  if (!sums) {
    sums = json_pack("[f, f]", 0.0, 0.0);
    if (json_object_set_new(counts, count->name, sums) != 0)
      return kj__fail_memory(err, "counts of coverage");
  }
  const double values[] = {(double)count->n_rows, (double)count->n_inside};
  for (size_t i = 0; i < 2; i++) {
    json_t *sum = json_array_get(sums, i);
    json_real_set(sum, json_real_value(sum) + values[i]);
  }
  return KJ_OK;
}

static kj_status count_by(const covering *c, kj_coverage_by by, json_t *into,
                          kj_error *err)
{
  const kj_covering all = {
      .data = &c->view, .estimate = c->off, .stride = 1, .half_width = 1.0};
  kj_coverage *counts = NULL;
  size_t n = 0;
  kj_status status = kj_coverage_count(&all, by, &counts, &n, err);
  for (size_t i = 0; status == KJ_OK && i < n; i++)
    status = add(into, &counts[i], err);
  kj__release(NULL, counts);
  return status;
}

/* Only rows of corpora that were trained on, or only others; what is left out
 * stays so. */
static void keep_rows(covering *c, const float *y, bool is_within)
{
  for (size_t i = 0; i < c->view.n_rows; i++)
    c->view.y[i] = (c->within[i] != 0) == is_within ? y[i] : (float)NAN;
}

static kj_status count_seed(covering *c, kj_error *err)
{
  static const kj_coverage_by by[] = {KJ_COVERAGE_ALL, KJ_COVERAGE_SPEAKER,
                                      KJ_COVERAGE_GENDER, KJ_COVERAGE_CORPUS};
  kj_status status = KJ_OK;
  for (size_t k = 0; status == KJ_OK && k <= CORPUS; k++)
    status = count_by(c, by[k], c->count[k], err);
  float *y = kj__allocate(NULL, c->view.n_rows, sizeof *y);
  if (!y)
    return kj__fail_memory(err, "counts of coverage");
  memcpy(y, c->view.y, c->view.n_rows * sizeof *y);
  for (size_t k = WITHIN; status == KJ_OK && k <= ACROSS; k++) {
    keep_rows(c, y, k == WITHIN);
    status = count_by(c, KJ_COVERAGE_ALL, c->count[k], err);
  }
  kj__release(NULL, y);
  return status;
}

static kj_status count_seeds(covering *c, kj_error *err)
{
  kj_status status = KJ_OK;
  for (size_t s = 0; status == KJ_OK && s < c->run->protocol->seeds; s++) {
    for (size_t i = 0; i < c->view.n_rows; i++)
      c->view.y[i] = (float)NAN;
    for (size_t p = 0; status == KJ_OK && p < c->trial->n_parts; p++)
      if (c->trial->part[p].seed == s)
        status = mark_part(c, p, err);
    if (status == KJ_OK)
      status = count_seed(c, err);
  }
  return status;
}

static kj_status begin(covering *c, kj_error *err)
{
  const size_t n = c->run->data->n_rows;
  c->view = *c->run->data;
  c->view.n_targets = 1;
  c->view.y = kj__allocate(NULL, n, sizeof *c->view.y);
  c->size = kj__allocate(NULL, n, sizeof *c->size);
  c->off = kj__allocate(NULL, n, sizeof *c->off);
  c->heard = kj__allocate(NULL, c->view.groups[KJ_GROUP_CORPUS].n + 1, 1);
  c->within = kj__allocate(NULL, n, 1);
  bool is_whole = c->view.y && c->size && c->off && c->heard && c->within;
  for (size_t k = 0; k < N_COUNTS; k++) {
    c->count[k] = json_object();
    is_whole = is_whole && c->count[k];
  }
  return is_whole ? KJ_OK : kj__fail_memory(err, "counts of coverage");
}

static void end(covering *c)
{
  kj__release(NULL, c->view.y);
  kj__release(NULL, c->size);
  kj__release(NULL, c->off);
  kj__release(NULL, c->heard);
  kj__release(NULL, c->within);
  for (size_t k = 0; k < N_COUNTS; k++)
    json_decref(c->count[k]);
}

/* [{name, n, share}]; rows are means over the seeds. */
static json_t *shares_json(const covering *c, json_t *counts)
{
  const char *name;
  json_t *sums, *array = json_array();
  json_object_foreach(counts, name, sums)
  {
    const double n = json_real_value(json_array_get(sums, 0));
    json_array_append_new(
        array, json_pack("{s:s, s:f, s:f}", "name", name, "n",
                         n / (double)c->run->protocol->seeds, "share",
                         json_real_value(json_array_get(sums, 1)) / n));
  }
  return array;
}

static void set_shares(json_t *object, const covering *c)
{
  static const char *const names[N_COUNTS] = {"all",     "speakers", "genders",
                                              "corpora", "within",   "across"};
  for (size_t k = 0; k < N_COUNTS; k++)
    json_object_set_new(object, names[k], shares_json(c, c->count[k]));
}

/* half_width in units of `unit`; mean_half_width on 1..5. */
static json_t *outcome_json(const covering *c)
{
  json_t *object =
      json_pack("{s:s, s:f, s:s, s:o}", "method", c->variant->method->name,
                "half_width", c->width / (double)c->trial->n_parts, "unit",
                c->measured->seed_sd ? "sd" : "rating", "mean_half_width",
                kj__json_number(c->half_widths / (double)c->sum.n_rows));
  set_shares(object, c);
  return object;
}

static json_t *predicted_json(const covering *c)
{
  const double n = (double)c->sum.n_rows;
  json_t *object = json_pack(
      "{s:f, s:o, s:o, s:o}", "half_width",
      c->width / (double)c->trial->n_parts, "mean_half_width",
      kj__json_number(c->half_widths / n), "mean_sd",
      kj__json_number(c->sum.sd / n), "nll", kj__json_number(c->sum.nll / n));
  set_shares(object, c);
  return object;
}

static kj_status count_one(covering *c, json_t *(*tell)(const covering *),
                           json_t **out, kj_error *err)
{
  kj_status status = begin(c, err);
  if (status == KJ_OK)
    status = count_seeds(c, err);
  if (status == KJ_OK)
    *out = tell(c);
  else
    kj__fail_in(err, status, "experiment '%s': intervals of %s",
                c->trial->experiment->id, c->variant->method->name);
  end(c);
  return status;
}

static kj_status add_method(const covering *what, json_t *methods,
                            kj_error *err)
{
  covering measured = *what, predicted = *what;
  json_t *outcome = NULL, *beside = NULL;
  predicted.is_predicted = true;
  kj_status status = count_one(&measured, outcome_json, &outcome, err);
  if (status == KJ_OK && what->measured->seed_sd)
    status = count_one(&predicted, predicted_json, &beside, err);
  if (status != KJ_OK) {
    json_decref(outcome);
    return status;
  }
  json_object_set_new(outcome, "predicted", beside ? beside : json_null());
  json_array_append_new(methods, outcome);
  return KJ_OK;
}

kj_status kj__intervals_json(kj__run *run, const kj__trial *trial,
                             const kj__measured *measured, json_t **out,
                             kj_error *err)
{
  kj_status status = KJ_OK;
  json_t *targets = json_array();
  for (size_t k = 0; trial->intervals && k < run->data->n_targets; k++) {
    json_t *methods = json_array();
    for (size_t v = 0; status == KJ_OK && v < trial->n_methods; v++) {
      const covering c = {.run = run,
                          .trial = trial,
                          .variant = &trial->variant[v],
                          .measured = &measured[v],
                          .target = k};
      if (c.variant->residual)
        status = add_method(&c, methods, err);
    }
    json_array_append_new(targets,
                          json_pack("{s:s, s:o}", "name", run->data->target[k],
                                    "methods", methods));
  }
  if (status == KJ_OK && trial->intervals) {
    *out = json_pack("{s:f, s:s, s:O}", "level",
                     trial->experiment->intervals->level, "folds",
                     trial->experiment->intervals->folds, "targets", targets);
  } else if (status == KJ_OK) {
    *out = json_null();
  }
  json_decref(targets);
  return status;
}
