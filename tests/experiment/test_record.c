/*
 * test_record.c: the JSON that goes into a model file tells how the fit was
 * made: options, counts, voices heard, and every epoch.
 */
#include "experiment/toy.h"

#include <jansson.h>

typedef struct record {
  json_t *training, *history;
} record;

static record read_record(const kj_fit *fit)
{
  char *training, *history;
  kj_error err;
  if (kj_fit_record(fit, &training, &history, &err) != KJ_OK)
    fail_msg("kj_fit_record: %s", err.message);
  const record r = {json_loads(training, 0, NULL),
                    json_loads(history, 0, NULL)};
  assert_true(json_is_object(r.training));
  assert_true(json_is_array(r.history));
  free(training);
  free(history);
  return r;
}

static void clear_record(record *r)
{
  json_decref(r->training);
  json_decref(r->history);
}

static void check_text(const json_t *object, const char *key,
                       const char *expected)
{
  const char *text = json_string_value(json_object_get(object, key));
  if (!text || strcmp(text, expected) != 0)
    fail_msg("%s is \"%s\", must be \"%s\"", key, text ? text : "(no text)",
             expected);
}

static void check_number(const json_t *object, const char *key, double expected)
{
  const json_t *value = json_object_get(object, key);
  if (!json_is_number(value) || json_number_value(value) != expected)
    fail_msg("%s is %.17g, must be %.17g", key, json_number_value(value),
             expected);
}

static kj_fit_options vat_options(void)
{
  kj_fit_options options = held_out_options();
  options.smoothing = kj_smoothing_defaults(KJ_SMOOTHING_VAT);
  options.smoothing.sigma[1] = 0.5;
  options.epochs = 30;
  options.learning_rate = 0.05;
  options.patience = 3;
  return options;
}

static void options_are_told(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  const kj_fit_options options = vat_options();
  kj_fit *fit = fitted(t, NULL, &options);
  record r = read_record(fit);
  check_text(r.training, "method", "network");
  check_text(r.training, "normalise", "train");
  check_text(r.training, "validation", "speaker:0.4");
  check_text(r.training, "output_activation", "linear");
  check_text(r.training, "initialisation", "uniform");
  check_text(r.training, "loss", "mse");
  check_text(r.training, "schedule", "constant");
  check_text(r.training, "smoothing", "vat");
  check_text(r.training, "direction", "exact");
  check_number(r.training, "lambda", 1.5);
  check_number(r.training, "epsilon", 1.5);
  check_number(r.training, "learning_rate", 0.05);
  check_number(r.training, "weight_decay", 0.0);
  check_number(r.training, "epochs", 30);
  check_number(r.training, "batch", 8);
  check_number(r.training, "patience", 3);
  check_number(r.training, "seed", TOY_SEED);
  assert_true(json_is_false(json_object_get(r.training, "calibrate")));
  assert_true(json_is_false(json_object_get(r.training, "joint")));
  assert_null(json_object_get(r.training, "xi")); /* of the power iteration */
  json_t *lists =
      json_pack("{s:[i,i], s:[f,f], s:[s,s,s,s,s], s:i, s:[s,s]}", "hidden", 6,
                5, "sigma", 1.0, 0.5, "speakers", "ann", "bob", "cem", "dan",
                "eve", "sessions", 3, "corpora", "a", "b");
  const char *key;
  json_t *expected;
  json_object_foreach(lists, key, expected)
  {
    if (!json_equal(json_object_get(r.training, key), expected))
      fail_msg("%s is not as it was made", key);
  }
  json_decref(lists);
  clear_record(&r);
  kj_fit_destroy(fit);
  free(t);
}

static void counts_are_told(void **state)
{
  (void)state;
  toy *t = new_toy(2), *other = new_toy(1);
  const kj_fit_options options = vat_options();
  unsigned char held_out[TOY_ROWS];
  find_held_out(t, &options, held_out);
  size_t n_held_out = 0;
  for (size_t i = 0; i < TOY_ROWS; i++)
    n_held_out += held_out[i];
  kj_fit *fit = fitted(t, other, &options);
  record r = read_record(fit);
  check_number(r.training, "unlabelled_rows", TOY_ROWS);
  const json_t *networks = json_object_get(r.training, "networks");
  assert_int_equal(json_array_size(networks), 2);
  for (size_t p = 0; p < 2; p++) {
    const json_t *network = json_array_get(networks, p);
    const size_t chosen = kj_trainer_chosen_epoch(kj_fit_trainer(fit, p)) + 1;
    check_text(network, "first_target", t->data.target[p]);
    check_number(network, "training_rows", (double)(TOY_ROWS - n_held_out));
    check_number(network, "held_out_rows", (double)n_held_out);
    check_number(network, "chosen_epoch", (double)chosen);
  }
  clear_record(&r);
  kj_fit_destroy(fit);
  free(t);
  free(other);
}

/* One object a network and epoch, with every field of kj_epoch, to 9 digits;
 * what is undefined is null. */
static void check_history(const kj_fit *fit, const json_t *history, bool joint)
{
  size_t n = 0;
  for (size_t p = 0; p < kj_fit_trainers(fit); p++) {
    const kj_trainer *trainer = kj_fit_trainer(fit, p);
    for (size_t e = 0; e < kj_trainer_epochs(trainer); e++) {
      const json_t *entry = json_array_get(history, n++);
      const kj_epoch *epoch = kj_trainer_epoch(trainer, e);
      check_text(entry, "target", joint ? "all" : fit->data->target[p]);
      check_number(entry, "epoch", (double)(e + 1));
#define CHECK_FIELD(field, what)                                               \
  {                                                                            \
    const json_t *value = json_object_get(entry, #field);                      \
    if (isnan(epoch->field))                                                   \
      assert_true(json_is_null(value));                                        \
    else                                                                       \
      assert_near(#field, json_number_value(value), epoch->field,              \
                  1e-8 * fabs(epoch->field));                                  \
  }
      KJ_EPOCH_LIST(CHECK_FIELD)
#undef CHECK_FIELD
    }
  }
  assert_int_equal(json_array_size(history), n);
}

static void history_is_told(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  for (int joint = 0; joint <= 1; joint++)
    for (int validated = 0; validated <= 1; validated++) {
      kj_fit_options options = validated ? vat_options() : toy_options();
      options.joint = joint;
      kj_fit *fit = fitted(t, NULL, &options);
      record r = read_record(fit);
      check_history(fit, r.history, joint);
      check_text(r.training, "validation", validated ? "speaker:0.4" : "none");
      clear_record(&r);
      kj_fit_destroy(fit);
    }
  free(t);
}

static void baselines_tell_little(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  kj_fit_options options = toy_options();
  drop_groups(t, KJ_GROUP_SESSION);
  for (kj_method m = KJ_METHOD_RIDGE; m <= KJ_METHOD_CONSTANT; m++) {
    options.method = m;
    kj_fit *fit = fitted(t, NULL, &options);
    record r = read_record(fit);
    check_text(r.training, "method", kj_method_name(m));
    assert_int_equal(json_array_size(r.history), 0);
    const json_t *network =
        json_array_get(json_object_get(r.training, "networks"), 0);
    const json_t *penalty = json_object_get(network, "ridge_penalty");
    assert_int_equal(json_number_value(penalty) > 0.0, m == KJ_METHOD_RIDGE);
    assert_null(json_object_get(r.training, "hidden"));
    assert_null(json_object_get(r.training, "sessions"));
    clear_record(&r);
    kj_fit_destroy(fit);
  }
  free(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(options_are_told),
      cmocka_unit_test(counts_are_told),
      cmocka_unit_test(history_is_told),
      cmocka_unit_test(baselines_tell_little),
  };
  return cmocka_run_group_tests_name("experiment record", tests, NULL, NULL);
}
