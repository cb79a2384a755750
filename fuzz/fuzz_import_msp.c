/*
 * fuzz_import_msp.c: any bytes as a file of evaluations of the MSP corpora.
 * What is shown must be as the header promises.
 */
#include "corpus/import/msp.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
  if (!condition)
    abort();
}

static kj_status check_clip(void *context, const kj__msp_clip *clip,
                            kj_error *err)
{
  (void)context;
  (void)err;
  require(strlen(clip->name) >= 4 && clip->line > 0);
  require(clip->n_workers <= KJ__MSP_MAX_RATERS);
  require(kj__msp_emotion(clip->emotion) != NULL);
  for (size_t d = 0; d < KJ__N_DIMENSIONS; d++) {
    require(!isinf(clip->mean[d]));
    require(clip->n_ratings[d] <= clip->n_workers);
    for (size_t i = 0; i < clip->n_ratings[d]; i++)
      require(isfinite(clip->rating[d][i]));
  }
  return KJ_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  kj_error err;
  char *text = malloc(size + 1);
  if (!text)
    return 0;
  if (size > 0)
    memcpy(text, data, size);
  text[size] = '\0';
  const kj_status status =
      kj__msp_read("fuzz.txt", text, size, check_clip, NULL, &err);
  require(status == KJ_OK || (status == err.status && err.message[0]));
  free(text);
  return 0;
}
