/*
 * fuzz_import_uudb.c: any bytes as an annotation document of UUDB. What is
 * shown must be as the header promises.
 */
#include "corpus/import/uudb.h"

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

static kj_status check_utterance(void *context, const kj__uudb_utterance *u,
                                 kj_error *err)
{
  (void)context;
  (void)err;
  require(u->id[0] != '\0' && strlen(u->id) < sizeof u->id);
  require(u->channel == 'L' || u->channel == 'R');
  require(u->start_s >= 0 && u->end_s > u->start_s && isfinite(u->end_s));
  require(strlen(u->wav) < sizeof u->wav && !strchr(u->wav, '/'));
  for (size_t d = 0; d < KJ__N_DIMENSIONS; d++) {
    require(u->n_ratings[d] <= KJ__UUDB_MAX_RATERS);
    for (size_t i = 0; i < u->n_ratings[d]; i++)
      require(isfinite(u->rating[d][i]));
  }
  return KJ_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  kj_error err;
  const kj_status status =
      kj__uudb_read("fuzz.xml", size > 0 ? (const char *)data : "", size,
                    check_utterance, NULL, &err);
  require(status == KJ_OK || (status == err.status && err.message[0]));
  return 0;
}
