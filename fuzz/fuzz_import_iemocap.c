/*
 * fuzz_import_iemocap.c: any bytes as an evaluation file of IEMOCAP. What is
 * shown must be as the header promises.
 */
#include "corpus/import/iemocap.h"

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

static kj_status check_turn(void *context, const kj__iemocap_turn *turn,
                            kj_error *err)
{
  (void)context;
  (void)err;
  const char *last = strrchr(turn->id, '_');
  require(strlen(turn->id) >= 19 && last && strlen(last) == 5);
  require(last[1] == 'F' || last[1] == 'M');
  require(strlen(turn->emotion) > 0);
  for (size_t d = 0; d < KJ__N_DIMENSIONS; d++) {
    require(isfinite(turn->mean[d]));
    require(turn->n_ratings[d] <= KJ__IEMOCAP_MAX_RATERS);
    for (size_t i = 0; i < turn->n_ratings[d]; i++)
      require(isfinite(turn->rating[d][i]));
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
      kj__iemocap_read("fuzz.txt", text, size, check_turn, NULL, &err);
  require(status == KJ_OK || (status == err.status && err.message[0]));
  free(text);
  return 0;
}
