/*
 * verb_runs.c: `kanjo runs list|show|export`: what a folder of runs holds.
 */
#define _GNU_SOURCE
#include "base/error.h"
#include "base/file.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/table.h"
#include "corpus/csv.h"
#include "kanjo/runs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static kj_status open_store(const cli_settings *settings, kj_run_store **out,
                            kj_error *err)
{
  char *path = NULL;
  if (asprintf(&path, "%s/runs.sqlite", settings->input.word[0]) < 0)
    return kj__fail_memory(err, "a path");
  const kj_status status = kj_run_store_open(path, false, out, err);
  free(path);
  return status;
}

static json_t *parsed(const char *text)
{
  json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
  return value ? value : json_null();
}

static json_t *record_json(const kj_run_record *r)
{
  return json_pack(
      "{s:s, s:s, s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:f, s:o}", "key", r->key,
      "experiment", r->experiment, "fold", (json_int_t)r->fold, "seed",
      (json_int_t)r->seed, "contender", r->contender, "protocol_name", r->name,
      "protocol", r->protocol, "data", r->data, "version", r->version,
      "seconds", r->seconds, "metrics", parsed(r->metrics));
}

static kj_status list_record(void *context, const kj_run_record *r,
                             kj_error *err)
{
  const cli_settings *settings = context;
  (void)err;
  if (settings->json)
    cli_print_json(stdout, record_json(r));
  else
    printf("%.12s  %-20s %-14s %4zu %6llu  %-12s %8.2f s\n", r->key, r->name,
           r->experiment, r->fold, (unsigned long long)r->seed, r->contender,
           r->seconds);
  return KJ_OK;
}

int cli_runs_list(const cli_settings *settings)
{
  kj_error err;
  kj_run_store *store = NULL;
  cli_settings copy = *settings;
  kj_status status = open_store(settings, &store, &err);
  if (status == KJ_OK && !settings->json)
    printf("%-12s  %-20s %-14s %4s %6s  %-12s %10s\n", "key", "protocol",
           "experiment", "fold", "seed", "contender", "time");
  if (status == KJ_OK)
    status = kj_run_store_visit(store, "", list_record, &copy, &err);
  kj_run_store_close(store);
  return status == KJ_OK ? CLI_DONE : cli_fail(&err);
}

/* The one cell that is meant. */
typedef struct shown {
  json_t *object;
  size_t n;
} shown;

static kj_status show_record(void *context, const kj_run_record *r,
                             kj_error *err)
{
  shown *s = context;
  if (s->n++ > 0)
    return kj__fail(err, KJ_EARGUMENT,
                    "several cells have a key that begins so; say more of it");
  json_t *object = record_json(r);
  json_object_set_new(object, "settings", parsed(r->settings));
  json_object_set_new(object, "history", parsed(r->history));
  json_object_set_new(object, "robustness", parsed(r->robustness));
  json_object_set_new(object, "estimates",
                      json_integer((json_int_t)r->n_estimates));
  s->object = object;
  return KJ_OK;
}

static void print_shown(const cli_settings *settings, json_t *object)
{
  if (settings->json) {
    cli_print_json(stdout, object);
    return;
  }
  json_dumpf(object, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
  putchar('\n');
  json_decref(object);
}

int cli_runs_show(const cli_settings *settings)
{
  kj_error err;
  kj_run_store *store = NULL;
  shown s = {0};
  kj_status status = open_store(settings, &store, &err);
  if (status == KJ_OK)
    status = kj_run_store_visit(store, settings->input.word[1], show_record, &s,
                                &err);
  if (status == KJ_OK && s.n == 0)
    status = kj__fail(&err, KJ_EFILE, "%s: no cell's key begins with '%.64s'",
                      settings->input.word[0], settings->input.word[1]);
  if (status == KJ_OK)
    print_shown(settings, s.object);
  else
    json_decref(s.object);
  kj_run_store_close(store);
  return status == KJ_OK ? CLI_DONE : cli_fail(&err);
}

typedef struct export
{
  const cli_settings *settings;
  kj_run_store *store;
  FILE *stream;
  const kj_run_record *record; /* whose rows are being written */
  bool has_header;
}
export;

static void write_head(const export *e, const kj_run_record *r)
{
  const char *const texts[] = {r->key, r->name, r->experiment, r->contender};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    kj__csv_put_text(e->stream, texts[i]);
    putc(',', e->stream);
  }
  fprintf(e->stream, "%zu,%llu", r->fold, (unsigned long long)r->seed);
}

/* One CSV line for each target of a cell. */
static void write_cell(export *e, const kj_run_record *r)
{
  json_t *metrics = parsed(r->metrics), *values;
  const char *target;
  if (!e->has_header) {
    fputs("key,protocol,experiment,contender,fold,seed,target,seconds",
          e->stream);
    for (int m = 0; m < KJ_N_METRICS; m++)
      fprintf(e->stream, ",%s", kj_metric_name((kj_metric)m));
    putc('\n', e->stream);
    e->has_header = true;
  }
  json_object_foreach(metrics, target, values)
  {
    write_head(e, r);
    fprintf(e->stream, ",%s,", target);
    cli_csv_number(e->stream, r->seconds);
    for (int m = 0; m < KJ_N_METRICS; m++) {
      const json_t *value =
          json_object_get(values, kj_metric_name((kj_metric)m));
      putc(',', e->stream);
      cli_csv_number(e->stream, json_is_number(value) ? json_number_value(value)
                                                      : (double)NAN);
    }
    putc('\n', e->stream);
  }
  json_decref(metrics);
}

/* values: what was rated, estimated and predicted as deviation. */
static void write_estimate(const export *e, const json_t *name,
                           const char *target, const double *values)
{
  const char *row = json_string_value(json_array_get(name, 0));
  const char *speaker = json_string_value(json_array_get(name, 1));
  const kj_run_record *r = e->record;
  if (e->settings->runs_format == 1) {
    cli_print_json(e->stream,
                   json_pack("{s:s, s:s, s:s, s:I, s:I, s:s, s:s, s:s, s:o, "
                             "s:o, s:o}",
                             "key", r->key, "experiment", r->experiment,
                             "contender", r->contender, "fold",
                             (json_int_t)r->fold, "seed", (json_int_t)r->seed,
                             "row", row, "speaker", speaker, "target", target,
                             "truth", cli_json_number(values[0]), "estimate",
                             cli_json_number(values[1]), "sd",
                             cli_json_number(values[2])));
    return;
  }
  write_head(e, r);
  putc(',', e->stream);
  kj__csv_put_text(e->stream, row);
  putc(',', e->stream);
  kj__csv_put_text(e->stream, speaker);
  fprintf(e->stream, ",%s", target);
  for (size_t i = 0; i < 3; i++) {
    putc(',', e->stream);
    cli_csv_number(e->stream, values[i]);
  }
  putc('\n', e->stream);
}

static kj_status write_rows(void *context, const kj_run_rows *rows,
                            kj_error *err)
{
  export *e = context;
  json_t *names = parsed(rows->names);
  const json_t *targets = json_object_get(names, "targets");
  const json_t *list = json_object_get(names, "rows");
  const size_t n_t = json_array_size(targets), n = json_array_size(list);
  kj_status status = KJ_OK;
  if (n * n_t != rows->n_truths || n * n_t != e->record->n_estimates)
    status = kj__fail(err, KJ_EDATA, "cell %.16s: %zu estimates of %zu rows",
                      e->record->key, e->record->n_estimates, n);
  if (status == KJ_OK && !e->has_header && e->settings->runs_format == 0)
    fputs("key,protocol,experiment,contender,fold,seed,row,speaker,target,"
          "truth,estimate,sd\n",
          e->stream);
  e->has_header = true;
  for (size_t i = 0; status == KJ_OK && i < n; i++)
    for (size_t k = 0; k < n_t; k++) {
      const size_t at = i * n_t + k;
      const double values[] = {rows->truth[at], e->record->estimate[at],
                               e->record->sd ? e->record->sd[at] : (double)NAN};
      write_estimate(e, json_array_get(list, i),
                     json_string_value(json_array_get(targets, k)), values);
    }
  json_decref(names);
  return status;
}

static kj_status export_record(void *context, const kj_run_record *r,
                               kj_error *err)
{
  export *e = context;
  if (e->settings->estimates) {
    e->record = r;
    return kj_run_store_rows(e->store, r->rows, write_rows, e, err);
  }
  if (e->settings->runs_format == 1)
    cli_print_json(e->stream, record_json(r));
  else
    write_cell(e, r);
  return KJ_OK;
}

int cli_runs_export(const cli_settings *settings)
{
  kj_error err;
  export e = {.settings = settings};
  kj__output output;
  kj_status status = open_store(settings, &e.store, &err);
  if (status == KJ_OK)
    status = kj__output_open(&output, settings->output ? settings->output : "-",
                             &err);
  if (status != KJ_OK) {
    kj_run_store_close(e.store);
    return cli_fail(&err);
  }
  e.stream = output.stream;
  status = kj_run_store_visit(e.store, "", export_record, &e, &err);
  if (status == KJ_OK)
    status = kj__output_commit(&output, &err);
  else
    kj__output_discard(&output);
  kj_run_store_close(e.store);
  return status == KJ_OK ? CLI_DONE : cli_fail(&err);
}
