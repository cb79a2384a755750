/*
 * cmocka.h: the part of cmocka that tests of the kernels use, for machines
 * that have no cmocka built for them: tools/check-deep, step cross. The first
 * fault ends the program.
 */
#ifndef KJ_TESTS_CROSS_CMOCKA_H
#define KJ_TESTS_CROSS_CMOCKA_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct CMUnitTest {
  const char *name;
  void (*run)(void **state);
  int (*set_up)(void **state);
  int (*tear_down)(void **state);
};

#define cmocka_unit_test(test)                                                 \
  {                                                                            \
#test, test, NULL, NULL                                                    \
  }
#define cmocka_unit_test_setup_teardown(test, set_up, tear_down)               \
  {                                                                            \
#test, test, set_up, tear_down                                             \
  }
#define cmocka_run_group_tests(tests, set_up, tear_down)                       \
  run_group(tests, sizeof(tests) / sizeof *(tests), set_up, tear_down)

#define print_message(...) printf(__VA_ARGS__)
#define fail_msg(...)                                                          \
  do {                                                                         \
    fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);                            \
    fprintf(stderr, __VA_ARGS__);                                              \
    fprintf(stderr, "\n");                                                     \
    exit(1);                                                                   \
  } while (0)
#define assert_true(condition)                                                 \
  do {                                                                         \
    if (!(condition))                                                          \
      fail_msg("not true: %s", #condition);                                    \
  } while (0)
#define assert_false(condition) assert_true(!(condition))
#define assert_null(pointer) assert_true((pointer) == NULL)
#define assert_non_null(pointer) assert_true((pointer) != NULL)
#define assert_int_equal(a, b) assert_true((long long)(a) == (long long)(b))
#define assert_string_equal(a, b) assert_true(strcmp(a, b) == 0)

static inline int run_group(const struct CMUnitTest *tests, size_t n,
                            int (*set_up)(void **), int (*tear_down)(void **))
{
  void *group = NULL;
  if (set_up && set_up(&group) != 0)
    return 1;
  for (size_t i = 0; i < n; i++) {
    void *state = group;
    if (tests[i].set_up && tests[i].set_up(&state) != 0)
      return 1;
    tests[i].run(&state);
    if (tests[i].tear_down && tests[i].tear_down(&state) != 0)
      return 1;
    printf("passed: %s\n", tests[i].name);
  }
  return tear_down && tear_down(&group) != 0;
}

#endif
