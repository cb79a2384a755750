/*
 * test_learns.c: a training learns a regression that can be learnt, on rows
 * it has not seen, with every smoothing, loss and initialisation.
 */
#include "training/problem.h"

/* y = 3 + a.x + .1 noise, 40 rows, measured on 40 others. */
static problem learnable_problem(void)
{
  problem p = new_problem(1);
  p.n_rows = 40;
  p.n_validation = 40;
  p.options.epochs = 60;
  p.options.schedule = KJ_SCHEDULE_COSINE;
  p.options.smoothing.lambda = 0.3;
  p.options.smoothing.epsilon = 0.1;
  return p;
}

static void check_learns(const char *what, const problem *p, double floor)
{
  kj_trainer *trainer = train(p);
  const kj_epoch *first = kj_trainer_epoch(trainer, 0);
  const kj_epoch *last = kj_trainer_epoch(trainer, p->options.epochs - 1);
  print_message("%-22s held out: MAE %.3f -> %.3f, CCC %.3f -> %.3f\n", what,
                first->validation_mae, last->validation_mae,
                first->validation_ccc, last->validation_ccc);
  if (!(last->validation_ccc > floor))
    fail_msg("%s: CCC of held-out rows is %.3f, must be above %.2f (seed %d)",
             what, last->validation_ccc, floor, PROBLEM_SEED);
  assert_true(last->validation_mae < 0.5 * first->validation_mae);
  assert_true(last->loss < first->loss);
  kj_trainer_destroy(trainer);
}

static void every_smoothing_learns(void **state)
{
  (void)state;
  for (kj_smoothing_kind k = KJ_SMOOTHING_NONE; k <= KJ_SMOOTHING_VAT; k++) {
    problem p = learnable_problem();
    p.options.smoothing.kind = k;
    p.n_unlabelled = 50;
    check_learns(kj_smoothing_name(k), &p, 0.9);
  }
}

static void every_way_of_training_learns(void **state)
{
  (void)state;
  problem p = learnable_problem();
  p.options.loss = KJ_LOSS_CCC;
  p.options.batch = 20;
  p.options.epochs = 120;
  check_learns("ccc", &p, 0.9);
  p = learnable_problem();
  p.options.he_initialisation = true;
  check_learns("He", &p, 0.9);
  p = learnable_problem();
  p.options.shape.output = KJ_ACTIVATION_RELU;
  check_learns("ReLU output", &p, 0.9);
  p = learnable_problem();
  p.options.schedule = KJ_SCHEDULE_CONSTANT;
  p.options.weight_decay = 1e-3;
  check_learns("constant, decay", &p, 0.9);
  p = learnable_problem();
  p.options.shape = (kj_network_shape){.n_layers = 1, .width = {N_INPUTS, 1}};
  check_learns("no hidden layer", &p, 0.9);
}

/* Decay is decoupled: with gradients of 0 a step multiplies the parameters by
 * 1 - rate * decay. Ratings and rows of 0 give such gradients. */
static void decay_shrinks_the_parameters(void **state)
{
  (void)state;
  problem p = new_problem(1);
  p.options.shape = (kj_network_shape){.n_layers = 1, .width = {N_INPUTS, 1}};
  p.options.weight_decay = 2.0;
  p.options.batch = N_ROWS;
  p.options.epochs = 1;
  for (size_t i = 0; i < N_ROWS * N_INPUTS; i++)
    p.x[i] = 0;
  for (size_t i = 0; i < N_ROWS; i++)
    p.y[i] = 0;
  kj_trainer *trainer = new_trainer(&p);
  const kj_real *w = kj_network_weights(kj_trainer_network(trainer), 0);
  kj_real before[N_INPUTS];
  memcpy(before, w, sizeof before);
  run_epoch(trainer);
  for (size_t j = 0; j < N_INPUTS; j++)
    assert_near("weight", (double)w[j], 0.98 * (double)before[j], 1e-7);
  kj_trainer_destroy(trainer);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_smoothing_learns),
      cmocka_unit_test(every_way_of_training_learns),
      cmocka_unit_test(decay_shrinks_the_parameters),
  };
  return cmocka_run_group_tests_name("training learns", tests, NULL, NULL);
}
