/*
 * windows.h: the functionals of overlapping windows of a recording, without
 * computing any frame twice.
 *
 * Every frame is described once. Its contours enter the statistics of a block
 * between two instants where a window starts or ends; a window's statistics
 * are those of its blocks, merged.
 *
 * A window of W samples from sample s on holds the frames that lie within it,
 * N = floor((W - L)/H) + 1 of L samples every H. Its statistics see the first
 * N - 2 rows of these, as those of a recording of W samples would
 * (kj_extractor_finish). It differs from such a recording in what a cut does
 * to its edges and to its memory: the first row is smoothed with the frame
 * before the window and not with itself, the first three and the last row have
 * slopes that look beyond it; and F0, which follows the pitch of earlier frames
 * and comes one late, knows what was said before.
 *
 * Of is09-clean the statistics see all N rows, F0 where it is voiced, and
 * positions are shares of the window. Its first and last row are smoothed with
 * the frame beyond, its first and last three have slopes that look beyond; the
 * pitch of frames near the edges is taken of samples beyond them, and voicing
 * is decided with what was said before the window and what is said after it.
 */
#ifndef KANJO_WINDOWS_H
#define KANJO_WINDOWS_H

#include "kanjo/features.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  KJ_MAX_OVERLAP = 1000 /* windows that a sample may be part of */
};

/** A window, and what is known of its samples. */
typedef struct kj_window {
  uint64_t index; /* from 0 */
  double start_s, end_s;
  uint64_t n_samples;
  double peak;           /* of finite |x| */
  uint64_t n_full_scale; /* samples with |x| >= 1 */
} kj_window;

/**
 * Receives the windows, in order, each as soon as the row after its last is
 * known. Must not call the kj_windows.
 *
 * @param[in] context      as given to kj_windows_set_sink.
 * @param[in] window       only valid during the call.
 * @param[in] functionals  shape (n_functionals); likewise.
 */
typedef void (*kj_window_sink)(void *context, const kj_window *window,
                               const float *functionals);

/** One recording on its way, in windows. */
typedef struct kj_windows kj_windows;

/**
 * Create windows, ready for the first sample of a recording.
 *
 * @param[in] set             the feature set.
 * @param[in] sample_rate_hz  of the samples to come, as kj_extractor_create.
 * @param[in] window_s        length; a whole number of hops of a frame
 *                            (set->hop_s), at least 0.1.
 * @param[in] hop_s           from one window to the next; likewise whole, at
 *                            least set->hop_s; window_s / hop_s at most
 *                            KJ_MAX_OVERLAP.
 * @param[in] allocator       or NULL for malloc/free; copied.
 * @param[out] out            unchanged on failure.
 * @param[out] err            or NULL.
 * @return KJ_OK; KJ_EARGUMENT naming what is out of its range; KJ_EMEMORY.
 *
 * Memory: caller releases with kj_windows_destroy; all there ever is of it is
 *         allocated here: an extractor, and 7 KB for each hop that fits into a
 *         window.  Threads: one at a time.
 */
kj_status kj_windows_create(const kj_feature_set *set, unsigned sample_rate_hz,
                            double window_s, double hop_s,
                            const kj_allocator *allocator, kj_windows **out,
                            kj_error *err);

/** Say who gets the windows from now on; NULL: nobody. */
void kj_windows_set_sink(kj_windows *w, kj_window_sink sink, void *context);

/**
 * Process the next samples; any division into calls gives the same bits.
 *
 * @return as kj_extractor_process.
 *
 * Memory: allocates nothing.  Threads: one.  Cost: that of kj_extractor_process
 *         and, a window, 2 window_s / hop_s merges of 5 us.
 * Source: Chan, Golub, LeVeque (1979); Pebay (2008). Agrees with the plain
 *         statistics of the same rows to 1e-6 of the value or of the contour's
 *         largest magnitude (tests/features/test_windows.c); positions equal.
 */
kj_status kj_windows_process(kj_windows *w, const float *samples,
                             size_t n_samples, kj_error *err);

/**
 * End the recording: send the windows that are still to come, and give the
 * functionals of the whole of it. Windows that do not fit are not sent.
 *
 * @param[out] functionals  as kj_extractor_finish.
 * @return as kj_extractor_finish.
 *
 * Memory: allocates nothing.  Threads: one.
 */
kj_status kj_windows_finish(kj_windows *w, float *functionals, kj_error *err);

/** Forget the recording; the sink stays. NULL does nothing. */
void kj_windows_reset(kj_windows *w);

/** Release windows; NULL is legal. */
void kj_windows_destroy(kj_windows *w);

#ifdef __cplusplus
}
#endif
#endif
