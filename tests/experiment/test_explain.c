/*
 * test_explain.c: why an estimate is as it is: groups are a partition, and
 * attributions add up to the estimate, through scaler and calibration.
 */
#include "network/support.h"

#include "kanjo/explanation.h"
#include "kanjo/features.h"

enum { N = 384 };

typedef struct fixture {
  kj_network *network[2];
  float mean[N], inverse_sd[N];
  char name[N][KJ_FEATURE_NAME_SIZE];
  const char *column[N];
  kj_estimator_parts parts;
} fixture;

static void set_up(fixture *f, uint64_t seed)
{
  static const kj_network_shape shapes[2] = {
      {.n_layers = 3, .width = {N, 40, 20, 1}, .output = KJ_ACTIVATION_LINEAR},
      {.n_layers = 3, .width = {N, 30, 20, 2}, .output = KJ_ACTIVATION_LINEAR}};
  const kj_feature_set *is09 = kj_feature_set_find("is09");
  kj__random random = test_stream(seed, 0);
  *f = (fixture){.parts = {.n_targets = 3,
                           .target = {"valence", "activation", "dominance"},
                           .n_parts = 2,
                           .slope = {0.5, 1.0, -2.0},
                           .offset = {1.5, 0.0, 3.0}}};
  for (size_t p = 0; p < 2; p++) {
    f->network[p] = random_network(&shapes[p], &random);
    f->parts.part[p] =
        (kj_estimator_part){.network = f->network[p], .first_target = p};
  }
  for (size_t i = 0; i < N; i++) {
    f->mean[i] = (float)kj__random_normal(&random);
    f->inverse_sd[i] = (float)(0.1 + kj__random_uniform(&random));
    assert_int_equal(
        kj_feature_set_column(is09, KJ_LEVEL_FUNCTIONALS, i, f->name[i], NULL),
        KJ_OK);
    f->column[i] = f->name[i];
  }
  f->inverse_sd[3] = 0.0f;
  f->parts.scaler = (kj_scaler){N, f->mean, f->inverse_sd, 2.5f};
}

static kj_estimator *create(const fixture *f)
{
  kj_estimator *estimator = NULL;
  kj_error err;
  if (kj_estimator_create(&f->parts, NULL, &estimator, &err) != KJ_OK)
    fail_msg("%s", err.message);
  return estimator;
}

static void tear_down(fixture *f)
{
  kj_network_destroy(f->network[0]);
  kj_network_destroy(f->network[1]);
}

/* 384 = (1 + 1 + 2 + 12) contours of 4 + 3 + 1 + 4 statistics, and 12 of each
 * delta. */
static void test_groups_are_a_partition(void **state)
{
  (void)state;
  static const size_t contours[KJ_N_TRAITS] = {1, 1, 2, 12};
  static const size_t statistics[KJ_N_ASPECTS] = {4, 3, 1, 4, 12};
  size_t count[KJ_N_TRAITS][KJ_N_ASPECTS] = {{0}};
  fixture f;
  set_up(&f, 1);
  for (size_t i = 0; i < N; i++) {
    kj_feature_group group;
    if (!kj_feature_group_find(f.column[i], &group))
      fail_msg("%s: no group", f.column[i]);
    count[group.trait][group.aspect]++;
  }
  for (int t = 0; t < KJ_N_TRAITS; t++)
    for (int a = 0; a < KJ_N_ASPECTS; a++)
      if (count[t][a] != contours[t] * statistics[a])
        fail_msg("%s, %s: %zu columns, must be %zu", kj_trait_name((kj_trait)t),
                 kj_aspect_name((kj_aspect)a), count[t][a],
                 contours[t] * statistics[a]);
  tear_down(&f);
}

static void test_other_columns_have_no_group(void **state)
{
  (void)state;
  static const char *const names[] = {"",
                                      "F0",
                                      "F0_sma",
                                      "F0_sma_",
                                      "F0_sma_median",
                                      "F0_sma_de",
                                      "loudness_sma_max",
                                      "pcm_fftMag_mfcc_sma[1",
                                      "F0_smax_max"};
  kj_feature_group group;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (kj_feature_group_find(names[i], &group))
      fail_msg("'%s' has a group", names[i]);
  assert_null(kj_trait_name(KJ_N_TRAITS));
  assert_null(kj_aspect_name(KJ_N_ASPECTS));
}

/* Complete: by features and by groups. */
static void check_sums(const kj_explanation *why)
{
  double features = why->gate, groups = why->gate;
  for (size_t i = 0; i < N; i++)
    features += why->feature[i];
  for (int g = 0; g < KJ_N_TRAITS * KJ_N_ASPECTS; g++)
    groups += why->group[g / KJ_N_ASPECTS][g % KJ_N_ASPECTS];
  const double moved = why->estimate - why->baseline;
  assert_near("sum of features", features, moved, KJ_EXPLANATION_TOLERANCE);
  assert_near("sum of groups", groups, moved, KJ_EXPLANATION_TOLERANCE);
}

static void test_attributions_add_up(void **state)
{
  (void)state;
  enum { N_ROWS = 20 };
  for (uint64_t seed = 1; seed <= 3; seed++) {
    fixture f;
    kj_explainer *explainer = NULL;
    kj_explanation why[3];
    set_up(&f, seed);
    kj_estimator *estimator = create(&f);
    kj__random random = test_stream(seed, 1);
    assert_int_equal(kj_explainer_create(estimator, f.column, N, KJ_ROUTE_PLAIN,
                                         &explainer, NULL),
                     KJ_OK);
    for (int row = 0; row < N_ROWS; row++) {
      float *x = draw_new(&random, 0.0, 4.0, N);
      assert_int_equal(kj_explainer_explain(explainer, x, why, NULL), KJ_OK);
      for (size_t k = 0; k < 3; k++) {
        check_sums(&why[k]);
        assert_near("a constant column", why[k].feature[3], 0.0, 0.0);
      }
      free(x);
    }
    kj_explainer_destroy(explainer);
    kj_estimator_destroy(estimator);
    tear_down(&f);
  }
}

/* The baseline is the estimate of the training mean, which nothing moves. */
static void test_mean_is_the_baseline(void **state)
{
  (void)state;
  fixture f;
  kj_explainer *explainer = NULL;
  kj_explanation why[3];
  set_up(&f, 4);
  kj_estimator *estimator = create(&f);
  assert_int_equal(kj_explainer_create(estimator, f.column, N, KJ_ROUTE_PLAIN,
                                       &explainer, NULL),
                   KJ_OK);
  assert_int_equal(kj_explainer_explain(explainer, f.mean, why, NULL), KJ_OK);
  for (size_t k = 0; k < 3; k++) {
    assert_near("estimate of the mean", why[k].estimate, why[k].baseline, 1e-5);
    for (size_t i = 0; i < N; i++)
      assert_near("attribution", why[k].feature[i], 0.0, 0.0);
  }
  kj_explainer_destroy(explainer);
  kj_estimator_destroy(estimator);
  tear_down(&f);
}

/* Weights of 16 bits are floats like others; those of 8 bits have no
 * gradient. */
static void test_narrow_weights(void **state)
{
  (void)state;
  enum { N_ROWS = 10 };
  fixture f;
  kj_estimator *bf16 = NULL, *int8 = NULL;
  kj_explainer *explainer = NULL;
  kj_explanation why[3];
  kj_error err;
  set_up(&f, 6);
  kj_estimator *estimator = create(&f);
  kj__random random = test_stream(6, 1);
  float *rows = draw_new(&random, 0.0, 2.0, (size_t)N_ROWS * N);
  assert_int_equal(kj_estimator_convert(estimator, KJ_WEIGHTS_BF16, rows,
                                        N_ROWS, &bf16, &err),
                   KJ_OK);
  assert_int_equal(kj_estimator_convert(estimator, KJ_WEIGHTS_INT8, rows,
                                        N_ROWS, &int8, &err),
                   KJ_OK);
  assert_int_equal(
      kj_explainer_create(int8, f.column, N, KJ_ROUTE_PLAIN, &explainer, &err),
      KJ_EARGUMENT);
  assert_non_null(strstr(err.message, "int8"));
  assert_int_equal(
      kj_explainer_create(bf16, f.column, N, KJ_ROUTE_PLAIN, &explainer, &err),
      KJ_OK);
  if (kj_explainer_explain(explainer, rows, why, &err) != KJ_OK)
    fail_msg("bf16: %s", err.message);
  kj_explainer_destroy(explainer);
  kj_estimator_destroy(estimator);
  kj_estimator_destroy(bf16);
  kj_estimator_destroy(int8);
  tear_down(&f);
  free(rows);
}

/* A gate, two experts and an informed estimator, of one kind each. */
typedef struct routed {
  fixture whole, expert[2];
  kj_network *gate, *informed[2];
  float mean[N + 1], inverse_sd[N + 1]; /* of the informed one */
  kj_estimator *inner[KJ_N_COMPONENTS], *estimator;
} routed;

static kj_estimator *create_gate(routed *r, kj__random *random)
{
  static const kj_network_shape shape = {
      .n_layers = 2, .width = {N, 12, 1}, .output = KJ_ACTIVATION_LINEAR};
  fixture gate = r->whole;
  r->gate = random_network(&shape, random);
  gate.parts.n_targets = gate.parts.n_parts = 1;
  strcpy(gate.parts.target[0], KJ_SPONTANEOUS);
  gate.parts.part[0] = (kj_estimator_part){.network = r->gate};
  gate.parts.slope[0] = 0.2;
  gate.parts.offset[0] = 0.1;
  gate.parts.link = KJ_LINK_LOGIT;
  gate.parts.scaler.mean = r->whole.mean;
  gate.parts.scaler.inverse_sd = r->whole.inverse_sd;
  return create(&gate);
}

static kj_estimator *create_informed(routed *r, kj__random *random)
{
  fixture informed = r->whole;
  for (size_t p = 0; p < 2; p++) {
    kj_network_shape shape = r->whole.network[p]->shape;
    shape.width[0] = N + 1;
    r->informed[p] = random_network(&shape, random);
    informed.parts.part[p].network = r->informed[p];
  }
  memcpy(r->mean, r->whole.mean, sizeof r->whole.mean);
  memcpy(r->inverse_sd, r->whole.inverse_sd, sizeof r->whole.inverse_sd);
  r->mean[N] = 0.4f;
  r->inverse_sd[N] = 2.0f;
  informed.parts.scaler = (kj_scaler){N + 1, r->mean, r->inverse_sd, 2.5f};
  return create(&informed);
}

static routed *new_routed(uint64_t seed)
{
  routed *r = test_calloc(1, sizeof *r);
  kj__random random = test_stream(seed, 7);
  set_up(&r->whole, seed);
  for (uint64_t k = 0; k < 2; k++) {
    set_up(&r->expert[k], seed + 100 + k);
    r->inner[k] = create(&r->expert[k]);
  }
  r->inner[KJ_COMPONENT_GATE] = create_gate(r, &random);
  r->inner[KJ_COMPONENT_INFORMED] = create_informed(r, &random);
  r->whole.parts.routing.route = KJ_ROUTE_SOFT;
  for (size_t c = 0; c < KJ_N_COMPONENTS; c++)
    r->whole.parts.routing.component[c] = r->inner[c];
  r->estimator = create(&r->whole);
  return r;
}

static void destroy_routed(routed *r)
{
  kj_estimator_destroy(r->estimator);
  for (size_t c = 0; c < KJ_N_COMPONENTS; c++)
    kj_estimator_destroy(r->inner[c]);
  kj_network_destroy(r->gate);
  kj_network_destroy(r->informed[0]);
  kj_network_destroy(r->informed[1]);
  tear_down(&r->expert[0]);
  tear_down(&r->expert[1]);
  tear_down(&r->whole);
  test_free(r);
}

/* Reasons of one row by one route: complete, and of what the route gives. */
static void check_route(const routed *r, kj_route route, kj_explainer *e,
                        const float *x)
{
  double values[3], p;
  kj_explanation why[3];
  kj_estimator_scratch *scratch = NULL;
  const kj_passage in = {.x = x, .n_rows = 1, .route = route};
  const kj_routed out = {.values = values, .probability = &p};
  assert_int_equal(
      kj_estimator_scratch_create(r->estimator, 1, NULL, &scratch, NULL), 0);
  assert_int_equal(kj_estimator_route(r->estimator, scratch, &in, &out, NULL),
                   KJ_OK);
  assert_int_equal(kj_explainer_explain(e, x, why, NULL), KJ_OK);
  for (size_t k = 0; k < 3; k++) {
    check_sums(&why[k]);
    assert_near("the estimate of the route", why[k].estimate, values[k], 1e-5);
    assert_near("the gate's word", why[k].probability, p, 0.0);
    if (route != KJ_ROUTE_FEATURES)
      assert_near("of the gate", why[k].gate, 0.0, 0.0);
    else if (fabs(p - 0.4) > 0.01)
      assert_true(fabs(why[k].gate) > 0.0);
  }
  kj_estimator_scratch_destroy(scratch);
}

/* The same estimator, and others with it. */
static kj_estimator *join(const kj_estimator *first,
                          const kj_estimator *const *other, size_t n_others)
{
  fixture f = {.parts = *kj_estimator_get_parts(first)};
  f.parts.n_others = n_others;
  for (size_t m = 0; m < n_others; m++)
    f.parts.other[m] = other[m];
  return create(&f);
}

/* Every component, the gate as well, is an ensemble with that of the other. */
static void join_components(routed *r, const routed *other)
{
  kj_estimator_destroy(r->estimator);
  for (size_t c = 0; c < KJ_N_COMPONENTS; c++) {
    const kj_estimator *with[] = {other->inner[c]};
    kj_estimator *joined = join(r->inner[c], with, 1);
    kj_estimator_destroy(r->inner[c]);
    r->inner[c] = joined;
    r->whole.parts.routing.component[c] = joined;
  }
  r->estimator = create(&r->whole);
}

static void check_routes(const routed *r)
{
  enum { N_ROWS = 10 };
  static const kj_route routes[] = {KJ_ROUTE_PLAIN, KJ_ROUTE_HARD,
                                    KJ_ROUTE_SOFT, KJ_ROUTE_FEATURES};
  kj__random random = test_stream(11, 1);
  kj_explainer *explainer = NULL;
  kj_error err;
  for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
    if (kj_explainer_create(r->estimator, r->whole.column, N, routes[i],
                            &explainer, &err) != KJ_OK)
      fail_msg("%s: %s", kj_route_name(routes[i]), err.message);
    for (int row = 0; row < N_ROWS; row++) {
      float *x = draw_new(&random, 0.0, 4.0, N);
      check_route(r, routes[i], explainer, x);
      free(x);
    }
    kj_explainer_destroy(explainer);
    explainer = NULL;
  }
}

static void test_every_route_adds_up(void **state)
{
  (void)state;
  routed *r = new_routed(11);
  kj_explainer *explainer = NULL;
  kj_error err;
  check_routes(r);
  assert_int_equal(kj_explainer_create(r->estimator, r->whole.column, N,
                                       KJ_ROUTE_ORACLE, &explainer, &err),
                   KJ_EARGUMENT);
  assert_non_null(strstr(err.message, "must be plain, hard, soft or features"));
  destroy_routed(r);
}

static void test_ensembles_on_every_route_add_up(void **state)
{
  (void)state;
  routed *r = new_routed(11), *other = new_routed(12);
  join_components(r, other);
  check_routes(r);
  destroy_routed(r);
  destroy_routed(other);
}

/* What one estimator says of a row; its first target. */
static kj_explanation explain_one(const kj_estimator *estimator,
                                  const char *const *column, const float *x)
{
  kj_explainer *explainer = NULL;
  kj_explanation why[3];
  kj_error err;
  if (kj_explainer_create(estimator, column, N, KJ_ROUTE_PLAIN, &explainer,
                          &err) != KJ_OK ||
      kj_explainer_explain(explainer, x, why, &err) != KJ_OK)
    fail_msg("%s", err.message);
  check_sums(&why[0]);
  kj_explainer_destroy(explainer);
  return why[0]; /* but for .feature */
}

/* Of three: the mean of their reasons, and of gates of their log odds, with
 * the mean of their probabilities. */
static void check_mean(routed *const *r, size_t component)
{
  const kj_estimator *one[3] = {r[0]->inner[component], r[1]->inner[component],
                                r[2]->inner[component]};
  kj_estimator *three = join(one[0], one + 1, 2);
  kj__random random = test_stream(13, 1);
  for (int row = 0; row < 5; row++) {
    float *x = draw_new(&random, 0.0, 4.0, N);
    kj_explanation sum = {.gate = 0.0};
    for (size_t m = 0; m < 3; m++) {
      const kj_explanation why = explain_one(one[m], r[0]->whole.column, x);
      sum.baseline += why.baseline / 3.0;
      sum.estimate += why.estimate / 3.0;
      sum.probability += why.probability / 3.0;
      sum.group[3][4] += why.group[3][4] / 3.0;
    }
    const kj_explanation why = explain_one(three, r[0]->whole.column, x);
    assert_near("baseline", why.baseline, sum.baseline, 1e-12);
    assert_near("estimate", why.estimate, sum.estimate, 1e-12);
    assert_near("a group", why.group[3][4], sum.group[3][4], 1e-12);
    if (component == KJ_COMPONENT_GATE)
      assert_near("probability", why.probability, sum.probability, 1e-12);
    else
      assert_true(isnan(why.probability));
    free(x);
  }
  kj_estimator_destroy(three);
}

static void test_ensembles_add_up(void **state)
{
  (void)state;
  routed *r[3] = {new_routed(21), new_routed(22), new_routed(23)};
  check_mean(r, KJ_COMPONENT_SCRIPTED);
  check_mean(r, KJ_COMPONENT_GATE);
  for (size_t m = 0; m < 3; m++)
    destroy_routed(r[m]);
}

static void test_refuses(void **state)
{
  (void)state;
  fixture f;
  kj_explainer *explainer = NULL;
  kj_error err;
  set_up(&f, 5);
  kj_estimator *estimator = create(&f);
  assert_int_equal(kj_explainer_create(estimator, f.column, N - 1,
                                       KJ_ROUTE_PLAIN, &explainer, &err),
                   KJ_ESHAPE);
  f.column[7] = "length_s";
  assert_int_equal(kj_explainer_create(estimator, f.column, N, KJ_ROUTE_PLAIN,
                                       &explainer, &err),
                   KJ_EARGUMENT);
  assert_non_null(strstr(err.message, "'length_s'"));
  f.column[7] = f.name[7];
  f.column[N - 1] = KJ_SPONTANEOUS; /* a column only where a gate is read */
  assert_int_equal(kj_explainer_create(estimator, f.column, N, KJ_ROUTE_PLAIN,
                                       &explainer, &err),
                   KJ_EARGUMENT);
  f.column[N - 1] = f.name[N - 1];
  kj_estimator_destroy(estimator);
  f.parts.normalisation = KJ_NORMALISE_SPEAKER;
  estimator = create(&f);
  assert_int_equal(kj_explainer_create(estimator, f.column, N, KJ_ROUTE_PLAIN,
                                       &explainer, &err),
                   KJ_EARGUMENT);
  assert_non_null(strstr(err.message, "standardises by speaker"));
  assert_null(explainer);
  kj_estimator_destroy(estimator);
  tear_down(&f);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_groups_are_a_partition),
      cmocka_unit_test(test_other_columns_have_no_group),
      cmocka_unit_test(test_attributions_add_up),
      cmocka_unit_test(test_mean_is_the_baseline),
      cmocka_unit_test(test_narrow_weights),
      cmocka_unit_test(test_every_route_adds_up),
      cmocka_unit_test(test_ensembles_add_up),
      cmocka_unit_test(test_ensembles_on_every_route_add_up),
      cmocka_unit_test(test_refuses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
