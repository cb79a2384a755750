/*
 * audit.h: how a model fares in the user's room: the same recordings again,
 * with noise, at another level, clipped, through a telephone, a coder or a
 * room.
 *
 * An audit computes the features of every recording of a table under every
 * condition once; any number of models is then measured on them.
 */
#ifndef KANJO_AUDIT_H
#define KANJO_AUDIT_H

#include "kanjo/audio.h"
#include "kanjo/corpus.h"
#include "kanjo/estimator.h"
#include "kanjo/features.h"
#include "kanjo/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What is done to a sound. */
typedef enum kj_disturb {
  KJ_DISTURB_NOTHING,
  KJ_DISTURB_WHITE,
  KJ_DISTURB_BABBLE,
  KJ_DISTURB_GAIN,
  KJ_DISTURB_CLIP,
  KJ_DISTURB_PHONE,
  KJ_DISTURB_RATE,
  KJ_DISTURB_MP3,
  KJ_DISTURB_OPUS,
  KJ_DISTURB_ROOM
} kj_disturb;

/* X(enum, name, kind, value): the conditions, the clean sound first.
 * white, babble: value dB of SNR; gain: dB; clip: share of the samples;
 * phone: 300..3400 Hz; rate: to that rate in Hz and back; mp3, opus: bit/s;
 * room: RT60 in s. */
#define KJ_CONDITION_LIST(X)                                                   \
  X(KJ_CONDITION_CLEAN, "clean", KJ_DISTURB_NOTHING, 0)                        \
  X(KJ_CONDITION_WHITE_20, "white 20 dB", KJ_DISTURB_WHITE, 20)                \
  X(KJ_CONDITION_WHITE_10, "white 10 dB", KJ_DISTURB_WHITE, 10)                \
  X(KJ_CONDITION_WHITE_5, "white 5 dB", KJ_DISTURB_WHITE, 5)                   \
  X(KJ_CONDITION_WHITE_0, "white 0 dB", KJ_DISTURB_WHITE, 0)                   \
  X(KJ_CONDITION_BABBLE_20, "babble 20 dB", KJ_DISTURB_BABBLE, 20)             \
  X(KJ_CONDITION_BABBLE_10, "babble 10 dB", KJ_DISTURB_BABBLE, 10)             \
  X(KJ_CONDITION_BABBLE_5, "babble 5 dB", KJ_DISTURB_BABBLE, 5)                \
  X(KJ_CONDITION_BABBLE_0, "babble 0 dB", KJ_DISTURB_BABBLE, 0)                \
  X(KJ_CONDITION_GAIN_M20, "gain -20 dB", KJ_DISTURB_GAIN, -20)                \
  X(KJ_CONDITION_GAIN_M10, "gain -10 dB", KJ_DISTURB_GAIN, -10)                \
  X(KJ_CONDITION_GAIN_10, "gain +10 dB", KJ_DISTURB_GAIN, 10)                  \
  X(KJ_CONDITION_CLIP_1, "clip 1 %", KJ_DISTURB_CLIP, 0.01)                    \
  X(KJ_CONDITION_CLIP_10, "clip 10 %", KJ_DISTURB_CLIP, 0.1)                   \
  X(KJ_CONDITION_PHONE, "telephone", KJ_DISTURB_PHONE, 0)                      \
  X(KJ_CONDITION_RATE_8, "rate 8 kHz", KJ_DISTURB_RATE, 8000)                  \
  X(KJ_CONDITION_RATE_44, "rate 44.1 kHz", KJ_DISTURB_RATE, 44100)             \
  X(KJ_CONDITION_MP3_64, "mp3 64 kbit/s", KJ_DISTURB_MP3, 64e3)                \
  X(KJ_CONDITION_MP3_24, "mp3 24 kbit/s", KJ_DISTURB_MP3, 24e3)                \
  X(KJ_CONDITION_OPUS_24, "opus 24 kbit/s", KJ_DISTURB_OPUS, 24e3)             \
  X(KJ_CONDITION_OPUS_12, "opus 12 kbit/s", KJ_DISTURB_OPUS, 12e3)             \
  X(KJ_CONDITION_ROOM_3, "room 0.3 s", KJ_DISTURB_ROOM, 0.3)                   \
  X(KJ_CONDITION_ROOM_6, "room 0.6 s", KJ_DISTURB_ROOM, 0.6)                   \
  X(KJ_CONDITION_ROOM_10, "room 1.0 s", KJ_DISTURB_ROOM, 1.0)

typedef enum kj_condition {
#define KJ_CONDITION_ENUM(id, name, kind, value) id,
  KJ_CONDITION_LIST(KJ_CONDITION_ENUM)
#undef KJ_CONDITION_ENUM
      KJ_N_CONDITIONS
} kj_condition;

enum {
  KJ_AUDIT_VOICES = 6, /* in babble, all of other speakers */
  KJ_AUDIT_GROUPS = 9  /* all rows, and up to 8 genders */
};

/** The name of a condition; NULL for none. */
const char *kj_condition_name(kj_condition condition);

/** A condition by its name; false if there is none, and `out` is unchanged. */
bool kj_condition_find(const char *name, kj_condition *out);

typedef struct kj_audit_options {
  const kj_feature_set *set;
  kj_audio_options audio; /* start_s and end_s come from the rows; rate_hz is
                             not 0 */
  size_t n_threads;
  uint64_t seed; /* of noise, babble and rooms */
  void (*progress)(void *context, size_t done, size_t total); /* or NULL */
  bool (*stop)(void *context);                                /* or NULL */
  void *context; /* both are called by one thread at a time */
} kj_audit_options;

/** Features of all rows under all conditions. Immutable. */
typedef struct kj_audit kj_audit;

/**
 * Compute the features of a table's recordings under every condition.
 *
 * Babble is the sum of KJ_AUDIT_VOICES other recordings of other speakers,
 * each as loud as the others and repeated to the length of the row; where no
 * row has another speaker, the conditions with babble are left out, and so are
 * codings that libsndfile cannot write. Nothing depends on the number of
 * threads.
 *
 * @param[in] data     rows with files; each must be readable (rows of
 *                     kj_dataset_attach_sound are); borrowed, and needed as
 *                     long as the audit.
 * @param[in] options  copied.
 * @param[out] out     unchanged on failure.
 * @return KJ_OK; KJ_EARGUMENT if an option is out of range; KJ_EDATA,
 *         KJ_EFILE or KJ_EFORMAT, the row named, if a sound cannot be read or
 *         has no features; KJ_EINTERRUPTED if `stop` said so; KJ_EMEMORY.
 *
 * Memory: rows times conditions times features floats; caller releases with
 * kj_audit_destroy.  Threads: of its own.  Cost: about 0.2 s a row of 3 s.
 */
kj_status kj_audit_create(const kj_dataset *data,
                          const kj_audit_options *options, kj_audit **out,
                          kj_error *err);

/** Release an audit; NULL is allowed. */
void kj_audit_destroy(kj_audit *audit);

/** Why a condition was left out; NULL where it was not. */
const char *kj_audit_left_out(const kj_audit *audit, kj_condition condition);

/** Features under a condition; shape (n_rows, set->n_functionals). */
const float *kj_audit_features(const kj_audit *audit, kj_condition condition);

/** The name of a group of rows: "all", or a gender as written; NULL past the
 * last. Genders are groups only where there are two or more. */
const char *kj_audit_group(const kj_audit *audit, size_t group);

/** One target under one condition, in one group of rows. */
typedef struct kj_audit_cell {
  size_t n_rows;   /* with a rating */
  double moved;    /* mean |estimate - estimate of the clean sound| */
  double mae, ccc; /* NaN where undefined */
} kj_audit_cell;

/** How much worse than under the clean sound a cell may be. */
typedef struct kj_audit_marks {
  double moved, mae, ccc; /* most movement, rise of MAE and fall of CCC; NaN:
                             not asked */
} kj_audit_marks;

/**
 * Tell whether a cell is within marks: moved <= marks.moved, mae - clean mae
 * <= marks.mae, clean ccc - ccc <= marks.ccc.
 *
 * A metric that is undefined under the clean sound asks nothing; one that is
 * defined there and not under the condition is beyond every mark.
 */
bool kj_audit_is_within(const kj_audit_marks *marks, const kj_audit_cell *clean,
                        const kj_audit_cell *cell);

/**
 * Measure a model under a condition.
 *
 * @param[in] audit      shared-read.
 * @param[in] estimator  its inputs are the audit's features.
 * @param[in] condition  one that was not left out.
 * @param[out] cells     shape (n_targets of the data, KJ_AUDIT_GROUPS); groups
 *                       that are not there have n_rows 0.
 * @return KJ_OK; KJ_EARGUMENT if the condition was left out; KJ_ESHAPE if the
 *         number of features differs; KJ_EDATA if a target of the data is not
 *         among the estimator's; KJ_EMEMORY.
 *
 * Memory: one row of estimates a row.  Threads: any number.
 */
kj_status kj_audit_measure(const kj_audit *audit, const kj_estimator *estimator,
                           kj_condition condition, kj_audit_cell *cells,
                           kj_error *err);

#ifdef __cplusplus
}
#endif
#endif
