/*
 * names.h: corpora whose file names say who spoke, what and how: what their
 * importers share.
 */
#ifndef KJ_CORPUS_IMPORT_NAMES_H
#define KJ_CORPUS_IMPORT_NAMES_H

#include "corpus/import/import.h"
#include "corpus/index.h"
#include "corpus/sheet.h"

/* ---- names ---- */

enum { KJ__NAME_SIZE = 128, KJ__MAX_PARTS = 8 };

/* A name cut at each `separator`. */
typedef struct kj__parts {
  size_t n; /* 0: too long, or too many */
  const char *part[KJ__MAX_PARTS];
  char text[KJ__NAME_SIZE];
} kj__parts;

void kj__parts_split(const char *name, char separator, kj__parts *parts);

/* True if `text` is `n` digits and no more. */
bool kj__is_digits(const char *text, size_t n);

/* A code in a name, and the word for it. */
typedef struct kj__code {
  const char *code, *word;
} kj__code;

/* The word for a code, or NULL. `codes` ends with a code NULL. */
const char *kj__code_word(const kj__code *codes, const char *code);

/* Fill *row from a file's name; its texts are copied after the call. False:
 * it is no name of the corpus. */
typedef bool kj__name_reader(void *context, const char *path, const char *stem,
                             kj__imported *row);

/* Add every sound file of the folder (.wav, .flac, .mp3; of two with the same
 * utterance, the first of these). Other names are told as unlike `example`. */
kj_status kj__names_each(kj__import *import, kj__name_reader *reader,
                         void *context, const char *example, kj_error *err);

/* ---- tables beside the sound ---- */

/* A table whose rows are found by a name. All zero: there is none. */
typedef struct kj__side {
  kj__sheet sheet;
  kj__index index;
} kj__side;

/* Read a table, also one of R, whose first column has no name, by the first of
 * the columns `keys` (ends with NULL) that it has, whose cells may have folders
 * and an ending. KJ_EDATA: it has none. */
kj_status kj__side_read(const char *path, const char *const *keys,
                        kj__side *side, kj_error *err);

/* The row of a name, or KJ__NONE. */
size_t kj__side_row(const kj__side *side, const char *name);

/* A cell; "" where there is no such row or column. */
const char *kj__side_cell(const kj__side *side, size_t row, const char *column);

/* Add what a table rates a row with: columns such as valence_0_100 or
 * arousal_1_7 (the name says the scale; without one it is 1..5), and the
 * deviations valence_sd, arousal_sd. KJ_EDATA: a rating is no number. */
kj_status kj__side_rate(const kj__side *side, size_t row, kj__imported *rated,
                        kj_error *err);

void kj__side_clear(kj__side *side);

#endif
