/*
 * verb_experiment.c: `kanjo experiment`: a protocol, run and measured.
 */
#define _GNU_SOURCE
#include "base/error.h"
#include "base/file.h"
#include "base/pool.h"
#include "cli/load.h"
#include "cli/protocols.h"
#include "cli/report.h"
#include "cli/table.h"
#include "kanjo/report.h"
#include "kanjo/runs.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct work {
  const cli_settings *settings;
  kj_protocol *protocol;
  kj_dataset *data;
  kj_run_store *store;
  json_t *results;
  cli_progress progress;
  kj_run_plan plan;
  size_t n_dropped;
} work;

static double now_s(void *context)
{
  (void)context;
  return cli_now_s();
}

static void show(void *context, size_t done, size_t total)
{
  work *e = context;
  cli_progress_show(&e->progress, "cells", done, total);
}

/* "3 min", rounded as an estimate deserves. */
static void tell_time(double seconds, char *text, size_t size)
{
  if (!isfinite(seconds))
    text[0] = '\0';
  else if (seconds < 100.0)
    snprintf(text, size, ", about %.0f s", ceil(seconds));
  else if (seconds < 6000.0)
    snprintf(text, size, ", about %.0f min", ceil(seconds / 60.0));
  else
    snprintf(text, size, ", about %.1f h", seconds / 3600.0);
}

static void tell_plan(void *context, const kj_run_plan *plan)
{
  work *e = context;
  char time[48], later[96] = "";
  const size_t n_left = plan->n_cells - plan->n_done;
  e->plan = *plan;
  tell_time(plan->seconds, time, sizeof time);
  if (plan->n_later > 0)
    snprintf(later, sizeof later,
             ", and up to %zu once lambda and epsilon are "
             "chosen",
             plan->n_later);
  cli_note("%zu cells: %zu done, %zu to run%s%s", plan->n_cells, plan->n_done,
           n_left, later, n_left > 0 ? time : "");
}

static char *path_in(const char *folder, const char *name)
{
  char *path = NULL;
  return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

static kj_status open_folder(work *e, kj_error *err)
{
  const char *folder = e->settings->output;
  if (mkdir(folder, 0777) != 0 && errno != EEXIST)
    return kj__fail(err, KJ_EFILE, "%s: %s", folder, strerror(errno));
  char *path = path_in(folder, "runs.sqlite");
  const kj_status status = path ? kj_run_store_open(path, true, &e->store, err)
                                : kj__fail_memory(err, folder);
  free(path);
  return status;
}

static kj_status write_results(const work *e, kj_error *err)
{
  kj__output output;
  char *path = path_in(e->settings->output, "results.json");
  kj_status status = path ? kj__output_open(&output, path, err)
                          : kj__fail_memory(err, e->settings->output);
  free(path);
  if (status != KJ_OK)
    return status;
  const int failed = json_dumpf(e->results, output.stream,
                                JSON_INDENT(1) | JSON_REAL_PRECISION(9));
  putc('\n', output.stream);
  if (failed) {
    kj__output_discard(&output);
    return kj__fail(err, KJ_EFILE, "%s: results.json cannot be written",
                    e->settings->output);
  }
  return kj__output_commit(&output, err);
}

static kj_status run(work *e, kj_error *err)
{
  const cli_settings *s = e->settings;
  const kj_run_options options = {.n_threads = s->jobs ? (size_t)s->jobs
                                                       : kj__pool_processors(),
                                  .is_dry = s->dry_run,
                                  .now_s = now_s,
                                  .planned = tell_plan,
                                  .progress = show,
                                  .stop = cli_stop,
                                  .context = e};
  e->progress = cli_progress_start(s->progress);
  const kj_status status = kj_protocol_run(e->protocol, e->data, e->store,
                                           &options, &e->results, err);
  cli_progress_end(&e->progress);
  if (status == KJ_EINTERRUPTED)
    return kj__fail(err, status,
                    "stopped; what was done is in %s: the same command goes on "
                    "from there",
                    s->output);
  return status;
}

static kj_status prepare(work *e, kj_error *err)
{
  if (!e->settings->output)
    return kj__fail(err, KJ_EARGUMENT, "-o DIR is missing");
  kj_status status = cli_read_protocol(e->settings, &e->protocol, err);
  if (status == KJ_OK)
    status = open_folder(e, err);
  if (status == KJ_OK)
    status = cli_load_corpora(e->settings, e->protocol, &e->data, &e->n_dropped,
                              err);
  return status;
}

/* One number and its interval of a contender's metric. */
static void print_metric(const json_t *contender, const char *metric)
{
  const json_t *of =
      json_object_get(json_object_get(contender, "metrics"), metric);
  const json_t *mean = json_object_get(of, "mean");
  if (json_is_number(mean))
    printf("  %8.4f %8.4f..%-8.4f", json_number_value(mean),
           json_number_value(json_object_get(of, "low")),
           json_number_value(json_object_get(of, "high")));
  else
    printf("  %8s %18s", "-", "");
}

static void print_target(const json_t *experiment, const json_t *target)
{
  size_t i;
  json_t *contender;
  printf(
      "%s, %s: %lld rows, %lld speakers%s\n",
      json_string_value(json_object_get(experiment, "title")),
      json_string_value(json_object_get(target, "name")),
      (long long)json_integer_value(json_object_get(experiment, "n_test_rows")),
      (long long)json_integer_value(json_object_get(experiment, "n_speakers")),
      json_is_true(json_object_get(experiment, "is_leaky"))
          ? "; the same voices are on both sides"
          : "");
  printf("%-12s  %8s %18s  %8s\n", "", "mae", "", "ccc");
  json_array_foreach(json_object_get(target, "contenders"), i, contender)
  {
    printf("%-12s", json_string_value(json_object_get(contender, "name")));
    print_metric(contender, "mae");
    print_metric(contender, "ccc");
    putchar('\n');
  }
}

/* "vat:hard", as the comparisons have it. */
static void print_route(const json_t *system, const json_t *route)
{
  char name[64];
  snprintf(name, sizeof name, "%s:%s",
           json_string_value(json_object_get(system, "method")),
           json_string_value(json_object_get(route, "name")));
  printf("%-18s", name);
  print_metric(route, "mae");
  print_metric(route, "ccc");
  putchar('\n');
}

static void print_gate(const json_t *metrics, const char *name,
                       const char *title)
{
  const json_t *mean = json_object_get(json_object_get(metrics, name), "mean");
  if (json_is_number(mean))
    printf(" %s %.3f", title, json_number_value(mean));
  else
    printf(" %s -", title);
}

/* The gate, and for each target who is heard. */
static void print_routing(const json_t *experiment)
{
  size_t k, s, r;
  json_t *target, *system, *route;
  const json_t *routing = json_object_get(experiment, "routing");
  const json_t *metrics =
      json_object_get(json_object_get(routing, "gate"), "metrics");
  const char *title = json_string_value(json_object_get(experiment, "title"));
  if (!json_is_object(routing))
    return;
  printf("%s, gate:", title);
  print_gate(metrics, "accuracy", "accuracy");
  print_gate(metrics, "balanced_accuracy", "balanced");
  print_gate(metrics, "auc", "AUC");
  putchar('\n');
  json_array_foreach(json_object_get(routing, "targets"), k, target)
  {
    printf("\n%s, routed, %s\n%-18s  %8s %18s  %8s\n", title,
           json_string_value(json_object_get(target, "name")), "", "mae", "",
           "ccc");
    json_array_foreach(json_object_get(target, "systems"), s, system)
    {
      json_array_foreach(json_object_get(system, "routes"), r, route)
          print_route(system, route);
    }
  }
  putchar('\n');
}

static void print_tables(const json_t *results)
{
  size_t i, k;
  json_t *experiment, *target;
  json_array_foreach(json_object_get(results, "experiments"), i, experiment)
  {
    json_array_foreach(json_object_get(experiment, "targets"), k, target)
    {
      print_target(experiment, target);
      putchar('\n');
    }
    print_routing(experiment);
  }
}

static void print(const work *e)
{
  if (e->settings->json) {
    cli_print_json(stdout, json_pack("{s:s, s:I, s:I, s:o}", "folder",
                                     e->settings->output, "cells",
                                     (json_int_t)e->plan.n_cells, "later",
                                     (json_int_t)e->plan.n_later, "seconds",
                                     cli_json_number(e->plan.seconds)));
    return;
  }
  if (!e->results)
    return;
  print_tables(e->results);
  printf("results: %s/results.json\nreport: %s/report.html\n",
         e->settings->output, e->settings->output);
}

/* --list and --keys: nothing is run. */
static int tell(const cli_settings *settings)
{
  kj_error err;
  char *keys = NULL;
  const kj_status status = settings->list_keys
                               ? kj_protocol_document(&keys, &err)
                               : cli_list_protocols(settings, &err);
  if (status != KJ_OK)
    return cli_fail(&err);
  if (keys)
    fputs(keys, stdout);
  free(keys);
  return CLI_DONE;
}

int cli_experiment(const cli_settings *settings)
{
  kj_error err;
  work e = {.settings = settings};
  kj_status status = KJ_OK;
  if (settings->list_protocols || settings->list_keys)
    return tell(settings);
  cli_catch_interrupts();
  status = prepare(&e, &err);
  if (status == KJ_OK)
    status = run(&e, &err);
  if (status == KJ_OK && e.results)
    status = write_results(&e, &err);
  if (status == KJ_OK && e.results)
    status = kj_report_write(e.results, settings->output, &err);
  if (status == KJ_OK)
    print(&e);
  json_decref(e.results);
  kj_run_store_close(e.store);
  kj_dataset_destroy(e.data);
  kj_protocol_destroy(e.protocol);
  if (status != KJ_OK)
    return cli_fail(&err);
  return e.n_dropped > 0 ? CLI_SOME_FAILED : CLI_DONE;
}
