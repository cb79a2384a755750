/*
 * intervals.c: the section of intervals: how wide, and whose ratings they
 * miss.
 */
#include "experiment/report/number.h"
#include "experiment/report/sections.h"

#include <math.h>
#include <string.h>

static void put_share(kj__document *d, const json_t *method, const char *whose,
                      const json_t *share)
{
  const char *name = kj__report_text(share, "name");
  kj__document_cell(d, "%s", kj__report_text(method, "method"));
  kj__document_cell(d, "±%s",
                    kj__fixed(kj__report_number(method, "half_width"), 3).text);
  kj__document_cell(d, "%s%s%s", whose, name[0] ? " " : "", name);
  kj__document_cell(d, "%s", kj__short(kj__report_number(share, "n")).text);
  kj__document_cell(
      d, "%s %%", kj__fixed(100.0 * kj__report_number(share, "share"), 1).text);
}

/* Each of them, where there are several to tell apart. */
static void put_shares(kj__document *d, const json_t *method, const char *key,
                       const char *whose)
{
  const json_t *shares = json_object_get(method, key);
  const size_t n = json_array_size(shares);
  const bool is_one_of_all =
      n == 1 && (strcmp(key, "genders") == 0 || strcmp(key, "corpora") == 0);
  for (size_t i = 0; !is_one_of_all && i < n; i++)
    put_share(d, method, whose, json_array_get(shares, i));
}

static void put_worst(kj__document *d, const json_t *method)
{
  const json_t *speakers = json_object_get(method, "speakers");
  const json_t *worst = NULL;
  for (size_t i = 0; i < json_array_size(speakers); i++) {
    const json_t *one = json_array_get(speakers, i);
    if (!worst ||
        kj__report_number(one, "share") < kj__report_number(worst, "share"))
      worst = one;
  }
  if (worst)
    put_share(d, method, "the worst speaker", worst);
}

static void put_target(kj__document *d, const json_t *target, double level)
{
  static const char *const header[] = {"method", "interval", "rows of", "rows",
                                       "inside"};
  const json_t *methods = json_object_get(target, "methods");
  kj__document_table(d, 5, "%s: ratings inside intervals of the level %s %%",
                     kj__report_text(target, "name"),
                     kj__short(100.0 * level).text);
  for (size_t i = 0; i < 5; i++)
    kj__document_cell(d, "%s", header[i]);
  for (size_t m = 0; m < json_array_size(methods); m++) {
    const json_t *method = json_array_get(methods, m);
    put_shares(d, method, "all", "all");
    put_worst(d, method);
    put_shares(d, method, "genders", "gender");
    put_shares(d, method, "corpora", "corpus");
    put_shares(d, method, "within", "corpora that were trained on");
    put_shares(d, method, "across", "other corpora");
  }
}

void kj__section_intervals(kj__document *d, const json_t *experiment)
{
  const json_t *intervals = json_object_get(experiment, "intervals");
  const json_t *targets = json_object_get(intervals, "targets");
  if (!json_is_object(intervals))
    return;
  kj__document_heading(d, 3, "%s: intervals",
                       kj__report_text(experiment, "title"));
  kj__document_text(
      d, KJ__BLOCK_TEXT,
      "Each training part is divided into folds (%s); how far a method is off "
      "on a fold that it was not trained on gives the interval's half-width, "
      "every speaker with the same weight. Rows are means over the seeds. That "
      "so many ratings lie inside is counted here and promised nowhere: a "
      "voice, room or language that was never heard may be far below.",
      kj__report_text(intervals, "folds"));
  for (size_t k = 0; k < json_array_size(targets); k++)
    put_target(d, json_array_get(targets, k),
               kj__report_number(intervals, "level"));
}
