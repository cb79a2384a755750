/*
 * tally.c: failures counted by reason.
 */
#include "cli/tally.h"

#include "cli/report.h"
#include "cli/table.h"
#include "corpus/utf8.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

static const char OTHERS[] = "other reasons";

/* How long a number is that begins here: digits, with digits behind a point,
 * and an exponent. */
static size_t number_length(const char *text)
{
  static const char digits[] = "0123456789";
  size_t n = strspn(text, digits);
  if (n == 0)
    return 0;
  const size_t n_fraction = text[n] == '.' ? strspn(text + n + 1, digits) : 0;
  n += n_fraction > 0 ? 1 + n_fraction : 0;
  if (text[n] != 'e')
    return n;
  const size_t n_head = text[n + 1] == '+' || text[n + 1] == '-' ? 2 : 1;
  const size_t n_exponent = strspn(text + n + n_head, digits);
  return n_exponent > 0 ? n + n_head + n_exponent : n;
}

/* The reason with N for every number in it, but not within words ("is09"). */
static void generalise(const char *reason, char kind[CLI_TALLY_TEXT])
{
  char whole[512];
  size_t n = 0;
  bool in_word = false;
  for (const char *c = reason; *c && n + 1 < sizeof whole;) {
    const size_t length = in_word ? 0 : number_length(c);
    in_word = isalnum((unsigned char)*c) != 0;
    whole[n++] = length > 0 ? 'N' : *c;
    c += length > 0 ? length : 1;
  }
  whole[n] = '\0';
  kj__utf8_shorten(kind, CLI_TALLY_TEXT, whole);
}

static size_t find(cli_tally *tally, const char *kind)
{
  size_t i = 0;
  while (i < tally->n_kinds && strcmp(tally->kind[i], kind) != 0)
    i++;
  if (i < tally->n_kinds)
    return i;
  if (i == CLI_TALLY_KINDS)
    i--;
  else
    tally->n_kinds++;
  strcpy(tally->kind[i], i + 1 == CLI_TALLY_KINDS ? OTHERS : kind);
  return i;
}

void cli_tally_add(cli_tally *tally, const char *reason)
{
  char kind[CLI_TALLY_TEXT];
  generalise(reason, kind);
  tally->count[find(tally, kind)]++;
  tally->n++;
}

/* The kind with the most among those not printed yet. */
static size_t next_most(const cli_tally *tally, const bool *is_printed)
{
  size_t most = CLI_TALLY_KINDS;
  for (size_t i = 0; i < tally->n_kinds; i++)
    if (!is_printed[i] &&
        (most == CLI_TALLY_KINDS || tally->count[i] > tally->count[most]))
      most = i;
  return most;
}

void cli_tally_print(const cli_tally *tally, uint64_t n_all, const char *what)
{
  bool is_printed[CLI_TALLY_KINDS] = {false};
  cli_note("%" PRIu64 " of %" PRIu64 " %s failed:", tally->n, n_all, what);
  for (size_t n = 0; n < tally->n_kinds; n++) {
    const size_t i = next_most(tally, is_printed);
    cli_note("%8" PRIu64 "  %s", tally->count[i], tally->kind[i]);
    is_printed[i] = true;
  }
}

json_t *cli_tally_json(const cli_tally *tally)
{
  json_t *list = json_array();
  for (size_t i = 0; i < tally->n_kinds; i++)
    json_array_append_new(list, json_pack("{s:o, s:I}", "reason",
                                          cli_json_text(tally->kind[i]), "n",
                                          (json_int_t)tally->count[i]));
  return list;
}

int cli_tally_read(cli_tally *tally, const json_t *value)
{
  *tally = (cli_tally){0};
  if (!json_is_array(value) || json_array_size(value) > CLI_TALLY_KINDS)
    return 0;
  for (size_t i = 0; i < json_array_size(value); i++) {
    const json_t *entry = json_array_get(value, i);
    const char *kind = json_string_value(json_object_get(entry, "reason"));
    const json_int_t n = json_integer_value(json_object_get(entry, "n"));
    if (!kind || n < 1)
      return 0;
    kj__utf8_shorten(tally->kind[i], CLI_TALLY_TEXT, kind);
    tally->count[i] = (uint64_t)n;
    tally->n += (uint64_t)n;
  }
  tally->n_kinds = json_array_size(value);
  return 1;
}
