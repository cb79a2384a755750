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

kj__figure_text kj__bounds(double low, double high, int n_digits)
{
  kj__figure_text t = {""};
  if (!isfinite(low) || !isfinite(high))
    return t;
  const kj__figure_text a = kj__fixed(low, n_digits);
  const kj__figure_text b = kj__fixed(high, n_digits);
  snprintf(t.text, sizeof t.text, "[%.29s, %.29s]", a.text, b.text);
  return t;
}

kj__figure_text kj__p_value(double p)
{
  if (isfinite(p) && p < 0.001)
    return (kj__figure_text){"< 0.001"};
  return kj__fixed(p, 3);
}
