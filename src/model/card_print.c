/*
 * card_print.c: a stranger's texts and records, printed as Markdown.
 *
 * The training record is any JSON object: it is flattened to rows of a table,
 * names joined by points. The history is one object an epoch.
 */
#include "model/card_print.h"

#include "model/json.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
  DIGITS = 6,
  MOST_ITEMS = 40 /* of a list in one cell; the rest is counted */
};

/* A control character as a space, or not at all; gives where to go on. */
static const char *print_character(FILE *out, const char *text,
                                   bool is_space_for_control)
{
  const size_t n_control = kj__control_size(text);
  if (n_control == 0)
    fputc(*text, out);
  else if (is_space_for_control)
    fputc(' ', out);
  return text + (n_control ? n_control : 1);
}

void kj__print_text(FILE *out, const char *text)
{
  while (*text)
    if (*text == '\n')
      fputc(*text++, out);
    else
      text = print_character(out, text, false);
}

void kj__print_cell(FILE *out, const char *text)
{
  while (*text) {
    if (*text == '|')
      fputc('\\', out);
    text = print_character(out, text, true);
  }
}

/* ---- values ---- */

/* "2.0" is shown as "2"; null, which stands for an undefined number, as "-". */
static void print_scalar(FILE *out, const json_t *value)
{
  if (json_is_string(value)) {
    kj__print_cell(out, json_string_value(value));
    return;
  }
  char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(DIGITS));
  const size_t n = text ? strlen(text) : 0;
  if (n > 2 && strcmp(text + n - 2, ".0") == 0)
    text[n - 2] = '\0';
  fputs(!text || json_is_null(value) ? "-" : text, out);
  free(text);
}

void kj__print_number(FILE *out, double value)
{
  json_t *number = json_real(value);
  print_scalar(out, number);
  json_decref(number);
}

/* ---- the training record ---- */

static bool is_container(const json_t *value)
{
  return json_is_object(value) || json_is_array(value);
}

static bool is_plain_list(const json_t *value)
{
  bool is_plain = json_is_array(value);
  for (size_t i = 0; i < json_array_size(value) && is_plain; i++)
    is_plain = !is_container(json_array_get(value, i));
  return is_plain;
}

static void print_list(FILE *out, const json_t *list)
{
  const size_t n = json_array_size(list);
  for (size_t i = 0; i < n && i < MOST_ITEMS; i++) {
    fputs(i > 0 ? ", " : "", out);
    print_scalar(out, json_array_get(list, i));
  }
  if (n > MOST_ITEMS)
    fprintf(out, ", ... (%zu)", n);
}

/* A name on the way from the record to one of its values. */
typedef struct path {
  const struct path *parent; /* NULL at the record itself */
  const char *key;           /* of an object, or NULL */
  size_t index;              /* of an array */
} path;

static void print_path(FILE *out, const path *place)
{
  if (place->parent->parent) {
    print_path(out, place->parent);
    fputc('.', out);
  }
  if (place->key)
    kj__print_cell(out, place->key);
  else
    fprintf(out, "%zu", place->index);
}

static void print_row(FILE *out, const path *place, const json_t *value)
{
  fputs("| ", out);
  print_path(out, place);
  fputs(" | ", out);
  if (is_container(value))
    print_list(out, value);
  else
    print_scalar(out, value);
  fputs(" |\n", out);
}

/* One row a value; depth is bounded by the limits the record was read with. */
static void print_flat(FILE *out, const path *place, json_t *value)
{
  if (!is_container(value) || is_plain_list(value)) {
    print_row(out, place, value);
    return;
  }
  for (size_t i = 0; i < json_array_size(value); i++) {
    const path item = {.parent = place, .index = i};
    print_flat(out, &item, json_array_get(value, i));
  }
  for (void *at = json_object_iter(value); at;
       at = json_object_iter_next(value, at)) {
    const path member = {.parent = place, .key = json_object_iter_key(at)};
    print_flat(out, &member, json_object_iter_value(at));
  }
}

/* ---- the history ---- */

/* The epochs of one network: neighbours with the same "target". */
typedef struct epoch_run {
  const json_t *history;
  size_t first, end;
} epoch_run;

static const char *target_of(const json_t *history, size_t i)
{
  const char *target =
      json_string_value(json_object_get(json_array_get(history, i), "target"));
  return target ? target : "";
}

static epoch_run run_from(const json_t *history, size_t first)
{
  size_t end = first + 1;
  while (end < json_array_size(history) &&
         strcmp(target_of(history, first), target_of(history, end)) == 0)
    end++;
  return (epoch_run){history, first, end};
}

static const json_t *field_of(const epoch_run *run, size_t i, const char *key)
{
  return json_object_get(json_array_get(run->history, i), key);
}

/* The epoch of least `key`, or run->end where none has that number. */
static size_t least_of(const epoch_run *run, const char *key)
{
  size_t least = run->end;
  for (size_t i = run->first; i < run->end; i++) {
    const json_t *value = field_of(run, i, key);
    if (json_is_number(value) &&
        (least == run->end || json_number_value(value) <
                                  json_number_value(field_of(run, least, key))))
      least = i;
  }
  return least;
}

/* As the record says, else the best by what there is. */
static size_t chosen_of(const epoch_run *run, const json_t *network)
{
  const json_t *chosen = json_object_get(network, "chosen_epoch");
  for (size_t i = run->first; i < run->end && chosen; i++)
    if (json_equal(chosen, field_of(run, i, "epoch")))
      return i;
  const size_t least = least_of(run, "validation_mae");
  return least < run->end ? least : least_of(run, "mae");
}

static void print_epoch(FILE *out, const epoch_run *run, size_t i,
                        const char *which)
{
  json_t *columns = json_array_get(run->history, run->first);
  fprintf(out, "| %s |", which);
  for (void *at = json_object_iter(columns); at;
       at = json_object_iter_next(columns, at)) {
    const json_t *value = field_of(run, i, json_object_iter_key(at));
    fputc(' ', out);
    if (value && !is_container(value))
      print_scalar(out, value);
    fputs(" |", out);
  }
  fputc('\n', out);
}

static void print_columns(FILE *out, const epoch_run *run)
{
  json_t *columns = json_array_get(run->history, run->first);
  fputs("| |", out);
  for (void *at = json_object_iter(columns); at;
       at = json_object_iter_next(columns, at)) {
    fputc(' ', out);
    kj__print_cell(out, json_object_iter_key(at));
    fputs(" |", out);
  }
  fputs("\n|---|", out);
  for (size_t i = 0; i < json_object_size(columns); i++)
    fputs("---|", out);
  fputc('\n', out);
}

static void print_run(FILE *out, const epoch_run *run, const json_t *network)
{
  const size_t chosen = chosen_of(run, network);
  print_columns(out, run);
  print_epoch(out, run, run->first, "first");
  if (chosen < run->end)
    print_epoch(out, run, chosen, "chosen");
  print_epoch(out, run, run->end - 1, "last");
  fputc('\n', out);
}

static void print_history(FILE *out, const json_t *history,
                          const json_t *networks)
{
  const size_t n = json_array_size(history);
  if (n > 0)
    fputs("## History\n\n", out);
  size_t index = 0;
  for (size_t first = 0; first < n; index++) {
    const epoch_run run = run_from(history, first);
    print_run(out, &run, json_array_get(networks, index));
    first = run.end;
  }
}

bool kj__print_records(FILE *out, const char *training_json,
                       const char *history_json)
{
  json_t *training = json_loads(training_json, 0, NULL);
  json_t *history = json_loads(history_json, 0, NULL);
  const bool are_read = training && history;
  fputs("## Training\n\n", out);
  if (json_object_size(training) > 0) {
    fputs("| what | value |\n|---|---|\n", out);
    print_flat(out, &(const path){0}, training);
    fputc('\n', out);
  } else
    fputs("Not recorded.\n\n", out);
  print_history(out, history, json_object_get(training, "networks"));
  json_decref(history);
  json_decref(training);
  return are_read;
}
