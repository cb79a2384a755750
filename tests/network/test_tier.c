/*
 * test_tier.c: which tier is chosen, and what KANJO_CPU may say.
 */
#define _GNU_SOURCE /* setenv */
#include "support.h"

#include "base/tier.h"
#include "network/kernels.h"

static kj__tier best_tier(void)
{
  int best = KJ__TIER_BASELINE;
  for (int t = 0; t < KJ__N_TIERS; t++)
    if (kj__tier_is_here((kj__tier)t))
      best = t;
  return (kj__tier)best;
}

/* Whatever the environment said is put back. */
static int keep_environment(void **state)
{
  const char *value = getenv("KANJO_CPU");
  *state = value ? strdup(value) : NULL;
  unsetenv("KANJO_CPU");
  return 0;
}

static int restore_environment(void **state)
{
  if (*state)
    setenv("KANJO_CPU", *state, 1);
  else
    unsetenv("KANJO_CPU");
  free(*state);
  return 0;
}

static void the_best_tier_is_chosen(void **state)
{
  (void)state;
  kj__tier tier;
  assert_true(kj__tier_is_here(KJ__TIER_BASELINE));
  for (int empty = 0; empty < 2; empty++) {
    if (empty)
      setenv("KANJO_CPU", "", 1);
    assert_int_equal(kj__tier_choose(&tier, NULL), KJ_OK);
    assert_int_equal(tier, best_tier());
  }
  print_message("best tier: %s\n", kj__tier_name(tier));
}

static void a_tier_has_all_that_the_ones_before_have(void **state)
{
  (void)state;
  for (int t = 1; t < KJ__N_TIERS; t++)
    if (kj__tier_is_here((kj__tier)t))
      assert_true(kj__tier_is_here((kj__tier)(t - 1)));
  assert_false(kj__tier_is_here(KJ__N_TIERS));
  assert_null(kj__tier_name(KJ__N_TIERS));
}

static void a_tier_that_is_here_can_be_forced_and_no_other(void **state)
{
  (void)state;
  for (int t = 0; t < KJ__N_TIERS; t++) {
    kj__tier tier = KJ__N_TIERS;
    kj_error err = {KJ_OK, ""};
    const char *name = kj__tier_name((kj__tier)t);
    setenv("KANJO_CPU", name, 1);
    const kj_status status = kj__tier_choose(&tier, &err);
    if (kj__tier_is_here((kj__tier)t)) {
      assert_int_equal(status, KJ_OK);
      assert_int_equal(tier, t);
    } else {
      assert_int_equal(status, KJ_EARGUMENT);
      assert_int_equal(tier, KJ__N_TIERS);
      assert_non_null(strstr(err.message, name));
    }
  }
}

static void a_name_that_is_none_is_refused_with_those_allowed(void **state)
{
  (void)state;
  static const char *const bad[] = {
      "sse",
      "AVX2",
      "avx2 ",
      "avx",
      "avx5120",
      "a name so long that a message would not hold all of it, far from it"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    kj__tier tier = KJ__N_TIERS;
    kj_error err = {KJ_OK, ""};
    setenv("KANJO_CPU", bad[i], 1);
    assert_int_equal(kj__tier_choose(&tier, &err), KJ_EARGUMENT);
    assert_int_equal(tier, KJ__N_TIERS);
    assert_non_null(strstr(err.message, "KANJO_CPU is \""));
    for (int t = 0; t < KJ__N_TIERS; t++)
      if (kj__tier_is_here((kj__tier)t))
        assert_non_null(strstr(err.message, kj__tier_name((kj__tier)t)));
    print_message("%s\n", err.message);
  }
}

static void what_cannot_run_on_a_bad_name_says_so_at_creation(void **state)
{
  (void)state;
  const kj_network_shape shape = {1, {3, 2}, KJ_ACTIVATION_LINEAR};
  kj_activations *activations = NULL;
  kj_error err = {KJ_OK, ""};
  setenv("KANJO_CPU", "fast", 1);
  assert_int_equal(kj_activations_create(&shape, 4, NULL, &activations, &err),
                   KJ_EARGUMENT);
  assert_null(activations);
  assert_non_null(strstr(err.message, "\"fast\""));
}

static void the_tables_carry_their_tier_s_name_and_manner(void **state)
{
  (void)state;
  for (int t = 0; t < KJ__N_TIERS; t++) {
    if (!kj__tier_is_here((kj__tier)t))
      continue;
    const kj__kernels *kernels = kj__kernels_get((kj__tier)t, KJ__FP32);
    assert_non_null(kernels);
    assert_false(kernels->narrow);
    if (t == KJ__TIER_AVX2 || t == KJ__TIER_AVX512)
      assert_string_equal(kernels->name, kj__tier_name((kj__tier)t));
    if (t >= KJ__TIER_AVX2)
      assert_true(kernels->fused);
  }
  assert_false(kj__kernels_plain.fused);
}

int main(void)
{
#define TEST(name)                                                             \
  cmocka_unit_test_setup_teardown(name, keep_environment, restore_environment)
  const struct CMUnitTest tests[] = {
      TEST(the_best_tier_is_chosen),
      TEST(a_tier_has_all_that_the_ones_before_have),
      TEST(a_tier_that_is_here_can_be_forced_and_no_other),
      TEST(a_name_that_is_none_is_refused_with_those_allowed),
      TEST(what_cannot_run_on_a_bad_name_says_so_at_creation),
      TEST(the_tables_carry_their_tier_s_name_and_manner),
  };
#undef TEST
  return cmocka_run_group_tests(tests, NULL, NULL);
}
