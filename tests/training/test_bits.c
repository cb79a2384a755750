/*
 * test_bits.c: the same seed gives the same bits; a training that was stopped
 * and taken up again gives the bits of one that never was.
 */
#include "training/problem.h"

/* Every smoothing, loss and schedule, with and without the other rows. */
static const struct bits_case {
  const char *name;
  kj_smoothing_kind kind;
  kj_direction direction;
  kj_loss loss;
  kj_schedule schedule;
  size_t n_out, patience, n_validation, n_unlabelled;
  bool is_weighted, he;
  double dropout;
  kj_precision precision;
} CASES[] = {
    {.name = "none"},
    {.name = "none, cosine, patience",
     .schedule = KJ_SCHEDULE_COSINE,
     .patience = 2,
     .n_validation = N_VALIDATION},
    {.name = "none, validation without patience", .n_validation = 5},
    {.name = "none, two targets, ccc, He",
     .loss = KJ_LOSS_CCC,
     .n_out = 2,
     .he = true},
    {.name = "noise, unlabelled",
     .kind = KJ_SMOOTHING_NOISE,
     .schedule = KJ_SCHEDULE_COSINE,
     .n_unlabelled = N_UNLABELLED},
    {.name = "noise, unlabelled, patience",
     .kind = KJ_SMOOTHING_NOISE,
     .patience = 1,
     .n_validation = N_VALIDATION,
     .n_unlabelled = 1},
    {.name = "at, weighted, two targets",
     .kind = KJ_SMOOTHING_AT,
     .schedule = KJ_SCHEDULE_COSINE,
     .n_out = 2,
     .is_weighted = true},
    {.name = "vat exact, unlabelled, patience",
     .kind = KJ_SMOOTHING_VAT,
     .patience = 3,
     .n_validation = N_VALIDATION,
     .n_unlabelled = N_UNLABELLED,
     .is_weighted = true},
    {.name = "vat exact, two targets, many unlabelled",
     .kind = KJ_SMOOTHING_VAT,
     .schedule = KJ_SCHEDULE_COSINE,
     .n_out = 2,
     .n_unlabelled = 60},
    {.name = "vat power, unlabelled",
     .kind = KJ_SMOOTHING_VAT,
     .direction = KJ_DIRECTION_POWER,
     .schedule = KJ_SCHEDULE_COSINE,
     .n_unlabelled = N_UNLABELLED},
    {.name = "vat exact, bf16, patience",
     .kind = KJ_SMOOTHING_VAT,
     .patience = 3,
     .n_validation = N_VALIDATION,
     .precision = KJ_PRECISION_BF16},
    {.name = "dropout, two targets, patience",
     .n_out = 2,
     .patience = 3,
     .n_validation = N_VALIDATION,
     .dropout = 0.3},
    {.name = "vat exact, dropout, unlabelled",
     .kind = KJ_SMOOTHING_VAT,
     .n_unlabelled = N_UNLABELLED,
     .dropout = 0.3},
};
enum { N_CASES = sizeof CASES / sizeof CASES[0] };

static problem case_problem(const struct bits_case *c)
{
  problem p = new_problem(c->n_out > 0 ? c->n_out : 1);
  p.options.smoothing = kj_smoothing_defaults(c->kind);
  p.options.smoothing.direction = c->direction;
  p.options.loss = c->loss;
  p.options.schedule = c->schedule;
  p.options.patience = c->patience;
  p.options.he_initialisation = c->he;
  p.options.dropout = c->dropout;
  p.options.precision = c->precision;
  p.n_validation = c->n_validation;
  p.n_unlabelled = c->n_unlabelled;
  p.is_weighted = c->is_weighted;
  return p;
}

/* All of the state of two trainings is the same: network, moments, counters,
 * history, best network. */
static void check_same(const char *name, size_t stop, kj_trainer *got,
                       kj_trainer *expected)
{
  assert_int_equal(kj_trainer_state_count(got),
                   kj_trainer_state_count(expected));
  for (size_t i = 0; i < kj_trainer_state_count(got); i++) {
    const kj_trainer_tensor a = kj_trainer_state(got, i);
    const kj_trainer_tensor b = kj_trainer_state(expected, i);
    assert_string_equal(a.name, b.name);
    if (memcmp(a.data, b.data, piece_size(&a)) != 0)
      fail_msg("%s, stopped after epoch %zu: %s differs (seed %d)", name, stop,
               a.name, PROBLEM_SEED);
  }
  assert_true(same_networks(got, expected));
  assert_int_equal(kj_trainer_chosen_epoch(got),
                   kj_trainer_chosen_epoch(expected));
  assert_int_equal(kj_trainer_epochs(got), kj_trainer_epochs(expected));
}

/* On one thread twice, and on three. */
static void same_seed_same_bits(void **state)
{
  (void)state;
  for (size_t c = 0; c < N_CASES; c++) {
    problem p = case_problem(&CASES[c]);
    kj_trainer *a = train(&p), *b = train(&p);
    check_same(CASES[c].name, 0, a, b);
    kj_trainer_destroy(b);
    p.options.n_threads = 3;
    b = train(&p);
    check_same(CASES[c].name, 0, a, b);
    kj_trainer_destroy(a);
    kj_trainer_destroy(b);
  }
}

/* Seed and number of the network each name another training. */
static void other_seed_other_bits(void **state)
{
  (void)state;
  for (size_t c = 0; c < N_CASES; c++) {
    problem p = case_problem(&CASES[c]);
    kj_trainer *trainer = train(&p);
    p.options.seed++;
    if (trains_alike(&p, trainer))
      fail_msg("%s: seeds 7 and 8 give the same network", CASES[c].name);
    p.options.seed--;
    p.options.network_index = 1;
    if (trains_alike(&p, trainer))
      fail_msg("%s: networks 0 and 1 are the same", CASES[c].name);
    kj_trainer_destroy(trainer);
  }
}

/* The pieces of one training's state, copied into another of the same. */
static void hand_over(kj_trainer *from, kj_trainer *to)
{
  kj_error err;
  for (size_t i = 0; i < kj_trainer_state_count(from); i++) {
    const kj_trainer_tensor source = kj_trainer_state(from, i);
    const kj_trainer_tensor place = kj_trainer_state(to, i);
    assert_string_equal(source.name, place.name);
    assert_int_equal(source.type, place.type);
    assert_int_equal(source.count, place.count);
    memcpy(place.data, source.data, piece_size(&source));
  }
  if (kj_trainer_restored(to, &err) != KJ_OK)
    fail_msg("kj_trainer_restored: %s", err.message);
}

static void check_resumed(const struct bits_case *c, size_t stop)
{
  const problem p = case_problem(c);
  kj_trainer *undisturbed = train(&p), *first = new_trainer(&p);
  while (kj_trainer_epochs(first) < stop && !kj_trainer_is_done(first))
    run_epoch(first);
  kj_trainer *second = new_trainer(&p);
  hand_over(first, second);
  kj_trainer_destroy(first);
  while (!kj_trainer_is_done(second))
    run_epoch(second);
  check_same(c->name, stop, second, undisturbed);
  kj_trainer_destroy(second);
  kj_trainer_destroy(undisturbed);
}

static void resumed_gives_the_same_bits(void **state)
{
  (void)state;
  for (size_t c = 0; c < N_CASES; c++)
    for (size_t stop = 0; stop <= 5; stop++)
      check_resumed(&CASES[c], stop);
}

static bool stop_third(void *context)
{
  size_t *n_asked = context;
  return ++*n_asked == 3;
}

/* Stopped in the middle of epoch 3, then put back to the end of epoch 2 in
 * place: as `kanjo train --resume` after Ctrl-C, without a new process. */
static void check_rewound(const struct bits_case *c)
{
  const problem p = case_problem(c);
  kj_trainer *undisturbed = train(&p), *saved = new_trainer(&p);
  kj_trainer *trainer = new_trainer(&p);
  size_t n_asked = 0;
  kj_error err;
  for (int epoch = 0; epoch < 2; epoch++) {
    run_epoch(trainer);
    run_epoch(saved);
  }
  if (!kj_trainer_is_done(trainer)) {
    assert_int_equal(kj_trainer_run_epoch(trainer, stop_third, &n_asked, &err),
                     KJ_EINTERRUPTED);
    assert_int_equal(n_asked, 3);
  }
  hand_over(saved, trainer);
  while (!kj_trainer_is_done(trainer))
    run_epoch(trainer);
  check_same(c->name, 2, trainer, undisturbed);
  kj_trainer_destroy(undisturbed);
  kj_trainer_destroy(saved);
  kj_trainer_destroy(trainer);
}

static void rewound_gives_the_same_bits(void **state)
{
  (void)state;
  for (size_t c = 0; c < N_CASES; c++)
    check_rewound(&CASES[c]);
}

/* What a file must hold: everything that the next epoch reads. */
static void state_is_named(void **state)
{
  (void)state;
  static const char *const names[] = {"parameters", "moment1", "moment2",
                                      "counters",   "history", "best"};
  for (size_t patience = 0; patience <= 1; patience++) {
    problem p = new_problem(1);
    p.options.patience = patience;
    p.n_validation = N_VALIDATION;
    kj_trainer *trainer = new_trainer(&p);
    assert_int_equal(kj_trainer_state_count(trainer), 5 + patience);
    for (size_t i = 0; i < 5 + patience; i++)
      assert_string_equal(kj_trainer_state(trainer, i).name, names[i]);
    kj_trainer_destroy(trainer);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(same_seed_same_bits),
      cmocka_unit_test(other_seed_other_bits),
      cmocka_unit_test(resumed_gives_the_same_bits),
      cmocka_unit_test(rewound_gives_the_same_bits),
      cmocka_unit_test(state_is_named),
  };
  return cmocka_run_group_tests_name("training bits", tests, NULL, NULL);
}
