/*
 * dump_step.c: write every case of step_case.h and what a training step makes
 * of it, for the independent computation in step.py; and of the case that is
 * trained several steps, with parameters and moments before and after each.
 *
 * Text to standard output: a line "name rows columns", then the numbers of
 * each row on a line, "%.17g".
 */
#include "smoothing/step_case.h"
#include "tier.h"

static void write_reals(const char *name, const kj_real *v, size_t rows,
                        size_t columns)
{
  printf("%s %zu %zu\n", name, rows, columns);
  for (size_t i = 0; i < rows; i++) {
    for (size_t j = 0; j < columns; j++)
      printf("%s%.17g", j ? " " : "", (double)v[i * columns + j]);
    printf("\n");
  }
}

static void write_number(const char *name, double value)
{
  printf("%s 1 1\n%.17g\n", name, value);
}

/* Parameters or their gradient, tensor by tensor. */
static void write_parameters(const char *prefix, const kj_network_shape *shape,
                             const kj_real *block)
{
  for (size_t l = 0; l < shape->n_layers; l++) {
    char name[32];
    snprintf(name, sizeof name, "%sW%zu", prefix, l);
    write_reals(name, block, shape->width[l + 1], shape->width[l]);
    block += shape->width[l + 1] * shape->width[l];
    snprintf(name, sizeof name, "%sb%zu", prefix, l);
    write_reals(name, block, 1, shape->width[l + 1]);
    block += shape->width[l + 1];
  }
}

static void write_settings(const step_case *c, const case_options *o,
                           kj_loss loss)
{
  const kj_smoothing *s = &c->smoothing;
  printf("case 1 1\n%s\n", o->name);
  printf("kind 1 1\n%s\n", kj_smoothing_name(s->kind));
  printf("direction 1 1\n%s\n", kj_direction_name(s->direction));
  printf("loss 1 1\n%s\n", kj_loss_name(loss));
  printf("output 1 1\n%s\n", kj_activation_name(o->output));
  write_number("layers", (double)c->net->shape.n_layers);
  write_number("lambda", s->lambda);
  write_number("epsilon", s->epsilon);
  write_number("iterations", s->power_iterations);
  write_number("xi", s->xi);
  write_number("seed", CASE_SEED);
  write_number("step", CASE_STEP);
  write_number("relative", s->is_relative);
  write_number("dropout", c->dropout);
  printf("sigma 1 %zu\n", c->n_out);
  for (size_t k = 0; k < c->n_out; k++)
    printf("%.17g%s", s->sigma[k], k + 1 < c->n_out ? " " : "\n");
}

static void write_batch(const step_case *c)
{
  const kj_batch *batch = &c->batch;
  write_number("n_labelled", (double)batch->n_labelled);
  write_reals("x", c->x, c->n_rows, c->n_in);
  write_reals("y", c->y, batch->n_labelled, c->n_out);
  if (batch->weight)
    write_reals("weight", c->weight, 1, c->n_rows);
  printf("row_id 1 %zu\n", c->n_rows);
  for (size_t i = 0; i < c->n_rows; i++)
    printf("%llu%s", (unsigned long long)c->row_id[i],
           i + 1 < c->n_rows ? " " : "\n");
}

/* The case as it is, and what becomes of it. */
static void write_step(step_case *c, const case_options *o, kj_loss loss)
{
  write_settings(c, o, loss);
  write_parameters("", &c->net->shape, c->net->parameters);
  write_batch(c);
  case_direction(c);
  const kj_step_losses losses = case_run(c, loss);
  write_reals("out.r", c->r, c->n_rows, c->n_in);
  write_reals("out.y_hat", c->y_hat, c->n_rows, c->n_out);
  write_number("out.supervised", losses.supervised);
  write_number("out.smoothing", losses.smoothing);
  write_parameters("out.d", &c->net->shape, c->gradient);
}

static void write_state(const char *prefix, const step_case *c,
                        const kj_optimiser *optimiser)
{
  char name[32];
  snprintf(name, sizeof name, "%sparameters", prefix);
  write_reals(name, c->net->parameters, 1, c->net->n_parameters);
  snprintf(name, sizeof name, "%smoment1", prefix);
  write_reals(name, optimiser->moment1, 1, c->net->n_parameters);
  snprintf(name, sizeof name, "%smoment2", prefix);
  write_reals(name, optimiser->moment2, 1, c->net->n_parameters);
}

/* Steps down bce, ccc and mse in turn. */
static void write_training(step_case *c, const case_options *o)
{
  const size_t n = c->net->n_parameters;
  kj_real *moments = case_memory(2 * n, sizeof *moments);
  kj_optimiser optimiser = {
      .adam = kj_adam_defaults(), .moment1 = moments, .moment2 = moments + n};
  optimiser.adam.learning_rate = 0.01;
  optimiser.adam.weight_decay = 0.1;
  for (optimiser.t = 1; optimiser.t <= CASE_TRAINING; optimiser.t++) {
    const kj_loss loss = (kj_loss)(optimiser.t % 3);
    const kj_step step = case_step(c, loss);
    write_step(c, o, loss);
    write_number("t", (double)optimiser.t);
    write_reals("gradient", c->gradient, 1, n);
    write_state("adam.", c, &optimiser);
    kj_stepper_descend(c->stepper, c->net, &c->batch, &step, &optimiser, NULL);
    write_state("out.adam.", c, &optimiser);
    printf("end 0 0\n");
  }
  free(moments);
}

/* With the argument "bf16" the products read bf16. */
int main(int argc, char **argv)
{
  kj_stepper_options how = {.precision = KJ_PRECISION_FP32, .n_threads = 1};
  if (argc > 1)
    kj_precision_find(argv[1], &how.precision);
  if (tier_is_missing())
    return TIER_SKIPPED;
  for (size_t i = 0; i < N_STEP_CASES; i++) {
    const case_options *o = &STEP_CASES[i];
    step_case c = case_create(o, 100 + i);
    kj_stepper_destroy(c.stepper);
    c.stepper = case_stepper(&c.net->shape, c.n_rows, &how);
    if (o->trained) {
      write_training(&c, o);
    } else {
      write_step(&c, o, o->loss);
      printf("end 0 0\n");
    }
    case_destroy(&c);
  }
  return 0;
}
