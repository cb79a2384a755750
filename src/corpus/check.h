/* check.h: what the checks of a table share. */
#ifndef KJ_CORPUS_CHECK_H
#define KJ_CORPUS_CHECK_H

#include "corpus/survey.h"

typedef struct kj__checker {
  kj__survey survey;
  kj_checkup *checkup;
  kj_problem *problem; /* grows; the arena of the checkup keeps a copy */
  size_t capacity;
} kj__checker;

/* The same file, start and end twice. */
kj_status kj__check_duplicates(kj__checker *c, kj_error *err);

/* start and end that cannot be; sounds have been listened to. */
kj_status kj__check_segments(kj__checker *c, kj_error *err);

/* Segments of one voice that overlap. */
kj_status kj__check_overlaps(kj__checker *c, kj_error *err);

/* Add a problem with a printf-style text. */
kj_status kj__check_add(kj__checker *c, kj_problem problem, kj_error *err,
                        const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* A problem of a row, without its text. */
kj_problem kj__check_of_row(const kj__checker *c, kj_problem_kind kind,
                            size_t row);

size_t kj__check_n_rows(const kj__checker *c);
const char *kj__check_text(const kj__checker *c, size_t row,
                           kj__survey_column column);
size_t kj__check_line(const kj__checker *c, size_t row);

#endif
