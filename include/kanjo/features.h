/*
 * features.h: speech samples in, the numbers that describe them out.
 *
 * A feature set is a fixed recipe: samples are cut into frames, each frame is
 * described by a few numbers (descriptors), the descriptors of all frames
 * form contours, and every contour is summed up by statistics (functionals).
 * The sets live in one constant table; an extractor carries one recording
 * through the recipe of one set, in pieces of any size and in constant memory.
 *
 * "is09" is the 384 numbers of the INTERSPEECH 2009 Emotion
 * Challenge. 16 descriptors per 25 ms frame every 10 ms (RMS energy, MFCC
 * 1-12, zero-crossing rate, voicing probability, F0) are smoothed over three
 * frames, joined by their deltas (32 contours), and each contour gives max,
 * min, range, positions of both, mean, regression slope, offset and error,
 * standard deviation, skewness and kurtosis.
 *
 * Source: Schuller, Steidl, Batliner: The INTERSPEECH 2009 Emotion Challenge,
 * table 1. Agrees with openSMILE's configuration of that set: for every value
 * v, |x - v| <= 1e-4 |v| + 1e-6 S, S the largest magnitude of the contour,
 * plus what another correct FFT rounds differently.
 *
 * "is09-clean" has the same columns without what in is09 is in the way of
 * describing speech: every frame counts, low voices have a pitch, F0 belongs to
 * its frame and is summed up where there is one, positions are shares of the
 * duration, and neither the level nor an offset matters, to all but the energy.
 * docs/features.md has each difference and its reason.
 */
#ifndef KANJO_FEATURES_H
#define KANJO_FEATURES_H

#include "kanjo/memory.h"
#include "kanjo/status.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  KJ_FEATURE_NAME_SIZE = 64 /* bytes of a column name with the final zero */
};

/** Which table of a set is meant. */
typedef enum kj_feature_level {
  KJ_LEVEL_FUNCTIONALS, /* one row a recording */
  KJ_LEVEL_DESCRIPTORS  /* one row a frame: the contours, "lld" */
} kj_feature_level;

struct kj__recipe; /* inside the library */

/** What a set is called and what it needs; one row of the constant table. */
typedef struct kj_feature_set {
  const char *name;         /* "is09" */
  unsigned version;         /* grows when a value changes meaning */
  const char *title;        /* one line for people */
  size_t n_functionals;     /* columns of KJ_LEVEL_FUNCTIONALS */
  size_t n_descriptors;     /* columns of KJ_LEVEL_DESCRIPTORS */
  unsigned default_rate_hz; /* the sampling rate to bring recordings to */
  unsigned min_rate_hz;     /* the lowest sampling rate accepted */
  unsigned max_rate_hz;     /* the highest */
  double frame_s;           /* length of a frame, seconds */
  double hop_s;             /* from one frame to the next, seconds */
  const struct kj__recipe *recipe;
} kj_feature_set;

/**
 * Count the feature sets of this library.
 *
 * @return the number of sets; at least 1.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
size_t kj_feature_set_count(void);

/**
 * Get a feature set by its index.
 *
 * @param[in] index  0 .. kj_feature_set_count() - 1.
 * @return the set, which lives as long as the program; NULL past the end.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
const kj_feature_set *kj_feature_set_get(size_t index);

/**
 * Find a feature set by its name.
 *
 * @param[in] name  as in kj_feature_set.name; may be NULL.
 * @return the set, which lives as long as the program; NULL if unknown.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
const kj_feature_set *kj_feature_set_find(const char *name);

enum { KJ_FEATURE_LABEL_SIZE = 64 };

/**
 * Write what tables, and messages, call a set and its version: "is09/1".
 *
 * @param[in]  set    the feature set.
 * @param[out] label  its label, whole: names of sets are short.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
void kj_feature_set_label(const kj_feature_set *set,
                          char label[KJ_FEATURE_LABEL_SIZE]);

/**
 * Get the name of a column.
 *
 * Columns of both sets: descriptors are the 16 smoothed contours ("F0_sma"),
 * then their 16 deltas ("F0_sma_de"); functional 12 c + f is statistic f of
 * contour c ("F0_sma_de_kurtosis" is the last).
 *
 * @param[in] set    the feature set.
 * @param[in] level  which table.
 * @param[in] index  column, from 0.
 * @param[out] name  the name, zero-terminated; unchanged on failure.
 * @param[out] err   or NULL.
 * @return KJ_OK; KJ_EARGUMENT if set or name is NULL, level is unknown or
 *         index is past the last column.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
kj_status kj_feature_set_column(const kj_feature_set *set,
                                kj_feature_level level, size_t index,
                                char name[KJ_FEATURE_NAME_SIZE], kj_error *err);

/** One recording on its way through a feature set. */
typedef struct kj_extractor kj_extractor;

/**
 * Receives the descriptor rows of a recording, one call a row, in order.
 *
 * Of N frames come N + 1 rows: the smoother adds one, which repeats the time
 * of the row before it. A row comes as soon as the three frames after it are
 * known, or from kj_extractor_finish. is09-clean: N rows, as soon as 43 later
 * frames and 11 ms more are known. Must not call the extractor.
 *
 * @param[in] context      as given to kj_extractor_set_sink.
 * @param[in] row          index, from 0.
 * @param[in] time_s       start of the row's frame in the recording, seconds.
 * @param[in] descriptors  shape (n_descriptors); only valid during the call.
 */
typedef void (*kj_descriptor_sink)(void *context, uint64_t row, double time_s,
                                   const float *descriptors);

/**
 * Create an extractor, ready for the first sample of a recording.
 *
 * @param[in] set             the feature set.
 * @param[in] sample_rate_hz  of the samples to come, Hz;
 *                            set->min_rate_hz .. set->max_rate_hz.
 * @param[in] allocator       or NULL for malloc/free; copied.
 * @param[out] out            the extractor; unchanged on failure.
 * @param[out] err            or NULL.
 * @return KJ_OK; KJ_EARGUMENT if set or out is NULL, the rate is not allowed,
 *         or the environment variable KANJO_CPU names no kernels of this
 *         machine; KJ_EMEMORY.
 *
 * Memory: caller releases with kj_extractor_destroy; all there ever is of it
 *         is allocated here (is09 at 16 kHz: 80 to 160 KB, by processor).
 * Threads: one at a time per extractor; extractors share nothing.
 */
kj_status kj_extractor_create(const kj_feature_set *set,
                              unsigned sample_rate_hz,
                              const kj_allocator *allocator, kj_extractor **out,
                              kj_error *err);

/**
 * Say who gets the descriptor rows from now on.
 *
 * @param[in,out] x    the extractor; NULL does nothing.
 * @param[in] sink     or NULL: nobody (as after create).
 * @param[in] context  handed to the sink.
 *
 * Memory: allocates nothing.  Threads: one.
 */
void kj_extractor_set_sink(kj_extractor *x, kj_descriptor_sink sink,
                           void *context);

/**
 * Process the next samples of the recording.
 *
 * The results do not depend on how a recording is cut into calls: they agree
 * bit for bit. Only whole frames count; the rest at the end is dropped. A
 * sample that is not a number makes the frames that hold it, and the contours
 * up to three rows around them, not a number.
 *
 * @param[in,out] x      the extractor.
 * @param[in] samples    mono; shape (n_samples); full scale is 1. May be NULL
 *                       if n_samples is 0.
 * @param[in] n_samples  any number, also 0.
 * @param[out] err       or NULL.
 * @return KJ_OK; KJ_EARGUMENT if x is NULL, samples is NULL with n_samples > 0,
 *         or the recording is finished already.
 *
 * Memory: allocates nothing.  Threads: one.  Cost: O(M log M) per frame of M
 *         samples (16 kHz: about 1 us, docs/performance.md); a sample is copied
 *         once. Frames that one call completes are computed several at a time:
 *         calls of some thousand samples are cheaper than calls of a few.
 */
kj_status kj_extractor_process(kj_extractor *x, const float *samples,
                               size_t n_samples, kj_error *err);

/**
 * End the recording: send the remaining rows to the sink, give the statistics.
 *
 * The statistics of is09 leave out the last three of the N + 1 rows (of one or
 * two frames: all rows but the first). Silence has zero-crossing rate
 * (L - 2) / L with L samples a frame (0.995 at 16 kHz), all else 0. Those of
 * is09-clean are of all N rows, those of F0 of the voiced ones, 0 without any;
 * silence is all 0. A contour with a value that is not a number has mean NaN;
 * slope, offset, error, deviation, skewness and kurtosis 0; extremes of the
 * numbers, unless its first value is not a number: then max, min, range are
 * NaN, positions -1. After success only kj_extractor_reset, _frames, _set_sink
 * and _destroy are allowed.
 *
 * @param[in,out] x         the extractor.
 * @param[out] functionals  shape (n_functionals); unchanged on failure.
 * @param[out] err          or NULL.
 * @return KJ_OK; KJ_EARGUMENT if x or functionals is NULL or the recording is
 *         finished already; KJ_ETOOSHORT if there is no whole frame (nothing
 *         has changed then, more samples may follow).
 *
 * Memory: allocates nothing.  Threads: one.
 */
kj_status kj_extractor_finish(kj_extractor *x, float *functionals,
                              kj_error *err);

/**
 * Forget the recording: the extractor is as it was after create, sink included
 * in what stays.
 *
 * @param[in,out] x  the extractor; NULL does nothing.
 *
 * Memory: allocates nothing.  Threads: one.
 */
void kj_extractor_reset(kj_extractor *x);

/**
 * Count the whole frames of the recording so far.
 *
 * @param[in] x  the extractor; NULL gives 0.
 * @return 0 if n_samples < L, else floor((n_samples - L) / H) + 1, with L =
 *         round(frame_s rate) samples a frame and H = round(hop_s rate).
 *
 * Memory: allocates nothing.  Threads: one.
 */
uint64_t kj_extractor_frames(const kj_extractor *x);

/**
 * Release an extractor.
 *
 * @param[in] x  the extractor, or NULL.
 *
 * Threads: one.
 */
void kj_extractor_destroy(kj_extractor *x);

#ifdef __cplusplus
}
#endif
#endif
