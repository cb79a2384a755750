/*
 * test_checkpoint.c: a fit that went through a file gives the bits of one that
 * never stopped; a state of other options or other data is refused by name;
 * an epoch stopped anywhere is undone by a snapshot of the one before.
 */
#define _GNU_SOURCE
#include "experiment/toy.h"

#include "base/file.h"
#include "corpus/tables.h"
#include "experiment/snapshot.h"

static void save(kj_fit *fit, const char *path)
{
  kj_error err;
  check_ok(kj_fit_save(fit, path, &err), &err);
}

static void restore(kj_fit *fit, const char *path)
{
  kj_error err;
  check_ok(kj_fit_restore(fit, path, &err), &err);
}

/* ---- the same bits ---- */

static kj_fit_options patient_options(bool joint)
{
  kj_fit_options options = held_out_options();
  options.joint = joint;
  options.smoothing.kind = KJ_SMOOTHING_VAT;
  options.schedule = KJ_SCHEDULE_COSINE;
  options.epochs = 6;
  options.patience = 2;
  return options;
}

static void check_records(const kj_fit *a, const kj_fit *b)
{
  char *training[2], *history[2];
  kj_error err;
  check_ok(kj_fit_record(a, &training[0], &history[0], &err), &err);
  check_ok(kj_fit_record(b, &training[1], &history[1], &err), &err);
  assert_string_equal(training[0], training[1]);
  assert_string_equal(history[0], history[1]);
  for (int i = 0; i < 2; i++) {
    free(training[i]);
    free(history[i]);
  }
}

/* Saved after every epoch, each time taken up by another fit. */
static void check_resumed(void **state, bool joint, bool has_unlabelled)
{
  toy *t = new_toy(2), *other = new_toy(1);
  const toy *unlabelled = has_unlabelled ? other : NULL;
  const test_path path = path_in(state, "state");
  const kj_fit_options options = patient_options(joint);
  kj_fit *undisturbed = fitted(t, unlabelled, &options);
  kj_fit *fit = new_fit(t, unlabelled, &options);
  kj_error err;
  size_t n_epochs = 0;
  while (!kj_fit_is_done(fit)) {
    save(fit, path.text);
    kj_fit_destroy(fit);
    fit = new_fit(t, unlabelled, &options);
    restore(fit, path.text);
    check_ok(kj_fit_run_epoch(fit, NULL, NULL, &err), &err);
    n_epochs++;
  }
  assert_in_range(n_epochs, 3, 6);
  assert_true(same_fits(fit, undisturbed));
  check_records(fit, undisturbed);
  kj_fit_destroy(fit);
  kj_fit_destroy(undisturbed);
  free(t);
  free(other);
}

static void resumed_gives_the_same_bits(void **state)
{
  for (int joint = 0; joint <= 1; joint++)
    for (int has_unlabelled = 0; has_unlabelled <= 1; has_unlabelled++)
      check_resumed(state, joint, has_unlabelled);
}

static void done_fit_is_saved_too(void **state)
{
  toy *t = new_toy(1);
  const test_path path = path_in(state, "state");
  const kj_fit_options options = toy_options();
  kj_fit *fit = fitted(t, NULL, &options);
  save(fit, path.text);
  kj_fit *again = new_fit(t, NULL, &options);
  assert_false(kj_fit_is_done(again));
  restore(again, path.text);
  assert_true(kj_fit_is_done(again));
  assert_true(same_fits(fit, again));
  kj_fit_destroy(fit);
  kj_fit_destroy(again);
  free(t);
}

/* ---- a stopped epoch is undone ---- */

static bool stop_after(void *context)
{
  size_t *n_steps = context;
  return (*n_steps)-- == 0;
}

static void check_same_files(const char *a, const char *b, size_t n_steps)
{
  char *bytes[2];
  size_t size[2];
  kj_error err;
  check_ok(kj__file_read(a, SIZE_MAX / 2, &bytes[0], &size[0], &err), &err);
  check_ok(kj__file_read(b, SIZE_MAX / 2, &bytes[1], &size[1], &err), &err);
  if (size[0] != size[1] || memcmp(bytes[0], bytes[1], size[0]) != 0)
    fail_msg("stopped after %zu steps and put back: the state is another",
             n_steps);
  free(bytes[0]);
  free(bytes[1]);
}

/* Stop the third epoch after n steps, for every n that it has; steps of all
 * networks. */
static size_t stop_everywhere(void **state, kj_fit *fit, kj__snapshot *snapshot)
{
  const test_path before = path_in(state, "before");
  const test_path after = path_in(state, "after");
  kj_error err;
  save(fit, before.text);
  for (size_t n = 0;; n++) {
    size_t left = n;
    const kj_status status = kj_fit_run_epoch(fit, stop_after, &left, &err);
    if (status == KJ_OK)
      return n;
    assert_int_equal(status, KJ_EINTERRUPTED);
    check_ok(kj__snapshot_restore(snapshot, &err), &err);
    save(fit, after.text);
    check_same_files(before.text, after.text, n);
  }
}

static void stopped_epoch_is_undone(void **state)
{
  for (int joint = 0; joint <= 1; joint++) {
    toy *t = new_toy(2), *unlabelled = new_toy(1);
    const kj_fit_options options = patient_options(joint);
    kj_fit *fit = new_fit(t, unlabelled, &options);
    kj__snapshot *snapshot = NULL;
    kj_error err;
    check_ok(kj__snapshot_create(fit, &snapshot, &err), &err);
    for (int epoch = 0; epoch < 2; epoch++) {
      check_ok(kj_fit_run_epoch(fit, NULL, NULL, &err), &err);
      kj__snapshot_take(snapshot);
    }
    const size_t n_steps = stop_everywhere(state, fit, snapshot);
    assert_int_equal(n_steps, joint ? 3 : 6); /* 24 rows by 8, networks */
    run_fit(fit);
    assert_true(fits_alike(t, unlabelled, &options, fit));
    kj__snapshot_destroy(snapshot);
    kj_fit_destroy(fit);
    free(t);
    free(unlabelled);
  }
  kj__snapshot_destroy(NULL);
}

/* Taken at once, of a fit without a trainer too. */
static void first_snapshot_is_the_beginning(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  kj_fit_options options = toy_options();
  kj__snapshot *snapshot = NULL;
  kj_error err;
  kj_fit *fit = new_fit(t, NULL, &options);
  check_ok(kj__snapshot_create(fit, &snapshot, &err), &err);
  run_fit(fit);
  check_ok(kj__snapshot_restore(snapshot, &err), &err);
  assert_int_equal(kj_trainer_epochs(kj_fit_trainer(fit, 0)), 0);
  run_fit(fit);
  assert_true(fits_alike(t, NULL, &options, fit));
  kj__snapshot_destroy(snapshot);
  kj_fit_destroy(fit);
  options.method = KJ_METHOD_CONSTANT;
  fit = new_fit(t, NULL, &options);
  check_ok(kj__snapshot_create(fit, &snapshot, &err), &err);
  check_ok(kj__snapshot_restore(snapshot, &err), &err);
  kj__snapshot_destroy(snapshot);
  kj_fit_destroy(fit);
  free(t);
}

/* ---- other options ---- */

#define CHANGE(name, change)                                                   \
  static void change_##name(kj_fit_options *o)                                 \
  {                                                                            \
    change;                                                                    \
  }
CHANGE(joint, o->joint = !o->joint)
CHANGE(hidden, o->hidden[1] = 4)
CHANGE(output, o->output = KJ_ACTIVATION_RELU)
CHANGE(normalise, o->normalisation = KJ_NORMALISE_SPEAKER)
CHANGE(validation, o->validation.fraction = 0.3)
CHANGE(group, o->validation.group = KJ_GROUP_SESSION)
CHANGE(calibrate, o->calibrate = true)
CHANGE(smoothing, o->smoothing.kind = KJ_SMOOTHING_AT)
CHANGE(none, o->smoothing.kind = KJ_SMOOTHING_NONE)
CHANGE(lambda, o->smoothing.lambda = 1.25)
CHANGE(epsilon, o->smoothing.epsilon = 1.25)
CHANGE(sigma, o->smoothing.sigma[1] = 0.5)
CHANGE(iterations, o->smoothing.power_iterations = 2)
CHANGE(xi, o->smoothing.xi = 1e-2)
CHANGE(direction, o->smoothing.direction = KJ_DIRECTION_EXACT)
CHANGE(loss, o->loss = KJ_LOSS_CCC)
CHANGE(he, o->he_initialisation = true)
CHANGE(rate, o->learning_rate = 0.0100000001)
CHANGE(decay, o->weight_decay = 1e-3)
CHANGE(dropout, o->dropout = 0.5)
CHANGE(ramp, o->ramp = 2)
CHANGE(relative, o->smoothing.is_relative = true)
CHANGE(schedule, o->schedule = KJ_SCHEDULE_CONSTANT)
CHANGE(epochs, o->epochs++)
CHANGE(batch, o->batch++)
CHANGE(patience, o->patience++)
CHANGE(seed, o->seed++)
#undef CHANGE

static const struct {
  void (*change)(kj_fit_options *options);
  const char *part;
} CHANGES[] = {
    {change_joint, "made with joint true; this training has false"},
    {change_hidden, "made with hidden [6, 5]; this training has [6, 4]"},
    {change_output, "output_activation \"linear\"; this training has \"relu\""},
    {change_normalise, "normalise \"train\"; this training has \"speaker\""},
    {change_validation, "validation \"speaker:0.4\"; this training has"},
    {change_group, "validation \"speaker:0.4\"; this training has \"session:"},
    {change_calibrate, "calibrate false; this training has true"},
    {change_smoothing, "smoothing \"vat\"; this training has \"at\""},
    {change_none, "smoothing \"vat\"; this training has \"none\""},
    {change_lambda, "lambda 1.5; this training has 1.25"},
    {change_epsilon, "epsilon 1.5; this training has 1.25"},
    {change_sigma, "sigma [1.0, 1.0]; this training has [1.0, 0.5]"},
    {change_iterations, "power_iterations 1; this training has 2"},
    {change_xi, "xi 0.001; this training has 0.01"},
    {change_direction, "direction \"power\"; this training has \"exact\""},
    {change_loss, "loss \"mse\"; this training has \"ccc\""},
    {change_he, "initialisation \"uniform\"; this training has \"he\""},
    {change_rate, "learning_rate 0.01"},
    {change_decay, "weight_decay 0.0; this training has 0.001"},
    {change_dropout, "dropout absent; this training has 0.5"},
    {change_ramp, "ramp absent; this training has 2"},
    {change_relative, "relative absent; this training has true"},
    {change_schedule, "schedule \"cosine\"; this training has \"constant\""},
    {change_epochs, "epochs 6; this training has 7"},
    {change_batch, "batch 8; this training has 9"},
    {change_patience, "patience 2; this training has 3"},
    {change_seed, "seed 11; this training has 12"},
};

static void expect_refused(const toy *t, const toy *unlabelled,
                           const kj_fit_options *options, const char *path,
                           const char *part)
{
  kj_fit *fit = new_fit(t, unlabelled, options);
  kj_error err = {0};
  check_failure(kj_fit_restore(fit, path, &err), KJ_EDATA, &err, part);
  assert_non_null(strstr(err.message, path));
  run_fit(fit); /* it is as if nothing had been asked */
  assert_true(fits_alike(t, unlabelled, options, fit));
  kj_fit_destroy(fit);
}

static void other_options_are_refused_by_name(void **state)
{
  toy *t = new_toy(2);
  const test_path path = path_in(state, "state");
  kj_fit_options options = patient_options(true);
  options.smoothing.direction = KJ_DIRECTION_POWER;
  kj_fit *fit = new_fit(t, NULL, &options);
  save(fit, path.text);
  kj_fit_destroy(fit);
  for (size_t i = 0; i < sizeof CHANGES / sizeof CHANGES[0]; i++) {
    kj_fit_options other = options;
    CHANGES[i].change(&other);
    expect_refused(t, NULL, &other, path.text, CHANGES[i].part);
  }
  kj_fit_options baseline = options;
  baseline.method = KJ_METHOD_RIDGE;
  fit = new_fit(t, NULL, &baseline);
  kj_error err = {0};
  check_failure(kj_fit_restore(fit, path.text, &err), KJ_EDATA, &err,
                "method \"network\"; this training has \"ridge\"");
  kj_fit_destroy(fit);
  free(t);
}

/* An option that is off is not in a state: its absence is seen, too. */
static void what_was_on_must_stay_on(void **state)
{
  static const struct {
    void (*change)(kj_fit_options *options);
    const char *part;
  } rows[] = {
      {change_dropout, "dropout 0.5; this training has none"},
      {change_ramp, "ramp 2; this training has none"},
      {change_relative, "relative true; this training has none"},
  };
  toy *t = new_toy(2);
  const test_path path = path_in(state, "state");
  const kj_fit_options options = patient_options(true);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    kj_fit_options with = options;
    rows[i].change(&with);
    kj_fit *fit = new_fit(t, NULL, &with);
    save(fit, path.text);
    kj_fit_destroy(fit);
    expect_refused(t, NULL, &options, path.text, rows[i].part);
  }
  free(t);
}

/* What was held out, even where all rows and their features are the same. */
static void other_validation_is_refused_by_name(void **state)
{
  toy *t = new_toy(1);
  const test_path path = path_in(state, "state");
  kj_fit_options options = held_out_options();
  options.normalisation = KJ_NORMALISE_SPEAKER;
  options.batch = TOY_ROWS;
  kj_fit *fit = new_fit(t, NULL, &options);
  save(fit, path.text);
  kj_fit_destroy(fit);
  options.validation.fraction = 0.0;
  expect_refused(t, NULL, &options, path.text,
                 "made with validation \"speaker:0.4\"; this training has "
                 "\"none\"");
  free(t);
}

/* ---- other data ---- */

static void other_data_are_refused(void **state)
{
  toy *t = new_toy(2), *other = new_toy(1);
  const test_path path = path_in(state, "state");
  const kj_fit_options options = patient_options(false);
  const char *part = "made with data digest \"";
  kj_fit *fit = new_fit(t, other, &options);
  kj_error err;
  save(fit, path.text);
  restore(fit, path.text);
  expect_refused(t, NULL, &options, path.text, part);
  other->x[TOY_ROWS * TOY_INPUTS - 1] += 0.01f;
  expect_refused(t, other, &options, path.text, part);
  other->x[TOY_ROWS * TOY_INPUTS - 1] -= 0.01f;
  float *const values[] = {&t->x[5], &t->y[TOY_ROWS], &t->y[2]};
  for (size_t i = 0; i < 3; i++) {
    const float kept = *values[i];
    *values[i] += 0.25f;
    expect_refused(t, other, &options, path.text, part);
    *values[i] = kept;
  }
  t->row[3].weight = 2.0;
  expect_refused(t, other, &options, path.text, part);
  t->row[3].weight = 1.0;
  t->data.n_rows--;
  expect_refused(t, other, &options, path.text, part);
  t->data.n_rows++;
  strcpy(t->data.target[1], "anger");
  expect_refused(t, other, &options, path.text,
                 "made with targets [\"valence\", \"activation\"]");
  strcpy(t->data.target[1], "activation");
  check_ok(kj_fit_restore(fit, path.text, &err), &err);
  kj_fit_destroy(fit);
  free(t);
  free(other);
}

/* ---- files ---- */

static void bad_files_are_refused(void **state)
{
  toy *t = new_toy(1);
  const kj_fit_options options = toy_options();
  kj_fit *fit = new_fit(t, NULL, &options);
  kj_error err = {0};
  check_failure(kj_fit_restore(fit, path_in(state, "none").text, &err),
                KJ_EFILE, &err, "none: No such file");
  check_failure(
      kj_fit_restore(fit, write_text(state, "text", "hello").text, &err),
      KJ_EFORMAT, &err, "text: ");
  check_failure(kj_fit_save(fit, path_in(state, "no/folder").text, &err),
                KJ_EFILE, &err, "cannot be written");
  const test_path path = path_in(state, "state");
  save(fit, path.text);
  assert_int_equal(truncate(path.text, 600), 0);
  check_failure(kj_fit_restore(fit, path.text, &err), KJ_EFORMAT, &err,
                "state: ");
  run_fit(fit);
  assert_true(fits_alike(t, NULL, &options, fit));
  kj_fit_destroy(fit);
  free(t);
}

/* A state whose counters contradict each other. */
static void impossible_counters_are_refused(void **state)
{
  toy *t = new_toy(1);
  const kj_fit_options options = toy_options();
  const test_path path = path_in(state, "state");
  kj_fit *fit = new_fit(t, NULL, &options);
  kj_error err = {0};
  for (size_t i = 0; i < kj_trainer_state_count(fit->part[0].trainer); i++) {
    const kj_trainer_tensor piece = kj_trainer_state(fit->part[0].trainer, i);
    if (strcmp(piece.name, "counters") == 0)
      *(uint64_t *)piece.data = 3;
  }
  save(fit, path.text);
  check_failure(kj_fit_restore(fit, path.text, &err), KJ_EDATA, &err,
                "state: saved step is 0; epoch 3 ends at 15");
  kj_fit_destroy(fit);
  free(t);
}

/* The disk is full, or the folder goes: the last good state stays. */
static void failed_save_keeps_the_old_state(void **state)
{
  toy *t = new_toy(1);
  const kj_fit_options options = toy_options();
  const test_path path = path_in(state, "state");
  kj_fit *fit = new_fit(t, NULL, &options);
  kj_error err = {0};
  save(fit, path.text);
  check_ok(kj_fit_run_epoch(fit, NULL, NULL, &err), &err);
  assert_int_equal(mkdir(path_in(state, "state.tmp").text, 0755), 0);
  check_failure(kj_fit_save(fit, path.text, &err), KJ_EFILE, &err,
                "state: cannot be written");
  restore(fit, path.text);
  assert_int_equal(kj_trainer_epochs(kj_fit_trainer(fit, 0)), 0);
  check_failure(kj_fit_save(fit, "/dev/full", &err), KJ_EFILE, &err,
                "/dev/full");
  kj_fit_destroy(fit);
  free(t);
}

#define IN_FOLDER(test)                                                        \
  cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
  const struct CMUnitTest tests[] = {
      IN_FOLDER(resumed_gives_the_same_bits),
      IN_FOLDER(done_fit_is_saved_too),
      IN_FOLDER(stopped_epoch_is_undone),
      IN_FOLDER(first_snapshot_is_the_beginning),
      IN_FOLDER(other_options_are_refused_by_name),
      IN_FOLDER(what_was_on_must_stay_on),
      IN_FOLDER(other_validation_is_refused_by_name),
      IN_FOLDER(other_data_are_refused),
      IN_FOLDER(bad_files_are_refused),
      IN_FOLDER(impossible_counters_are_refused),
      IN_FOLDER(failed_save_keeps_the_old_state),
  };
  return cmocka_run_group_tests_name("experiment checkpoint", tests, NULL,
                                     NULL);
}
