/*
 * novelty.c: what standardised features are like, and how far from it those
 * of held-out speakers lie (docs/novelty.md).
 *
 * Source: Ledoit and Wolf, A well-conditioned estimator for large-dimensional
 * covariance matrices, Journal of Multivariate Analysis 88, 2004: the
 * covariance S of N rows z is shrunk towards m I,
 *   m = tr S / n,  d2 = |S - m I|^2 / n,
 *   b2 = min(d2, sum_i |z_i z_i^T - S|^2 / (N^2 n)),  rho = b2 / d2,
 * where |.| is Frobenius' norm, and sum_i |z_i z_i^T - S|^2
 * = sum_i |z_i|^4 - N |S|^2.
 */
#include "experiment/fit_state.h"
#include "kanjo/coverage.h"

#include "base/error.h"
#include "base/memory.h"
#include "estimator/parts.h"
#include "metrics/cholesky.h"

#include <math.h>

enum { MOST_COLUMNS = 4096 }; /* a covariance of 128 MiB */

/* Memory for all fits, each of which overwrites it. */
typedef struct cloud {
  const kj_dataset *data;
  kj_normalisation normalisation;
  size_t n;        /* columns */
  float *scaled;   /* (n_rows, n) */
  double *centred; /* (n_rows, n) */
  double *s;       /* (n, n), upper triangle: S, shrunk S, then L^T */
  double *mean;    /* (n) */
  size_t *inside, *outside, *fold_of_row;
  double *distance; /* (n_rows), of each row when it was held out */
  kj_scaler scaler;
  kj_novelty novelty; /* centre and factor */
} cloud;

static void find_centre(cloud *c, size_t n_rows)
{
  for (size_t j = 0; j < c->n; j++)
    c->mean[j] = 0.0;
  for (size_t i = 0; i < n_rows; i++)
    for (size_t j = 0; j < c->n; j++)
      c->mean[j] += (double)c->scaled[i * c->n + j];
  for (size_t j = 0; j < c->n; j++)
    c->mean[j] /= (double)n_rows;
  for (size_t i = 0; i < n_rows * c->n; i++)
    c->centred[i] = (double)c->scaled[i] - c->mean[i % c->n];
}

/* S, and sum_i |z_i|^4. */
static double find_covariance(cloud *c, size_t n_rows)
{
  double fourth = 0.0;
  for (size_t i = 0; i < c->n * c->n; i++)
    c->s[i] = 0.0;
  kj__gram_add(&(kj__gram){.c = c->s,
                           .ldc = c->n,
                           .a = c->centred,
                           .lda = c->n,
                           .n_k = n_rows,
                           .n = c->n,
                           .sign = 1.0});
  for (size_t i = 0; i < c->n * c->n; i++)
    c->s[i] /= (double)n_rows;
  for (size_t i = 0; i < n_rows; i++) {
    double square = 0.0;
    for (size_t j = 0; j < c->n; j++)
      square += c->centred[i * c->n + j] * c->centred[i * c->n + j];
    fourth += square * square;
  }
  return fourth;
}

/* From S to (1 - rho) S + rho m I. */
static void shrink(cloud *c, size_t n_rows, double fourth)
{
  const double n = (double)c->n, big_n = (double)n_rows;
  double trace = 0.0, norm = 0.0;
  for (size_t i = 0; i < c->n; i++) {
    trace += c->s[i * c->n + i];
    norm += c->s[i * c->n + i] * c->s[i * c->n + i];
    for (size_t j = i + 1; j < c->n; j++)
      norm += 2.0 * c->s[i * c->n + j] * c->s[i * c->n + j];
  }
  const double m = trace / n;
  const double d2 = norm / n - m * m;
  const double b2 = (fourth - big_n * norm) / (big_n * big_n * n);
  const double rho = d2 > 0.0 ? fmax(0.0, fmin(1.0, b2 / d2)) : 0.0;
  for (size_t i = 0; i < c->n; i++) {
    for (size_t j = i; j < c->n; j++)
      c->s[i * c->n + j] *= 1.0 - rho;
    c->s[i * c->n + i] += rho * m;
  }
}

/* Centre and factor of rows that are standardised already. */
static kj_status describe(cloud *c, size_t n_rows, kj_error *err)
{
  find_centre(c, n_rows);
  shrink(c, n_rows, find_covariance(c, n_rows));
  if (!kj__cholesky(c->s, c->n))
    return kj__fail(err, KJ_EDATA,
                    "%s: the features of %zu rows do not vary enough to tell "
                    "what is unlike them",
                    c->data->path, n_rows);
  float *to = c->novelty.factor;
  for (size_t i = 0; i < c->n; i++) {
    c->novelty.centre[i] = (float)c->mean[i];
    for (size_t j = 0; j <= i; j++)
      *to++ = (float)c->s[j * c->n + i];
  }
  return KJ_OK;
}

/* Hold one fold against the others. */
static kj_status measure_fold(cloud *c, size_t fold, kj_error *err)
{
  size_t n_inside = 0, n_outside = 0;
  for (size_t i = 0; i < c->data->n_rows; i++)
    if (c->fold_of_row[i] == fold)
      c->inside[n_inside++] = i;
    else
      c->outside[n_outside++] = i;
  const kj_rows inside = {c->inside, n_inside};
  const kj_rows outside = {c->outside, n_outside};
  kj_status status =
      kj_scaler_fit(&c->scaler, c->data->x, c->outside, n_outside, err);
  if (status == KJ_OK)
    status = kj__standardise(c->data, outside, c->normalisation, &c->scaler,
                             c->scaled, err);
  if (status == KJ_OK)
    status = describe(c, n_outside, err);
  if (status == KJ_OK)
    status = kj__standardise(c->data, inside, c->normalisation, &c->scaler,
                             c->scaled, err);
  for (size_t i = 0; status == KJ_OK && i < n_inside; i++)
    c->distance[c->inside[i]] =
        kj__novelty_distance(&c->novelty, c->n, c->scaled + i * c->n, c->mean);
  return status;
}

static kj_status find_threshold(cloud *c, const kj_folds *folds,
                                double false_alarms, kj_error *err)
{
  size_t n_folds = 0;
  kj_residuals distances;
  kj_status status = kj_folds_make(c->data, (kj_rows){NULL, c->data->n_rows},
                                   folds, c->fold_of_row, &n_folds, err);
  for (size_t f = 0; status == KJ_OK && f < n_folds; f++)
    status = measure_fold(c, f, err);
  if (status == KJ_OK)
    status = kj__speaker_quantile(c->data, c->distance, 1.0 - false_alarms,
                                  &distances, &c->novelty.threshold, err);
  if (status != KJ_OK)
    return status;
  c->novelty.n_rows = distances.n_residuals;
  c->novelty.n_speakers = distances.n_speakers;
  c->novelty.false_alarms = false_alarms;
  return KJ_OK;
}

static void clear(cloud *c)
{
  void *const all[] = {c->scaled,
                       c->centred,
                       c->s,
                       c->mean,
                       c->inside,
                       c->outside,
                       c->fold_of_row,
                       c->distance,
                       c->scaler.mean,
                       c->scaler.inverse_sd,
                       c->novelty.centre,
                       c->novelty.factor};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    kj__release(NULL, all[i]);
}

static kj_status allocate(cloud *c, kj_error *err)
{
  const size_t n = c->n, n_rows = c->data->n_rows;
  c->scaled = kj__allocate(NULL, n_rows, n * sizeof *c->scaled);
  c->centred = kj__allocate(NULL, n_rows, n * sizeof *c->centred);
  c->s = kj__allocate(NULL, n, n * sizeof *c->s);
  c->mean = kj__allocate(NULL, n, sizeof *c->mean);
  c->inside = kj__allocate(NULL, n_rows, sizeof *c->inside);
  c->outside = kj__allocate(NULL, n_rows, sizeof *c->outside);
  c->fold_of_row = kj__allocate(NULL, n_rows, sizeof *c->fold_of_row);
  c->distance = kj__allocate(NULL, n_rows, sizeof *c->distance);
  c->scaler.mean = kj__allocate(NULL, n, sizeof(float));
  c->scaler.inverse_sd = kj__allocate(NULL, n, sizeof(float));
  c->novelty.centre = kj__allocate(NULL, n, sizeof(float));
  c->novelty.factor = kj__allocate(NULL, n * (n + 1) / 2, sizeof(float));
  return c->scaled && c->centred && c->s && c->mean && c->inside &&
                 c->outside && c->fold_of_row && c->distance &&
                 c->scaler.mean && c->scaler.inverse_sd && c->novelty.centre &&
                 c->novelty.factor
             ? KJ_OK
             : kj__fail_memory(err, "what features are like");
}

static kj_status check(const kj_estimator_parts *parts, const kj_dataset *data,
                       const kj_folds *folds, double false_alarms,
                       kj_error *err)
{
  if (folds->group == KJ_GROUP_ROW)
    return kj__fail(err, KJ_EARGUMENT,
                    "folds are of rows; must be of speakers, sessions or "
                    "corpora: voices that were heard are too well known");
  if (!(false_alarms >= 0.01 && false_alarms <= 0.5))
    return kj__fail(err, KJ_EARGUMENT, "false_alarms is %g; must be 0.01..0.5",
                    false_alarms);
  if (parts->scaler.n > MOST_COLUMNS)
    return kj__fail(err, KJ_EARGUMENT, "%zu columns; must be at most %d",
                    parts->scaler.n, MOST_COLUMNS);
  if (!data->x || data->n_inputs != parts->scaler.n)
    return kj__fail(err, KJ_ESHAPE, "%s: %zu features; the model has %zu",
                    data->path, data->n_inputs, parts->scaler.n);
  return KJ_OK;
}

kj_status kj_novelty_attach(const kj_estimator *from, const kj_dataset *data,
                            const kj_folds *folds, double false_alarms,
                            kj_estimator **out, kj_error *err)
{
  kj_estimator_parts parts = *kj_estimator_get_parts(from);
  cloud c = {.data = data,
             .normalisation = parts.normalisation,
             .n = parts.scaler.n,
             .scaler = {.n = parts.scaler.n, .clip = parts.scaler.clip}};
  kj_status status = check(&parts, data, folds, false_alarms, err);
  if (status == KJ_OK)
    status = allocate(&c, err);
  if (status == KJ_OK)
    status = find_threshold(&c, folds, false_alarms, err);
  if (status == KJ_OK)
    status = kj__standardise(data, (kj_rows){NULL, data->n_rows},
                             parts.normalisation, &parts.scaler, c.scaled, err);
  if (status == KJ_OK)
    status = describe(&c, data->n_rows, err);
  parts.novelty = c.novelty;
  if (status == KJ_OK)
    status = kj_estimator_create(&parts, NULL, out, err);
  clear(&c);
  return status;
}
