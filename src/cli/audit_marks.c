/*
 * audit_marks.c: pass marks of an audit, from the command line or a protocol.
 */
#include "cli/audit_marks.h"

#include "base/error.h"
#include "cli/protocols.h"
#include "corpus/number.h"

#include <math.h>
#include <string.h>

/* The number that `NAME=` sets; NULL: there is none. */
static double *find_mark(const char *text, size_t n_name, kj_audit_marks *marks)
{
  const struct {
    const char *name;
    double *mark;
  } known[] = {
      {"moved", &marks->moved}, {"mae", &marks->mae}, {"ccc", &marks->ccc}};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    if (strlen(known[i].name) == n_name &&
        strncmp(known[i].name, text, n_name) == 0)
      return known[i].mark;
  return NULL;
}

/* Of one that was read before, *mark is no NaN. */
static kj_status read_mark(const char *text, size_t n, kj_audit_marks *marks,
                           kj_error *err)
{
  char copy[32];
  double value = 0.0;
  if (n >= sizeof copy)
    n = sizeof copy - 1;
  memcpy(copy, text, n);
  copy[n] = '\0';
  const size_t n_name = strcspn(copy, "=");
  double *mark = find_mark(copy, n_name, marks);
  if (!mark || copy[n_name] != '=' ||
      !kj__number_parse(copy + n_name + 1, &value) || !(value >= 0.0))
    return kj__fail(err, KJ_EARGUMENT,
                    "--pass has '%s'; must be mae=X, ccc=X, moved=X or several "
                    "with commas, X a number from 0",
                    copy);
  if (!isnan(*mark))
    return kj__fail(err, KJ_EARGUMENT, "--pass has '%.*s' twice", (int)n_name,
                    copy);
  *mark = value;
  return KJ_OK;
}

static kj_status read_pass(const char *text, kj_audit_marks *marks,
                           kj_error *err)
{
  kj_status status = KJ_OK;
  while (text && status == KJ_OK) {
    const size_t n = strcspn(text, ",");
    status = read_mark(text, n, marks, err);
    text = text[n] == ',' ? text + n + 1 : NULL;
  }
  return status;
}

static kj_status read_protocol(const cli_settings *settings, cli_marks *marks,
                               kj_error *err)
{
  if (settings->pass)
    return kj__fail(err, KJ_EARGUMENT,
                    "--pass and --protocol are both there; must be one of "
                    "them");
  kj_status status =
      cli_find_protocol(settings->marks, KJ_FORM_SOUND, &marks->protocol, err);
  if (status == KJ_OK && !marks->protocol->audit)
    status = kj__fail(err, KJ_EARGUMENT,
                      "%s: has no pass marks; must have the key audit",
                      marks->protocol->path);
  return status;
}

kj_status cli_read_marks(const cli_settings *settings, cli_marks *marks,
                         kj_error *err)
{
  *marks = (cli_marks){.all = {(double)NAN, (double)NAN, (double)NAN}};
  return settings->marks ? read_protocol(settings, marks, err)
                         : read_pass(settings->pass, &marks->all, err);
}

void cli_clear_marks(cli_marks *marks)
{
  kj_protocol_destroy(marks->protocol);
}

bool cli_is_passed(const cli_marks *marks, kj_condition condition,
                   const char *target, const kj_audit_cell *clean,
                   const kj_audit_cell *cell, size_t n)
{
  const kj_protocol_audit *audit =
      marks->protocol ? marks->protocol->audit : NULL;
  const kj_audit_marks of =
      audit ? kj_protocol_marks(audit, condition, target) : marks->all;
  const size_t n_asked = audit && audit->genders ? n : 1;
  bool passed = true;
  for (size_t g = 0; g < n_asked; g++)
    passed = passed && kj_audit_is_within(&of, &clean[g], &cell[g]);
  return passed;
}
