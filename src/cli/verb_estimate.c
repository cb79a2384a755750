/*
 * verb_estimate.c: `kanjo estimate`: how recordings sound.
 */
#define _GNU_SOURCE
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/default_model.h"
#include "cli/interval.h"
#include "cli/load.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/table.h"
#include "corpus/csv.h"

#include "kanjo/recording.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TABLE, CSV, JSON_LINES };

/* Columns of the table, in characters. */
enum {
  LEAST_NAME_WIDTH = 12,
  TIME_WIDTH = 8, /* 10 hours: 36000.00 */
  STATUS_WIDTH = 12,
  VALUE_WIDTH = 10
};

/* One estimate: of a recording, or of a window of one. */
typedef struct estimate {
  const char *name;
  const char *speaker;
  kj_recording recording;
  bool is_usable;
  double novelty; /* NaN where it is not known */
} estimate;

typedef struct estimation {
  const cli_settings *settings;
  kj_model *model;
  const kj_estimator *estimator;
  const kj_estimator_parts *parts;
  cli_intervals intervals;
  kj_estimator_scratch *scratch;
  kj_recording_options options;
  kj_inputs inputs;
  kj__output output;
  cli_progress progress;
  bool is_output_open;
  int format;
  size_t name_width;

  estimate *row; /* grows; only one where rows go out as they come */
  size_t n_rows, row_capacity;
  float *x; /* (n_rows, n_inputs), grows likewise */
  size_t x_capacity;
  size_t n_failed;
} estimation;

static kj_status load(estimation *e, kj_error *err)
{
  const cli_settings *s = e->settings;
  char *path = NULL;
  kj_status status = KJ_OK;
  if (s->model.n > 1)
    return kj__fail(err, KJ_EARGUMENT, "%zu models with -m; must be 1",
                    s->model.n);
  if (s->hop > 0.0 && !(s->window > 0.0))
    return kj__fail(err, KJ_EARGUMENT, "--hop needs --window");
  if (s->model.n == 0)
    status = cli_find_default_model(&path, err);
  if (status == KJ_OK)
    status =
        kj_model_read(s->model.n ? s->model.word[0] : path, &e->model, err);
  free(path);
  if (status != KJ_OK)
    return status;
  const kj_model_card *card = kj_model_get_card(e->model);
  e->estimator = kj_model_estimator(e->model);
  e->parts = kj_estimator_get_parts(e->estimator);
  cli_intervals_make(e->parts, e->settings->interval_level, &e->intervals);
  e->options.set = kj_feature_set_find(card->feature_set);
  e->options.audio = kj_audio_default_options();
  e->options.audio.rate_hz = card->rate_hz;
  e->options.audio.channel = card->channel;
  if (!e->options.set)
    return kj__fail(err, KJ_EARGUMENT,
                    "the model wants the %zu columns of a feature table, not "
                    "sound; use evaluate --features",
                    card->n_columns);
  return kj_estimator_scratch_create(e->estimator, 64, NULL, &e->scratch, err);
}

static bool is_continuation(char c) /* of a character of UTF-8 */
{
  return ((unsigned char)c & 0xC0) == 0x80;
}

static size_t count_characters(const char *text)
{
  size_t n = 0;
  for (; *text; text++)
    n += is_continuation(*text) ? 0 : 1;
  return n;
}

static int value_width(const estimation *e, size_t k)
{
  const int length = (int)strlen(e->parts->target[k]);
  return length > VALUE_WIDTH ? length : VALUE_WIDTH;
}

/* As wide as the longest name; on a terminal, what the others leave. */
static void choose_name_width(estimation *e)
{
  const int columns = isatty(fileno(e->output.stream))
                          ? cli_columns(fileno(e->output.stream))
                          : 0;
  int others = 1 + TIME_WIDTH + 1 + TIME_WIDTH + 1 + STATUS_WIDTH;
  for (size_t k = 0; k < e->parts->n_targets; k++)
    others += 1 + value_width(e, k) + cli_interval_width(&e->intervals, k);
  others += e->parts->novelty.n_rows > 0 ? 8 : 0; /* " novelty" */
  const int left =
      columns < others + LEAST_NAME_WIDTH ? LEAST_NAME_WIDTH : columns - others;
  e->name_width = strlen("file");
  for (size_t i = 0; i < e->inputs.n; i++) {
    const size_t width = count_characters(e->inputs.input[i].name);
    e->name_width = width > e->name_width ? width : e->name_width;
  }
  if (columns > 0 && e->name_width > (size_t)left)
    e->name_width = (size_t)left;
}

/* A name that is too wide loses its beginning: "...last/part.wav". */
static void print_name(const estimation *e, const char *name)
{
  FILE *f = e->output.stream;
  size_t n = count_characters(name);
  if (n > e->name_width) {
    fputs("...", f);
    for (; n + 3 > e->name_width; n--)
      do
        name++;
      while (is_continuation(*name));
    n += 3;
  }
  fprintf(f, "%s%*s", name, (int)(e->name_width - n), "");
}

static bool knows_novelty(const estimation *e)
{
  return e->parts->novelty.n_rows > 0;
}

static void print_head(estimation *e)
{
  FILE *f = e->output.stream;
  if (e->format == JSON_LINES)
    return;
  if (e->format == CSV) {
    fputs("file,start,end,status", f);
    for (size_t k = 0; k < e->parts->n_targets; k++)
      cli_interval_head_csv(f, &e->intervals, k, e->parts->target[k]);
    fputs(knows_novelty(e) ? ",novelty" : "", f);
    putc('\n', f);
    return;
  }
  choose_name_width(e);
  fprintf(f, "Estimates on the scale %g..%g, ", KJ_SCALE_LOW, KJ_SCALE_HIGH);
  cli_interval_title(f, &e->intervals);
  fputs("times in seconds\n", f);
  print_name(e, "file");
  fprintf(f, " %*s %*s %-*s", TIME_WIDTH, "start", TIME_WIDTH, "end",
          STATUS_WIDTH, "status");
  for (size_t k = 0; k < e->parts->n_targets; k++)
    cli_interval_head(f, &e->intervals, k, value_width(e, k),
                      e->parts->target[k]);
  fputs(knows_novelty(e) ? " novelty" : "", f);
  putc('\n', f);
}

static void print_table_row(estimation *e, const estimate *row,
                            const double *values)
{
  FILE *f = e->output.stream;
  print_name(e, row->name);
  fprintf(f, " %*.2f %*.2f %-*s", TIME_WIDTH, row->recording.start_s,
          TIME_WIDTH, row->recording.end_s, STATUS_WIDTH,
          kj_recording_status_text(row->recording.status));
  for (size_t k = 0; k < e->parts->n_targets; k++)
    cli_interval_row(f, &e->intervals, k, value_width(e, k),
                     row->is_usable ? &values[k] : NULL);
  cli_novelty_cell(f, knows_novelty(e), row->novelty);
  putc('\n', f);
}

static void print_csv_row(estimation *e, const estimate *row,
                          const double *values)
{
  FILE *f = e->output.stream;
  kj__csv_put_text(f, row->name);
  fprintf(f, ",%.9g,%.9g,%s", row->recording.start_s, row->recording.end_s,
          kj_recording_status_text(row->recording.status));
  for (size_t k = 0; k < e->parts->n_targets; k++)
    cli_interval_row_csv(f, &e->intervals, k,
                         row->is_usable ? &values[k] : NULL);
  if (knows_novelty(e)) {
    putc(',', f);
    cli_csv_number(f, row->novelty);
  }
  putc('\n', f);
}

static void print_json_row(estimation *e, const estimate *row,
                           const double *values)
{
  json_t *object = json_pack(
      "{s:o, s:f, s:f, s:s, s:[f,f]}", "file", cli_json_text(row->name),
      "start", row->recording.start_s, "end", row->recording.end_s, "status",
      kj_recording_status_text(row->recording.status), "scale", KJ_SCALE_LOW,
      KJ_SCALE_HIGH);
  for (size_t k = 0; k < e->parts->n_targets; k++)
    cli_interval_row_json(object, &e->intervals, k, e->parts->target[k],
                          row->is_usable ? &values[k] : NULL);
  if (knows_novelty(e))
    json_object_set_new(object, "novelty", cli_json_number(row->novelty));
  cli_print_json(e->output.stream, object);
}

static void print_row(estimation *e, const estimate *row, const double *values)
{
  static void (*const print[])(estimation *, const estimate *,
                               const double *) = {
      print_table_row, print_csv_row, print_json_row};
  print[e->format](e, row, values);
  if (e->output.stream == stdout)
    fflush(stdout);
}

/* Rows of one speaker (of all, for a model standardised per corpus or where
 * no speaker is known) are standardised by their own statistics. */
static kj_status standardise_group(estimation *e, const char *speaker,
                                   size_t *member, kj_scaler *scaler,
                                   kj_error *err)
{
  const bool by_speaker = e->parts->normalisation == KJ_NORMALISE_SPEAKER;
  size_t n = 0;
  for (size_t i = 0; i < e->n_rows; i++)
    if (e->row[i].is_usable &&
        (!by_speaker || strcmp(e->row[i].speaker, speaker) == 0))
      member[n++] = i;
  if (n < 2)
    return kj__fail(err, KJ_EDATA,
                    "the model standardises by %s, which needs at least 2 "
                    "recordings of each; there is %zu",
                    by_speaker ? "speaker" : "corpus", n);
  const kj_status status = kj_scaler_fit(scaler, e->x, member, n, err);
  for (size_t i = 0; status == KJ_OK && i < n; i++) {
    float *row = e->x + member[i] * scaler->n;
    kj_scaler_apply(scaler, row, 1, row);
  }
  return status;
}

static bool is_first_of_speaker(const estimation *e, size_t i)
{
  for (size_t j = 0; j < i; j++)
    if (e->row[j].is_usable &&
        strcmp(e->row[j].speaker, e->row[i].speaker) == 0)
      return false;
  return true;
}

static kj_status standardise(estimation *e, kj_error *err)
{
  const size_t n = e->parts->scaler.n;
  kj_scaler scaler = {.n = n, .clip = e->parts->scaler.clip};
  scaler.mean = calloc(n, sizeof(float));
  scaler.inverse_sd = calloc(n, sizeof(float));
  size_t *member = calloc(e->n_rows + 1, sizeof *member);
  kj_status status = KJ_OK;
  bool is_done = false;
  if (!scaler.mean || !scaler.inverse_sd || !member)
    status = kj__fail_memory(err, "standardisation");
  for (size_t i = 0; status == KJ_OK && !is_done && i < e->n_rows; i++) {
    if (!e->row[i].is_usable || !is_first_of_speaker(e, i))
      continue;
    status = standardise_group(e, e->row[i].speaker, member, &scaler, err);
    is_done = e->parts->normalisation == KJ_NORMALISE_CORPUS;
  }
  free(scaler.mean);
  free(scaler.inverse_sd);
  free(member);
  return status;
}

/* Estimate and print the rows that are waiting. */
static kj_status flush_rows(estimation *e, kj_error *err)
{
  double values[KJ_MAX_TARGETS];
  const size_t n = e->parts->scaler.n;
  const int is_scaled = e->parts->normalisation != KJ_NORMALISE_TRAIN;
  kj_status status = is_scaled ? standardise(e, err) : KJ_OK;
  for (size_t i = 0; status == KJ_OK && i < e->n_rows; i++) {
    if (e->row[i].is_usable)
      status = kj_estimator_estimate(e->estimator, e->scratch, e->x + i * n, 1,
                                     is_scaled, values, err);
    if (status == KJ_OK && e->row[i].is_usable && knows_novelty(e))
      status = kj_estimator_novelty(e->estimator, e->scratch, e->x + i * n, 1,
                                    is_scaled, &e->row[i].novelty, err);
    if (status == KJ_OK)
      print_row(e, &e->row[i], values);
  }
  e->n_rows = 0;
  return status;
}

/* Listen to [start_s, end_s) of a file as one row. */
static kj_status add_row(estimation *e, const kj_input *input, const char *file,
                         double start_s, double end_s, kj_error *err)
{
  const size_t n = e->parts->scaler.n;
  void *rows = e->row, *x = e->x;
  const bool is_room =
      kj__grow(&rows, &e->row_capacity, e->n_rows + 1, sizeof *e->row) &&
      kj__grow(&x, &e->x_capacity, (e->n_rows + 1) * n, sizeof *e->x);
  e->row = rows;
  e->x = x;
  if (!is_room)
    return kj__fail_memory(err, "recordings");
  estimate *row = &e->row[e->n_rows];
  *row = (estimate){
      .name = input->name, .speaker = input->speaker, .novelty = (double)NAN};
  kj_recording_options options = e->options;
  options.audio.start_s = start_s;
  options.audio.end_s = end_s;
  options.audio.channel =
      kj_channel_choose(input->channel, options.audio.channel);
  const kj_status status = kj_recording_extract(
      file, &options, e->x + e->n_rows * n, &row->recording, err);
  if (status != KJ_OK)
    return status;
  row->is_usable = kj_recording_has_values(row->recording.status);
  if (!row->is_usable) {
    e->n_failed++;
    cli_progress_end(&e->progress);
    cli_note("%s: %s: %s", input->name,
             kj_recording_status_text(row->recording.status),
             row->recording.reason);
  }
  e->n_rows++;
  return e->parts->normalisation == KJ_NORMALISE_TRAIN ? flush_rows(e, err)
                                                       : KJ_OK;
}

/* How long a file is: decoded once, without features. 0 where it cannot be
 * read; listening to it then tells why. */
static double measure_end(const estimation *e, const char *file,
                          const kj_input *input)
{
  kj_audio_options options = e->options.audio;
  options.rate_hz = 0;
  options.start_s = input->start_s;
  options.end_s = input->end_s;
  options.channel = kj_channel_choose(input->channel, options.channel);
  kj_audio *audio = NULL;
  float samples[4096];
  size_t n = 1;
  if (kj_audio_open(file, &options, &audio, NULL) != KJ_OK)
    return 0.0;
  kj_status status = KJ_OK;
  while (status == KJ_OK && n > 0)
    status = kj_audio_read(audio, samples, sizeof samples / sizeof *samples, &n,
                           NULL);
  const double end_s = status == KJ_OK ? kj_audio_get_info(audio).end_s : 0.0;
  kj_audio_close(audio);
  return end_s;
}

/* Whole windows only; a recording shorter than one is one row. */
static kj_status add_windows(estimation *e, const kj_input *input,
                             const char *file, kj_error *err)
{
  const double window = e->settings->window;
  const double hop = e->settings->hop > 0.0 ? e->settings->hop : window;
  const double end_s = measure_end(e, file, input);
  const double slack = 1e-6; /* of a second: sums of hops are not exact */
  kj_status status = KJ_OK;
  if (end_s - input->start_s < window + slack)
    return add_row(e, input, file, input->start_s, input->end_s, err);
  for (size_t w = 0; status == KJ_OK && !cli_is_interrupted(); w++) {
    const double start = input->start_s + (double)w * hop;
    if (start + window > end_s + slack)
      break;
    const double end = start + window < end_s ? start + window : end_s;
    status = add_row(e, input, file, start, end, err);
  }
  return status;
}

/* Windows need their sound more than once: standard input goes to a file
 * that is already unlinked, named by its descriptor. */
static kj_status spool(FILE **spooled, char *path, size_t size, kj_error *err)
{
  char block[65536];
  size_t n;
  *spooled = tmpfile();
  if (!*spooled)
    return kj__fail(err, KJ_EFILE, "no temporary file: %s", strerror(errno));
  while ((n = fread(block, 1, sizeof block, stdin)) > 0)
    if (fwrite(block, 1, n, *spooled) != n)
      return kj__fail(err, KJ_EFILE, "temporary file: %s", strerror(errno));
  if (fflush(*spooled) != 0)
    return kj__fail(err, KJ_EFILE, "temporary file: %s", strerror(errno));
  snprintf(path, size, "/dev/fd/%d", fileno(*spooled));
  return KJ_OK;
}

static kj_status listen_to(estimation *e, const kj_input *input, kj_error *err)
{
  char path[64];
  FILE *spooled = NULL;
  kj_status status = KJ_OK;
  if (!(e->settings->window > 0.0))
    return add_row(e, input, input->file, input->start_s, input->end_s, err);
  const bool is_standard_input = strcmp(input->file, "-") == 0;
  if (is_standard_input)
    status = spool(&spooled, path, sizeof path, err);
  if (status == KJ_OK)
    status = add_windows(e, input, is_standard_input ? path : input->file, err);
  if (spooled)
    fclose(spooled);
  return status;
}

static kj_status run(estimation *e, kj_error *err)
{
  const bool is_quiet = !e->settings->output && isatty(STDOUT_FILENO);
  e->progress = cli_progress_start(is_quiet ? 2 : e->settings->progress);
  kj_status status = KJ_OK;
  for (size_t i = 0; status == KJ_OK && i < e->inputs.n; i++) {
    cli_progress_show(&e->progress, e->inputs.input[i].name, i, e->inputs.n);
    status = listen_to(e, &e->inputs.input[i], err);
    if (status == KJ_OK && cli_is_interrupted())
      status =
          kj__fail(err, KJ_EINTERRUPTED,
                   "interrupted after %zu of %zu recordings", i, e->inputs.n);
  }
  if (status == KJ_OK)
    status = flush_rows(e, err);
  cli_progress_end(&e->progress);
  return status;
}

static void release(estimation *e)
{
  kj_inputs_clear(&e->inputs);
  kj_estimator_scratch_destroy(e->scratch);
  kj_model_destroy(e->model);
  free(e->row);
  free(e->x);
}

int cli_estimate(const cli_settings *settings)
{
  kj_error err;
  estimation e = {.settings = settings,
                  .format =
                      settings->json ? JSON_LINES : settings->table_format};
  cli_catch_interrupts();
  kj_status status = load(&e, &err);
  if (status == KJ_OK)
    status = cli_read_inputs(settings, &e.inputs, &err);
  if (status == KJ_OK) {
    status = kj__output_open(&e.output,
                             settings->output ? settings->output : "-", &err);
    e.is_output_open = status == KJ_OK;
  }
  if (status == KJ_OK) {
    print_head(&e);
    status = run(&e, &err);
  }
  if (status == KJ_OK)
    status = kj__output_commit(&e.output, &err);
  else if (e.is_output_open)
    kj__output_discard(&e.output);
  const size_t n_failed = e.n_failed;
  release(&e);
  if (status != KJ_OK)
    return cli_fail(&err);
  return n_failed ? CLI_SOME_FAILED : CLI_DONE;
}
