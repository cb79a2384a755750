/*
 * json.c: JSON from strangers: bounded in depth and number of values.
 *
 * Jansson parses; before it does, one pass over the text counts brackets and
 * separators outside of strings, so that a small file cannot ask for much
 * memory or a deep stack.
 */
#include "model/json.h"

#include "base/error.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is_opening(char c)
{
  return c == '[' || c == '{';
}

static bool is_closing(char c)
{
  return c == ']' || c == '}';
}

/* Past the string whose opening quote is at text[i]: the index of its closing
 * quote, or `size` where it has none. */
static size_t end_of_string(const char *text, size_t size, size_t i)
{
  for (i++; i < size && text[i] != '"'; i++)
    if (text[i] == '\\')
      i++;
  return i < size ? i : size;
}

static kj_status check_limits(const char *what, const char *text, size_t size,
                              kj__json_limits limits, kj_error *err)
{
  size_t depth = 0, n_values = 0;
  for (size_t i = 0; i < size; i++) {
    const char c = text[i];
    if (c == '"')
      i = end_of_string(text, size, i);
    depth += is_opening(c);
    depth -= is_closing(c) && depth > 0;
    n_values += is_opening(c) || c == ',';
    if (depth > limits.max_depth)
      return kj__fail(err, KJ_EFORMAT,
                      "%s is nested deeper than %zu at byte %zu", what,
                      limits.max_depth, i);
    if (n_values > limits.max_values)
      return kj__fail(err, KJ_EFORMAT, "%s has more than %zu values", what,
                      limits.max_values);
  }
  return KJ_OK;
}

kj_status kj__json_parse(const char *what, const char *text, size_t size,
                         kj__json_limits limits, json_t **out, kj_error *err)
{
  const kj_status status = check_limits(what, text, size, limits, err);
  if (status != KJ_OK)
    return status;
  json_error_t error;
  json_t *parsed = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
  if (!parsed && json_error_code(&error) == json_error_out_of_memory)
    return kj__fail_memory(err, what);
  if (!parsed)
    return kj__fail(err, KJ_EFORMAT, "%s is not JSON at byte %d: %s", what,
                    error.position, kj__quote(error.text).text);
  *out = parsed;
  return KJ_OK;
}

json_t *kj__json_in_text(const json_t *value, size_t digits)
{
  char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY |
                                     JSON_REAL_PRECISION(digits));
  json_t *string = text ? json_string(text) : NULL;
  free(text);
  return string;
}

size_t kj__control_size(const char *text)
{
  const unsigned char first = (unsigned char)text[0];
  if (first < 0x20 || first == 0x7f)
    return 1;
  const unsigned char second = (unsigned char)text[1];
  return first == 0xC2 && second >= 0x80 && second <= 0x9F ? 2 : 0;
}

/* A byte inside a UTF-8 sequence. */
static bool is_continuation(char c)
{
  return ((unsigned char)c & 0xC0) == 0x80;
}

kj__quoted kj__quote(const char *text)
{
  kj__quoted quoted;
  const size_t most = sizeof quoted.text - sizeof "...";
  const bool is_cut = strlen(text) > most;
  size_t n = is_cut ? most : strlen(text);
  while (is_cut && n > 0 && is_continuation(text[n]))
    n--;
  memcpy(quoted.text, text, n);
  strcpy(quoted.text + n, is_cut ? "..." : "");
  for (size_t i = 0; i < n; i++)
    if (kj__control_size(quoted.text + i) > 0)
      memset(quoted.text + i, '?', kj__control_size(quoted.text + i));
  return quoted;
}
