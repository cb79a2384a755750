/*
 * test_locale.c: where the decimal point is a comma, files and cards have the
 * same bytes, and are read the same.
 *
 * The locale is made here, from the C.utf8 of this system, so that the test
 * does not depend on which are installed.
 */
#include "model/support.h"

#include <locale.h>

/* A copy of C.utf8's LC_NUMERIC with "," as its decimal point, which is the
 * first "." of its strings. False where there is no such file. */
static bool make_comma_locale(const folder *f)
{
  static const char *const from = "/usr/lib/locale/C.utf8/LC_NUMERIC";
  if (access(from, R_OK) != 0)
    return false;
  const blob b = read_blob(from);
  uint8_t *point = memchr(b.data, '.', b.size);
  if (point)
    *point = ',';
  assert_int_equal(mkdir(in_folder(f, "comma").path, 0700), 0);
  write_blob(in_folder(f, "comma/LC_NUMERIC").path, &b);
  free(b.data);
  setenv("LOCPATH", f->path, 1);
  return setlocale(LC_NUMERIC, "comma") != NULL;
}

static char *card_text(const blob *b, double *value)
{
  kj_model *model = NULL;
  char *text = NULL;
  kj_error err;
  if (kj_model_parse(b->data, b->size, "m", &model, &err) != KJ_OK)
    fail_msg("kj_model_parse: %s", err.message);
  assert_int_equal(kj_model_card_markdown(model, &text, NULL), KJ_OK);
  *value =
      (double)kj_estimator_get_parts(kj_model_estimator(model))->scaler.clip;
  kj_model_destroy(model);
  return text;
}

static void remove_comma_locale(const folder *f)
{
  setlocale(LC_NUMERIC, "C");
  unlink(in_folder(f, "comma/LC_NUMERIC").path);
  rmdir(in_folder(f, "comma").path);
  remove_folder(f, (const char *const[]){NULL});
}

static void test_comma(void **state)
{
  (void)state;
  const folder f = new_folder();
  double clip, clip_with_comma;
  const blob b = sample_blob(51);
  char *text = card_text(&b, &clip);
  const bool is_made = make_comma_locale(&f);
  char probe[8];
  snprintf(probe, sizeof probe, "%.1f", 0.5);
  const blob b_with_comma = sample_blob(51);
  char *text_with_comma = card_text(&b, &clip_with_comma);
  remove_comma_locale(&f);
  assert_true(same_blobs(&b, &b_with_comma));
  assert_string_equal(text, text_with_comma);
  assert_same_values("clip", &clip_with_comma, &clip, 1);
  free(text_with_comma);
  free(text);
  free(b_with_comma.data);
  free(b.data);
  if (!is_made || strcmp(probe, "0,5") != 0) {
    print_message("skipped: no locale with a decimal comma can be made\n");
    skip();
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_comma)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
