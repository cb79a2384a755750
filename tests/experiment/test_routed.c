/*
 * test_routed.c: routed systems in a protocol, on a toy whose ratings turn
 * round with the kind of speech: routed wins, the oracle is never worse, and
 * every number is that of fits made here by hand.
 */
#define _GNU_SOURCE
#include "experiment/routed.h"

#include "kanjo/binary.h"
#include "kanjo/routing.h"

static double expert_mae(const json_t *results, const char *expert,
                         const char *kind)
{
  const json_t *system = system_of(results, 0, "ridge");
  const json_t *one = find(json_object_get(system, "experts"), "name", expert);
  return json_number_value(json_object_get(
      json_object_get(json_object_get(one, kind), "mae"), "mean"));
}

static void routed_wins_where_the_mapping_turns(void **state)
{
  (void)state;
  toy *t = new_turning();
  told told_of;
  json_t *results = results_of(ROUTED, t, 1, &told_of);
  const double plain = mae_of(results, "ridge", "plain");
  const double hard = mae_of(results, "ridge", "hard");
  const double soft = mae_of(results, "ridge", "soft");
  const double oracle = mae_of(results, "ridge", "oracle");
  if (!(hard < 0.5 * plain && soft < 0.5 * plain))
    fail_msg("plain %g, hard %g, soft %g", plain, hard, soft);
  if (!(oracle <= hard + 1e-12 && oracle <= soft + 1e-12))
    fail_msg("oracle %g, hard %g, soft %g", oracle, hard, soft);
  const char *const kinds[] = {"scripted", "spontaneous"};
  for (size_t k = 0; k < 2; k++) {
    const double own = expert_mae(results, kinds[k], kinds[k]);
    const double other = expert_mae(results, kinds[k], kinds[1 - k]);
    if (!(own < 0.3 * other))
      fail_msg("%s: %g on its own, %g on the other", kinds[k], own, other);
  }
  const json_t *gate = json_object_get(routing_of(results), "gate");
  expect_number("auc", number_of(gate, "auc", "mean"), 1.0);
  expect_number("constant:plain", mae_of(results, "constant", "plain"),
                number_of(contender_of(target_of(results, 0, 0), "constant"),
                          "mae", "mean"));
  json_decref(results);
  free(t);
}

/* ---- by hand ---- */

/* Rows of the toy that are in a corpus and of a kind; -1: of any. */
static kj_rows pick(const toy *t, const char *corpus, int kind, size_t *index)
{
  size_t n = 0;
  for (size_t i = 0; i < TOY_ROWS; i++)
    if (strcmp(t->row[i].group_name[KJ_GROUP_CORPUS], corpus) == 0 &&
        (kind < 0 || t->row[i].spontaneous == kind))
      index[n++] = i;
  return (kj_rows){index, n};
}

static void fit_and_estimate(const kj_dataset *data, kj_rows train,
                             const kj_fit_options *options, kj_rows test,
                             double *values)
{
  kj_fit *fit = NULL;
  kj_estimator *estimator = NULL;
  kj_error err;
  if (kj_fit_create(data, train, NULL, options, &fit, &err) != KJ_OK)
    fail_msg("%s", err.message);
  run_fit(fit);
  estimator = estimator_of(fit);
  if (kj_estimate_rows(estimator, data, test, values, &err) != KJ_OK)
    fail_msg("%s", err.message);
  kj_estimator_destroy(estimator);
  kj_fit_destroy(fit);
}

static double hand_mae(const toy *t, kj_rows rows, const double *values)
{
  double sum = 0.0;
  for (size_t i = 0; i < rows.n; i++)
    sum += fabs((double)t->y[rows.index[i] * 2] - values[i * 2]);
  return sum / (double)rows.n;
}

static kj_fit_options hand_options(void)
{
  kj_fit_options options = kj_fit_defaults();
  options.n_hidden = 1;
  options.hidden[0] = 4;
  options.epochs = 3;
  options.batch = 8;
  return options;
}

static kj_fit_options hand_gate(void)
{
  kj_fit_options options = kj_gate_defaults();
  options.n_hidden = 1;
  options.hidden[0] = 6;
  options.epochs = 20;
  options.batch = 8;
  return options;
}

typedef struct by_hand {
  toy *t;
  kj_dataset kinds;
  size_t at_b[3][TOY_ROWS], at_a[TOY_ROWS];
  kj_rows train[2], all, test; /* scripted, spontaneous, both; corpus a */
  double gate[TOY_ROWS], expert[2][TOY_ROWS * 2], mixed[TOY_ROWS * 2];
} by_hand;

static by_hand *begin_by_hand(void)
{
  by_hand *h = calloc(1, sizeof *h);
  kj_error err;
  assert_non_null(h);
  h->t = new_turning();
  if (kj_gate_view(&h->t->data, &h->kinds, &err) != KJ_OK)
    fail_msg("%s", err.message);
  h->train[0] = pick(h->t, "b", 0, h->at_b[0]);
  h->train[1] = pick(h->t, "b", 1, h->at_b[1]);
  h->all = pick(h->t, "b", -1, h->at_b[2]);
  h->test = pick(h->t, "a", -1, h->at_a);
  return h;
}

static void end_by_hand(by_hand *h)
{
  kj_gate_view_clear(&h->kinds);
  free(h->t);
  free(h);
}

static void hear(by_hand *h, const char *route)
{
  for (size_t i = 0; i < h->test.n; i++) {
    const double p = h->gate[i];
    const double w = strcmp(route, "soft") == 0 ? p
                     : strcmp(route, "hard") == 0
                         ? p >= 0.5
                         : h->t->row[h->test.index[i]].spontaneous;
    for (size_t k = 0; k < 2; k++)
      h->mixed[i * 2 + k] =
          (1.0 - w) * h->expert[0][i * 2 + k] + w * h->expert[1][i * 2 + k];
  }
}

static void routes_are_those_of_fits_by_hand(void **state)
{
  (void)state;
  by_hand *h = begin_by_hand();
  told told_of;
  json_t *results = results_of(BY_HAND, h->t, 1, &told_of);
  const kj_fit_options gate = hand_gate(), options = hand_options();
  static const char *const routes[] = {"hard", "soft", "oracle"};
  double binary[2][TOY_ROWS];
  kj_binary_metrics metrics;
  fit_and_estimate(&h->kinds, h->all, &gate, h->test, h->gate);
  for (size_t k = 0; k < 2; k++)
    fit_and_estimate(&h->t->data, h->train[k], &options, h->test, h->expert[k]);
  for (size_t r = 0; r < 3; r++) {
    hear(h, routes[r]);
    expect_near(mae_of(results, "none", routes[r]),
                hand_mae(h->t, h->test, h->mixed), 1e-12);
  }
  for (size_t i = 0; i < h->test.n; i++) {
    binary[0][i] = h->t->row[h->test.index[i]].spontaneous;
    binary[1][i] = h->gate[i];
  }
  const kj_binary_rows rows = {binary[0], binary[1], h->test.n, NULL, 0};
  assert_int_equal(kj_binary_metrics_compute(&rows, &metrics, NULL), KJ_OK);
  const json_t *of = json_object_get(routing_of(results), "gate");
  expect_near(number_of(of, "log_loss", "mean"), metrics.log_loss, 1e-12);
  expect_near(number_of(of, "accuracy", "mean"), metrics.accuracy, 1e-12);
  json_decref(results);
  end_by_hand(h);
}

/* Training rows of the informed estimator get the probability of a gate that
 * was trained without their speakers, tested rows that of the gate. */
static void features_are_out_of_fold(void **state)
{
  (void)state;
  by_hand *h = begin_by_hand();
  told told_of;
  json_t *results = results_of(BY_HAND, h->t, 1, &told_of);
  const kj_fit_options gate = hand_gate(), options = hand_options();
  const kj_folds folds = {.group = KJ_GROUP_SPEAKER, .n = 3, .seed = 1};
  size_t fold_of[TOY_ROWS], n_folds;
  float wide[TOY_ROWS][TOY_INPUTS + 1];
  const char *names[TOY_INPUTS + 1] = {"p", "q", "r", "s", "spontaneous"};
  for (size_t i = 0; i < TOY_ROWS; i++)
    memcpy(wide[i], h->t->x + i * TOY_INPUTS, TOY_INPUTS * sizeof(float));
  assert_int_equal(
      kj_folds_make(&h->t->data, h->all, &folds, fold_of, &n_folds, NULL),
      KJ_OK);
  for (size_t f = 0; f < n_folds; f++) {
    size_t in[TOY_ROWS], out[TOY_ROWS], n_in = 0, n_out = 0;
    double p[TOY_ROWS];
    for (size_t i = 0; i < h->all.n; i++)
      if (fold_of[i] == f)
        in[n_in++] = h->all.index[i];
      else
        out[n_out++] = h->all.index[i];
    fit_and_estimate(&h->kinds, (kj_rows){out, n_out}, &gate,
                     (kj_rows){in, n_in}, p);
    for (size_t i = 0; i < n_in; i++)
      wide[in[i]][TOY_INPUTS] = (float)p[i];
  }
  fit_and_estimate(&h->kinds, h->all, &gate, h->test, h->gate);
  for (size_t i = 0; i < h->test.n; i++)
    wide[h->test.index[i]][TOY_INPUTS] = (float)h->gate[i];
  kj_dataset data = h->t->data;
  data.x = wide[0];
  data.n_inputs = TOY_INPUTS + 1;
  data.input_name = names;
  fit_and_estimate(&data, h->all, &options, h->test, h->mixed);
  expect_near(mae_of(results, "none", "features"),
              hand_mae(h->t, h->test, h->mixed), 1e-12);
  json_decref(results);
  end_by_hand(h);
}

static double paper_of(const json_t *results, const char *list,
                       const char *name)
{
  const json_t *one =
      find(json_object_get(system_of(results, 0, "vat"), list), "name", name);
  const json_t *paper = json_object_get(one, "paper");
  return json_is_number(paper) ? json_number_value(paper) : (double)NAN;
}

static void a_paper_stands_beside_vat(void **state)
{
  (void)state;
  toy *t = new_turning();
  told told_of;
  json_t *results = results_of(
      HEAD "methods: [vat]\nexperiments: [{id: x, train: b, test: a, routing: "
           "{routes: [hard, oracle], gate: {hidden: 3}, paper: {spontaneous: "
           "{valence: 0.814}, plain: {valence: 0.761}, hard: {valence: "
           "0.749}}}}]\n",
      t, 1, &told_of);
  expect_number("expert", paper_of(results, "experts", "spontaneous"), 0.814);
  expect_number("other", paper_of(results, "experts", "scripted"), (double)NAN);
  expect_number("all", paper_of(results, "experts", "plain"), (double)NAN);
  expect_number("plain", paper_of(results, "routes", "plain"), 0.761);
  expect_number("hard", paper_of(results, "routes", "hard"), 0.749);
  expect_number("oracle", paper_of(results, "routes", "oracle"), (double)NAN);
  json_decref(results);
  free(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(routed_wins_where_the_mapping_turns),
      cmocka_unit_test(routes_are_those_of_fits_by_hand),
      cmocka_unit_test(features_are_out_of_fold),
      cmocka_unit_test(a_paper_stands_beside_vat)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
