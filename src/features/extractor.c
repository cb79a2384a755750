/*
 * extractor.c: the door to the recipes: checks, then hands on.
 */
#include "kanjo/features.h"

#include "base/error.h"
#include "base/memory.h"
#include "features/recipe.h"

#include <stdbool.h>

struct kj_extractor {
  const kj__recipe *recipe;
  kj_allocator allocator;
  kj__sink sink;
  bool finished;
  void *state; /* the recipe's; one allocation */
};

kj_status kj_extractor_create(const kj_feature_set *set,
                              unsigned sample_rate_hz,
                              const kj_allocator *allocator, kj_extractor **out,
                              kj_error *err)
{
  if (!set)
    return kj__fail(err, KJ_EARGUMENT, "set is NULL");
  if (!out)
    return kj__fail(err, KJ_EARGUMENT, "out is NULL");
  if (sample_rate_hz < set->min_rate_hz || sample_rate_hz > set->max_rate_hz)
    return kj__fail(
        err, KJ_EARGUMENT, "sample_rate_hz is %u; must be %u..%u for %s",
        sample_rate_hz, set->min_rate_hz, set->max_rate_hz, set->name);

  kj_extractor *x = kj__allocate(allocator, 1, sizeof *x);
  if (!x)
    return kj__fail_memory(err, "a feature extractor");
  x->recipe = set->recipe;
  x->allocator = kj__allocator(allocator);
  const kj_status status =
      x->recipe->create(sample_rate_hz, allocator, &x->state, err);
  if (status != KJ_OK) {
    kj_extractor_destroy(x);
    return status;
  }
  *out = x;
  return KJ_OK;
}

void kj_extractor_set_sink(kj_extractor *x, kj_descriptor_sink sink,
                           void *context)
{
  if (x)
    x->sink = (kj__sink){sink, context};
}

/* One sentence for every call after the end of the recording. */
static kj_status fail_finished(kj_error *err)
{
  return kj__fail(err, KJ_EARGUMENT,
                  "x has finished its recording; reset it first");
}

kj_status kj_extractor_process(kj_extractor *x, const float *samples,
                               size_t n_samples, kj_error *err)
{
  if (!x)
    return kj__fail(err, KJ_EARGUMENT, "x is NULL");
  if (!samples && n_samples > 0)
    return kj__fail(err, KJ_EARGUMENT, "samples is NULL with n_samples %zu",
                    n_samples);
  if (x->finished)
    return fail_finished(err);
  x->recipe->process(x->state, samples, n_samples, &x->sink);
  return KJ_OK;
}

kj_status kj__fail_short(kj_error *err, uint64_t n_samples,
                         const kj__rate *rate)
{
  return kj__fail(err, KJ_ETOOSHORT,
                  "recording has %llu samples; must be at least %zu (25 ms at "
                  "%u Hz)",
                  (unsigned long long)n_samples, rate->frame_samples, rate->hz);
}

kj_status kj_extractor_finish(kj_extractor *x, float *functionals,
                              kj_error *err)
{
  if (!x)
    return kj__fail(err, KJ_EARGUMENT, "x is NULL");
  if (!functionals)
    return kj__fail(err, KJ_EARGUMENT, "functionals is NULL");
  if (x->finished)
    return fail_finished(err);
  const kj_status status =
      x->recipe->finish(x->state, functionals, &x->sink, err);
  x->finished = status == KJ_OK;
  return status;
}

void kj_extractor_reset(kj_extractor *x)
{
  if (!x)
    return;
  x->finished = false;
  x->recipe->reset(x->state);
}

uint64_t kj_extractor_frames(const kj_extractor *x)
{
  return x ? x->recipe->frames(x->state) : 0;
}

void kj_extractor_destroy(kj_extractor *x)
{
  if (!x)
    return;
  const kj_allocator allocator = x->allocator;
  kj__release(&allocator, x->state);
  kj__release(&allocator, x);
}
