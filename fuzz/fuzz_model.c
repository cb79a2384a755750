/*
 * fuzz_model.c: any bytes as a model file. What is accepted must also print
 * its card and estimate a row.
 */
#include "kanjo/model.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void estimate_zeros(const kj_estimator *estimator)
{
  const size_t n = kj_estimator_get_parts(estimator)->scaler.n;
  double values[KJ_MAX_TARGETS];
  float *x = calloc(n, sizeof *x);
  kj_estimator_scratch *scratch = NULL;
  if (x &&
      kj_estimator_scratch_create(estimator, 1, NULL, &scratch, NULL) == KJ_OK)
    kj_estimator_estimate(estimator, scratch, x, 1, 1, values, NULL);
  kj_estimator_scratch_destroy(scratch);
  free(x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  kj_model *model = NULL;
  kj_error err;
  char *text = NULL;
  if (kj_model_parse(data, size, "input", &model, &err) != KJ_OK)
    return 0;
  if (kj_model_card_markdown(model, &text, &err) != KJ_OK)
    abort();
  estimate_zeros(kj_model_estimator(model));
  free(text);
  kj_model_destroy(model);
  return 0;
}
