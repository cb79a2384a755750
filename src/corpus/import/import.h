/*
 * import.h: what every importer is given, and what it gives.
 *
 * An importer reads the labels of one corpus, calls kj__import_add() for each
 * utterance and kj__import_note() or kj__import_tally() for what the user
 * should know. Sorting, ranges, missing sound, counts and the table are
 * handled here. A new corpus is a file with one such function, and a row in
 * importers.c.
 */
#ifndef KJ_CORPUS_IMPORT_IMPORT_H
#define KJ_CORPUS_IMPORT_IMPORT_H

#include "corpus/arena.h"
#include "corpus/import/standard.h"
#include "kanjo/import.h"

#include <stdbool.h>

/* What is told of many things at once: how many, and the first of them. */
typedef struct kj__tally {
  const char *what;
  size_t n;
  const char *example; /* up to three, with ", " between */
} kj__tally;

typedef struct kj__import {
  const kj_importer *importer;
  const char *folder; /* as the user gave it, without a final '/' */
  kj_import_options options;
  kj__arena *arena; /* of all texts; lives as long as the import */
  kj__imported *row;
  size_t n, capacity;
  const char **note;
  size_t n_notes, notes_capacity;
  kj__tally *tally;
  size_t n_tallies, tallies_capacity;
} kj__import;

/* A corpus and its importer. */
typedef struct kj__importer {
  kj_importer about;
  bool takes_ratings; /* kj_import_options.ratings means something */
  kj_status (*run)(kj__import *import, kj_error *err);
} kj__importer;

extern const kj__importer KJ__IMPORTERS[];
extern const size_t KJ__N_IMPORTERS;

/* Add one utterance; texts and ratings are copied. A NULL corpus becomes the
 * importer's name. A rating outside low..high is clamped and tallied, or the
 * utterance left out, as the options say; a file that is not there is
 * tallied. */
kj_status kj__import_add(kj__import *import, const kj__imported *row,
                         kj_error *err);

/* Tell the user a sentence about the corpus. */
kj_status kj__import_note(kj__import *import, kj_error *err, const char *format,
                          ...) __attribute__((format(printf, 3, 4)));

/* Count one more `what` ("ratings outside 1..5, clamped"); all of a kind
 * become one note, "WHAT: 7 (first, second, third, ...)". */
kj_status kj__import_tally(kj__import *import, kj_error *err, const char *what,
                           const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* A printf-style text of the import's arena, or NULL. */
const char *kj__import_text(kj__import *import, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "FOLDER/NAME", NAME printf-style, or NULL. */
const char *kj__import_path(kj__import *import, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* True if there is a file or folder of that name. */
bool kj__import_exists(const char *path);

/* KJ_EDATA: "FOLDER: is no TITLE: " and what was looked for. */
kj_status kj__import_refuse(const kj__import *import, kj_error *err,
                            const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The functions of importers.c's table. */
kj_status kj__import_iemocap(kj__import *import, kj_error *err);
kj_status kj__import_uudb(kj__import *import, kj_error *err);
kj_status kj__import_msp_improv(kj__import *import, kj_error *err);
kj_status kj__import_msp_podcast(kj__import *import, kj_error *err);
kj_status kj__import_ogvc(kj__import *import, kj_error *err);
kj_status kj__import_emodb(kj__import *import, kj_error *err);
kj_status kj__import_ravdess(kj__import *import, kj_error *err);
kj_status kj__import_cremad(kj__import *import, kj_error *err);
kj_status kj__import_emotale(kj__import *import, kj_error *err);
kj_status kj__import_tess(kj__import *import, kj_error *err);
kj_status kj__import_savee(kj__import *import, kj_error *err);
kj_status kj__import_emovo(kj__import *import, kj_error *err);
kj_status kj__import_nemo(kj__import *import, kj_error *err);
kj_status kj__import_audformat(kj__import *import, kj_error *err);

#endif
