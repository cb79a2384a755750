/*
 * model_input.c: how a model wants its input: sound, or the columns of a table.
 */
#include "cli/model_input.h"

#include "base/error.h"
#include "cli/report.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

kj_status cli_model_sound(const kj_model *model, const char *name,
                          cli_sound *sound, kj_error *err)
{
  const kj_model_card *card = kj_model_get_card(model);
  *sound = (cli_sound){.audio = kj_audio_default_options()};
  sound->audio.rate_hz = card->rate_hz;
  sound->audio.channel = card->channel;
  const kj_status status = kj_model_find_set(model, &sound->set, err);
  return status == KJ_OK ? KJ_OK : kj__fail_in(err, status, "%s", name);
}

/* What a table must say that it is: the model's set, or what the table said
 * that it was trained on; "" for a table that said nothing. */
static void write_label(const kj_model_card *card, char *label, size_t size)
{
  label[0] = '\0';
  if (strcmp(card->feature_set, "table") != 0) {
    snprintf(label, size, "%s/%u", card->feature_set,
             card->feature_set_version);
    return;
  }
  json_t *training = json_loads(card->training_json, 0, NULL);
  const char *said =
      json_string_value(json_object_get(training, KJ_RECORD_FEATURE_TABLE));
  snprintf(label, size, "%s", said ? said : "");
  json_decref(training);
}

kj_status cli_match_model(const kj_model *model, const char *name,
                          kj_dataset *data, kj_error *err)
{
  char label[512];
  const kj_model_card *card = kj_model_get_card(model);
  kj_status status =
      kj_dataset_match_columns(data, card->column, card->n_columns, err);
  write_label(card, label, sizeof label);
  if (status == KJ_OK && label[0] != '\0')
    status = kj_dataset_check_set(data, label, err);
  return status == KJ_OK ? KJ_OK : kj__fail_in(err, status, "%s", name);
}

kj_status cli_read_model_targets(const cli_settings *settings,
                                 const kj_estimator_parts *parts,
                                 kj_target_spec *targets, size_t *n,
                                 kj_error *err)
{
  if (parts->link == KJ_LINK_LOGIT) {
    *n = 0;
    return settings->target.n == 0
               ? KJ_OK
               : kj__fail(err, KJ_EARGUMENT, "--target is not for a gate");
  }
  kj_status status = cli_read_targets(settings, targets, n, err);
  if (status != KJ_OK || *n > 0)
    return status;
  double low, high;
  status = kj_scale_parse(settings->scale, &low, &high, err);
  for (size_t k = 0; status == KJ_OK && k < parts->n_targets; k++) {
    status = kj_target_parse(parts->target[k], &targets[k], err);
    targets[k].low = low;
    targets[k].high = high;
  }
  *n = parts->n_targets;
  return status;
}

static bool is_among(const json_t *names, const char *name)
{
  for (size_t i = 0; i < json_array_size(names); i++) {
    const char *other = json_string_value(json_array_get(names, i));
    if (other && strcmp(other, name) == 0)
      return true;
  }
  return false;
}

void cli_note_heard_speakers(const char *name, const kj_model *model,
                             const kj_dataset *data)
{
  json_t *training =
      json_loads(kj_model_get_card(model)->training_json, 0, NULL);
  const json_t *heard = json_object_get(training, "speakers");
  size_t n_rows = 0;
  for (size_t i = 0; i < data->n_rows; i++) {
    const char *speaker = data->row[i].group_name[KJ_GROUP_SPEAKER];
    n_rows += speaker[0] != '\0' && is_among(heard, speaker) ? 1 : 0;
  }
  if (n_rows > 0)
    cli_note("%s: %zu of %zu rows are of speakers with names that the model "
             "was trained on; if they are the same people, the figures tell "
             "nothing about new ones",
             name, n_rows, data->n_rows);
  json_decref(training);
}

kj_status cli_choose_route(const kj_estimator *estimator, int asked,
                           kj_route *route, kj_error *err)
{
  const kj_routing *routing = &kj_estimator_get_parts(estimator)->routing;
  *route = asked < 0 ? routing->route : (kj_route)asked;
  if (asked >= 0 && !routing->component[KJ_COMPONENT_GATE])
    return kj__fail(err, KJ_EARGUMENT,
                    "--route %s: the model has no gate and no experts",
                    kj_route_name(*route));
  if (*route == KJ_ROUTE_FEATURES && !routing->component[KJ_COMPONENT_INFORMED])
    return kj__fail(err, KJ_EARGUMENT,
                    "--route features: the model has no estimator that reads "
                    "the gate's probability; must be plain, hard or soft");
  if (*route == KJ_ROUTE_ORACLE)
    return kj__fail(err, KJ_EARGUMENT,
                    "--route oracle is for evaluate, which knows the kinds");
  return KJ_OK;
}
