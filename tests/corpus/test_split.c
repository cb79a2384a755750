/*
 * test_split.c: groups are never divided, every row is in one part, the same
 * seed gives the same parts, and no voice leaks unless it was asked for.
 */
#define _GNU_SOURCE
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "corpus/tables.h"

enum { N = 120, N_SPEAKERS = 12 };

/* N rows of N_SPEAKERS speakers of 3 to 17 rows, mixed; 4 sessions of three
 * speakers each; one corpus. */
static kj_dataset *speakers(void **state)
{
  const test_path path = path_in(state, "l.csv");
  FILE *stream = fopen(path.text, "wb");
  kj_dataset *d = NULL;
  kj_error err = {0};
  size_t left[N_SPEAKERS];
  assert_non_null(stream);
  for (size_t s = 0; s < N_SPEAKERS; s++)
    left[s] = s < 4 ? 3 : s < 8 ? 10 : 17; /* 12 + 40 + 68 = 120 */
  fputs("utterance,speaker,session,corpus\n", stream);
  for (size_t i = 0, s = 0; i < N; s = (s + 5) % N_SPEAKERS)
    if (left[s] > 0) {
      left[s]--;
      fprintf(stream, "u%zu,spk%zu,ses%zu,c\n", i++, s, s / 3);
    }
  fclose(stream);
  check_ok(kj_dataset_read_labels(path.text, NULL, 0, &d, &err), &err);
  assert_int_equal(d->n_rows, N);
  assert_int_equal(d->groups[KJ_GROUP_SPEAKER].n, N_SPEAKERS);
  return d;
}

static const kj_rows ALL = {NULL, N};

/* Rows of one group that are on different sides: none. */
static void check_whole(const kj_dataset *d, kj_group group,
                        const unsigned char *held_out, uint64_t seed)
{
  for (size_t i = 0; i < N; i++)
    for (size_t k = 0; k < i; k++)
      if (d->row[i].group[group] == d->row[k].group[group] &&
          held_out[i] != held_out[k])
        fail_msg("seed %llu: rows %zu and %zu of %s are on both sides",
                 (unsigned long long)seed, i, k, d->row[i].group_name[group]);
}

static size_t count(const unsigned char *held_out, size_t n)
{
  size_t sum = 0;
  for (size_t i = 0; i < n; i++) {
    assert_true(held_out[i] <= 1);
    sum += held_out[i];
  }
  return sum;
}

static void whole_speakers_near_the_fraction(void **state)
{
  kj_dataset *d = speakers(state);
  kj_error err = {0};
  double worst = 0.0;
  for (uint64_t seed = 0; seed < 200; seed++) {
    const kj_split split = {KJ_GROUP_SPEAKER, 0.25, seed};
    unsigned char held[N], again[N];
    check_ok(kj_split_make(d, ALL, &split, held, &err), &err);
    check_ok(kj_split_make(d, ALL, &split, again, &err), &err);
    assert_memory_equal(held, again, N);
    check_whole(d, KJ_GROUP_SPEAKER, held, seed);
    const double apart = fabs((double)count(held, N) - 0.25 * N);
    worst = apart > worst ? apart : worst;
  }
  /* The last speaker taken or left has at most 17 rows. */
  if (worst > 8.5)
    fail_msg("%g rows off the fraction, at most 8.5 were allowed", worst);
  kj_dataset_destroy(d);
}

static void every_speaker_is_held_out_by_some_seed(void **state)
{
  kj_dataset *d = speakers(state);
  kj_error err = {0};
  size_t n_held[N_SPEAKERS] = {0};
  for (uint64_t seed = 0; seed < 200; seed++) {
    const kj_split split = {KJ_GROUP_SPEAKER, 0.1, seed};
    unsigned char held[N];
    check_ok(kj_split_make(d, ALL, &split, held, &err), &err);
    for (size_t i = 0; i < N_SPEAKERS; i++) /* its first row */
      n_held[d->row[i].group[KJ_GROUP_SPEAKER]] += held[i];
  }
  for (size_t s = 0; s < N_SPEAKERS; s++)
    if (n_held[s] < 5 || n_held[s] > 100)
      fail_msg("speaker %zu was held out %zu times in 200", s, n_held[s]);
  kj_dataset_destroy(d);
}

static void at_least_one_group_on_each_side(void **state)
{
  kj_dataset *d = speakers(state);
  kj_error err = {0};
  static const double fractions[] = {1e-9, 0.5, 1.0 - 1e-9};
  for (int group = KJ_GROUP_SPEAKER; group <= KJ_GROUP_ROW; group++)
    for (size_t f = 0; f < 3 && group != KJ_GROUP_CORPUS; f++) {
      const kj_split split = {(kj_group)group, fractions[f], 1};
      unsigned char held[N];
      check_ok(kj_split_make(d, ALL, &split, held, &err), &err);
      const size_t n = count(held, N);
      if (n == 0 || n == N)
        fail_msg("group %d, fraction %g: %zu rows held out", group,
                 fractions[f], n);
      if (group == KJ_GROUP_ROW && f == 1)
        assert_int_equal(n, N / 2);
    }
  kj_dataset_destroy(d);
}

/* The paper's random split: 1/7 of the rows, to the row. */
static void random_rows_are_exact(void **state)
{
  kj_dataset *d = speakers(state);
  kj_error err = {0};
  const kj_split split = {KJ_GROUP_ROW, 1.0 / 7.0, 3};
  unsigned char held[N];
  check_ok(kj_split_make(d, ALL, &split, held, &err), &err);
  assert_int_equal(count(held, N), 17);
  kj_dataset_destroy(d);
}

/* Only the listed rows are divided, and rows listed in another order are
 * divided alike. */
static void rows_that_are_listed(void **state)
{
  kj_dataset *d = speakers(state);
  kj_error err = {0};
  size_t forward[40], backward[40];
  unsigned char a[40], b[40];
  for (size_t i = 0; i < 40; i++) {
    forward[i] = 3 * i;
    backward[39 - i] = 3 * i;
  }
  const kj_split split = {KJ_GROUP_SPEAKER, 0.3, 5};
  check_ok(kj_split_make(d, (kj_rows){forward, 40}, &split, a, &err), &err);
  check_ok(kj_split_make(d, (kj_rows){backward, 40}, &split, b, &err), &err);
  for (size_t i = 0; i < 40; i++)
    assert_int_equal(a[i], b[39 - i]);
  assert_in_range(count(a, 40), 1, 39);

  size_t fold[40], n_folds;
  const kj_folds folds = {KJ_GROUP_SPEAKER, 4, 5};
  check_ok(
      kj_folds_make(d, (kj_rows){forward, 40}, &folds, fold, &n_folds, &err),
      &err);
  assert_int_equal(n_folds, 4);
  kj_dataset_destroy(d);
}

static void leave_one_group_out(void **state)
{
  kj_dataset *d = speakers(state);
  kj_error err = {0};
  size_t fold[N], n_folds;
  const kj_folds by_speaker = {KJ_GROUP_SPEAKER, 0, 0};
  check_ok(kj_folds_make(d, ALL, &by_speaker, fold, &n_folds, &err), &err);
  assert_int_equal(n_folds, N_SPEAKERS);
  for (size_t i = 0; i < N; i++)
    assert_int_equal(fold[i], d->row[i].group[KJ_GROUP_SPEAKER]);
  const kj_folds by_session = {KJ_GROUP_SESSION, 0, 0};
  check_ok(kj_folds_make(d, ALL, &by_session, fold, &n_folds, &err), &err);
  assert_int_equal(n_folds, 4);
  for (size_t i = 0; i < N; i++)
    assert_int_equal(fold[i], d->row[i].group[KJ_GROUP_SESSION]);
  kj_dataset_destroy(d);
}

/* K folds of whole groups, each row in one, and sizes that differ by no more
 * than the largest speaker. */
static void balanced_folds(void **state)
{
  kj_dataset *d = speakers(state);
  kj_error err = {0};
  for (int group = 0; group <= KJ_GROUP_ROW; group += KJ_GROUP_ROW)
    for (size_t k = 2; k <= N_SPEAKERS; k++) {
      size_t fold[N], again[N], size[N_SPEAKERS] = {0}, n_folds;
      const kj_folds folds = {(kj_group)group, k, 7};
      check_ok(kj_folds_make(d, ALL, &folds, fold, &n_folds, &err), &err);
      check_ok(kj_folds_make(d, ALL, &folds, again, &n_folds, &err), &err);
      assert_memory_equal(fold, again, sizeof fold);
      assert_int_equal(n_folds, k);
      for (size_t i = 0; i < N; i++) {
        assert_true(fold[i] < k);
        size[fold[i]]++;
        for (size_t j = 0; j < i && group == KJ_GROUP_SPEAKER; j++)
          if (d->row[i].group[group] == d->row[j].group[group])
            assert_int_equal(fold[i], fold[j]);
      }
      size_t least = N, most = 0;
      for (size_t f = 0; f < k; f++) {
        least = size[f] < least ? size[f] : least;
        most = size[f] > most ? size[f] : most;
      }
      if (least == 0 || most - least > (group == KJ_GROUP_ROW ? 1 : 17))
        fail_msg("group %d, %zu folds of %zu to %zu rows", group, k, least,
                 most);
    }
  kj_dataset_destroy(d);
}

/* 120 rows of 4 speakers with 17, 4 with 10 and 4 with 3: folds of 40. */
static void three_folds_are_nearly_equal(void **state)
{
  kj_dataset *d = speakers(state);
  kj_error err = {0};
  size_t fold[N], size[3] = {0}, n_folds;
  const kj_folds folds = {KJ_GROUP_SPEAKER, 3, 1};
  check_ok(kj_folds_make(d, ALL, &folds, fold, &n_folds, &err), &err);
  for (size_t i = 0; i < N; i++)
    size[fold[i]]++;
  for (size_t f = 0; f < 3; f++)
    assert_in_range(size[f], 37, 43);
  kj_dataset_destroy(d);
}

static kj_dataset *read_table(void **state, const char *table)
{
  const test_path path = write_text(state, "l.csv", table);
  kj_dataset *d = NULL;
  kj_error err = {0};
  check_ok(kj_dataset_read_labels(path.text, NULL, 0, &d, &err), &err);
  return d;
}

static void check_refused(kj_dataset *d, kj_group group, size_t n_folds,
                          const char *message)
{
  const kj_rows all = {NULL, d->n_rows};
  const kj_split split = {group, 0.5, 0};
  const kj_folds folds = {group, n_folds, 0};
  unsigned char held[8];
  size_t fold[8], n;
  kj_error err = {0};
  if (n_folds == 0)
    check_failure(kj_split_make(d, all, &split, held, &err), KJ_EDATA, &err,
                  message);
  check_failure(kj_folds_make(d, all, &folds, fold, &n, &err), KJ_EDATA, &err,
                message);
}

static void a_leaky_split_is_refused(void **state)
{
  kj_error err = {0};
  kj_dataset *d = read_table(state, "utterance\na\nb\nc\nd\n");
  check_refused(d, KJ_GROUP_SPEAKER, 0,
                "l.csv: no row has a speaker, so none can be kept together; "
                "add a column \"speaker\", or ask for a random split by its "
                "name, as in random:0.2");
  check_refused(d, KJ_GROUP_SESSION, 0, "no row has a session");
  check_refused(d, KJ_GROUP_SPEAKER, 2, "no row has a speaker");
  const kj_split split = {KJ_GROUP_ROW, 0.5, 0};
  unsigned char held[4];
  check_ok(kj_split_make(d, (kj_rows){NULL, 4}, &split, held, &err), &err);
  assert_int_equal(count(held, 4), 2);
  kj_dataset_destroy(d);

  d = read_table(state, "utterance,speaker\na,x\nb,\nc,y\n");
  check_refused(d, KJ_GROUP_SPEAKER, 0,
                "l.csv:3: the row has no speaker; every row needs one to be "
                "held out or kept with its speaker");
  const size_t known[] = {0, 2};
  const kj_split by_speaker = {KJ_GROUP_SPEAKER, 0.5, 0};
  check_ok(kj_split_make(d, (kj_rows){known, 2}, &by_speaker, held, &err),
           &err);
  assert_int_equal(count(held, 2), 1);
  kj_dataset_destroy(d);
}

static void too_few_groups(void **state)
{
  kj_error err = {0};
  size_t fold[3], n;
  kj_dataset *d = read_table(state, "utterance,speaker\na,x\nb,x\nc,x\n");
  check_refused(d, KJ_GROUP_SPEAKER, 0,
                "l.csv: nothing to hold out: of 3 rows, counted by speaker, "
                "there is only one; there must be at least two");
  check_refused(d, KJ_GROUP_ROW, 4,
                "l.csv: 4 folds were asked for; counted by row, there are only "
                "3 to hold out");
  const kj_split split = {KJ_GROUP_ROW, 0.5, 0};
  unsigned char held[1];
  check_failure(kj_split_make(d, (kj_rows){NULL, 0}, &split, held, &err),
                KJ_EDATA, &err, "of 0 rows, counted by row, there is none");
  const kj_folds one = {KJ_GROUP_ROW, 1, 0};
  check_failure(kj_folds_make(d, (kj_rows){NULL, 3}, &one, fold, &n, &err),
                KJ_EARGUMENT, &err, "1 fold; must be at least 2");
  const kj_split nothing = {KJ_GROUP_ROW, 0.0, 0};
  const kj_split no_number = {KJ_GROUP_ROW, (double)NAN, 0};
  check_failure(kj_split_make(d, (kj_rows){NULL, 3}, &nothing, held, &err),
                KJ_EARGUMENT, &err, "fraction 0 is to be held out");
  check_failure(kj_split_make(d, (kj_rows){NULL, 3}, &no_number, held, &err),
                KJ_EARGUMENT, &err, "must be between 0 and 1");
  kj_dataset_destroy(d);
}

static void splits_of_a_command_line(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    kj_group group;
    double fraction;
  } good[] = {{"speaker:0.2", KJ_GROUP_SPEAKER, 0.2},
              {"session:0.5", KJ_GROUP_SESSION, 0.5},
              {"corpus:.1", KJ_GROUP_CORPUS, 0.1},
              {"random:1e-1", KJ_GROUP_ROW, 0.1}};
  static const char *const bad[] = {
      "",          "speaker",   "speaker:", "speaker:0",   "speaker:1",
      "speaker:2", "speaker:x", "spk:0.2",  "Speaker:0.2", "speaker:-0.2",
      ":0.2",      "0.2",       "row:0.2",  "speaker:0,2", "speaker:0.2 "};
  kj_split split = {KJ_GROUP_CORPUS, 7, 7};
  kj_error err = {0};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    check_failure(kj_split_parse(bad[i], &split, &err), KJ_EARGUMENT, &err,
                  "must be speaker:F, session:F, corpus:F or random:F");
  assert_true(split.seed == 7);
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    check_ok(kj_split_parse(good[i].text, &split, &err), &err);
    assert_int_equal(split.group, good[i].group);
    assert_true(split.fraction == good[i].fraction && split.seed == 0);
  }
}

static void folds_of_a_command_line(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    kj_group group;
    size_t n;
  } good[] = {
      {"speaker", KJ_GROUP_SPEAKER, 0},   {"session", KJ_GROUP_SESSION, 0},
      {"corpus", KJ_GROUP_CORPUS, 0},     {"5", KJ_GROUP_SPEAKER, 5},
      {"speaker:2", KJ_GROUP_SPEAKER, 2}, {"random:1000", KJ_GROUP_ROW, 1000}};
  static const char *const bad[] = {
      "",    "random",   "1",        "0",         "-5",
      "5.5", "1001",     "speaker:", "speaker:1", "spk",
      "1e2", "random:x", " 5",       "5:5",       "speakers"};
  kj_folds folds = {KJ_GROUP_CORPUS, 7, 7};
  kj_error err = {0};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    check_failure(kj_folds_parse(bad[i], &folds, &err), KJ_EARGUMENT, &err,
                  "must be speaker, session, corpus, a number of folds");
  assert_int_equal(folds.n, 7);
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    check_ok(kj_folds_parse(good[i].text, &folds, &err), &err);
    assert_int_equal(folds.group, good[i].group);
    assert_int_equal(folds.n, good[i].n);
  }
}

#define IN_FOLDER(test)                                                        \
  cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
  const struct CMUnitTest tests[] = {
      IN_FOLDER(whole_speakers_near_the_fraction),
      IN_FOLDER(every_speaker_is_held_out_by_some_seed),
      IN_FOLDER(at_least_one_group_on_each_side),
      IN_FOLDER(random_rows_are_exact),
      IN_FOLDER(rows_that_are_listed),
      IN_FOLDER(leave_one_group_out),
      IN_FOLDER(balanced_folds),
      IN_FOLDER(three_folds_are_nearly_equal),
      IN_FOLDER(a_leaky_split_is_refused),
      IN_FOLDER(too_few_groups),
      cmocka_unit_test(splits_of_a_command_line),
      cmocka_unit_test(folds_of_a_command_line)};
  return cmocka_run_group_tests_name("split", tests, NULL, NULL);
}
