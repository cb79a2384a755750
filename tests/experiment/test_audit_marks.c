/*
 * test_audit_marks.c: pass marks: which hold for a condition and a target, and
 * what is within them.
 */
#include "kanjo/protocol.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char PROTOCOL[] =
    "kanjo: 1\nname: p\ncorpora: {a: {}}\n"
    "targets: [valence, activation]\n"
    "audit:\n"
    "  mae: 0.1\n"
    "  genders: true\n"
    "  marks:\n"
    "    - {conditions: [white 0 dB, telephone], ccc: 0.5}\n"
    "    - {conditions: telephone, targets: activation, mae: 0.4}\n"
    "    - {targets: valence, moved: 0.3}\n"
    "experiments: [{id: x, train: a, split: 2}]\n";

static void the_last_mark_that_fits_holds(void **state)
{
  (void)state;
  kj_protocol *p = NULL;
  kj_error err;
  if (kj_protocol_parse("p.yaml", PROTOCOL, strlen(PROTOCOL), &p, &err) !=
      KJ_OK)
    fail_msg("%s", err.message);
  assert_true(p->audit->genders);
  const struct {
    kj_condition condition;
    const char *target;
    double moved, mae, ccc; /* NaN: not asked */
  } cases[] = {
      {KJ_CONDITION_WHITE_20, "activation", (double)NAN, 0.1, (double)NAN},
      {KJ_CONDITION_WHITE_0, "activation", (double)NAN, 0.1, 0.5},
      {KJ_CONDITION_PHONE, "activation", (double)NAN, 0.4, 0.5},
      {KJ_CONDITION_PHONE, "valence", 0.3, 0.1, 0.5},
      {KJ_CONDITION_ROOM_3, "valence", 0.3, 0.1, (double)NAN},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const kj_audit_marks marks =
        kj_protocol_marks(p->audit, cases[i].condition, cases[i].target);
    const double got[] = {marks.moved, marks.mae, marks.ccc};
    const double want[] = {cases[i].moved, cases[i].mae, cases[i].ccc};
    for (size_t k = 0; k < 3; k++)
      if (isnan(want[k]) != isnan(got[k]) ||
          (!isnan(want[k]) && got[k] != want[k]))
        fail_msg("case %zu, %s: %g, not %g", i,
                 (const char *const[]){"moved", "mae", "ccc"}[k], got[k],
                 want[k]);
  }
  kj_protocol_destroy(p);
}

static void nothing_said_is_no_audit(void **state)
{
  (void)state;
  static const char text[] =
      "kanjo: 1\nname: p\ncorpora: {a: {}}\ntargets: valence\n"
      "experiments: [{id: x, train: a, split: 2}]\n";
  kj_protocol *p = NULL;
  assert_int_equal(kj_protocol_parse("p", text, strlen(text), &p, NULL), KJ_OK);
  assert_null(p->audit);
  kj_protocol_destroy(p);
}

static void a_cell_is_within_or_beyond(void **state)
{
  (void)state;
  const double nan = (double)NAN;
  const kj_audit_cell clean = {.moved = 0, .mae = 0.5, .ccc = 0.75};
  const kj_audit_cell unknown = {.moved = 0, .mae = 0.5, .ccc = nan};
  const struct {
    kj_audit_marks marks;
    const kj_audit_cell *clean;
    kj_audit_cell cell;
    bool is_within;
  } cases[] = {
      {{nan, nan, nan}, &clean, {.moved = 9, .mae = 9, .ccc = -1}, true},
      {{nan, 0.25, nan}, &clean, {.mae = 0.75}, true},
      {{nan, 0.25, nan}, &clean, {.mae = 0.76}, false},
      {{nan, nan, 0.25}, &clean, {.ccc = 0.5}, true},
      {{nan, nan, 0.25}, &clean, {.ccc = 0.49}, false},
      {{0.5, nan, nan}, &clean, {.moved = 0.5}, true},
      {{0.5, nan, nan}, &clean, {.moved = 0.51}, false},
      {{nan, 0, 0}, &clean, {.mae = 0.4, .ccc = 0.8}, true},
      /* a metric that has gone is worse than any number */
      {{nan, nan, 2}, &clean, {.ccc = nan}, false},
      {{nan, nan, 0}, &unknown, {.ccc = -1}, true},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    if (kj_audit_is_within(&cases[i].marks, cases[i].clean, &cases[i].cell) !=
        cases[i].is_within)
      fail_msg("case %zu is %s", i, cases[i].is_within ? "beyond" : "within");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_last_mark_that_fits_holds),
      cmocka_unit_test(nothing_said_is_no_audit),
      cmocka_unit_test(a_cell_is_within_or_beyond)};
  return cmocka_run_group_tests_name("experiment/audit_marks", tests, NULL,
                                     NULL);
}
