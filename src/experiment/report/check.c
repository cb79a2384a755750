/*
 * check.c: the shape of results.json, as one table a kind of object.
 *
 * What is checked here the report takes for granted; what is not it reads as
 * missing.
 */
#include "experiment/report/check.h"

#include "base/error.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef enum wanted {
  TEXT,
  FLAG,
  NUMBER,  /* or null */
  NUMBERS, /* an array of them */
  TEXTS,
  OBJECT,
  OBJECTS, /* an array of them */
  MAYBE    /* an object, or null, or nothing */
} wanted;

static const char *const WANTED[] = {"a text",
                                     "true or false",
                                     "a number or null",
                                     "an array of numbers",
                                     "an array of texts",
                                     "an object",
                                     "an array of objects",
                                     "an object or null"};

typedef struct field {
  const char *name; /* NULL ends the list */
  wanted wanted;
  const struct field *fields; /* of the object or objects */
} field;

static const field METRIC[] = {{"mean", NUMBER, NULL},
                               {"low", NUMBER, NULL},
                               {"high", NUMBER, NULL},
                               {"spread", NUMBER, NULL},
                               {0}};
static const field METRICS[] = {
    {"mae", OBJECT, METRIC},      {"rmse", OBJECT, METRIC},
    {"ccc", OBJECT, METRIC},      {"pearson", OBJECT, METRIC},
    {"sd_ratio", OBJECT, METRIC}, {0}};
static const field SPEAKER[] = {{"speaker", TEXT, NULL},
                                {"n", NUMBER, NULL},
                                {"mae", NUMBER, NULL},
                                {"ccc", NUMBER, NULL},
                                {0}};
static const field CONTENDER[] = {{"name", TEXT, NULL},
                                  {"metrics", OBJECT, METRICS},
                                  {"speakers", OBJECTS, SPEAKER},
                                  {"estimate", NUMBERS, NULL},
                                  {0}};
static const field COMPARISON[] = {{"a", TEXT, NULL},
                                   {"b", TEXT, NULL},
                                   {"metric", TEXT, NULL},
                                   {"difference", NUMBER, NULL},
                                   {"low", NUMBER, NULL},
                                   {"high", NUMBER, NULL},
                                   {"effect_size", NUMBER, NULL},
                                   {"n_speakers", NUMBER, NULL},
                                   {"p_signflip", NUMBER, NULL},
                                   {"p_wilcoxon", NUMBER, NULL},
                                   {"p_signflip_holm", NUMBER, NULL},
                                   {"p_wilcoxon_holm", NUMBER, NULL},
                                   {0}};
static const field ROBUSTNESS[] = {{"contender", TEXT, NULL},
                                   {"epsilon", NUMBERS, NULL},
                                   {"random", NUMBERS, NULL},
                                   {"adversarial", NUMBERS, NULL},
                                   {0}};
static const field TARGET[] = {{"name", TEXT, NULL},
                               {"ceiling", MAYBE, NULL},
                               {"contenders", OBJECTS, CONTENDER},
                               {"truth", NUMBERS, NULL},
                               {"speaker_names", TEXTS, NULL},
                               {"comparisons", OBJECTS, COMPARISON},
                               {"robustness", OBJECTS, ROBUSTNESS},
                               {0}};
static const field SPAN[] = {
    {"mean", NUMBER, NULL}, {"low", NUMBER, NULL}, {"high", NUMBER, NULL}, {0}};
static const field POINT[] = {{"lambda", NUMBER, NULL},
                              {"epsilon", NUMBER, NULL},
                              {"mae", OBJECT, SPAN},
                              {"ccc", OBJECT, SPAN},
                              {0}};
static const field SWEEP[] = {{"target", TEXT, NULL},
                              {"over", TEXT, NULL},
                              {"method", TEXT, NULL},
                              {"points", OBJECTS, POINT},
                              {0}};
static const field GRID[] = {{"target", TEXT, NULL},
                             {"method", TEXT, NULL},
                             {"lambda", NUMBERS, NULL},
                             {"epsilon", NUMBERS, NULL},
                             {0}};
static const field HISTORY[] = {{"contender", TEXT, NULL},
                                {"target", TEXT, NULL},
                                {"epoch", NUMBERS, NULL},
                                {"loss", NUMBERS, NULL},
                                {0}};
static const field GATE_METRICS[] = {{"accuracy", MAYBE, METRIC},
                                     {"balanced_accuracy", MAYBE, METRIC},
                                     {"auc", MAYBE, METRIC},
                                     {"log_loss", MAYBE, METRIC},
                                     {"calibration_error", MAYBE, METRIC},
                                     {0}};
static const field BIN[] = {{"n", NUMBER, NULL},
                            {"probability", NUMBER, NULL},
                            {"share", NUMBER, NULL},
                            {0}};
static const field GATE[] = {
    {"train", TEXTS, NULL},    {"n_train_rows", NUMBER, NULL},
    {"hidden", NUMBERS, NULL}, {"epochs", NUMBER, NULL},
    {"smoothing", TEXT, NULL}, {"metrics", OBJECT, GATE_METRICS},
    {"bins", OBJECTS, BIN},    {0}};
static const field EXPERT[] = {{"name", TEXT, NULL},
                               {"paper", NUMBER, NULL},
                               {"scripted", OBJECT, METRICS},
                               {"spontaneous", OBJECT, METRICS},
                               {0}};
static const field ROUTE[] = {{"name", TEXT, NULL},
                              {"paper", NUMBER, NULL},
                              {"metrics", OBJECT, METRICS},
                              {0}};
static const field SYSTEM[] = {{"method", TEXT, NULL},
                               {"experts", OBJECTS, EXPERT},
                               {"routes", OBJECTS, ROUTE},
                               {0}};
static const field ROUTED[] = {{"name", TEXT, NULL},
                               {"systems", OBJECTS, SYSTEM},
                               {"comparisons", OBJECTS, COMPARISON},
                               {0}};
static const field ROUTING[] = {
    {"n_scripted", NUMBER, NULL}, {"n_spontaneous", NUMBER, NULL},
    {"n_unknown", NUMBER, NULL},  {"gate", OBJECT, GATE},
    {"targets", OBJECTS, ROUTED}, {0}};
static const field SHARE[] = {
    {"name", TEXT, NULL}, {"n", NUMBER, NULL}, {"share", NUMBER, NULL}, {0}};
/* Whose ratings are counted. */
#define SHARES                                                                 \
  {"all", OBJECTS, SHARE}, {"speakers", OBJECTS, SHARE},                       \
      {"genders", OBJECTS, SHARE}, {"corpora", OBJECTS, SHARE},                \
      {"within", OBJECTS, SHARE},                                              \
  {                                                                            \
    "across", OBJECTS, SHARE                                                   \
  }
static const field PREDICTED[] = {{"half_width", NUMBER, NULL},
                                  {"mean_half_width", NUMBER, NULL},
                                  {"mean_sd", NUMBER, NULL},
                                  {"nll", NUMBER, NULL},
                                  SHARES,
                                  {0}};
static const field COVERED[] = {{"method", TEXT, NULL},
                                {"half_width", NUMBER, NULL},
                                {"unit", TEXT, NULL},
                                {"mean_half_width", NUMBER, NULL},
                                {"predicted", MAYBE, PREDICTED},
                                SHARES,
                                {0}};
#undef SHARES
static const field COVERING[] = {
    {"name", TEXT, NULL}, {"methods", OBJECTS, COVERED}, {0}};
static const field INTERVALS[] = {{"level", NUMBER, NULL},
                                  {"folds", TEXT, NULL},
                                  {"targets", OBJECTS, COVERING},
                                  {0}};
static const field EXPERIMENT[] = {{"id", TEXT, NULL},
                                   {"title", TEXT, NULL},
                                   {"train", TEXTS, NULL},
                                   {"test", TEXTS, NULL},
                                   {"is_leaky", FLAG, NULL},
                                   {"n_train_rows", NUMBER, NULL},
                                   {"n_test_rows", NUMBER, NULL},
                                   {"n_speakers", NUMBER, NULL},
                                   {"n_folds", NUMBER, NULL},
                                   {"notes", TEXTS, NULL},
                                   {"paper", MAYBE, NULL},
                                   {"targets", OBJECTS, TARGET},
                                   {"sweeps", OBJECTS, SWEEP},
                                   {"grids", OBJECTS, GRID},
                                   {"history", OBJECTS, HISTORY},
                                   {"routing", MAYBE, ROUTING},
                                   {"intervals", MAYBE, INTERVALS},
                                   {0}};
static const field CORPUS[] = {{"name", TEXT, NULL},
                               {"n_rows", NUMBER, NULL},
                               {"n_speakers", NUMBER, NULL},
                               {"languages", TEXTS, NULL},
                               {"synthetic", FLAG, NULL},
                               {"targets", OBJECT, NULL},
                               {0}};
static const field PROTOCOL[] = {
    {"name", TEXT, NULL},         {"title", TEXT, NULL},
    {"form", TEXT, NULL},         {"synthetic", FLAG, NULL},
    {"text", TEXT, NULL},         {"hash", TEXT, NULL},
    {"our_choices", TEXTS, NULL}, {0}};
static const field RESULTS[] = {
    {"kanjo_version", TEXT, NULL},        {"protocol", OBJECT, PROTOCOL},
    {"corpora", OBJECTS, CORPUS},         {"seeds", NUMBERS, NULL},
    {"experiments", OBJECTS, EXPERIMENT}, {0}};

static bool is_number(const json_t *value)
{
  return json_is_number(value) || json_is_null(value);
}

static bool all(const json_t *array, bool (*is)(const json_t *))
{
  for (size_t i = 0; i < json_array_size(array); i++)
    if (!is(json_array_get(array, i)))
      return false;
  return json_is_array(array);
}

static bool is_text(const json_t *value)
{
  return json_is_string(value);
}

static bool is_object(const json_t *value)
{
  return json_is_object(value);
}

static bool fits(const json_t *value, wanted what)
{
  switch (what) {
  case TEXT:
    return json_is_string(value);
  case FLAG:
    return json_is_boolean(value);
  case NUMBER:
    return is_number(value);
  case NUMBERS:
    return all(value, is_number);
  case TEXTS:
    return all(value, is_text);
  case OBJECT:
    return json_is_object(value);
  case OBJECTS:
    return all(value, is_object);
  case MAYBE:
    return !value || json_is_null(value) || json_is_object(value);
  }
  return false;
}

static kj_status check(const json_t *object, const field *fields,
                       const char *path, kj_error *err)
{
  char place[256];
  kj_status status = KJ_OK;
  for (const field *f = fields; f->name && status == KJ_OK; f++) {
    const json_t *value = json_object_get(object, f->name);
    snprintf(place, sizeof place, "%s%s%s", path, path[0] ? "." : "", f->name);
    if (!fits(value, f->wanted))
      return kj__fail(err, KJ_EFORMAT, "results: %s %s; must be %s", place,
                      value ? "is something else" : "is missing",
                      WANTED[f->wanted]);
    if (f->fields && json_is_object(value))
      status = check(value, f->fields, place, err);
    for (size_t i = 0; f->fields && f->wanted == OBJECTS && status == KJ_OK &&
                       i < json_array_size(value);
         i++) {
      snprintf(place, sizeof place, "%s%s%s[%zu]", path, path[0] ? "." : "",
               f->name, i);
      status = check(json_array_get(value, i), f->fields, place, err);
    }
  }
  return status;
}

kj_status kj__report_check(const json_t *results, kj_error *err)
{
  const char *format = json_string_value(json_object_get(results, "format"));
  if (!format || strcmp(format, "kanjo-results/1") != 0)
    return kj__fail(err, KJ_EFORMAT,
                    "results: format is '%s'; must be 'kanjo-results/1'",
                    format ? format : "");
  return check(results, RESULTS, "", err);
}
