/*
 * test_inputs.c: what INPUTs mean: files, folders, tables, lists; in an order
 * that never changes, and no bad name stops the others.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "corpus/input_stream.h"
#include "corpus/tables.h"

/* The files of the inputs, without the test's folder, joined by spaces. */
static void check_files(void **state, const kj_inputs *inputs,
                        const char *wanted)
{
  char got[1024] = "";
  const size_t n_folder = strlen(*state);
  for (size_t i = 0; i < inputs->n; i++) {
    const char *file = inputs->input[i].file;
    if (strncmp(file, *state, n_folder) == 0)
      file += n_folder;
    snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s",
             i > 0 ? " " : "", file);
  }
  if (strcmp(got, wanted) != 0)
    fail_msg("got \"%s\", wanted \"%s\"", got, wanted);
}

static void make_subfolder(void **state, const char *name)
{
  assert_int_equal(mkdir(path_in(state, name).text, 0755), 0);
}

static void add_ok(kj_inputs *inputs, const char *path)
{
  kj_error err = {0};
  check_ok(kj_inputs_add(inputs, path, &err), &err);
}

static void files_and_names_that_are_none(void **state)
{
  kj_inputs inputs = {0};
  const test_path odd = write_text(state, "odd.bin", "x");
  const test_path missing = path_in(state, "missing.csv");
  add_ok(&inputs, odd.text);
  add_ok(&inputs, "-");
  add_ok(&inputs, missing.text);
  add_ok(&inputs, "no/such/thing.wav");
  check_files(state, &inputs, "/odd.bin - /missing.csv no/such/thing.wav");
  assert_string_equal(inputs.input[3].name, "no/such/thing.wav");
  assert_string_equal(inputs.input[0].speaker, "");
  assert_true(inputs.input[0].start_s == 0 && inputs.input[0].end_s == 0);
  kj_inputs_clear(&inputs);
  assert_int_equal(inputs.n, 0);
  kj_inputs_clear(&inputs);
}

static void folders_in_the_order_of_bytes(void **state)
{
  kj_inputs inputs = {0};
  make_subfolder(state, "b");
  make_subfolder(state, "b/deep");
  make_subfolder(state, "empty");
  make_subfolder(state, ".hidden");
  static const char *const files[] = {
      "c.WAV",    "a.flac",       "Z.wav",  "b/2.ogg",
      "b/10.ogg", "b/deep/x.mp3", "b.aiff", ".hidden/x.wav",
      "._a.flac", "notes.txt",    "l.csv"};
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
    write_text(state, files[i], "x");
  assert_int_equal(mkfifo(path_in(state, "pipe.wav").text, 0600), 0);
  add_ok(&inputs, *state);
  check_files(state, &inputs,
              "/Z.wav /a.flac /b/10.ogg /b/2.ogg /b/deep/x.mp3 /b.aiff "
              "/c.WAV");
  kj_inputs_clear(&inputs);
  add_ok(&inputs, path_in(state, "b/").text);
  check_files(state, &inputs, "/b/10.ogg /b/2.ogg /b/deep/x.mp3");
  kj_inputs_clear(&inputs);
}

static void folders_without_sound_stay_themselves(void **state)
{
  kj_inputs inputs = {0};
  make_subfolder(state, "empty");
  make_subfolder(state, "closed");
  write_text(state, "closed/x.wav", "x");
  add_ok(&inputs, path_in(state, "empty").text);
  check_files(state, &inputs, "/empty");
  if (geteuid() != 0) { /* nothing is closed to root */
    assert_int_equal(chmod(path_in(state, "closed").text, 0), 0);
    add_ok(&inputs, *state);
    check_files(state, &inputs, "/empty /closed");
    assert_int_equal(chmod(path_in(state, "closed").text, 0755), 0);
  }
  kj_inputs_clear(&inputs);
}

static void links_are_followed_but_not_in_circles(void **state)
{
  kj_inputs inputs = {0};
  make_subfolder(state, "a");
  make_subfolder(state, "a/sub");
  make_subfolder(state, "other");
  write_text(state, "a/sub/x.wav", "x");
  write_text(state, "other/y.wav", "x");
  assert_int_equal(symlink("..", path_in(state, "a/sub/up").text), 0);
  assert_int_equal(symlink(".", path_in(state, "a/self").text), 0);
  assert_int_equal(symlink("../other", path_in(state, "a/link").text), 0);
  assert_int_equal(symlink("gone", path_in(state, "a/gone.wav").text), 0);
  add_ok(&inputs, path_in(state, "a").text);
  check_files(state, &inputs, "/a/gone.wav /a/link/y.wav /a/sub/x.wav");
  kj_inputs_clear(&inputs);
}

static void tables_name_files_and_segments(void **state)
{
  kj_inputs inputs = {0};
  make_subfolder(state, "t");
  const test_path table =
      write_text(state, "t/list.CSV",
                 "file,start,end,speaker,valence\n"
                 "x.wav,0.5,1.5,ann,good\n/abs/y.wav,,,,\n../z.wav,2,,bob,\n");
  add_ok(&inputs, table.text);
  check_files(state, &inputs, "/t/x.wav /abs/y.wav /t/../z.wav");
  assert_string_equal(inputs.input[0].name, "x.wav");
  assert_string_equal(inputs.input[0].speaker, "ann");
  assert_true(inputs.input[0].start_s == 0.5 && inputs.input[0].end_s == 1.5);
  assert_true(inputs.input[2].start_s == 2 && inputs.input[2].end_s == 0);
  kj_inputs_clear(&inputs);
  write_text(state, "t/list.tsv", "speaker\tfile\nann\tx.wav\n");
  add_ok(&inputs, path_in(state, "t/list.tsv").text);
  check_files(state, &inputs, "/t/x.wav");
  kj_inputs_clear(&inputs);
}

static void tables_that_cannot_be_used(void **state)
{
  static const struct {
    const char *table;
    kj_status status;
    const char *message;
  } bad[] = {
      {"name\nx.wav\n", KJ_EDATA, "t.csv: no column \"file\" names sound"},
      {"file\n", KJ_EDATA, "t.csv: no row"},
      {"file,x\n,1\n", KJ_EDATA, "t.csv:2: column file: \"\" is empty"},
      {"file,start\nx,1\nx,y\n", KJ_EDATA,
       "t.csv:3: column start: \"y\" is not"},
      {"file,x\n1\n", KJ_EFORMAT, "t.csv:2: 1 cells; the header has 2"}};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    kj_inputs inputs = {0};
    kj_error err = {0};
    const test_path table = write_text(state, "t.csv", bad[i].table);
    check_failure(kj_inputs_add(&inputs, table.text, &err), bad[i].status, &err,
                  bad[i].message);
    assert_int_equal(inputs.n, 0);
    kj_inputs_clear(&inputs);
  }
}

static void lists_name_inputs(void **state)
{
  kj_inputs inputs = {0};
  kj_error err = {0};
  char list[2 * TEST_PATH_SIZE];
  make_subfolder(state, "d");
  write_text(state, "d/a.wav", "x");
  snprintf(list, sizeof list, "one.wav\r\n\n%s\nwith space.wav\n-\nlast.wav",
           path_in(state, "d").text);
  const test_path path = write_text(state, "list.txt", list);
  check_ok(kj_inputs_add_list(&inputs, path.text, &err), &err);
  check_files(state, &inputs, "one.wav /d/a.wav with space.wav - last.wav");
  check_failure(kj_inputs_add(&inputs, "-", &err), KJ_EARGUMENT, &err,
                "\"-\" is named twice; standard input can be read once");
  check_failure(kj_inputs_add_list(&inputs, "-", &err), KJ_EARGUMENT, &err,
                "standard input is sound already; it cannot be a list");
  check_failure(kj_inputs_add_list(&inputs, path_in(state, "none").text, &err),
                KJ_EFILE, &err, "none: No such file");
  check_failure(kj_inputs_add_list(&inputs, *state, &err), KJ_EFILE, &err,
                "Is a directory");
  assert_int_equal(inputs.n, 5);
  kj_inputs_clear(&inputs);
}

static void a_list_with_a_zero_byte(void **state)
{
  kj_inputs inputs = {0};
  kj_error err = {0};
  const test_path path = path_in(state, "list.txt");
  FILE *stream = fopen(path.text, "wb");
  assert_non_null(stream);
  fwrite("a\nb\0c\n", 1, 6, stream);
  fclose(stream);
  check_failure(kj_inputs_add_list(&inputs, path.text, &err), KJ_EFORMAT, &err,
                "list.txt:2: a NUL byte; must be one name a line");
  kj_inputs_clear(&inputs);
}

static void lists_on_standard_input(void **state)
{
  kj_inputs inputs = {0};
  kj_error err = {0};
  const test_path path = write_text(state, "list.txt", "a.wav\nb.wav\n-\n");
  assert_non_null(freopen(path.text, "r", stdin));
  check_failure(kj_inputs_add_list(&inputs, "-", &err), KJ_EARGUMENT, &err,
                "standard input:3: \"-\": standard input is the list itself");
  check_files(state, &inputs, "a.wav b.wav");
  kj_inputs_clear(&inputs);
}

/* Everything that a stream gives: "file*n" for a run, "!" before trouble. */
static void check_stream(const char *word, const char *list, const char *wanted)
{
  kj__input_stream stream;
  kj__input_run run;
  kj_error err = {0};
  char got[512] = "";
  check_ok(kj__input_stream_open(&stream, &word, word ? 1 : 0, list, &err),
           &err);
  for (;;) {
    check_ok(kj__input_stream_next(&stream, &run, &err), &err);
    if (run.n == 0)
      break;
    const char *slash = strrchr(run.input[0].file, '/');
    snprintf(got + strlen(got), sizeof got - strlen(got), " %s%s*%zu",
             run.trouble ? "!" : "", slash ? slash + 1 : run.input[0].file,
             run.n);
  }
  kj__input_stream_close(&stream);
  if (strcmp(got, wanted) != 0)
    fail_msg("got \"%s\", wanted \"%s\"", got, wanted);
}

static void streams_give_runs_of_one_file(void **state)
{
  const test_path table = write_text(state, "t.csv",
                                     "file,start,end\na.wav,0,1\na.wav,1,2\n"
                                     "b.wav,0,1\na.wav,3,4\n");
  const test_path bad = write_text(state, "bad.csv", "name\nx\n");
  char lines[3 * TEST_PATH_SIZE];
  snprintf(lines, sizeof lines, "x.wav\n\n%s\r\n%s\nx.wav", bad.text,
           table.text);
  const test_path list = write_text(state, "list.txt", lines);
  check_stream(table.text, NULL, " a.wav*2 b.wav*1 a.wav*1");
  check_stream("y.wav", list.text,
               " y.wav*1 x.wav*1 !bad.csv*1 a.wav*2 b.wav*1 a.wav*1 x.wav*1");
}

static void streams_know_how_many_are_to_come(void **state)
{
  kj__input_stream stream;
  kj_error err = {0};
  const char *word = "w.wav";
  const test_path list = write_text(state, "list.txt", "a\n\nb\r\n\r\nc");
  check_ok(kj__input_stream_open(&stream, &word, 1, list.text, &err), &err);
  assert_int_equal(stream.n_expected, 4);
  kj__input_stream_close(&stream);
  const test_path empty = write_text(state, "empty.txt", "\n\n");
  check_failure(kj__input_stream_open(&stream, NULL, 0, empty.text, &err),
                KJ_EDATA, &err, "nothing to listen to");
}

#define IN_FOLDER(test)                                                        \
  cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
  const struct CMUnitTest tests[] = {
      IN_FOLDER(files_and_names_that_are_none),
      IN_FOLDER(folders_in_the_order_of_bytes),
      IN_FOLDER(folders_without_sound_stay_themselves),
      IN_FOLDER(links_are_followed_but_not_in_circles),
      IN_FOLDER(tables_name_files_and_segments),
      IN_FOLDER(tables_that_cannot_be_used),
      IN_FOLDER(lists_name_inputs),
      IN_FOLDER(a_list_with_a_zero_byte),
      IN_FOLDER(streams_give_runs_of_one_file),
      IN_FOLDER(streams_know_how_many_are_to_come),
      IN_FOLDER(lists_on_standard_input)};
  return cmocka_run_group_tests_name("inputs", tests, NULL, NULL);
}
