/*
 * test_model.c: an estimator and its card go into a file and come back bit for
 * bit; the file is the same every time; what cannot be a model is not written.
 */
#include "model/support.h"

#include "kanjo/features.h"

enum { N_ROWS = 50 };

static kj_model *read_model(const char *path)
{
  kj_model *model = NULL;
  kj_error err;
  if (kj_model_read(path, &model, &err) != KJ_OK)
    fail_msg("kj_model_read: %s", err.message);
  return model;
}

static void write_model(const char *path, const kj_estimator *estimator,
                        const kj_model_card *card)
{
  kj_error err;
  if (kj_model_write(path, estimator, card, &err) != KJ_OK)
    fail_msg("kj_model_write: %s", err.message);
}

static void assert_same_parts(const kj_estimator_parts *got,
                              const kj_estimator_parts *expected)
{
  assert_int_equal(got->n_targets, expected->n_targets);
  assert_memory_equal(got->target, expected->target, sizeof got->target);
  assert_int_equal(got->normalisation, expected->normalisation);
  assert_int_equal(got->scaler.n, expected->scaler.n);
  assert_memory_equal(&got->scaler.clip, &expected->scaler.clip, sizeof(float));
  assert_memory_equal(got->slope, expected->slope, sizeof got->slope);
  assert_memory_equal(got->offset, expected->offset, sizeof got->offset);
  assert_same("scaler.mean", got->scaler.mean, expected->scaler.mean,
              got->scaler.n);
  assert_same("scaler.inverse_sd", got->scaler.inverse_sd,
              expected->scaler.inverse_sd, got->scaler.n);
  assert_int_equal(got->n_parts, expected->n_parts);
  for (size_t p = 0; p < got->n_parts; p++) {
    const kj_network *a = got->part[p].network, *b = expected->part[p].network;
    assert_int_equal(got->part[p].first_target, expected->part[p].first_target);
    assert_int_equal(a->shape.n_layers, b->shape.n_layers);
    assert_int_equal(a->shape.output, b->shape.output);
    assert_int_equal(a->n_parameters, b->n_parameters);
    assert_same("parameters", a->parameters, b->parameters, a->n_parameters);
  }
}

static void assert_same_cards(const kj_model_card *got,
                              const kj_model_card *expected)
{
  assert_string_equal(got->feature_set, expected->feature_set);
  assert_int_equal(got->feature_set_version, expected->feature_set_version);
  assert_int_equal(got->n_columns, expected->n_columns);
  for (size_t j = 0; j < got->n_columns; j++)
    assert_string_equal(got->column[j], expected->column[j]);
  assert_int_equal(got->rate_hz, expected->rate_hz);
  assert_int_equal(got->channel, expected->channel);
  assert_string_equal(got->method, expected->method);
  assert_string_equal(got->licence, expected->licence);
  assert_string_equal(got->intended_use, expected->intended_use);
  assert_string_equal(got->description, expected->description);
  assert_string_equal(got->training_json, expected->training_json);
  assert_string_equal(got->history_json, expected->history_json);
}

/* ---- there and back ---- */

static void test_round_trip(void **state)
{
  (void)state;
  const folder f = new_folder();
  const file_name file = in_folder(&f, "a"), again = in_folder(&f, "b");
  sample s;
  sample_init(&s, 21);
  s.parts.scaler.clip = 9.8765432f; /* every digit counts */
  s.parts.slope[0] = 1.0 + 2.220446049250313e-16;
  s.parts.offset[1] = 5e-324;
  kj_estimator *estimator = new_estimator(&s.parts);
  const kj_model_card card = sample_card();
  write_model(file.path, estimator, &card);
  kj_model *model = read_model(file.path);
  assert_same_parts(kj_estimator_get_parts(kj_model_estimator(model)),
                    kj_estimator_get_parts(estimator));
  assert_same_cards(kj_model_get_card(model), &card);
  assert_string_equal(kj_model_kanjo_version(model), KANJO_VERSION);

  kj__random random = test_stream(21, 1);
  float *x = draw_new(&random, 0.0, 3.0, N_ROWS * SAMPLE_INPUTS);
  double before[N_ROWS * SAMPLE_TARGETS], after[N_ROWS * SAMPLE_TARGETS];
  estimate(estimator, 8, x, N_ROWS, 0, before);
  estimate(kj_model_estimator(model), 8, x, N_ROWS, 0, after);
  assert_same_values("estimates", after, before, N_ROWS * SAMPLE_TARGETS);

  write_model(again.path, kj_model_estimator(model), kj_model_get_card(model));
  const blob first = read_blob(file.path), second = read_blob(again.path);
  assert_true(same_blobs(&first, &second));
  free(first.data);
  free(second.data);
  free(x);
  kj_model_destroy(model);
  kj_estimator_destroy(estimator);
  sample_clear(&s);
  remove_folder(&f, (const char *const[]){"a", "b", NULL});
}

static void test_each_normalisation_and_channel(void **state)
{
  (void)state;
  const folder f = new_folder();
  const file_name file = in_folder(&f, "a");
  sample s;
  sample_init(&s, 22);
  for (int i = 0; i <= KJ_NORMALISE_SPEAKER; i++) {
    kj_model_card card = sample_card();
    s.parts.normalisation = (kj_normalisation)i;
    card.channel = i;
    card.rate_hz = i == 0 ? 0 : 8000;
    card.method = (const char *const[]){"network", "ridge", "constant"}[i];
    card.training_json = card.history_json = card.licence = NULL;
    card.intended_use = card.description = NULL;
    kj_estimator *estimator = new_estimator(&s.parts);
    write_model(file.path, estimator, &card);
    kj_model *model = read_model(file.path);
    card.training_json = "{}";
    card.history_json = "[]";
    card.licence = card.intended_use = card.description = "";
    assert_same_parts(kj_estimator_get_parts(kj_model_estimator(model)),
                      kj_estimator_get_parts(estimator));
    assert_same_cards(kj_model_get_card(model), &card);
    kj_model_destroy(model);
    kj_estimator_destroy(estimator);
  }
  sample_clear(&s);
  remove_folder(&f, (const char *const[]){"a", NULL});
}

/* The metadata that the header of model.h promises, and strings all. */
static void test_keys(void **state)
{
  (void)state;
  static const char *const keys[] = {"format",
                                     "format_version",
                                     "kanjo_version",
                                     "feature_set",
                                     "feature_set_version",
                                     "columns",
                                     "rate_hz",
                                     "channel",
                                     "targets",
                                     "rating_scale",
                                     "networks",
                                     "normalisation",
                                     "scaler_clip",
                                     "method",
                                     "licence",
                                     "intended_use",
                                     "description",
                                     "training",
                                     "history"};
  const blob b = sample_blob(23);
  assert_int_equal((8 + b.data[8 - 8] + 256 * b.data[1]) % 8, 0);
  const opened o = open_blob(&b);
  json_t *metadata = json_object_get(o.header, "__metadata__");
  const size_t n_keys = sizeof keys / sizeof keys[0];
  assert_int_equal(json_object_size(metadata), n_keys);
  for (size_t i = 0; i < n_keys; i++)
    if (!json_is_string(json_object_get(metadata, keys[i])))
      fail_msg("metadata: %s is no string", keys[i]);
  assert_string_equal(
      json_string_value(json_object_get(metadata, "networks")),
      "[{\"widths\":[7,5,1],\"output\":\"relu\",\"first_target\":0},"
      "{\"widths\":[7,4,3,2],\"output\":\"linear\",\"first_target\":1}]");
  assert_string_equal(json_string_value(json_object_get(metadata, "targets")),
                      "[\"valence\",\"activation\",\"dominance\"]");
  json_decref(o.header);
  free(b.data);
}

/* ---- what is not written ---- */

static void spoil_card(kj_model_card *card, size_t i)
{
  static const char *const two[2] = {"a", "a"};
  switch (i) {
  case 0:
    card->feature_set = NULL;
    break;
  case 1:
    card->feature_set_version = 0;
    break;
  case 2:
    card->n_columns = 0;
    break;
  case 3:
    card->n_columns = SAMPLE_INPUTS - 1;
    break;
  case 4:
    card->column = two;
    card->n_columns = 2;
    break;
  case 5:
    card->channel = -2;
    break;
  case 6:
    card->rate_hz = 768001;
    break;
  case 7:
    card->method = "magic";
    break;
  case 8:
    card->description = "\xff";
    break;
  case 9:
    card->training_json = "[]";
    break;
  case 10:
    card->history_json = "[1]";
    break;
  default:
    card->feature_set = "is09";
    break;
  }
}

static void test_cards_not_allowed(void **state)
{
  (void)state;
  static const char *const says[] = {
      "feature_set: is \"\"",
      "feature_set_version: is \"0\"",
      "columns: is \"[]\"; must be a JSON array of 1..65536 items",
      "shape is [7]; must be [6]",
      "columns: two are called \"a\"",
      "channel: is \"-2\"; must be mix or 0..255",
      "rate_hz: is \"768001\"; must be 0..768000",
      "method: is \"magic\"; must be network, ridge or constant",
      "description: not UTF-8",
      "training: is \"[]\"; must be a JSON object",
      "history: is \"[1]\"; must be a JSON array of objects",
      "columns are 7; feature set is09 has 384"};
  const folder f = new_folder();
  const file_name file = in_folder(&f, "a");
  kj_estimator *estimator = sample_estimator(24);
  for (size_t i = 0; i < sizeof says / sizeof says[0]; i++) {
    kj_model_card card = sample_card();
    spoil_card(&card, i);
    kj_error err = {.status = KJ_OK};
    const kj_status status = kj_model_write(file.path, estimator, &card, &err);
    assert_error("card", status, &err, KJ_EARGUMENT, says[i]);
    if (access(file.path, F_OK) == 0)
      fail_msg("%s: a file was made all the same", says[i]);
  }
  kj_estimator_destroy(estimator);
  remove_folder(&f, (const char *const[]){NULL});
}

static void test_weight_not_finite(void **state)
{
  (void)state;
  const folder f = new_folder();
  const file_name file = in_folder(&f, "a");
  const kj_model_card card = sample_card();
  const blob old = {(uint8_t[]){"old"}, 3};
  write_blob(file.path, &old);
  sample s;
  sample_init(&s, 25);
  kj_network_weights(s.network[1], 1)[5] = NAN;
  kj_estimator *estimator = new_estimator(&s.parts);
  kj_error err;
  const kj_status status = kj_model_write(file.path, estimator, &card, &err);
  assert_error("NaN", status, &err, KJ_EARGUMENT,
               "network1.layer1.weight: value 5 is nan; must be finite");
  const blob now = read_blob(file.path);
  assert_true(same_blobs(&now, &old));
  free(now.data);
  kj_estimator_destroy(estimator);
  sample_clear(&s);
  remove_folder(&f, (const char *const[]){"a", NULL});
}

static void test_files(void **state)
{
  (void)state;
  const folder f = new_folder();
  const file_name none = in_folder(&f, "none/model");
  kj_estimator *estimator = sample_estimator(26);
  const kj_model_card card = sample_card();
  kj_model *model = NULL;
  kj_error err;
  kj_status status = kj_model_write(none.path, estimator, &card, &err);
  assert_error("write", status, &err, KJ_EFILE, none.path);
  status = kj_model_read(none.path, &model, &err);
  assert_error("read", status, &err, KJ_EFILE, none.path);
  status = kj_model_read(f.path, &model, &err);
  assert_error("folder", status, &err, KJ_EFILE, f.path);
  assert_null(model);
  kj_model_destroy(NULL);
  kj_estimator_destroy(estimator);
  remove_folder(&f, (const char *const[]){NULL});
}

/* ---- a known feature set ---- */

/* 384-1 by the set's own names; with two of them exchanged it is refused. */
static void test_columns_of_is09(void **state)
{
  (void)state;
  enum { N = 384 };
  const kj_feature_set *set = kj_feature_set_find("is09");
  static char names[N][KJ_FEATURE_NAME_SIZE];
  const char *column[N];
  float mean[N] = {0}, inverse_sd[N] = {0};
  for (size_t j = 0; j < N; j++) {
    kj_feature_set_column(set, KJ_LEVEL_FUNCTIONALS, j, names[j], NULL);
    column[j] = names[j];
  }
  kj__random random = test_stream(27, 0);
  kj_network *net = random_network(
      &(const kj_network_shape){.n_layers = 1, .width = {N, 1}}, &random);
  const kj_estimator_parts parts = {
      .n_targets = 1,
      .target = {"valence"},
      .scaler = {N, mean, inverse_sd, KJ_SCALER_CLIP},
      .n_parts = 1,
      .part = {{.network = net}},
      .slope = {1.0}};
  kj_estimator *estimator = new_estimator(&parts);
  kj_model_card card = sample_card();
  card.feature_set = "is09";
  card.feature_set_version = set->version;
  card.column = column;
  card.n_columns = N;
  const folder f = new_folder();
  const file_name file = in_folder(&f, "a");
  write_model(file.path, estimator, &card);
  kj_model *model = read_model(file.path);
  const kj_feature_set *found = NULL;
  assert_int_equal(kj_model_find_set(model, &found, NULL), KJ_OK);
  assert_ptr_equal(found, set);
  kj_model_destroy(model);
  column[100] = names[101];
  column[101] = names[100];
  kj_error err;
  kj_status status = kj_model_write(file.path, estimator, &card, &err);
  assert_error("exchanged", status, &err, KJ_EARGUMENT, "column 100 is");
  card.feature_set_version =
      set->version + 1; /* its columns: not ours to judge */
  write_model(file.path, estimator, &card);
  model = read_model(file.path);
  found = NULL;
  status = kj_model_find_set(model, &found, &err);
  assert_error(
      "version", status, &err, KJ_EMODEL,
      "metadata: feature_set_version: is \"2\"; must be 1, the version "
      "of is09");
  assert_null(found);
  kj_model_destroy(model);
  kj_estimator_destroy(estimator);
  kj_network_destroy(net);
  remove_folder(&f, (const char *const[]){"a", NULL});
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_round_trip),
      cmocka_unit_test(test_each_normalisation_and_channel),
      cmocka_unit_test(test_keys),
      cmocka_unit_test(test_cards_not_allowed),
      cmocka_unit_test(test_weight_not_finite),
      cmocka_unit_test(test_files),
      cmocka_unit_test(test_columns_of_is09),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
