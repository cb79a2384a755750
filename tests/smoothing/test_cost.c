/*
 * test_cost.c: a step multiplies no more than it must.
 *
 * The kernels are replaced by some that count, for each call, terms of sums:
 * inputs times units times rows. Per row, of a network whose weights are P in
 * all layers, L_1 in the first and H in the others, for K outputs:
 *
 *   none               2 P + H        forward; back; gradient
 *   noise              4 P + 2 H      likewise for the moved rows
 *   at, one output     4 P + 2 H + L_1
 *   at, K outputs      5 P + 2 H      one more pass back, to the inputs
 *   vat exact          4 P + H + K (H + L_1)
 *   vat power, t times 4 P + 2 H + 2 t P
 *
 * An unlabelled row has no supervised gradient: P less, and nothing at all
 * where its smoothing does not take it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kanjo/smoothing.h"
#include "smoothing/step.h"
#include <stdlib.h>

enum { N_IN = 384, N_HIDDEN_1 = 1200, N_HIDDEN_2 = 600, MOST_ROWS = 8 };

/* What has been counted, and who computes; the kernels take no context. */
typedef struct ledger {
  const kj__kernels *kernels;
  uint64_t n_terms;
} ledger;

static ledger *counted(void)
{
  static ledger l;
  return &l;
}

static void forward(const kj__forward *q, size_t first, size_t last)
{
  counted()->n_terms += (uint64_t)q->n_in * (last - first) * q->n_rows;
  counted()->kernels->forward(q, first, last);
}

static void forward_moved(const kj__forward_moved *q, size_t first, size_t last)
{
  counted()->n_terms += (uint64_t)q->n_in * (last - first) * q->n_rows;
  counted()->kernels->forward_moved(q, first, last);
}

static void backward(const kj__backward *q, size_t first, size_t last)
{
  counted()->n_terms += (uint64_t)q->n_out * (last - first) * q->n_rows;
  counted()->kernels->backward(q, first, last);
}

static void descend(const kj__descent *q, size_t first, size_t last)
{
  const size_t n_rows = q->stack[0].n_rows + q->stack[1].n_rows;
  counted()->n_terms += (uint64_t)q->n_in * (last - first) * n_rows;
  counted()->kernels->descend(q, first, last);
}

static const kj__kernels COUNTING = {.name = "counting",
                                     .forward = forward,
                                     .forward_moved = forward_moved,
                                     .backward = backward,
                                     .descend = descend};

/* The paper's network, 384-1200-600-1; with three outputs P is 1,182,600. */
static const struct {
  const char *name;
  size_t n_out, n_labelled, n_unlabelled;
  kj_smoothing_kind kind;
  kj_direction direction;
  unsigned iterations;
  uint64_t n_terms; /* of the whole batch */
} CASES[] = {
    {"none", 1, 1, 0, KJ_SMOOTHING_NONE, 0, 0, 3083400},
    {"none, 3 unlabelled", 1, 1, 3, KJ_SMOOTHING_NONE, 0, 0, 3083400},
    {"noise", 1, 1, 0, KJ_SMOOTHING_NOISE, 0, 0, 6166800},
    {"at", 1, 1, 0, KJ_SMOOTHING_AT, 0, 0, 6627600},
    {"at, 3 unlabelled", 1, 1, 3, KJ_SMOOTHING_AT, 0, 0, 6627600},
    {"at, 3 outputs", 3, 1, 0, KJ_SMOOTHING_AT, 0, 0, 7356600},
    {"vat exact", 1, 1, 0, KJ_SMOOTHING_VAT, KJ_DIRECTION_EXACT, 0, 6627600},
    {"vat exact, 5 and 3 rows", 1, 5, 3, KJ_SMOOTHING_VAT, KJ_DIRECTION_EXACT,
     0, 8 * 6627600 - 3 * 1181400},
    {"vat exact, 3 outputs", 3, 1, 0, KJ_SMOOTHING_VAT, KJ_DIRECTION_EXACT, 0,
     9000000},
    {"vat power", 1, 1, 0, KJ_SMOOTHING_VAT, KJ_DIRECTION_POWER, 1, 8529600},
    {"vat power, 3 times, 3 outputs", 3, 1, 0, KJ_SMOOTHING_VAT,
     KJ_DIRECTION_POWER, 3, 13269600},
};
enum { N_CASES = sizeof CASES / sizeof CASES[0] };

typedef struct fixture {
  kj_network *net;
  kj_stepper *stepper;
  kj_real *moments;
} fixture;

static fixture create(size_t n_out)
{
  const kj_stepper_options options = {
      .shape = {3, {N_IN, N_HIDDEN_1, N_HIDDEN_2, n_out}, KJ_ACTIVATION_LINEAR},
      .max_rows = MOST_ROWS,
      .n_threads = 1};
  fixture f = {NULL, NULL, NULL};
  assert_int_equal(kj_network_create(&options.shape, NULL, &f.net, NULL),
                   KJ_OK);
  assert_int_equal(kj_stepper_create(&options, NULL, &f.stepper, NULL), KJ_OK);
  f.moments = calloc(2 * f.net->n_parameters, sizeof *f.moments);
  assert_non_null(f.moments);
  for (size_t p = 0; p < f.net->n_parameters; p++)
    f.net->parameters[p] = (kj_real)0.01;
  *counted() = (ledger){f.stepper->kernels, 0};
  f.stepper->kernels = &COUNTING;
  return f;
}

static void destroy(fixture *f)
{
  kj_stepper_destroy(f->stepper);
  kj_network_destroy(f->net);
  free(f->moments);
}

static void check_case(size_t i)
{
  static kj_real x[MOST_ROWS * N_IN], y[MOST_ROWS * 3];
  static const uint64_t row_id[MOST_ROWS] = {0, 1, 2, 3, 4, 5, 6, 7};
  fixture f = create(CASES[i].n_out);
  kj_smoothing smoothing = kj_smoothing_defaults(CASES[i].kind);
  smoothing.direction = CASES[i].direction;
  smoothing.power_iterations = CASES[i].iterations;
  const kj_batch batch = {.x = x,
                          .y = y,
                          .n_labelled = CASES[i].n_labelled,
                          .n_unlabelled = CASES[i].n_unlabelled,
                          .row_id = row_id};
  const kj_step step = {.loss = KJ_LOSS_MSE, .smoothing = &smoothing};
  const kj_optimiser optimiser = {.adam = kj_adam_defaults(),
                                  .moment1 = f.moments,
                                  .moment2 = f.moments + f.net->n_parameters,
                                  .t = 1};
  kj_stepper_descend(f.stepper, f.net, &batch, &step, &optimiser, NULL);
  print_message("%-30s %9llu multiply-adds\n", CASES[i].name,
                (unsigned long long)counted()->n_terms);
  if (counted()->n_terms != CASES[i].n_terms)
    fail_msg("%s: %llu multiply-adds, must be %llu", CASES[i].name,
             (unsigned long long)counted()->n_terms,
             (unsigned long long)CASES[i].n_terms);
  destroy(&f);
}

static void every_step_is_the_minimal_one(void **state)
{
  (void)state;
  for (size_t i = 0; i < N_CASES; i++)
    check_case(i);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_step_is_the_minimal_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
