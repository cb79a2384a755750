/*
 * load.c: settings into options, tables into datasets.
 */
#include "cli/load.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "cli/feature_cache.h"
#include "cli/outputs.h"
#include "cli/report.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

kj_status cli_read_channel(const char *text, int *channel, kj_error *err)
{
  static const struct {
    const char *name;
    int channel;
  } names[] = {{"mix", KJ_CHANNEL_MIX}, {"left", 0}, {"right", 1}};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp(text, names[i].name) == 0) {
      *channel = names[i].channel;
      return KJ_OK;
    }
  char *end;
  const long number = strtol(text, &end, 10);
  if (end == text || *end != '\0' || number < 1 || number > KJ_MAX_CHANNELS)
    return kj__fail(err, KJ_EARGUMENT,
                    "--channel is '%s'; must be mix, left, right or 1..%d",
                    text, KJ_MAX_CHANNELS);
  *channel = (int)number - 1;
  return KJ_OK;
}

/* NULL: nothing was said. */
static kj_status find_set(const char *name, const kj_feature_set **set,
                          kj_error *err)
{
  char known[256] = "";
  *set = name ? kj_feature_set_find(name) : kj_feature_set_get(0);
  if (*set)
    return KJ_OK;
  for (size_t i = 0; i < kj_feature_set_count(); i++) {
    strncat(known, i ? ", " : "", sizeof known - strlen(known) - 1);
    strncat(known, kj_feature_set_get(i)->name,
            sizeof known - strlen(known) - 1);
  }
  return kj__fail(err, KJ_EARGUMENT, "--set is '%s'; must be one of: %s", name,
                  known);
}

kj_status cli_read_raw(const cli_settings *settings, kj_raw *raw, kj_error *err)
{
  const kj_status status =
      settings->raw ? kj_raw_parse(settings->raw, raw, err) : KJ_OK;
  return status == KJ_OK ? KJ_OK : kj__fail_in(err, status, "--raw");
}

kj_status cli_read_sound(const cli_settings *settings,
                         const kj_feature_set **set, kj_audio_options *audio,
                         kj_error *err)
{
  *audio = kj_audio_default_options();
  audio->rate_hz = settings->rate == 0 ? KJ_DEFAULT_RATE_HZ : 0;
  kj_status status = find_set(settings->set, set, err);
  if (status == KJ_OK)
    status = cli_read_channel(settings->channel, &audio->channel, err);
  return status;
}

kj_status cli_read_targets(const cli_settings *settings,
                           kj_target_spec *targets, size_t *n, kj_error *err)
{
  double low, high;
  kj_status status = kj_scale_parse(settings->scale, &low, &high, err);
  if (status != KJ_OK)
    return kj__fail_in(err, status, "--scale");
  if (settings->target.n > KJ_MAX_TARGETS)
    return kj__fail(err, KJ_EARGUMENT,
                    "--target is given %zu times; must be at most %d",
                    settings->target.n, KJ_MAX_TARGETS);
  for (size_t k = 0; k < settings->target.n; k++) {
    status = kj_target_parse(settings->target.word[k], &targets[k], err);
    if (status != KJ_OK)
      return kj__fail_in(err, status, "--target");
    targets[k].low = low;
    targets[k].high = high;
  }
  *n = settings->target.n;
  return KJ_OK;
}

static kj_status read_hidden(const char *option, const char *text,
                             kj_fit_options *options, kj_error *err)
{
  options->n_hidden = 0;
  if (strcmp(text, "none") == 0)
    return KJ_OK;
  const char *rest = text;
  for (;;) {
    char *end;
    const unsigned long width = strtoul(rest, &end, 10);
    if (end == rest || rest[0] == '-' || width < 1 || width > KJ_MAX_WIDTH ||
        (*end != ',' && *end != '\0') || options->n_hidden == KJ_MAX_LAYERS - 1)
      return kj__fail(err, KJ_EARGUMENT,
                      "%s is '%s'; must be none, or up to %d widths of "
                      "1..%d with commas between",
                      option, text, KJ_MAX_LAYERS - 1, KJ_MAX_WIDTH);
    options->hidden[options->n_hidden++] = width;
    if (*end == '\0')
      return KJ_OK;
    rest = end + 1;
  }
}

/* One sigma for all targets, or one each. */
static kj_status read_sigma(const char *text, size_t n_targets, double *sigma,
                            kj_error *err)
{
  size_t n = 0;
  const char *rest = text;
  for (;;) {
    char *end;
    const double value = strtod(rest, &end);
    if (end == rest || (*end != ',' && *end != '\0') || !(value > 0.0) ||
        !isfinite(value) || n == KJ_MAX_OUTPUTS)
      return kj__fail(err, KJ_EARGUMENT,
                      "--sigma is '%s'; must be a number above 0, or one for "
                      "each target with commas between",
                      text);
    sigma[n++] = value;
    if (*end == '\0')
      break;
    rest = end + 1;
  }
  if (n != 1 && n != n_targets)
    return kj__fail(err, KJ_EARGUMENT,
                    "--sigma has %zu numbers, --target is given %zu times; "
                    "must be one sigma for all targets, or one for each",
                    n, n_targets);
  for (size_t k = 1; n == 1 && k < KJ_MAX_OUTPUTS; k++)
    sigma[k] = sigma[0];
  return KJ_OK;
}

static kj_status read_smoothing(const cli_settings *settings, size_t n_targets,
                                kj_smoothing *smoothing, kj_error *err)
{
  const bool is_one = settings->smoothing >= KJ_SMOOTHING_NONE &&
                      settings->smoothing <= KJ_SMOOTHING_VAT;
  *smoothing = kj_smoothing_defaults(
      is_one ? (kj_smoothing_kind)settings->smoothing : KJ_SMOOTHING_NONE);
  smoothing->lambda = settings->lambda;
  smoothing->epsilon = settings->epsilon;
  smoothing->direction = (kj_direction)settings->direction;
  smoothing->power_iterations = (unsigned)settings->power_iterations;
  smoothing->xi = settings->xi;
  smoothing->is_relative = settings->relative;
  return read_sigma(settings->sigma, n_targets, smoothing->sigma, err);
}

static kj_status read_validation(const cli_settings *settings,
                                 kj_fit_options *options, kj_error *err)
{
  const char *text = settings->validation;
  if (!text && settings->calibrate)
    text = "speaker:0.2";
  if (!text && settings->patience > 0)
    return kj__fail(err, KJ_EARGUMENT,
                    "--patience needs --validation, such as "
                    "--validation speaker:0.2");
  const kj_status status =
      text ? kj_split_parse(text, &options->validation, err) : KJ_OK;
  return status == KJ_OK ? KJ_OK : kj__fail_in(err, status, "--validation");
}

kj_status cli_read_fit(const cli_settings *settings, size_t n_targets,
                       kj_fit_options *options, kj_error *err)
{
  static const kj_loss losses[] = {KJ_LOSS_MSE, KJ_LOSS_CCC, KJ_LOSS_NLL};
  *options = kj_fit_defaults();
  options->method = (kj_method)settings->method;
  options->joint = settings->joint;
  options->output = (kj_activation)settings->output_activation;
  options->he_initialisation = settings->initialisation == 1;
  options->normalisation = (kj_normalisation)settings->normalise;
  options->calibrate = settings->calibrate;
  options->loss = losses[settings->loss];
  if (options->loss == KJ_LOSS_NLL)
    options->output = KJ_ACTIVATION_LINEAR; /* a deviation has a logarithm */
  options->learning_rate = settings->learning_rate;
  options->weight_decay = settings->weight_decay;
  options->dropout = settings->dropout;
  options->schedule = (kj_schedule)settings->schedule;
  options->epochs = (size_t)settings->epochs;
  options->batch = (size_t)settings->batch;
  options->precision = (kj_precision)settings->precision;
  options->patience = (size_t)settings->patience;
  options->ramp = (size_t)settings->ramp;
  options->seed = settings->seed;
  kj_status status =
      read_hidden("--hidden", settings->hidden ? settings->hidden : "1200,600",
                  options, err);
  if (status == KJ_OK)
    status = read_smoothing(settings, n_targets, &options->smoothing, err);
  if (status == KJ_OK)
    status = read_validation(settings, options, err);
  return status;
}

kj_status cli_read_gate(const cli_settings *settings,
                        const kj_fit_options *others, kj_fit_options *gate,
                        kj_error *err)
{
  const bool is_alone = settings->kind == CLI_KIND_GATE;
  if (others->method != KJ_METHOD_NETWORK)
    return kj__fail(err, KJ_EARGUMENT, "--method is %s; a gate is a network",
                    kj_method_name(others->method));
  if (is_alone && settings->loss != 0)
    return kj__fail(err, KJ_EARGUMENT,
                    "--loss with --kind gate; a gate's is cross-entropy");
  *gate = *others;
  gate->joint = false;
  gate->loss = KJ_LOSS_BCE;
  gate->output = KJ_ACTIVATION_LINEAR;
  if (!is_alone)
    gate->smoothing.kind = (kj_smoothing_kind)settings->gate_smoothing;
  if (!is_alone && settings->gate_epochs > 0)
    gate->epochs = (size_t)settings->gate_epochs;
  return is_alone && settings->hidden
             ? KJ_OK
             : read_hidden("--gate-hidden", settings->gate_hidden, gate, err);
}

bool cli_stop(void *context)
{
  (void)context;
  return cli_is_interrupted();
}

static void show_extraction(void *context, size_t done, size_t total)
{
  cli_progress_show(context, "recordings", done, total);
}

static void note_failed(void *context, const char *name, const char *status,
                        const char *reason)
{
  cli_progress_end(context);
  cli_note("%s: left out: %s%s%s", name, status, reason[0] ? ": " : "", reason);
}

static kj_status extract(const cli_settings *settings, const cli_sound *sound,
                         kj_dataset *data, kj_error *err)
{
  cli_progress progress = cli_progress_start(settings->progress);
  const kj_sound_options options = {.set = sound->set,
                                    .audio = sound->audio,
                                    .n_threads = kj__pool_processors(),
                                    .progress = show_extraction,
                                    .stop = cli_stop,
                                    .failed = note_failed,
                                    .context = &progress};
  const kj_status status = kj_dataset_attach_sound(data, &options, err);
  cli_progress_end(&progress);
  return status;
}

static bool can_be_read(const char *file)
{
  FILE *stream = fopen(file, "rb");
  const bool can = stream && (getc(stream) != EOF || !ferror(stream));
  if (stream)
    fclose(stream);
  return can;
}

/* Files that cannot be read now may be so later: then nothing is kept. */
static bool may_keep(const kj_dataset *data, const kj_row *before,
                     size_t n_rows)
{
  for (size_t i = 0; data->n_rows < n_rows && i < n_rows; i++)
    if (!can_be_read(before[i].file))
      return false;
  return true;
}

/* Extract, and keep what came out. */
static kj_status extract_and_keep(const cli_settings *settings,
                                  const cli_sound *sound, kj_dataset *data,
                                  const char *path, kj_error *err)
{
  const size_t n_rows = data->n_rows;
  kj_row *before = kj__allocate(NULL, n_rows, sizeof *before);
  if (!before)
    return kj__fail_memory(err, "features");
  memcpy(before, data->row, n_rows * sizeof *before);
  kj_status status = extract(settings, sound, data, err);
  if (status == KJ_OK && may_keep(data, before, n_rows))
    status = cli_cache_write(path, data, before, n_rows, err);
  kj__release(NULL, before);
  return status;
}

static kj_status attach_sound(const cli_settings *settings,
                              const cli_sound *sound, kj_dataset *data,
                              kj_error *err)
{
  const size_t n_rows = data->n_rows;
  char *path = NULL;
  bool found = false;
  if (!sound->cache_folder)
    return extract(settings, sound, data, err);
  kj_status status = cli_cache_path(sound->cache_folder, sound->cache_name,
                                    data, sound, &path, err);
  if (status == KJ_OK)
    status = cli_cache_read(path, data, sound, &found, err);
  if (status == KJ_OK && !found)
    status = extract_and_keep(settings, sound, data, path, err);
  if (status == KJ_OK && found && data->n_rows < n_rows)
    cli_note("%s: %zu rows without values, left out", data->path,
             n_rows - data->n_rows);
  free(path);
  return status;
}

static void note_list(const char *path, const kj_name_list *list,
                      const char *what)
{
  if (list->n == 0)
    return;
  char names[KJ_REPORT_NAMES * (KJ_REPORT_NAME_SIZE + 2) + 8] = "";
  const size_t shown = list->n < KJ_REPORT_NAMES ? list->n : KJ_REPORT_NAMES;
  for (size_t i = 0; i < shown; i++) {
    strcat(names, i ? ", " : "");
    strcat(names, list->name[i]);
  }
  cli_note("%s: %zu %s: %s%s", path, list->n, what, names,
           list->n > shown ? ", ..." : "");
}

/* A table may be of any set, but where one was asked for it is of that. */
static kj_status check_asked(const cli_settings *settings,
                             const kj_dataset *data, kj_error *err)
{
  char label[KJ_FEATURE_LABEL_SIZE];
  const kj_feature_set *set = kj_feature_set_find(settings->set);
  if (!set)
    return KJ_OK;
  kj_feature_set_label(set, label);
  if (!data->set_label)
    return kj__fail(err, KJ_EDATA,
                    "%s: has neither the columns of a feature set nor says "
                    "which it is of; must be %s",
                    data->features_path, label);
  return kj_dataset_check_set(data, label, err);
}

static kj_status attach_table(const cli_settings *settings, kj_dataset *data,
                              kj_error *err)
{
  kj_join_report report;
  kj_status status =
      kj_dataset_attach_features(data, settings->features, &report, err);
  if (status == KJ_OK)
    status = check_asked(settings, data, err);
  if (status != KJ_OK)
    return status;
  note_list(data->path, &report.without_features,
            "rows without features, left out");
  note_list(settings->features, &report.unusable,
            "rows without values, left out");
  if (report.without_labels.n > 0)
    cli_note("%s: %zu rows without labels, not used", settings->features,
             report.without_labels.n);
  return KJ_OK;
}

kj_status cli_load_labelled(const cli_settings *settings, const char *path,
                            const kj_target_spec *targets, size_t n_targets,
                            const cli_sound *sound, kj_dataset **out,
                            size_t *n_dropped, kj_error *err)
{
  kj_dataset *data = NULL;
  kj_status status =
      kj_dataset_read_labels(path, targets, n_targets, &data, err);
  if (status != KJ_OK)
    return status;
  const size_t n_rows = data->n_rows;
  if (settings->features)
    status = attach_table(settings, data, err);
  else if (sound->set)
    status = attach_sound(settings, sound, data, err);
  else
    status = kj__fail(err, KJ_EARGUMENT,
                      "the model was trained on a feature table; name one "
                      "with --features");
  if (status != KJ_OK) {
    kj_dataset_destroy(data);
    return status;
  }
  *n_dropped = n_rows - data->n_rows;
  *out = data;
  return KJ_OK;
}

kj_status cli_load_unlabelled(const cli_settings *settings,
                              const kj_dataset *like, kj_dataset **out,
                              kj_error *err)
{
  kj_dataset *data = NULL;
  kj_join_report report;
  if (!settings->unlabelled) {
    *out = NULL;
    return KJ_OK;
  }
  kj_status status =
      kj_dataset_read_features(settings->unlabelled, &data, &report, err);
  if (status != KJ_OK)
    return status;
  note_list(settings->unlabelled, &report.unusable,
            "rows without values, left out");
  status =
      kj_dataset_match_columns(data, like->input_name, like->n_inputs, err);
  if (status == KJ_OK)
    status = kj_dataset_check_set(data, like->set_label, err);
  if (status != KJ_OK) {
    kj_dataset_destroy(data);
    return status;
  }
  *out = data;
  return KJ_OK;
}

kj_status cli_read_inputs(const cli_settings *settings, kj_inputs *inputs,
                          kj_error *err)
{
  kj_status status = KJ_OK;
  for (size_t i = 0; status == KJ_OK && i < settings->input.n; i++)
    status = kj_inputs_add(inputs, settings->input.word[i], err);
  if (status == KJ_OK && settings->list)
    status = kj_inputs_add_list(inputs, settings->list, err);
  if (status == KJ_OK && inputs->n == 0)
    status = kj__fail(err, KJ_EDATA, "nothing to listen to");
  for (size_t i = 0; status == KJ_OK && i < inputs->n; i++)
    status = cli_check_output(settings->output, inputs->input[i].file, err);
  return status;
}
