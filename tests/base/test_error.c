/*
 * test_error.c: status texts, and the sentences that explain a failure:
 * written, put in context, and cut where they are too long.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"

#include <string.h>

enum { SIZE = sizeof((kj_error *)NULL)->message };

static const struct {
  kj_status status;
  int number;
} STATUSES[] = {
#define STATUS_ROW(name, number, text) {name, number},
    KJ_STATUS_LIST(STATUS_ROW)
#undef STATUS_ROW
};
enum { N_STATUSES = sizeof STATUSES / sizeof STATUSES[0] };

static void statuses_are_numbered_and_told_apart(void **state)
{
  (void)state;
  assert_int_equal(KJ_OK, 0);
  for (int i = 0; i < N_STATUSES; i++) {
    const char *text = kj_status_text(STATUSES[i].status);
    assert_int_equal(STATUSES[i].number, i);
    assert_true(text[0] != '\0');
    for (int j = 0; j < i; j++)
      if (strcmp(text, kj_status_text(STATUSES[j].status)) == 0)
        fail_msg("status %d and %d are both \"%s\"", i, j, text);
  }
  assert_string_equal(kj_status_text((kj_status)N_STATUSES), "unknown status");
  assert_string_equal(kj_status_text((kj_status)-1), "unknown status");
}

static void failure_writes_status_and_sentence(void **state)
{
  (void)state;
  kj_error err;
  memset(&err, 'x', sizeof err);
  assert_int_equal(kj__fail(&err, KJ_EARGUMENT, "n is %d; must be 1..%d", 0, 9),
                   KJ_EARGUMENT);
  assert_int_equal(err.status, KJ_EARGUMENT);
  assert_string_equal(err.message, "n is 0; must be 1..9");
  assert_int_equal(kj__fail_memory(&err, "a thing"), KJ_EMEMORY);
  assert_int_equal(err.status, KJ_EMEMORY);
  assert_string_equal(err.message, "out of memory for a thing");
}

static void error_may_be_null(void **state)
{
  (void)state;
  assert_int_equal(kj__fail(NULL, KJ_EDATA, "%s", "lost"), KJ_EDATA);
  assert_int_equal(kj__fail_in(NULL, KJ_EFILE, "%s", "lost"), KJ_EFILE);
  assert_int_equal(kj__fail_memory(NULL, "lost"), KJ_EMEMORY);
}

static void context_comes_before_the_sentence(void **state)
{
  (void)state;
  kj_error err;
  kj__fail(&err, KJ_EFORMAT, "line %d", 7);
  assert_int_equal(kj__fail_in(&err, KJ_EDATA, "%s", "a.csv"), KJ_EDATA);
  assert_int_equal(err.status, KJ_EDATA);
  assert_string_equal(err.message, "a.csv: line 7");
  kj__fail_in(&err, KJ_EDATA, "fold %d", 2);
  assert_string_equal(err.message, "fold 2: a.csv: line 7");
}

/* n times 'c'. */
static void fill(char *text, size_t n, char c)
{
  memset(text, c, n);
  text[n] = '\0';
}

static void long_sentence_is_cut(void **state)
{
  (void)state;
  kj_error err;
  char text[2 * SIZE];
  for (size_t n = SIZE - 3; n < SIZE + 3; n++) {
    fill(text, n, 'a');
    kj__fail(&err, KJ_EDATA, "%s", text);
    const size_t expected = n < SIZE - 1 ? n : SIZE - 1;
    if (strlen(err.message) != expected)
      fail_msg("a sentence of %zu bytes became %zu, must be %zu", n,
               strlen(err.message), expected);
    assert_memory_equal(err.message, text, expected);
  }
}

/* Context, ": " and sentence, together `total` bytes or cut. */
static void check_context(size_t n_context, size_t n_sentence)
{
  kj_error err;
  char context[2 * SIZE], sentence[SIZE], whole[4 * SIZE];
  fill(context, n_context, 'c');
  fill(sentence, n_sentence, 's');
  strcpy(whole, context);
  strcat(whole, ": ");
  strcat(whole, sentence);
  whole[SIZE - 1] = '\0';
  kj__fail(&err, KJ_EDATA, "%s", sentence);
  kj__fail_in(&err, KJ_EDATA, "%s", context);
  if (strcmp(err.message, whole) != 0)
    fail_msg("context of %zu and sentence of %zu bytes: %zu bytes, must be "
             "%zu",
             n_context, n_sentence, strlen(err.message), strlen(whole));
}

static void long_context_is_cut(void **state)
{
  (void)state;
  for (size_t n = 0; n <= 8; n++) {
    check_context(SIZE - n, SIZE - 1);
    check_context(SIZE + n, 3);
    check_context(20, SIZE - 17 - n);
    check_context(n, SIZE - 1);
  }
}

/* A message cut inside a character would be no UTF-8. */
static void cut_keeps_characters_whole(void **state)
{
  (void)state;
  static const char *const characters[] = {"\xC3\xA9", "\xE6\x84\x9F",
                                           "\xF0\x9F\x99\x82"};
  for (size_t c = 0; c < 3; c++)
    for (size_t n_before = SIZE - 8; n_before < SIZE; n_before++) {
      kj_error err;
      char text[SIZE + 8];
      const size_t length = strlen(characters[c]);
      fill(text, n_before, 'a');
      strcat(text, characters[c]);
      const size_t whole = n_before + length;
      const size_t expected = whole <= SIZE - 1 ? whole : n_before;
      kj__fail(&err, KJ_EDATA, "%s", text);
      if (strlen(err.message) != expected)
        fail_msg("%zu bytes before a character of %zu: %zu bytes are left, "
                 "must be %zu",
                 n_before, length, strlen(err.message), expected);
      kj__fail(&err, KJ_EDATA, "%s", text + 3);
      kj__fail_in(&err, KJ_EDATA, "b");
      if (strncmp(err.message, "b: ", 3) != 0 ||
          strlen(err.message) != expected)
        fail_msg("%zu bytes before a character of %zu, with context: %zu "
                 "bytes are left, must be %zu",
                 n_before, length, strlen(err.message), expected);
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(statuses_are_numbered_and_told_apart),
      cmocka_unit_test(failure_writes_status_and_sentence),
      cmocka_unit_test(error_may_be_null),
      cmocka_unit_test(context_comes_before_the_sentence),
      cmocka_unit_test(long_sentence_is_cut),
      cmocka_unit_test(long_context_is_cut),
      cmocka_unit_test(cut_keeps_characters_whole),
  };
  return cmocka_run_group_tests_name("base error", tests, NULL, NULL);
}
