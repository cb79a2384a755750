/*
 * problem.h: small trainings for the tests of this room.
 *
 * A problem is rows drawn from one seed, y = 3 + a.x + noise, and options to
 * train on them. It holds its rows itself: change them before a trainer is
 * made of it.
 */
#ifndef KJ_TESTS_TRAINING_PROBLEM_H
#define KJ_TESTS_TRAINING_PROBLEM_H

#include "network/support.h"

#include "kanjo/training.h"

enum {
  MOST_ROWS = 64,
  N_INPUTS = 4,
  MOST_OUTPUTS = 2,
  N_ROWS = 23, /* no multiple of the batch */
  N_VALIDATION = 12,
  N_UNLABELLED = 17,
  PROBLEM_SEED = 7
};

typedef struct problem {
  kj_training_options options;
  kj_real x[MOST_ROWS * N_INPUTS];
  kj_real y[MOST_ROWS * MOST_OUTPUTS];
  kj_real weight[MOST_ROWS];
  kj_real validation_x[MOST_ROWS * N_INPUTS];
  kj_real validation_y[MOST_ROWS * MOST_OUTPUTS];
  kj_real unlabelled[MOST_ROWS * N_INPUTS];
  size_t n_rows, n_validation, n_unlabelled, n_out;
  bool is_weighted;
} problem;

static inline void draw_ratings(kj__random *random, const kj_real *x,
                                size_t n_rows, size_t n_out, kj_real *y)
{
  static const double a[MOST_OUTPUTS][N_INPUTS] = {{0.5, -0.3, 0.2, 0.0},
                                                   {-0.2, 0.1, 0.0, 0.6}};
  for (size_t i = 0; i < n_rows; i++)
    for (size_t k = 0; k < n_out; k++) {
      double sum = 3.0 + 0.1 * kj__random_normal(random);
      for (size_t j = 0; j < N_INPUTS; j++)
        sum += a[k][j] * (double)x[i * N_INPUTS + j];
      y[i * n_out + k] = (kj_real)sum;
    }
}

/* 4-6-5-n_out, linear, Adam at .01, 5 epochs of batches of 6. */
static inline kj_training_options problem_options(size_t n_out)
{
  return (kj_training_options){.shape = {.n_layers = 3,
                                         .width = {N_INPUTS, 6, 5, n_out},
                                         .output = KJ_ACTIVATION_LINEAR},
                               .loss = KJ_LOSS_MSE,
                               .smoothing =
                                   kj_smoothing_defaults(KJ_SMOOTHING_NONE),
                               .learning_rate = 0.01,
                               .schedule = KJ_SCHEDULE_CONSTANT,
                               .epochs = 5,
                               .batch = 6,
                               .seed = PROBLEM_SEED};
}

/* Labelled rows only; other rows are there to be switched on. */
static inline problem new_problem(size_t n_out)
{
  problem p = {
      .options = problem_options(n_out), .n_rows = N_ROWS, .n_out = n_out};
  kj__random random = test_stream(PROBLEM_SEED, n_out);
  draw(&random, 0.0, 1.0, p.x, MOST_ROWS * N_INPUTS);
  draw(&random, 0.0, 1.0, p.validation_x, MOST_ROWS * N_INPUTS);
  draw(&random, 0.0, 1.0, p.unlabelled, MOST_ROWS * N_INPUTS);
  draw_ratings(&random, p.x, MOST_ROWS, n_out, p.y);
  draw_ratings(&random, p.validation_x, MOST_ROWS, n_out, p.validation_y);
  for (size_t i = 0; i < MOST_ROWS; i++)
    p.weight[i] = (kj_real)(0.25 + kj__random_uniform(&random));
  return p;
}

static inline kj_training_data problem_data(const problem *p)
{
  return (kj_training_data){
      .train = {p->x, p->y, p->is_weighted ? p->weight : NULL, p->n_rows},
      .validation = {p->validation_x, p->validation_y, NULL, p->n_validation},
      .unlabelled = p->n_unlabelled > 0 ? p->unlabelled : NULL,
      .n_unlabelled = p->n_unlabelled};
}

/* A trainer that reads the rows of `p`, which must stay where it is. */
static inline kj_trainer *new_trainer(const problem *p)
{
  kj_trainer *trainer = NULL;
  kj_error err;
  const kj_training_data data = problem_data(p);
  if (kj_trainer_create(&p->options, &data, &trainer, &err) != KJ_OK)
    fail_msg("kj_trainer_create: %s", err.message);
  return trainer;
}

static inline void run_epoch(kj_trainer *trainer)
{
  kj_error err;
  if (kj_trainer_run_epoch(trainer, NULL, NULL, &err) != KJ_OK)
    fail_msg("epoch %zu: %s", kj_trainer_epochs(trainer) + 1, err.message);
}

static inline kj_trainer *train(const problem *p)
{
  kj_trainer *trainer = new_trainer(p);
  while (!kj_trainer_is_done(trainer))
    run_epoch(trainer);
  return trainer;
}

/* A piece of state by its name. */
static inline kj_trainer_tensor find_piece(kj_trainer *trainer,
                                           const char *name)
{
  for (size_t i = 0; i < kj_trainer_state_count(trainer); i++) {
    const kj_trainer_tensor piece = kj_trainer_state(trainer, i);
    if (strcmp(piece.name, name) == 0)
      return piece;
  }
  fail_msg("no piece of state is called \"%s\"", name);
  return (kj_trainer_tensor){0};
}

static inline size_t piece_size(const kj_trainer_tensor *piece)
{
  static const size_t sizes[] = {[KJ_TENSOR_REAL] = sizeof(kj_real),
                                 [KJ_TENSOR_DOUBLE] = sizeof(double),
                                 [KJ_TENSOR_COUNT] = sizeof(uint64_t)};
  return piece->count * sizes[piece->type];
}

/* The networks of two trainings are the same, bit for bit. */
static inline bool same_networks(const kj_trainer *a, const kj_trainer *b)
{
  const kj_network *net_a = kj_trainer_network(a);
  const kj_network *net_b = kj_trainer_network(b);
  return net_a->n_parameters == net_b->n_parameters &&
         memcmp(net_a->parameters, net_b->parameters,
                net_a->n_parameters * sizeof(kj_real)) == 0;
}

/* Trains `p` as it stands and says whether the network is that of `other`. */
static inline bool trains_alike(const problem *p, const kj_trainer *other)
{
  kj_trainer *trainer = train(p);
  const bool same = same_networks(trainer, other);
  kj_trainer_destroy(trainer);
  return same;
}

#endif
