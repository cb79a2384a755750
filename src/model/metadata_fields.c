/*
 * metadata_fields.c: the fields that describe an estimator, to text and back.
 */
#include "model/metadata.h"

#include "base/error.h"
#include "base/memory.h"
#include <float.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
  MAX_VERSION = 999999999,
  MAX_RATE_HZ = 768000, /* the highest that audio is read at */
  MAX_CHANNEL = 255,
  CHANNEL_MIX = -1, /* KJ_CHANNEL_MIX of kanjo/audio.h */
  FLOAT_DIGITS = 9  /* enough to give every float back exactly */
};

/* Arrays of names, and of networks with their widths: [{"widths": []}]. */
static const kj__json_limits LIST_LIMITS = {3, 2 * KJ_MAX_INPUTS};

/* ---- whole numbers ---- */

static bool read_count(const char *text, unsigned long largest,
                       unsigned long *out)
{
  const size_t n = strlen(text);
  if (n == 0 || strspn(text, "0123456789") != n)
    return false;
  *out = strtoul(text, NULL, 10);
  return *out <= largest;
}

static json_t *make_version(const kj__metadata_source *source)
{
  return json_sprintf("%u", source->card->feature_set_version);
}

static kj_status read_version(const char *text, kj__outline *to, kj_error *err)
{
  unsigned long version = 0;
  if (!read_count(text, MAX_VERSION, &version) || version == 0)
    return kj__refuse(err, text, "1..999999999");
  to->card.feature_set_version = (unsigned)version;
  return KJ_OK;
}

static json_t *make_rate_hz(const kj__metadata_source *source)
{
  return json_sprintf("%u", source->card->rate_hz);
}

static kj_status read_rate_hz(const char *text, kj__outline *to, kj_error *err)
{
  unsigned long rate_hz = 0;
  if (!read_count(text, MAX_RATE_HZ, &rate_hz))
    return kj__refuse(err, text, "0..768000");
  to->card.rate_hz = (unsigned)rate_hz;
  return KJ_OK;
}

static json_t *make_channel(const kj__metadata_source *source)
{
  const int channel = source->card->channel;
  return channel == CHANNEL_MIX ? json_string("mix")
                                : json_sprintf("%d", channel);
}

static kj_status read_channel(const char *text, kj__outline *to, kj_error *err)
{
  unsigned long channel = 0;
  const bool is_mix = strcmp(text, "mix") == 0;
  if (!is_mix && !read_count(text, MAX_CHANNEL, &channel))
    return kj__refuse(err, text, "mix or 0..255");
  to->card.channel = is_mix ? CHANNEL_MIX : (int)channel;
  return KJ_OK;
}

/* ---- the version, and what it is there for ---- */

static json_t *make_format(const kj__metadata_source *source)
{
  return json_string(source->parts->weights == KJ_WEIGHTS_FP32
                         ? KJ_MODEL_FORMAT_VERSION
                         : KJ_MODEL_FORMAT_VERSION_NARROW);
}

static kj_status read_format(const char *text, kj__outline *to, kj_error *err)
{
  to->is_narrow = strcmp(text, KJ_MODEL_FORMAT_VERSION_NARROW) == 0;
  return to->is_narrow || strcmp(text, KJ_MODEL_FORMAT_VERSION) == 0
             ? KJ_OK
             : kj__refuse(err, text,
                          KJ_MODEL_FORMAT_VERSION
                          " or " KJ_MODEL_FORMAT_VERSION_NARROW);
}

static json_t *make_weights(const kj__metadata_source *source)
{
  return json_string(kj_weights_name(source->parts->weights));
}

static kj_status read_weights(const char *text, kj__outline *to, kj_error *err)
{
  if (!kj_weights_find(text, &to->parts.weights) ||
      to->parts.weights == KJ_WEIGHTS_FP32)
    return kj__refuse(err, text, "bf16 or int8");
  return KJ_OK;
}

/* ---- names ---- */

static json_t *make_kanjo_version(const kj__metadata_source *source)
{
  (void)source;
  return json_string(KANJO_VERSION);
}

static kj_status read_kanjo_version(const char *text, kj__outline *to,
                                    kj_error *err)
{
  to->kanjo_version = text;
  return text[0] ? KJ_OK : kj__refuse(err, text, "a version");
}

static const char *const NORMALISATIONS[] = {"train", "corpus", "speaker"};

static json_t *make_normalisation(const kj__metadata_source *source)
{
  return json_string(NORMALISATIONS[source->parts->normalisation]);
}

static kj_status read_normalisation(const char *text, kj__outline *to,
                                    kj_error *err)
{
  for (size_t i = 0; i < sizeof NORMALISATIONS / sizeof NORMALISATIONS[0]; i++)
    if (strcmp(text, NORMALISATIONS[i]) == 0) {
      to->parts.normalisation = (kj_normalisation)i;
      return KJ_OK;
    }
  return kj__refuse(err, text, "train, corpus or speaker");
}

/* ---- lists, as JSON ---- */

static json_t *dump(json_t *value)
{
  json_t *text = value ? kj__json_in_text(value, FLOAT_DIGITS) : NULL;
  json_decref(value);
  return text;
}

static kj_status parse_list(const char *text, size_t largest, json_t **out,
                            kj_error *err)
{
  json_t *list = NULL;
  const kj_status status =
      kj__json_parse("text", text, strlen(text), LIST_LIMITS, &list, err);
  if (status != KJ_OK)
    return status;
  if (json_array_size(list) < 1 || json_array_size(list) > largest) {
    json_decref(list);
    return kj__fail(err, KJ_EFORMAT,
                    "is \"%s\"; must be a JSON array of 1..%zu items",
                    kj__quote(text).text, largest);
  }
  *out = list;
  return KJ_OK;
}

/* Append what may be NULL, and then forget the list. */
static json_t *append(json_t *list, json_t *item)
{
  if (json_array_append_new(list, item) == 0)
    return list;
  json_decref(list);
  return NULL;
}

static json_t *make_columns(const kj__metadata_source *source)
{
  const kj_model_card *card = source->card;
  json_t *list = json_array();
  for (size_t j = 0; j < card->n_columns && list; j++)
    list = append(list, json_string(card->column[j]));
  return dump(list);
}

static int compare_names(const void *left, const void *right)
{
  const char *const *a = left, *const *b = right;
  return strcmp(*a, *b);
}

/* KJ_EFORMAT if two are the same. */
static kj_status check_distinct(const char *const *names, size_t n,
                                kj_error *err)
{
  const char **sorted = kj__allocate(NULL, n, sizeof *sorted);
  if (!sorted)
    return kj__fail_memory(err, "names of columns");
  memcpy(sorted, names, n * sizeof *sorted);
  qsort(sorted, n, sizeof *sorted, compare_names);
  kj_status status = KJ_OK;
  for (size_t i = 1; i < n && status == KJ_OK; i++)
    if (strcmp(sorted[i - 1], sorted[i]) == 0)
      status = kj__fail(err, KJ_EFORMAT, "two are called \"%s\"",
                        kj__quote(sorted[i]).text);
  free(sorted);
  return status;
}

static kj_status read_columns(const char *text, kj__outline *to, kj_error *err)
{
  const kj_status status = parse_list(text, KJ_MAX_INPUTS, &to->columns, err);
  if (status != KJ_OK)
    return status;
  const size_t n = json_array_size(to->columns);
  to->column = kj__allocate(NULL, n, sizeof *to->column);
  if (!to->column)
    return kj__fail_memory(err, "names of columns");
  for (size_t j = 0; j < n; j++) {
    const char *name = json_string_value(json_array_get(to->columns, j));
    if (!name || !name[0])
      return kj__fail(err, KJ_EFORMAT, "item %zu must be a name", j);
    to->column[j] = name;
  }
  to->card.column = to->column;
  to->card.n_columns = n;
  to->parts.scaler.n = n;
  return check_distinct(to->column, n, err);
}

static json_t *make_targets(const kj__metadata_source *source)
{
  const kj_estimator_parts *parts = source->parts;
  json_t *list = json_array();
  for (size_t k = 0; k < parts->n_targets && list; k++)
    list = append(list, json_string(parts->target[k]));
  return dump(list);
}

static kj_status read_targets(const char *text, kj__outline *to, kj_error *err)
{
  json_t *list = NULL;
  kj_status status = parse_list(text, KJ_MAX_TARGETS, &list, err);
  if (status != KJ_OK)
    return status;
  to->parts.n_targets = json_array_size(list);
  for (size_t k = 0; k < to->parts.n_targets && status == KJ_OK; k++) {
    const char *name = json_string_value(json_array_get(list, k));
    if (!name || !name[0] || strlen(name) >= KJ_TARGET_NAME_SIZE)
      status =
          kj__fail(err, KJ_EFORMAT, "item %zu must be a name of 1..%d bytes", k,
                   KJ_TARGET_NAME_SIZE - 1);
    else
      strcpy(to->parts.target[k], name);
  }
  json_decref(list);
  return status;
}

/* ---- networks ---- */

static json_t *make_network(const kj_estimator_part *part)
{
  const kj_network_shape *shape = &part->network->shape;
  json_t *widths = json_array();
  for (size_t l = 0; l <= shape->n_layers && widths; l++)
    widths = append(widths, json_integer((json_int_t)shape->width[l]));
  return json_pack("{s:o, s:s, s:I}", "widths", widths, "output",
                   kj_activation_name(shape->output), "first_target",
                   (json_int_t)part->first_target);
}

static json_t *make_networks(const kj__metadata_source *source)
{
  const kj_estimator_parts *parts = source->parts;
  json_t *list = json_array();
  for (size_t p = 0; p < parts->n_parts && list; p++)
    list = append(list, make_network(&parts->part[p]));
  return dump(list);
}

static kj_status read_widths(const json_t *widths, kj_network_shape *shape,
                             kj_error *err)
{
  const size_t n = json_array_size(widths);
  if (n < 2 || n > KJ_MAX_LAYERS + 1)
    return kj__fail(err, KJ_EFORMAT, "widths must be an array of 2..%d sizes",
                    KJ_MAX_LAYERS + 1);
  shape->n_layers = n - 1;
  for (size_t l = 0; l < n; l++) {
    const json_t *width = json_array_get(widths, l);
    const json_int_t value = json_integer_value(width); /* 0 for no integer */
    if (value < 1 || value > KJ_MAX_WIDTH)
      return kj__fail(err, KJ_EFORMAT, "widths[%zu] must be 1..%d", l,
                      KJ_MAX_WIDTH);
    shape->width[l] = (size_t)value;
  }
  return KJ_OK;
}

static kj_status read_network(const json_t *entry, kj_network_shape *shape,
                              size_t *first_target, kj_error *err)
{
  const json_t *first = json_object_get(entry, "first_target");
  const char *output = json_string_value(json_object_get(entry, "output"));
  if (json_object_size(entry) != 3)
    return kj__fail(err, KJ_EFORMAT,
                    "must be an object of widths, output and first_target");
  if (!output || !kj_activation_find(output, &shape->output))
    return kj__fail(err, KJ_EFORMAT, "output is %s; must be linear or relu",
                    output ? kj__quote(output).text : "missing or no string");
  if (!json_is_integer(first) || json_integer_value(first) < 0 ||
      json_integer_value(first) >= KJ_MAX_TARGETS)
    return kj__fail(err, KJ_EFORMAT, "first_target must be 0..%d",
                    KJ_MAX_TARGETS - 1);
  *first_target = (size_t)json_integer_value(first);
  const kj_status status =
      read_widths(json_object_get(entry, "widths"), shape, err);
  return status == KJ_OK ? kj_network_shape_check(shape, err) : status;
}

static kj_status read_networks(const char *text, kj__outline *to, kj_error *err)
{
  json_t *list = NULL;
  kj_status status = parse_list(text, KJ_MAX_TARGETS, &list, err);
  if (status != KJ_OK)
    return status;
  to->parts.n_parts = json_array_size(list);
  for (size_t p = 0; p < to->parts.n_parts && status == KJ_OK; p++) {
    status = read_network(json_array_get(list, p), &to->shape[p],
                          &to->parts.part[p].first_target, err);
    if (status != KJ_OK)
      kj__fail_in(err, status, "network %zu", p);
  }
  json_decref(list);
  return status;
}

/* ---- a number ---- */

static json_t *make_clip(const kj__metadata_source *source)
{
  return dump(json_real((double)source->parts->scaler.clip));
}

static kj_status read_clip(const char *text, kj__outline *to, kj_error *err)
{
  json_t *number = json_loads(text, JSON_DECODE_ANY, NULL);
  const double clip = json_number_value(number); /* 0 for no number */
  json_decref(number);
  if (!(clip > 0.0 && clip <= (double)FLT_MAX))
    return kj__refuse(err, text, "a number above 0");
  to->parts.scaler.clip = (float)clip;
  return KJ_OK;
}

const kj__metadata_field KJ__METADATA_FIELDS[KJ__N_METADATA_FIELDS] = {
    {"format_version", false, make_format, read_format},
    {"weights", true, make_weights, read_weights},
    {"kanjo_version", false, make_kanjo_version, read_kanjo_version},
    {"feature_set_version", false, make_version, read_version},
    {"rate_hz", false, make_rate_hz, read_rate_hz},
    {"channel", false, make_channel, read_channel},
    {"targets", false, make_targets, read_targets},
    {"networks", false, make_networks, read_networks},
    {"normalisation", false, make_normalisation, read_normalisation},
    {"scaler_clip", false, make_clip, read_clip},
    {"columns", false, make_columns, read_columns},
};
