/*
 * synthesis.h: a synthetic corpus of rated speech, for rehearsals.
 *
 * espeak-ng speaks sentences in voices whose speed, pitch, range, level and
 * brightness are drawn from a known valence, activation and dominance;
 * simulated raters rate these. docs/synthetic.md has the formulas. Nothing
 * measured on such a corpus says anything of people.
 */
#ifndef KANJO_SYNTHESIS_H
#define KANJO_SYNTHESIS_H

#include "kanjo/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  KJ_SYNTHESIS_MAX_LANGUAGES = 8,
  KJ_SYNTHESIS_MAX_UTTERANCES = 100000, /* a language */
  KJ_SYNTHESIS_MAX_SPEAKERS = 100       /* likewise */
};

/** What corpus to make. The bytes depend on all but the last four. */
typedef struct kj_synthesis_options {
  const char *languages; /* such as "en,ja" */
  size_t n_utterances;   /* of each language, at least n_speakers */
  size_t n_speakers;     /* likewise, from 2 */
  uint64_t seed;
  bool spontaneity_shift; /* spontaneous speech shows emotion otherwise */
  size_t n_threads;       /* recordings at a time; 0: as 1 */
  void (*progress)(void *context, size_t done, size_t total); /* or NULL */
  bool (*stop)(void *context);                                /* or NULL */
  void *context; /* both are called by one thread at a time */
} kj_synthesis_options;

/** What was made in one language. */
typedef struct kj_synthesis_part {
  char language[8]; /* folder of the part, and ISO 639-1 code */
  size_t n_utterances, n_speakers, n_spontaneous;
  double seconds; /* of sound */
} kj_synthesis_part;

/** What was made. */
typedef struct kj_synthesis_report {
  char program[128]; /* the name and version that espeak-ng gives itself */
  size_t n_parts;
  kj_synthesis_part part[KJ_SYNTHESIS_MAX_LANGUAGES];
} kj_synthesis_report;

/**
 * Give the defaults: "en,ja", 600 utterances, 10 speakers, seed 1, with
 * spontaneity shift, on one thread.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
kj_synthesis_options kj_synthesis_defaults(void);

/**
 * Make a corpus.
 *
 * Runs the program espeak-ng, as PATH finds it, once for each recording. A
 * language LL gets FOLDER/LL/audio/NAME.wav (16 kHz, mono, 16 bit),
 * FOLDER/LL/truth.csv (what was drawn) and FOLDER/LL/labels.csv (the ratings);
 * FOLDER/README.md says that it is SYNTHETIC and how it was made. The tables
 * labels.csv come last, when everything else is there. After a failure, or
 * when stopped, what was written is removed again.
 *
 * The same options and the same espeak-ng give the same bytes, for any number
 * of threads.
 *
 * @param[in] folder   is made where it is not there, else must be empty.
 * @param[in] options  what to make.
 * @param[out] report  or NULL; unchanged on failure.
 * @return KJ_OK; KJ_EARGUMENT if an option is not allowed; KJ_EFILE if the
 *         folder cannot be written or is not empty, or espeak-ng is missing
 *         or fails (its own words are in the message); KJ_EFORMAT if it gives
 *         no WAV; KJ_EINTERRUPTED if `stop` said so; KJ_EMEMORY.
 *
 * Memory: about 1 kB an utterance.  Threads: of its own, and a child process
 * on each.
 */
kj_status kj_synthesis_write(const char *folder,
                             const kj_synthesis_options *options,
                             kj_synthesis_report *report, kj_error *err);

#ifdef __cplusplus
}
#endif
#endif
