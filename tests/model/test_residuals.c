/*
 * test_residuals.c: quantiles of residuals through a model file, the file
 * without them, and files that say them wrong.
 */
#include "model/support.h"

static blob write_sure(bool is_known)
{
  const folder f = new_folder();
  const file_name file = in_folder(&f, "sure");
  sample s;
  sample_init(&s, 5);
  s.parts.residuals[1] =
      (kj_residuals){.n_residuals = is_known ? 30 : 0, .n_speakers = 3};
  for (size_t q = 0; q < KJ_RESIDUAL_LEVELS; q++)
    s.parts.residuals[1].quantile[q] = (double)q / 64.0;
  kj_estimator *estimator = new_estimator(&s.parts);
  const kj_model_card card = sample_card();
  assert_int_equal(kj_model_write(file.path, estimator, &card, NULL), KJ_OK);
  const blob b = read_blob(file.path);
  kj_estimator_destroy(estimator);
  sample_clear(&s);
  remove_folder(&f, (const char *const[]){"sure", NULL});
  return b;
}

static void file_gives_them_back(void **state)
{
  (void)state;
  const blob b = write_sure(true);
  kj_model *model = NULL;
  char *card = NULL;
  assert_int_equal(kj_model_parse(b.data, b.size, "m", &model, NULL), KJ_OK);
  const kj_estimator_parts *parts =
      kj_estimator_get_parts(kj_model_estimator(model));
  assert_int_equal(parts->residuals[0].n_residuals, 0);
  assert_int_equal(parts->residuals[1].n_residuals, 30);
  assert_int_equal(parts->residuals[1].n_speakers, 3);
  for (size_t q = 0; q < KJ_RESIDUAL_LEVELS; q++)
    assert_true(parts->residuals[1].quantile[q] == (double)q / 64.0);
  assert_int_equal(kj_model_card_markdown(model, &card, NULL), KJ_OK);
  assert_non_null(strstr(card, "| activation | 0.8125 |"));
  free(card);
  kj_model_destroy(model);
  free(b.data);
}

/* A model that knows none is the file that it always was. */
static void nothing_known_leaves_no_trace(void **state)
{
  (void)state;
  const blob b = write_sure(false), plain = sample_blob(5);
  assert_true(same_blobs(&b, &plain));
  free(plain.data);
  free(b.data);
}

static void wrong_ones_are_refused(void **state)
{
  (void)state;
  static const struct {
    const char *text, *says;
  } rows[] = {
      {"7", "residuals"},
      {"[null, null]", "must be an array of 3 items"},
      {"[null, 1, null]", "item 1: must be null, or an object"},
      {"[{\"residuals\":0,\"speakers\":1,\"quantiles\":[]},null,null]",
       "item 0: must be null, or an object"},
      {"[{\"residuals\":3,\"speakers\":1,\"quantiles\":[1]},null,null]",
       "must be an array of 101 numbers"},
  };
  const blob b = write_sure(true);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    opened o = open_blob(&b);
    json_object_set_new(json_object_get(o.header, "__metadata__"), "residuals",
                        json_string(rows[i].text));
    const blob altered = close_blob(&o);
    assert_refused(rows[i].text, &altered, rows[i].says);
    json_decref(o.header);
    free(altered.data);
  }
  free(b.data);
}

static void falling_quantiles_are_refused(void **state)
{
  (void)state;
  const blob b = write_sure(true);
  opened o = open_blob(&b);
  json_t *metadata = json_object_get(o.header, "__metadata__");
  char *text =
      strdup(json_string_value(json_object_get(metadata, "residuals")));
  char *at = strstr(text, ",1.5,");
  assert_non_null(at);
  at[1] = '9';
  json_object_set_new(metadata, "residuals", json_string(text));
  const blob altered = close_blob(&o);
  assert_refused("9.5 before 1.51", &altered,
                 "must be finite and at least 9.5");
  json_decref(o.header);
  free(altered.data);
  free(text);
  free(b.data);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(file_gives_them_back),
      cmocka_unit_test(nothing_known_leaves_no_trace),
      cmocka_unit_test(wrong_ones_are_refused),
      cmocka_unit_test(falling_quantiles_are_refused),
  };
  return cmocka_run_group_tests_name("model residuals", tests, NULL, NULL);
}
