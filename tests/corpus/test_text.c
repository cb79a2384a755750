/*
 * test_text.c: the small things that tables are read with: UTF-8, names of
 * files, the index of names, near names, the arena.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "corpus/arena.h"
#include "corpus/index.h"
#include "corpus/nearest.h"
#include "corpus/path.h"
#include "corpus/tables.h"
#include "corpus/utf8.h"

/* The code points of 1..4 bytes at the edges, and what lies just outside. */
static void utf8_as_the_standard_has_it(void **state)
{
  (void)state;
  static const char *const good[] = {"",
                                     "A\x7F",
                                     "\xC2\x80",
                                     "\xDF\xBF",
                                     "\xE0\xA0\x80",
                                     "\xED\x9F\xBF",
                                     "\xEE\x80\x80",
                                     "\xEF\xBF\xBF",
                                     "\xF0\x90\x80\x80",
                                     "\xF4\x8F\xBF\xBF",
                                     "感情ü"};
  static const char *const bad[] = {"\x80",
                                    "\xC1\xBF",
                                    "\xC2",
                                    "\xE0\x9F\xBF",
                                    "\xED\xA0\x80",
                                    "\xEF\xBF",
                                    "\xE1\x80 ",
                                    "\xF0\x8F\xBF\xBF",
                                    "\xF4\x90\x80\x80",
                                    "\xF5\x80\x80\x80",
                                    "a\xFF",
                                    "\xF1\x80\x80\xC0"};
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
    if (!kj__utf8_is_valid(good[i], strlen(good[i])))
      fail_msg("text %zu, \"%s\", was refused", i, good[i]);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    if (kj__utf8_is_valid(bad[i], strlen(bad[i])))
      fail_msg("bytes %zu were accepted", i);
}

static void texts_are_cut_between_characters(void **state)
{
  (void)state;
  /* "aé感\n" has characters of 1, 2, 3, 1 bytes. */
  static const char *const wanted[] = {"",   "a",  "a",    "aé",
                                       "aé", "aé", "aé感", "aé感?"};
  char dst[16];
  for (size_t size = 1; size <= 8; size++) {
    kj__utf8_shorten(dst, size, "aé感\n");
    if (strcmp(dst, wanted[size - 1]) != 0)
      fail_msg("cut to %zu bytes: \"%s\", not \"%s\"", size, dst,
               wanted[size - 1]);
  }
  kj__utf8_shorten(dst, sizeof dst, "a\tb\x7F");
  assert_string_equal(dst, "a?b?");
}

static void names_of_files(void **state)
{
  (void)state;
  static const struct {
    const char *path, *folder, *stem, *absolute;
  } rows[] = {{"a.wav", "", "a", "/w/d/a.wav"},
              {"x/a.b.wav", "x/", "a.b", "/w/d/x/a.b.wav"},
              {"/x/a", "/x/", "a", "/x/a"},
              {"./x//../a.wav", "./x//../", "a", "/w/d/a.wav"},
              {"../../../a.wav", "../../../", "a", "/a.wav"},
              {"x/.hidden", "x/", ".hidden", "/w/d/x/.hidden"},
              {"/", "/", "", ""},
              {"..", "", ".", "/w"}};
  kj__arena *arena = kj__arena_create();
  assert_non_null(arena);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    assert_string_equal(kj__path_folder(arena, rows[i].path), rows[i].folder);
    assert_string_equal(kj__path_stem(arena, rows[i].path), rows[i].stem);
    assert_string_equal(kj__path_absolute(arena, "/w/d", rows[i].path),
                        rows[i].absolute);
  }
  assert_string_equal(kj__path_in(arena, "x/", "a"), "x/a");
  assert_string_equal(kj__path_in(arena, "x/", "/a"), "/a");
  assert_true(kj__path_ends("x/A.CSV", ".csv"));
  assert_false(kj__path_ends("x/csv", ".csv"));
  kj__arena_destroy(arena);
}

static void an_index_keeps_the_first(void **state)
{
  (void)state;
  enum { N = 5000 };
  static char key[N][16];
  kj__index index = {0};
  size_t existing;
  assert_true(kj__index_find(&index, "k0") == KJ__NONE);
  for (size_t i = 0; i < N; i++) {
    snprintf(key[i], sizeof key[i], "k%zu", i);
    assert_true(kj__index_add(&index, key[i], i, &existing));
    assert_true(existing == KJ__NONE);
  }
  assert_true(kj__index_add(&index, "k17", 99, &existing));
  assert_int_equal(existing, 17);
  for (size_t i = 0; i < N; i++)
    if (kj__index_find(&index, key[i]) != i)
      fail_msg("%s is found at %zu", key[i], kj__index_find(&index, key[i]));
  assert_true(kj__index_find(&index, "k5000") == KJ__NONE);
  assert_int_equal(index.n, N);
  kj__index_clear(&index);
}

static void the_nearest_names(void **state)
{
  (void)state;
  const char *const names[] = {"file",          "arousal_0_100", "valence_sd",
                               "valence_0_100", "valance",       "x"};
  char text[64];
  kj__nearest(text, sizeof text, "valence", NULL, names, 6);
  assert_string_equal(text, "valence_sd, valence_0_100, valance");
  kj__nearest(text, sizeof text, "activation", "arousal", names, 6);
  assert_memory_equal(text, "arousal_0_100, ", 15);
  kj__nearest(text, sizeof text, "valence", NULL, names, 1);
  assert_string_equal(text, "file");
  kj__nearest(text, sizeof text, "valence", NULL, names, 0);
  assert_string_equal(text, "none");
  kj__nearest(text, 12, "valence", NULL, names, 6);
  assert_string_equal(text, "valence_sd,");
}

static void an_arena_gives_what_is_asked(void **state)
{
  (void)state;
  kj__arena *arena = kj__arena_create();
  assert_non_null(arena);
  for (size_t i = 1; i < 3000; i += 7) {
    assert_non_null(kj__arena_text(arena, "odd"));
    const unsigned char *taken = kj__arena_take(arena, i, 40);
    assert_int_equal((uintptr_t)taken % alignof(max_align_t), 0);
    for (size_t k = 0; k < 40 * i; k++)
      assert_int_equal(taken[k], 0);
  }
  assert_non_null(kj__arena_take(arena, 10, 1000000));
  assert_null(kj__arena_take(arena, SIZE_MAX / 2, 3));
  assert_null(kj__arena_take(arena, SIZE_MAX - 8, 1));
  assert_string_equal(kj__arena_joined(arena, "a/", "b"), "a/b");
  assert_string_equal(kj__arena_text(arena, ""), "");
  kj__arena_destroy(arena);
  kj__arena_destroy(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(utf8_as_the_standard_has_it),
      cmocka_unit_test(texts_are_cut_between_characters),
      cmocka_unit_test(names_of_files),
      cmocka_unit_test(an_index_keeps_the_first),
      cmocka_unit_test(the_nearest_names),
      cmocka_unit_test(an_arena_gives_what_is_asked)};
  return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
