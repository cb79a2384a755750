/*
 * test_checkpoint.c: a training's state comes back bit for bit, or not at all.
 */
#include "model/support.h"

#include "model/checkpoint.h"

enum { N_A = 6, N_B = 3 };

/* A state of three pieces, NaN among them. */
typedef struct state_of {
  float a[N_A];
  double b[N_B];
  uint64_t c;
} state_of;

typedef struct views_of {
  kj__tensor_view view[3];
} views_of;

static views_of views(state_of *s)
{
  return (views_of){{{"network0.parameters", KJ__F32, 1, {N_A}, s->a},
                     {"network0.history", KJ__F64, 2, {1, N_B}, s->b},
                     {"network0.step", KJ__U64, 0, {0}, &s->c}}};
}

static const state_of STATE = {{1.5f, -2.0f, 3e-40f, 0.0f, -0.0f, 7.0f},
                               {0.1, (double)NAN, -(double)INFINITY},
                               UINT64_MAX};

static const char STATE_JSON[] = "{\"seed\":7,\"options\":{\"lambda\":1.5}}";

static file_name write_state(const folder *f)
{
  const file_name file = in_folder(f, "c");
  state_of s = STATE;
  kj_error err;
  if (kj__checkpoint_write(file.path, views(&s).view, 3, STATE_JSON, &err))
    fail_msg("kj__checkpoint_write: %s", err.message);
  return file;
}

static void test_round_trip(void **state)
{
  (void)state;
  const folder f = new_folder();
  const file_name file = write_state(&f);
  state_of s;
  memset(&s, 0, sizeof s);
  char *text = NULL;
  kj_error err;
  if (kj__checkpoint_read(file.path, views(&s).view, 3, &text, &err))
    fail_msg("kj__checkpoint_read: %s", err.message);
  assert_memory_equal(s.a, STATE.a, sizeof s.a);
  assert_memory_equal(s.b, STATE.b, sizeof s.b);
  assert_true(s.c == STATE.c);
  assert_string_equal(text, STATE_JSON);
  free(text);
  assert_int_equal(
      kj__checkpoint_read(file.path, views(&s).view, 3, NULL, NULL), KJ_OK);
  const blob first = read_blob(file.path);
  write_state(&f);
  const blob second = read_blob(file.path);
  assert_true(same_blobs(&first, &second));
  free(first.data);
  free(second.data);
  remove_folder(&f, (const char *const[]){"c", NULL});
}

/* Read into a state of 7s, which must stay as they are. */
static void refuse(const char *path, const views_of *expected, state_of *s,
                   size_t n, kj_status status, const char *says)
{
  char *text = NULL;
  kj_error err = {.status = KJ_OK};
  memset(s, 7, sizeof *s);
  state_of sevens;
  memset(&sevens, 7, sizeof sevens);
  const kj_status got =
      kj__checkpoint_read(path, expected->view, n, &text, &err);
  assert_error(says, got, &err, status, says);
  if (!strstr(err.message, path))
    fail_msg("message \"%s\" does not name the file", err.message);
  assert_memory_equal(s, &sevens, sizeof sevens);
  assert_null(text);
}

static void test_other_states(void **state)
{
  (void)state;
  const folder f = new_folder();
  const file_name file = write_state(&f), none = in_folder(&f, "none");
  state_of s;
  views_of v = views(&s);
  refuse(none.path, &v, &s, 3, KJ_EFILE, "No such file");
  refuse(file.path, &v, &s, 2, KJ_EFORMAT,
         "tensor network0.step does not belong here");
  strcpy(v.view[2].name, "network1.step");
  refuse(file.path, &v, &s, 3, KJ_EFORMAT, "tensor network1.step is missing");
  v = views(&s);
  v.view[1].shape[0] = 2;
  refuse(file.path, &v, &s, 3, KJ_EFORMAT,
         "network0.history: shape is [1, 3]; must be [2, 3]");
  v = views(&s);
  v.view[2].dtype = KJ__I64;
  refuse(file.path, &v, &s, 3, KJ_EFORMAT,
         "network0.step: dtype is U64; must be I64");
  remove_folder(&f, (const char *const[]){"c", NULL});
}

/* Its metadata altered, and the whole file cut at every length. */
static void test_altered(void **state)
{
  (void)state;
  static const struct {
    const char *key, *text, *says;
  } rows[] = {
      {"format", "kanjo-model", "format is kanjo-model; must be kanjo-check"},
      {"format", NULL, "format is missing"},
      {"format_version", "2", "format_version is 2; must be 1"},
      {"state", NULL, "state is missing"},
      {"state", "[]", "state must be a JSON object"},
      {"state", "{", "state is not JSON"},
  };
  const folder f = new_folder();
  const file_name file = write_state(&f);
  const blob b = read_blob(file.path);
  state_of s;
  const views_of v = views(&s);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const opened o = open_blob(&b);
    json_t *metadata = json_object_get(o.header, "__metadata__");
    json_object_del(metadata, rows[i].key);
    if (rows[i].text)
      json_object_set_new(metadata, rows[i].key, json_string(rows[i].text));
    const blob altered = close_blob(&o);
    write_blob(file.path, &altered);
    refuse(file.path, &v, &s, 3, KJ_EFORMAT, rows[i].says);
    free(altered.data);
    json_decref(o.header);
  }
  for (size_t n = 0; n < b.size; n++) {
    write_blob(file.path, &(const blob){b.data, n});
    refuse(file.path, &v, &s, 3, KJ_EFORMAT, file.path);
  }
  free(b.data);
  remove_folder(&f, (const char *const[]){"c", NULL});
}

static void test_not_written(void **state)
{
  (void)state;
  const folder f = new_folder();
  const file_name file = write_state(&f), none = in_folder(&f, "none/c");
  const blob before = read_blob(file.path);
  state_of s = STATE;
  views_of v = views(&s);
  kj_error err;
  kj_status status =
      kj__checkpoint_write(none.path, v.view, 3, STATE_JSON, &err);
  assert_error("folder", status, &err, KJ_EFILE, none.path);
  status = kj__checkpoint_write(file.path, v.view, 3, "[1]", &err);
  assert_error("state", status, &err, KJ_EARGUMENT, "state must be a JSON");
  strcpy(v.view[1].name, v.view[0].name);
  status = kj__checkpoint_write(file.path, v.view, 3, STATE_JSON, &err);
  assert_error("names", status, &err, KJ_EARGUMENT, "there are two tensors");
  const blob after = read_blob(file.path);
  assert_true(same_blobs(&before, &after));
  free(before.data);
  free(after.data);
  remove_folder(&f, (const char *const[]){"c", NULL});
}

static void test_read_state(void **state)
{
  (void)state;
  const folder f = new_folder();
  const file_name file = write_state(&f);
  char *text = NULL;
  assert_int_equal(kj__checkpoint_read_state(file.path, &text, NULL), KJ_OK);
  assert_string_equal(text, STATE_JSON);
  free(text);
  remove_folder(&f, (const char *const[]){"c", NULL});
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_round_trip), cmocka_unit_test(test_other_states),
      cmocka_unit_test(test_altered),    cmocka_unit_test(test_not_written),
      cmocka_unit_test(test_read_state),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
