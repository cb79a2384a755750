/*
 * verb_explain.c: `kanjo explain`: which features move an estimate.
 */
#include "base/error.h"
#include "base/file.h"
#include "cli/load.h"
#include "cli/model_input.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/table.h"
#include "experiment/explanation_chart.h"

#include "kanjo/explanation.h"
#include "kanjo/recording.h"

#include <stdlib.h>
#include <string.h>

typedef struct explanation {
  const cli_settings *settings;
  kj_model *model;
  const kj_model_card *card;
  const kj_estimator_parts *parts;
  kj_route route; /* plain where there are no experts */
  kj_explainer *explainer;
  kj_recording_options options;
  kj_inputs inputs;
  float *x; /* (n_inputs) */
  kj__explanation_chart chart;
  size_t n_failed;
} explanation;

static kj_status load(explanation *e, kj_error *err)
{
  const cli_words *words = &e->settings->input;
  kj_status status = kj_model_read(words->word[0], &e->model, err);
  if (status != KJ_OK)
    return status;
  cli_sound sound;
  status = cli_model_sound(e->model, words->word[0], &sound, err);
  if (status != KJ_OK)
    return status;
  e->card = kj_model_get_card(e->model);
  e->parts = kj_estimator_get_parts(kj_model_estimator(e->model));
  e->options = (kj_recording_options){.set = sound.set, .audio = sound.audio};
  if (!e->options.set)
    return kj__fail(err, KJ_EARGUMENT,
                    "%s: wants the columns of a feature table, not sound",
                    words->word[0]);
  const kj_estimator *estimator = kj_model_estimator(e->model);
  status = cli_choose_route(estimator, e->settings->route, &e->route, err);
  if (status != KJ_OK)
    return status;
  status = kj_explainer_create(estimator, e->card->column, e->card->n_columns,
                               e->route, &e->explainer, err);
  if (status != KJ_OK)
    return kj__fail_in(err, status, "%s", words->word[0]);
  e->x = calloc(e->parts->scaler.n, sizeof *e->x);
  if (!e->x)
    return kj__fail_memory(err, "features");
  for (size_t i = 1; status == KJ_OK && i < words->n; i++)
    status = kj_inputs_add(&e->inputs, words->word[i], err);
  return status;
}

static bool is_gate(const explanation *e)
{
  return e->parts->link == KJ_LINK_LOGIT;
}

static bool is_routed(const explanation *e)
{
  return e->parts->routing.component[KJ_COMPONENT_GATE] != NULL;
}

/* What is explained: a rating, or of a gate the log odds. */
static void print_head(const explanation *e, size_t k,
                       const kj_explanation *why)
{
  const char *mean = e->parts->n_others > 0 ? "mean " : "";
  printf("%s ", e->parts->target[k]);
  if (is_gate(e))
    printf("%slog odds %.2f (%sprobability %.2f)", mean, why->estimate, mean,
           why->probability);
  else
    printf("%.2f", why->estimate);
  printf(": %.2f for the mean of the training rows, %+.2f by\n%-9s",
         why->baseline, why->estimate - why->baseline, "");
}

static void print_target(const explanation *e, size_t k,
                         const kj_explanation *why)
{
  double column[KJ_N_ASPECTS] = {0.0};
  print_head(e, k, why);
  for (int a = 0; a < KJ_N_ASPECTS; a++)
    printf("%10s", kj_aspect_name((kj_aspect)a));
  printf("%10s\n", "sum");
  for (int t = 0; t < KJ_N_TRAITS; t++) {
    double sum = 0.0;
    printf("%-9s", kj_trait_name((kj_trait)t));
    for (int a = 0; a < KJ_N_ASPECTS; a++) {
      printf("%+10.3f", why->group[t][a]);
      column[a] += why->group[t][a];
      sum += why->group[t][a];
    }
    printf("%+10.3f\n", sum);
  }
  if (e->route == KJ_ROUTE_FEATURES)
    printf("%-9s%*s%+10.3f\n", "gate", 10 * KJ_N_ASPECTS, "", why->gate);
  printf("%-9s", "sum");
  for (int a = 0; a < KJ_N_ASPECTS; a++)
    printf("%+10.3f", column[a]);
  printf("%+10.3f\n", why->estimate - why->baseline);
}

static json_t *json_target(const explanation *e, const kj_explanation *why)
{
  json_t *groups = json_object();
  for (int t = 0; t < KJ_N_TRAITS; t++) {
    json_t *trait = json_object();
    for (int a = 0; a < KJ_N_ASPECTS; a++)
      json_object_set_new(trait, kj_aspect_name((kj_aspect)a),
                          json_real(why->group[t][a]));
    json_object_set_new(groups, kj_trait_name((kj_trait)t), trait);
  }
  json_t *features = json_object();
  for (size_t i = 0; i < e->card->n_columns; i++)
    json_object_set_new(features, e->card->column[i],
                        json_real(why->feature[i]));
  json_t *target =
      json_pack("{s:f, s:f, s:o, s:o}", "baseline", why->baseline, "estimate",
                why->estimate, "groups", groups, "features", features);
  if (e->route == KJ_ROUTE_FEATURES)
    json_object_set_new(target, "gate", json_real(why->gate));
  if (is_gate(e))
    json_object_set_new(target, "probability",
                        cli_json_number(why->probability));
  return target;
}

/* Who answers for a row, where there is a gate. */
static const char *heard(const explanation *e, const kj_explanation *why)
{
  switch (e->route) {
  case KJ_ROUTE_HARD:
    return why->probability >= 0.5 ? "the spontaneous expert"
                                   : "the scripted expert";
  case KJ_ROUTE_SOFT:
    return "both experts";
  case KJ_ROUTE_FEATURES:
    return "the estimator that reads the gate";
  default:
    return "the estimator of all speech";
  }
}

static void print_json(const explanation *e, const kj_input *input,
                       const kj_recording *recording, const kj_explanation *why)
{
  json_t *targets = why ? json_object() : json_null();
  for (size_t k = 0; why && k < e->parts->n_targets; k++)
    json_object_set_new(targets, e->parts->target[k], json_target(e, &why[k]));
  json_t *object = json_pack(
      "{s:o, s:f, s:f, s:s, s:s, s:o, s:o}", "file", cli_json_text(input->name),
      "start", recording->start_s, "end", recording->end_s, "status",
      kj_recording_status_text(recording->status), "unit",
      is_gate(e) ? "log odds" : "rating", "scale",
      is_gate(e) ? json_null()
                 : json_pack("[f,f]", KJ_SCALE_LOW, KJ_SCALE_HIGH),
      "targets", targets);
  if (why && is_routed(e)) {
    json_object_set_new(object, "route", json_string(kj_route_name(e->route)));
    json_object_set_new(object, "heard", json_string(heard(e, why)));
    json_object_set_new(object, "p_spontaneous",
                        cli_json_number(why->probability));
  }
  cli_print_json(stdout, object);
}

static void print_text(const explanation *e, const kj_input *input,
                       const kj_recording *recording, const kj_explanation *why)
{
  printf("%s: %s", input->name, kj_recording_status_text(recording->status));
  if (why && is_routed(e))
    printf(", %s, p(spont) %.2f", heard(e, why), why->probability);
  putchar('\n');
  for (size_t k = 0; why && k < e->parts->n_targets; k++)
    print_target(e, k, &why[k]);
}

static kj_status explain(explanation *e, const kj_input *input, kj_error *err)
{
  kj_explanation why[KJ_MAX_TARGETS];
  kj_recording recording;
  kj_recording_options options = e->options;
  options.audio.start_s = input->start_s;
  options.audio.end_s = input->end_s;
  options.audio.channel =
      kj_channel_choose(input->channel, options.audio.channel);
  kj_status status =
      kj_recording_extract(input->file, &options, e->x, &recording, err);
  const bool is_usable =
      status == KJ_OK && kj_recording_has_values(recording.status);
  if (is_usable)
    status = kj_explainer_explain(e->explainer, e->x, why, err);
  if (status != KJ_OK)
    return kj__fail_in(err, status, "%s", input->name);
  if (is_usable) {
    kj__explanation_add(&e->chart, why, e->parts->n_targets);
  } else {
    e->n_failed++;
    cli_note("%s: %s: %s", input->name,
             kj_recording_status_text(recording.status), recording.reason);
  }
  (e->settings->json ? print_json : print_text)(e, input, &recording,
                                                is_usable ? why : NULL);
  return KJ_OK;
}

/* What the chart is of. */
static void name_chart(explanation *e)
{
  kj__explanation_chart *chart = &e->chart;
  chart->n_targets = e->parts->n_targets;
  chart->is_gate = is_gate(e);
  chart->reads_gate = e->route == KJ_ROUTE_FEATURES;
  for (size_t k = 0; k < chart->n_targets; k++)
    chart->target[k] = e->parts->target[k];
}

static kj_status
write_file(const kj__explanation_chart *chart, const char *path,
           void (*write)(const kj__explanation_chart *, FILE *), kj_error *err)
{
  kj__output output;
  const kj_status status = kj__output_open(&output, path, err);
  if (status != KJ_OK)
    return status;
  write(chart, output.stream);
  return kj__output_commit(&output, err);
}

/* OUT.svg, and OUT.csv beside it. */
static kj_status write_chart(explanation *e, kj_error *err)
{
  const char *path = e->settings->svg;
  const size_t n = strlen(path);
  if (e->chart.n_recordings == 0)
    return kj__fail(err, KJ_EDATA, "%s: there is no recording to draw", path);
  char *beside = malloc(n + 1);
  if (!beside)
    return kj__fail_memory(err, "a name");
  memcpy(beside, path, n + 1);
  memcpy(beside + n - 3, "csv", 3);
  name_chart(e);
  kj_status status = write_file(&e->chart, path, kj__explanation_svg, err);
  if (status == KJ_OK)
    status = write_file(&e->chart, beside, kj__explanation_csv, err);
  free(beside);
  return status;
}

static kj_status check_svg(const char *path, kj_error *err)
{
  const size_t n = path ? strlen(path) : 0;
  if (!path || (n > 4 && strcmp(path + n - 4, ".svg") == 0))
    return KJ_OK;
  return kj__fail(err, KJ_EARGUMENT, "--svg is '%s'; must end in .svg", path);
}

static kj_status run(explanation *e, kj_error *err)
{
  cli_progress progress = cli_progress_start(e->settings->progress);
  kj_status status = KJ_OK;
  for (size_t i = 0; status == KJ_OK && i < e->inputs.n; i++) {
    if (cli_is_interrupted())
      status = kj__fail(err, KJ_EINTERRUPTED, "stopped");
    else
      status = explain(e, &e->inputs.input[i], err);
    cli_progress_show(&progress, "recordings", i + 1, e->inputs.n);
  }
  cli_progress_end(&progress);
  if (status == KJ_OK && e->settings->svg)
    status = write_chart(e, err);
  return status;
}

int cli_explain(const cli_settings *settings)
{
  kj_error err;
  explanation e = {.settings = settings};
  cli_catch_interrupts();
  kj_status status = check_svg(settings->svg, &err);
  if (status == KJ_OK)
    status = load(&e, &err);
  if (status == KJ_OK)
    status = run(&e, &err);
  kj_explainer_destroy(e.explainer);
  kj_inputs_clear(&e.inputs);
  kj_model_destroy(e.model);
  free(e.x);
  if (status != KJ_OK)
    return cli_fail(&err);
  return e.n_failed > 0 ? CLI_SOME_FAILED : CLI_DONE;
}
