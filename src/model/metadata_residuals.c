/*
 * metadata_residuals.c: quantiles of residuals, to text and back:
 * [{"residuals": 480, "speakers": 10, "quantiles": [0, ..., 2.1]}, null].
 */
#include "model/metadata.h"

#include "base/error.h"
#include "estimator/parts.h"
#include <stdint.h>
#include <string.h>

enum { DIGITS = 9 };

/* An array of objects with an array in each. */
static const kj__json_limits LIMITS = {
    4, KJ_MAX_TARGETS *(KJ_RESIDUAL_LEVELS + 16)};

static json_t *make_one(const kj_residuals *residuals)
{
  if (residuals->n_residuals == 0)
    return json_null();
  json_t *quantiles = json_array();
  for (size_t q = 0; q < KJ_RESIDUAL_LEVELS; q++)
    if (json_array_append_new(quantiles, json_real(residuals->quantile[q]))) {
      json_decref(quantiles);
      return NULL;
    }
  json_t *object = json_pack(
      "{s:I, s:I, s:o}", "residuals", (json_int_t)residuals->n_residuals,
      "speakers", (json_int_t)residuals->n_speakers, "quantiles", quantiles);
  int failed = 0;
  if (residuals->is_relative)
    failed |= json_object_set_new(object, "relative", json_true());
  if (residuals->covered >= 0.0)
    failed |= json_object_set_new(
        object, "coverage",
        json_pack("[f, f]", residuals->covered, residuals->least_covered));
  if (!failed)
    return object;
  json_decref(object);
  return NULL;
}

kj_status kj__residuals_put(const kj_estimator_parts *parts, json_t *metadata,
                            kj_error *err)
{
  size_t n_known = 0;
  int failed = 0;
  for (size_t k = 0; k < parts->n_targets; k++)
    n_known += parts->residuals[k].n_residuals > 0;
  if (n_known == 0)
    return KJ_OK;
  json_t *list = json_array();
  for (size_t k = 0; k < parts->n_targets; k++)
    failed |= json_array_append_new(list, make_one(&parts->residuals[k]));
  json_t *text = failed ? NULL : kj__json_in_text(list, DIGITS);
  json_decref(list);
  return json_object_set_new(metadata, KJ__RESIDUALS_KEY, text) == 0
             ? KJ_OK
             : kj__fail_memory(err, "quantiles of residuals");
}

static bool read_count(const json_t *object, const char *key, size_t *out)
{
  const json_t *count = json_object_get(object, key);
  const json_int_t value = json_integer_value(count); /* 0 for no integer */
  *out = value > 0 ? (size_t)value : 0;
  return value > 0 && value <= INT32_MAX;
}

/* Of what need not be there: 1 where it is, and as it must be. */
static size_t read_relative(const json_t *object, kj_residuals *out)
{
  out->is_relative = json_is_true(json_object_get(object, "relative"));
  return out->is_relative;
}

static size_t read_coverage(const json_t *object, kj_residuals *out)
{
  const json_t *coverage = json_object_get(object, "coverage");
  const json_t *all = json_array_get(coverage, 0);
  const json_t *least = json_array_get(coverage, 1);
  const bool is_there = json_array_size(coverage) == 2 && json_is_number(all) &&
                        json_is_number(least) &&
                        json_number_value(all) >= 0.0 &&
                        json_number_value(least) >= 0.0;
  out->covered = is_there ? json_number_value(all) : -1.0;
  out->least_covered = is_there ? json_number_value(least) : -1.0;
  return is_there;
}

static kj_status read_one(const json_t *object, kj_residuals *out,
                          kj_error *err)
{
  const json_t *quantiles = json_object_get(object, "quantiles");
  if (json_is_null(object))
    return KJ_OK;
  const size_t n_known =
      3 + read_relative(object, out) + read_coverage(object, out);
  if (json_object_size(object) != n_known ||
      !read_count(object, "residuals", &out->n_residuals) ||
      !read_count(object, "speakers", &out->n_speakers))
    return kj__fail(err, KJ_EFORMAT,
                    "must be null, or an object of residuals and speakers, "
                    "both 1..%d, quantiles, and perhaps relative: true and "
                    "coverage: two shares",
                    INT32_MAX);
  if (json_array_size(quantiles) != KJ_RESIDUAL_LEVELS)
    return kj__fail(err, KJ_EFORMAT, "quantiles must be an array of %d numbers",
                    KJ_RESIDUAL_LEVELS);
  for (size_t q = 0; q < KJ_RESIDUAL_LEVELS; q++) {
    const json_t *value = json_array_get(quantiles, q);
    if (!json_is_number(value))
      return kj__fail(err, KJ_EFORMAT, "quantiles[%zu] must be a number", q);
    out->quantile[q] = json_number_value(value);
  }
  const kj_status status = kj__residuals_check(out, err);
  return status == KJ_OK ? KJ_OK : kj__fail_in(err, KJ_EFORMAT, "quantiles");
}

kj_status kj__residuals_get(const json_t *metadata, kj_estimator_parts *parts,
                            kj_error *err)
{
  const json_t *field = json_object_get(metadata, KJ__RESIDUALS_KEY);
  const char *text = json_string_value(field);
  json_t *list = NULL;
  if (!field)
    return KJ_OK;
  kj_status status =
      kj__json_parse("text", text, strlen(text), LIMITS, &list, err);
  if (status == KJ_OK && json_array_size(list) != parts->n_targets)
    status = kj__fail(err, KJ_EFORMAT, "must be an array of %zu items",
                      parts->n_targets);
  for (size_t k = 0; k < parts->n_targets && status == KJ_OK; k++) {
    status = read_one(json_array_get(list, k), &parts->residuals[k], err);
    if (status != KJ_OK)
      kj__fail_in(err, status, "item %zu", k);
  }
  json_decref(list);
  return status == KJ_OK
             ? KJ_OK
             : kj__fail_in(err, status, "metadata: " KJ__RESIDUALS_KEY);
}
