/*
 * target.c: what a command line says of ratings: NAME=COLUMN and LOW:HIGH.
 */
#include "kanjo/corpus.h"

#include "base/error.h"
#include "corpus/number.h"

#include <stdio.h>
#include <string.h>

/* A name that can stand in any file and on any command line. */
static bool is_name(const char *name)
{
  static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  const size_t n = strlen(name);
  return n > 0 && n < KJ_TARGET_NAME_SIZE && strspn(name, allowed) == n;
}

kj_status kj_target_parse(const char *text, kj_target_spec *target,
                          kj_error *err)
{
  const char *equals = strchr(text, '=');
  const size_t size = equals ? (size_t)(equals - text) : strlen(text);
  const char *column = equals ? equals + 1 : text;
  kj_target_spec read = {.low = KJ_SCALE_LOW, .high = KJ_SCALE_HIGH};
  if (size < sizeof read.name)
    memcpy(read.name, text, size);
  if (!is_name(read.name))
    return kj__fail(err, KJ_EARGUMENT,
                    "target \"%.64s\": the name must be 1..%d letters, digits, "
                    "'_' or '-', as in valence or valence=COLUMN",
                    text, KJ_TARGET_NAME_SIZE - 1);
  if (column[0] == '\0' || strlen(column) >= sizeof read.column)
    return kj__fail(err, KJ_EARGUMENT,
                    "target \"%.64s\": the column must have 1..%d bytes", text,
                    KJ_COLUMN_NAME_SIZE - 1);
  strcpy(read.column, column);
  if (strcmp(read.name, "arousal") == 0)
    strcpy(read.name, "activation");
  *target = read;
  return KJ_OK;
}

kj_status kj_scale_parse(const char *text, double *low, double *high,
                         kj_error *err)
{
  char first[64] = "";
  double from, to;
  const char *colon = strchr(text, ':');
  if (colon && (size_t)(colon - text) < sizeof first)
    memcpy(first, text, (size_t)(colon - text));
  if (!colon || !kj__number_parse(first, &from) ||
      !kj__number_parse(colon + 1, &to) || !(from < to))
    return kj__fail(err, KJ_EARGUMENT,
                    "scale \"%.64s\": must be LOW:HIGH with LOW below HIGH, "
                    "such as 0:100",
                    text);
  *low = from;
  *high = to;
  return KJ_OK;
}
