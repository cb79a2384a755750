/*
 * test_epochs.c: what an epoch does and records: every row once, learning
 * rates by their formula, early stopping at the best epoch, a way out.
 */
#include "training/problem.h"

#include "kanjo/metrics.h"

/* Outputs of a network for rows, one output. */
static void outputs_of(const kj_network *net, const kj_real *x, size_t n_rows,
                       double *outputs)
{
  kj_real y[MOST_ROWS];
  kj_activations *scratch = new_activations(&net->shape, n_rows);
  kj_network_forward(net, x, n_rows, scratch, y);
  for (size_t i = 0; i < n_rows; i++)
    outputs[i] = (double)y[i];
  kj_activations_destroy(scratch);
}

static kj_metrics measure(const kj_network *net, const kj_real *x,
                          const kj_real *y, size_t n_rows)
{
  double truth[MOST_ROWS], estimate[MOST_ROWS];
  kj_metrics metrics;
  for (size_t i = 0; i < n_rows; i++)
    truth[i] = (double)y[i];
  outputs_of(net, x, n_rows, estimate);
  assert_int_equal(kj_metrics_compute(truth, estimate, n_rows, &metrics, NULL),
                   KJ_OK);
  return metrics;
}

/* Where nothing moves, an epoch records the error of the network it began
 * with, over all rows: it can only be right if each is met once. */
static void every_row_is_met_once(void **state)
{
  (void)state;
  static const size_t batches[] = {1, 6, N_ROWS - 1, N_ROWS, 50};
  for (size_t b = 0; b < sizeof batches / sizeof batches[0]; b++) {
    problem p = new_problem(1);
    p.options.batch = batches[b];
    p.options.learning_rate = 1e-12;
    p.n_unlabelled = N_UNLABELLED;
    kj_trainer *trainer = new_trainer(&p);
    const kj_metrics expected =
        measure(kj_trainer_network(trainer), p.x, p.y, p.n_rows);
    run_epoch(trainer);
    run_epoch(trainer);
    for (size_t e = 0; e < 2; e++) {
      const kj_epoch *epoch = kj_trainer_epoch(trainer, e);
      assert_near("mae", epoch->mae, expected.mae, 1e-6);
      assert_near("ccc", epoch->ccc, expected.ccc, 1e-6);
      if (N_ROWS % batches[b] == 0) /* else steps are not of equal size */
        assert_near("loss", epoch->loss, expected.rmse * expected.rmse, 1e-6);
      assert_near("smoothing", epoch->smoothing, 0.0, 0.0);
    }
    kj_trainer_destroy(trainer);
  }
}

/* The mean over the targets, each over the rows that have its rating. */
static void missing_ratings_are_not_measured(void **state)
{
  (void)state;
  problem p = new_problem(2);
  p.options.learning_rate = 1e-12;
  p.n_validation = N_VALIDATION;
  for (size_t i = 0; i < N_ROWS; i += 3)
    p.y[2 * i] = NAN;
  p.validation_y[2 * 4 + 1] = NAN;
  kj_trainer *trainer = new_trainer(&p);
  const kj_network *net = kj_trainer_network(trainer);
  const struct {
    const kj_real *x, *y;
    size_t n;
  } rows[2] = {{p.x, p.y, N_ROWS},
               {p.validation_x, p.validation_y, N_VALIDATION}};
  double mae[2] = {0, 0};
  for (size_t r = 0; r < 2; r++) {
    kj_real outputs[2 * MOST_ROWS];
    kj_activations *scratch = new_activations(&net->shape, rows[r].n);
    kj_network_forward(net, rows[r].x, rows[r].n, scratch, outputs);
    kj_activations_destroy(scratch);
    for (size_t k = 0; k < 2; k++) {
      double sum = 0, n = 0;
      for (size_t i = k; i < 2 * rows[r].n; i += 2)
        if (!isnan(rows[r].y[i])) {
          sum += fabs((double)outputs[i] - (double)rows[r].y[i]);
          n++;
        }
      mae[r] += sum / n / 2;
    }
  }
  run_epoch(trainer);
  assert_near("mae", kj_trainer_epoch(trainer, 0)->mae, mae[0], 1e-6);
  assert_near("validation mae", kj_trainer_epoch(trainer, 0)->validation_mae,
              mae[1], 1e-6);
  kj_trainer_destroy(trainer);
}

/* The order of the rows is drawn anew in each epoch: with one row a step and
 * rates too small to matter, moment1 tells the order in which rows came. */
static void order_changes_with_the_epoch(void **state)
{
  (void)state;
  problem p = new_problem(1);
  p.options.batch = 1;
  p.options.learning_rate = 1e-12;
  kj_trainer *trainer = new_trainer(&p);
  run_epoch(trainer);
  const kj_trainer_tensor moment = find_piece(trainer, "moment1");
  kj_real *before = malloc(piece_size(&moment));
  assert_non_null(before);
  memcpy(before, moment.data, piece_size(&moment));
  /* Forget the first epoch's moments: the second's would then be equal. */
  memset(moment.data, 0, piece_size(&moment));
  run_epoch(trainer);
  const kj_real *after = moment.data;
  double largest = 0.0;
  for (size_t i = 0; i < moment.count; i++)
    largest = fmax(largest, fabs((double)(before[i] - after[i])));
  if (!(largest > 1e-2))
    fail_msg("moments of two epochs differ by %g at most: same order?",
             largest);
  free(before);
  kj_trainer_destroy(trainer);
}

static void rates_follow_their_formula(void **state)
{
  (void)state;
  const double pi = 3.14159265358979323846;
  for (int cosine = 0; cosine <= 1; cosine++) {
    problem p = new_problem(1);
    p.options.schedule = cosine ? KJ_SCHEDULE_COSINE : KJ_SCHEDULE_CONSTANT;
    kj_trainer *trainer = train(&p);
    const size_t steps = (N_ROWS + p.options.batch - 1) / p.options.batch;
    assert_int_equal(steps, 4);
    for (size_t e = 0; e < p.options.epochs; e++) {
      const double last = (double)((e + 1) * steps - 1);
      const double all = (double)(p.options.epochs * steps);
      const double expected =
          cosine ? 0.01 * (1.0 + cos(pi * last / all)) / 2.0 : 0.01;
      assert_near(cosine ? "cosine" : "constant",
                  kj_trainer_epoch(trainer, e)->learning_rate, expected, 1e-17);
    }
    kj_trainer_destroy(trainer);
  }
}

/* One step a epoch: the rate of the last of n is rate * (1 - cos(pi/n)) / 2,
 * and Adam's first step has the full length. */
static void cosine_begins_at_the_rate(void **state)
{
  (void)state;
  problem p = new_problem(1);
  p.options.schedule = KJ_SCHEDULE_COSINE;
  p.options.batch = N_ROWS;
  kj_trainer *trainer = new_trainer(&p);
  const kj_trainer_tensor piece = find_piece(trainer, "parameters");
  kj_real before[256];
  assert_in_range(piece.count, 1, 256);
  memcpy(before, piece.data, piece_size(&piece));
  run_epoch(trainer);
  assert_near("first rate", kj_trainer_epoch(trainer, 0)->learning_rate, 0.01,
              0.0);
  const kj_real *after = piece.data;
  for (size_t i = 0; i < piece.count; i++) {
    const double length = fabs((double)(after[i] - before[i]));
    if (length != 0.0 && fabs(length - 0.01) > 1e-5)
      fail_msg("parameter %zu moved by %g, must be .01 or 0", i, length);
  }
  kj_trainer_destroy(trainer);
}

/* ---- early stopping ---- */

/* Ten rows cannot teach 4-6-5-1 for long: the validation error turns. */
static problem overfitting_problem(void)
{
  problem p = new_problem(1);
  p.n_rows = 10;
  p.n_validation = N_VALIDATION;
  p.options.epochs = 200;
  p.options.patience = 8;
  kj__random random = test_stream(PROBLEM_SEED, 99);
  for (size_t i = 0; i < p.n_rows; i++)
    p.y[i] += (kj_real)kj__random_normal(&random);
  return p;
}

/* What early stopping is to make as small as it can. */
static double criterion(const kj_epoch *epoch, kj_loss loss)
{
  return loss == KJ_LOSS_CCC ? 1.0 - epoch->validation_ccc
                             : epoch->validation_mae;
}

/* The best of the epochs so far; the first of equals. */
static size_t best_epoch(const kj_trainer *trainer, kj_loss loss)
{
  size_t best = 0;
  for (size_t e = 1; e < kj_trainer_epochs(trainer); e++)
    if (criterion(kj_trainer_epoch(trainer, e), loss) <
        criterion(kj_trainer_epoch(trainer, best), loss))
      best = e;
  return best;
}

/* Whether MAE and CCC would have chosen different epochs. */
static bool check_stopping(kj_loss loss, uint64_t seed)
{
  problem p = overfitting_problem();
  p.options.loss = loss;
  p.options.seed = seed;
  kj_trainer *trainer = train(&p);
  const size_t n = kj_trainer_epochs(trainer);
  const size_t best = best_epoch(trainer, loss);
  assert_int_equal(kj_trainer_chosen_epoch(trainer), best);
  assert_int_equal(n, best + 1 + p.options.patience);
  assert_in_range(n, p.options.patience + 1, p.options.epochs - 1);
  const kj_metrics metrics =
      measure(kj_trainer_network(trainer), p.validation_x, p.validation_y,
              p.n_validation);
  const kj_epoch *epoch = kj_trainer_epoch(trainer, best);
  assert_near("mae of the chosen", metrics.mae, epoch->validation_mae, 0.0);
  assert_near("ccc of the chosen", metrics.ccc, epoch->validation_ccc, 0.0);
  const bool differs =
      best_epoch(trainer, KJ_LOSS_MSE) != best_epoch(trainer, KJ_LOSS_CCC);
  print_message("%s, seed %d: best epoch %zu of %zu\n", kj_loss_name(loss),
                (int)seed, best + 1, n);
  kj_trainer_destroy(trainer);
  return differs;
}

static void stops_after_patience_with_the_best(void **state)
{
  (void)state;
  static const kj_loss losses[] = {KJ_LOSS_MSE, KJ_LOSS_CCC};
  for (size_t l = 0; l < 2; l++) {
    size_t n_different = 0;
    for (uint64_t seed = 1; seed <= 4; seed++)
      n_different += check_stopping(losses[l], seed);
    assert_true(n_different > 0); /* else it could be either that is watched */
  }
}

/* The network that was chosen is that of a training of as many epochs. */
static void chosen_network_is_of_its_epoch(void **state)
{
  (void)state;
  problem p = overfitting_problem();
  kj_trainer *stopped = train(&p);
  p.options.epochs = kj_trainer_chosen_epoch(stopped) + 1;
  p.options.patience = 0;
  assert_true(trains_alike(&p, stopped));
  p.options.epochs++;
  assert_false(trains_alike(&p, stopped));
  kj_trainer_destroy(stopped);
}

/* Validation without patience is looked at, and changes nothing. */
static void without_patience_the_last_is_chosen(void **state)
{
  (void)state;
  problem p = overfitting_problem();
  p.options.patience = 0;
  p.options.epochs = 60;
  kj_trainer *trainer = train(&p);
  assert_int_equal(kj_trainer_epochs(trainer), 60);
  assert_int_equal(kj_trainer_chosen_epoch(trainer), 59);
  p.n_validation = 0;
  assert_true(trains_alike(&p, trainer));
  kj_trainer_destroy(trainer);
}

/* ---- history and the way out ---- */

static void history_is_finite_where_defined(void **state)
{
  (void)state;
  for (size_t n_validation = 0; n_validation <= N_VALIDATION;
       n_validation += N_VALIDATION) {
    problem p = new_problem(2);
    p.options.smoothing = kj_smoothing_defaults(KJ_SMOOTHING_VAT);
    p.n_validation = n_validation;
    kj_trainer *trainer = train(&p);
    for (size_t e = 0; e < kj_trainer_epochs(trainer); e++) {
      const kj_epoch *epoch = kj_trainer_epoch(trainer, e);
      assert_true(isfinite(epoch->learning_rate) && isfinite(epoch->loss));
      assert_true(epoch->smoothing > 0.0 && isfinite(epoch->smoothing));
      assert_true(isfinite(epoch->mae) && isfinite(epoch->ccc));
      assert_int_equal(!isnan(epoch->validation_mae), n_validation > 0);
      assert_int_equal(!isnan(epoch->validation_ccc), n_validation > 0);
    }
    kj_trainer_destroy(trainer);
  }
}

static bool stop_at(void *context)
{
  size_t *n_left = context;
  return (*n_left)-- == 0;
}

/* Asked before every step; the epoch it ends does not count. */
static void stop_ends_the_epoch(void **state)
{
  (void)state;
  const problem p = new_problem(1);
  for (size_t after = 0; after <= 4; after++) {
    kj_trainer *trainer = new_trainer(&p);
    kj_error err = {0};
    size_t n_left = after;
    run_epoch(trainer);
    const kj_status status =
        kj_trainer_run_epoch(trainer, stop_at, &n_left, &err);
    if (after < 4) {
      assert_int_equal(status, KJ_EINTERRUPTED);
      assert_string_equal(err.message, "stopped during epoch 2");
    }
    assert_int_equal(status == KJ_OK, after == 4); /* 4 steps an epoch */
    assert_int_equal(kj_trainer_epochs(trainer), after == 4 ? 2 : 1);
    const uint64_t *counters = find_piece(trainer, "counters").data;
    assert_int_equal(counters[1], 4 + after); /* steps done */
    kj_trainer_destroy(trainer);
  }
}

/* The network after one step an epoch, for so many epochs. */
static kj_trainer *smoothed(double lambda, size_t ramp, size_t epochs)
{
  static const size_t whole = N_ROWS;
  problem *p = test_calloc(1, sizeof *p);
  *p = new_problem(1);
  p->options.smoothing = kj_smoothing_defaults(KJ_SMOOTHING_VAT);
  p->options.smoothing.lambda = lambda;
  p->options.ramp = ramp;
  p->options.batch = whole;
  p->options.epochs = epochs;
  kj_trainer *trainer = train(p);
  test_free(p);
  return trainer;
}

static void assert_same_network(kj_trainer *a, kj_trainer *b)
{
  const kj_network *of_a = kj_trainer_network(a), *of_b = kj_trainer_network(b);
  assert_memory_equal(of_a->parameters, of_b->parameters,
                      of_a->n_parameters * sizeof *of_a->parameters);
  kj_trainer_destroy(a);
  kj_trainer_destroy(b);
}

/* Of four steps the first has a quarter of lambda; once it is there, a ramp
 * changes nothing. */
static void lambda_rises_step_by_step(void **state)
{
  (void)state;
  assert_same_network(smoothed(2.0, 4, 1), smoothed(0.5, 0, 1));
  assert_same_network(smoothed(2.0, 1, 3), smoothed(2.0, 0, 3));
  kj_trainer *ramped = smoothed(2.0, 4, 2), *flat = smoothed(0.5, 0, 2);
  const kj_network *a = kj_trainer_network(ramped);
  const kj_network *b = kj_trainer_network(flat);
  assert_memory_not_equal(a->parameters, b->parameters,
                          a->n_parameters * sizeof *a->parameters);
  kj_trainer_destroy(ramped);
  kj_trainer_destroy(flat);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_row_is_met_once),
      cmocka_unit_test(missing_ratings_are_not_measured),
      cmocka_unit_test(order_changes_with_the_epoch),
      cmocka_unit_test(rates_follow_their_formula),
      cmocka_unit_test(cosine_begins_at_the_rate),
      cmocka_unit_test(stops_after_patience_with_the_best),
      cmocka_unit_test(chosen_network_is_of_its_epoch),
      cmocka_unit_test(without_patience_the_last_is_chosen),
      cmocka_unit_test(history_is_finite_where_defined),
      cmocka_unit_test(stop_ends_the_epoch),
      cmocka_unit_test(lambda_rises_step_by_step),
  };
  return cmocka_run_group_tests_name("training epochs", tests, NULL, NULL);
}
