/*
 * activity.h: the functionals of each stretch of speech in a recording.
 *
 * Where somebody speaks is told by energy and pitch: docs/extraction.md has the
 * rule and how often it is wrong. Each stretch is described as a recording of
 * its samples would be. Of the sound, as long as the decision takes is kept (3
 * seconds), so a stretch may be of any length, and sound may come for ever.
 */
#ifndef KANJO_ACTIVITY_H
#define KANJO_ACTIVITY_H

#include "kanjo/windows.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One recording on its way, in stretches of speech. */
typedef struct kj_segments kj_segments;

/**
 * Create segments, ready for the first sample of a recording.
 *
 * @param[in] set             the feature set.
 * @param[in] sample_rate_hz  of the samples to come, as kj_extractor_create.
 * @param[in] allocator       or NULL for malloc/free; copied.
 * @param[out] out            unchanged on failure.
 * @param[out] err            or NULL.
 * @return KJ_OK; KJ_EARGUMENT if set or out is NULL or the rate is not
 *         allowed; KJ_EMEMORY.
 *
 * Memory: caller releases with kj_segments_destroy; all there ever is of it
 *         is allocated here (is09 at 16 kHz: 300 KB).  Threads: one at a time.
 */
kj_status kj_segments_create(const kj_feature_set *set, unsigned sample_rate_hz,
                             const kj_allocator *allocator, kj_segments **out,
                             kj_error *err);

/** Say who gets the stretches from now on, as windows; NULL: nobody. */
void kj_segments_set_sink(kj_segments *s, kj_window_sink sink, void *context);

/**
 * Process the next samples; any division into calls gives the same bits. A
 * sample that is not a number counts as 0 for the decision, not for features.
 *
 * @return KJ_OK; KJ_EARGUMENT if s is NULL, or samples is with n_samples > 0.
 *
 * Memory: allocates nothing.  Threads: one.  Cost: about 5 us for 10 ms, and
 *         that of kj_extractor_process within speech.
 */
kj_status kj_segments_process(kj_segments *s, const float *samples,
                              size_t n_samples, kj_error *err);

/**
 * End the recording: send the stretch that is still open.
 *
 * @return KJ_OK; KJ_EARGUMENT if s is NULL; KJ_ETOOSHORT where the recording
 *         is shorter than a frame.
 *
 * Memory: allocates nothing.  Threads: one.
 */
kj_status kj_segments_finish(kj_segments *s, kj_error *err);

/** Forget the recording; the sink stays. NULL does nothing. */
void kj_segments_reset(kj_segments *s);

/** Release segments; NULL is legal. */
void kj_segments_destroy(kj_segments *s);

#ifdef __cplusplus
}
#endif
#endif
