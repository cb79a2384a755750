/*
 * paper.c: a table of the paper, its figures beside ours.
 */
#include "experiment/report/number.h"
#include "experiment/report/sections.h"

#include <string.h>

/* As the paper calls its networks. */
static const char *paper_name(const char *contender)
{
  static const char *const names[][2] = {{"vat", "DNN with VAT"},
                                         {"none", "DNN without VAT"}};
  for (size_t i = 0; i < 2; i++)
    if (strcmp(names[i][0], contender) == 0)
      return names[i][1];
  return contender;
}

static void put_row(kj__document *d, const json_t *targets,
                    const char *contender, const json_t *values)
{
  kj__document_cell(d, "%s", paper_name(contender));
  for (size_t k = 0; k < json_array_size(targets); k++) {
    const json_t *target = json_array_get(targets, k);
    const json_t *paper =
        json_object_get(values, kj__report_text(target, "name"));
    const json_t *ours = kj__report_find(json_object_get(target, "contenders"),
                                         "name", contender);
    const json_t *mae =
        json_object_get(json_object_get(ours, "metrics"), "mae");
    kj__document_cell(d, "%s",
                      kj__fixed(kj__report_number(paper, "mae"), 4).text);
    kj__document_cell(d, "%s", kj__with_bounds(mae, "mean", 4).text);
  }
}

/* Of VAT and none on MAE; NULL where it was not made. */
static const json_t *find_test(const json_t *target)
{
  const json_t *comparisons = json_object_get(target, "comparisons");
  for (size_t i = 0; i < json_array_size(comparisons); i++) {
    const json_t *c = json_array_get(comparisons, i);
    if (strcmp(kj__report_text(c, "a"), "vat") == 0 &&
        strcmp(kj__report_text(c, "b"), "none") == 0 &&
        strcmp(kj__report_text(c, "metric"), "mae") == 0)
      return c;
  }
  return NULL;
}

static void put_tests(kj__document *d, const json_t *targets)
{
  kj__document_cell(d, "difference tested, p (Holm)");
  for (size_t k = 0; k < json_array_size(targets); k++) {
    const json_t *test = find_test(json_array_get(targets, k));
    kj__document_cell(d, "-");
    kj__document_cell(
        d, "%s (%s)", kj__p_value(kj__report_number(test, "p_signflip")).text,
        kj__p_value(kj__report_number(test, "p_signflip_holm")).text);
  }
}

void kj__section_paper(kj__document *d, const json_t *experiment)
{
  const json_t *paper = json_object_get(experiment, "paper");
  json_t *values = json_object_get(paper, "values");
  const json_t *targets = json_object_get(experiment, "targets");
  const size_t n = json_array_size(targets);
  const char *contender;
  json_t *of_contender;
  if (json_object_size(values) == 0)
    return;
  kj__document_table(d, 1 + 2 * n, "%s: MAE, the paper's beside ours",
                     kj__report_text(paper, "table"));
  kj__document_cell(d, "model");
  for (size_t k = 0; k < n; k++) {
    const char *name = kj__report_text(json_array_get(targets, k), "name");
    kj__document_cell(d, "%s, paper", name);
    kj__document_cell(d, "%s, ours", name);
  }
  json_object_foreach(values, contender, of_contender)
      put_row(d, targets, contender, of_contender);
  put_tests(d, targets);
}
