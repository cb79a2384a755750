/*
 * test_network.c: shapes, the parameter block, and the forward pass on the
 * kernels of every tier.
 */
#define _POSIX_C_SOURCE 200809L /* setenv */
#include "support.h"

#include "network/kernels.h"
#include <stdio.h>

static const kj_network_shape PAPER = {
    3, {384, 1200, 600, 1}, KJ_ACTIVATION_RELU};
static const kj_network_shape SMALL = {
    3, {13, 40, 35, 3}, KJ_ACTIVATION_LINEAR};

/* Runs a check once for every tier that is here, which KANJO_CPU then names;
 * `fused`: whether its sums use fused multiply-adds. */
static void on_every_tier(void (*check)(const char *tier, bool fused))
{
  for (int t = 0; t < KJ__N_TIERS; t++) {
    if (!kj__tier_is_here((kj__tier)t))
      continue;
    const char *name = kj__tier_name((kj__tier)t);
    assert_int_equal(setenv("KANJO_CPU", name, 1), 0);
    check(name, kj__kernels_get((kj__tier)t, KJ__FP32)->fused);
    assert_int_equal(unsetenv("KANJO_CPU"), 0);
  }
}

/* One change to a good shape, and the message that must name it. */
typedef struct bad_shape {
  const char *message;
  size_t n_layers;
  size_t width[KJ_MAX_LAYERS + 1];
  int output;
} bad_shape;

static const bad_shape BAD_SHAPES[] = {
    {"n_layers is 0; must be 1..16", 0, {4}, 0},
    {"n_layers is 17; must be 1..16", 17, {4}, 0},
    {"output activation is 2; must be 0..1", 1, {4, 1}, 2},
    {"output activation is -1; must be 0..1", 1, {4, 1}, -1},
    {"width[0] is 0; must be 1..65536", 2, {0, 5, 1}, 0},
    {"width[0] is 65537; must be 1..65536", 2, {65537, 5, 1}, 0},
    {"width[1] is 0; must be 1..65536", 2, {4, 0, 1}, 0},
    {"width[2] is 0; must be 1..16 for the outputs", 2, {4, 5, 0}, 0},
    {"width[2] is 17; must be 1..16 for the outputs", 2, {4, 5, 17}, 0},
    {"number of parameters is 268435457; must be at most 268435456",
     2,
     {4094, 65536, 1},
     0},
};

static kj_network_shape shape_of(const bad_shape *bad)
{
  kj_network_shape shape = {bad->n_layers, {0}, (kj_activation)bad->output};
  memcpy(shape.width, bad->width, sizeof shape.width);
  return shape;
}

static void every_bad_shape_is_named(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof BAD_SHAPES / sizeof BAD_SHAPES[0]; i++) {
    const kj_network_shape shape = shape_of(&BAD_SHAPES[i]);
    kj_error err = {KJ_OK, ""};
    kj_network *net = NULL;
    kj_activations *activations = NULL;
    assert_int_equal(kj_network_shape_check(&shape, NULL), KJ_EARGUMENT);
    assert_int_equal(kj_network_shape_check(&shape, &err), KJ_EARGUMENT);
    assert_int_equal(err.status, KJ_EARGUMENT);
    assert_string_equal(err.message, BAD_SHAPES[i].message);
    assert_int_equal(kj_network_create(&shape, NULL, &net, NULL), KJ_EARGUMENT);
    assert_int_equal(kj_activations_create(&shape, 1, NULL, &activations, NULL),
                     KJ_EARGUMENT);
    assert_null(net);
    assert_null(activations);
  }
}

static void the_largest_shapes_pass(void **state)
{
  (void)state;
  kj_network_shape deep = {KJ_MAX_LAYERS, {0}, KJ_ACTIVATION_RELU};
  for (size_t l = 0; l <= KJ_MAX_LAYERS; l++)
    deep.width[l] = KJ_MAX_OUTPUTS;
  const kj_network_shape wide = {
      2, {4093, KJ_MAX_WIDTH, 1}, KJ_ACTIVATION_LINEAR};
  assert_int_equal(kj_network_shape_check(&deep, NULL), KJ_OK);
  assert_int_equal(kj_network_shape_check(&wide, NULL), KJ_OK);
}

static void no_rows_are_refused(void **state)
{
  (void)state;
  kj_activations *activations = NULL;
  kj_error err;
  assert_int_equal(kj_activations_create(&SMALL, 0, NULL, &activations, &err),
                   KJ_EARGUMENT);
  assert_string_equal(err.message, "max_rows is 0; must be at least 1");
  assert_null(activations);
}

static void a_tier_that_is_not_here_is_refused(void **state)
{
  (void)state;
  ration r = {0};
  const kj_allocator allocator = ration_allocator(&r);
  kj_activations *activations = NULL;
  kj_error err;
  assert_int_equal(setenv("KANJO_CPU", "abacus", 1), 0);
  assert_int_equal(
      kj_activations_create(&SMALL, 1, &allocator, &activations, &err),
      KJ_EARGUMENT);
  assert_int_equal(unsetenv("KANJO_CPU"), 0);
  assert_non_null(strstr(err.message, "KANJO_CPU is \"abacus\"; must be"));
  assert_null(activations);
  assert_int_equal(r.n_calls, 0);
}

static void too_many_rows_are_out_of_memory(void **state)
{
  (void)state;
  kj_activations *activations = NULL;
  const size_t too_many[] = {SIZE_MAX, SIZE_MAX - 31, SIZE_MAX - 32,
                             SIZE_MAX / 64, SIZE_MAX / 512};
  for (size_t i = 0; i < sizeof too_many / sizeof too_many[0]; i++)
    assert_int_equal(
        kj_activations_create(&SMALL, too_many[i], NULL, &activations, NULL),
        KJ_EMEMORY);
  assert_null(activations);
}

static void names_and_values_go_both_ways(void **state)
{
  (void)state;
  kj_activation activation = KJ_ACTIVATION_LINEAR;
  kj_loss loss = KJ_LOSS_MSE;
  assert_true(kj_activation_find("relu", &activation));
  assert_int_equal(activation, KJ_ACTIVATION_RELU);
  assert_false(kj_activation_find("Relu", &activation));
  assert_int_equal(activation, KJ_ACTIVATION_RELU);
  assert_string_equal(kj_activation_name(KJ_ACTIVATION_LINEAR), "linear");
  assert_null(kj_activation_name((kj_activation)2));
  assert_true(kj_loss_find("ccc", &loss));
  assert_int_equal(loss, KJ_LOSS_CCC);
  assert_false(kj_loss_find("", &loss));
  assert_string_equal(kj_loss_name(KJ_LOSS_BCE), "bce");
  assert_string_equal(kj_loss_name(KJ_LOSS_MSE), "mse");
  assert_null(kj_loss_name((kj_loss)4));
}

static void the_paper_s_network_has_1183201_zeros_in_order(void **state)
{
  (void)state;
  kj_network *net = NULL;
  assert_int_equal(kj_network_create(&PAPER, NULL, &net, NULL), KJ_OK);
  assert_int_equal(net->n_parameters, 1183201);
  assert_int_equal(kj_network_weights(net, 0) - net->parameters, 0);
  assert_int_equal(kj_network_biases(net, 0) - net->parameters, 460800);
  assert_int_equal(kj_network_weights(net, 1) - net->parameters, 462000);
  assert_int_equal(kj_network_biases(net, 1) - net->parameters, 1182000);
  assert_int_equal(kj_network_weights(net, 2) - net->parameters, 1182600);
  assert_int_equal(kj_network_biases(net, 2) - net->parameters, 1183200);
  assert_int_equal(kj_network_shape_parameters(&net->shape), 1183201);
  for (size_t i = 0; i < net->n_parameters; i++)
    if (net->parameters[i] != 0)
      fail_msg("parameter %zu is %g", i, (double)net->parameters[i]);
  kj_network_destroy(net);
  kj_network_destroy(NULL);
  kj_activations_destroy(NULL);
}

static void failing_allocations_leave_nothing(void **state)
{
  (void)state;
  for (size_t which = 1; which <= 3; which++) {
    ration net_ration = {.fails_at = which};
    ration scratch_ration = {.fails_at = which};
    const kj_allocator a = ration_allocator(&net_ration);
    const kj_allocator b = ration_allocator(&scratch_ration);
    const kj_status expected = which <= 2 ? KJ_EMEMORY : KJ_OK;
    kj_network *net = NULL;
    kj_activations *activations = NULL;
    kj_error err = {KJ_OK, ""};
    assert_int_equal(kj_network_create(&SMALL, &a, &net, &err), expected);
    assert_int_equal(err.status, expected);
    assert_int_equal(kj_activations_create(&SMALL, 9, &b, &activations, &err),
                     expected);
    assert_int_equal(net != NULL, expected == KJ_OK);
    assert_int_equal(activations != NULL, expected == KJ_OK);
    kj_network_destroy(net);
    kj_activations_destroy(activations);
    assert_int_equal(net_ration.n_live, 0);
    assert_int_equal(scratch_ration.n_live, 0);
  }
}

static void check_hand_computed(const char *tier, bool fused)
{
  (void)fused;
  const kj_network_shape shape = {2, {2, 3, 2}, KJ_ACTIVATION_RELU};
  /* W_0 (3, 2), b_0 (3), W_1 (2, 3), b_1 (2) */
  static const kj_real parameters[] = {1, 2,  -1, 1,  0, -3, 1, 0, -1,
                                       1, -1, 2,  -2, 1, 4,  1, -2};
  /* x = (1, 2): z_0 = (6, 1, -7), h = (6, 1, 0), z_1 = (6, -13)
   * x = (-1, -1): z_0 = (-2, 0, 2), h = (0, 0, 2), z_1 = (5, 6) */
  static const kj_real x[] = {1, 2, -1, -1};
  static const kj_real z[] = {6, -13, 5, 6}, y[] = {6, 0, 5, 6};
  kj_network *net = NULL;
  assert_int_equal(kj_network_create(&shape, NULL, &net, NULL), KJ_OK);
  assert_int_equal(net->n_parameters * sizeof(kj_real), sizeof parameters);
  memcpy(net->parameters, parameters, sizeof parameters);
  kj_activations *activations = new_activations(&shape, 5);
  kj_real got[4];
  kj_network_forward(net, x, 2, activations, got);
  assert_same(tier, got, y, 4);
  net->shape.output = KJ_ACTIVATION_LINEAR;
  kj_network_forward(net, x, 2, activations, got);
  assert_same(tier, got, z, 4);
  kj_activations_destroy(activations);
  kj_network_destroy(net);
}

static void a_hand_computed_network_gives_its_numbers(void **state)
{
  (void)state;
  on_every_tier(check_hand_computed);
}

static kj_real multiply_add(bool fused, kj_real a, kj_real b, kj_real sum)
{
  if (fused)
    return fmaf(a, b, sum);
  const volatile kj_real product = a * b;
  return sum + product;
}

/* The definition: sums in order, from the bias. One row. */
static void run_plainly(const kj_network *net, bool fused, const kj_real *x,
                        kj_real *y)
{
  kj_real value[2][64];
  memcpy(value[0], x, net->shape.width[0] * sizeof *x);
  for (size_t l = 0; l < net->shape.n_layers; l++) {
    const kj_real *w = kj_network_weights(net, l);
    const size_t n_in = net->shape.width[l], n_out = net->shape.width[l + 1];
    const bool last = l + 1 == net->shape.n_layers;
    for (size_t o = 0; o < n_out; o++) {
      kj_real z = kj_network_biases(net, l)[o];
      for (size_t i = 0; i < n_in; i++)
        z = multiply_add(fused, w[o * n_in + i], value[l % 2][i], z);
      const bool clip = !last || net->shape.output == KJ_ACTIVATION_RELU;
      value[(l + 1) % 2][o] = clip && z < 0 ? 0 : z;
    }
  }
  memcpy(y, value[net->shape.n_layers % 2], n_outputs(&net->shape) * sizeof *y);
}

static void check_plain_loops(const char *tier, bool fused)
{
  kj__random random = test_stream(3, 0);
  kj_network *net = random_network(&SMALL, &random);
  kj_activations *activations = new_activations(&SMALL, 100);
  kj_real *x = draw_new(&random, 0.0, 1.0, 100 * n_inputs(&SMALL));
  kj_real expected[300], got[300];
  for (int output = 0; output < 2; output++) {
    net->shape.output = (kj_activation)output;
    for (size_t r = 0; r < 100; r++)
      run_plainly(net, fused, x + r * n_inputs(&SMALL), expected + r * 3);
    kj_network_forward(net, x, 100, activations, got);
    assert_same(tier, got, expected, 300);
  }
  free(x);
  kj_activations_destroy(activations);
  kj_network_destroy(net);
}

static void has_the_bits_of_the_plain_loops(void **state)
{
  (void)state;
  on_every_tier(check_plain_loops);
}

static void check_batches(const char *tier, bool fused)
{
  (void)fused;
  enum { ROWS = 100 };
  static const size_t batches[] = {1, 2, 5, 7, 31, 32, 33, 64, 100};
  kj__random random = test_stream(4, 0);
  kj_network *net = random_network(&PAPER, &random);
  kj_activations *activations = new_activations(&PAPER, ROWS);
  kj_real *x = draw_new(&random, 0.0, 1.0, ROWS * n_inputs(&PAPER));
  kj_real alone[ROWS], together[ROWS];
  for (size_t r = 0; r < ROWS; r++)
    kj_network_forward(net, x + r * n_inputs(&PAPER), 1, activations,
                       alone + r);
  for (size_t b = 0; b < sizeof batches / sizeof batches[0]; b++) {
    char what[40];
    snprintf(what, sizeof what, "%s, batch of %zu", tier, batches[b]);
    kj_network_forward(net, x, batches[b], activations, together);
    assert_same(what, together, alone, batches[b]);
  }
  free(x);
  kj_activations_destroy(activations);
  kj_network_destroy(net);
}

static void a_row_has_the_same_bits_in_any_batch(void **state)
{
  (void)state;
  on_every_tier(check_batches);
}

/* FNV-1a over the bits of floats. */
static uint64_t hash_bits(const kj_real *values, size_t n)
{
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i < n; i++) {
    uint32_t bits;
    memcpy(&bits, &values[i], sizeof bits);
    for (int shift = 0; shift < 32; shift += 8)
      hash = (hash ^ ((bits >> shift) & 255u)) * 0x100000001b3u;
  }
  return hash;
}

/* Uniform in +-bound, without the C library's functions. */
static void draw_uniform(kj__random *random, double bound, kj_real *values,
                         size_t n)
{
  for (size_t i = 0; i < n; i++)
    values[i] = (kj_real)((2.0 * kj__random_uniform(random) - 1.0) * bound);
}

static void check_recorded_bits(const char *tier, bool fused)
{
  enum { ROWS = 37 };
  /* recorded with gcc 12.2 and clang 14, x86-64: baseline; avx2 */
  static const uint64_t recorded[2] = {0x3624b08a86043cb2u,
                                       0x2746804ceeb07b1fu};
  kj__random random = test_stream(7, 0);
  kj_network *net = random_network(&PAPER, &random);
  kj_activations *activations = new_activations(&PAPER, ROWS);
  kj_real *x = draw_new(&random, 0.0, 1.0, ROWS * n_inputs(&PAPER));
  draw_uniform(&random, 0.125, net->parameters, net->n_parameters);
  draw_uniform(&random, 2.0, x, ROWS * n_inputs(&PAPER));
  kj_real y[ROWS];
  net->shape.output = KJ_ACTIVATION_LINEAR;
  kj_network_forward(net, x, ROWS, activations, y);
  print_message("%s: %s multiply-adds\n", tier, fused ? "fused" : "separate");
  if (hash_bits(y, ROWS) != recorded[fused])
    fail_msg("%s: hash is %016llx, must be %016llx; y[0] is %a", tier,
             (unsigned long long)hash_bits(y, ROWS),
             (unsigned long long)recorded[fused], (double)y[0]);
  free(x);
  kj_activations_destroy(activations);
  kj_network_destroy(net);
}

static void has_the_recorded_bits_on_every_compiler_and_machine(void **state)
{
  (void)state;
  on_every_tier(check_recorded_bits);
}

/* Nor in a row of a later pass, which finds it in the memory used before. */
static void check_nan(const char *tier, bool fused)
{
  (void)fused;
  enum { ROWS = 40, BAD = 33 };
  kj__random random = test_stream(5, 0);
  kj_network *net = random_network(&SMALL, &random);
  kj_activations *activations = new_activations(&SMALL, ROWS);
  kj_real *x = draw_new(&random, 0.0, 1.0, ROWS * n_inputs(&SMALL));
  net->shape.output = KJ_ACTIVATION_RELU;
  x[BAD * n_inputs(&SMALL) + 2] = (kj_real)NAN;
  kj_real y[ROWS * 3];
  kj_network_forward(net, x, ROWS, activations, y);
  for (size_t i = 0; i < ROWS * 3; i++)
    if ((bool)isnan(y[i]) != (i / 3 == BAD))
      fail_msg("%s: row %zu, output %zu is %g", tier, i / 3, i % 3,
               (double)y[i]);
  kj_network_forward(net, x, BAD, activations, y);
  for (size_t i = 0; i < BAD * 3; i++)
    if (isnan(y[i]))
      fail_msg("%s, later: row %zu is NaN", tier, i / 3);
  free(x);
  kj_activations_destroy(activations);
  kj_network_destroy(net);
}

static void a_nan_is_not_hidden_and_stays_in_its_row(void **state)
{
  (void)state;
  on_every_tier(check_nan);
}

static void a_forward_pass_allocates_nothing(void **state)
{
  (void)state;
  ration r = {0};
  const kj_allocator allocator = ration_allocator(&r);
  kj_network *net = NULL;
  kj_activations *activations = NULL;
  assert_int_equal(kj_network_create(&SMALL, &allocator, &net, NULL), KJ_OK);
  assert_int_equal(
      kj_activations_create(&SMALL, 9, &allocator, &activations, NULL), KJ_OK);
  const size_t before = r.n_calls;
  kj_real x[9 * 13] = {0}, y[9 * 3];
  kj_network_forward(net, x, 9, activations, y);
  assert_int_equal(r.n_calls, before);
  kj_activations_destroy(activations);
  kj_network_destroy(net);
  assert_int_equal(r.n_live, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_bad_shape_is_named),
      cmocka_unit_test(the_largest_shapes_pass),
      cmocka_unit_test(no_rows_are_refused),
      cmocka_unit_test(a_tier_that_is_not_here_is_refused),
      cmocka_unit_test(too_many_rows_are_out_of_memory),
      cmocka_unit_test(names_and_values_go_both_ways),
      cmocka_unit_test(the_paper_s_network_has_1183201_zeros_in_order),
      cmocka_unit_test(failing_allocations_leave_nothing),
      cmocka_unit_test(a_hand_computed_network_gives_its_numbers),
      cmocka_unit_test(has_the_bits_of_the_plain_loops),
      cmocka_unit_test(a_row_has_the_same_bits_in_any_batch),
      cmocka_unit_test(has_the_recorded_bits_on_every_compiler_and_machine),
      cmocka_unit_test(a_nan_is_not_hidden_and_stays_in_its_row),
      cmocka_unit_test(a_forward_pass_allocates_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
