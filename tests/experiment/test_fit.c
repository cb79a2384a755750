/*
 * test_fit.c: a fit learns from the rows it may learn from, and its estimator
 * gives what its networks say of standardised rows.
 */
#include "experiment/toy.h"

/* ---- the estimator ---- */

/* Mean and 1 / standard deviation of a column over rows that are kept. */
static void check_scaler(const toy *t, const unsigned char *held_out,
                         const kj_scaler *scaler)
{
  assert_int_equal(scaler->n, TOY_INPUTS);
  for (size_t j = 0; j < TOY_INPUTS; j++) {
    double n = 0, mean = 0, variance = 0;
    for (size_t i = 0; i < TOY_ROWS; i++)
      if (!held_out[i]) {
        mean += (double)t->x[i * TOY_INPUTS + j];
        n++;
      }
    mean /= n;
    for (size_t i = 0; i < TOY_ROWS; i++)
      if (!held_out[i])
        variance += pow((double)t->x[i * TOY_INPUTS + j] - mean, 2) / n;
    const double inverse = 1.0 / sqrt(variance);
    assert_near("mean", (double)scaler->mean[j], mean,
                1e-6 * fabs(mean) + 1e-7);
    assert_near("1/sd", (double)scaler->inverse_sd[j], inverse, 1e-6 * inverse);
  }
}

/* What the networks of a fit say of a row, by hand. */
static void answer(const kj_fit *fit, const kj_scaler *scaler, const float *x,
                   double *outputs)
{
  kj_real scaled[TOY_INPUTS], y[TOY_TARGETS];
  for (size_t j = 0; j < TOY_INPUTS; j++)
    scaled[j] = (x[j] - scaler->mean[j]) * scaler->inverse_sd[j];
  size_t target = 0;
  for (size_t p = 0; p < kj_fit_trainers(fit); p++) {
    const kj_network *net = kj_trainer_network(kj_fit_trainer(fit, p));
    kj_activations *scratch = new_activations(&net->shape, 1);
    kj_network_forward(net, scaled, 1, scratch, y);
    for (size_t k = 0; k < net->shape.width[net->shape.n_layers]; k++)
      outputs[target++] = (double)y[k];
    kj_activations_destroy(scratch);
  }
  assert_int_equal(target, fit->data->n_targets);
}

static void estimates_are_the_networks_outputs(void **state)
{
  (void)state;
  for (int joint = 0; joint <= 1; joint++) {
    toy *t = new_toy(TOY_TARGETS);
    kj_fit_options options = held_out_options();
    unsigned char held_out[TOY_ROWS];
    double values[TOY_ROWS * TOY_TARGETS], expected[TOY_TARGETS];
    options.joint = joint;
    options.smoothing.kind = KJ_SMOOTHING_VAT;
    kj_fit *fit = fitted(t, NULL, &options);
    assert_int_equal(kj_fit_trainers(fit), joint ? 1 : TOY_TARGETS);
    kj_estimator *estimator = estimator_of(fit);
    const kj_estimator_parts *parts = kj_estimator_get_parts(estimator);
    find_held_out(t, &options, held_out);
    check_scaler(t, held_out, &parts->scaler);
    estimate_toy(estimator, t, values);
    for (size_t i = 0; i < TOY_ROWS; i++) {
      answer(fit, &parts->scaler, t->x + i * TOY_INPUTS, expected);
      for (size_t k = 0; k < TOY_TARGETS; k++)
        if (values[i * TOY_TARGETS + k] != expected[k])
          fail_msg("row %zu, target %zu: %.9g, must be %.9g", i, k,
                   values[i * TOY_TARGETS + k], expected[k]);
    }
    for (size_t k = 0; k < TOY_TARGETS; k++) {
      assert_string_equal(parts->target[k], t->data.target[k]);
      assert_true(parts->slope[k] == 1.0 && parts->offset[k] == 0.0);
    }
    kj_estimator_destroy(estimator);
    kj_fit_destroy(fit);
    free(t);
  }
}

/* In any order, some twice, more than one block of them. */
static void rows_are_estimated_where_they_stand(void **state)
{
  (void)state;
  enum { N = 300 };
  toy *t = new_toy(2);
  const kj_fit_options options = toy_options();
  kj_estimator *estimator = fit_estimator(t, &options);
  double all[TOY_ROWS * 2], some[N * 2];
  size_t index[N];
  estimate_toy(estimator, t, all);
  for (size_t i = 0; i < N; i++)
    index[i] = (i * 17 + 3) % TOY_ROWS;
  assert_int_equal(
      kj_estimate_rows(estimator, &t->data, (kj_rows){index, N}, some, NULL),
      KJ_OK);
  for (size_t i = 0; i < 2 * N; i++)
    if (some[i] != all[2 * index[i / 2] + i % 2])
      fail_msg("row %zu as number %zu: %.9g, must be %.9g", index[i / 2], i / 2,
               some[i], all[2 * index[i / 2] + i % 2]);
  kj_estimator_destroy(estimator);
  free(t);
}

/* ---- rows that are held out ---- */

static void held_out_groups_are_whole(void **state)
{
  (void)state;
  for (kj_group kind = KJ_GROUP_SPEAKER; kind <= KJ_GROUP_ROW; kind++) {
    toy *t = new_toy(1);
    kj_fit_options options = toy_options();
    options.validation = (kj_split){.group = kind, .fraction = 0.4};
    kj_fit *fit = new_fit(t, NULL, &options);
    const kj__fit_rows *rows = &fit->part[0].rows;
    assert_int_equal(rows->n_train + rows->n_validation, TOY_ROWS);
    assert_in_range(rows->n_validation, TOY_ROWS_EACH, 24);
    for (size_t a = 0; a < rows->n_train; a++)
      for (size_t b = rows->n_train; b < TOY_ROWS; b++) {
        assert_int_not_equal(rows->row[a], rows->row[b]);
        if (kind < KJ_GROUP_ROW && t->row[rows->row[a]].group[kind] ==
                                       t->row[rows->row[b]].group[kind])
          fail_msg("row %zu is held out, row %zu of the same group is not",
                   rows->row[b], rows->row[a]);
      }
    kj_fit_destroy(fit);
    free(t);
  }
}

/* A held-out row changes neither scaler nor networks, whatever it holds; any
 * other row does. */
static void held_out_rows_are_not_learnt_from(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  const kj_fit_options options = held_out_options();
  unsigned char held_out[TOY_ROWS];
  find_held_out(t, &options, held_out);
  kj_fit *fit = fitted(t, NULL, &options);
  for (size_t i = 0; i < TOY_ROWS; i++)
    for (int rating = 0; rating <= 1; rating++) {
      float *const value = rating ? &t->y[i] : &t->x[i * TOY_INPUTS + 1];
      const float kept = *value;
      *value = rating ? 5.0f : 40.0f;
      const bool same = fits_alike(t, NULL, &options, fit);
      *value = kept;
      if (same != (held_out[i] != 0))
        fail_msg("row %zu, held out: %d: another %s gives %s network", i,
                 held_out[i], rating ? "rating" : "feature",
                 same ? "the same" : "another");
    }
  kj_fit_destroy(fit);
  free(t);
}

/* With patience, held-out rows choose the epoch, and only that. */
static void patience_uses_the_held_out_rows(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  kj_fit_options options = held_out_options();
  options.epochs = 60;
  options.patience = 4;
  options.learning_rate = 0.05;
  kj_fit *fit = fitted(t, NULL, &options);
  const kj_trainer *trainer = kj_fit_trainer(fit, 0);
  const size_t chosen = kj_trainer_chosen_epoch(trainer);
  print_message("chosen epoch %zu of %zu\n", chosen + 1,
                kj_trainer_epochs(trainer));
  assert_int_equal(kj_trainer_epochs(trainer), chosen + 5);
  options.epochs = chosen + 1;
  options.patience = 0;
  assert_true(fits_alike(t, NULL, &options, fit));
  kj_fit_destroy(fit);
  free(t);
}

/* ---- rows of each network ---- */

static void rows_without_a_rating_are_left_out(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  kj_fit_options options = toy_options();
  for (size_t i = 0; i < 10; i++)
    t->y[2 * i] = NAN;
  for (size_t i = 7; i < 14; i++)
    t->y[2 * i + 1] = NAN;
  kj_fit *fit = new_fit(t, NULL, &options);
  assert_int_equal(fit->part[0].rows.n_train, TOY_ROWS - 10);
  assert_int_equal(fit->part[1].rows.n_train, TOY_ROWS - 7);
  assert_int_equal(fit->part[0].rows.row[0], 10);
  kj_fit_destroy(fit);
  options.joint = true;
  fit = new_fit(t, NULL, &options); /* rows 7, 8, 9 have none at all */
  assert_int_equal(fit->part[0].rows.n_train, TOY_ROWS - 3);
  assert_int_equal(fit->part[0].rows.row[7], 10);
  assert_true(isnan(fit->part[0].rows.y[2 * 7 + 1]));
  run_fit(fit);
  kj_fit_destroy(fit);
  free(t);
}

/* The first network is that of a table with the first target alone; the
 * others have random numbers of their own. */
static void networks_are_separate(void **state)
{
  (void)state;
  const kj_fit_options options = toy_options();
  toy *both = new_toy(2), *one = new_toy(1);
  memcpy(one->x, both->x, sizeof one->x);
  for (int k = 0; k <= 1; k++) {
    for (size_t i = 0; i < TOY_ROWS; i++)
      one->y[i] = both->y[2 * i + (size_t)k];
    kj_fit *a = fitted(both, NULL, &options), *b = fitted(one, NULL, &options);
    const bool same =
        same_weights(kj_trainer_network(kj_fit_trainer(a, (size_t)k)),
                     kj_trainer_network(kj_fit_trainer(b, 0)));
    assert_int_equal(same, k == 0);
    kj_fit_destroy(a);
    kj_fit_destroy(b);
  }
  free(both);
  free(one);
}

static void sigma_is_of_its_target(void **state)
{
  (void)state;
  toy *t = new_toy(2);
  kj_fit_options options = toy_options();
  options.smoothing.kind = KJ_SMOOTHING_VAT;
  kj_fit *a = fitted(t, NULL, &options);
  options.smoothing.sigma[1] = 0.5;
  kj_fit *b = fitted(t, NULL, &options);
  assert_true(same_weights(kj_trainer_network(kj_fit_trainer(a, 0)),
                           kj_trainer_network(kj_fit_trainer(b, 0))));
  assert_false(same_weights(kj_trainer_network(kj_fit_trainer(a, 1)),
                            kj_trainer_network(kj_fit_trainer(b, 1))));
  kj_fit_destroy(a);
  kj_fit_destroy(b);
  free(t);
}

/* ---- weights ---- */

static void weights_have_mean_one(void **state)
{
  (void)state;
  toy *t = new_toy(1);
  const kj_fit_options options = held_out_options();
  for (size_t i = 0; i < TOY_ROWS; i++)
    t->row[i].weight = 0.5 + (double)(i % 5);
  kj_fit *fit = fitted(t, NULL, &options);
  const kj__fit_rows *rows = &fit->part[0].rows;
  double sum = 0;
  for (size_t i = 0; i < rows->n_train; i++)
    sum += (double)rows->weight[i];
  assert_near("mean weight", sum / (double)rows->n_train, 1.0, 1e-6);
  assert_near("ratio", (double)(rows->weight[4] / rows->weight[0]),
              t->row[rows->row[4]].weight / t->row[rows->row[0]].weight, 1e-6);
  for (size_t i = 0; i < TOY_ROWS; i++)
    t->row[i].weight *= 4.0; /* exact in binary */
  assert_true(fits_alike(t, NULL, &options, fit));
  t->row[rows->row[0]].weight *= 2.0;
  assert_false(fits_alike(t, NULL, &options, fit));
  kj_fit_destroy(fit);
  free(t);
}

/* ---- some rows, and unlabelled ones ---- */

/* A fit of some rows is the fit of a table that has no others. */
static void other_rows_do_not_exist(void **state)
{
  (void)state;
  enum { N = 3 * TOY_ROWS_EACH };
  toy *t = new_toy(1), *part = new_toy(1);
  const kj_fit_options options = held_out_options();
  size_t index[N];
  kj_fit *some = NULL;
  for (size_t i = 0; i < N; i++)
    index[i] = i;
  part->data.n_rows = N;
  assert_int_equal(
      kj_fit_create(&t->data, (kj_rows){index, N}, NULL, &options, &some, NULL),
      KJ_OK);
  run_fit(some);
  assert_true(fits_alike(part, NULL, &options, some));
  kj_fit_destroy(some);
  free(t);
  free(part);
}

static void unlabelled_rows_are_scaled_and_heard(void **state)
{
  (void)state;
  toy *t = new_toy(1), *other = new_toy(1);
  kj_fit_options options = toy_options();
  draw_toy(other, 1, 99);
  kj_fit *none = fitted(t, NULL, &options);
  assert_true(fits_alike(t, other, &options, none));
  options.smoothing.kind = KJ_SMOOTHING_VAT;
  kj_fit *vat = fitted(t, NULL, &options);
  assert_false(fits_alike(t, other, &options, vat));
  kj_fit *both = fitted(t, other, &options);
  float scaled[TOY_ROWS * TOY_INPUTS];
  assert_int_equal(both->n_unlabelled, TOY_ROWS);
  kj_scaler_apply(&both->scaler, other->x, TOY_ROWS, scaled);
  assert_memory_equal(both->unlabelled, scaled, sizeof scaled);
  assert_memory_equal(both->scaler.mean, vat->scaler.mean,
                      TOY_INPUTS * sizeof(float));
  kj_fit_destroy(none);
  kj_fit_destroy(vat);
  kj_fit_destroy(both);
  free(t);
  free(other);
}

/* ---- names and defaults ---- */

static void defaults_are_the_papers_network(void **state)
{
  (void)state;
  const kj_fit_options o = kj_fit_defaults();
  assert_int_equal(o.method, KJ_METHOD_NETWORK);
  assert_int_equal(o.n_hidden, 2);
  assert_int_equal(o.hidden[0], 1200);
  assert_int_equal(o.hidden[1], 600);
  assert_int_equal(o.output, KJ_ACTIVATION_RELU);
  assert_int_equal(o.smoothing.kind, KJ_SMOOTHING_NONE);
  assert_true(o.smoothing.lambda == 1.5 && o.smoothing.epsilon == 1.5);
  assert_true(o.learning_rate == 1e-3 && o.validation.fraction == 0.0);
  assert_int_equal(o.epochs, 30);
  assert_int_equal(o.batch, 32);
  assert_int_equal(o.normalisation, KJ_NORMALISE_TRAIN);
  assert_false(o.joint || o.calibrate || o.he_initialisation);
}

static void names_are_those_of_the_command_line(void **state)
{
  (void)state;
  assert_string_equal(kj_method_name(KJ_METHOD_NETWORK), "network");
  assert_string_equal(kj_method_name(KJ_METHOD_RIDGE), "ridge");
  assert_string_equal(kj_method_name(KJ_METHOD_CONSTANT), "constant");
  assert_string_equal(kj_normalisation_name(KJ_NORMALISE_TRAIN), "train");
  assert_string_equal(kj_normalisation_name(KJ_NORMALISE_CORPUS), "corpus");
  assert_string_equal(kj_normalisation_name(KJ_NORMALISE_SPEAKER), "speaker");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(estimates_are_the_networks_outputs),
      cmocka_unit_test(rows_are_estimated_where_they_stand),
      cmocka_unit_test(held_out_groups_are_whole),
      cmocka_unit_test(held_out_rows_are_not_learnt_from),
      cmocka_unit_test(patience_uses_the_held_out_rows),
      cmocka_unit_test(rows_without_a_rating_are_left_out),
      cmocka_unit_test(networks_are_separate),
      cmocka_unit_test(sigma_is_of_its_target),
      cmocka_unit_test(weights_have_mean_one),
      cmocka_unit_test(other_rows_do_not_exist),
      cmocka_unit_test(unlabelled_rows_are_scaled_and_heard),
      cmocka_unit_test(defaults_are_the_papers_network),
      cmocka_unit_test(names_are_those_of_the_command_line),
  };
  return cmocka_run_group_tests_name("experiment fit", tests, NULL, NULL);
}
