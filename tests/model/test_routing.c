/*
 * test_routing.c: models inside a model: there and back, and what is refused.
 */
#include "model/support.h"

#include "estimator/routed.h"

static const char *const INFORMED_COLUMNS[SAMPLE_INPUTS + 1] = {
    "pitch",  "loudness", "rate",     "constant",
    "jitter", "Höhe",     "a\"b\\c,", KJ_SPONTANEOUS};

typedef struct cards {
  kj_model_card whole, component[KJ_N_COMPONENTS];
} cards;

static void make_cards(cards *c)
{
  c->whole = sample_card();
  for (size_t i = 0; i < KJ_N_COMPONENTS; i++) {
    c->component[i] = sample_card();
    c->component[i].description = kj_component_name((kj_component)i);
    c->whole.component[i] = &c->component[i];
  }
  c->component[KJ_COMPONENT_INFORMED].column = INFORMED_COLUMNS;
  c->component[KJ_COMPONENT_INFORMED].n_columns = SAMPLE_INPUTS + 1;
}

static kj_status write_routed(const char *path, const cards *c, uint64_t seed,
                              kj_error *err)
{
  kj_estimator *estimator = routed_estimator(seed, KJ_ROUTE_SOFT);
  const kj_status status = kj_model_write(path, estimator, &c->whole, err);
  kj_estimator_destroy(estimator);
  return status;
}

static blob routed_blob(uint64_t seed)
{
  const folder f = new_folder();
  const file_name file = in_folder(&f, "routed");
  cards c;
  kj_error err;
  make_cards(&c);
  if (write_routed(file.path, &c, seed, &err) != KJ_OK)
    fail_msg("kj_model_write: %s", err.message);
  const blob b = read_blob(file.path);
  remove_folder(&f, (const char *const[]){"routed", NULL});
  return b;
}

static kj_model *parse(const blob *b)
{
  kj_model *model = NULL;
  kj_error err;
  if (kj_model_parse(b->data, b->size, "routed", &model, &err) != KJ_OK)
    fail_msg("%s", err.message);
  return model;
}

static void what_is_read_is_what_was_written(void **state)
{
  (void)state;
  enum { N = 9 };
  const blob b = routed_blob(81);
  kj_model *model = parse(&b);
  const kj_model_card *card = kj_model_get_card(model);
  const kj_estimator *read = kj_model_estimator(model);
  kj_estimator *written = routed_estimator(81, KJ_ROUTE_SOFT);
  float x[N * SAMPLE_INPUTS];
  double before[N * SAMPLE_TARGETS], after[N * SAMPLE_TARGETS];
  for (size_t j = 0; j < N * SAMPLE_INPUTS; j++)
    x[j] = (float)(j % 11) - 5.0f;
  estimate(written, N, x, N, 0, before);
  estimate(read, N, x, N, 0, after);
  assert_memory_equal(before, after, sizeof before);
  for (size_t c = 0; c < KJ_N_COMPONENTS; c++)
    assert_string_equal(card->component[c]->description,
                        kj_component_name((kj_component)c));
  assert_int_equal(kj_estimator_get_parts(read)->routing.route, KJ_ROUTE_SOFT);
  kj_estimator_destroy(written);
  kj_model_destroy(model);
  free(b.data);
}

/* A model that was read is written again, component by component. */
static void written_again_it_has_the_same_bytes(void **state)
{
  (void)state;
  const folder f = new_folder();
  const file_name file = in_folder(&f, "again");
  const blob b = routed_blob(82);
  kj_model *model = parse(&b);
  kj_error err;
  if (kj_model_write(file.path, kj_model_estimator(model),
                     kj_model_get_card(model), &err) != KJ_OK)
    fail_msg("kj_model_write: %s", err.message);
  const blob again = read_blob(file.path);
  assert_true(same_blobs(&b, &again));
  free(again.data);
  free(b.data);
  kj_model_destroy(model);
  remove_folder(&f, (const char *const[]){"again", NULL});
}

static void the_card_tells_of_each(void **state)
{
  (void)state;
  const blob b = routed_blob(83);
  kj_model *model = parse(&b);
  char *text = NULL;
  assert_int_equal(kj_model_card_markdown(model, &text, NULL), KJ_OK);
  assert_non_null(strstr(text, "(route soft)"));
  for (size_t c = 0; c < KJ_N_COMPONENTS; c++) {
    char heading[64];
    snprintf(heading, sizeof heading, "# Component: %s\n",
             kj_component_name((kj_component)c));
    assert_non_null(strstr(text, heading));
  }
  assert_non_null(strstr(text, "The probability that speech is spontaneous"));
  free(text);
  kj_model_destroy(model);
  free(b.data);
}

static void every_prefix_is_refused(void **state)
{
  (void)state;
  const blob b = routed_blob(84);
  for (size_t n = 0; n < b.size; n += 7) {
    blob part = {malloc(n + 1), n};
    memcpy(part.data, b.data, n);
    kj_model *model = NULL;
    if (kj_model_parse(part.data, n, "cut", &model, NULL) != KJ_EMODEL)
      fail_msg("the first %zu of %zu bytes were accepted", n, b.size);
    free(part.data);
  }
  free(b.data);
}

/* One entry of the header changed; NULL: removed. */
static void refuse_tensor(const blob *b, const char *name, json_t *value,
                          const char *says)
{
  const opened o = open_blob(b);
  if (value)
    json_object_set_new(o.header, name, value);
  else
    json_object_del(o.header, name);
  const blob altered = close_blob(&o);
  assert_refused(name, &altered, says);
  free(altered.data);
  json_decref(o.header);
}

static void refuse_route(const blob *b, const char *route, const char *says)
{
  const opened o = open_blob(b);
  json_t *metadata = json_object_get(o.header, "__metadata__");
  if (route)
    json_object_set_new(metadata, "routing", json_string(route));
  else
    json_object_del(metadata, "routing");
  const blob altered = close_blob(&o);
  assert_refused("routing", &altered, says);
  free(altered.data);
  json_decref(o.header);
}

/* A byte inside the tensor of a component, altered. */
static void refuse_byte(const blob *b, const char *name, size_t at,
                        const char *says)
{
  const opened o = open_blob(b);
  const json_t *offsets =
      json_object_get(json_object_get(o.header, name), "data_offsets");
  const size_t begin =
      (size_t)json_integer_value(json_array_get(offsets, 0)) + at;
  o.data.data[begin] ^= 0x40;
  assert_refused(name, b, says);
  o.data.data[begin] ^= 0x40;
  json_decref(o.header);
}

static void what_harms_is_refused(void **state)
{
  (void)state;
  const blob b = routed_blob(85);
  refuse_route(&b, "oracle", "metadata: routing: is \"oracle\"; must be plain");
  refuse_route(&b, "", "metadata: routing: is \"\"");
  refuse_route(&b, NULL, "tensor component.");
  refuse_tensor(&b, "component.gate", NULL, "");
  refuse_tensor(&b, "component.gate",
                json_pack("{s:s, s:[i], s:[i,i]}", "dtype", "U8", "shape", 0,
                          "data_offsets", 0, 0),
                "");
  refuse_byte(&b, "component.gate", 9, "component.gate: ");
  refuse_byte(&b, "component.scripted", 0, "component.scripted: ");
  free(b.data);
}

/* Cards that do not belong together, or are not there. */
static void cards_must_agree(void **state)
{
  (void)state;
  const folder f = new_folder();
  const file_name file = in_folder(&f, "never");
  cards c;
  kj_error err;
  make_cards(&c);
  c.whole.component[KJ_COMPONENT_GATE] = NULL;
  kj_status status = write_routed(file.path, &c, 86, &err);
  assert_error("card", status, &err, KJ_EARGUMENT,
               "component.gate has no card");
  make_cards(&c);
  c.component[KJ_COMPONENT_GATE].rate_hz = 8000;
  status = write_routed(file.path, &c, 86, &err);
  assert_error("rate", status, &err, KJ_EARGUMENT,
               "component.gate: rate_hz is 8000");
  make_cards(&c);
  c.component[KJ_COMPONENT_SCRIPTED].column = INFORMED_COLUMNS + 1;
  status = write_routed(file.path, &c, 86, &err);
  assert_error("columns", status, &err, KJ_EARGUMENT,
               "component.scripted: columns are not those of the whole");
  make_cards(&c);
  c.component[KJ_COMPONENT_GATE].feature_set = "table";
  status = write_routed(file.path, &c, 86, &err);
  assert_error("set", status, &err, KJ_EARGUMENT,
               "component.gate: feature_set is table, version 1; must be "
               "that of the whole, sample, version 1");
  make_cards(&c);
  c.component[KJ_COMPONENT_SPONTANEOUS].feature_set_version = 2;
  status = write_routed(file.path, &c, 86, &err);
  assert_error("version", status, &err, KJ_EARGUMENT,
               "component.spontaneous: feature_set is sample, version 2");
  remove_folder(&f, (const char *const[]){NULL});
}

/* Two members that predict deviations; the second has the card `other`. */
static blob ensemble_blob(const kj_model_card *other)
{
  const folder f = new_folder();
  const file_name file = in_folder(&f, "members");
  kj_estimator *a = sample_estimator(87), *b = sample_estimator(88);
  kj_estimator_parts parts = *kj_estimator_get_parts(a);
  kj_model_card card = sample_card();
  kj_error err;
  parts.n_others = 1;
  parts.other[0] = b;
  card.other[0] = other;
  kj_estimator *ensemble = new_estimator(&parts);
  if (kj_model_write(file.path, ensemble, &card, &err) != KJ_OK)
    fail_msg("kj_model_write: %s", err.message);
  const blob bytes = read_blob(file.path);
  kj_estimator_destroy(ensemble);
  kj_estimator_destroy(a);
  kj_estimator_destroy(b);
  remove_folder(&f, (const char *const[]){"members", NULL});
  return bytes;
}

static void refuse_text(const blob *b, const char *key, const char *text,
                        const char *says)
{
  const opened o = open_blob(b);
  json_object_set_new(json_object_get(o.header, "__metadata__"), key,
                      json_string(text));
  const blob altered = close_blob(&o);
  assert_refused(key, &altered, says);
  free(altered.data);
  json_decref(o.header);
}

static void members_come_back(void **state)
{
  (void)state;
  kj_model_card other = sample_card();
  other.description = "the second";
  const blob b = ensemble_blob(&other);
  kj_model *model = parse(&b);
  const kj_model_card *card = kj_model_get_card(model);
  const kj_estimator *estimator = kj_model_estimator(model);
  kj_estimator_scratch *scratch = new_scratch(estimator, 1);
  kj_estimator *one = sample_estimator(87), *two = sample_estimator(88);
  const float x[SAMPLE_INPUTS] = {0.5f, 1.0f, -2.0f};
  double v[SAMPLE_TARGETS], sd[SAMPLE_TARGETS];
  double first[SAMPLE_TARGETS], second[SAMPLE_TARGETS];
  assert_string_equal(card->other[0]->description, "the second");
  assert_int_equal(
      kj_estimator_estimate_sd(estimator, scratch, x, 1, 0, v, sd, NULL),
      KJ_OK);
  estimate(one, 1, x, 1, 0, first);
  estimate(two, 1, x, 1, 0, second);
  for (size_t k = 0; k < SAMPLE_TARGETS; k++) {
    assert_true(fabs(v[k] - (first[k] + second[k]) / 2.0) < 1e-12);
    assert_true(fabs(sd[k] - fabs(first[k] - second[k]) / 2.0) < 1e-12);
  }
  kj_estimator_scratch_destroy(scratch);
  kj_estimator_destroy(one);
  kj_estimator_destroy(two);
  kj_model_destroy(model);
  refuse_text(&b, "members", "1", "metadata: members: is \"1\"; must be 2..32");
  refuse_text(&b, "members", "33", "must be 2..32");
  refuse_text(&b, "members", "3", "tensor member.3 is missing");
  refuse_text(&b, "deviation", "known", "must be predicted");
  refuse_text(&b, "deviation", "predicted", "");
  free(b.data);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_read_is_what_was_written),
      cmocka_unit_test(written_again_it_has_the_same_bytes),
      cmocka_unit_test(the_card_tells_of_each),
      cmocka_unit_test(every_prefix_is_refused),
      cmocka_unit_test(what_harms_is_refused),
      cmocka_unit_test(cards_must_agree),
      cmocka_unit_test(members_come_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
