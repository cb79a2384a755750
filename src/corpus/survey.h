/*
 * survey.h: a table of labels as far as it can be understood: what checking
 * and counting share. Nothing in a cell is an error here.
 */
#ifndef KJ_CORPUS_SURVEY_H
#define KJ_CORPUS_SURVEY_H

#include "corpus/index.h"
#include "corpus/sheet.h"
#include "kanjo/corpus_check.h"

#include <stdbool.h>

/* X(enum, name): the columns that are looked at as texts. */
#define KJ__SURVEY_LIST(X)                                                     \
  X(KJ__SURVEY_FILE, "file")                                                   \
  X(KJ__SURVEY_START, "start")                                                 \
  X(KJ__SURVEY_END, "end")                                                     \
  X(KJ__SURVEY_UTTERANCE, "utterance")                                         \
  X(KJ__SURVEY_SPEAKER, "speaker")                                             \
  X(KJ__SURVEY_GENDER, "gender")                                               \
  X(KJ__SURVEY_SESSION, "session")                                             \
  X(KJ__SURVEY_LANGUAGE, "language")                                           \
  X(KJ__SURVEY_CORPUS, "corpus")                                               \
  X(KJ__SURVEY_TEXT, "text")                                                   \
  X(KJ__SURVEY_SPONTANEOUS, "spontaneous")                                     \
  X(KJ__SURVEY_EMOTION, "emotion")                                             \
  X(KJ__SURVEY_CHANNEL, "channel")

typedef enum kj__survey_column {
#define KJ__SURVEY_ENUM(id, name) id,
  KJ__SURVEY_LIST(KJ__SURVEY_ENUM)
#undef KJ__SURVEY_ENUM
      KJ__SURVEY_PART, /* the column of the split */
  KJ__N_SURVEY_COLUMNS
} kj__survey_column;

/* A sound file of the table. */
typedef struct kj__sound {
  const char *path;
  bool is_heard;
  bool is_missing;
  double length_s;   /* NaN: unknown */
  const char *fault; /* why it cannot be decoded, or NULL */
} kj__sound;

typedef struct kj__survey {
  kj__sheet sheet;
  size_t at[KJ__N_SURVEY_COLUMNS]; /* columns, or KJ__NONE */
  const char *split;               /* name of the column of parts, or "" */
  size_t n_targets;
  kj_target_spec target[KJ_MAX_TARGETS];
  size_t rating[KJ_MAX_TARGETS]; /* columns */
  size_t *sound_of_row;          /* shape (n_rows); KJ__NONE: no file */
  size_t n_sounds;
  kj__sound *sound;
} kj__survey;

/* Read a table; *survey is all zero before, and to be cleared after, also
 * after a failure. */
kj_status kj__survey_read(const char *path, const kj_corpus_options *options,
                          kj__survey *survey, kj_error *err);

/* The length of a file in seconds, by decoding it to its end; as
 * kj_audio_open and kj_audio_read. */
kj_status kj__sound_length(const char *path, double *length_s, kj_error *err);

/* Decode a sound to its end, unless that was done. */
kj_status kj__survey_listen(kj__survey *survey, size_t sound, kj_error *err);

/* A cell; "" where there is no such column. */
const char *kj__survey_text(const kj__survey *survey, size_t row,
                            kj__survey_column column);

/* Utterance, else file. */
const char *kj__survey_name(const kj__survey *survey, size_t row);

/* A cell as a number: NaN where it is empty. False: it is no number. */
bool kj__survey_number(const kj__survey *survey, size_t row, size_t column,
                       double *value);

/* The rating of a row for a target on its own scale, NaN where it is empty.
 * False: it is no number, or off the scale. */
bool kj__survey_rating(const kj__survey *survey, size_t row, size_t target,
                       double *rating);

void kj__survey_clear(kj__survey *survey);

#endif
