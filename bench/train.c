/*
 * train.c: how long an epoch of training takes, and against what limit.
 *
 *     bench_train [OPTION...]
 *
 * Trains the paper's network, 384-1200-600-1 with ReLU output, on 8,604 rows of
 * standard normal features: the size of its largest experiment. Each line is
 * one way to train: seconds an epoch (median; least and most), GF/s of the
 * step's matrix products, and their share of what the cores can multiply and
 * add at most, measured between the epochs.
 */
#define _GNU_SOURCE
#include "base/random.h"
#include "common/clock.h"
#include "common/limit.h"
#include "common/processors.h"
#include "common/timed.h"
#include "kanjo/training.h"
#include "smoothing/step.h"
#include "training/state.h"

#include <argp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 16, N_IN = 384, N_HIDDEN1 = 1200, N_HIDDEN2 = 600 };

/* The ways to train, every combination; and how much of each. */
typedef struct settings {
  size_t batch[MOST], n_threads[MOST];
  int smoothing[MOST], precision[MOST];
  size_t n_batches, n_thread_counts, n_smoothings, n_precisions;
  kj_direction direction;
  size_t n_rows, n_epochs, n_warmup;
  bool json, kernels;
} settings;

/* One way. */
typedef struct way {
  size_t batch, n_threads;
  kj_smoothing_kind smoothing;
  kj_precision precision;
} way;

typedef struct figures {
  double seconds[256]; /* of each epoch, sorted in the end */
  size_t n;
  double terms; /* multiply-adds an epoch */
  double limit; /* GF/s, of all threads together */
  double last_loss;
} figures;

/* Multiply-adds a row: with P of a forward pass, L1 of its first layer and L of
 * all others, one output; docs/smoothing.md. */
static double terms_per_row(const way *w, kj_direction direction)
{
  const double L1 = (double)N_IN * N_HIDDEN1;
  const double L = (double)N_HIDDEN1 * N_HIDDEN2 + N_HIDDEN2;
  const double P = L1 + L;
  switch (w->smoothing) {
  case KJ_SMOOTHING_NONE:
    return P + L + P;
  case KJ_SMOOTHING_NOISE:
    return P + L + P + L + 2.0 * P;
  case KJ_SMOOTHING_AT:
    break;
  case KJ_SMOOTHING_VAT:
    if (direction == KJ_DIRECTION_POWER)
      return P + L + P + (L + L1) + P + L + 2.0 * P;
    break;
  }
  return P + (L + L1) + P + L + 2.0 * P;
}

static kj_training_options options_of(const settings *s, const way *w)
{
  kj_training_options o = {
      .shape = {.n_layers = 3,
                .width = {N_IN, N_HIDDEN1, N_HIDDEN2, 1},
                .output = KJ_ACTIVATION_RELU},
      .smoothing = kj_smoothing_defaults(w->smoothing),
      .learning_rate = 1e-3,
      .epochs = s->n_warmup + s->n_epochs + 1, /* after the last, the network
                                                  is looked at whole */
      .batch = w->batch,
      .seed = 1,
      .precision = w->precision,
      .n_threads = w->n_threads,
  };
  o.smoothing.direction = s->direction;
  return o;
}

static void fail(const char *what, const kj_error *err)
{
  fprintf(stderr, "bench_train: %s: %s\n", what, err->message);
  exit(1);
}

static kj_trainer *create(const settings *s, const way *w,
                          const kj_training_data *data)
{
  const kj_training_options o = options_of(s, w);
  kj_trainer *trainer = NULL;
  kj_error err;
  if (kj_trainer_create(&o, data, &trainer, &err) != KJ_OK)
    fail("a training", &err);
  return trainer;
}

static double run_epoch(kj_trainer *trainer)
{
  kj_error err;
  const double started_s = kj_bench_now_s();
  if (kj_trainer_run_epoch(trainer, NULL, NULL, &err) != KJ_OK)
    fail("an epoch", &err);
  return kj_bench_now_s() - started_s;
}

static kj__tier tier_here(void)
{
  kj__tier tier;
  kj_error err;
  if (kj__tier_choose(&tier, &err) != KJ_OK)
    fail("the kernels", &err);
  return tier;
}

static figures measure(const settings *s, const way *w,
                       const kj_training_data *data)
{
  figures f = {.terms =
                   terms_per_row(w, s->direction) * (double)data->train.n_rows};
  kj_trainer *trainer = create(s, w, data);
  double limits[256];
  for (size_t e = 0; e < s->n_warmup; e++)
    run_epoch(trainer);
  for (size_t e = 0; e < s->n_epochs; e++) {
    limits[e] = kj_bench_multiply_add_limit(tier_here());
    f.seconds[f.n++] = run_epoch(trainer);
  }
  f.limit = kj_bench_median(limits, f.n) * (double)w->n_threads;
  f.last_loss = kj_trainer_epoch(trainer, s->n_epochs - 1)->loss;
  kj_trainer_destroy(trainer);
  return f;
}

/* ---- what is printed ---- */

static double gflops(const figures *f, double median_s)
{
  return 2.0 * f->terms / median_s / 1e9;
}

static void print_json(const settings *s, const way *w, const figures *f)
{
  double sorted[256];
  memcpy(sorted, f->seconds, sizeof sorted);
  const double median_s = kj_bench_median(sorted, f->n);
  printf("{\"batch\":%zu,\"smoothing\":\"%s\",\"direction\":\"%s\","
         "\"precision\":\"%s\",\"threads\":%zu,\"tier\":\"%s\",",
         w->batch, kj_smoothing_name(w->smoothing),
         kj_direction_name(s->direction), kj_precision_name(w->precision),
         w->n_threads, kj__tier_name(tier_here()));
  printf("\"seconds_per_epoch\":[");
  for (size_t e = 0; e < f->n; e++)
    printf("%s%.6f", e ? "," : "", f->seconds[e]);
  printf("],\"median_seconds\":%.6f,\"gflops\":%.3f,"
         "\"fma_limit_gflops\":%.3f,\"fraction_of_limit\":%.4f}\n",
         median_s, gflops(f, median_s), f->limit,
         gflops(f, median_s) / f->limit);
  fflush(stdout);
}

static void print_line(const way *w, figures *f)
{
  const double median_s = kj_bench_median(f->seconds, f->n);
  printf(
      "%5zu  %-9s  %-9s  %7zu  %7.3f  (%.3f..%.3f)  %7.1f  %7.1f  %5.1f %%\n",
      w->batch, kj_smoothing_name(w->smoothing),
      kj_precision_name(w->precision), w->n_threads, median_s, f->seconds[0],
      f->seconds[f->n - 1], gflops(f, median_s), f->limit,
      100.0 * gflops(f, median_s) / f->limit);
  fflush(stdout);
}

/* Where the time of one thread goes. Not the run that is timed as a whole:
 * looking at the clock is not free. */
static void print_kernels(const settings *s, const way *w,
                          const kj_training_data *data)
{
  settings short_run = *s;
  short_run.n_warmup = 0;
  short_run.n_epochs = 2;
  kj_trainer *trainer = create(&short_run, w, data);
  trainer->stepper->kernels = kj_bench_time_kernels(trainer->stepper->kernels);
  run_epoch(trainer);
  kj_bench_clear_accounts();
  const double whole_s = run_epoch(trainer);
  const double n_steps = ceil((double)data->train.n_rows / (double)w->batch);
  const double limit = kj_bench_multiply_add_limit(tier_here());
  double rest_s = whole_s;
  size_t n;
  const kj_bench_account *account = kj_bench_accounts(&n);
  printf("batch %zu, %s, %s: microseconds a step\n", w->batch,
         kj_smoothing_name(w->smoothing), kj_precision_name(w->precision));
  for (size_t i = 0; i < n; i++) {
    const kj_bench_account *a = &account[i];
    rest_s -= a->seconds;
    printf("  %-14s %4zu -> %4zu  %9.1f us  %5.1f %% of the time  %6.1f GF/s "
           "(%.0f %% of the limit)\n",
           a->kernel, a->n_in, a->n_out, 1e6 * a->seconds / n_steps,
           100.0 * a->seconds / whole_s, a->flops / a->seconds / 1e9,
           100.0 * a->flops / a->seconds / 1e9 / limit);
  }
  printf("  %-28s  %9.1f us  %5.1f %% of the time\n", "all else",
         1e6 * rest_s / n_steps, 100.0 * rest_s / whole_s);
  fflush(stdout);
  kj_trainer_destroy(trainer);
}

static void print_head(const settings *s)
{
  double round_trip_ns = 0.0;
  for (size_t i = 0; i < s->n_thread_counts; i++)
    if (s->n_threads[i] > 1)
      round_trip_ns = kj_bench_round_trip_ns();
  printf("384-1200-600-1, %zu rows an epoch, kernels %s\n", s->n_rows,
         kj__tier_name(tier_here()));
  if (round_trip_ns > 0.0)
    printf("a cache line there and back between two cores: %.0f ns\n",
           round_trip_ns);
  printf("%5s  %-9s  %-9s  %7s  %7s  %-14s  %7s  %7s  %7s\n", "batch",
         "smoothing", "precision", "threads", "s/epoch", "(least..most)",
         "GF/s", "limit", "share");
}

/* ---- what is asked for ---- */

static const struct argp_option OPTIONS[] = {
    {"batch", 'b', "LIST", 0, "rows a step (32,64,128,256,512)", 0},
    {"smoothing", 's', "LIST", 0, "none, noise, at, vat (none,vat)", 0},
    {"direction", 'd', "NAME", 0, "of VAT: exact or power (exact)", 0},
    {"precision", 'p', "LIST", 0, "fp32, bf16 (fp32,bf16)", 0},
    {"threads", 't', "LIST", 0, "1,2", 0},
    {"epochs", 'e', "N", 0, "measured, of each way (3)", 0},
    {"warmup", 'w', "N", 0, "epochs before (1)", 0},
    {"rows", 'r', "N", 0, "an epoch (8604)", 0},
    {"kernels", 'k', NULL, 0, "also the time of each kernel (one thread)", 0},
    {"json", 'j', NULL, 0, "a JSON object a line instead of the table", 0},
    {0}};

static size_t read_count(const char *text, size_t most,
                         struct argp_state *state)
{
  char *end;
  const unsigned long value = strtoul(text, &end, 10);
  if (end == text || (*end != '\0' && *end != ',') || value < 1 || value > most)
    argp_error(state, "%s must be 1..%zu", text, most);
  return (size_t)value;
}

static size_t read_counts(char *text, size_t *values, size_t most,
                          struct argp_state *state)
{
  size_t n = 0;
  for (char *word = strtok(text, ","); word && n < MOST;
       word = strtok(NULL, ","))
    values[n++] = read_count(word, most, state);
  return n;
}

/* Names that `name_of` gives to 0, 1, ... */
static size_t read_names(char *text, int *values,
                         const char *(*name_of)(int value),
                         struct argp_state *state)
{
  size_t n = 0;
  for (char *word = strtok(text, ","); word && n < MOST;
       word = strtok(NULL, ",")) {
    int value = 0;
    while (name_of(value) && strcmp(name_of(value), word) != 0)
      value++;
    if (!name_of(value))
      argp_error(state, "'%s' is not known here", word);
    values[n++] = value;
  }
  return n;
}

static const char *smoothing_name(int value)
{
  return kj_smoothing_name((kj_smoothing_kind)value);
}

static const char *precision_name(int value)
{
  return kj_precision_name((kj_precision)value);
}

static error_t parse(int key, char *text, struct argp_state *state)
{
  settings *s = state->input;
  switch (key) {
  case 'b':
    s->n_batches = read_counts(text, s->batch, KJ_MAX_BATCH, state);
    return 0;
  case 's':
    s->n_smoothings = read_names(text, s->smoothing, smoothing_name, state);
    return 0;
  case 'd':
    if (!kj_direction_find(text, &s->direction))
      argp_error(state, "'%s' is no direction", text);
    return 0;
  case 'p':
    s->n_precisions = read_names(text, s->precision, precision_name, state);
    return 0;
  case 't':
    s->n_thread_counts = read_counts(text, s->n_threads, KJ_MAX_THREADS, state);
    return 0;
  case 'e':
    s->n_epochs = read_count(text, 200, state);
    return 0;
  case 'w':
    s->n_warmup = read_count(text, 200, state);
    return 0;
  case 'r':
    s->n_rows = read_count(text, 1000000, state);
    return 0;
  case 'k':
    s->kernels = true;
    return 0;
  case 'j':
    s->json = true;
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static void draw(float *x, float *y, size_t n_rows)
{
  kj__random random = kj__random_stream(1, KJ__PURPOSE_TEST, 0, 0);
  for (size_t i = 0; i < n_rows * N_IN; i++)
    x[i] = (float)kj__random_normal(&random);
  for (size_t i = 0; i < n_rows; i++)
    y[i] = (float)(1.0 + 4.0 * kj__random_uniform(&random));
}

static void run_way(const settings *s, const way *w,
                    const kj_training_data *data)
{
  figures f = measure(s, w, data);
  if (s->json)
    print_json(s, w, &f);
  else
    print_line(w, &f);
  if (s->kernels && w->n_threads == 1)
    print_kernels(s, w, data);
}

int main(int argc, char **argv)
{
  const struct argp argp = {OPTIONS,
                            parse,
                            NULL,
                            "Time epochs of training against the machine's "
                            "limit.",
                            NULL,
                            NULL,
                            NULL};
  settings s = {.batch = {32, 64, 128, 256, 512},
                .n_batches = 5,
                .smoothing = {KJ_SMOOTHING_NONE, KJ_SMOOTHING_VAT},
                .n_smoothings = 2,
                .precision = {KJ_PRECISION_FP32, KJ_PRECISION_BF16},
                .n_precisions = 2,
                .n_threads = {1, 2},
                .n_thread_counts = 2,
                .n_rows = 8604,
                .n_epochs = 3,
                .n_warmup = 1};
  argp_parse(&argp, argc, argv, 0, NULL, &s);
  float *x = malloc(s.n_rows * N_IN * sizeof *x);
  float *y = malloc(s.n_rows * sizeof *y);
  if (!x || !y)
    return 1;
  draw(x, y, s.n_rows);
  const kj_training_data data = {.train = {.x = x, .y = y, .n_rows = s.n_rows}};
  if (!s.json)
    print_head(&s);
  for (size_t p = 0; p < s.n_precisions; p++)
    for (size_t k = 0; k < s.n_smoothings; k++)
      for (size_t t = 0; t < s.n_thread_counts; t++)
        for (size_t b = 0; b < s.n_batches; b++)
          run_way(&s,
                  &(way){s.batch[b], s.n_threads[t],
                         (kj_smoothing_kind)s.smoothing[k],
                         (kj_precision)s.precision[p]},
                  &data);
  free(x);
  free(y);
  return 0;
}
