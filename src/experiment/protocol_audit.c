/*
 * protocol_audit.c: pass marks of a protocol: checked, and looked up.
 */
#include "experiment/protocol_check.h"

#include "base/error.h"
#include "corpus/nearest.h"

#include <math.h>

static bool asks(const kj_audit_marks *marks)
{
  return !isnan(marks->moved) || !isnan(marks->mae) || !isnan(marks->ccc);
}

static kj_status check_conditions(const kj_protocol *p,
                                  const kj_protocol_mark *mark, kj_error *err)
{
  const char *names[KJ_N_CONDITIONS - 1]; /* all but the clean sound */
  char nearest[200];
  kj_condition found = KJ_CONDITION_CLEAN;
  for (size_t c = 1; c < KJ_N_CONDITIONS; c++)
    names[c - 1] = kj_condition_name((kj_condition)c);
  for (size_t i = 0; i < mark->conditions.n; i++) {
    const char *name = mark->conditions.item[i];
    if (kj_condition_find(name, &found) && found != KJ_CONDITION_CLEAN)
      continue;
    kj__nearest(nearest, sizeof nearest, name, NULL, names,
                sizeof names / sizeof names[0]);
    return kj__fail(err, KJ_EFORMAT,
                    "%s:%zu: marks: '%.64s' is no condition of an audit; "
                    "nearest: %s",
                    p->path, mark->line, name, nearest);
  }
  return KJ_OK;
}

static kj_status check_mark(const kj_protocol *p, const kj_protocol_mark *mark,
                            kj_error *err)
{
  if (!asks(&mark->marks))
    return kj__fail(err, KJ_EFORMAT,
                    "%s:%zu: marks: has none of moved, mae, ccc; must have "
                    "one or more",
                    p->path, mark->line);
  for (size_t i = 0; i < mark->targets.n; i++)
    if (!kj__texts_hold(&p->targets, mark->targets.item[i]))
      return kj__fail(err, KJ_EFORMAT,
                      "%s:%zu: marks: '%.64s' is no target of this protocol",
                      p->path, mark->line, mark->targets.item[i]);
  return check_conditions(p, mark, err);
}

kj_status kj__protocol_check_audit(const kj_protocol *p, kj_error *err)
{
  kj_status status = KJ_OK;
  if (!p->audit)
    return KJ_OK;
  if (!asks(&p->audit->all) && p->audit->marks.n == 0)
    return kj__fail(err, KJ_EFORMAT,
                    "%s:%zu: audit: asks nothing; must have one or more of "
                    "moved, mae, ccc, marks",
                    p->path, p->audit->line);
  for (size_t i = 0; status == KJ_OK && i < p->audit->marks.n; i++)
    status = check_mark(p, &p->audit->marks.item[i], err);
  return status;
}

static void overrule(double *mark, double by)
{
  if (!isnan(by))
    *mark = by;
}

kj_audit_marks kj_protocol_marks(const kj_protocol_audit *audit,
                                 kj_condition condition, const char *target)
{
  kj_audit_marks marks = audit->all;
  const char *name = kj_condition_name(condition);
  for (size_t i = 0; i < audit->marks.n; i++) {
    const kj_protocol_mark *mark = &audit->marks.item[i];
    if ((mark->conditions.n > 0 && !kj__texts_hold(&mark->conditions, name)) ||
        (mark->targets.n > 0 && !kj__texts_hold(&mark->targets, target)))
      continue;
    overrule(&marks.moved, mark->marks.moved);
    overrule(&marks.mae, mark->marks.mae);
    overrule(&marks.ccc, mark->marks.ccc);
  }
  return marks;
}
