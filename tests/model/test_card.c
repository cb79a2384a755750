/*
 * test_card.c: the model card as it should read, and strangers' texts in it.
 */
#include "model/support.h"

static char *card_of(const blob *b)
{
  kj_model *model = NULL;
  char *text = NULL;
  kj_error err;
  if (kj_model_parse(b->data, b->size, "m", &model, &err) != KJ_OK)
    fail_msg("kj_model_parse: %s", err.message);
  if (kj_model_card_markdown(model, &text, &err) != KJ_OK)
    fail_msg("kj_model_card_markdown: %s", err.message);
  kj_model_destroy(model);
  return text;
}

static void assert_says(const char *text, const char *part)
{
  if (!strstr(text, part))
    fail_msg("the card does not say\n%s\nbut is\n%s", part, text);
}

/* Every section, in order, of the sample. */
static void test_sections(void **state)
{
  (void)state;
  static const char *const parts[] = {
      "# Kanjo model: valence, activation and dominance\n\n"
      "A model of nothing (感情).\n\n",
      "## Intended use\n\nTesting.\nNothing else.\n\n",
      "## Licence\n\nCC0-1.0\n\n",
      "| target | network | slope | offset |\n|---|---|---|---|\n"
      "| valence | 0 | 1.25 | -0.5 |\n"
      "| activation | 1 | 1 | 0 |\n"
      "| dominance | 1 | 0.1 | 0.333333 |\n",
      "* Features: set sample, version 1, 7 columns (pitch to a\"b\\c,).\n"
      "* Sound: resampled to 16000 Hz, the mean of all channels.\n",
      "clipped to plus or minus 2.5 standard deviations.\n"
      "* Unused: 1 of 7 columns, constant in the training rows.\n",
      "Method: network. Weights: fp32.\n",
      "| 0 | valence | 7-5-1 | relu | 46 |\n"
      "| 1 | activation, dominance | 7-4-3-2 | linear | 55 |\n",
      "| what | value |\n|---|---|\n| method | network |\n"
      "| smoothing | vat |\n| lambda | 1.5 |\n| seed | 12345678901234 |\n"
      "| speakers | 03, 08 |\n| undefined | - |\n"
      "| networks.0.first_target | valence |\n"
      "| networks.0.chosen_epoch | 2 |\n"
      "| networks.1.first_target | activation |\n"
      "| networks.1.training_rows | 30 |\n",
      "## History\n\n"
      "| | target | epoch | mae | validation_mae |\n|---|---|---|---|---|\n"
      "| first | valence | 1 | 0.5 | 0.4 |\n"
      "| chosen | valence | 2 | 0.4 | 0.35 |\n"
      "| last | valence | 3 | 0.3 | 0.34 |\n\n",
      "| first | activation | 1 | 0.75 | - |\n"
      "| chosen | activation | 2 | 0.25 | - |\n"
      "| last | activation | 3 | 0.625 | - |\n",
      "## What it is not\n\n",
      "not what the speaker feels.\n",
      "Model file format 1, written by Kanjo ",
  };
  const blob b = sample_blob(41);
  char *text = card_of(&b);
  const char *at = text;
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
    assert_says(at, parts[i]);
    at = strstr(at, parts[i]);
  }
  assert_null(strstr(text, "Not calibrated"));
  free(text);
  free(b.data);
}

/* Change one metadata field; the card of that model. */
static char *card_with(const blob *b, const char *key, const char *value)
{
  const opened o = open_blob(b);
  json_object_set_new(json_object_get(o.header, "__metadata__"), key,
                      json_string(value));
  const blob altered = close_blob(&o);
  char *text = card_of(&altered);
  free(altered.data);
  json_decref(o.header);
  return text;
}

static void test_variants(void **state)
{
  (void)state;
  static const struct {
    const char *key, *value, *says;
  } rows[] = {
      {"description", "", "\n\nNot stated.\n\n## Intended use"},
      {"licence", "", "## Licence\n\nNot stated.\n"},
      {"feature_set", "table", "c,).\n* Standardisation"},
      {"rate_hz", "0", "* Sound: at its own sampling rate, the mean"},
      {"channel", "1", "16000 Hz, channel 1 (0 is left).\n"},
      {"normalisation", "speaker", "standard deviation of its own speaker"},
      {"normalisation", "corpus", "standard deviation of its own corpus"},
      {"training", "{}", "## Training\n\nNot recorded.\n"},
      {"history", "[]", "| networks.1.training_rows | 30 |\n\n## What it is"},
      {"history", "[{\"mae\":1},{\"mae\":0.5},{\"mae\":2}]",
       "| | mae |\n|---|---|\n| first | 1 |\n| chosen | 0.5 |\n| last | 2 |\n"},
      {"history", "[{\"loss\":1e-5}]",
       "| | loss |\n|---|---|\n| first | 1e-5 |\n| last | 1e-5 |\n"},
      {"history", "[{}]", "| |\n|---|\n| first |\n| last |\n"},
      {"training", "{\"a|b\":{\"c\":[[1,2],[]]}}",
       "| a\\|b.c.0 | 1, 2 |\n| a\\|b.c.1 |  |\n"},
  };
  const blob b = sample_blob(42);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char *text = card_with(&b, rows[i].key, rows[i].value);
    assert_says(text, rows[i].says);
    free(text);
  }
  free(b.data);
}

/* No control character of a stranger's reaches the terminal. */
static void test_control_characters(void **state)
{
  (void)state;
  static const char evil[] = "a\x1b[31m\x07\r\x7f\xc2\x9b b\nc";
  const blob b = sample_blob(43);
  char *text = card_with(&b, "description", evil);
  assert_says(text, "a[31m b\nc\n");
  free(text);
  text = card_with(&b, "targets", "[\"a\",\"b|c\",\"d\\u009b\"]");
  assert_says(text, "| b\\|c | 1 |");
  assert_says(text, "| d  | 1 |");
  free(text);
  text = card_with(&b, "training", "{\"k\\u001b\":\"v\\n\\u001bw|\"}");
  assert_says(text, "| k  | v  w\\| |\n");
  for (const char *c = text; *c; c++)
    if ((unsigned char)*c < 0x20 && *c != '\n')
      fail_msg("control character 0x%02x at byte %td", *c, c - text);
  free(text);
  free(b.data);
}

static void test_long_list(void **state)
{
  (void)state;
  const blob b = sample_blob(44);
  char record[1024] = "{\"speakers\":[0";
  for (int i = 1; i < 100; i++)
    sprintf(record + strlen(record), ",%d", i);
  strcat(record, "]}");
  char *text = card_with(&b, "training", record);
  assert_says(text, ", 38, 39, ... (100) |\n");
  free(text);
  free(b.data);
}

static void test_not_calibrated(void **state)
{
  (void)state;
  sample s;
  sample_init(&s, 45);
  for (size_t k = 0; k < SAMPLE_TARGETS; k++) {
    s.parts.slope[k] = 1.0;
    s.parts.offset[k] = 0.0;
  }
  const folder f = new_folder();
  const file_name file = in_folder(&f, "a");
  const kj_model_card card = sample_card();
  kj_estimator *estimator = new_estimator(&s.parts);
  assert_int_equal(kj_model_write(file.path, estimator, &card, NULL), KJ_OK);
  const blob b = read_blob(file.path);
  char *text = card_of(&b);
  assert_says(text, "* Not calibrated: slopes are 1 and offsets 0");
  free(text);
  free(b.data);
  kj_estimator_destroy(estimator);
  sample_clear(&s);
  remove_folder(&f, (const char *const[]){"a", NULL});
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sections),
      cmocka_unit_test(test_variants),
      cmocka_unit_test(test_control_characters),
      cmocka_unit_test(test_long_list),
      cmocka_unit_test(test_not_calibrated),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
