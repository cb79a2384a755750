/*
 * metadata_novelty.c: what is known of novelty, but its tensors, to text and
 * back: {"rows": 342, "speakers": 10, "threshold": 1.2, "false_alarms": 0.05}.
 */
#include "model/metadata.h"

#include "base/error.h"
#include <stdint.h>
#include <string.h>

enum { DIGITS = 17 }; /* give every double back exactly */

static const kj__json_limits LIMITS = {1, 8};

kj_status kj__novelty_put(const kj_estimator_parts *parts, json_t *metadata,
                          kj_error *err)
{
  const kj_novelty *novelty = &parts->novelty;
  if (novelty->n_rows == 0)
    return KJ_OK;
  json_t *object =
      json_pack("{s:I, s:I, s:f, s:f}", "rows", (json_int_t)novelty->n_rows,
                "speakers", (json_int_t)novelty->n_speakers, "threshold",
                novelty->threshold, "false_alarms", novelty->false_alarms);
  json_t *text = object ? kj__json_in_text(object, DIGITS) : NULL;
  json_decref(object);
  return json_object_set_new(metadata, KJ__NOVELTY_KEY, text) == 0
             ? KJ_OK
             : kj__fail_memory(err, "what is known of novelty");
}

/* The numbers are checked where an estimator is made of them. */
kj_status kj__novelty_get(const json_t *metadata, kj_estimator_parts *parts,
                          kj_error *err)
{
  const json_t *field = json_object_get(metadata, KJ__NOVELTY_KEY);
  const char *text = json_string_value(field);
  json_t *object = NULL;
  if (!field)
    return KJ_OK;
  const kj_status status =
      kj__json_parse("text", text, strlen(text), LIMITS, &object, err);
  if (status != KJ_OK)
    return kj__fail_in(err, status, "metadata: " KJ__NOVELTY_KEY);
  const json_int_t n_rows = json_integer_value(json_object_get(object, "rows"));
  const json_int_t n_speakers =
      json_integer_value(json_object_get(object, "speakers"));
  parts->novelty = (kj_novelty){
      .n_rows = n_rows > 0 ? (size_t)n_rows : 0,
      .n_speakers = n_speakers > 0 ? (size_t)n_speakers : 0,
      .threshold = json_number_value(json_object_get(object, "threshold")),
      .false_alarms =
          json_number_value(json_object_get(object, "false_alarms"))};
  const bool is_whole = json_object_size(object) == 4 && n_rows > 0 &&
                        n_rows <= INT32_MAX && n_speakers > 0;
  json_decref(object);
  return is_whole ? KJ_OK
                  : kj__fail(err, KJ_EFORMAT,
                             "metadata: " KJ__NOVELTY_KEY
                             ": must be an object of rows and speakers, both "
                             "1..%d, threshold and false_alarms",
                             INT32_MAX);
}
