/*
 * test_rows.c: which rows a training learns from, and how much: weights,
 * missing ratings, unlabelled rows.
 *
 * After one step over all rows, moment1 is .1 times the gradient of that step
 * (Adam, beta1 = .9): it shows what the rows did before Adam evens it out.
 */
#include "training/problem.h"

static problem full_batch_problem(kj_smoothing_kind kind)
{
  problem p = new_problem(1);
  p.options.smoothing = kj_smoothing_defaults(kind);
  p.options.batch = MOST_ROWS;
  p.is_weighted = true;
  for (size_t i = 0; i < MOST_ROWS; i++)
    p.weight[i] = 1;
  return p;
}

static void copy_row(problem *p, size_t to, size_t from)
{
  memcpy(p->x + to * N_INPUTS, p->x + from * N_INPUTS, N_INPUTS * sizeof *p->x);
  memcpy(p->y + to * p->n_out, p->y + from * p->n_out, p->n_out * sizeof *p->y);
}

/* One step of each: the gradients agree to `tolerance` of the largest entry,
 * the parameters after it to `tolerance` of the step's length. */
static void check_same_step(const char *what, const problem *a,
                            const problem *b, double tolerance)
{
  kj_trainer *first = new_trainer(a), *second = new_trainer(b);
  run_epoch(first);
  run_epoch(second);
  const kj_trainer_tensor piece = find_piece(first, "moment1");
  const kj_real *g = piece.data, *h = find_piece(second, "moment1").data;
  const kj_real *p = find_piece(first, "parameters").data;
  const kj_real *q = find_piece(second, "parameters").data;
  double largest = 0.0, error = 0.0, gap = 0.0;
  for (size_t i = 0; i < piece.count; i++) {
    largest = fmax(largest, fabs((double)g[i]));
    error = fmax(error, fabs((double)(g[i] - h[i])));
    gap = fmax(gap, fabs((double)(p[i] - q[i])));
  }
  print_message("%s: gradients agree to %.1e of the largest entry, parameters "
                "to %.1e of the step\n",
                what, error / largest, gap / a->options.learning_rate);
  if (!(error <= tolerance * largest))
    fail_msg("%s: gradients differ by %g of %g", what, error, largest);
  if (!(gap <= tolerance * 1e2 * a->options.learning_rate))
    fail_msg("%s: parameters differ by %g after a step of %g", what, gap,
             a->options.learning_rate);
  kj_trainer_destroy(first);
  kj_trainer_destroy(second);
}

/*
 * With n rows of weights w and mean 1, L = (1/n) sum w_i e_i^2. A row of
 * weight 2 w among n rows that sum to n, and the same row twice with weight w'
 * among n + 1 that sum to n + 1, have w' = w (n + 1) / n: the same L. AT's
 * second term, whose r follows from the row alone, goes with it.
 */
static void weight_two_is_the_row_twice(void **state)
{
  (void)state;
  static const kj_smoothing_kind kinds[] = {KJ_SMOOTHING_NONE, KJ_SMOOTHING_AT};
  for (size_t k = 0; k < 2; k++) {
    problem twice = full_batch_problem(kinds[k]);
    problem heavy = twice;
    twice.n_rows = N_ROWS + 1;
    copy_row(&twice, N_ROWS, 4);
    heavy.weight[4] = 2;
    for (size_t i = 0; i < N_ROWS; i++) /* to a mean of 1 */
      heavy.weight[i] *= (kj_real)N_ROWS / (kj_real)(N_ROWS + 1);
    check_same_step(kj_smoothing_name(kinds[k]), &heavy, &twice, 2e-6);
  }
}

/* Likewise a row of weight 0, and one that is not there. */
static void weight_zero_is_no_row(void **state)
{
  (void)state;
  static const kj_smoothing_kind kinds[] = {KJ_SMOOTHING_NONE, KJ_SMOOTHING_AT};
  for (size_t k = 0; k < 2; k++) {
    problem without = full_batch_problem(kinds[k]);
    without.n_rows = N_ROWS - 1;
    problem zero = full_batch_problem(kinds[k]);
    for (size_t i = 0; i < N_ROWS; i++)
      zero.weight[i] = (kj_real)N_ROWS / (kj_real)(N_ROWS - 1);
    zero.weight[N_ROWS - 1] = 0;
    check_same_step(kj_smoothing_name(kinds[k]), &zero, &without, 2e-6);
  }
}

/* Nothing of a row of weight 0 reaches the network, in any training. */
static void weight_zero_hides_the_row(void **state)
{
  (void)state;
  for (kj_smoothing_kind k = KJ_SMOOTHING_NONE; k <= KJ_SMOOTHING_VAT; k++)
    for (kj_loss loss = KJ_LOSS_MSE; loss <= KJ_LOSS_CCC; loss++) {
      if (loss == KJ_LOSS_BCE)
        continue;
      problem p = new_problem(1);
      p.options.smoothing = kj_smoothing_defaults(k);
      p.options.loss = loss;
      p.is_weighted = true;
      p.weight[3] = 0;
      kj_trainer *trainer = train(&p);
      p.y[3] = 1000;
      p.x[3 * N_INPUTS + 1] = -50;
      if (!trains_alike(&p, trainer))
        fail_msg("%s, %s: a row of weight 0 has changed the network",
                 kj_smoothing_name(k), kj_loss_name(loss));
      p.weight[3] = (kj_real)1e-3;
      if (trains_alike(&p, trainer))
        fail_msg("%s, %s: a weight has not changed the network",
                 kj_smoothing_name(k), kj_loss_name(loss));
      kj_trainer_destroy(trainer);
    }
}

static void no_weights_are_weights_of_one(void **state)
{
  (void)state;
  problem p = full_batch_problem(KJ_SMOOTHING_VAT);
  p.n_unlabelled = N_UNLABELLED;
  kj_trainer *trainer = train(&p);
  p.is_weighted = false;
  assert_true(trains_alike(&p, trainer));
  kj_trainer_destroy(trainer);
}

/* ---- the output node begins at the mean ---- */

static void output_begins_at_the_weighted_mean(void **state)
{
  (void)state;
  problem p = new_problem(2);
  p.is_weighted = true;
  p.y[2 * 5] = NAN;
  for (int weighted = 0; weighted <= 1; weighted++) {
    p.is_weighted = weighted;
    kj_trainer *trainer = new_trainer(&p);
    const kj_real *bias = kj_network_biases(kj_trainer_network(trainer), 2);
    for (size_t k = 0; k < 2; k++) {
      double sum = 0, weights = 0;
      for (size_t i = 0; i < N_ROWS; i++) {
        const double w = weighted ? (double)p.weight[i] : 1.0;
        if (isnan(p.y[2 * i + k]))
          continue;
        sum += w * (double)p.y[2 * i + k];
        weights += w;
      }
      assert_near("bias", (double)bias[k], sum / weights, 1e-6);
    }
    kj_trainer_destroy(trainer);
  }
}

/* ---- missing ratings ---- */

/* Without hidden layers the outputs have nothing in common but the rows. */
static problem joint_problem(kj_smoothing_kind kind)
{
  problem p = new_problem(2);
  p.options.shape = (kj_network_shape){.n_layers = 1, .width = {N_INPUTS, 2}};
  p.options.smoothing = kj_smoothing_defaults(kind);
  return p;
}

/* Whether output k has the same weights and bias in both. */
static bool same_output(const kj_trainer *a, const kj_trainer *b, size_t k)
{
  const kj_network *p = kj_trainer_network(a), *q = kj_trainer_network(b);
  return memcmp(kj_network_weights(p, 0) + k * N_INPUTS,
                kj_network_weights(q, 0) + k * N_INPUTS,
                N_INPUTS * sizeof(kj_real)) == 0 &&
         kj_network_biases(p, 0)[k] == kj_network_biases(q, 0)[k];
}

/* A rating that is missing is missing for its own target only: there the row
 * has no say, and the other target learns on as if nothing were. */
static void missing_rating_is_masked(void **state)
{
  (void)state;
  problem p = joint_problem(KJ_SMOOTHING_NONE);
  kj_trainer *complete = train(&p);
  p.y[2 * 4 + 1] = NAN;
  kj_trainer *missing = train(&p);
  assert_true(same_output(complete, missing, 0));
  assert_false(same_output(complete, missing, 1));
  for (size_t j = 0; j < N_INPUTS; j++)
    p.x[4 * N_INPUTS + j] += 1;
  kj_trainer *moved = train(&p);
  assert_false(same_output(missing, moved, 0));
  assert_true(same_output(missing, moved, 1));
  kj_trainer_destroy(complete);
  kj_trainer_destroy(missing);
  kj_trainer_destroy(moved);
}

/* AT wants the label too, VAT does not: it smooths a row that has no rating
 * of that target. */
static void missing_rating_in_the_second_term(void **state)
{
  (void)state;
  static const kj_smoothing_kind kinds[] = {KJ_SMOOTHING_AT, KJ_SMOOTHING_VAT};
  for (size_t k = 0; k < 2; k++) {
    problem p = joint_problem(kinds[k]);
    for (size_t i = 0; i < N_ROWS; i++)
      p.y[2 * i + 1] = i < 4 ? p.y[2 * i + 1] : (kj_real)NAN;
    p.options.batch = N_ROWS;
    kj_trainer *trainer = train(&p);
    assert_true(isfinite(kj_trainer_epoch(trainer, 4)->smoothing));
    assert_true(isfinite(kj_trainer_epoch(trainer, 4)->mae));
    kj_trainer_destroy(trainer);
  }
}

/* ---- unlabelled rows ---- */

static void unlabelled_rows_reach_noise_and_vat_only(void **state)
{
  (void)state;
  for (kj_smoothing_kind k = KJ_SMOOTHING_NONE; k <= KJ_SMOOTHING_VAT; k++) {
    problem p = new_problem(1);
    p.options.smoothing = kj_smoothing_defaults(k);
    kj_trainer *without = train(&p);
    p.n_unlabelled = N_UNLABELLED;
    const bool same = trains_alike(&p, without);
    const bool expected = k == KJ_SMOOTHING_NONE || k == KJ_SMOOTHING_AT;
    if (same != expected)
      fail_msg("%s: unlabelled rows make %s network", kj_smoothing_name(k),
               same ? "the same" : "another");
    p.options.smoothing.lambda = 0.0;
    kj_trainer *off = train(&p);
    p.n_unlabelled = 0;
    assert_true(trains_alike(&p, off));
    kj_trainer_destroy(off);
    kj_trainer_destroy(without);
  }
}

/* Which of the unlabelled rows have a say within `epochs` epochs. */
static size_t count_heard(problem *p, size_t epochs)
{
  size_t n_heard = 0;
  p->options.epochs = epochs;
  kj_trainer *trainer = train(p);
  for (size_t i = 0; i < p->n_unlabelled; i++) {
    kj_real *const row = p->unlabelled + i * N_INPUTS;
    for (size_t j = 0; j < N_INPUTS; j++)
      row[j] = -row[j];
    n_heard += !trains_alike(p, trainer);
    for (size_t j = 0; j < N_INPUTS; j++)
      row[j] = -row[j];
  }
  kj_trainer_destroy(trainer);
  return n_heard;
}

/* Each step takes as many unlabelled rows as it has labelled ones, and none
 * comes again before all have come: 23 labelled rows hear 23 different ones
 * an epoch, or all. */
static void unlabelled_rows_take_turns(void **state)
{
  (void)state;
  static const size_t sizes[] = {1, 5, N_ROWS, 30, 46, 60};
  for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
    problem p = new_problem(1);
    p.options.smoothing = kj_smoothing_defaults(KJ_SMOOTHING_VAT);
    p.options.shape.width[1] = 16; /* so that no row finds all units asleep */
    p.options.shape.width[2] = 12;
    p.n_unlabelled = sizes[s];
    for (size_t epochs = 1; epochs <= 3; epochs++) {
      const size_t drawn = epochs * N_ROWS;
      const size_t expected = drawn < sizes[s] ? drawn : sizes[s];
      const size_t n = count_heard(&p, epochs);
      if (n != expected)
        fail_msg("%zu of %zu unlabelled rows have a say in %zu epochs, must "
                 "be %zu",
                 n, sizes[s], epochs, expected);
    }
  }
}

static bool stop_second(void *context)
{
  return ++*(size_t *)context == 2;
}

/* Take the first step of the next epoch, and leave it there. */
static void step_once(kj_trainer *trainer)
{
  size_t n_asked = 0;
  kj_error err;
  assert_int_equal(kj_trainer_run_epoch(trainer, stop_second, &n_asked, &err),
                   KJ_EINTERRUPTED);
}

/* Which of the rows at x, a part of p, have a say in the first step of an
 * epoch: each is changed just before it. */
static void find_heard(const problem *p, kj_real *x, size_t epoch,
                       bool *is_heard)
{
  size_t n_heard = 0;
  for (size_t i = 0; i < N_ROWS; i++) {
    kj_trainer *trainer = new_trainer(p), *moved = new_trainer(p);
    for (size_t e = 0; e < epoch; e++) {
      run_epoch(trainer);
      run_epoch(moved);
    }
    step_once(trainer);
    const kj_real kept = x[i * N_INPUTS];
    x[i * N_INPUTS] += 1;
    step_once(moved);
    x[i * N_INPUTS] = kept;
    is_heard[i] = !same_networks(trainer, moved);
    n_heard += is_heard[i];
    kj_trainer_destroy(trainer);
    kj_trainer_destroy(moved);
  }
  assert_int_equal(n_heard, p->options.batch);
}

/* Labelled and unlabelled rows come in orders of their own, and each pass over
 * them has another: else the same rows would always meet. */
static void orders_are_drawn_anew(void **state)
{
  (void)state;
  problem p = new_problem(1);
  bool heard[4][N_ROWS];
  p.options.smoothing = kj_smoothing_defaults(KJ_SMOOTHING_VAT);
  p.options.shape.width[1] = 16;
  p.options.shape.width[2] = 12;
  p.n_unlabelled = N_ROWS; /* so that an epoch is a pass over these, too */
  for (size_t epoch = 0; epoch < 2; epoch++) {
    find_heard(&p, p.x, epoch, heard[2 * epoch]);
    find_heard(&p, p.unlabelled, epoch, heard[2 * epoch + 1]);
  }
  for (size_t a = 0; a < 4; a++)
    for (size_t b = 0; b < a; b++)
      assert_memory_not_equal(heard[a], heard[b], sizeof heard[a]);
}

/* Row 0 and unlabelled row 0 are moved in different directions: then noise
 * smooths two rows that are alike by another mean than one of them. */
static void unlabelled_rows_have_random_numbers_of_their_own(void **state)
{
  (void)state;
  problem p = new_problem(1);
  p.options.shape = (kj_network_shape){.n_layers = 1, .width = {N_INPUTS, 1}};
  p.options.smoothing = kj_smoothing_defaults(KJ_SMOOTHING_NOISE);
  p.options.epochs = 1;
  p.n_rows = 1;
  memcpy(p.unlabelled, p.x, N_INPUTS * sizeof *p.x);
  kj_trainer *alone = train(&p);
  p.n_unlabelled = 1;
  kj_trainer *both = train(&p);
  const double one = kj_trainer_epoch(alone, 0)->smoothing;
  const double two = kj_trainer_epoch(both, 0)->smoothing;
  assert_true(one > 0.0 && fabs(two - one) > 1e-3 * one);
  kj_trainer_destroy(alone);
  kj_trainer_destroy(both);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(weight_two_is_the_row_twice),
      cmocka_unit_test(weight_zero_is_no_row),
      cmocka_unit_test(weight_zero_hides_the_row),
      cmocka_unit_test(no_weights_are_weights_of_one),
      cmocka_unit_test(output_begins_at_the_weighted_mean),
      cmocka_unit_test(missing_rating_is_masked),
      cmocka_unit_test(missing_rating_in_the_second_term),
      cmocka_unit_test(unlabelled_rows_reach_noise_and_vat_only),
      cmocka_unit_test(unlabelled_rows_take_turns),
      cmocka_unit_test(orders_are_drawn_anew),
      cmocka_unit_test(unlabelled_rows_have_random_numbers_of_their_own),
  };
  return cmocka_run_group_tests_name("training rows", tests, NULL, NULL);
}
