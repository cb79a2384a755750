/*
 * document.h: what a report says, before it is written as HTML or Markdown, so
 * that both say the same.
 */
#ifndef KJ_EXPERIMENT_REPORT_DOCUMENT_H
#define KJ_EXPERIMENT_REPORT_DOCUMENT_H

#include "experiment/report/chart.h"
#include "kanjo/status.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum kj__block_kind {
  KJ__BLOCK_HEADING, /* of level 2..4 */
  KJ__BLOCK_TEXT,
  KJ__BLOCK_BULLET,
  KJ__BLOCK_CODE,
  KJ__BLOCK_TABLE, /* text is its caption */
  KJ__BLOCK_CHART  /* text says what is to be seen */
} kj__block_kind;

typedef struct kj__block {
  kj__block_kind kind;
  int level;
  char *text;
  size_t n_columns, n_cells, capacity;
  char **cell; /* of a table, row by row; the first row is the header */
  kj__chart chart;
} kj__block;

typedef struct kj__document {
  const char *title;        /* borrowed */
  bool is_synthetic;        /* speech of some corpus is */
  bool is_wholly_synthetic; /* and of every one */
  size_t n_blocks, capacity;
  kj__block *block;
  bool is_short_of_memory;
} kj__document;

/* Add a heading, a paragraph, a bullet, or text as it is. */
void kj__document_heading(kj__document *d, int level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void kj__document_text(kj__document *d, kj__block_kind kind, const char *format,
                       ...) __attribute__((format(printf, 3, 4)));

/* Begin a table; cells follow, row by row, headers first. */
void kj__document_table(kj__document *d, size_t n_columns, const char *format,
                        ...) __attribute__((format(printf, 3, 4)));
void kj__document_cell(kj__document *d, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Add a figure, which moves into the document, with a sentence on it; one
 * without points is dropped. */
void kj__document_chart(kj__document *d, kj__chart *chart, const char *format,
                        ...) __attribute__((format(printf, 3, 4)));

/* What stands before a title or caption: "SYNTHETIC. " where speech is and the
 * text does not begin so itself; and the sentence at the top, "" where none. */
const char *kj__document_mark(const kj__document *d, const char *text);
const char *kj__document_note(const kj__document *d);

void kj__document_clear(kj__document *d);

/* Write it; figures lie in the folder figures/. */
void kj__document_html(const kj__document *d, FILE *out);
void kj__document_markdown(const kj__document *d, FILE *out);

#endif
