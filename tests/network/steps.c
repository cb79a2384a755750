/*
 * steps.c: run five training steps and write out every tensor, for steps.py.
 *
 * Each line is a name and numbers in hexadecimal, which lose nothing.
 */
#include "support.h"

#include "network/adam.h"
#include "network/backward.h"
#include "network/loss.h"
#include <inttypes.h>
#include <stdio.h>

enum { ROWS = 37, OUTPUTS = 3, STEPS = 5 };

static const kj_network_shape SHAPE = {
    3, {40, 70, 33, OUTPUTS}, KJ_ACTIVATION_RELU};
static const kj_adam ADAM = {.learning_rate = 0.01,
                             .beta1 = 0.9,
                             .beta2 = 0.999,
                             .epsilon = 1e-8,
                             .weight_decay = 0.1};

/* One training, as far as this program needs it. */
typedef struct training {
  kj_network *net;
  kj_activations *activations;
  kj_real *x, *y, *weight, *f, *df, *dx, *gradient, *m, *v;
} training;

static void write_tensor(FILE *out, const char *name, const kj_real *values,
                         size_t n)
{
  fprintf(out, "%s", name);
  for (size_t i = 0; i < n; i++)
    fprintf(out, " %a", (double)values[i]);
  fprintf(out, "\n");
}

static void set_up(training *t)
{
  kj__random random = test_stream(41, 0);
  const size_t n_in = n_inputs(&SHAPE);
  t->net = random_network(&SHAPE, &random);
  t->activations = new_activations(&SHAPE, ROWS);
  t->x = draw_new(&random, 0.0, 1.0, ROWS * n_in);
  t->y = draw_new(&random, 1.0, 0.5, ROWS * OUTPUTS);
  t->weight = draw_new(&random, 2.0, 0.3, ROWS);
  for (size_t i = 3; i < ROWS * OUTPUTS; i += 7)
    t->y[i] = (kj_real)NAN;
  const size_t n = t->net->n_parameters;
  kj_real **const zeros[] = {&t->gradient, &t->m, &t->v};
  for (size_t i = 0; i < 3; i++)
    *zeros[i] = draw_new(&random, 0.0, 0.0, n);
  kj_real **const rows[] = {&t->f, &t->df, &t->dx};
  for (size_t i = 0; i < 3; i++)
    *rows[i] = draw_new(&random, 0.0, 0.0, ROWS * n_in);
}

static void tear_down(training *t)
{
  kj_network_destroy(t->net);
  kj_activations_destroy(t->activations);
  kj_real *const blocks[] = {t->x,  t->y,        t->weight, t->f, t->df,
                             t->dx, t->gradient, t->m,      t->v};
  for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
    free(blocks[i]);
}

static void write_data(const training *t, FILE *out)
{
  fprintf(out, "shape");
  for (size_t l = 0; l <= SHAPE.n_layers; l++)
    fprintf(out, " %zu", SHAPE.width[l]);
  fprintf(out, "\n");
  const kj_real adam[] = {(kj_real)ADAM.learning_rate, (kj_real)ADAM.beta1,
                          (kj_real)ADAM.beta2, (kj_real)ADAM.epsilon,
                          (kj_real)ADAM.weight_decay};
  write_tensor(out, "adam", adam, 5);
  write_tensor(out, "x", t->x, ROWS * n_inputs(&SHAPE));
  write_tensor(out, "y", t->y, ROWS * OUTPUTS);
  write_tensor(out, "weight", t->weight, ROWS);
}

/* Step t: mse, bce and ccc in turn, so that all three appear. */
static void take_step(training *t, uint64_t number, FILE *out)
{
  const kj_loss loss = (kj_loss)(number % 3);
  const size_t n = t->net->n_parameters;
  fprintf(out, "step %" PRIu64 "\nloss_name %s\n", number, kj_loss_name(loss));
  write_tensor(out, "before", t->net->parameters, n);
  memset(t->gradient, 0, n * sizeof *t->gradient);
  kj_network_forward(t->net, t->x, ROWS, t->activations, t->f);
  fprintf(out, "loss %a\n",
          kj__loss(loss, t->y, t->f, t->weight, ROWS, OUTPUTS, t->df));
  kj__network_backward(t->net, t->activations, t->df, ROWS, true, t->gradient,
                       t->dx);
  kj__adam_step(&ADAM, t->net->parameters, t->gradient, t->m, t->v, number, n);
  write_tensor(out, "f", t->f, ROWS * OUTPUTS);
  write_tensor(out, "df", t->df, ROWS * OUTPUTS);
  write_tensor(out, "dx", t->dx, ROWS * n_inputs(&SHAPE));
  write_tensor(out, "gradient", t->gradient, n);
  write_tensor(out, "m", t->m, n);
  write_tensor(out, "v", t->v, n);
  write_tensor(out, "after", t->net->parameters, n);
}

int main(int argc, char **argv)
{
  FILE *out = argc == 2 ? fopen(argv[1], "w") : NULL;
  if (!out) {
    fprintf(stderr, "usage: %s FILE (that can be written)\n", argv[0]);
    return 2;
  }
  training t = {0};
  set_up(&t);
  write_data(&t, out);
  for (uint64_t number = 1; number <= STEPS; number++)
    take_step(&t, number, out);
  tear_down(&t);
  const int failed = ferror(out);
  return fclose(out) != 0 || failed ? 1 : 0;
}
