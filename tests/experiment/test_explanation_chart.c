/*
 * test_explanation_chart.c: names of any letters stand whole in the figure of
 * attributions, and of several recordings mean and mean size in figure and
 * table.
 */
#include "experiment/explanation_chart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1 << 16 };

static char *write_text(const kj__explanation_chart *chart,
                        void (*write)(const kj__explanation_chart *chart,
                                      FILE *out))
{
  char *text = test_calloc(1, MOST);
  FILE *out = tmpfile();
  assert_non_null(out);
  write(chart, out);
  rewind(out);
  assert_in_range(fread(text, 1, MOST, out), 1, MOST - 1);
  fclose(out);
  return text;
}

/* Two recordings whose first group moves up by 1 and down by 0.5. */
static kj__explanation_chart two_recordings(const char *target)
{
  kj__explanation_chart chart = {.n_targets = 1, .target = {target}};
  kj_explanation why = {.baseline = 3.0, .estimate = 4.0, .group = {{1.0}}};
  kj__explanation_add(&chart, &why, 1);
  why = (kj_explanation){.baseline = 3.0, .estimate = 2.5, .group = {{-0.5}}};
  kj__explanation_add(&chart, &why, 1);
  return chart;
}

static void check_has(const char *text, const char *part)
{
  if (!strstr(text, part))
    fail_msg("no '%s' in:\n%s", part, text);
}

static void test_names_are_escaped(void **state)
{
  (void)state;
  const kj__explanation_chart chart = two_recordings("a<b>&\"c\"");
  char *svg = write_text(&chart, kj__explanation_svg);
  check_has(svg, ">a&lt;b&gt;&amp;&quot;c&quot;</text>");
  assert_null(strstr(svg, "a<b>"));
  test_free(svg);
  char *csv = write_text(&chart, kj__explanation_csv);
  check_has(csv, "\n\"a<b>&\"\"c\"\"\",energy,level,");
  test_free(csv);
}

/* W takes 1.1 em in the widest common font, of 13 units. */
static void test_names_are_not_cut(void **state)
{
  (void)state;
  static const char name[] = "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW";
  const kj__explanation_chart chart = two_recordings(name);
  char *svg = write_text(&chart, kj__explanation_svg);
  char *box = strstr(svg, "viewBox=\"0 0 ");
  const char *heading = strstr(svg, name);
  assert_non_null(box);
  assert_non_null(heading);
  while (strncmp(heading, "x=\"", 3) != 0)
    heading--;
  const double width = strtod(box + strlen("viewBox=\"0 0 "), NULL);
  const double end = strtod(heading + 3, NULL) + 1.1 * 13.0 * (sizeof name - 1);
  if (end > width)
    fail_msg("the name ends at %g; must be at most %g", end, width);
  test_free(svg);
}

static void test_mean_and_mean_size(void **state)
{
  (void)state;
  kj__explanation_chart chart = two_recordings("valence");
  char *csv = write_text(&chart, kj__explanation_csv);
  check_has(csv, "\nvalence,energy,level,0.25,0.75,rating\n");
  test_free(csv);
  chart.is_gate = true;
  csv = write_text(&chart, kj__explanation_csv);
  check_has(csv, "\nvalence,energy,level,0.25,0.75,log odds\n");
  test_free(csv);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_names_are_escaped),
      cmocka_unit_test(test_names_are_not_cut),
      cmocka_unit_test(test_mean_and_mean_size),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
