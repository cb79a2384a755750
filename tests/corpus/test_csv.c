/*
 * test_csv.c: what is a table, what is not, and what is said of it.
 *
 * Every table is read from memory and from a file, which must agree; and what
 * was read is compared as one text: cells in [], rows ended by their line.
 */
#define _GNU_SOURCE
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "corpus/csv.h"
#include "corpus/index.h"
#include "corpus/tables.h"

#define TEXT(s) s, sizeof(s) - 1

/* What a visitor saw. */
typedef struct seen {
  char *text;
  size_t size, capacity;
  size_t n_rows;
} seen;

static void see(seen *s, const char *text)
{
  const size_t n = strlen(text);
  if (s->size + n + 1 > s->capacity) {
    s->capacity = 2 * (s->size + n + 1);
    s->text = realloc(s->text, s->capacity);
    assert_non_null(s->text);
  }
  memcpy(s->text + s->size, text, n + 1);
  s->size += n;
}

static kj_status see_cells(seen *s, const kj__csv *csv,
                           const char *const *cells)
{
  char line[32];
  for (size_t i = 0; i < csv->n_columns; i++) {
    see(s, "[");
    see(s, cells[i]);
    see(s, "]");
  }
  snprintf(line, sizeof line, "%zu\n", csv->line);
  see(s, line);
  return KJ_OK;
}

static kj_status see_header(void *context, const kj__csv *csv, kj_error *err)
{
  (void)err;
  return see_cells(context, csv, csv->column);
}

static kj_status see_row(void *context, const kj__csv *csv, kj_error *err)
{
  (void)err;
  ((seen *)context)->n_rows++;
  return see_cells(context, csv, csv->cell);
}

static kj_status count_row(void *context, const kj__csv *csv, kj_error *err)
{
  (void)csv;
  (void)err;
  ((seen *)context)->n_rows++;
  return KJ_OK;
}

static kj_status read_memory(const char *data, size_t size, seen *s,
                             kj_error *err)
{
  const kj__csv_source source = {"t.csv", data, size};
  const kj__csv_visitor visitor = {s, see_header, see_row};
  return kj__csv_read(&source, &visitor, err);
}

/* As from memory, but with the message's name of the file put back. */
static kj_status read_file(void **state, const char *data, size_t size, seen *s,
                           kj_error *err)
{
  const test_path path = path_in(state, "t.csv");
  FILE *stream = fopen(path.text, "wb");
  assert_non_null(stream);
  assert_int_equal(fwrite(data, 1, size, stream), size);
  fclose(stream);
  const kj__csv_source source = {.name = path.text};
  const kj__csv_visitor visitor = {s, see_header, see_row};
  const kj_status status = kj__csv_read(&source, &visitor, err);
  const char *found = strstr(err->message, "t.csv");
  if (status != KJ_OK && found)
    memmove(err->message, found, strlen(found) + 1);
  return status;
}

static const struct {
  const char *data;
  size_t size;
  const char *wanted;
} TABLES[] = {
    {TEXT("a,b\n1,2\n"), "[a][b]1\n[1][2]2\n"},
    {TEXT("a,b\n1,2"), "[a][b]1\n[1][2]2\n"},
    {TEXT("a,b\r\n1,2\r\n3,4\r\n"), "[a][b]1\n[1][2]2\n[3][4]3\n"},
    {TEXT("a,b\r1,2\r3,4"), "[a][b]1\n[1][2]2\n[3][4]3\n"},
    {TEXT("\xEF\xBB\xBF"
          "a,b\n1,2\n"),
     "[a][b]1\n[1][2]2\n"},
    {TEXT("a;b\n1,5;2\n"), "[a][b]1\n[1,5][2]2\n"},
    {TEXT("a\tb\n1\t2\n"), "[a][b]1\n[1][2]2\n"},
    {TEXT("a,b;c\n1,2;3\n"), "[a][b;c]1\n[1][2;3]2\n"},
    {TEXT("\"a;x\";b\n1;2\n"), "[a;x][b]1\n[1][2]2\n"},
    {TEXT("\"a,x\";b\n1;2\n"), "[a,x][b]1\n[1][2]2\n"},
    {TEXT("a\n1\n2\n"), "[a]1\n[1]2\n[2]3\n"},
    {TEXT("a,b\n"), "[a][b]1\n"},
    {TEXT("a,b"), "[a][b]1\n"},
    {TEXT("a,b\n,\n"), "[a][b]1\n[][]2\n"},
    {TEXT("a,b\n\"\",\n"), "[a][b]1\n[][]2\n"},
    {TEXT("a,b\n\"x,y\",\"say \"\"hi\"\"\"\n"),
     "[a][b]1\n[x,y][say \"hi\"]2\n"},
    {TEXT("a,b\n\"one\ntwo\",2\n3,4\n"), "[a][b]1\n[one\ntwo][2]2\n[3][4]4\n"},
    {TEXT("a,b\r\n\"one\r\ntwo\",2\r\n3,4\r\n"),
     "[a][b]1\n[one\r\ntwo][2]2\n[3][4]4\n"},
    {TEXT("a,b\r\"one\rtwo\",2\r3,4\n5,6\n"),
     "[a][b]1\n[one\rtwo][2]2\n[3][4]4\n[5][6]5\n"},
    {TEXT("\n\na,b\n\n1,2\n   \n\n3,4\n\n"), "[a][b]3\n[1][2]5\n[3][4]8\n"},
    {TEXT("\r\na,b\r\n\r\n1,2\r\n"), "[a][b]2\n[1][2]4\n"},
    {TEXT(" a , b\n 1 ,\" 2 \"\n"), "[a][b]1\n[1][ 2 ]2\n"},
    {TEXT("名,年\n感情,ü\n"), "[名][年]1\n[感情][ü]2\n"}};

static void tables_are_read(void **state)
{
  for (size_t i = 0; i < sizeof TABLES / sizeof TABLES[0]; i++) {
    for (int from_file = 0; from_file < 2; from_file++) {
      seen s = {0};
      kj_error err = {0};
      const kj_status status =
          from_file ? read_file(state, TABLES[i].data, TABLES[i].size, &s, &err)
                    : read_memory(TABLES[i].data, TABLES[i].size, &s, &err);
      check_ok(status, &err);
      if (strcmp(s.text, TABLES[i].wanted) != 0)
        fail_msg("table %zu, from_file %d: got\n%swanted\n%s", i, from_file,
                 s.text, TABLES[i].wanted);
      free(s.text);
    }
  }
}

static const struct {
  const char *data;
  size_t size;
  const char *message;
} NO_TABLES[] = {
    {TEXT(""), "t.csv: empty; must begin with a line of column names"},
    {TEXT("\n\r\n \n"), "t.csv: empty"},
    {TEXT("\xEF\xBB\xBF"), "t.csv: empty"},
    {TEXT("a,b\n1,2\n1,2,3\n"), "t.csv:3: 3 cells; the header has 2"},
    {TEXT("a,b\n1\n"), "t.csv:2: 1 cells; the header has 2"},
    {TEXT("a,b\n1,2\n3"), "t.csv:3: 1 cells; the header has 2"},
    {TEXT("a,b\n\"x\ny\",2\n1\n"), "t.csv:4: 1 cells; the header has 2"},
    {TEXT("a,b,a\n"), "t.csv:1: columns 1 and 3 are both named \"a\""},
    {TEXT("a,,c\n"), "t.csv:1: column 2 has no name; name or remove it"},
    {TEXT("a,b\n1,2\n3,x\"y\n"),
     "t.csv:3: a quote in the middle of a cell, or one that is never closed"},
    {TEXT("a,b\n\"x\"y,2\n"), "t.csv:2: a quote in the middle of a cell"},
    {TEXT("a,b\n1,\"2\n3,4\n"), "t.csv:2: a quote in the middle of a cell"},
    {TEXT("a,b\n1,x\0y\n"), "t.csv:2: a cell has a NUL byte"},
    {TEXT("a,b\n1,\xFC\n"), "t.csv:2: not UTF-8 text"},
    {TEXT("a,\xC3\n1,2\n"), "t.csv:1: not UTF-8 text"},
    {TEXT("\xFF\xFE"
          "a\0,\0b\0\n\0"),
     "t.csv:1: a cell has a NUL byte"}};

static void other_things_are_refused(void **state)
{
  for (size_t i = 0; i < sizeof NO_TABLES / sizeof NO_TABLES[0]; i++) {
    for (int from_file = 0; from_file < 2; from_file++) {
      seen s = {0};
      kj_error err = {0};
      const kj_status status =
          from_file
              ? read_file(state, NO_TABLES[i].data, NO_TABLES[i].size, &s, &err)
              : read_memory(NO_TABLES[i].data, NO_TABLES[i].size, &s, &err);
      check_failure(status, KJ_EFORMAT, &err, NO_TABLES[i].message);
      free(s.text);
    }
  }
}

static void files_that_cannot_be_read(void **state)
{
  seen s = {0};
  kj_error err = {0};
  const kj__csv_visitor visitor = {&s, see_header, see_row};
  const test_path missing = path_in(state, "missing.csv");
  const kj__csv_source no_file = {.name = missing.text};
  check_failure(kj__csv_read(&no_file, &visitor, &err), KJ_EFILE, &err,
                "missing.csv: No such file");
  const kj__csv_source folder = {.name = *state};
  check_failure(kj__csv_read(&folder, &visitor, &err), KJ_EFILE, &err,
                "Is a directory");
  assert_null(s.text);
}

/* n times `unit`, after `head`. */
static char *repeated(const char *head, const char *unit, size_t n,
                      size_t *size)
{
  const size_t n_head = strlen(head), n_unit = strlen(unit);
  *size = n_head + n * n_unit;
  char *text = malloc(*size + 1);
  assert_non_null(text);
  memcpy(text, head, n_head);
  for (size_t i = 0; i < n; i++)
    memcpy(text + n_head + i * n_unit, unit, n_unit);
  text[*size] = '\0';
  return text;
}

static void check_size_limit(const char *head, const char *unit, size_t n,
                             const char *message)
{
  seen s = {0};
  kj_error err = {0};
  size_t size;
  char *text = repeated(head, unit, n, &size);
  const kj__csv_source source = {"t.csv", text, size};
  const kj__csv_visitor visitor = {&s, see_header, count_row};
  const kj_status status = kj__csv_read(&source, &visitor, &err);
  if (message)
    check_failure(status, KJ_EFORMAT, &err, message);
  else
    check_ok(status, &err);
  free(s.text);
  free(text);
}

static void limits_are_kept(void **state)
{
  (void)state;
  static char line[KJ__CSV_MAX_CELL + 3]; /* too long by one, and ended */
  memset(line, 'x', KJ__CSV_MAX_CELL + 1);
  line[KJ__CSV_MAX_CELL + 1] = '\n';
  check_size_limit("a\n1\n", line, 2,
                   "t.csv:3: a cell has more than 65536 bytes; is a quote");
  check_size_limit("a\n", "x", KJ__CSV_MAX_CELL, NULL);
  check_size_limit("a\n", "x", KJ__CSV_MAX_CELL + 1,
                   "t.csv:2: a cell has more than 65536 bytes; is a quote");
  check_size_limit("a,b\n1,\"", "x\n", 1000000,
                   "t.csv:2: a cell has more than 65536 bytes; is a quote");
  check_size_limit("a", ",", KJ__CSV_MAX_COLUMNS, "more than 70000 columns");
  check_size_limit("a\n", "1\n", KJ__CSV_MAX_ROWS, NULL);
  check_size_limit("a\n", "1\n", KJ__CSV_MAX_ROWS + 1,
                   "t.csv:10000002: more than 10000000 rows");
}

/* A header of n columns c0, c1, ... and one row of cells of n_x bytes. */
static char *wide(size_t n, size_t n_x, size_t *size)
{
  char *text = malloc(n * (n_x + 10));
  assert_non_null(text);
  size_t at = 0;
  for (size_t i = 0; i < n; i++)
    at += (size_t)sprintf(text + at, "%sc%zu", i > 0 ? "," : "", i);
  text[at++] = '\n';
  for (size_t i = 0; i < n; i++) {
    text[at] = ',';
    at += i > 0;
    memset(text + at, 'x', n_x);
    at += n_x;
  }
  *size = at;
  return text;
}

static void wide_tables(void **state)
{
  (void)state;
  seen s = {0};
  kj_error err = {0};
  size_t size;
  char *text = wide(KJ__CSV_MAX_COLUMNS, 3, &size);
  check_ok(read_memory(text, size, &s, &err), &err);
  assert_int_equal(s.n_rows, 1);
  assert_non_null(strstr(s.text, "[c69999]1\n[xxx]"));
  free(text);
  text = wide(1100, 65000, &size);
  check_failure(read_memory(text, size, &s, &err), KJ_EFORMAT, &err,
                "t.csv:2: a row has more than 67108864 bytes");
  free(text);
  free(s.text);
}

/* Stops the reading at a row, for a reason of its own. */
static kj_status fail_at_two(void *context, const kj__csv *csv, kj_error *err)
{
  ++*(int *)context;
  return strcmp(csv->cell[0], "2") == 0 ? kj__csv_fail(csv, 0, err, "is %d", 2)
                                        : KJ_OK;
}

static kj_status no_header(void *context, const kj__csv *csv, kj_error *err)
{
  (void)context;
  (void)csv;
  (void)err;
  return KJ_OK;
}

static void a_visitor_ends_the_reading(void **state)
{
  (void)state;
  int n_calls = 0;
  kj_error err = {0};
  const kj__csv_source source = {"t.csv", "n\n1\n2\n3\n", 8};
  const kj__csv_visitor visitor = {&n_calls, no_header, fail_at_two};
  check_failure(kj__csv_read(&source, &visitor, &err), KJ_EDATA, &err,
                "t.csv:3: column n: \"2\" is 2");
  assert_int_equal(n_calls, 2);
  assert_int_equal(kj__csv_read(&source, &visitor, NULL), KJ_EDATA);
}

static void cells_are_found_and_read(void **state)
{
  (void)state;
  const char *const column[] = {"a", "b", "c"};
  const char *const cell[] = {"1.5", "", "x\ny"};
  const kj__csv csv = {"t.csv", 7, 3, column, cell};
  kj_error err = {0};
  double value;
  assert_int_equal(kj__csv_find(&csv, "c"), 2);
  assert_true(kj__csv_find(&csv, "d") == KJ__NONE);
  check_ok(kj__csv_number(&csv, 0, &value, &err), &err);
  assert_true(value == 1.5);
  check_ok(kj__csv_number(&csv, 1, &value, &err), &err);
  assert_true(isnan(value));
  check_failure(kj__csv_number(&csv, 2, &value, &err), KJ_EDATA, &err,
                "t.csv:7: column c: \"x?y\" is not a finite number (decimals "
                "have a point)");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(tables_are_read, make_folder,
                                      remove_folder),
      cmocka_unit_test_setup_teardown(other_things_are_refused, make_folder,
                                      remove_folder),
      cmocka_unit_test_setup_teardown(files_that_cannot_be_read, make_folder,
                                      remove_folder),
      cmocka_unit_test(limits_are_kept),
      cmocka_unit_test(wide_tables),
      cmocka_unit_test(a_visitor_ends_the_reading),
      cmocka_unit_test(cells_are_found_and_read)};
  return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
