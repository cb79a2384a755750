/*
 * verb_cross_validate.c: `kanjo cross-validate`: methods on speakers they
 * never heard.
 */
#include "base/error.h"
#include "base/file.h"
#include "base/pool.h"
#include "cli/load.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/table.h"
#include "corpus/csv.h"

typedef struct validation {
  const cli_settings *settings;
  kj_dataset *data;
  kj_dataset *unlabelled;
  kj_cross_validation_options options;
  kj_contender contender[8];
  kj_cross_validation result;
  cli_progress progress;
  kj__output predictions;
  size_t n_dropped;
} validation;

/* Constant and ridge always; of the others the one asked for, or all. */
static void choose_contenders(validation *v)
{
  const int kind = v->settings->smoothing;
  const bool all = kind < 0 || kind > KJ_SMOOTHING_VAT;
  for (size_t c = 0; c < KJ_N_CONTENDERS; c++) {
    const kj_contender *contender = &KJ_CONTENDERS[c];
    if (all || contender->method != KJ_METHOD_NETWORK ||
        (int)contender->smoothing == kind)
      v->contender[v->options.n_contenders++] = *contender;
  }
  v->options.contender = v->contender;
}

static void show(void *context, size_t done, size_t total)
{
  cli_progress_show(context, "fits", done, total);
}

static kj_status read_folds(const cli_settings *settings, kj_folds *folds,
                            kj_error *err)
{
  const kj_status status = kj_folds_parse(settings->folds, folds, err);
  if (status != KJ_OK)
    return kj__fail_in(err, status, "--folds");
  if (folds->group == KJ_GROUP_ROW)
    cli_note("--folds %s: the same voices are on both sides; the figures tell "
             "nothing about new ones",
             settings->folds);
  return KJ_OK;
}

static kj_status load(validation *v, kj_error *err)
{
  const cli_settings *s = v->settings;
  kj_target_spec targets[KJ_MAX_TARGETS];
  size_t n_targets;
  cli_sound sound = {0};
  kj_cross_validation_options *o = &v->options;
  kj_status status = KJ_OK;
  if (s->target.n == 0)
    status = kj__fail(err, KJ_EARGUMENT,
                      "--target is missing, such as --target valence");
  if (status == KJ_OK)
    status = cli_read_targets(s, targets, &n_targets, err);
  if (status == KJ_OK)
    status = cli_read_fit(s, n_targets, &o->fit, err);
  if (status == KJ_OK)
    status = read_folds(s, &o->folds, err);
  if (status == KJ_OK)
    status = cli_read_sound(s, &sound.set, &sound.audio, err);
  if (status == KJ_OK)
    status = cli_load_labelled(s, s->input.word[0], targets, n_targets, &sound,
                               &v->data, &v->n_dropped, err);
  if (status == KJ_OK)
    status = cli_load_unlabelled(s, v->data, &v->unlabelled, err);
  o->n_threads = s->jobs ? (size_t)s->jobs : kj__pool_processors();
  o->n_seeds = (size_t)s->seeds;
  o->bootstrap = kj_bootstrap_defaults();
  o->bootstrap.n_replicates = (size_t)s->replicates;
  o->bootstrap.seed = s->seed;
  o->progress = show;
  o->stop = cli_stop;
  o->context = &v->progress;
  return status;
}

/* With several seeds, a row of the dataset has a line for each. */
static void write_prediction(const validation *v, size_t seed, size_t i)
{
  const kj_cross_validation *r = &v->result;
  const kj_dataset *data = v->data;
  FILE *f = v->predictions.stream;
  kj__csv_put_text(f, data->row[i].name);
  putc(',', f);
  kj__csv_put_text(f, data->row[i].group_name[KJ_GROUP_SPEAKER]);
  fprintf(f, ",%zu", r->fold_of_row[i] + 1);
  if (r->n_seeds > 1)
    fprintf(f, ",%llu", (unsigned long long)(v->settings->seed + seed));
  for (size_t k = 0; k < r->n_targets; k++) {
    putc(',', f);
    cli_csv_number(f, (double)data->y[i * r->n_targets + k]);
    for (size_t c = 0; c < r->n_contenders; c++) {
      const size_t table = seed * r->n_contenders + c;
      putc(',', f);
      cli_csv_number(f,
                     r->estimate[(table * r->n_rows + i) * r->n_targets + k]);
    }
  }
  putc('\n', f);
}

static void write_predictions(const validation *v)
{
  const kj_cross_validation *r = &v->result;
  FILE *f = v->predictions.stream;
  fputs(r->n_seeds > 1 ? "name,speaker,fold,seed" : "name,speaker,fold", f);
  for (size_t k = 0; k < r->n_targets; k++) {
    fprintf(f, ",%s", v->data->target[k]);
    for (size_t c = 0; c < r->n_contenders; c++)
      fprintf(f, ",%s_%s", v->data->target[k], v->contender[c].name);
  }
  putc('\n', f);
  for (size_t seed = 0; seed < r->n_seeds; seed++)
    for (size_t i = 0; i < r->n_rows; i++)
      write_prediction(v, seed, i);
}

/* A file that cannot be written is told before the hours of work. */
static kj_status run(validation *v, kj_error *err)
{
  const char *path = v->settings->predictions;
  kj_status status = KJ_OK;
  if (path)
    status = kj__output_open(&v->predictions, path, err);
  if (status != KJ_OK)
    return status;
  v->progress = cli_progress_start(v->settings->progress);
  status =
      kj_cross_validate(v->data, v->unlabelled, &v->options, &v->result, err);
  cli_progress_end(&v->progress);
  if (v->progress.is_shown && status == KJ_OK)
    cli_note("%zu at a time; the largest fit took %.1f MB",
             v->options.n_threads, (double)v->result.fit_bytes / 1e6);
  if (status == KJ_EINTERRUPTED)
    kj__fail(err, status, "stopped; nothing of a cross-validation is kept");
  if (path && status != KJ_OK)
    kj__output_discard(&v->predictions);
  else if (path) {
    write_predictions(v);
    status = kj__output_commit(&v->predictions, err);
  }
  return status;
}

static void print_tables(const validation *v)
{
  const kj_cross_validation *r = &v->result;
  for (size_t k = 0; k < r->n_targets; k++) {
    const kj_result *first = &r->result[k];
    printf("%s%s on 1..5: %zu rows, %zu speakers, %zu folds; 95 %% intervals "
           "over %s\n",
           k ? "\n" : "", v->data->target[k], first->n_rows, first->n_speakers,
           r->n_folds, first->n_speakers ? "speakers" : "rows");
    if (r->n_seeds > 1)
      printf("means over %zu seeds; last lines: standard deviation over them\n",
             r->n_seeds);
    cli_metric_header(stdout, "");
    for (size_t c = 0; c < r->n_contenders; c++) {
      const size_t place = c * r->n_targets + k;
      const kj_result *result = &r->result[place];
      cli_metric_row(stdout, v->contender[c].name, &result->metrics,
                     &result->intervals);
      if (r->n_seeds > 1)
        cli_spread_row(stdout, &r->spread[place]);
    }
  }
}

/* Means; with several seeds, also what each of them gave. */
static json_t *contender_json(const kj_cross_validation *r, size_t place)
{
  const size_t stride = r->n_contenders * r->n_targets;
  json_t *object = cli_json_result(&r->result[place]);
  if (r->n_seeds == 1)
    return object;
  json_t *seeds = json_array();
  for (size_t s = 0; s < r->n_seeds; s++)
    json_array_append_new(seeds,
                          cli_json_result(&r->seed_result[s * stride + place]));
  json_object_set_new(object, "seeds", seeds);
  for (int m = 0; m < KJ_N_METRICS; m++)
    json_object_set_new(
        json_object_get(object, kj_metric_name((kj_metric)m)), "spread",
        cli_json_number(kj_metric_value(&r->spread[place], (kj_metric)m)));
  return object;
}

static void print_json(const validation *v)
{
  const kj_cross_validation *r = &v->result;
  json_t *targets = json_object();
  for (size_t k = 0; k < r->n_targets; k++) {
    json_t *contenders = json_object();
    for (size_t c = 0; c < r->n_contenders; c++)
      json_object_set_new(contenders, v->contender[c].name,
                          contender_json(r, c * r->n_targets + k));
    json_object_set_new(targets, v->data->target[k], contenders);
  }
  cli_print_json(
      stdout,
      json_pack("{s:o, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:[f,f], s:o}",
                "labels", cli_json_text(v->data->path), "feature_set",
                v->data->feature_set, "folds", v->settings->folds, "n_folds",
                (json_int_t)r->n_folds, "rows", (json_int_t)r->n_rows, "seed",
                (json_int_t)v->settings->seed, "n_seeds",
                (json_int_t)r->n_seeds, "fit_bytes", (json_int_t)r->fit_bytes,
                "rating_scale", KJ_SCALE_LOW, KJ_SCALE_HIGH, "targets",
                targets));
}

int cli_cross_validate(const cli_settings *settings)
{
  kj_error err;
  validation v = {.settings = settings};
  cli_catch_interrupts();
  choose_contenders(&v);
  kj_status status = load(&v, &err);
  if (status == KJ_OK)
    status = run(&v, &err);
  if (status == KJ_OK)
    (settings->json ? print_json : print_tables)(&v);
  kj_cross_validation_clear(&v.result);
  kj_dataset_destroy(v.data);
  kj_dataset_destroy(v.unlabelled);
  if (status != KJ_OK)
    return cli_fail(&err);
  return v.n_dropped > 0 ? CLI_SOME_FAILED : CLI_DONE;
}
