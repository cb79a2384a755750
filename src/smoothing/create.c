/*
 * create.c: a stepper is made: its kernels, its memory, its threads.
 */
#include "base/error.h"
#include "base/memory.h"
#include "network/adam.h"
#include "smoothing/workspace.h"

kj_adam kj_adam_defaults(void)
{
  return kj__adam_defaults();
}

static kj_status check(const kj_stepper_options *options, kj_error *err)
{
  const kj_status status = kj_network_shape_check(&options->shape, err);
  if (status != KJ_OK)
    return status;
  if (options->max_rows < 1)
    return kj__fail(err, KJ_EARGUMENT, "max_rows is 0; must be at least 1");
  if (!kj_precision_name(options->precision))
    return kj__fail(err, KJ_EARGUMENT, "precision is %d; no such precision",
                    (int)options->precision);
  if (options->n_threads < 1 || options->n_threads > KJ_MAX_THREADS)
    return kj__fail(err, KJ_EARGUMENT, "n_threads is %zu; must be 1..%d",
                    options->n_threads, KJ_MAX_THREADS);
  return KJ_OK;
}

static kj_status set_up(kj_stepper *stepper, const kj_stepper_options *options,
                        kj_error *err)
{
  static const kj__precision PRECISION[] = {
      [KJ_PRECISION_FP32] = KJ__FP32,
      [KJ_PRECISION_BF16] = KJ__BF16,
  };
  kj__tier tier;
  kj_status status = kj__tier_choose(&tier, err);
  if (status != KJ_OK)
    return status;
  stepper->kernels = kj__kernels_get(tier, PRECISION[options->precision]);
  status = kj__workspace_create(stepper, err);
  if (status == KJ_OK && options->n_threads > 1)
    status = kj__crew_create(options->n_threads, &stepper->allocator,
                             &stepper->crew, err);
  return status;
}

kj_status kj_stepper_create(const kj_stepper_options *options,
                            const kj_allocator *allocator, kj_stepper **out,
                            kj_error *err)
{
  kj_status status = check(options, err);
  if (status != KJ_OK)
    return status;
  kj_stepper *stepper = kj__allocate(allocator, 1, sizeof *stepper);
  if (!stepper)
    return kj__fail_memory(err, "a training step");
  stepper->allocator = kj__allocator(allocator);
  stepper->shape = options->shape;
  stepper->max_rows = options->max_rows;
  status = set_up(stepper, options, err);
  if (status != KJ_OK) {
    kj_stepper_destroy(stepper);
    return status;
  }
  *out = stepper;
  return KJ_OK;
}

void kj_stepper_destroy(kj_stepper *stepper)
{
  if (!stepper)
    return;
  const kj_allocator allocator = stepper->allocator;
  kj__crew_destroy(stepper->crew);
  kj__workspace_destroy(stepper);
  kj__release(&allocator, stepper);
}

size_t kj_stepper_memory(const kj_stepper *stepper)
{
  return sizeof *stepper + stepper->n_bytes;
}
