/*
 * fuzz_protocol.c: any bytes as a protocol. What is accepted must hold what
 * the header promises.
 */
#include "kanjo/protocol.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
  if (!condition)
    abort();
}

static void check(const kj_protocol *p)
{
  require(p->name && p->title && p->version == KJ_PROTOCOL_VERSION);
  require(p->targets.n > 0 && p->targets.n <= KJ_MAX_TARGETS);
  require(p->methods.n > 0 && p->corpora.n > 0 && p->experiments.n > 0);
  for (size_t i = 0; i < p->methods.n; i++) {
    const kj_protocol_method *m = &p->methods.item[i];
    require(kj_protocol_find_method(p, m->name) == m);
    require(m->smoothing >= 0 && m->smoothing <= KJ_SMOOTHING_VAT);
  }
  for (size_t i = 0; i < p->experiments.n; i++) {
    const kj_protocol_experiment *e = &p->experiments.item[i];
    require(e->id && e->title && e->train.n > 0);
    require((e->test.n > 0) != (e->split[0] != '\0'));
    for (size_t c = 0; c < e->train.n; c++)
      require(kj_protocol_find_corpus(p, e->train.item[c]) != NULL);
    for (size_t s = 0; s < e->sweeps.n; s++)
      require(kj_protocol_find_method(p, e->sweeps.item[s].method) != NULL);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  kj_protocol *protocol = NULL;
  kj_error err;
  const kj_status status = kj_protocol_parse(
      "fuzz.yaml", size > 0 ? (const char *)data : "", size, &protocol, &err);
  require((status == KJ_OK) == (protocol != NULL));
  require(status == KJ_OK || err.message[0] != '\0');
  if (protocol)
    check(protocol);
  kj_protocol_destroy(protocol);
  return 0;
}
