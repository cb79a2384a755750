/*
 * raw.c: what sound without a header is, from a text.
 */
#include "kanjo/audio.h"

#include "base/error.h"

#include <errno.h>
#include <sndfile.h>
#include <stdlib.h>
#include <string.h>

static const struct {
  kj_raw_encoding id;
  const char *name;
} encodings[] = {
#define RAW_ROW(id, name, subtype, order) {id, name},
    KJ_RAW_ENCODING_LIST(RAW_ROW)
#undef RAW_ROW
};
enum { N_ENCODINGS = sizeof encodings / sizeof encodings[0] };

static kj_raw_encoding find_encoding(const char *text, size_t n)
{
  for (size_t i = 1; i < N_ENCODINGS; i++)
    if (strlen(encodings[i].name) == n &&
        strncmp(encodings[i].name, text, n) == 0)
      return encodings[i].id;
  return KJ_RAW_NONE;
}

/* A whole number of low..high up to `stop` or the end; what follows, or NULL.
 */
static const char *read_number(const char *text, unsigned low, unsigned high,
                               unsigned *number)
{
  char *end;
  if (text[0] < '0' || text[0] > '9')
    return NULL;
  errno = 0;
  const unsigned long value = strtoul(text, &end, 10);
  if (errno != 0 || value < low || value > high ||
      (*end != ':' && *end != '\0'))
    return NULL;
  *number = (unsigned)value;
  return end;
}

static kj_status fail(const char *text, const char *why, kj_error *err)
{
  return kj__fail(err, KJ_EARGUMENT,
                  "'%.64s': %s; must be ENCODING:RATE or "
                  "ENCODING:RATE:CHANNELS, such as s16:16000",
                  text, why);
}

kj_status kj_raw_parse(const char *text, kj_raw *raw, kj_error *err)
{
  const size_t n = strcspn(text, ":");
  kj_raw parsed = {.encoding = find_encoding(text, n), .n_channels = 1};
  if (parsed.encoding == KJ_RAW_NONE)
    return fail(text,
                "the encoding is none of s16, s16be, s24, s24be, s32, "
                "s32be, f32, f32be, f64, f64be, s8, u8, mulaw, alaw",
                err);
  const char *rest = text[n] == ':'
                         ? read_number(text + n + 1, KJ_MIN_RATE_HZ,
                                       KJ_MAX_RATE_HZ, &parsed.rate_hz)
                         : NULL;
  if (!rest)
    return fail(text, "the rate is no number of 1000..768000", err);
  if (*rest == ':')
    rest = read_number(rest + 1, 1, KJ_MAX_CHANNELS, &parsed.n_channels);
  if (!rest || *rest != '\0')
    return fail(text, "the channels are no number of 1..256", err);
  *raw = parsed;
  return KJ_OK;
}
