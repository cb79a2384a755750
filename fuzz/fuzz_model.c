/*
 * fuzz_model.c: any bytes as a model file. What is accepted must also print
 * its card and estimate a row, and two, on one of the machine's tiers.
 */
#define _POSIX_C_SOURCE 200809L /* setenv */
#include "kanjo/model.h"

#include "base/tier.h"
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The tier that the bytes' sum falls on, if it is here. */
static void choose_tier(const uint8_t *data, size_t size)
{
  size_t sum = 0;
  for (size_t i = 0; i < size; i++)
    sum += data[i];
  const kj__tier tier = (kj__tier)(sum % KJ__N_TIERS);
  setenv("KANJO_CPU", kj__tier_is_here(tier) ? kj__tier_name(tier) : "", 1);
}

static void estimate_zeros(const kj_estimator *estimator, size_t n_rows)
{
  const size_t n = kj_estimator_get_parts(estimator)->scaler.n;
  double values[2 * KJ_MAX_TARGETS];
  float *x = calloc(n * n_rows, sizeof *x);
  kj_estimator_scratch *scratch = NULL;
  if (x && kj_estimator_scratch_create(estimator, n_rows, NULL, &scratch,
                                       NULL) == KJ_OK)
    kj_estimator_estimate(estimator, scratch, x, n_rows, 1, values, NULL);
  kj_estimator_scratch_destroy(scratch);
  free(x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  kj_model *model = NULL;
  kj_error err;
  char *text = NULL;
  choose_tier(data, size);
  if (kj_model_parse(data, size, "input", &model, &err) != KJ_OK)
    return 0;
  if (kj_model_card_markdown(model, &text, &err) != KJ_OK)
    abort();
  estimate_zeros(kj_model_estimator(model), 1);
  estimate_zeros(kj_model_estimator(model), 2);
  free(text);
  kj_model_destroy(model);
  return 0;
}
