/*
 * iemocap_turns.c: the evaluation files of IEMOCAP, one a dialog:
 *
 *   [6.2901 - 8.2357] Ses01F_impro01_F000 neu [2.5000, 2.5000, 2.5000]
 *   C-E2: Neutral; ()
 *   A-E3: val 3; act 2; dom  2; ()
 *   A-F1: val 3; act 2; dom  1; (free comment)
 *
 * The summary is [valence, activation, dominance]. A- lines of E1, E2, ... are
 * the external raters that it is the mean of; F and M are the actors on
 * themselves and are passed over, as are C- lines (categories), "%" and blank
 * lines. Tokens are scanned, not columns: a number may be missing.
 */
#define _POSIX_C_SOURCE 200809L /* strtok_r */
#include "corpus/import/iemocap.h"

#include "corpus/import/lines.h"
#include "corpus/number.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *const KEY[KJ__N_DIMENSIONS] = {"val", "act", "dom"};

typedef struct reader {
  kj__iemocap_visitor *visitor;
  void *context;
  bool has_turn;
  kj__iemocap_turn turn;
} reader;

/* ---- ids ---- */

/* Length of "script01_1b" or "impro05a" at the start of text, or 0. */
static size_t dialog_length(const char *text)
{
  size_t n = 0;
  if (strncmp(text, "impro", 5) == 0)
    n = 5;
  else if (strncmp(text, "script", 6) == 0)
    n = 6;
  if (n == 0 || !isdigit((unsigned char)text[n]) ||
      !isdigit((unsigned char)text[n + 1]))
    return 0;
  n += 2;
  if (text[0] == 's') {
    if (text[n] != '_' || !isdigit((unsigned char)text[n + 1]))
      return 0;
    n += 2;
  }
  return n + (size_t)(islower((unsigned char)text[n]) != 0);
}

static bool is_sex(char c)
{
  return c == 'F' || c == 'M';
}

/* "Ses01F_impro01_F000", "Ses05M_script01_1b_M012", ... */
static bool is_id(const char *id)
{
  if (strncmp(id, "Ses0", 4) != 0 || !isdigit((unsigned char)id[4]) ||
      !is_sex(id[5]) || id[6] != '_')
    return false;
  const size_t n = dialog_length(id + 7);
  const char *last = id + 7 + n;
  return n > 0 && last[0] == '_' && is_sex(last[1]) &&
         strspn(last + 2, "0123456789") == 3 && last[5] == '\0';
}

/* ---- lines ---- */

static kj_status flush(reader *r, kj_error *err)
{
  const bool had_turn = r->has_turn;
  r->has_turn = false;
  return had_turn ? r->visitor(r->context, &r->turn, err) : KJ_OK;
}

/* The tokens of a line in token[0..n-1]; their whole number. */
static size_t split(char *text, const char *separators, char **token, size_t n)
{
  size_t found = 0;
  char *rest = NULL;
  for (char *t = strtok_r(text, separators, &rest); t;
       t = strtok_r(NULL, separators, &rest)) {
    if (found < n)
      token[found] = t;
    found++;
  }
  return found;
}

/* "[start - end] id emotion [v, a, d]" */
static kj_status read_summary(reader *r, const kj__line *line, kj_error *err)
{
  enum { N_TOKENS = 7 };
  char *token[N_TOKENS];
  double time[2];
  const size_t n = split(line->text, " \t[],-", token, N_TOKENS);
  if (n != N_TOKENS)
    return kj__line_fail(line, err,
                         "%zu fields; must be 7: [start - end] utterance "
                         "emotion [valence, activation, dominance]",
                         n);
  if (!is_id(token[2]))
    return kj__line_fail(line, err,
                         "utterance is \"%.60s\"; must be like "
                         "Ses01F_impro01_F000 or Ses01F_script01_1_M000",
                         token[2]);
  r->turn = (kj__iemocap_turn){.n_missing = 0};
  bool ok = kj__number_parse(token[0], &time[0]) &&
            kj__number_parse(token[1], &time[1]);
  for (size_t d = 0; d < KJ__N_DIMENSIONS; d++)
    ok = ok && kj__number_parse(token[4 + d], &r->turn.mean[d]);
  if (!ok || strlen(token[3]) >= sizeof r->turn.emotion)
    return kj__line_fail(line, err,
                         "%s: times and ratings must be numbers, and the "
                         "emotion a word of at most 15 letters",
                         token[2]);
  snprintf(r->turn.id, sizeof r->turn.id, "%s", token[2]);
  snprintf(r->turn.emotion, sizeof r->turn.emotion, "%s", token[3]);
  r->has_turn = true;
  return KJ_OK;
}

/* The dimension of a key, or KJ__N_DIMENSIONS. */
static size_t dimension_of(const char *key)
{
  size_t d = 0;
  while (d < KJ__N_DIMENSIONS && strcmp(KEY[d], key) != 0)
    d++;
  return d;
}

/* "val 3; act 2; dom": keys, each with a number unless that is missing. */
static kj_status read_ratings(kj__iemocap_turn *turn, const kj__line *line,
                              char *text, kj_error *err)
{
  char *rest = NULL;
  bool has_number = true;
  size_t d = KJ__N_DIMENSIONS;
  for (char *t = strtok_r(text, " \t;:", &rest); t;
       t = strtok_r(NULL, " \t;:", &rest)) {
    double value = 0;
    const size_t key = dimension_of(t);
    if (key < KJ__N_DIMENSIONS) {
      turn->n_missing += !has_number;
      d = key;
      has_number = false;
    } else if (!kj__number_parse(t, &value) || has_number) {
      return kj__line_fail(line, err,
                           "\"%.40s\" is not understood; must be val, act or "
                           "dom, each with its number",
                           t);
    } else {
      has_number = true;
      if (turn->n_ratings[d] < KJ__IEMOCAP_MAX_RATERS)
        turn->rating[d][turn->n_ratings[d]++] = value;
    }
  }
  turn->n_missing += !has_number;
  return KJ_OK;
}

/* "A-E3: ratings (comment)" */
static kj_status read_rater(reader *r, const kj__line *line, kj_error *err)
{
  char *colon = strchr(line->text, ':');
  if (!r->has_turn || !colon)
    return kj__line_fail(line, err, "\"%.40s\" %s", line->text,
                         colon ? "stands before the first utterance"
                               : "has no ':' after the rater");
  colon[strcspn(colon, "(")] = '\0';
  return read_ratings(&r->turn, line, colon + 1, err);
}

static kj_status read_line(void *context, const kj__line *line, kj_error *err)
{
  reader *r = context;
  if (line->text[0] == '[') {
    const kj_status status = flush(r, err);
    return status == KJ_OK ? read_summary(r, line, err) : status;
  }
  const bool is_external = strncmp(line->text, "A-E", 3) == 0;
  return is_external ? read_rater(r, line, err) : KJ_OK;
}

kj_status kj__iemocap_read(const char *name, char *text, size_t size,
                           kj__iemocap_visitor *visitor, void *context,
                           kj_error *err)
{
  reader r = {.visitor = visitor, .context = context};
  const kj_status status = kj__lines_each(name, text, size, read_line, &r, err);
  return status == KJ_OK ? flush(&r, err) : status;
}
