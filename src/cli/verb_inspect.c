/*
 * verb_inspect.c: `kanjo inspect`: a model's card.
 */
#include "cli/options.h"
#include "cli/report.h"
#include "cli/table.h"

#include "kanjo/model.h"

#include <stdlib.h>

static json_t *parsed(const char *text)
{
  json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
  return value ? value : json_null();
}

static json_t *targets(const kj_estimator_parts *parts)
{
  json_t *array = json_array();
  for (size_t k = 0; k < parts->n_targets; k++)
    json_array_append_new(
        array, json_pack("{s:s, s:f, s:f}", "name", parts->target[k], "slope",
                         parts->slope[k], "offset", parts->offset[k]));
  return array;
}

static json_t *networks(const kj_estimator_parts *parts)
{
  json_t *array = json_array();
  for (size_t p = 0; p < parts->n_parts; p++) {
    const kj_network *net = parts->part[p].network;
    json_t *widths = json_array();
    for (size_t l = 0; l <= net->shape.n_layers; l++)
      json_array_append_new(widths,
                            json_integer((json_int_t)net->shape.width[l]));
    json_array_append_new(
        array,
        json_pack("{s:s, s:o, s:s, s:I}", "first_target",
                  parts->target[parts->part[p].first_target], "widths", widths,
                  "output_activation", kj_activation_name(net->shape.output),
                  "parameters", (json_int_t)net->n_parameters));
  }
  return array;
}

static void print_json(const kj_model *model)
{
  const kj_model_card *card = kj_model_get_card(model);
  const kj_estimator_parts *parts =
      kj_estimator_get_parts(kj_model_estimator(model));
  json_t *object = json_pack(
      "{s:s, s:s, s:i, s:i, s:i, s:s, s:s, s:s, s:s}", "kanjo_version",
      kj_model_kanjo_version(model), "feature_set", card->feature_set,
      "feature_set_version", (int)card->feature_set_version, "rate_hz",
      (int)card->rate_hz, "channel", card->channel, "method", card->method,
      "licence", card->licence, "intended_use", card->intended_use,
      "description", card->description);
  json_object_set_new(object, "rating_scale",
                      json_pack("[f,f]", KJ_SCALE_LOW, KJ_SCALE_HIGH));
  json_object_set_new(object, "weights",
                      json_string(kj_weights_name(parts->weights)));
  json_object_set_new(object, "targets", targets(parts));
  json_object_set_new(object, "networks", networks(parts));
  json_object_set_new(object, "training", parsed(card->training_json));
  json_object_set_new(object, "history", parsed(card->history_json));
  cli_print_json(stdout, object);
}

int cli_inspect(const cli_settings *settings)
{
  kj_error err;
  kj_model *model = NULL;
  kj_status status = kj_model_read(settings->input.word[0], &model, &err);
  if (status != KJ_OK)
    return cli_fail(&err);
  char *text = NULL;
  if (settings->json)
    print_json(model);
  else
    status = kj_model_card_markdown(model, &text, &err);
  if (text)
    fputs(text, stdout);
  free(text);
  kj_model_destroy(model);
  return status == KJ_OK ? CLI_DONE : cli_fail(&err);
}
