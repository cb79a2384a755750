/*
 * test_shortage.c: allocation number 1, 2, 3 ... of a training fails: "out of
 * memory", nothing leaks (under a sanitizer), and an epoch allocates nothing.
 *
 * The linker puts __wrap_malloc here in the place of malloc for all of libkanjo
 * (tests.cmake).
 */
#include "training/problem.h"

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

/* Calls counted, and the number of the one that fails; 0: none. The wrapped
 * function takes no context, so this one has to be the file's. */
typedef struct ledger {
  size_t n_calls, fails_at;
} ledger;

static ledger *current(void)
{
  static ledger calls;
  return &calls;
}

void *__wrap_malloc(size_t size)
{
  return ++current()->n_calls == current()->fails_at ? NULL
                                                     : __real_malloc(size);
}

static problem full_problem(void)
{
  problem p = new_problem(2);
  p.options.smoothing = kj_smoothing_defaults(KJ_SMOOTHING_VAT);
  p.options.patience = 2;
  p.n_validation = N_VALIDATION;
  p.n_unlabelled = N_UNLABELLED;
  return p;
}

static void every_allocation_may_fail(void **state)
{
  (void)state;
  const problem p = full_problem();
  const kj_training_data data = problem_data(&p);
  size_t n_failures = 0;
  for (;;) {
    kj_trainer *trainer = NULL;
    kj_error err = {0};
    *current() = (ledger){.fails_at = n_failures + 1};
    const kj_status status =
        kj_trainer_create(&p.options, &data, &trainer, &err);
    *current() = (ledger){0};
    if (status == KJ_OK) {
      kj_trainer_destroy(trainer);
      break;
    }
    n_failures++;
    if (status != KJ_EMEMORY || trainer ||
        !strstr(err.message, "out of memory"))
      fail_msg("without allocation %zu: %s: %s", n_failures,
               kj_status_text(status), err.message);
  }
  print_message("%zu allocations failed one by one\n", n_failures);
  assert_in_range(n_failures, 20, 60);
}

static void epochs_allocate_nothing(void **state)
{
  (void)state;
  const problem p = full_problem();
  kj_trainer *trainer = new_trainer(&p);
  *current() = (ledger){0};
  while (!kj_trainer_is_done(trainer))
    run_epoch(trainer);
  assert_int_equal(current()->n_calls, 0);
  kj_trainer_destroy(trainer);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_allocation_may_fail),
      cmocka_unit_test(epochs_allocate_nothing),
  };
  return cmocka_run_group_tests_name("training shortage", tests, NULL, NULL);
}
