/*
 * test_failures.c: every error of a training from its smallest cause, and the
 * message that names it.
 */
#include "training/problem.h"

#include <stdio.h>

static void check_failure(const char *what, kj_status got, kj_status expected,
                          const kj_error *err, const char *part)
{
  if (got != expected)
    fail_msg("%s: \"%s\" (%s), must be \"%s\"", what, kj_status_text(got),
             got == KJ_OK ? "" : err->message, kj_status_text(expected));
  if (err->status != expected || !strstr(err->message, part))
    fail_msg("%s: the message \"%s\" does not hold \"%s\"", what, err->message,
             part);
}

static void check_refused(const problem *p, kj_status expected,
                          const char *part)
{
  kj_trainer *trainer = NULL;
  kj_error err = {0};
  const kj_training_data data = problem_data(p);
  const kj_status status =
      kj_trainer_create(&p->options, &data, &trainer, &err);
  check_failure(part, status, expected, &err, part);
  assert_null(trainer);
  assert_int_equal(kj_trainer_create(&p->options, &data, &trainer, NULL),
                   expected);
}

/* What spoils a problem. */
#define OPTION(name, change)                                                   \
  static void name(problem *p)                                                 \
  {                                                                            \
    change;                                                                    \
  }
OPTION(no_layer, p->options.shape.n_layers = 0)
OPTION(no_width, p->options.shape.width[1] = 0)
OPTION(no_activation, p->options.shape.output = (kj_activation)9)
OPTION(no_loss, p->options.loss = (kj_loss)9)
OPTION(no_schedule, p->options.schedule = (kj_schedule)9)
OPTION(no_epoch, p->options.epochs = 0)
OPTION(many_epochs, p->options.epochs = KJ_MAX_EPOCHS + 1)
OPTION(no_batch, p->options.batch = 0)
OPTION(large_batch, p->options.batch = KJ_MAX_BATCH + 1)
OPTION(no_rate, p->options.learning_rate = 0.0)
OPTION(nan_rate, p->options.learning_rate = (double)NAN)
OPTION(large_rate, p->options.learning_rate = 10.5)
OPTION(low_decay, p->options.weight_decay = -0.1)
OPTION(nan_decay, p->options.weight_decay = (double)NAN)
OPTION(large_decay, p->options.weight_decay = 101.0)
OPTION(low_dropout, p->options.dropout = -0.1)
OPTION(nan_dropout, p->options.dropout = (double)NAN)
OPTION(large_dropout, p->options.dropout = 1.0)
OPTION(no_precision, p->options.precision = (kj_precision)9)
OPTION(many_threads, p->options.n_threads = KJ_MAX_THREADS + 1)
OPTION(no_smoothing, p->options.smoothing.kind = (kj_smoothing_kind)9)
OPTION(low_lambda, p->options.smoothing.lambda = -1.0)
#undef OPTION

/* What is then said. */
static const struct {
  void (*spoil)(problem *p);
  const char *part;
} OPTIONS[] = {
    {no_layer, "n_layers is 0"},
    {no_width, "is 0"},
    {no_activation, "activation"},
    {no_loss, "loss is 9"},
    {no_schedule, "schedule is 9"},
    {no_epoch, "epochs is 0; must be 1..100000"},
    {many_epochs, "epochs is 100001"},
    {no_batch, "batch is 0; must be 1..65536"},
    {large_batch, "batch is 65537"},
    {no_rate, "learning rate is 0; must be above 0"},
    {nan_rate, "learning rate is nan"},
    {large_rate, "learning rate is 10.5"},
    {low_decay, "weight decay is -0.1; must be 0..100"},
    {nan_decay, "weight decay is nan"},
    {large_decay, "weight decay is 101"},
    {low_dropout, "dropout is -0.1; must be 0..0.99"},
    {nan_dropout, "dropout is nan"},
    {large_dropout, "dropout is 1;"},
    {no_precision, "precision is 9"},
    {many_threads, "n_threads is 257; must be 0..256"},
    {no_smoothing, "kind"},
    {low_lambda, "lambda is -1"},
};

static void options_out_of_range_are_refused(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof OPTIONS / sizeof OPTIONS[0]; i++) {
    problem p = new_problem(1);
    p.options.smoothing = kj_smoothing_defaults(KJ_SMOOTHING_VAT);
    OPTIONS[i].spoil(&p);
    check_refused(&p, KJ_EARGUMENT, OPTIONS[i].part);
  }
}

static void rows_without_use_are_refused(void **state)
{
  (void)state;
  problem p = new_problem(2);
  p.n_rows = 0;
  check_refused(&p, KJ_EDATA, "no row to train on");
  p = new_problem(2);
  p.options.patience = 3;
  check_refused(&p, KJ_EDATA, "patience is 3, but no rows are held out");
  for (size_t i = 0; i < N_ROWS; i++)
    p.y[2 * i + 1] = NAN;
  p.options.patience = 0;
  check_refused(&p, KJ_EDATA, "target 1 has no rating in any row");
}

/* NaN and infinity, in the first and the last place, of each kind of rows. */
static void features_that_are_not_finite_are_refused(void **state)
{
  (void)state;
  static const kj_real bad[] = {(kj_real)NAN, (kj_real)INFINITY,
                                (kj_real)-INFINITY};
  static const char *const value[] = {"nan", "inf", "-inf"};
  static const char *const kind[] = {"training", "validation", "unlabelled"};
  static const size_t n_rows[] = {N_ROWS, N_VALIDATION, N_UNLABELLED};
  for (size_t b = 0; b < 3; b++)
    for (size_t k = 0; k < 3; k++)
      for (int last = 0; last <= 1; last++) {
        problem p = new_problem(1);
        p.n_validation = N_VALIDATION;
        p.n_unlabelled = N_UNLABELLED;
        kj_real *const rows[] = {p.x, p.validation_x, p.unlabelled};
        const size_t row = last ? n_rows[k] - 1 : 0;
        const size_t column = last ? N_INPUTS - 1 : 0;
        char part[80];
        rows[k][row * N_INPUTS + column] = bad[b];
        snprintf(part, sizeof part, "%s row %zu: feature %zu is %s; must be",
                 kind[k], row, column, value[b]);
        check_refused(&p, KJ_EDATA, part);
      }
}

static void weights_below_zero_are_refused(void **state)
{
  (void)state;
  static const kj_real bad[] = {-1, (kj_real)NAN, (kj_real)INFINITY};
  static const char *const part[] = {"row 22: weight is -1; must be 0 or more",
                                     "row 22: weight is nan",
                                     "row 22: weight is inf"};
  for (size_t b = 0; b < 3; b++) {
    problem p = new_problem(1);
    p.is_weighted = true;
    p.weight[N_ROWS - 1] = bad[b];
    check_refused(&p, KJ_EDATA, part[b]);
  }
}

static void done_is_done(void **state)
{
  (void)state;
  const problem p = new_problem(1);
  kj_trainer *trainer = train(&p);
  kj_error err = {0};
  check_failure("done", kj_trainer_run_epoch(trainer, NULL, NULL, &err),
                KJ_EARGUMENT, &err, "the training is done after 5 epochs");
  assert_int_equal(kj_trainer_epochs(trainer), 5);
  kj_trainer_destroy(trainer);
  kj_trainer_destroy(NULL);
}

/* ---- trainings that fail ---- */

/* Runs to the first failure, which must come, and be in this epoch. */
static void check_training_fails(const problem *p, size_t epoch,
                                 const char *part)
{
  kj_trainer *trainer = new_trainer(p);
  kj_error err = {0};
  kj_status status = KJ_OK;
  size_t n = 0;
  while (status == KJ_OK && !kj_trainer_is_done(trainer)) {
    status = kj_trainer_run_epoch(trainer, NULL, NULL, &err);
    n++;
  }
  check_failure(part, status, KJ_ETRAINING, &err, part);
  if (n != epoch)
    fail_msg("%s: in epoch %zu, must be %zu", part, n, epoch);
  kj_trainer_destroy(trainer);
}

/* Ratings far below 0 put a ReLU output to sleep at once: its bias begins at
 * their mean. With two outputs the other one is well. */
static void output_that_begins_dead_is_an_error(void **state)
{
  (void)state;
  problem p = new_problem(2);
  p.options.shape.output = KJ_ACTIVATION_RELU;
  for (size_t i = 0; i < N_ROWS; i++)
    p.y[2 * i + 1] -= 20;
  check_training_fails(&p, 1,
                       "output 1 is 0 for all 23 training rows in epoch 1: its "
                       "ReLU died; use a linear output or another seed");
  p.options.shape.output = KJ_ACTIVATION_LINEAR;
  kj_trainer_destroy(train(&p));
}

/* One weight and one bias, f = relu(w x + b), a step of 10 for each. Rows that
 * are all alike answer above the rating, so that step kills the output. */
static problem deadly_problem(size_t epochs)
{
  problem p = new_problem(1);
  p.options.shape = (kj_network_shape){
      .n_layers = 1, .width = {N_INPUTS, 1}, .output = KJ_ACTIVATION_RELU};
  p.options.batch = N_ROWS;
  p.options.learning_rate = 10.0;
  p.options.epochs = epochs;
  kj_trainer *trainer = new_trainer(&p);
  const kj_real *w = kj_network_weights(kj_trainer_network(trainer), 0);
  for (size_t i = 0; i < N_ROWS; i++) { /* w x > 0 for every row */
    for (size_t j = 0; j < N_INPUTS; j++)
      p.x[i * N_INPUTS + j] = w[j] > 0 ? 1 : (kj_real)0.01;
    p.y[i] = 1;
  }
  kj_trainer_destroy(trainer);
  return p;
}

static void output_that_dies_on_the_way_is_an_error(void **state)
{
  (void)state;
  problem p = deadly_problem(3);
  check_training_fails(&p, 2, "output 0 is 0 for all 23 training rows");
}

/* Nobody meets a row after the last step: the result is looked at itself. */
static void output_that_dies_in_the_last_step_is_an_error(void **state)
{
  (void)state;
  problem p = deadly_problem(1);
  check_training_fails(&p, 1,
                       "output 0 is 0 for all 23 training rows in epoch 1");
}

/* Ratings near the end of float: the gradient is infinite after one step. */
static void loss_that_overflows_is_an_error(void **state)
{
  (void)state;
  problem p = new_problem(1);
  for (size_t i = 0; i < N_ROWS; i++)
    p.y[i] = i % 2 ? (kj_real)3e38 : (kj_real)-3e38;
  p.options.batch = 1;
  check_training_fails(&p, 1, "in epoch 1; a lower learning rate may help");
  p.options.batch = N_ROWS; /* one step: its loss is finite still */
  p.options.epochs = 1;
  for (size_t i = 0; i < N_ROWS * N_INPUTS; i++)
    p.x[i] *= 1000;
  check_training_fails(&p, 1, "after epoch 1; a lower learning rate may help");
}

/* ---- states that do not fit ---- */

enum { EPOCH, STEP, BEST, STOPPED, N_COUNTERS };

static void states_that_do_not_fit_are_refused(void **state)
{
  (void)state;
  /* 5 epochs of 4 steps, patience 2 */
  static const struct {
    uint64_t counter[N_COUNTERS];
    const char *part; /* NULL: it fits */
  } rows[] = {
      {{0, 0, 0, 0}, NULL},
      {{3, 12, 2, 0}, NULL},
      {{3, 12, 1, 0}, NULL},
      {{3, 12, 0, 1}, NULL},
      {{5, 20, 4, 0}, NULL},
      {{6, 24, 5, 0}, "saved epoch is 6; must be at most 5"},
      {{UINT64_MAX, 0, 0, 0}, "saved epoch is 18446744073709551615"},
      {{3, 11, 2, 0}, "saved step is 11; epoch 3 ends at 12"},
      {{0, 1, 0, 0}, "saved step is 1; epoch 0 ends at 0"},
      {{3, 12, 3, 0}, "saved best epoch is 3; must be below 3"},
      {{3, 12, 2, 1}, "saved stop is 1; must be 0 after epoch 3"},
      {{3, 12, 0, 0}, "saved stop is 0; must be 1 after epoch 3"},
      {{0, 0, 0, 1}, "saved stop is 1; must be 0 after epoch 0"},
      {{3, 12, 0, 2}, "saved stop is 2; must be 1 after epoch 3"},
  };
  problem p = new_problem(1);
  p.n_validation = N_VALIDATION;
  p.options.patience = 2;
  kj_trainer *trainer = new_trainer(&p);
  uint64_t *counter = find_piece(trainer, "counters").data;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    kj_error err = {0};
    memcpy(counter, rows[i].counter, sizeof rows[i].counter);
    const kj_status status = kj_trainer_restored(trainer, &err);
    if (rows[i].part)
      check_failure("state", status, KJ_EDATA, &err, rows[i].part);
    else if (status != KJ_OK)
      fail_msg("state %zu: %s", i, err.message);
  }
  kj_trainer_destroy(trainer);
  p.options.patience = 0;
  trainer = new_trainer(&p);
  counter = find_piece(trainer, "counters").data;
  memcpy(counter, (uint64_t[]){3, 12, 0, 1}, sizeof rows[0].counter);
  kj_error err = {0};
  check_failure("no patience", kj_trainer_restored(trainer, &err), KJ_EDATA,
                &err, "saved stop is 1; must be 0");
  kj_trainer_destroy(trainer);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(options_out_of_range_are_refused),
      cmocka_unit_test(rows_without_use_are_refused),
      cmocka_unit_test(features_that_are_not_finite_are_refused),
      cmocka_unit_test(weights_below_zero_are_refused),
      cmocka_unit_test(done_is_done),
      cmocka_unit_test(output_that_begins_dead_is_an_error),
      cmocka_unit_test(output_that_dies_on_the_way_is_an_error),
      cmocka_unit_test(output_that_dies_in_the_last_step_is_an_error),
      cmocka_unit_test(loss_that_overflows_is_an_error),
      cmocka_unit_test(states_that_do_not_fit_are_refused),
  };
  return cmocka_run_group_tests_name("training failures", tests, NULL, NULL);
}
