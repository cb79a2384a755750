/*
 * card_print.h: a stranger's texts and records, printed as Markdown.
 */
#ifndef KJ_MODEL_CARD_PRINT_H
#define KJ_MODEL_CARD_PRINT_H

#include <stdbool.h>
#include <stdio.h>

/* Running text: lines are kept, other control characters left out. */
void kj__print_text(FILE *out, const char *text);

/* A cell of a table: on one line, with | escaped. */
void kj__print_cell(FILE *out, const char *text);

/* A number of six significant digits, with a point in every locale. */
void kj__print_number(FILE *out, double value);

/* The sections of the training record, and of the history if it has epochs;
 * both are the JSON of a card that was read. False where memory is short. */
bool kj__print_records(FILE *out, const char *training_json,
                       const char *history_json);

#endif
