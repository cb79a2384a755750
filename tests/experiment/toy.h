/*
 * toy.h: small datasets for the tests of this room, with all that a table can
 * tell of its rows, and fits that take a moment.
 *
 * A toy is speakers of a few rows each; two speakers make a session, the
 * first half of them corpus "a", the others "b". Ratings are
 * 3 + a.x + the speaker's own + noise. It holds its data itself: change it
 * before a fit is made of it.
 */
#ifndef KJ_TESTS_EXPERIMENT_TOY_H
#define KJ_TESTS_EXPERIMENT_TOY_H

#include "network/support.h"

#include "experiment/fit_state.h"
#include "kanjo/metrics.h"

#include <stdio.h>

enum {
  TOY_SPEAKERS = 5,
  TOY_ROWS_EACH = 8,
  TOY_ROWS = TOY_SPEAKERS * TOY_ROWS_EACH,
  TOY_INPUTS = 4,
  TOY_TARGETS = 3, /* at most */
  TOY_SEED = 11
};

typedef struct toy {
  kj_dataset data;
  kj_row row[TOY_ROWS];
  float x[TOY_ROWS * TOY_INPUTS];
  float y[TOY_ROWS * TOY_TARGETS];
  const char *speaker[TOY_SPEAKERS], *session[3], *corpus[2];
  const char *input[TOY_INPUTS];
} toy;

/* Whom row i belongs to. */
static inline void set_groups(toy *t, size_t i)
{
  const size_t speaker = i / TOY_ROWS_EACH;
  kj_row *row = &t->row[i];
  const size_t group[KJ_N_GROUPS] = {speaker, speaker / 2,
                                     speaker >= TOY_SPEAKERS / 2};
  memcpy(row->group, group, sizeof group);
  for (size_t kind = 0; kind < KJ_N_GROUPS; kind++)
    row->group_name[kind] = t->data.groups[kind].name[group[kind]];
}

static inline void name_things(toy *t)
{
  static const char *const speakers[TOY_SPEAKERS] = {"ann", "bob", "cem", "dan",
                                                     "eve"};
  static const char *const sessions[3] = {"1", "2", "3"};
  static const char *const corpora[2] = {"a", "b"};
  static const char *const inputs[TOY_INPUTS] = {"p", "q", "r", "s"};
  memcpy(t->speaker, speakers, sizeof speakers);
  memcpy(t->session, sessions, sizeof sessions);
  memcpy(t->corpus, corpora, sizeof corpora);
  memcpy(t->input, inputs, sizeof inputs);
  t->data.groups[KJ_GROUP_SPEAKER] = (kj_groups){TOY_SPEAKERS, t->speaker};
  t->data.groups[KJ_GROUP_SESSION] = (kj_groups){3, t->session};
  t->data.groups[KJ_GROUP_CORPUS] = (kj_groups){2, t->corpus};
}

static inline void draw_toy(toy *t, size_t n_targets, uint64_t seed)
{
  static const double a[TOY_TARGETS][TOY_INPUTS] = {
      {0.5, -0.3, 0.2, 0.0}, {-0.2, 0.1, 0.0, 0.6}, {0.0, 0.4, -0.4, 0.1}};
  kj__random random = test_stream(seed, n_targets);
  double own[TOY_SPEAKERS];
  for (size_t s = 0; s < TOY_SPEAKERS; s++)
    own[s] = 0.2 * kj__random_normal(&random);
  for (size_t i = 0; i < TOY_ROWS; i++) {
    float *x = t->x + i * TOY_INPUTS;
    for (size_t j = 0; j < TOY_INPUTS; j++) /* columns of several scales */
      x[j] = (float)(10.0 * (double)j +
                     pow(10.0, (double)j - 1.0) * kj__random_normal(&random));
    for (size_t k = 0; k < n_targets; k++) {
      double y =
          3.0 + own[i / TOY_ROWS_EACH] + 0.1 * kj__random_normal(&random);
      for (size_t j = 0; j < TOY_INPUTS; j++)
        y += a[k][j] * ((double)x[j] - 10.0 * (double)j) /
             pow(10.0, (double)j - 1.0);
      t->y[i * n_targets + k] = (float)y;
    }
  }
}

/* Released with free(). */
static inline toy *new_toy(size_t n_targets)
{
  static const char *const targets[TOY_TARGETS] = {"valence", "activation",
                                                   "dominance"};
  toy *t = calloc(1, sizeof *t);
  assert_non_null(t);
  t->data = (kj_dataset){.path = "toy.csv",
                         .n_rows = TOY_ROWS,
                         .row = t->row,
                         .n_targets = n_targets,
                         .y = t->y,
                         .n_inputs = TOY_INPUTS,
                         .input_name = t->input,
                         .x = t->x,
                         .feature_set = "table"};
  name_things(t);
  for (size_t k = 0; k < n_targets; k++)
    strcpy(t->data.target[k], targets[k]);
  for (size_t i = 0; i < TOY_ROWS; i++) {
    t->row[i] = (kj_row){.name = "row",
                         .file = "",
                         .utterance = "",
                         .gender = "",
                         .language = "",
                         .text = "",
                         .emotion = "",
                         .spontaneous = -1,
                         .weight = 1.0,
                         .line = i + 2};
    set_groups(t, i);
  }
  draw_toy(t, n_targets, TOY_SEED);
  return t;
}

static inline kj_rows all_rows(const toy *t)
{
  return (kj_rows){NULL, t->data.n_rows};
}

/* Forget a kind of groups, as a table without that column does. */
static inline void drop_groups(toy *t, kj_group kind)
{
  static const char *const nobody[1] = {""};
  t->data.groups[kind] = (kj_groups){1, nobody};
  for (size_t i = 0; i < TOY_ROWS; i++) {
    t->row[i].group[kind] = 0;
    t->row[i].group_name[kind] = "";
  }
}

/* 4-6-5-1, linear, 4 epochs of batches of 8 at .01; nothing held out. */
static inline kj_fit_options toy_options(void)
{
  kj_fit_options options = kj_fit_defaults();
  options.hidden[0] = 6;
  options.hidden[1] = 5;
  options.output = KJ_ACTIVATION_LINEAR;
  options.learning_rate = 0.01;
  options.epochs = 4;
  options.batch = 8;
  options.seed = TOY_SEED;
  return options;
}

/* Likewise, with two of the five speakers held out. */
static inline kj_fit_options held_out_options(void)
{
  kj_fit_options options = toy_options();
  options.validation = (kj_split){.group = KJ_GROUP_SPEAKER, .fraction = 0.4};
  return options;
}

static inline kj_unlabelled all_unlabelled(const toy *t)
{
  return (kj_unlabelled){&t->data, {NULL, t->data.n_rows}};
}

static inline kj_fit *new_fit(const toy *t, const toy *unlabelled,
                              const kj_fit_options *options)
{
  kj_fit *fit = NULL;
  kj_error err;
  const kj_unlabelled other = all_unlabelled(unlabelled ? unlabelled : t);
  if (kj_fit_create(&t->data, all_rows(t), unlabelled ? &other : NULL, options,
                    &fit, &err) != KJ_OK)
    fail_msg("kj_fit_create: %s", err.message);
  return fit;
}

static inline void run_fit(kj_fit *fit)
{
  kj_error err;
  while (!kj_fit_is_done(fit))
    if (kj_fit_run_epoch(fit, NULL, NULL, &err) != KJ_OK)
      fail_msg("kj_fit_run_epoch: %s", err.message);
}

static inline kj_fit *fitted(const toy *t, const toy *unlabelled,
                             const kj_fit_options *options)
{
  kj_fit *fit = new_fit(t, unlabelled, options);
  run_fit(fit);
  return fit;
}

static inline kj_estimator *estimator_of(const kj_fit *fit)
{
  kj_estimator *estimator = NULL;
  kj_error err;
  if (kj_fit_estimator(fit, &estimator, &err) != KJ_OK)
    fail_msg("kj_fit_estimator: %s", err.message);
  return estimator;
}

/* Fit and keep the estimator alone. */
static inline kj_estimator *fit_estimator(const toy *t,
                                          const kj_fit_options *options)
{
  kj_fit *fit = fitted(t, NULL, options);
  kj_estimator *estimator = estimator_of(fit);
  kj_fit_destroy(fit);
  return estimator;
}

/* values: (TOY_ROWS, n_targets). */
static inline void estimate_toy(const kj_estimator *estimator, const toy *t,
                                double *values)
{
  kj_error err;
  if (kj_estimate_rows(estimator, &t->data, all_rows(t), values, &err) != KJ_OK)
    fail_msg("kj_estimate_rows: %s", err.message);
}

/* The rows that a fit of the whole toy holds out. */
static inline void find_held_out(const toy *t, const kj_fit_options *options,
                                 unsigned char *held_out)
{
  kj_split split = options->validation;
  kj_error err;
  split.seed = options->seed;
  if (kj_split_make(&t->data, all_rows(t), &split, held_out, &err) != KJ_OK)
    fail_msg("kj_split_make: %s", err.message);
}

static inline bool same_weights(const kj_network *a, const kj_network *b)
{
  return a->n_parameters == b->n_parameters &&
         memcmp(a->parameters, b->parameters,
                a->n_parameters * sizeof *a->parameters) == 0;
}

/* Every network of two fits is the same, bit for bit. */
static inline bool same_fits(const kj_fit *a, const kj_fit *b)
{
  assert_int_equal(kj_fit_trainers(a), kj_fit_trainers(b));
  for (size_t i = 0; i < kj_fit_trainers(a); i++)
    if (!same_weights(kj_trainer_network(kj_fit_trainer(a, i)),
                      kj_trainer_network(kj_fit_trainer(b, i))))
      return false;
  return true;
}

/* Fits the toy as it stands: are the networks those of `other`? */
static inline bool fits_alike(const toy *t, const toy *unlabelled,
                              const kj_fit_options *options,
                              const kj_fit *other)
{
  kj_fit *fit = fitted(t, unlabelled, options);
  const bool same = same_fits(fit, other);
  kj_fit_destroy(fit);
  return same;
}

/* The call failed with this status, and its message says this. */
static inline void check_error(const char *what, kj_status got,
                               kj_status expected, const kj_error *err,
                               const char *part)
{
  if (got != expected)
    fail_msg("%s: \"%s\" (%s), must be \"%s\"", what, kj_status_text(got),
             got == KJ_OK ? "" : err->message, kj_status_text(expected));
  if (err->status != expected || !strstr(err->message, part))
    fail_msg("%s: the message \"%s\" does not hold \"%s\"", what, err->message,
             part);
}

static inline kj_cross_validation_options toy_validation(void)
{
  kj_cross_validation_options options = {.fit = toy_options(),
                                         .folds = {.group = KJ_GROUP_SPEAKER},
                                         .n_contenders = KJ_N_CONTENDERS,
                                         .contender = KJ_CONTENDERS,
                                         .n_threads = 1,
                                         .bootstrap = kj_bootstrap_defaults()};
  options.fit.epochs = 2;
  options.bootstrap.n_replicates = 100;
  return options;
}

static inline kj_cross_validation
validated(const toy *t, const kj_cross_validation_options *options)
{
  kj_cross_validation result = {0};
  kj_error err;
  if (kj_cross_validate(&t->data, NULL, options, &result, &err) != KJ_OK)
    fail_msg("kj_cross_validate: %s", err.message);
  return result;
}

#endif
