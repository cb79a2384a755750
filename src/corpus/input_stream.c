/*
 * input_stream.c: a list of names is read a line at a time. A line may mean
 * many recordings (a folder, a table): those are held until they are used.
 */
#define _GNU_SOURCE
#include "corpus/input_stream.h"

#include "base/error.h"
#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_standard_input(const char *path)
{
  return strcmp(path, "-") == 0;
}

/* How many lines a list has that are not blank; 0 where it can be read only
 * once. It is at its start again. */
static uint64_t count_lines(FILE *list)
{
  struct stat info;
  if (fstat(fileno(list), &info) != 0 || !S_ISREG(info.st_mode))
    return 0;
  uint64_t n = 0;
  int before = '\n';
  for (int c; (c = getc_unlocked(list)) != EOF; before = c)
    n += before == '\n' && c != '\n' && c != '\r' ? 1 : 0;
  rewind(list);
  return n;
}

static kj_status open_list(kj__input_stream *s, const char *path, kj_error *err)
{
  const bool is_standard = is_standard_input(path);
  for (size_t i = 0; i < s->ready.n && is_standard; i++)
    if (is_standard_input(s->ready.input[i].file))
      return kj__fail(err, KJ_EARGUMENT,
                      "standard input is sound already; it cannot be a list");
  s->path = is_standard ? "standard input" : path;
  s->list = is_standard ? stdin : fopen(path, "r");
  if (!s->list)
    return kj__fail(err, KJ_EFILE, "%s: %s", path, strerror(errno));
  const uint64_t n_lines = count_lines(s->list);
  s->n_expected = n_lines > 0 ? s->ready.n + n_lines : 0;
  return KJ_OK;
}

/* A line that is not blank, without its end; *n is 0 at the end of the list. */
static kj_status read_line(kj__input_stream *s, size_t *n, kj_error *err)
{
  *n = 0;
  while (*n == 0) {
    const ssize_t got = getline(&s->text, &s->capacity, s->list);
    if (got < 0 && ferror(s->list))
      return kj__fail(err, KJ_EFILE, "%s: %s", s->path, strerror(errno));
    if (got < 0)
      return KJ_OK;
    s->line++;
    *n = (size_t)got;
    while (*n > 0 && (s->text[*n - 1] == '\n' || s->text[*n - 1] == '\r'))
      s->text[--*n] = '\0';
  }
  return KJ_OK;
}

/* What a line means; a line that means nothing is one input with its trouble.
 */
static kj_status expand_line(kj__input_stream *s, size_t n, kj_error *err)
{
  kj_error why = {0};
  kj_status status = KJ_OK;
  if (strlen(s->text) != n)
    status = kj__fail(&why, KJ_EFORMAT,
                      "%s:%llu: a NUL byte; must be one name a line", s->path,
                      (unsigned long long)s->line);
  else if (s->list == stdin && is_standard_input(s->text))
    status = kj__fail(&why, KJ_EARGUMENT,
                      "%s:%llu: standard input is the list itself", s->path,
                      (unsigned long long)s->line);
  else
    status = kj_inputs_add(&s->ready, s->text, &why);
  if (status == KJ_EMEMORY)
    return kj__fail(err, status, "%s", why.message);
  if (status == KJ_OK) {
    s->n_expected += s->n_expected > 0 ? s->ready.n - 1 : 0;
    return KJ_OK;
  }
  memcpy(s->trouble, why.message, sizeof s->trouble);
  return kj__inputs_add_file(&s->ready, s->text, err);
}

static kj_status fill(kj__input_stream *s, kj_error *err)
{
  size_t n = 0;
  kj_inputs_clear(&s->ready);
  s->n_used = 0;
  s->trouble[0] = '\0';
  kj_status status = read_line(s, &n, err);
  if (status == KJ_OK && n > 0)
    return expand_line(s, n, err);
  if (s->list != stdin)
    fclose(s->list);
  s->list = NULL;
  return status;
}

kj_status kj__input_stream_open(kj__input_stream *stream,
                                const char *const *words, size_t n_words,
                                const char *list, kj_error *err)
{
  kj__input_stream *s = stream;
  *s = (kj__input_stream){0};
  kj_status status = KJ_OK;
  for (size_t i = 0; status == KJ_OK && i < n_words; i++)
    status = kj_inputs_add(&s->ready, words[i], err);
  s->n_expected = s->ready.n;
  if (status == KJ_OK && list)
    status = open_list(s, list, err);
  if (status == KJ_OK && s->ready.n == 0 && s->list)
    status = fill(s, err);
  if (status == KJ_OK && s->ready.n == 0)
    status = kj__fail(err, KJ_EDATA, "nothing to listen to");
  if (status != KJ_OK)
    kj__input_stream_close(s);
  return status;
}

static bool are_of_one_file(const kj_input *a, const kj_input *b)
{
  return a->channel == b->channel && strcmp(a->file, b->file) == 0 &&
         strcmp(a->name, b->name) == 0;
}

kj_status kj__input_stream_next(kj__input_stream *stream, kj__input_run *run,
                                kj_error *err)
{
  kj__input_stream *s = stream;
  *run = (kj__input_run){0};
  if (s->n_used == s->ready.n) {
    const kj_status status = s->list ? fill(s, err) : KJ_OK;
    if (status != KJ_OK || s->n_used == s->ready.n)
      return status;
  }
  const kj_input *first = &s->ready.input[s->n_used];
  const size_t n_left = s->ready.n - s->n_used;
  size_t n = 1;
  while (n < n_left && n < KJ__MOST_PARTS && are_of_one_file(first, first + n))
    n++;
  s->n_used += n;
  *run = (kj__input_run){first, n, s->trouble[0] ? s->trouble : NULL};
  return KJ_OK;
}

void kj__input_stream_close(kj__input_stream *stream)
{
  if (stream->list && stream->list != stdin)
    fclose(stream->list);
  free(stream->text);
  kj_inputs_clear(&stream->ready);
  *stream = (kj__input_stream){0};
}
