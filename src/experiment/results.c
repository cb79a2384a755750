/*
 * results.c: results.json: all that a report needs, from the store.
 */
#include "experiment/results_state.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

static json_t *texts_json(const kj_texts *texts)
{
  json_t *array = json_array();
  for (size_t i = 0; i < texts->n; i++)
    json_array_append_new(array, json_string(texts->item[i]));
  return array;
}

static bool is_synthetic(const kj_protocol *p)
{
  for (size_t i = 0; i < p->corpora.n; i++)
    if (p->corpora.item[i].is_synthetic)
      return true;
  return false;
}

static json_t *protocol_json(const kj_protocol *p)
{
  static const char *const forms[] = {
#define FORM_NAME(id, name) name,
      KJ_FORM_LIST(FORM_NAME)
#undef FORM_NAME
  };
  return json_pack("{s:s, s:s, s:s, s:b, s:s, s:s, s:o, s:o}", "name", p->name,
                   "title", p->title, "form", forms[p->form], "synthetic",
                   is_synthetic(p), "text", p->text, "hash", p->hash,
                   "our_choices", texts_json(&p->our_choices), "overrides",
                   texts_json(&p->overrides));
}

static json_t *moments_json(const kj_dataset *data, kj_rows rows, size_t target)
{
  double sum = 0.0, squares = 0.0, n = 0.0;
  for (size_t pass = 0; pass < 2; pass++)
    for (size_t i = 0; i < rows.n; i++) {
      const double y =
          (double)data->y[rows.index[i] * data->n_targets + target];
      if (!isfinite(y))
        continue;
      if (pass == 0) {
        sum += y;
        n += 1.0;
      } else {
        squares += (y - sum / n) * (y - sum / n);
      }
    }
  return json_pack("{s:I, s:o, s:o}", "n", (json_int_t)n, "mean",
                   kj__json_number(sum / n), "sd",
                   kj__json_number(sqrt(squares / (n - 1.0))));
}

/* Texts of some rows, each once, as they appear. */
static json_t *distinct(const kj_dataset *data, kj_rows rows, bool is_speaker)
{
  json_t *seen = json_object();
  for (size_t i = 0; i < rows.n; i++) {
    const kj_row *row = &data->row[rows.index[i]];
    const char *text =
        is_speaker ? row->group_name[KJ_GROUP_SPEAKER] : row->language;
    if (text[0] != '\0')
      json_object_set_new(seen, text, json_null());
  }
  json_t *array = json_array();
  const char *key;
  json_t *value;
  json_object_foreach(seen, key, value)
      json_array_append_new(array, json_string(key));
  json_decref(seen);
  return array;
}

static json_t *corpus_json(kj__run *run, const kj_protocol_corpus *corpus,
                           size_t *index)
{
  const kj_dataset *data = run->data;
  char hash[KJ__SHA256_HEX_SIZE];
  size_t n = 0;
  for (size_t i = 0; i < data->n_rows; i++)
    if (strcmp(data->row[i].group_name[KJ_GROUP_CORPUS], corpus->name) == 0)
      index[n++] = i;
  const kj_rows rows = {index, n};
  kj__rows_hash(run, rows, hash);
  json_t *targets = json_object();
  for (size_t k = 0; k < data->n_targets; k++)
    json_object_set_new(targets, data->target[k], moments_json(data, rows, k));
  json_t *speakers = distinct(data, rows, true);
  json_t *object = json_pack(
      "{s:s, s:I, s:I, s:o, s:b, s:s, s:o}", "name", corpus->name, "n_rows",
      (json_int_t)n, "n_speakers", (json_int_t)json_array_size(speakers),
      "languages", distinct(data, rows, false), "synthetic",
      corpus->is_synthetic, "hash", hash, "targets", targets);
  json_decref(speakers);
  return object;
}

static json_t *corpora_json(kj__run *run)
{
  size_t *index = kj__allocate(NULL, run->data->n_rows, sizeof *index);
  if (!index)
    return NULL;
  json_t *corpora = json_array();
  for (size_t i = 0; i < run->protocol->corpora.n; i++)
    json_array_append_new(
        corpora, corpus_json(run, &run->protocol->corpora.item[i], index));
  kj__release(NULL, index);
  return corpora;
}

static json_t *filter_json(const kj_protocol_filter *f)
{
  const struct {
    const char *name;
    const kj_texts *texts;
  } lists[] = {{"language", &f->language},
               {"gender", &f->gender},
               {"emotion", &f->emotion},
               {"speaker", &f->speaker},
               {"session", &f->session}};
  json_t *object = json_object();
  if (f->spontaneous >= 0)
    json_object_set_new(object, "spontaneous", json_integer(f->spontaneous));
  for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
    if (lists[i].texts->n > 0)
      json_object_set_new(object, lists[i].name, texts_json(lists[i].texts));
  return object;
}

static void set_filters(json_t *object, const kj_protocol_experiment *e)
{
  const struct {
    const char *name;
    const kj_protocol_filter *filter;
  } filters[] = {{"only", e->only},
                 {"train_only", e->train_only},
                 {"test_only", e->test_only}};
  for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++)
    json_object_set_new(object, filters[i].name,
                        filters[i].filter ? filter_json(filters[i].filter)
                                          : json_null());
}

/* Rows that are trained on with the first seed, in any fold. */
static size_t count_trained(const kj__trial *trial, unsigned char *is_trained)
{
  size_t n = 0;
  for (size_t p = 0; p < trial->n_folds; p++) {
    const kj_rows rows = trial->part[p].train;
    for (size_t i = 0; i < rows.n; i++) {
      n += is_trained[rows.index[i]] ? 0 : 1;
      is_trained[rows.index[i]] = 1;
    }
  }
  return n;
}

static json_t *head_json(kj__run *run, const kj__trial *trial,
                         const kj__tested *tested)
{
  const kj_protocol_experiment *e = trial->experiment;
  const kj_texts *test = e->test.n > 0 ? &e->test : &e->train;
  unsigned char *is_trained = kj__allocate(NULL, run->data->n_rows, 1);
  if (!is_trained)
    return NULL;
  const size_t n_trained = count_trained(trial, is_trained);
  kj__release(NULL, is_trained);
  json_t *speakers = distinct(run->data, tested->any, true);
  json_t *head = json_pack(
      "{s:s, s:s, s:o, s:o, s:o, s:b, s:I, s:I, s:I, s:I, s:I, s:o}", "id",
      e->id, "title", e->title, "train", texts_json(&e->train), "test",
      texts_json(test), "split",
      trial->has_division ? json_string(e->split) : json_null(), "is_leaky",
      trial->is_leaky, "n_train_rows", (json_int_t)n_trained, "n_test_rows",
      (json_int_t)tested->seed[0].n, "n_unlabelled_rows",
      (json_int_t)trial->unlabelled.n, "n_speakers",
      (json_int_t)json_array_size(speakers), "n_folds",
      (json_int_t)trial->n_folds, "notes", texts_json(&e->notes));
  json_decref(speakers);
  set_filters(head, e);
  json_t *values = e->paper && e->paper->values ? json_incref(e->paper->values)
                                                : json_null();
  json_object_set_new(head, "paper",
                      e->paper ? json_pack("{s:s, s:o}", "table",
                                           e->paper->table, "values", values)
                               : values);
  return head;
}

/* False where one cannot be had; the error says why. */
static bool set_beyond(kj__run *run, const kj__trial *trial,
                       const kj__tested *tested, const kj__measured *measured,
                       json_t *object, kj_error *err)
{
  json_t *routing = NULL, *intervals = NULL;
  if (kj__routing_json(run, trial, tested, measured, &routing, err) != KJ_OK)
    return false;
  json_object_set_new(object, "routing", routing);
  if (kj__intervals_json(run, trial, measured, &intervals, err) != KJ_OK)
    return false;
  json_object_set_new(object, "intervals", intervals);
  return true;
}

static json_t *experiment_json(kj__run *run, const kj__trial *trial,
                               const kj__tested *tested,
                               const kj__measured *measured, kj_error *err)
{
  json_t *object = head_json(run, trial, tested);
  json_t *history = kj__history_json(run, trial, measured);
  json_t *targets = json_array();
  if (!object || !history)
    kj__fail_memory(err, "results");
  bool is_whole = object && history;
  for (size_t k = 0; is_whole && k < run->data->n_targets; k++) {
    json_t *one = kj__target_json(run, trial, tested, measured, k, err);
    is_whole = one != NULL;
    json_array_append_new(targets, one);
  }
  json_object_set_new(object, "targets", targets);
  json_object_set_new(object, "sweeps", kj__sweeps_json(run, trial, measured));
  json_object_set_new(object, "grids", kj__grids_json(run, trial, measured));
  json_object_set_new(object, "history", history);
  is_whole = is_whole && set_beyond(run, trial, tested, measured, object, err);
  if (is_whole)
    return object;
  json_decref(object);
  return NULL;
}

static kj_status add_experiment(kj__run *run, const kj__trial *trial,
                                json_t *experiments, kj_error *err)
{
  kj__tested tested;
  kj__measured *measured =
      kj__allocate(NULL, trial->n_variants, sizeof *measured);
  kj_status status = measured ? kj__tested_list(run, trial, &tested, err)
                              : kj__fail_memory(err, "results");
  for (size_t v = 0; status == KJ_OK && v < trial->n_variants; v++)
    status = kj__measured_create(run, trial, &tested, &trial->variant[v],
                                 &measured[v], err);
  if (status == KJ_OK) {
    json_t *one = experiment_json(run, trial, &tested, measured, err);
    status = one ? KJ_OK : err->status;
    json_array_append_new(experiments, one);
  }
  for (size_t v = 0; measured && v < trial->n_variants; v++)
    kj__measured_clear(&measured[v]);
  kj__release(NULL, measured);
  return status;
}

kj_status kj__run_results(kj__run *run, json_t **results, kj_error *err)
{
  const kj_protocol *p = run->protocol;
  json_t *experiments = json_array(), *seeds = json_array();
  kj_error local = {0};
  err = err ? err : &local;
  kj_status status = KJ_OK;
  for (size_t e = 0; status == KJ_OK && e < p->experiments.n; e++)
    status = add_experiment(run, &run->trial[e], experiments, err);
  for (size_t s = 0; s < p->seeds; s++)
    json_array_append_new(seeds, json_integer((json_int_t)(p->seed + s)));
  if (status != KJ_OK) {
    json_decref(experiments);
    json_decref(seeds);
    return status;
  }
  *results = json_pack("{s:s, s:s, s:s?, s:o, s:o, s:o, s:o}", "format",
                       "kanjo-results/1", "kanjo_version", KANJO_VERSION,
                       "feature_set", run->data->set_label, "protocol",
                       protocol_json(p), "corpora", corpora_json(run), "seeds",
                       seeds, "experiments", experiments);
  return *results ? KJ_OK : kj__fail_memory(err, "results");
}
