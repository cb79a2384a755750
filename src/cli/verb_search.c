/*
 * verb_search.c: `kanjo search`: settings tried on inner folds.
 */
#define _GNU_SOURCE
#include "base/error.h"
#include "base/file.h"
#include "base/pool.h"
#include "cli/load.h"
#include "cli/protocols.h"
#include "cli/report.h"
#include "cli/search_input.h"
#include "cli/table.h"
#include "kanjo/search.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct work {
  const cli_settings *settings;
  kj_protocol *protocol;
  const kj_protocol_experiment *experiment;
  kj_dataset *data;
  kj_run_store *store;
  json_t *results;
  cli_progress progress;
  bool has_begun;
  size_t n_dropped;
} work;

static double now_s(void *context)
{
  (void)context;
  return cli_now_s();
}

/* What came from an earlier run says nothing of the time left. */
static void show(void *context, size_t done, size_t total)
{
  work *w = context;
  if (!w->has_begun)
    w->progress.done_before = done - 1;
  w->has_begun = true;
  cli_progress_show(&w->progress, "trainings", done, total);
}

static char *path_in(const work *w, const char *name)
{
  char *path = NULL;
  return asprintf(&path, "%s/%s", w->settings->output, name) < 0 ? NULL : path;
}

/* A search that is there is never mixed with another one by accident. */
static kj_status claim_folder(const work *w, kj_error *err)
{
  const char *folder = w->settings->output;
  if (!w->settings->resume && mkdir(folder, 0777) != 0 && errno != EEXIST)
    return kj__fail(err, KJ_EFILE, "%s: %s", folder, strerror(errno));
  char *path = path_in(w, "runs.sqlite");
  kj_status status = path ? KJ_OK : kj__fail_memory(err, folder);
  if (status == KJ_OK && !w->settings->resume && access(path, F_OK) == 0)
    status = kj__fail(err, KJ_EARGUMENT,
                      "%s is there already: --resume goes on with it, another "
                      "-o DIR begins anew",
                      path);
  if (status == KJ_OK && w->settings->resume && access(path, F_OK) != 0)
    status = kj__fail(err, KJ_EFILE, "%s: nothing to resume", path);
  free(path);
  return status;
}

static kj_status open_store(work *w, kj_error *err)
{
  char *path = path_in(w, "runs.sqlite");
  const kj_status status = path ? kj_run_store_open(path, true, &w->store, err)
                                : kj__fail_memory(err, w->settings->output);
  free(path);
  return status;
}

static kj_status read_job(const work *w, kj_search_job *job, kj_error *err)
{
  const cli_settings *s = w->settings;
  *job = (kj_search_job){
      .options = {.strategy = (kj_search_strategy)s->strategy,
                  .algorithm = (kj_search_algorithm)s->algorithm,
                  .runs = (size_t)s->search_runs,
                  .seed = s->seed},
      .experiment = w->experiment,
      .target = s->search_target,
      .by = s->search_by,
      .smoothing = s->search_smoothing,
      .folds = (size_t)s->search_folds,
      .seeds = (size_t)s->seeds,
      .minutes = s->search_minutes,
      .run = {.n_threads = s->jobs ? (size_t)s->jobs : kj__pool_processors(),
              .now_s = now_s,
              .progress = show,
              .stop = cli_stop}};
  kj_status status = KJ_OK;
  for (size_t i = 0; status == KJ_OK && i < s->over.n; i++)
    status = kj_search_add(&job->options, s->over.word[i], err);
  if (status == KJ_OK) {
    kj_search_options completed = job->options;
    status = kj_search_complete(&completed, err);
  }
  return status;
}

static kj_status run(work *w, kj_search_job *job, kj_error *err)
{
  job->run.context = w;
  w->progress = cli_progress_start(w->settings->progress);
  const kj_status status =
      kj_search_run(w->protocol, w->data, w->store, job, &w->results, err);
  cli_progress_end(&w->progress);
  if (status == KJ_EINTERRUPTED)
    return kj__fail(err, status,
                    "stopped; what was done is in %s: the same command with "
                    "--resume goes on from there",
                    w->settings->output);
  return status;
}

static kj_status write_text(const work *w, const char *name, const char *text,
                            kj_error *err)
{
  kj__output output;
  char *path = path_in(w, name);
  const kj_status status = path ? kj__output_open(&output, path, err)
                                : kj__fail_memory(err, w->settings->output);
  free(path);
  if (status != KJ_OK)
    return status;
  fputs(text, output.stream);
  return kj__output_commit(&output, err);
}

static kj_status write_all(const work *w, kj_error *err)
{
  char *protocol = NULL;
  char *json = json_dumps(w->results, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
  kj_status status = json ? write_text(w, "search.json", json, err)
                          : kj__fail_memory(err, "search.json");
  if (status == KJ_OK)
    status = kj_search_protocol(w->protocol, w->experiment, w->results,
                                &protocol, err);
  if (status == KJ_OK)
    status = write_text(w, "best.yaml", protocol, err);
  if (status == KJ_OK)
    status = kj_search_report_write(w->results, w->settings->output, err);
  free(json);
  free(protocol);
  return status;
}

static void print_number(const json_t *value)
{
  if (json_is_number(value))
    printf(" %13.6g", json_number_value(value));
  else
    printf(" %13s", "-");
}

static void print_table(const json_t *results)
{
  size_t i;
  json_t *trial;
  const json_t *best = json_object_get(results, "best");
  printf("%8s", "setting");
  for (int p = 0; p < KJ_N_SEARCH_PARAMETERS; p++)
    printf(" %13s", kj_search_parameter_name((kj_search_parameter)p));
  printf(" %13s\n", json_string_value(json_object_get(results, "metric")));
  json_array_foreach(json_object_get(results, "trials"), i, trial)
  {
    printf("%7zu%c", i + 1,
           (json_int_t)i == json_integer_value(best) ? '*' : ' ');
    for (int p = 0; p < KJ_N_SEARCH_PARAMETERS; p++)
      print_number(json_object_get(
          trial, kj_search_parameter_name((kj_search_parameter)p)));
    print_number(json_object_get(trial, "value"));
    putchar('\n');
  }
}

static void print(const work *w)
{
  const char *folder = w->settings->output;
  if (w->settings->json) {
    json_dumpf(w->results, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
    putchar('\n');
    return;
  }
  print_table(w->results);
  if (json_is_true(json_object_get(w->results, "is_cut")))
    printf("the budget ended the search before its strategy did\n");
  printf("best: %s/best.yaml, for kanjo experiment\nreport: %s/search.html\n",
         folder, folder);
}

int cli_search(const cli_settings *settings)
{
  kj_error err;
  work w = {.settings = settings};
  kj_search_job job;
  cli_catch_interrupts();
  kj_status status = settings->output
                         ? KJ_OK
                         : kj__fail(&err, KJ_EARGUMENT, "-o DIR is missing");
  if (status == KJ_OK)
    status = cli_read_search(settings, &w.protocol, &w.experiment, &err);
  if (status == KJ_OK)
    status = read_job(&w, &job, &err);
  if (status == KJ_OK)
    status = claim_folder(&w, &err);
  if (status == KJ_OK)
    status = cli_load_training(settings, w.protocol, w.experiment, &w.data,
                               &w.n_dropped, &err);
  if (status == KJ_OK)
    status = open_store(&w, &err);
  if (status == KJ_OK)
    status = run(&w, &job, &err);
  if (status == KJ_OK)
    status = write_all(&w, &err);
  if (status == KJ_OK)
    print(&w);
  json_decref(w.results);
  kj_run_store_close(w.store);
  kj_dataset_destroy(w.data);
  kj_protocol_destroy(w.protocol);
  if (status != KJ_OK)
    return cli_fail(&err);
  return w.n_dropped > 0 ? CLI_SOME_FAILED : CLI_DONE;
}
