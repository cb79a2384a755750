/*
 * results_gate.c: how well the gate of routed systems tells kinds of speech
 * apart: for each seed over the tested rows of all folds whose kind is known,
 * with intervals over speakers; then means over the seeds.
 */
#include "experiment/results_state.h"

#include "base/error.h"
#include "base/memory.h"
#include "kanjo/binary.h"

#include <math.h>

/* What each seed reached. */
typedef struct judged {
  size_t n_seeds;
  kj_binary_metrics *metrics; /* (n_seeds) */
  kj_interval *interval;      /* (n_seeds, KJ_N_BINARY_METRICS) */
} judged;

/* What is judged, and arrays of the tested rows of one seed. */
typedef struct judging {
  const kj_dataset *data;
  const kj__tested *known;
  const kj__measured *gate;
  double *truth, *probability;
  size_t *cluster;
} judging;

static kj_status judge_seed(const judging *g, size_t seed, judged *j,
                            kj_error *err)
{
  const kj_rows rows = g->known->seed[seed];
  const double *probability = g->gate->seed_estimate + seed * g->data->n_rows;
  for (size_t i = 0; i < rows.n; i++) {
    const kj_row *row = &g->data->row[rows.index[i]];
    g->truth[i] = (double)row->spontaneous;
    g->probability[i] = probability[rows.index[i]];
    g->cluster[i] = row->group[KJ_GROUP_SPEAKER];
  }
  const kj_binary_rows all = {g->truth, g->probability, rows.n, g->cluster,
                              g->data->groups[KJ_GROUP_SPEAKER].n};
  const kj_status status =
      kj_binary_metrics_compute(&all, &j->metrics[seed], err);
  return status == KJ_OK
             ? kj_binary_metrics_intervals(
                   &all, j->interval + seed * KJ_N_BINARY_METRICS, err)
             : status;
}

static kj_status judge(const kj_dataset *data, const kj__tested *known,
                       const kj__measured *gate, judged *j, kj_error *err)
{
  const size_t n = known->any.n;
  const judging g = {.data = data,
                     .known = known,
                     .gate = gate,
                     .truth = kj__allocate(NULL, n, sizeof(double)),
                     .probability = kj__allocate(NULL, n, sizeof(double)),
                     .cluster = kj__allocate(NULL, n, sizeof(size_t))};
  j->n_seeds = gate->n_seeds;
  j->metrics = kj__allocate(NULL, j->n_seeds, sizeof *j->metrics);
  j->interval =
      kj__allocate(NULL, j->n_seeds, KJ_N_BINARY_METRICS * sizeof *j->interval);
  kj_status status =
      g.truth && g.probability && g.cluster && j->metrics && j->interval
          ? KJ_OK
          : kj__fail_memory(err, "results of a gate");
  for (size_t s = 0; status == KJ_OK && s < j->n_seeds; s++)
    status = judge_seed(&g, s, j, err);
  kj__release(NULL, g.truth);
  kj__release(NULL, g.probability);
  kj__release(NULL, g.cluster);
  return status;
}

/* As kj__metric_json. */
static json_t *metric_json(const judged *j, kj_binary_metric metric)
{
  const double n = (double)j->n_seeds;
  double sum = 0.0, low = 0.0, high = 0.0, squares = 0.0;
  json_t *seeds = json_array();
  for (size_t s = 0; s < j->n_seeds; s++) {
    const kj_interval *i = j->interval + s * KJ_N_BINARY_METRICS + metric;
    const double value = kj_binary_metric_value(&j->metrics[s], metric);
    sum += value;
    low += i->low;
    high += i->high;
    json_array_append_new(seeds, kj__json_number(value));
  }
  for (size_t s = 0; s < j->n_seeds; s++) {
    const double off = kj_binary_metric_value(&j->metrics[s], metric) - sum / n;
    squares += off * off;
  }
  return json_pack(
      "{s:o, s:o, s:o, s:o, s:o}", "mean", kj__json_number(sum / n), "low",
      kj__json_number(low / n), "high", kj__json_number(high / n), "spread",
      kj__json_number(j->n_seeds > 1 ? sqrt(squares / (n - 1.0)) : 0.0),
      "seeds", seeds);
}

/* [truth][answer]: rows, means over the seeds. */
static json_t *confusion_json(const judged *j)
{
  json_t *table = json_array();
  for (size_t truth = 0; truth < 2; truth++) {
    json_t *line = json_array();
    for (size_t answer = 0; answer < 2; answer++) {
      double sum = 0.0;
      for (size_t s = 0; s < j->n_seeds; s++)
        sum += (double)j->metrics[s].count[truth][answer];
      json_array_append_new(line, json_real(sum / (double)j->n_seeds));
    }
    json_array_append_new(table, line);
  }
  return table;
}

/* The rows of all seeds together, by tenths of the probability. */
static json_t *bins_json(const judged *j)
{
  json_t *bins = json_array();
  for (size_t b = 0; b < KJ_RELIABILITY_BINS; b++) {
    double n = 0.0, probability = 0.0, share = 0.0;
    for (size_t s = 0; s < j->n_seeds; s++) {
      const kj_reliability_bin *bin = &j->metrics[s].bin[b];
      n += (double)bin->n;
      probability += (double)bin->n * bin->probability;
      share += (double)bin->n * bin->share;
    }
    json_array_append_new(bins, json_pack("{s:o, s:o, s:o}", "n",
                                          json_real(n / (double)j->n_seeds),
                                          "probability",
                                          kj__json_number(probability / n),
                                          "share", kj__json_number(share / n)));
  }
  return bins;
}

static json_t *train_json(const kj_protocol_experiment *e)
{
  const kj_texts *train =
      e->routing->gate.train.n > 0 ? &e->routing->gate.train : &e->train;
  json_t *array = json_array();
  for (size_t i = 0; i < train->n; i++)
    json_array_append_new(array, json_string(train->item[i]));
  return array;
}

static json_t *outcome_json(kj__run *run, const kj__trial *trial,
                            const judged *j)
{
  const kj__cell *cell = run->cell[trial->routing->gate_cell[0]];
  const kj_smoothing *smoothing = &cell->options.smoothing;
  json_t *metrics = json_object(), *hidden = json_array();
  for (int m = 0; j && m < KJ_N_BINARY_METRICS; m++)
    json_object_set_new(metrics, kj_binary_metric_name((kj_binary_metric)m),
                        metric_json(j, (kj_binary_metric)m));
  for (size_t l = 0; l < cell->options.n_hidden; l++)
    json_array_append_new(hidden,
                          json_integer((json_int_t)cell->options.hidden[l]));
  return json_pack("{s:o, s:I, s:o, s:I, s:s, s:o, s:o, s:o}", "train",
                   train_json(trial->experiment), "n_train_rows",
                   (json_int_t)cell->part->train.n, "hidden", hidden, "epochs",
                   (json_int_t)cell->options.epochs, "smoothing",
                   kj_smoothing_name(smoothing->kind), "metrics", metrics,
                   "confusion", j ? confusion_json(j) : json_array(), "bins",
                   j ? bins_json(j) : json_array());
}

static bool has_rows(const kj__tested *known, size_t n_seeds)
{
  for (size_t s = 0; s < n_seeds; s++)
    if (known->seed[s].n == 0)
      return false;
  return true;
}

kj_status kj__gate_json(kj__run *run, const kj__trial *trial,
                        const kj__tested *known, const kj__measured *gate,
                        json_t **out, kj_error *err)
{
  judged j = {0};
  kj_status status = KJ_OK;
  const bool is_judged = has_rows(known, gate->n_seeds);
  if (is_judged)
    status = judge(run->data, known, gate, &j, err);
  if (status == KJ_OK) {
    *out = outcome_json(run, trial, is_judged ? &j : NULL);
    status = *out ? KJ_OK : kj__fail_memory(err, "results of a gate");
  }
  kj__release(NULL, j.metrics);
  kj__release(NULL, j.interval);
  return status;
}
