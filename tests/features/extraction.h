/*
 * extraction.h: a whole recording through an extractor, everything kept.
 * Include after cmocka.h.
 */
#ifndef KJ_TEST_FEATURES_EXTRACTION_H
#define KJ_TEST_FEATURES_EXTRACTION_H

#include "kanjo/features.h"

#include <string.h>

enum { N_COLUMNS = 32, N_VALUES = 384, N_STATISTICS = 12, MAX_ROWS = 1024 };

typedef struct extraction {
  kj_status status;
  size_t n_rows;
  double time_s[MAX_ROWS];
  float row[MAX_ROWS][N_COLUMNS];
  float functionals[N_VALUES];
} extraction;

static inline void keep_row(void *context, uint64_t row, double time_s,
                            const float *descriptors)
{
  extraction *e = context;
  assert_int_equal(row, e->n_rows);
  assert_true(e->n_rows < MAX_ROWS);
  e->time_s[e->n_rows] = time_s;
  memcpy(e->row[e->n_rows++], descriptors, sizeof e->row[0]);
}

static inline kj_extractor *create_extractor_of(const char *set,
                                                unsigned rate_hz)
{
  kj_error err = {0};
  kj_extractor *x = NULL;
  if (kj_extractor_create(kj_feature_set_find(set), rate_hz, NULL, &x, &err) !=
      KJ_OK)
    fail_msg("create %s at %u Hz: %s", set, rate_hz, err.message);
  return x;
}

static inline kj_extractor *create_extractor(unsigned rate_hz)
{
  return create_extractor_of("is09", rate_hz);
}

/* Samples in pieces of `chunk` (0: in one), then the end. */
static inline void run_extractor(kj_extractor *x, const float *samples,
                                 size_t n, size_t chunk, extraction *out)
{
  memset(out, 0, sizeof *out);
  kj_extractor_set_sink(x, keep_row, out);
  for (size_t i = 0, taken; i < n; i += taken) {
    taken = chunk > 0 && chunk < n - i ? chunk : n - i;
    assert_int_equal(kj_extractor_process(x, samples + i, taken, NULL), KJ_OK);
  }
  out->status = kj_extractor_finish(x, out->functionals, NULL);
}

static inline void extract_of(const char *set, const float *samples, size_t n,
                              unsigned rate_hz, extraction *out)
{
  kj_extractor *x = create_extractor_of(set, rate_hz);
  run_extractor(x, samples, n, 0, out);
  kj_extractor_destroy(x);
}

static inline void extract(const float *samples, size_t n, unsigned rate_hz,
                           extraction *out)
{
  extract_of("is09", samples, n, rate_hz, out);
}

#endif
