/*
 * fit.c: a fit is set up (split, scaler, rows of each network), run, and
 * released.
 */
#include "experiment/fit_state.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

static kj_status check_options(const kj_fit_options *options, kj_error *err)
{
  const double fraction = options->validation.fraction;
  if (options->method < KJ_METHOD_NETWORK ||
      options->method > KJ_METHOD_CONSTANT)
    return kj__fail(err, KJ_EARGUMENT, "method is %d; no such method",
                    (int)options->method);
  if (options->n_hidden >= KJ_MAX_LAYERS)
    return kj__fail(err, KJ_EARGUMENT, "%zu hidden layers; must be 0..%d",
                    options->n_hidden, KJ_MAX_LAYERS - 1);
  if (!(fraction >= 0.0 && fraction < 1.0))
    return kj__fail(err, KJ_EARGUMENT,
                    "fraction %g is to be held out; must be 0 or more, below 1",
                    fraction);
  if (options->calibrate && fraction == 0.0)
    return kj__fail(err, KJ_EARGUMENT,
                    "calibration needs held-out rows; hold some out");
  return KJ_OK;
}

/* The same columns in the same order. */
static kj_status check_columns(const kj_dataset *unlabelled,
                               const kj_dataset *data, kj_error *err)
{
  if (!unlabelled->x || unlabelled->n_inputs != data->n_inputs)
    return kj__fail(err, KJ_ESHAPE, "%s: %zu features; %s has %zu",
                    unlabelled->path, unlabelled->n_inputs, data->path,
                    data->n_inputs);
  for (size_t j = 0; j < data->n_inputs; j++)
    if (strcmp(unlabelled->input_name[j], data->input_name[j]) != 0)
      return kj__fail(err, KJ_ESHAPE, "%s: feature %zu is '%s'; %s has '%s'",
                      unlabelled->path, j + 1, unlabelled->input_name[j],
                      data->path, data->input_name[j]);
  return kj_dataset_check_set(unlabelled, data->set_label, err);
}

static kj_status check(const kj_dataset *data, kj_rows rows,
                       const kj_unlabelled *unlabelled,
                       const kj_fit_options *options, kj_error *err)
{
  if (!data->x)
    return kj__fail(err, KJ_EDATA, "%s: no features yet", data->path);
  if (data->n_targets == 0)
    return kj__fail(err, KJ_EDATA, "%s: no target to learn", data->path);
  if (rows.n == 0)
    return kj__fail(err, KJ_EDATA, "%s: no row to learn from", data->path);
  const kj_status status = check_options(options, err);
  return status == KJ_OK && unlabelled
             ? check_columns(unlabelled->data, data, err)
             : status;
}

static kj_status hold_out(kj_fit *fit, kj_rows rows, kj_error *err)
{
  fit->n_rows = rows.n;
  fit->index = kj__allocate(NULL, rows.n, sizeof *fit->index);
  fit->held_out = kj__allocate(NULL, rows.n, 1);
  if (!fit->index || !fit->held_out)
    return kj__fail_memory(err, "a fit");
  for (size_t i = 0; i < rows.n; i++)
    fit->index[i] = kj__row(rows, i);
  if (fit->options.validation.fraction == 0.0)
    return KJ_OK;
  kj_split split = fit->options.validation;
  split.seed = fit->options.seed;
  return kj_split_make(fit->data, rows, &split, fit->held_out, err);
}

/* The scaler, on the rows that are trained on; then all rows through it. */
static kj_status scale(kj_fit *fit, const kj_unlabelled *unlabelled,
                       kj_error *err)
{
  const size_t n_in = fit->data->n_inputs;
  size_t *kept = kj__allocate(NULL, fit->n_rows, sizeof *kept);
  fit->scaler = (kj_scaler){.n = n_in, .clip = KJ_SCALER_CLIP};
  fit->scaler.mean = kj__allocate(NULL, n_in, sizeof(float));
  fit->scaler.inverse_sd = kj__allocate(NULL, n_in, sizeof(float));
  fit->scaled = kj__allocate(NULL, fit->n_rows, n_in * sizeof(float));
  kj_status status = KJ_OK;
  if (!kept || !fit->scaler.mean || !fit->scaler.inverse_sd || !fit->scaled)
    status = kj__fail_memory(err, "a fit");
  size_t n_kept = 0;
  for (size_t i = 0; status == KJ_OK && i < fit->n_rows; i++)
    if (!fit->held_out[i])
      kept[n_kept++] = fit->index[i];
  if (status == KJ_OK)
    status = kj_scaler_fit(&fit->scaler, fit->data->x, kept, n_kept, err);
  if (status == KJ_OK)
    status = kj__standardise(fit->data, (kj_rows){fit->index, fit->n_rows},
                             fit->options.normalisation, &fit->scaler,
                             fit->scaled, err);
  if (status == KJ_OK && unlabelled) {
    fit->n_unlabelled = unlabelled->rows.n;
    fit->unlabelled =
        kj__allocate(NULL, unlabelled->rows.n, n_in * sizeof(float));
    status = fit->unlabelled
                 ? kj__standardise(unlabelled->data, unlabelled->rows,
                                   fit->options.normalisation, &fit->scaler,
                                   fit->unlabelled, err)
                 : kj__fail_memory(err, "the unlabelled rows");
  }
  kj__release(NULL, kept);
  return status;
}

/* Whether a row has a rating of any of the part's targets. */
static bool is_rated(const kj_fit *fit, const kj__fit_part *part, size_t i)
{
  const kj_dataset *data = fit->data;
  const float *y = data->y + fit->index[i] * data->n_targets;
  for (size_t k = 0; k < part->n_targets; k++)
    if (isfinite(y[part->first_target + k]))
      return true;
  return false;
}

static void copy_row(const kj_fit *fit, kj__fit_part *part, size_t place,
                     size_t i)
{
  const kj_dataset *data = fit->data;
  const size_t n_in = data->n_inputs, n_out = part->n_outputs;
  const size_t row = fit->index[i];
  kj__fit_rows *rows = &part->rows;
  rows->row[place] = i;
  memcpy(rows->x + place * n_in, fit->scaled + i * n_in, n_in * sizeof(float));
  memcpy(rows->y + place * n_out,
         data->y + row * data->n_targets + part->first_target,
         part->n_targets * sizeof(float));
  for (size_t k = part->n_targets; k < n_out; k++)
    rows->y[place * n_out + k] = (float)NAN; /* nobody rates a deviation */
  rows->weight[place] = (float)data->row[row].weight;
}

/* Weights count relative to each other: their mean over the training rows
 * is made 1, so that they leave the step length alone. */
static kj_status balance_weights(const kj_fit *fit, kj__fit_rows *rows,
                                 kj_error *err)
{
  double sum = 0.0;
  for (size_t i = 0; i < rows->n_train; i++)
    sum += (double)rows->weight[i];
  if (!(sum > 0.0))
    return kj__fail(err, KJ_EDATA, "%s: all training rows have weight 0",
                    fit->data->path);
  const double factor = (double)rows->n_train / sum;
  for (size_t i = 0; i < rows->n_train; i++)
    rows->weight[i] = (float)((double)rows->weight[i] * factor);
  return KJ_OK;
}

static kj_status take_rows(const kj_fit *fit, kj__fit_part *part, kj_error *err)
{
  kj__fit_rows *rows = &part->rows;
  const size_t n_in = fit->data->n_inputs, n = fit->n_rows;
  rows->x = kj__allocate(NULL, n, n_in * sizeof(float));
  rows->y = kj__allocate(NULL, n, part->n_outputs * sizeof(float));
  rows->weight = kj__allocate(NULL, n, sizeof(float));
  rows->row = kj__allocate(NULL, n, sizeof *rows->row);
  if (!rows->x || !rows->y || !rows->weight || !rows->row)
    return kj__fail_memory(err, "the rows of a fit");
  for (int held_out = 0; held_out <= 1; held_out++)
    for (size_t i = 0; i < n; i++) {
      if (fit->held_out[i] != held_out || !is_rated(fit, part, i))
        continue;
      copy_row(fit, part, rows->n_train + rows->n_validation, i);
      if (held_out)
        rows->n_validation++;
      else
        rows->n_train++;
    }
  const char *target = fit->data->target[part->first_target];
  if (rows->n_train == 0)
    return kj__fail(err, KJ_EDATA,
                    "%s: no row with a rating of '%s' is left "
                    "to train on",
                    fit->data->path, target);
  if (fit->options.validation.fraction > 0.0 && rows->n_validation == 0)
    return kj__fail(err, KJ_EDATA, "%s: no held-out row has a rating of '%s'",
                    fit->data->path, target);
  return balance_weights(fit, rows, err);
}

static kj_status create_trainer(kj_fit *fit, size_t index, kj_error *err)
{
  kj__fit_part *part = &fit->part[index];
  const kj_fit_options *o = &fit->options;
  const kj__fit_rows *rows = &part->rows;
  const size_t n_in = fit->data->n_inputs, n_out = part->n_outputs;
  kj_training_options options = {.shape = kj__fit_shape(fit, part),
                                 .loss = o->loss,
                                 .smoothing = o->smoothing,
                                 .he_initialisation = o->he_initialisation,
                                 .learning_rate = o->learning_rate,
                                 .weight_decay = o->weight_decay,
                                 .dropout = o->dropout,
                                 .schedule = o->schedule,
                                 .epochs = o->epochs,
                                 .batch = o->batch,
                                 .precision = o->precision,
                                 .n_threads = o->n_threads,
                                 .patience = o->patience,
                                 .ramp = o->ramp,
                                 .seed = o->seed,
                                 .network_index = index};
  for (size_t k = 0; k < n_out; k++)
    options.smoothing.sigma[k] =
        k < part->n_targets ? o->smoothing.sigma[part->first_target + k] : 1.0;
  const kj_training_data data = {
      .train = {rows->x, rows->y, rows->weight, rows->n_train},
      .validation = {rows->x + rows->n_train * n_in,
                     rows->y + rows->n_train * n_out, NULL, rows->n_validation},
      .unlabelled = fit->unlabelled,
      .n_unlabelled = fit->n_unlabelled};
  return kj_trainer_create(&options, &data, &part->trainer, err);
}

static bool predicts_sd(const kj_fit_options *options)
{
  return options->method == KJ_METHOD_NETWORK && options->loss == KJ_LOSS_NLL;
}

static kj_status create_parts(kj_fit *fit, kj_error *err)
{
  const size_t n_targets = fit->data->n_targets;
  const bool is_network = fit->options.method == KJ_METHOD_NETWORK;
  const bool is_joint = is_network && fit->options.joint;
  kj_status status = KJ_OK;
  fit->n_parts = is_joint ? 1 : n_targets;
  for (size_t p = 0; status == KJ_OK && p < fit->n_parts; p++) {
    kj__fit_part *part = &fit->part[p];
    part->first_target = p;
    part->n_targets = is_joint ? n_targets : 1;
    part->n_outputs = part->n_targets * (predicts_sd(&fit->options) ? 2 : 1);
    status = take_rows(fit, part, err);
    if (status == KJ_OK)
      status = is_network ? create_trainer(fit, p, err)
                          : kj__fit_baseline(fit, part, err);
    if (status != KJ_OK)
      kj__fail_in(err, status, "%s", fit->data->target[part->first_target]);
  }
  return status;
}

kj_status kj_fit_create(const kj_dataset *data, kj_rows rows,
                        const kj_unlabelled *unlabelled,
                        const kj_fit_options *options, kj_fit **out,
                        kj_error *err)
{
  kj_status status = check(data, rows, unlabelled, options, err);
  if (status != KJ_OK)
    return status;
  kj_fit *fit = kj__allocate(NULL, 1, sizeof *fit);
  if (!fit)
    return kj__fail_memory(err, "a fit");
  fit->data = data;
  fit->options = *options;
  status = hold_out(fit, rows, err);
  if (status == KJ_OK)
    status = scale(fit, unlabelled, err);
  if (status == KJ_OK)
    status = create_parts(fit, err);
  if (status != KJ_OK) {
    kj_fit_destroy(fit);
    return status;
  }
  *out = fit;
  return KJ_OK;
}

void kj_fit_destroy(kj_fit *fit)
{
  if (!fit)
    return;
  for (size_t p = 0; p < fit->n_parts; p++) {
    kj__fit_part *part = &fit->part[p];
    kj_trainer_destroy(part->trainer);
    kj_network_destroy(part->baseline);
    kj__release(NULL, part->rows.x);
    kj__release(NULL, part->rows.y);
    kj__release(NULL, part->rows.weight);
    kj__release(NULL, part->rows.row);
  }
  kj__release(NULL, fit->index);
  kj__release(NULL, fit->held_out);
  kj__release(NULL, fit->scaler.mean);
  kj__release(NULL, fit->scaler.inverse_sd);
  kj__release(NULL, fit->scaled);
  kj__release(NULL, fit->unlabelled);
  kj__release(NULL, fit);
}

size_t kj_fit_memory(const kj_fit *fit)
{
  const size_t n_in = fit->data->n_inputs;
  size_t n_bytes = sizeof *fit;
  n_bytes += fit->n_rows * (sizeof *fit->index + sizeof *fit->held_out);
  n_bytes += (fit->n_rows + fit->n_unlabelled + 2) * n_in * sizeof(float);
  for (size_t p = 0; p < fit->n_parts; p++) {
    const kj__fit_part *part = &fit->part[p];
    const size_t n = part->rows.n_train + part->rows.n_validation;
    const size_t row_size =
        (n_in + part->n_outputs + 1) * sizeof(float) + sizeof *part->rows.row;
    n_bytes += n * row_size;
    n_bytes += part->trainer ? kj_trainer_memory(part->trainer) : 0;
    n_bytes +=
        part->baseline ? part->baseline->n_parameters * sizeof(kj_real) : 0;
  }
  return n_bytes;
}

kj_status kj_fit_run_epoch(kj_fit *fit, bool (*stop)(void *), void *context,
                           kj_error *err)
{
  for (size_t p = 0; p < fit->n_parts; p++) {
    kj_trainer *trainer = fit->part[p].trainer;
    if (!trainer || kj_trainer_is_done(trainer))
      continue;
    const kj_status status = kj_trainer_run_epoch(trainer, stop, context, err);
    if (status != KJ_OK)
      return kj__fail_in(err, status, "%s",
                         fit->data->target[fit->part[p].first_target]);
  }
  return KJ_OK;
}

bool kj_fit_is_done(const kj_fit *fit)
{
  for (size_t p = 0; p < fit->n_parts; p++)
    if (fit->part[p].trainer && !kj_trainer_is_done(fit->part[p].trainer))
      return false;
  return true;
}

size_t kj_fit_trainers(const kj_fit *fit)
{
  return fit->options.method == KJ_METHOD_NETWORK ? fit->n_parts : 0;
}

const kj_trainer *kj_fit_trainer(const kj_fit *fit, size_t index)
{
  return fit->part[index].trainer;
}
