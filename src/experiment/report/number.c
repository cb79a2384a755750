/*
 * number.c: numbers as text.
 */
#include "experiment/report/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

double kj__report_number(const json_t *object, const char *key)
{
  const json_t *value = json_object_get(object, key);
  return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

/* printf has the locale's decimal point. */
static void mend_point(char *text)
{
  for (char *c = strchr(text, ','); c; c = strchr(c, ','))
    *c = '.';
}

kj__figure_text kj__fixed(double value, int n_digits)
{
  kj__figure_text t = {"-"};
  if (!isfinite(value))
    return t;
  snprintf(t.text, sizeof t.text, "%.*f", n_digits, value);
  mend_point(t.text);
  if (t.text[0] == '-' && strspn(t.text + 1, "0.") == strlen(t.text + 1))
    memmove(t.text, t.text + 1, strlen(t.text)); /* -0.000 is 0.000 */
  return t;
}

/* So many digits that count. */
static kj__figure_text general(double value, int n_digits)
{
  kj__figure_text t = {"-"};
  if (!isfinite(value))
    return t;
  snprintf(t.text, sizeof t.text, "%.*g", n_digits, value);
  mend_point(t.text);
  return t;
}

kj__figure_text kj__short(double value)
{
  return general(value, 4);
}

kj__figure_text kj__precise(double value)
{
  return general(value, 9);
}

kj__figure_text kj__with_bounds(const json_t *object, const char *key,
                                int n_digits)
{
  const kj__figure_text mean =
      kj__fixed(kj__report_number(object, key), n_digits);
  const kj__figure_text low =
      kj__fixed(kj__report_number(object, "low"), n_digits);
  const kj__figure_text high =
      kj__fixed(kj__report_number(object, "high"), n_digits);
  kj__figure_text t = {"-"};
  if (strcmp(mean.text, "-") == 0)
    return t;
  if (strcmp(low.text, "-") == 0 || strcmp(high.text, "-") == 0)
    snprintf(t.text, sizeof t.text, "%.60s (no interval)", mean.text);
  else
    snprintf(t.text, sizeof t.text, "%.28s [%.28s, %.28s]", mean.text, low.text,
             high.text);
  return t;
}

kj__figure_text kj__count(const json_t *object, const char *key)
{
  return kj__fixed(kj__report_number(object, key), 0);
}

kj__figure_text kj__p_value(double p)
{
  if (isfinite(p) && p < 0.001)
    return (kj__figure_text){"< 0.001"};
  return kj__fixed(p, 3);
}
