/*
 * record.c: how a fit was made, as JSON for the model file and checkpoint.
 */
#include "experiment/fit_state.h"

#include "base/error.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
  MOST_SPEAKERS = 10000 /* named in a record */
};

/* JSON has no NaN: an undefined number is null. */
static json_t *number(double value)
{
  return isfinite(value) ? json_real(value) : json_null();
}

static void set_smoothing(json_t *object, const kj_smoothing *s,
                          size_t n_targets)
{
  json_object_set_new(object, "smoothing",
                      json_string(kj_smoothing_name(s->kind)));
  if (s->kind == KJ_SMOOTHING_NONE)
    return;
  json_object_set_new(object, "lambda", number(s->lambda));
  json_object_set_new(object, "epsilon", number(s->epsilon));
  json_t *sigma = json_array();
  for (size_t k = 0; k < n_targets; k++)
    json_array_append_new(sigma, number(s->sigma[k]));
  json_object_set_new(object, "sigma", sigma);
  if (s->is_relative)
    json_object_set_new(object, "relative", json_true());
  if (s->kind != KJ_SMOOTHING_VAT)
    return;
  json_object_set_new(object, "direction",
                      json_string(kj_direction_name(s->direction)));
  if (s->direction == KJ_DIRECTION_POWER) {
    json_object_set_new(object, "power_iterations",
                        json_integer(s->power_iterations));
    json_object_set_new(object, "xi", number(s->xi));
  }
}

static void set_network(json_t *object, const kj_fit_options *o)
{
  static const char *const schedules[] = {
#define SCHEDULE_NAME(id, name) name,
      KJ_SCHEDULE_LIST(SCHEDULE_NAME)
#undef SCHEDULE_NAME
  };
  json_t *hidden = json_array();
  for (size_t l = 0; l < o->n_hidden; l++)
    json_array_append_new(hidden, json_integer((json_int_t)o->hidden[l]));
  json_object_set_new(object, "joint", json_boolean(o->joint));
  json_object_set_new(object, "hidden", hidden);
  json_object_set_new(object, "output_activation",
                      json_string(kj_activation_name(o->output)));
  json_object_set_new(object, "initialisation",
                      json_string(o->he_initialisation ? "he" : "uniform"));
  json_object_set_new(object, "loss", json_string(kj_loss_name(o->loss)));
  json_object_set_new(object, "learning_rate", number(o->learning_rate));
  json_object_set_new(object, "schedule", json_string(schedules[o->schedule]));
  json_object_set_new(object, "weight_decay", number(o->weight_decay));
  if (o->dropout > 0.0)
    json_object_set_new(object, "dropout", number(o->dropout));
  json_object_set_new(object, "epochs", json_integer((json_int_t)o->epochs));
  json_object_set_new(object, "batch", json_integer((json_int_t)o->batch));
  json_object_set_new(object, "precision",
                      json_string(kj_precision_name(o->precision)));
  json_object_set_new(object, "patience",
                      json_integer((json_int_t)o->patience));
}

json_t *kj__fit_options_json(const kj_fit_options *o, size_t n_targets)
{
  static const char *const groups[] = {
#define GROUP_NAME(id, name) name,
      KJ_GROUP_LIST(GROUP_NAME)
#undef GROUP_NAME
  };
  json_t *object = json_object();
  json_object_set_new(object, "method", json_string(kj_method_name(o->method)));
  json_object_set_new(object, "normalise",
                      json_string(kj_normalisation_name(o->normalisation)));
  json_object_set_new(object, "validation",
                      o->validation.fraction > 0.0
                          ? json_sprintf("%s:%g", groups[o->validation.group],
                                         o->validation.fraction)
                          : json_string("none"));
  json_object_set_new(object, "calibrate", json_boolean(o->calibrate));
  if (o->method == KJ_METHOD_NETWORK) {
    set_network(object, o);
    set_smoothing(object, &o->smoothing, n_targets);
  }
  if (o->ramp > 0 && o->smoothing.kind != KJ_SMOOTHING_NONE)
    json_object_set_new(object, "ramp", json_integer((json_int_t)o->ramp));
  json_object_set_new(object, "seed", json_integer((json_int_t)o->seed));
  return object;
}

/* The groups that the rows belong to: their number, and for speakers their
 * names, so that nobody is measured on a voice the model has heard. */
static void set_group(json_t *object, const kj_fit *fit, kj_group group,
                      const char *key, bool is_named)
{
  const kj_groups *groups = &fit->data->groups[group];
  json_t *names = json_array();
  for (size_t g = 0; g < groups->n; g++) {
    bool is_used = false;
    for (size_t i = 0; i < fit->n_rows && !is_used; i++)
      is_used = fit->data->row[fit->index[i]].group[group] == g;
    if (is_used && groups->name[g][0] != '\0')
      json_array_append_new(names, json_string(groups->name[g]));
  }
  const size_t n = json_array_size(names);
  if (n > 0 && (!is_named || n > MOST_SPEAKERS))
    json_object_set_new(object, key, json_integer((json_int_t)n));
  else if (n > 0)
    json_object_set(object, key, names);
  json_decref(names);
}

static void set_counts(json_t *object, const kj_fit *fit)
{
  json_t *networks = json_array();
  for (size_t p = 0; p < fit->n_parts; p++) {
    const kj__fit_part *part = &fit->part[p];
    json_t *entry = json_object();
    json_object_set_new(entry, "first_target",
                        json_string(fit->data->target[part->first_target]));
    json_object_set_new(entry, "training_rows",
                        json_integer((json_int_t)part->rows.n_train));
    json_object_set_new(entry, "held_out_rows",
                        json_integer((json_int_t)part->rows.n_validation));
    if (part->trainer)
      json_object_set_new(
          entry, "chosen_epoch",
          json_integer((json_int_t)kj_trainer_chosen_epoch(part->trainer) + 1));
    if (fit->options.method == KJ_METHOD_RIDGE)
      json_object_set_new(entry, "ridge_penalty", number(part->penalty));
    json_array_append_new(networks, entry);
  }
  json_object_set_new(object, "networks", networks);
  json_object_set_new(object, "unlabelled_rows",
                      json_integer((json_int_t)fit->n_unlabelled));
  set_group(object, fit, KJ_GROUP_SPEAKER, "speakers", true);
  set_group(object, fit, KJ_GROUP_SESSION, "sessions", false);
  set_group(object, fit, KJ_GROUP_CORPUS, "corpora", true);
}

json_t *kj__fit_history_json(const kj_fit *fit)
{
  json_t *array = json_array();
  for (size_t p = 0; p < fit->n_parts; p++) {
    const kj_trainer *trainer = fit->part[p].trainer;
    const char *target = fit->data->target[fit->part[p].first_target];
    for (size_t e = 0; trainer && e < kj_trainer_epochs(trainer); e++) {
      const kj_epoch *epoch = kj_trainer_epoch(trainer, e);
      json_t *entry = json_object();
      json_object_set_new(entry, "target",
                          json_string(fit->options.joint ? "all" : target));
      json_object_set_new(entry, "epoch", json_integer((json_int_t)e + 1));
#define SET_FIELD(field, what)                                                 \
  json_object_set_new(entry, #field, number(epoch->field));
      KJ_EPOCH_LIST(SET_FIELD)
#undef SET_FIELD
      json_array_append_new(array, entry);
    }
  }
  return array;
}

kj_status kj_fit_record(const kj_fit *fit, char **training_json,
                        char **history_json, kj_error *err)
{
  const size_t flags = JSON_COMPACT | JSON_REAL_PRECISION(9);
  json_t *training = kj__fit_options_json(&fit->options, fit->data->n_targets);
  json_t *epochs = kj__fit_history_json(fit);
  set_counts(training, fit);
  if (strcmp(fit->data->feature_set, "table") == 0 && fit->data->set_label)
    json_object_set_new(training, KJ_RECORD_FEATURE_TABLE,
                        json_string(fit->data->set_label));
  char *training_text = json_dumps(training, flags);
  char *history_text = json_dumps(epochs, flags);
  json_decref(training);
  json_decref(epochs);
  if (!training_text || !history_text) {
    free(training_text);
    free(history_text);
    return kj__fail_memory(err, "the record of a fit");
  }
  *training_json = training_text;
  *history_json = history_text;
  return KJ_OK;
}
