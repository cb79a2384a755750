/*
 * coverage.c: how often intervals hold a rating, as text and as JSON; and how
 * many rows are unlike anything known.
 */
#include "cli/interval.h"

#include "base/error.h"

#include "cli/table.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double share(const kj_coverage *count)
{
  return (double)count->n_inside / (double)count->n_rows;
}

static const kj_coverage *find_worst(const kj_coverage *list, size_t n)
{
  const kj_coverage *worst = list;
  for (size_t i = 1; i < n; i++)
    if (share(&list[i]) < share(worst))
      worst = &list[i];
  return worst;
}

/* That the groups have names at all. */
static bool is_named(const kj_coverage *list, size_t n)
{
  return n > 1 || (n == 1 && list[0].name[0] != '\0');
}

static void print_count(FILE *f, const kj_coverage *count)
{
  fprintf(f, "%s %.1f %% of %zu", count->name[0] ? count->name : "(unnamed)",
          100.0 * share(count), count->n_rows);
}

static kj_status print_groups(FILE *f, const kj_covering *covering,
                              kj_coverage_by by, const char *title,
                              kj_error *err)
{
  kj_coverage *list = NULL;
  size_t n = 0;
  const kj_status status = kj_coverage_count(covering, by, &list, &n, err);
  if (status == KJ_OK && is_named(list, n)) {
    fprintf(f, "  %s: ", title);
    for (size_t i = 0; i < n; i++) {
      fputs(i ? ", " : "", f);
      print_count(f, &list[i]);
    }
    putc('\n', f);
  }
  free(list);
  return status;
}

static int by_share(const void *left, const void *right)
{
  const kj_coverage *x = left, *y = right;
  const double a = share(x), b = share(y);
  return a != b ? (a > b) - (a < b) : strcmp(x->name, y->name);
}

/* All speakers, or how many are below the level and the lowest of them. */
static void print_speakers(FILE *f, kj_coverage *list, size_t n, double level)
{
  enum { MOST = 12, LOWEST = 5 };
  size_t n_below = 0;
  fputs("  by speaker: ", f);
  for (size_t i = 0; i < n; i++)
    n_below += share(&list[i]) < level;
  if (n > MOST) {
    fprintf(f, "%zu of %zu below %g %%, lowest ", n_below, n, 100.0 * level);
    qsort(list, n, sizeof *list, by_share);
  }
  for (size_t i = 0; i < (n > MOST ? LOWEST : n); i++) {
    fputs(i ? ", " : "", f);
    print_count(f, &list[i]);
  }
  fputs(n > MOST ? " (all with --json)\n" : "\n", f);
}

kj_status cli_print_coverage(FILE *f, const kj_covering *covering, double level,
                             kj_error *err)
{
  kj_coverage *all = NULL, *speakers = NULL;
  size_t n = 0, n_speakers = 0;
  kj_status status =
      kj_coverage_count(covering, KJ_COVERAGE_ALL, &all, &n, err);
  if (status == KJ_OK)
    status = kj_coverage_count(covering, KJ_COVERAGE_SPEAKER, &speakers,
                               &n_speakers, err);
  if (status == KJ_OK && n > 0) {
    fprintf(f, "%g %% intervals, +-%.3f%s, hold %.1f %% of %zu ratings",
            100.0 * level, covering->half_width,
            covering->sd ? " predicted sd" : "", 100.0 * share(all),
            all->n_rows);
    if (is_named(speakers, n_speakers)) {
      fputs("; worst speaker ", f);
      print_count(f, find_worst(speakers, n_speakers));
    }
    putc('\n', f);
  }
  if (status == KJ_OK && n_speakers > 1)
    print_speakers(f, speakers, n_speakers, level);
  free(all);
  free(speakers);
  if (status == KJ_OK)
    status = print_groups(f, covering, KJ_COVERAGE_GENDER, "by gender", err);
  if (status == KJ_OK)
    status = print_groups(f, covering, KJ_COVERAGE_CORPUS, "by corpus", err);
  return status;
}

static json_t *json_count(const kj_coverage *count)
{
  return json_pack("{s:o, s:I, s:I, s:f}", "name", cli_json_text(count->name),
                   "rows", (json_int_t)count->n_rows, "inside",
                   (json_int_t)count->n_inside, "share", share(count));
}

kj_status cli_json_coverage(json_t *object, const char *key,
                            const kj_covering *covering, double level,
                            kj_error *err)
{
  static const char *const KEYS[] = {[KJ_COVERAGE_ALL] = "all",
                                     [KJ_COVERAGE_SPEAKER] = "speakers",
                                     [KJ_COVERAGE_GENDER] = "genders",
                                     [KJ_COVERAGE_CORPUS] = "corpora"};
  json_t *coverage = json_pack("{s:f, s:f}", "level", level, "half_width",
                               covering->half_width);
  kj_status status = KJ_OK;
  for (int by = 0; status == KJ_OK && by <= KJ_COVERAGE_CORPUS; by++) {
    kj_coverage *list = NULL;
    size_t n = 0;
    status = kj_coverage_count(covering, (kj_coverage_by)by, &list, &n, err);
    json_t *array = json_array();
    for (size_t i = 0; i < n; i++)
      json_array_append_new(array, json_count(&list[i]));
    if (by == KJ_COVERAGE_SPEAKER && is_named(list, n))
      json_object_set_new(coverage, "worst_speaker",
                          json_count(find_worst(list, n)));
    json_object_set_new(coverage, KEYS[by], array);
    free(list);
  }
  if (status == KJ_OK)
    json_object_set_new(object, key, coverage);
  else
    json_decref(coverage);
  return status;
}

void cli_print_likelihood(FILE *f, const kj_covering *covering)
{
  const kj_likelihood l = kj_likelihood_measure(covering);
  fprintf(f,
          "predicted deviations: mean %.3f; mean negative log-likelihood "
          "%.3f\n",
          l.sd, l.nll);
}

kj_status cli_json_predicted(json_t *object, const kj_covering *covering,
                             double level, kj_error *err)
{
  const kj_likelihood l = kj_likelihood_measure(covering);
  json_object_set_new(object, "predicted",
                      json_pack("{s:o, s:o}", "mean_sd", cli_json_number(l.sd),
                                "nll", cli_json_number(l.nll)));
  return cli_json_coverage(json_object_get(object, "predicted"), "coverage",
                           covering, level, err);
}

static kj_status count_novel(const kj_estimator *estimator,
                             const kj_dataset *data, size_t *n, kj_error *err)
{
  double *novelty = calloc(data->n_rows, sizeof *novelty);
  if (!novelty)
    return kj__fail_memory(err, "novelty");
  const kj_status status = kj_novelty_rows(
      estimator, data, (kj_rows){NULL, data->n_rows}, novelty, err);
  *n = 0;
  for (size_t i = 0; status == KJ_OK && i < data->n_rows; i++)
    *n += novelty[i] > 1.0;
  free(novelty);
  return status;
}

kj_status cli_print_novelty(FILE *f, const char *name,
                            const kj_estimator *estimator,
                            const kj_dataset *data, kj_error *err)
{
  const kj_novelty *known = &kj_estimator_get_parts(estimator)->novelty;
  size_t n = 0;
  if (known->n_rows == 0)
    return KJ_OK;
  const kj_status status = count_novel(estimator, data, &n, err);
  if (status == KJ_OK)
    fprintf(f,
            "\n%s%snovelty above 1: %zu of %zu rows, %.1f %%; of known voices "
            "%g %%\n",
            name, name[0] ? ": " : "", n, data->n_rows,
            100.0 * (double)n / (double)data->n_rows,
            100.0 * known->false_alarms);
  return status;
}
