/*
 * test_novelty.c: what is known of novelty through a model file, and files
 * that say it wrong.
 */
#include "model/support.h"

enum { N_FACTOR = SAMPLE_INPUTS * (SAMPLE_INPUTS + 1) / 2 };

static blob write_novelty(float *centre, float *factor)
{
  const folder f = new_folder();
  const file_name file = in_folder(&f, "novelty");
  sample s;
  sample_init(&s, 5);
  for (size_t i = 0; i < N_FACTOR; i++)
    factor[i] = 0.25f + (float)i / 3.0f;
  for (size_t j = 0; j < SAMPLE_INPUTS; j++)
    centre[j] = (float)j / 7.0f;
  s.parts.novelty = (kj_novelty){.n_rows = 40,
                                 .n_speakers = 4,
                                 .centre = centre,
                                 .factor = factor,
                                 .threshold = 4.0 / 3.0,
                                 .false_alarms = 0.05};
  kj_estimator *estimator = new_estimator(&s.parts);
  const kj_model_card card = sample_card();
  assert_int_equal(kj_model_write(file.path, estimator, &card, NULL), KJ_OK);
  const blob b = read_blob(file.path);
  kj_estimator_destroy(estimator);
  sample_clear(&s);
  remove_folder(&f, (const char *const[]){"novelty", NULL});
  return b;
}

static void file_gives_it_back(void **state)
{
  (void)state;
  float centre[SAMPLE_INPUTS], factor[N_FACTOR];
  const blob b = write_novelty(centre, factor);
  kj_model *model = NULL;
  assert_int_equal(kj_model_parse(b.data, b.size, "m", &model, NULL), KJ_OK);
  const kj_novelty *novelty =
      &kj_estimator_get_parts(kj_model_estimator(model))->novelty;
  assert_int_equal(novelty->n_rows, 40);
  assert_int_equal(novelty->n_speakers, 4);
  assert_true(novelty->threshold == 4.0 / 3.0);
  assert_true(novelty->false_alarms == 0.05);
  assert_memory_equal(novelty->centre, centre, sizeof centre);
  assert_memory_equal(novelty->factor, factor, sizeof factor);
  kj_model_destroy(model);
  free(b.data);
}

static void every_prefix_is_refused(void **state)
{
  (void)state;
  float centre[SAMPLE_INPUTS], factor[N_FACTOR];
  const blob b = write_novelty(centre, factor);
  for (size_t n = 0; n < b.size; n++) {
    blob part = {malloc(n > 0 ? n : 1), n};
    memcpy(part.data, b.data, n);
    kj_model *model = NULL;
    if (kj_model_parse(part.data, n, "cut", &model, NULL) != KJ_EMODEL)
      fail_msg("the first %zu of %zu bytes were accepted", n, b.size);
    free(part.data);
  }
  free(b.data);
}

static void wrong_ones_are_refused(void **state)
{
  (void)state;
  static const struct {
    const char *text; /* NULL: the field is not there, but its tensors are */
    const char *says;
  } rows[] = {
      {NULL, "novelty"},
      {"[]", "must be an object"},
      {"{\"rows\":40}", "must be an object"},
      {"{\"rows\":0,\"speakers\":1,\"threshold\":1,\"false_alarms\":0.1}",
       "must be an object"},
      {"{\"rows\":40,\"speakers\":41,\"threshold\":1,\"false_alarms\":0.1}",
       "must be 1..40"},
      {"{\"rows\":40,\"speakers\":4,\"threshold\":-1,\"false_alarms\":0.1}",
       "threshold is -1"},
      {"{\"rows\":40,\"speakers\":4,\"threshold\":1,\"false_alarms\":\"a\"}",
       "false_alarms is 0"},
  };
  float centre[SAMPLE_INPUTS], factor[N_FACTOR];
  const blob b = write_novelty(centre, factor);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    opened o = open_blob(&b);
    json_t *metadata = json_object_get(o.header, "__metadata__");
    if (rows[i].text)
      json_object_set_new(metadata, "novelty", json_string(rows[i].text));
    else
      json_object_del(metadata, "novelty");
    const blob altered = close_blob(&o);
    assert_refused(rows[i].text ? rows[i].text : "no field", &altered,
                   rows[i].says);
    json_decref(o.header);
    free(altered.data);
  }
  free(b.data);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(file_gives_it_back),
      cmocka_unit_test(every_prefix_is_refused),
      cmocka_unit_test(wrong_ones_are_refused),
  };
  return cmocka_run_group_tests_name("model novelty", tests, NULL, NULL);
}
