/*
 * comparisons.c: is the difference between two methods more than chance?
 */
#include "experiment/report/number.h"
#include "experiment/report/sections.h"

#include <math.h>
#include <string.h>

static void put_row(kj__document *d, const json_t *c)
{
  kj__document_cell(d, "%s − %s, %s", kj__report_text(c, "a"),
                    kj__report_text(c, "b"), kj__report_text(c, "metric"));
  kj__document_cell(d, "%s", kj__with_bounds(c, "difference", 4).text);
  kj__document_cell(d, "%s",
                    kj__fixed(kj__report_number(c, "effect_size"), 2).text);
  kj__document_cell(d, "%s", kj__count(c, "n_speakers").text);
  static const char *const p[] = {"p_signflip", "p_signflip_holm", "p_wilcoxon",
                                  "p_wilcoxon_holm"};
  for (size_t i = 0; i < 4; i++)
    kj__document_cell(d, "%s", kj__p_value(kj__report_number(c, p[i])).text);
}

void kj__section_comparisons(kj__document *d, const json_t *target)
{
  const json_t *comparisons = json_object_get(target, "comparisons");
  static const char *const header[] = {"difference",    "mean over speakers",
                                       "effect size d", "speakers",
                                       "p, sign flips", "Holm",
                                       "p, Wilcoxon",   "Holm"};
  const char *note = "";
  if (json_array_size(comparisons) == 0)
    return;
  kj__document_table(d, 8,
                     "%s: differences between methods, tested over "
                     "speakers",
                     kj__report_text(target, "name"));
  for (size_t i = 0; i < 8; i++)
    kj__document_cell(d, "%s", header[i]);
  for (size_t i = 0; i < json_array_size(comparisons); i++) {
    put_row(d, json_array_get(comparisons, i));
    note = kj__report_text(json_array_get(comparisons, i), "note");
  }
  if (note[0])
    kj__document_text(d, KJ__BLOCK_TEXT, "%s.", note);
}
