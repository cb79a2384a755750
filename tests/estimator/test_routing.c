/*
 * test_routing.c: who is heard, held against the components by themselves.
 */
#include "estimator/routed.h"

enum { N_ROWS = 40, K = SAMPLE_TARGETS };

/* What everybody says of the same rows, by himself. */
typedef struct opinions {
  float x[N_ROWS * SAMPLE_INPUTS];
  double plain[N_ROWS * K], expert[2][N_ROWS * K], informed[N_ROWS * K];
  double p[N_ROWS];
} opinions;

static opinions ask_everybody(const routed *r, uint64_t seed)
{
  opinions o;
  float with_p[N_ROWS * (SAMPLE_INPUTS + 1)];
  kj__random random = test_stream(seed, 9);
  for (size_t j = 0; j < N_ROWS * SAMPLE_INPUTS; j++)
    o.x[j] = (float)(3.0 * kj__random_normal(&random));
  estimate(r->plain, N_ROWS, o.x, N_ROWS, 0, o.plain);
  for (int e = 0; e < 2; e++)
    estimate(r->component[e], N_ROWS, o.x, N_ROWS, 0, o.expert[e]);
  estimate(r->component[KJ_COMPONENT_GATE], N_ROWS, o.x, N_ROWS, 0, o.p);
  for (size_t i = 0; i < N_ROWS; i++) {
    float *row = with_p + i * (SAMPLE_INPUTS + 1);
    memcpy(row, o.x + i * SAMPLE_INPUTS, SAMPLE_INPUTS * sizeof *row);
    row[SAMPLE_INPUTS] = (float)o.p[i];
  }
  estimate(r->component[KJ_COMPONENT_INFORMED], N_ROWS, with_p, N_ROWS, 0,
           o.informed);
  return o;
}

/* The kind of a row, for the oracle. */
static signed char kind_of(size_t i)
{
  return i % 3 == 0;
}

static double expected(const opinions *o, kj_route route, size_t j)
{
  const double p = o->p[j / K];
  switch (route) {
  case KJ_ROUTE_PLAIN:
    return o->plain[j];
  case KJ_ROUTE_HARD:
    return o->expert[p >= 0.5][j];
  case KJ_ROUTE_SOFT:
    return (1.0 - p) * o->expert[0][j] + p * o->expert[1][j];
  case KJ_ROUTE_ORACLE:
    return o->expert[kind_of(j / K)][j];
  case KJ_ROUTE_FEATURES:
    break;
  }
  return o->informed[j];
}

static void route(const kj_estimator *estimator, const opinions *o,
                  kj_route how, size_t max_rows, const kj_routed *out)
{
  signed char kind[N_ROWS];
  kj_error err;
  kj_estimator_scratch *scratch = new_scratch(estimator, max_rows);
  for (size_t i = 0; i < N_ROWS; i++)
    kind[i] = kind_of(i);
  if (kj_estimator_route(
          estimator, scratch,
          &(kj_passage){
              .x = o->x, .n_rows = N_ROWS, .route = how, .spontaneous = kind},
          out, &err) != KJ_OK)
    fail_msg("%s: %s", kj_route_name(how), err.message);
  kj_estimator_scratch_destroy(scratch);
}

static void every_route_gives_whom_it_names(void **state)
{
  (void)state;
  routed r = new_routed(70);
  const opinions o = ask_everybody(&r, 70);
  size_t n_spontaneous = 0;
  for (int how = 0; kj_route_name((kj_route)how); how++) {
    const kj_estimator_parts parts = routed_parts(&r, KJ_ROUTE_HARD);
    kj_estimator *estimator = new_estimator(&parts);
    double values[N_ROWS * K], p[N_ROWS];
    route(estimator, &o, (kj_route)how, 7,
          &(kj_routed){.values = values, .probability = p});
    for (size_t j = 0; j < N_ROWS * K; j++)
      if (values[j] != expected(&o, (kj_route)how, j))
        fail_msg("%s, row %zu, target %zu: %.17g, must be %.17g",
                 kj_route_name((kj_route)how), j / K, j % K, values[j],
                 expected(&o, (kj_route)how, j));
    assert_memory_equal(p, o.p, sizeof p);
    kj_estimator_destroy(estimator);
  }
  for (size_t i = 0; i < N_ROWS; i++)
    n_spontaneous += o.p[i] >= 0.5;
  assert_in_range(n_spontaneous, 5, N_ROWS - 5); /* both are heard */
  routed_clear(&r);
}

static void the_mixture_has_the_deviation_of_a_mixture(void **state)
{
  (void)state;
  routed r = new_routed(71);
  const opinions o = ask_everybody(&r, 71);
  const kj_estimator_parts parts = routed_parts(&r, KJ_ROUTE_SOFT);
  kj_estimator *estimator = new_estimator(&parts);
  double values[N_ROWS * K], sd[N_ROWS * K];
  route(estimator, &o, KJ_ROUTE_SOFT, N_ROWS,
        &(kj_routed){.values = values, .sd = sd});
  for (size_t j = 0; j < N_ROWS * K; j++) {
    const double p = o.p[j / K], a = o.expert[0][j], b = o.expert[1][j];
    const double mean = (1.0 - p) * a + p * b;
    const double variance =
        (1.0 - p) * (a - mean) * (a - mean) + p * (b - mean) * (b - mean);
    if (!(fabs(sd[j] - sqrt(variance)) <= 1e-9))
      fail_msg("entry %zu: sd %.17g, must be %.17g", j, sd[j], sqrt(variance));
  }
  route(estimator, &o, KJ_ROUTE_HARD, N_ROWS,
        &(kj_routed){.values = values, .sd = sd});
  for (size_t j = 0; j < N_ROWS * K; j++)
    assert_true(sd[j] == 0.0);
  kj_estimator_destroy(estimator);
  routed_clear(&r);
}

static void an_estimate_takes_the_estimators_own_route(void **state)
{
  (void)state;
  static const kj_route ROUTES[] = {KJ_ROUTE_PLAIN, KJ_ROUTE_HARD,
                                    KJ_ROUTE_SOFT, KJ_ROUTE_FEATURES};
  routed r = new_routed(72);
  const opinions o = ask_everybody(&r, 72);
  for (size_t i = 0; i < sizeof ROUTES / sizeof ROUTES[0]; i++) {
    const kj_estimator_parts parts = routed_parts(&r, ROUTES[i]);
    kj_estimator *estimator = new_estimator(&parts);
    double values[N_ROWS * K];
    estimate(estimator, 3, o.x, N_ROWS, 0, values);
    for (size_t j = 0; j < N_ROWS * K; j++)
      assert_true(values[j] == expected(&o, ROUTES[i], j));
    kj_estimator_destroy(estimator);
  }
  routed_clear(&r);
}

/* Rows standardised by the caller, for all components alike. */
static void a_speakers_rows_are_not_scaled_again(void **state)
{
  (void)state;
  routed r = new_routed(73);
  const opinions o = ask_everybody(&r, 73);
  kj_estimator_parts parts = routed_parts(&r, KJ_ROUTE_HARD);
  kj_estimator *component[KJ_N_COMPONENTS] = {NULL};
  for (size_t c = 0; c < KJ_N_COMPONENTS; c++) {
    kj_estimator_parts inner = *kj_estimator_get_parts(r.component[c]);
    inner.normalisation = KJ_NORMALISE_SPEAKER;
    component[c] = new_estimator(&inner);
    parts.routing.component[c] = component[c];
  }
  parts.normalisation = KJ_NORMALISE_SPEAKER;
  kj_estimator *estimator = new_estimator(&parts);
  double values[N_ROWS * K], expert[2][N_ROWS * K], p[N_ROWS];
  estimate(estimator, 9, o.x, N_ROWS, 1, values);
  for (int e = 0; e < 2; e++)
    estimate(component[e], 9, o.x, N_ROWS, 1, expert[e]);
  estimate(component[KJ_COMPONENT_GATE], 9, o.x, N_ROWS, 1, p);
  for (size_t j = 0; j < N_ROWS * K; j++)
    assert_true(values[j] == expert[p[j / K] >= 0.5][j]);
  kj_estimator_destroy(estimator);
  for (size_t c = 0; c < KJ_N_COMPONENTS; c++)
    kj_estimator_destroy(component[c]);
  routed_clear(&r);
}

static void refuse(const kj_estimator_parts *parts, kj_status status,
                   const char *says)
{
  kj_estimator *estimator = NULL;
  kj_error err = {.status = KJ_OK};
  const kj_status got = kj_estimator_create(parts, NULL, &estimator, &err);
  assert_error(says, got, &err, status, says);
  assert_null(estimator);
}

static void what_does_not_fit_is_refused(void **state)
{
  (void)state;
  routed r = new_routed(74);
  kj_estimator_parts parts = routed_parts(&r, KJ_ROUTE_HARD);
  parts.routing.component[KJ_COMPONENT_SCRIPTED] = NULL;
  refuse(&parts, KJ_EARGUMENT, "scripted is not there, the gate is there");
  parts = routed_parts(&r, KJ_ROUTE_ORACLE);
  refuse(&parts, KJ_EARGUMENT, "must be plain, hard, soft or features");
  parts = routed_parts(&r, KJ_ROUTE_FEATURES);
  parts.routing.component[KJ_COMPONENT_INFORMED] = NULL;
  refuse(&parts, KJ_EARGUMENT, "there is no informed estimator");
  parts = routed_parts(&r, KJ_ROUTE_HARD);
  parts.routing.component[KJ_COMPONENT_GATE] = r.component[0];
  refuse(&parts, KJ_ESHAPE, "gate: targets are not one probability");
  parts = routed_parts(&r, KJ_ROUTE_HARD);
  parts.routing.component[1] = r.component[KJ_COMPONENT_GATE];
  refuse(&parts, KJ_ESHAPE, "spontaneous: targets are not those of");
  parts = routed_parts(&r, KJ_ROUTE_HARD);
  parts.routing.component[1] = r.component[KJ_COMPONENT_INFORMED];
  refuse(&parts, KJ_ESHAPE, "spontaneous: 8 features; must be 7");
  parts = routed_parts(&r, KJ_ROUTE_HARD);
  parts.normalisation = KJ_NORMALISE_SPEAKER;
  refuse(&parts, KJ_EARGUMENT, "scripted: normalisation is 0");
  parts = routed_parts(&r, KJ_ROUTE_HARD);
  kj_estimator *whole = new_estimator(&parts);
  parts.routing.component[0] = whole;
  refuse(&parts, KJ_EARGUMENT, "scripted: has experts itself");
  kj_estimator_destroy(whole);
  parts = routed_parts(&r, KJ_ROUTE_HARD);
  parts.link = KJ_LINK_LOGIT;
  refuse(&parts, KJ_EARGUMENT, "a gate can have no experts");
  parts.link = (kj_link)7;
  refuse(&parts, KJ_EARGUMENT, "link is 7");
  routed_clear(&r);
}

static void calls_that_cannot_be_answered(void **state)
{
  (void)state;
  kj_estimator *estimator = routed_estimator(75, KJ_ROUTE_HARD);
  kj_estimator *plain = sample_estimator(75), *none = NULL;
  kj_estimator_scratch *scratch = new_scratch(estimator, 2);
  kj_estimator_scratch *other = new_scratch(plain, 2);
  const float x[SAMPLE_INPUTS] = {0};
  const signed char unknown[] = {-1};
  double values[K];
  const kj_routed out = {.values = values};
  kj_passage in = {
      .x = x, .n_rows = 1, .route = KJ_ROUTE_ORACLE, .spontaneous = unknown};
  kj_error err;
  kj_status status = kj_estimator_route(estimator, scratch, &in, &out, &err);
  assert_error("oracle", status, &err, KJ_EARGUMENT,
               "spontaneous of row 0 (from 0) is -1");
  in.route = (kj_route)9;
  status = kj_estimator_route(estimator, scratch, &in, &out, &err);
  assert_error("route", status, &err, KJ_EARGUMENT, "route is 9");
  status = kj_estimator_route(plain, other, &in, &out, &err);
  assert_error("plain", status, &err, KJ_EARGUMENT, "no gate and no experts");
  status = kj_estimator_estimate(estimator, scratch, x, 1, 1, values, &err);
  assert_error("scaled", status, &err, KJ_EARGUMENT, "already_scaled is 1");
  status =
      kj_estimator_convert(estimator, KJ_WEIGHTS_BF16, NULL, 0, &none, &err);
  assert_error("convert", status, &err, KJ_EARGUMENT, "convert its components");
  kj_estimator_scratch_destroy(scratch);
  kj_estimator_scratch_destroy(other);
  kj_estimator_destroy(estimator);
  kj_estimator_destroy(plain);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_route_gives_whom_it_names),
      cmocka_unit_test(the_mixture_has_the_deviation_of_a_mixture),
      cmocka_unit_test(an_estimate_takes_the_estimators_own_route),
      cmocka_unit_test(a_speakers_rows_are_not_scaled_again),
      cmocka_unit_test(what_does_not_fit_is_refused),
      cmocka_unit_test(calls_that_cannot_be_answered),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
