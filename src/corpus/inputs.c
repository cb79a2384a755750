/*
 * inputs.c: what the INPUTs of a command line mean: files, folders, tables,
 * lists.
 */
#define _GNU_SOURCE
#include "kanjo/corpus.h"

#include "base/error.h"
#include "base/memory.h"
#include "corpus/arena.h"
#include "corpus/input_stream.h"
#include "corpus/path.h"
#include "corpus/table.h"
#include "kanjo/audio.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A folder being walked, and those above it. */
typedef struct level {
  const struct level *above;
  dev_t device;
  ino_t inode;
} level;

static kj_status walk(kj_inputs *inputs, const char *path, const level *above,
                      kj_error *err);

/* Add one input whose texts the arena has already. */
static kj_status append(kj_inputs *inputs, kj_input input, kj_error *err)
{
  void *items = inputs->input;
  if (!input.name || !input.file || !input.speaker ||
      !kj__grow(&items, &inputs->capacity, inputs->n + 1, sizeof input))
    return kj__fail_memory(err, "the list of inputs");
  inputs->input = items;
  inputs->input[inputs->n++] = input;
  return KJ_OK;
}

static kj_status make_arena(kj_inputs *inputs, kj_error *err)
{
  if (!inputs->arena)
    inputs->arena = kj__arena_create();
  return inputs->arena ? KJ_OK : kj__fail_memory(err, "the list of inputs");
}

kj_status kj__inputs_add_file(kj_inputs *inputs, const char *path,
                              kj_error *err)
{
  const kj_status status = make_arena(inputs, err);
  if (status != KJ_OK)
    return status;
  const char *name = kj__arena_text(inputs->arena, path);
  const kj_input input = {.name = name, .file = name, .speaker = ""};
  return append(inputs, input, err);
}

/* True if the folder is one of those being walked: a link leads back to it. */
static bool is_above(const struct stat *folder, const level *above)
{
  for (; above; above = above->above)
    if (above->device == folder->st_dev && above->inode == folder->st_ino)
      return true;
  return false;
}

static int is_visible(const struct dirent *entry)
{
  return entry->d_name[0] != '.';
}

/* By bytes: strcoll would sort by the user's language. */
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
  return strcmp((*a)->d_name, (*b)->d_name);
}

/* An entry of a folder: walk it, add it, or pass over it. */
static kj_status visit(kj_inputs *inputs, const char *path, const level *here,
                       kj_error *err)
{
  struct stat info;
  const bool is_there = stat(path, &info) == 0;
  if (is_there && S_ISDIR(info.st_mode))
    return walk(inputs, path, here, err);
  if ((is_there && !S_ISREG(info.st_mode)) || !kj_audio_is_sound_name(path))
    return KJ_OK; /* to read a pipe that nobody writes takes for ever */
  return kj__inputs_add_file(inputs, path, err);
}

static kj_status visit_all(kj_inputs *inputs, const char *path,
                           const level *here, kj_error *err)
{
  struct dirent **entries = NULL;
  const int n = scandir(path, &entries, is_visible, by_bytes);
  if (n < 0) /* whoever opens it will say why it cannot be read */
    return errno == ENOMEM ? kj__fail_memory(err, path)
                           : kj__inputs_add_file(inputs, path, err);
  kj_status status = KJ_OK;
  const bool slash = path[strlen(path) - 1] == '/';
  const char *folder = kj__arena_joined(inputs->arena, path, slash ? "" : "/");
  for (int i = 0; i < n; i++) {
    const char *entry =
        folder && status == KJ_OK
            ? kj__arena_joined(inputs->arena, folder, entries[i]->d_name)
            : NULL;
    if (entry)
      status = visit(inputs, entry, here, err);
    else if (status == KJ_OK)
      status = kj__fail_memory(err, path);
    free(entries[i]);
  }
  free(entries);
  return status;
}

/* The sound files in a folder and below. */
static kj_status walk(kj_inputs *inputs, const char *path, const level *above,
                      kj_error *err)
{
  struct stat info;
  if (stat(path, &info) != 0)
    return kj__inputs_add_file(inputs, path, err);
  if (is_above(&info, above))
    return KJ_OK;
  const level here = {above, info.st_dev, info.st_ino};
  return visit_all(inputs, path, &here, err);
}

/* A table of inputs being read. */
typedef struct reader {
  kj_inputs *inputs;
  kj__columns columns;
  const char *folder;
} reader;

static kj_status read_header(void *context, const kj__csv *csv, kj_error *err)
{
  reader *r = context;
  r->columns = kj__columns_find(csv);
  r->folder = kj__path_folder(r->inputs->arena, csv->name);
  if (!r->folder)
    return kj__fail_memory(err, csv->name);
  if (r->columns.at[KJ__COLUMN_FILE] == SIZE_MAX)
    return kj__fail(err, KJ_EDATA, "%s: no column \"file\" names sound files",
                    csv->name);
  return KJ_OK;
}

static kj_status read_row(void *context, const kj__csv *csv, kj_error *err)
{
  reader *r = context;
  kj__arena *arena = r->inputs->arena;
  kj_input input = {
      .name = kj__arena_text(
          arena, kj__columns_text(&r->columns, csv, KJ__COLUMN_FILE)),
      .speaker = kj__arena_text(
          arena, kj__columns_text(&r->columns, csv, KJ__COLUMN_SPEAKER))};
  if (input.name && !input.name[0])
    return kj__csv_fail(csv, r->columns.at[KJ__COLUMN_FILE], err,
                        "is empty; every row needs one");
  if (input.name)
    input.file = kj__path_in(arena, r->folder, input.name);
  kj_status status =
      kj__columns_segment(&r->columns, csv, &input.start_s, &input.end_s, err);
  if (status == KJ_OK)
    status = kj__columns_channel(&r->columns, csv, &input.channel, err);
  return status == KJ_OK ? append(r->inputs, input, err) : status;
}

static kj_status add_table(kj_inputs *inputs, const char *path, kj_error *err)
{
  reader r = {.inputs = inputs};
  const kj__csv_source source = {.name = path};
  const kj__csv_visitor visitor = {&r, read_header, read_row};
  const size_t before = inputs->n;
  kj_status status = kj__csv_read(&source, &visitor, err);
  if (status == KJ_OK && inputs->n == before)
    status = kj__fail(err, KJ_EDATA, "%s: no row", path);
  if (status != KJ_OK)
    inputs->n = before;
  return status;
}

static kj_status add_folder(kj_inputs *inputs, const char *path, kj_error *err)
{
  const size_t before = inputs->n;
  const kj_status status = walk(inputs, path, NULL, err);
  if (status == KJ_OK && inputs->n == before)
    return kj__inputs_add_file(inputs, path, err);
  return status;
}

static kj_status add_standard_input(kj_inputs *inputs, kj_error *err)
{
  for (size_t i = 0; i < inputs->n; i++)
    if (strcmp(inputs->input[i].file, "-") == 0)
      return kj__fail(err, KJ_EARGUMENT,
                      "\"-\" is named twice; standard input can be read once");
  return kj__inputs_add_file(inputs, "-", err);
}

kj_status kj_inputs_add(kj_inputs *inputs, const char *path, kj_error *err)
{
  struct stat info;
  const kj_status status = make_arena(inputs, err);
  if (status != KJ_OK)
    return status;
  if (strcmp(path, "-") == 0)
    return add_standard_input(inputs, err);
  if (stat(path, &info) != 0)
    return kj__inputs_add_file(inputs, path, err);
  if (S_ISDIR(info.st_mode))
    return add_folder(inputs, path, err);
  if (kj__path_ends(path, ".csv") || kj__path_ends(path, ".tsv"))
    return add_table(inputs, path, err);
  return kj__inputs_add_file(inputs, path, err);
}

/* Add the INPUTs that the lines of an open list name. */
static kj_status add_lines(kj_inputs *inputs, FILE *list, const char *path,
                           kj_error *err)
{
  char *line = NULL;
  size_t capacity = 0, number = 0;
  kj_status status = KJ_OK;
  ssize_t n;
  while (status == KJ_OK && (n = getline(&line, &capacity, list)) != -1) {
    number++;
    while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
      line[--n] = '\0';
    if (strlen(line) != (size_t)n)
      status =
          kj__fail(err, KJ_EFORMAT,
                   "%s:%zu: a NUL byte; must be one name a line", path, number);
    else if (list == stdin && strcmp(line, "-") == 0)
      status = kj__fail(err, KJ_EARGUMENT,
                        "%s:%zu: \"-\": standard input is the list itself",
                        path, number);
    else if (n > 0)
      status = kj_inputs_add(inputs, line, err);
  }
  if (status == KJ_OK && ferror(list))
    status = kj__fail(err, KJ_EFILE, "%s: %s", path, strerror(errno));
  free(line);
  return status;
}

kj_status kj_inputs_add_list(kj_inputs *inputs, const char *path, kj_error *err)
{
  const bool standard = strcmp(path, "-") == 0;
  for (size_t i = 0; i < inputs->n && standard; i++)
    if (strcmp(inputs->input[i].file, "-") == 0)
      return kj__fail(err, KJ_EARGUMENT,
                      "standard input is sound already; it cannot be a list");
  FILE *list = standard ? stdin : fopen(path, "r");
  if (!list)
    return kj__fail(err, KJ_EFILE, "%s: %s", path, strerror(errno));
  const kj_status status =
      add_lines(inputs, list, standard ? "standard input" : path, err);
  if (!standard)
    fclose(list);
  return status;
}

void kj_inputs_clear(kj_inputs *inputs)
{
  kj__release(NULL, inputs->input);
  kj__arena_destroy(inputs->arena);
  *inputs = (kj_inputs){0};
}
