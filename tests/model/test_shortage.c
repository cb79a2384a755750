/*
 * test_shortage.c: allocation 1, 2, 3 ... fails: every call says so and sets
 * nothing. What a failed call leaks, the sanitizer build finds.
 *
 * malloc and realloc of the library come here through the linker's --wrap
 * (tests.cmake). Jansson's own are left alone: its parser drops characters, or
 * aborts, where its string buffer cannot grow.
 */
#include "model/support.h"

#include "model/checkpoint.h"

void *__real_malloc(size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *memory, size_t size);

typedef struct shortage {
  size_t n_calls;  /* of malloc and realloc so far */
  size_t fails_at; /* number of the call that fails, from 1; 0: none */
} shortage;

/* The wrapped functions take no context, so this one has to be the file's. */
static shortage *current(void)
{
  static shortage s;
  return &s;
}

static bool is_refused(void)
{
  shortage *s = current();
  return ++s->n_calls == s->fails_at;
}

void *__wrap_malloc(size_t size)
{
  return is_refused() ? NULL : __real_malloc(size);
}

void *__wrap_realloc(void *memory, size_t size)
{
  return is_refused() ? NULL : __real_realloc(memory, size);
}

/* What is tried with every allocation failing in turn. */
typedef struct attempt {
  const char *name;
  kj_status (*run)(void *context, kj_error *err);
} attempt;

static void exhaust(const attempt *a, void *context, size_t least)
{
  kj_status status = KJ_EMEMORY;
  size_t n_failures = 0;
  for (size_t at = 1; status != KJ_OK; at++) {
    kj_error err = {.status = KJ_OK, .message = ""};
    *current() = (shortage){.fails_at = at};
    status = a->run(context, &err);
    current()->fails_at = 0;
    if (status != KJ_OK && (err.status != KJ_EMEMORY || err.message[0] == '\0'))
      fail_msg("%s, allocation %zu: status is \"%s\", message \"%s\"", a->name,
               at, kj_status_text(status), err.message);
    if (status == KJ_OK && current()->n_calls >= at)
      fail_msg("%s: allocation %zu failed and nobody noticed", a->name, at);
    n_failures += status != KJ_OK;
  }
  print_message("%s: %zu allocations\n", a->name, n_failures);
  assert_true(n_failures >= least);
}

static kj_status parse(void *context, kj_error *err)
{
  const blob *b = context;
  kj_model *model = NULL;
  const kj_status status = kj_model_parse(b->data, b->size, "m", &model, err);
  if (status != KJ_OK)
    assert_null(model);
  kj_model_destroy(model);
  return status;
}

static void test_parse(void **state)
{
  (void)state;
  for (int w = 0; w < KJ_N_WEIGHTS; w++) {
    blob b = sample_blob_of((kj_weights)w, 61);
    exhaust(&(const attempt){"kj_model_parse", parse}, &b, 15);
    free(b.data);
  }
}

/* A model, its card and where it goes. */
typedef struct writing {
  kj_estimator *estimator;
  kj_model_card card;
  file_name file;
} writing;

static kj_status write_one(void *context, kj_error *err)
{
  const writing *w = context;
  const kj_status status =
      kj_model_write(w->file.path, w->estimator, &w->card, err);
  if (status != KJ_OK && access(w->file.path, F_OK) == 0)
    fail_msg("a file was made by a call that failed");
  return status;
}

static void test_write(void **state)
{
  (void)state;
  for (int i = 0; i < KJ_N_WEIGHTS; i++) {
    const folder f = new_folder();
    writing w = {sample_estimator_of((kj_weights)i, 62), sample_card(),
                 in_folder(&f, "a")};
    exhaust(&(const attempt){"kj_model_write", write_one}, &w, 20);
    kj_estimator_destroy(w.estimator);
    remove_folder(&f, (const char *const[]){"a", NULL});
  }
}

/* Written and read back; the numbers only change where it succeeds. */
static kj_status checkpoint(void *context, kj_error *err)
{
  const char *path = context;
  double from[3] = {1.0, 2.0, 3.0}, to[3] = {0};
  char *text = NULL;
  kj_status status = kj__checkpoint_write(
      path, &(const kj__tensor_view){"x", KJ__F64, 1, {3}, from}, 1, "{}", err);
  if (status == KJ_OK)
    status = kj__checkpoint_read(
        path, &(const kj__tensor_view){"x", KJ__F64, 1, {3}, to}, 1, &text,
        err);
  if (status != KJ_OK) {
    assert_null(text);
    assert_true(to[0] < 1.0);
  }
  free(text);
  return status;
}

static void test_checkpoint(void **state)
{
  (void)state;
  const folder f = new_folder();
  file_name file = in_folder(&f, "c");
  exhaust(&(const attempt){"checkpoint", checkpoint}, file.path, 6);
  remove_folder(&f, (const char *const[]){"c", NULL});
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_parse),
      cmocka_unit_test(test_write),
      cmocka_unit_test(test_checkpoint),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
