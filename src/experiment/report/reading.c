/*
 * reading.c: what the numbers of a target show, by rule.
 *
 * A difference is called one only where the corrected p of the sign flips is
 * below .05; everything else is "not shown", which does not mean "not there".
 */
#include "experiment/report/number.h"
#include "experiment/report/sections.h"

#include <math.h>
#include <string.h>

static const double ALPHA = 0.05;

static const json_t *metric_of(const json_t *contender, const char *name)
{
  return json_object_get(json_object_get(contender, "metrics"), name);
}

/* How a metric is called in words. */
static const char *title(const char *metric_name)
{
  static const char *const names[][2] = {
      {"mae", "MAE"}, {"rmse", "RMSE"}, {"ccc", "CCC"}, {"pearson", "r"}};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp(names[i][0], metric_name) == 0)
      return names[i][1];
  return metric_name;
}

void kj__report_comparison(kj__document *d, const json_t *c)
{
  const double difference = kj__report_number(c, "difference");
  const double p = kj__report_number(c, "p_signflip_holm");
  if (!isfinite(difference))
    return;
  const char *verdict = !isfinite(p) ? "not tested"
                        : p < ALPHA  ? "a difference beyond chance"
                                     : "no difference shown";
  kj__document_text(
      d, KJ__BLOCK_BULLET,
      "%s of %s minus that of %s, mean over speakers: %s; corrected p %s: "
      "%s.",
      title(kj__report_text(c, "metric")), kj__report_text(c, "a"),
      kj__report_text(c, "b"), kj__with_bounds(c, "difference", 4).text,
      kj__p_value(p).text, verdict);
}

/* Where estimates are drawn together by more than a tenth: told, not tested. */
static void read_spread(kj__document *d, const json_t *contenders)
{
  const json_t *vat = kj__report_find(contenders, "name", "vat");
  const json_t *none = kj__report_find(contenders, "name", "none");
  const double a = kj__report_number(metric_of(vat, "sd_ratio"), "mean");
  const double b = kj__report_number(metric_of(none, "sd_ratio"), "mean");
  if (isfinite(a) && isfinite(b) && fabs(a - b) > 0.1 * b)
    kj__document_text(
        d, KJ__BLOCK_BULLET,
        "VAT %s the estimates: the ratio of standard deviations "
        "is %s, without smoothing %s (described, not tested).",
        a < b ? "draws together" : "spreads",
        kj__with_bounds(metric_of(vat, "sd_ratio"), "mean", 2).text,
        kj__with_bounds(metric_of(none, "sd_ratio"), "mean", 2).text);
}

/* The least error need not differ from the constant's by more than chance. */
static void read_constant(kj__document *d, const json_t *contenders)
{
  const json_t *constant =
      metric_of(kj__report_find(contenders, "name", "constant"), "mae");
  const json_t *least = NULL;
  const char *best = "";
  for (size_t i = 0; i < json_array_size(contenders); i++) {
    const json_t *c = json_array_get(contenders, i);
    const json_t *mae = metric_of(c, "mae");
    const double mean = kj__report_number(mae, "mean");
    if (isfinite(mean) && (!least || mean < kj__report_number(least, "mean"))) {
      least = mae;
      best = kj__report_text(c, "name");
    }
  }
  if (!least || !isfinite(kj__report_number(constant, "mean")))
    return;
  if (least == constant)
    kj__document_text(d, KJ__BLOCK_BULLET,
                      "Always answering the mean rating has an MAE of %s; no "
                      "method's is less.",
                      kj__with_bounds(constant, "mean", 3).text);
  else
    kj__document_text(d, KJ__BLOCK_BULLET,
                      "Always answering the mean rating has an MAE of %s; the "
                      "least is %s, of %s (described, not tested).",
                      kj__with_bounds(constant, "mean", 3).text,
                      kj__with_bounds(least, "mean", 3).text, best);
}

/* The speaker who is estimated worst by the network without smoothing, or by
 * the last method. */
static void read_worst(kj__document *d, const json_t *contenders)
{
  const size_t n = json_array_size(contenders);
  const json_t *c = kj__report_find(contenders, "name", "none");
  c = c || n == 0 ? c : json_array_get(contenders, n - 1);
  const json_t *speakers = json_object_get(c, "speakers");
  const json_t *worst = NULL;
  for (size_t i = 0; i < json_array_size(speakers); i++) {
    const json_t *s = json_array_get(speakers, i);
    const double mae = kj__report_number(s, "mae");
    if (isfinite(mae) && (!worst || mae > kj__report_number(worst, "mae")))
      worst = s;
  }
  if (worst)
    kj__document_text(d, KJ__BLOCK_BULLET,
                      "The worst speaker with %s is %s: MAE %s over %s rows.",
                      kj__report_text(c, "name"),
                      kj__report_text(worst, "speaker"),
                      kj__fixed(kj__report_number(worst, "mae"), 3).text,
                      kj__count(worst, "n").text);
}

void kj__section_reading(kj__document *d, const json_t *target)
{
  const json_t *contenders = json_object_get(target, "contenders");
  const json_t *comparisons = json_object_get(target, "comparisons");
  read_constant(d, contenders);
  for (size_t i = 0; i < json_array_size(comparisons); i++)
    if (strcmp(kj__report_text(json_array_get(comparisons, i), "b"), "none") ==
        0)
      kj__report_comparison(d, json_array_get(comparisons, i));
  read_spread(d, contenders);
  read_worst(d, contenders);
}
