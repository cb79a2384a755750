/*
 * verb_inspect.c: `kanjo inspect`: a model's card.
 */
#include "cli/options.h"
#include "cli/report.h"
#include "cli/table.h"

#include "kanjo/model.h"

#include <math.h>
#include <stdlib.h>

static json_t *parsed(const char *text)
{
  json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
  return value ? value : json_null();
}

/* -1: not known. */
static json_t *share(double value)
{
  return value < 0.0 ? json_null() : cli_json_number(value);
}

/* Half the widths of intervals, by level; in units of `unit`. */
static json_t *intervals(const kj_residuals *residuals)
{
  static const struct {
    const char *name;
    double level;
  } LEVELS[] = {{"0.5", 0.5}, {"0.8", 0.8}, {"0.9", 0.9}, {"0.95", 0.95}};
  json_t *half_width = json_object();
  if (residuals->n_residuals == 0) {
    json_decref(half_width);
    return json_null();
  }
  for (size_t l = 0; l < sizeof LEVELS / sizeof LEVELS[0]; l++) {
    double width = (double)NAN;
    kj_residuals_half_width(residuals, LEVELS[l].level, &width, NULL);
    json_object_set_new(half_width, LEVELS[l].name, cli_json_number(width));
  }
  return json_pack("{s:o, s:s, s:I, s:I, s:o, s:o}", "half_width", half_width,
                   "unit", residuals->is_relative ? "sd" : "rating",
                   "residuals", (json_int_t)residuals->n_residuals, "speakers",
                   (json_int_t)residuals->n_speakers, "covered",
                   share(residuals->covered), "least_covered",
                   share(residuals->least_covered));
}

static json_t *targets(const kj_estimator_parts *parts)
{
  json_t *array = json_array();
  for (size_t k = 0; k < parts->n_targets; k++)
    json_array_append_new(
        array, json_pack("{s:s, s:f, s:f, s:o}", "name", parts->target[k],
                         "slope", parts->slope[k], "offset", parts->offset[k],
                         "intervals", intervals(&parts->residuals[k])));
  return array;
}

static json_t *novelty(const kj_novelty *known)
{
  return known->n_rows == 0
             ? json_null()
             : json_pack("{s:I, s:I, s:f, s:f}", "rows",
                         (json_int_t)known->n_rows, "speakers",
                         (json_int_t)known->n_speakers, "false_alarms",
                         known->false_alarms, "threshold", known->threshold);
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

/* What a component or a member has of its own. */
static json_t *inner(const kj_estimator *estimator, const kj_model_card *card)
{
  const kj_estimator_parts *parts = kj_estimator_get_parts(estimator);
  return json_pack(
      "{s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "method", card->method,
      "description", card->description, "link", kj_link_name(parts->link),
      "targets", targets(parts), "networks", networks(parts), "training",
      parsed(card->training_json), "history", parsed(card->history_json));
}

/* Gate and experts, or null. */
static json_t *components(const kj_routing *routing, const kj_model_card *card)
{
  json_t *object = json_object();
  for (int c = 0; c < KJ_N_COMPONENTS; c++)
    if (routing->component[c])
      json_object_set_new(object, kj_component_name((kj_component)c),
                          inner(routing->component[c], card->component[c]));
  if (json_object_size(object) > 0)
    return object;
  json_decref(object);
  return json_null();
}

/* All members of an ensemble but the first, which is the model itself. */
static json_t *others(const kj_estimator_parts *parts,
                      const kj_model_card *card)
{
  json_t *array = json_array();
  for (size_t m = 0; m < parts->n_others; m++)
    json_array_append_new(array, inner(parts->other[m], card->other[m]));
  return array;
}

/* How it estimates, and what it tells beside values. */
static void set_estimator(json_t *object, const kj_estimator_parts *parts,
                          const kj_model_card *card)
{
  const bool is_routed = parts->routing.component[KJ_COMPONENT_GATE] != NULL;
  const struct {
    const char *key;
    json_t *value;
  } fields[] = {
      {"link", json_string(kj_link_name(parts->link))},
      {"normalisation",
       json_string(kj_normalisation_name(parts->normalisation))},
      {"weights", json_string(kj_weights_name(parts->weights))},
      {"predicts_sd", json_boolean(parts->predicts_sd)},
      {"targets", targets(parts)},
      {"networks", networks(parts)},
      {"novelty", novelty(&parts->novelty)},
      {"route", is_routed ? json_string(kj_route_name(parts->routing.route))
                          : json_null()},
      {"components", components(&parts->routing, card)},
      {"members", json_integer((json_int_t)parts->n_others + 1)},
      {"other_members", others(parts, card)},
  };
  for (size_t f = 0; f < sizeof fields / sizeof fields[0]; f++)
    json_object_set_new(object, fields[f].key, fields[f].value);
}

static void print_json(const kj_model *model)
{
  const kj_model_card *card = kj_model_get_card(model);
  json_t *object = json_pack(
      "{s:s, s:s, s:i, s:i, s:i, s:s, s:s, s:s, s:s}", "kanjo_version",
      kj_model_kanjo_version(model), "feature_set", card->feature_set,
      "feature_set_version", (int)card->feature_set_version, "rate_hz",
      (int)card->rate_hz, "channel", card->channel, "method", card->method,
      "licence", card->licence, "intended_use", card->intended_use,
      "description", card->description);
  json_object_set_new(object, "rating_scale",
                      json_pack("[f,f]", KJ_SCALE_LOW, KJ_SCALE_HIGH));
  set_estimator(object, kj_estimator_get_parts(kj_model_estimator(model)),
                card);
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
