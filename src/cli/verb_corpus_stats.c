/*
 * verb_corpus_stats.c: `kanjo corpus stats`: what a table of labels holds.
 */
#include "cli/load.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/table.h"

#include "kanjo/corpus_check.h"

enum { MAX_VALUES = 12, BAR_WIDTH = 40 };

typedef struct column {
  const char *name;
  const kj_value_counts *counts;
} column;

enum { N_COLUMNS = 7 };

/* The columns in the order they are printed in. */
static void list_columns(const kj_corpus_stats *stats, column *columns)
{
  columns[0] = (column){"speakers", &stats->speakers};
  columns[1] = (column){"genders", &stats->genders};
  columns[2] = (column){"sessions", &stats->sessions};
  columns[3] = (column){"languages", &stats->languages};
  columns[4] = (column){"corpora", &stats->corpora};
  columns[5] = (column){"emotions", &stats->emotions};
  columns[6] = (column){"parts", &stats->parts};
}

static json_t *counts_json(const kj_value_counts *counts)
{
  json_t *array = json_array();
  for (size_t i = 0; i < counts->n; i++)
    json_array_append_new(array,
                          json_pack("{s:o, s:I}", "value",
                                    cli_json_text(counts->value[i].value), "n",
                                    (json_int_t)counts->value[i].n));
  return array;
}

static json_t *target_json(const kj_rating_stats *t)
{
  json_t *bins = json_array();
  for (size_t b = 0; b < KJ_STATS_BINS; b++)
    json_array_append_new(bins, json_integer((json_int_t)t->bin[b]));
  return json_pack("{s:s, s:I, s:o, s:o, s:o, s:o, s:o}", "name", t->name, "n",
                   (json_int_t)t->n, "mean", cli_json_number(t->mean), "sd",
                   cli_json_number(t->sd), "min", cli_json_number(t->min),
                   "max", cli_json_number(t->max), "bins", bins);
}

static void print_json(const char *path, const kj_corpus_stats *stats)
{
  column columns[N_COLUMNS];
  json_t *targets = json_array();
  json_t *object = json_pack(
      "{s:o, s:I, s:I, s:I, s:I, s:o, s:I, s:I}", "table", cli_json_text(path),
      "rows", (json_int_t)stats->n_rows, "files", (json_int_t)stats->n_files,
      "missing_files", (json_int_t)stats->n_missing_files, "timed_rows",
      (json_int_t)stats->n_timed_rows, "hours", cli_json_number(stats->hours),
      "spontaneous", (json_int_t)stats->n_spontaneous, "not_spontaneous",
      (json_int_t)stats->n_not_spontaneous);
  list_columns(stats, columns);
  for (size_t c = 0; c < N_COLUMNS; c++)
    json_object_set_new(object, columns[c].name,
                        counts_json(columns[c].counts));
  for (size_t k = 0; k < stats->n_targets; k++)
    json_array_append_new(targets, target_json(&stats->target[k]));
  json_object_set_new(object, "targets", targets);
  cli_print_json(stdout, object);
}

static void print_counts(const column *c)
{
  const kj_value_counts *counts = c->counts;
  printf("%-12s %zu", c->name, counts->n);
  for (size_t i = 0; i < counts->n && i < MAX_VALUES; i++)
    printf("%s%s %zu", i == 0 ? ": " : ", ", counts->value[i].value,
           counts->value[i].n);
  puts(counts->n > MAX_VALUES ? ", ..." : "");
}

static void print_length(const kj_corpus_stats *stats)
{
  printf("%-12s %.3f, of %zu rows whose length is known\n", "hours",
         stats->hours, stats->n_timed_rows);
  printf("%-12s %zu, of which %zu are missing or cannot be read\n", "files",
         stats->n_files, stats->n_missing_files);
}

static void print_spontaneous(const kj_corpus_stats *stats)
{
  const size_t known = stats->n_spontaneous + stats->n_not_spontaneous;
  if (known == 0)
    printf("%-12s unknown\n", "spontaneous");
  else
    printf("%-12s %.1f %% (%zu of %zu rows where it is known)\n", "spontaneous",
           100 * (double)stats->n_spontaneous / (double)known,
           stats->n_spontaneous, known);
}

static void print_bars(const kj_rating_stats *t)
{
  size_t most = 1;
  for (size_t b = 0; b < KJ_STATS_BINS; b++)
    most = t->bin[b] > most ? t->bin[b] : most;
  for (size_t b = 0; b < KJ_STATS_BINS; b++) {
    const size_t width = (t->bin[b] * BAR_WIDTH + most - 1) / most;
    printf("  %.1f..%.1f %6zu%s", 1 + 0.5 * (double)b, 1.5 + 0.5 * (double)b,
           t->bin[b], width > 0 ? " " : "");
    for (size_t i = 0; i < width; i++)
      putchar('#');
    puts("");
  }
}

static void print_target(const kj_rating_stats *t)
{
  if (t->n == 0) {
    printf("\n%s: no rating\n", t->name);
    return;
  }
  printf("\n%s: n %zu, mean %.3f", t->name, t->n, t->mean);
  if (t->n > 1)
    printf(", sd %.3f", t->sd);
  printf(", min %.3f, max %.3f\n", t->min, t->max);
  print_bars(t);
}

static void print_text(const kj_corpus_stats *stats)
{
  column columns[N_COLUMNS];
  printf("%-12s %zu\n", "rows", stats->n_rows);
  print_length(stats);
  list_columns(stats, columns);
  for (size_t c = 0; c < N_COLUMNS; c++)
    print_counts(&columns[c]);
  print_spontaneous(stats);
  for (size_t k = 0; k < stats->n_targets; k++)
    print_target(&stats->target[k]);
}

int cli_corpus_stats(const cli_settings *settings)
{
  const char *path = settings->input.word[0];
  kj_target_spec targets[KJ_MAX_TARGETS];
  kj_corpus_options options = {.targets = targets, .split = settings->split};
  kj_corpus_stats *stats = NULL;
  kj_error err;
  kj_status status =
      cli_read_targets(settings, targets, &options.n_targets, &err);
  if (status == KJ_OK)
    status = kj_scale_parse(settings->scale, &options.low, &options.high, &err);
  if (status == KJ_OK)
    status = kj_corpus_count(path, &options, &stats, &err);
  if (status != KJ_OK)
    return cli_fail(&err);
  if (settings->json)
    print_json(path, stats);
  else
    print_text(stats);
  kj_corpus_stats_destroy(stats);
  return CLI_DONE;
}
