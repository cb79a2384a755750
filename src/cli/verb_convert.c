/*
 * verb_convert.c: `kanjo convert`: a model with weights of fewer bits, if it
 * still estimates as well.
 */
#define _POSIX_C_SOURCE 200809L /* stat */
#include "base/error.h"
#include "cli/load.h"
#include "cli/model_input.h"
#include "cli/options.h"
#include "cli/rated.h"
#include "cli/report.h"
#include "cli/table.h"

#include "kanjo/conversion.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct conversion {
  const cli_settings *settings;
  kj_conversion_options options;
  kj_model *model;
  cli_rated rated;
  const kj_dataset *data; /* NULL where nothing is measured */
  kj_conversion report;
  kj_estimator *converted;
} conversion;

static const char *input_of(const conversion *c)
{
  return c->settings->input.word[0];
}

static const kj_estimator_parts *parts_of(const conversion *c)
{
  return kj_estimator_get_parts(kj_model_estimator(c->model));
}

/* ---- what is asked ---- */

static kj_status check_settings(conversion *c, kj_error *err)
{
  const cli_settings *s = c->settings;
  if (!s->output)
    return kj__fail(err, KJ_EARGUMENT, "-o MODEL is missing");
  if (strcmp(s->output, "-") == 0)
    return kj__fail(err, KJ_EARGUMENT,
                    "-o is -; must be a file, for the results go to standard "
                    "output");
  if (s->weights < 0)
    return kj__fail(err, KJ_EARGUMENT,
                    "--weights is missing; must be fp32, bf16 or int8");
  c->options.weights = (kj_weights)s->weights;
  if (c->options.weights != KJ_WEIGHTS_FP32 && !s->calibration)
    return kj__fail(err, KJ_EARGUMENT,
                    "--calibrate LABELS.csv is missing: what rounding costs "
                    "must be measured");
  return KJ_OK;
}

static kj_status load(conversion *c, kj_error *err)
{
  kj_status status = check_settings(c, err);
  if (status == KJ_OK)
    status = kj_model_read(input_of(c), &c->model, err);
  if (status != KJ_OK || !c->settings->calibration)
    return status;
  status = cli_load_rated(c->settings, input_of(c), c->model,
                          c->settings->calibration, &c->rated, err);
  if (status != KJ_OK)
    return status;
  c->data = cli_rated_rows(&c->rated);
  cli_note_heard_speakers(input_of(c), c->model, c->data);
  return KJ_OK;
}

static kj_status convert(conversion *c, kj_error *err)
{
  const kj_estimator *from = kj_model_estimator(c->model);
  const kj_status status = c->data
                               ? kj_convert(from, c->data, &c->options,
                                            &c->report, &c->converted, err)
                               : kj_conversion_make(from, c->options.weights,
                                                    NULL, &c->converted, err);
  return status == KJ_OK ? KJ_OK : kj__fail_in(err, status, "%s", input_of(c));
}

/* ---- what came of it ---- */

static json_t *targets_json(const conversion *c)
{
  json_t *array = json_array();
  for (size_t k = 0; k < parts_of(c)->n_targets; k++) {
    const kj_conversion_target *t = &c->report.target[k];
    json_array_append_new(
        array, json_pack("{s:s, s:I, s:f, s:f, s:f, s:f, s:f, s:b}", "name",
                         parts_of(c)->target[k], "rows", (json_int_t)t->n_rows,
                         "mae_before", t->before.mae, "mae", t->after.mae,
                         "ccc_before", t->before.ccc, "ccc", t->after.ccc,
                         "largest_difference", t->largest_difference, "passed",
                         (int)t->has_passed));
  }
  return array;
}

/* What was measured, as the model's record and --json have it. */
static json_t *record(const conversion *c)
{
  const char *path = c->settings->calibration;
  const char *folder = strrchr(path, '/');
  json_t *object = json_object();
  json_object_set_new(object, "weights",
                      json_string(kj_weights_name(c->options.weights)));
  json_object_set_new(object, "labels",
                      cli_json_text(folder ? folder + 1 : path));
  json_object_set_new(object, "rows",
                      json_integer((json_int_t)c->report.n_rows));
  json_object_set_new(object, "gate_mae", json_real(c->options.gate_mae));
  json_object_set_new(object, "gate_ccc", json_real(c->options.gate_ccc));
  json_object_set_new(object, "targets", targets_json(c));
  return object;
}

/* The record goes into the training record, as `conversion`. */
static char *new_training(const conversion *c)
{
  json_t *training =
      json_loads(kj_model_get_card(c->model)->training_json, 0, NULL);
  if (c->data)
    json_object_set_new(training, "conversion", record(c));
  char *text = json_dumps(training, JSON_COMPACT | JSON_REAL_PRECISION(9));
  json_decref(training);
  return text;
}

static kj_status write(const conversion *c, kj_error *err)
{
  kj_model_card card = *kj_model_get_card(c->model);
  char *training = new_training(c);
  if (!training)
    return kj__fail_memory(err, "the record of a conversion");
  card.training_json = training;
  const kj_status status =
      kj_model_write(c->settings->output, c->converted, &card, err);
  free(training);
  return status;
}

/* Bytes of a file; 0 if it has just gone. */
static json_int_t size_of(const char *path)
{
  struct stat file;
  return stat(path, &file) == 0 ? (json_int_t)file.st_size : 0;
}

static bool is_wanted(const conversion *c)
{
  return !c->data || c->report.has_passed;
}

static void print_targets(const conversion *c)
{
  printf("%-11s%7s%11s%11s%11s%11s%11s  %s\n", "", "rows", "mae", "was", "ccc",
         "was", "largest", "gate");
  for (size_t k = 0; k < parts_of(c)->n_targets; k++) {
    const kj_conversion_target *t = &c->report.target[k];
    printf("%-11s%7zu%11.4f%11.4f%11.4f%11.4f%11.4f  %s\n",
           parts_of(c)->target[k], t->n_rows, t->after.mae, t->before.mae,
           t->after.ccc, t->before.ccc, t->largest_difference,
           t->has_passed ? "passed" : "refused");
  }
}

static void print_text(const conversion *c)
{
  const char *from = kj_weights_name(parts_of(c)->weights);
  const char *to = kj_weights_name(c->options.weights);
  if (c->data) {
    printf("%s to %s, measured on %zu rows; gate: MAE +%g, CCC -%g\n", from, to,
           c->report.n_rows, c->options.gate_mae, c->options.gate_ccc);
    print_targets(c);
  } else
    printf("%s to %s: the same estimates\n", from, to);
  if (is_wanted(c))
    printf("%s: %" JSON_INTEGER_FORMAT " bytes; %s: %" JSON_INTEGER_FORMAT "\n",
           c->settings->output, size_of(c->settings->output), input_of(c),
           size_of(input_of(c)));
}

static void print_json(const conversion *c)
{
  json_t *object = c->data ? record(c) : json_object();
  json_object_set_new(object, "weights",
                      json_string(kj_weights_name(c->options.weights)));
  json_object_set_new(object, "weights_before",
                      json_string(kj_weights_name(parts_of(c)->weights)));
  json_object_set_new(object, "written", json_boolean(is_wanted(c)));
  json_object_set_new(object, "bytes_before",
                      json_integer(size_of(input_of(c))));
  json_object_set_new(object, "bytes",
                      is_wanted(c) ? json_integer(size_of(c->settings->output))
                                   : json_null());
  cli_print_json(stdout, object);
}

int cli_convert(const cli_settings *settings)
{
  kj_error err;
  conversion c = {.settings = settings,
                  .options = {.gate_mae = settings->gate_mae,
                              .gate_ccc = settings->gate_ccc}};
  cli_catch_interrupts();
  kj_status status = load(&c, &err);
  if (status == KJ_OK)
    status = convert(&c, &err);
  if (status == KJ_OK && is_wanted(&c))
    status = write(&c, &err);
  const bool is_refused = status == KJ_OK && !is_wanted(&c);
  const bool is_short = c.rated.n_dropped > 0;
  if (status == KJ_OK)
    settings->json ? print_json(&c) : print_text(&c);
  if (is_refused)
    cli_note("%s: not written: the gate refuses it", settings->output);
  kj_estimator_destroy(c.converted);
  cli_clear_rated(&c.rated);
  kj_model_destroy(c.model);
  if (status != KJ_OK)
    return cli_fail(&err);
  return is_refused || is_short ? CLI_SOME_FAILED : CLI_DONE;
}
