/*
 * space.c: what is searched: parameters, their values and ranges, as text and
 * as options.
 */
#include "experiment/search/search_state.h"

#include "base/error.h"
#include "corpus/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
  DEFAULT_RUNS = 30,
  DIGITS = 4 /* significant, of a number out of a range: to be read aloud */
};

/* What a parameter may be. */
typedef struct limits {
  const char *name;
  double least, most;
  bool is_whole;
} limits;

static const limits PARAMETERS[] = {
#define PARAMETER(id, name, least, most, whole) {name, least, most, whole},
    KJ_SEARCH_PARAMETER_LIST(PARAMETER)
#undef PARAMETER
};

static const char *const STRATEGIES[] = {
#define NAME_OF(id, name) name,
    KJ_SEARCH_STRATEGY_LIST(NAME_OF)
#undef NAME_OF
};

/* Where nothing is said: steps of 0.5, as the protocols of the paper have. */
static const double LAMBDAS[] = {0.0, 0.5, 1.0, 1.5, 2.0, 3.0};
static const double EPSILONS[] = {0.5, 1.0, 1.5, 2.0, 3.0};

const char *kj_search_parameter_name(kj_search_parameter parameter)
{
  return PARAMETERS[parameter].name;
}

const char *kj_search_strategy_name(kj_search_strategy strategy)
{
  return STRATEGIES[strategy];
}

/* To DIGITS significant digits, and exactly the double that such a text is
 * read as: a quotient of whole numbers, rounded once. */
static double shorten(double value)
{
  const int down = DIGITS - 1 - (int)floor(log10(fabs(value)));
  const double scale = pow(10.0, fabs((double)down));
  return down >= 0 ? round(value * scale) / scale
                   : round(value / scale) * scale;
}

double kj__search_at(kj_search_parameter parameter, const kj_search_axis *axis,
                     double share)
{
  const double value = axis->low * pow(axis->high / axis->low, share);
  const double near =
      PARAMETERS[parameter].is_whole ? round(value) : shorten(value);
  return fmin(fmax(near, axis->low), axis->high);
}

double kj__search_share(const kj_search_axis *axis, double value)
{
  const double within = fmin(fmax(value, axis->low), axis->high);
  return log(within / axis->low) / log(axis->high / axis->low);
}

/* ---- NAME=VALUES ---- */

static kj_status find_parameter(const char *text, size_t *index, kj_error *err)
{
  char known[128] = "";
  const size_t n = strcspn(text, "=");
  if (n == 5 && strncmp(text, "sigma", n) == 0)
    return kj__fail(err, KJ_EARGUMENT,
                    "sigma cannot be searched: a fixed sigma only rescales "
                    "lambda (the second term is lambda / sigma^2); search "
                    "lambda");
  for (*index = 0; *index < KJ_N_SEARCH_PARAMETERS; (*index)++) {
    const char *name = PARAMETERS[*index].name;
    if (strlen(name) == n && strncmp(name, text, n) == 0 && text[n] == '=')
      return KJ_OK;
    strncat(known, *index > 0 ? ", " : "", sizeof known - strlen(known) - 1);
    strncat(known, name, sizeof known - strlen(known) - 1);
  }
  return kj__fail(err, KJ_EARGUMENT,
                  "'%s' cannot be searched; must be NAME=VALUE,VALUE,... or "
                  "NAME=LOW:HIGH or NAME=LOW:HIGH:N with NAME one of %s",
                  text, known);
}

/* The number before `separator` or the end; NULL: there is none. */
static const char *take_number(const char *text, const char *separators,
                               double *value)
{
  char word[64];
  const size_t n = strcspn(text, separators);
  if (n == 0 || n >= sizeof word)
    return NULL;
  memcpy(word, text, n);
  word[n] = '\0';
  return kj__number_parse(word, value) ? text + n : NULL;
}

static bool read_list(const char *rest, kj_search_axis *axis)
{
  for (;;) {
    if (axis->n == KJ_SEARCH_MAX_VALUES)
      return false;
    rest = take_number(rest, ",", &axis->value[axis->n++]);
    if (!rest)
      return false;
    if (*rest == '\0')
      break;
    rest++;
  }
  axis->low = axis->high = axis->value[0];
  for (size_t i = 1; i < axis->n; i++) {
    axis->low = fmin(axis->low, axis->value[i]);
    axis->high = fmax(axis->high, axis->value[i]);
  }
  return true;
}

/* LOW:HIGH or LOW:HIGH:N */
static bool read_range(const char *rest, size_t parameter_index,
                       kj_search_axis *axis)
{
  double n = 0.0;
  rest = take_number(rest, ":", &axis->low);
  rest = rest && *rest == ':' ? take_number(rest + 1, ":", &axis->high) : NULL;
  if (!rest || !(axis->low > 0.0) || !(axis->high > axis->low))
    return false;
  if (*rest == '\0')
    return true;
  rest = take_number(rest + 1, ":", &n);
  if (!rest || *rest != '\0' || n != floor(n) || n < 2.0 ||
      n > (double)KJ_SEARCH_MAX_VALUES)
    return false;
  axis->n = (size_t)n;
  for (size_t i = 0; i < axis->n; i++)
    axis->value[i] = kj__search_at((kj_search_parameter)parameter_index, axis,
                                   (double)i / (n - 1.0));
  return true;
}

static bool is_allowed(const limits *p, const kj_search_axis *axis)
{
  if (axis->low < p->least || axis->high > p->most)
    return false;
  for (size_t i = 0; i < axis->n; i++)
    if (p->is_whole && axis->value[i] != floor(axis->value[i]))
      return false;
  return axis->n > 0 || !p->is_whole ||
         (axis->low == floor(axis->low) && axis->high == floor(axis->high));
}

kj_status kj_search_add(kj_search_options *options, const char *text,
                        kj_error *err)
{
  size_t p;
  const kj_status status = find_parameter(text, &p, err);
  if (status != KJ_OK)
    return status;
  if (options->axis[p].is_searched)
    return kj__fail(err, KJ_EARGUMENT, "%s is to be searched twice",
                    PARAMETERS[p].name);
  kj_search_axis axis = {.is_searched = true};
  const char *values = strchr(text, '=') + 1;
  const bool is_read = strchr(values, ':') ? read_range(values, p, &axis)
                                           : read_list(values, &axis);
  if (!is_read || !is_allowed(&PARAMETERS[p], &axis))
    return kj__fail(err, KJ_EARGUMENT,
                    "'%s': must be up to %d %s of %g..%g with commas between, "
                    "or a range LOW:HIGH or LOW:HIGH:N with 0 < LOW < HIGH and "
                    "N of 2..%d",
                    text, KJ_SEARCH_MAX_VALUES,
                    PARAMETERS[p].is_whole ? "whole numbers" : "numbers",
                    PARAMETERS[p].least, PARAMETERS[p].most,
                    KJ_SEARCH_MAX_VALUES);
  options->axis[p] = axis;
  return KJ_OK;
}

/* ---- what a strategy can search ---- */

static bool is_listed(const kj_search_options *o)
{
  return o->strategy == KJ_SEARCH_PAPER || o->strategy == KJ_SEARCH_GRID;
}

static void set_values(kj_search_axis *axis, const double *value, size_t n)
{
  *axis = (kj_search_axis){
      .is_searched = true, .n = n, .low = value[0], .high = value[n - 1]};
  memcpy(axis->value, value, n * sizeof *value);
}

static void set_defaults(kj_search_options *o)
{
  kj_search_axis *lambda = &o->axis[KJ_SEARCH_LAMBDA];
  kj_search_axis *epsilon = &o->axis[KJ_SEARCH_EPSILON];
  for (size_t p = 0; p < KJ_N_SEARCH_PARAMETERS; p++)
    if (o->axis[p].is_searched)
      return;
  if (is_listed(o)) {
    set_values(lambda, LAMBDAS, sizeof LAMBDAS / sizeof LAMBDAS[0]);
    set_values(epsilon, EPSILONS, sizeof EPSILONS / sizeof EPSILONS[0]);
    return;
  }
  *lambda = (kj_search_axis){.is_searched = true, .low = 0.05, .high = 20.0};
  *epsilon = (kj_search_axis){.is_searched = true, .low = 0.1, .high = 10.0};
}

static size_t count_all(const kj_search_options *o)
{
  size_t n = o->strategy == KJ_SEARCH_PAPER ? 0 : 1;
  for (size_t p = 0; p < KJ_N_SEARCH_PARAMETERS; p++) {
    const kj_search_axis *axis = &o->axis[p];
    if (!axis->is_searched)
      continue;
    if (o->strategy == KJ_SEARCH_PAPER)
      n += axis->n;
    else if (n <= KJ_SEARCH_MAX_RUNS)
      n *= axis->n;
  }
  return n;
}

static kj_status check_axis(const kj_search_options *o, size_t p, kj_error *err)
{
  const char *name = PARAMETERS[p].name;
  const kj_search_axis *axis = &o->axis[p];
  if (is_listed(o) && axis->n == 0)
    return kj__fail(
        err, KJ_EARGUMENT,
        "strategy %s needs values of %s, not a range: %s=LOW:HIGH:N "
        "gives N of a range",
        STRATEGIES[o->strategy], name, name);
  if (o->strategy == KJ_SEARCH_NLOPT && axis->n > 0)
    return kj__fail(err, KJ_EARGUMENT,
                    "strategy nlopt needs a range of %s, not values: "
                    "%s=LOW:HIGH",
                    name, name);
  if (o->strategy == KJ_SEARCH_PAPER && p != KJ_SEARCH_LAMBDA &&
      p != KJ_SEARCH_EPSILON)
    return kj__fail(err, KJ_EARGUMENT,
                    "strategy paper searches lambda and epsilon only, not %s",
                    name);
  if (o->strategy == KJ_SEARCH_HALVING && p == KJ_SEARCH_EPOCHS)
    return kj__fail(err, KJ_EARGUMENT,
                    "strategy halving cannot search epochs: it gives few of "
                    "them to many settings and all to the best");
  return KJ_OK;
}

/* What a strategy cannot do with so many parameters. */
static kj_status check_together(const kj_search_options *o, size_t n,
                                kj_error *err)
{
  const bool has_both = o->axis[KJ_SEARCH_LAMBDA].is_searched &&
                        o->axis[KJ_SEARCH_EPSILON].is_searched;
  if (o->strategy == KJ_SEARCH_PAPER && !has_both)
    return kj__fail(err, KJ_EARGUMENT,
                    "strategy paper searches both lambda and epsilon");
  if (o->strategy == KJ_SEARCH_NLOPT && o->algorithm == KJ_SEARCH_BOBYQA &&
      n < 2)
    return kj__fail(err, KJ_EARGUMENT,
                    "algorithm bobyqa searches two parameters or more; one is "
                    "for sbplx or direct");
  return KJ_OK;
}

kj_status kj_search_complete(kj_search_options *o, kj_error *err)
{
  kj_status status = KJ_OK;
  size_t n = 0;
  set_defaults(o);
  for (size_t p = 0; status == KJ_OK && p < KJ_N_SEARCH_PARAMETERS; p++)
    if (o->axis[p].is_searched) {
      status = check_axis(o, p, err);
      n++;
    }
  if (status == KJ_OK)
    status = check_together(o, n, err);
  if (status != KJ_OK)
    return status;
  if (o->runs == 0)
    o->runs = is_listed(o) ? count_all(o) : DEFAULT_RUNS;
  if (o->runs < 1 || o->runs > KJ_SEARCH_MAX_RUNS)
    return kj__fail(err, KJ_EARGUMENT, "%zu settings to try; must be 1..%d",
                    o->runs, KJ_SEARCH_MAX_RUNS);
  return KJ_OK;
}
