/*
 * binary_table.c: a gate's metrics, its confusion, and how far its
 * probabilities can be taken at their word.
 */
#include "cli/binary_table.h"

#include "cli/table.h"

#include <math.h>

enum { NAME_WIDTH = 18 };

static json_t *json_confusion(const kj_binary_metrics *m)
{
  return json_pack("{s:I, s:I, s:I, s:I}", "scripted_as_scripted",
                   (json_int_t)m->count[0][0], "scripted_as_spontaneous",
                   (json_int_t)m->count[0][1], "spontaneous_as_scripted",
                   (json_int_t)m->count[1][0], "spontaneous_as_spontaneous",
                   (json_int_t)m->count[1][1]);
}

static json_t *json_bins(const kj_binary_metrics *m)
{
  json_t *bins = json_array();
  for (size_t b = 0; b < KJ_RELIABILITY_BINS; b++)
    if (m->bin[b].n > 0)
      json_array_append_new(
          bins, json_pack("{s:I, s:f, s:f}", "rows", (json_int_t)m->bin[b].n,
                          "probability", m->bin[b].probability, "share",
                          m->bin[b].share));
  return bins;
}

json_t *cli_json_binary(const kj_binary_metrics *metrics,
                        const kj_interval *intervals)
{
  json_t *object = json_pack("{s:I}", "rows", (json_int_t)metrics->n);
  for (int m = 0; m < KJ_N_BINARY_METRICS; m++) {
    const double value = kj_binary_metric_value(metrics, (kj_binary_metric)m);
    json_object_set_new(object, kj_binary_metric_name((kj_binary_metric)m),
                        intervals ? cli_json_metric(value, intervals[m])
                                  : cli_json_number(value));
  }
  json_object_set_new(object, "confusion", json_confusion(metrics));
  json_object_set_new(object, "reliability", json_bins(metrics));
  return object;
}

static void print_metrics(FILE *f, const kj_binary_metrics *metrics,
                          const kj_interval *intervals)
{
  for (int m = 0; m < KJ_N_BINARY_METRICS; m++) {
    const double value = kj_binary_metric_value(metrics, (kj_binary_metric)m);
    fprintf(f, "  %-*s", NAME_WIDTH,
            kj_binary_metric_name((kj_binary_metric)m));
    fprintf(f, isfinite(value) ? "%6.3f" : "     -", value);
    if (intervals && isfinite(intervals[m].low))
      fprintf(f, "  %.3f..%.3f", intervals[m].low, intervals[m].high);
    putc('\n', f);
  }
}

static void print_confusion(FILE *f, const kj_binary_metrics *m)
{
  static const char *const KINDS[] = {"scripted", "spontaneous"};
  fprintf(f, "  %-*s%12s%14s\n", NAME_WIDTH, "truth \\ gate", KINDS[0],
          KINDS[1]);
  for (int kind = 0; kind < 2; kind++)
    fprintf(f, "  %-*s%12zu%14zu\n", NAME_WIDTH, KINDS[kind], m->count[kind][0],
            m->count[kind][1]);
}

static void print_reliability(FILE *f, const kj_binary_metrics *m)
{
  fprintf(f, "  %-*s%12s%14s\n", NAME_WIDTH, "says (mean)", "is", "rows");
  for (size_t b = 0; b < KJ_RELIABILITY_BINS; b++)
    if (m->bin[b].n > 0)
      fprintf(f, "  %-*.3f%12.3f%14zu\n", NAME_WIDTH, m->bin[b].probability,
              m->bin[b].share, m->bin[b].n);
}

void cli_print_binary(FILE *f, const kj_binary_metrics *metrics,
                      const kj_interval *intervals)
{
  print_metrics(f, metrics, intervals);
  print_confusion(f, metrics);
  print_reliability(f, metrics);
}
