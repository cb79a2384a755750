/*
 * document.c: the blocks of a report.
 */
#define _GNU_SOURCE /* vasprintf */
#include "experiment/report/document.h"

#include "base/memory.h"
#include "experiment/report/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A new block with its text, or NULL. */
__attribute__((format(printf, 3, 0))) static kj__block *
add(kj__document *d, kj__block_kind kind, const char *format, va_list arguments)
{
  if (d->n_blocks == d->capacity) {
    const size_t capacity = d->capacity ? 2 * d->capacity : 64;
    kj__block *more = kj__report_grow(d->block, capacity, sizeof *d->block);
    if (!more) {
      d->is_short_of_memory = true;
      return NULL;
    }
    d->block = more;
    d->capacity = capacity;
  }
  char *text = NULL;
  if (vasprintf(&text, format, arguments) < 0) {
    d->is_short_of_memory = true;
    return NULL;
  }
  kj__block *block = &d->block[d->n_blocks++];
  *block = (kj__block){.kind = kind, .text = text};
  return block;
}

void kj__document_heading(kj__document *d, int level, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  kj__block *block = add(d, KJ__BLOCK_HEADING, format, arguments);
  va_end(arguments);
  if (block)
    block->level = level;
}

void kj__document_text(kj__document *d, kj__block_kind kind, const char *format,
                       ...)
{
  va_list arguments;
  va_start(arguments, format);
  add(d, kind, format, arguments);
  va_end(arguments);
}

void kj__document_table(kj__document *d, size_t n_columns, const char *format,
                        ...)
{
  va_list arguments;
  va_start(arguments, format);
  kj__block *block = add(d, KJ__BLOCK_TABLE, format, arguments);
  va_end(arguments);
  if (block)
    block->n_columns = n_columns;
}

void kj__document_cell(kj__document *d, const char *format, ...)
{
  if (d->is_short_of_memory || d->n_blocks == 0)
    return;
  kj__block *table = &d->block[d->n_blocks - 1];
  if (table->n_cells == table->capacity) {
    const size_t capacity = table->capacity ? 2 * table->capacity : 32;
    char **more = kj__report_grow(table->cell, capacity, sizeof *more);
    if (!more) {
      d->is_short_of_memory = true;
      return;
    }
    table->cell = more;
    table->capacity = capacity;
  }
  va_list arguments;
  va_start(arguments, format);
  char *text = NULL;
  if (vasprintf(&text, format, arguments) < 0)
    d->is_short_of_memory = true;
  else
    table->cell[table->n_cells++] = text;
  va_end(arguments);
}

const char *kj__document_mark(const kj__document *d, const char *text)
{
  static const char mark[] = "SYNTHETIC. ";
  const bool is_said = strncmp(text, mark, strlen("SYNTHETIC")) == 0;
  return d->is_synthetic && !is_said ? mark : "";
}

const char *kj__document_note(const kj__document *d)
{
  return d->is_wholly_synthetic
             ? "SYNTHETIC: no human being spoke; the figures say nothing about "
               "people."
         : d->is_synthetic
             ? "SYNTHETIC: some of the speech is of machines; the "
               "figures say little about people."
             : "";
}

/* text with its mark, as much as fits. */
static void mark_text(const kj__document *d, char *text, size_t size)
{
  char marked[256];
  kj__report_copy(marked, sizeof marked, kj__document_mark(d, text));
  kj__report_append(marked, sizeof marked, text);
  kj__report_copy(text, size, marked);
}

void kj__document_chart(kj__document *d, kj__chart *chart, const char *format,
                        ...)
{
  d->is_short_of_memory |= chart->is_short_of_memory;
  kj__block *block = NULL;
  mark_text(d, chart->title, sizeof chart->title); /* it may leave the page */
  mark_text(d, chart->head, sizeof chart->head);
  if (kj__chart_has_points(chart)) {
    va_list arguments;
    va_start(arguments, format);
    block = add(d, KJ__BLOCK_CHART, format, arguments);
    va_end(arguments);
  }
  if (block)
    block->chart = *chart;
  else
    kj__chart_clear(chart);
  *chart = (kj__chart){0};
}

void kj__document_clear(kj__document *d)
{
  for (size_t i = 0; i < d->n_blocks; i++) {
    kj__block *block = &d->block[i];
    free(block->text);
    for (size_t c = 0; c < block->n_cells; c++)
      free(block->cell[c]);
    kj__release(NULL, block->cell);
    kj__chart_clear(&block->chart);
  }
  kj__release(NULL, d->block);
  *d = (kj__document){0};
}
