/*
 * protocol.c: a protocol is read by its schema, then completed and checked.
 */
#include "kanjo/protocol.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "corpus/path.h"
#include "experiment/protocol_check.h"
#include "experiment/schema.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILE_SIZE = 1 << 20 };

/* What holds where the file is silent: the options of kj_fit_defaults. */
static kj_status set_defaults(kj_protocol *p, kj_error *err)
{
  const kj_fit_options fit = kj_fit_defaults();
  double *hidden = kj__arena_take(p->arena, fit.n_hidden, sizeof *hidden);
  double *sigma = kj__arena_take(p->arena, 1, sizeof *sigma);
  if (!hidden || !sigma)
    return kj__fail_memory(err, p->path);
  for (size_t l = 0; l < fit.n_hidden; l++)
    hidden[l] = (double)fit.hidden[l];
  *sigma = fit.smoothing.sigma[0];
  p->form = KJ_FORM_SOUND;
  p->seeds = 10;
  p->seed = fit.seed;
  p->features.set = -1;
  p->fit = (kj_protocol_fit){.hidden = {hidden, fit.n_hidden},
                             .output = KJ_ACTIVATION_RELU,
                             .epochs = fit.epochs,
                             .batch = fit.batch,
                             .learning_rate = fit.learning_rate};
  p->smoothing = (kj_protocol_smoothing){.lambda = fit.smoothing.lambda,
                                         .epsilon = fit.smoothing.epsilon,
                                         .sigma = {sigma, 1},
                                         .power_iterations =
                                             fit.smoothing.power_iterations,
                                         .xi = fit.smoothing.xi};
  return KJ_OK;
}

static kj_status start(const char *path, const char *text, size_t size,
                       kj_protocol *p, kj_error *err)
{
  kj__sha256 hash;
  p->arena = kj__arena_create();
  p->free = json_array();
  if (!p->arena || !p->free)
    return kj__fail_memory(err, path);
  p->path = kj__arena_text(p->arena, path);
  p->folder = kj__path_folder(p->arena, path);
  char *copy = kj__arena_take(p->arena, size + 1, 1);
  if (!p->path || !p->folder || !copy)
    return kj__fail_memory(err, path);
  memcpy(copy, text, size);
  p->text = copy;
  kj__sha256_init(&hash);
  kj__sha256_update(&hash, text, size);
  kj__sha256_finish_hex(&hash, p->hash);
  return set_defaults(p, err);
}

kj_status kj_protocol_parse(const char *path, const char *text, size_t size,
                            kj_protocol **out, kj_error *err)
{
  kj__yaml *root = NULL;
  kj_protocol *p = kj__allocate(NULL, 1, sizeof *p);
  if (!p)
    return kj__fail_memory(err, path);
  kj_status status = start(path, text, size, p, err);
  if (status == KJ_OK)
    status = kj__yaml_read(path, text, size, p->arena, &root, err);
  if (status == KJ_OK) {
    const kj__schema_reader reader = {
        .path = p->path, .arena = p->arena, .free = p->free};
    status = kj__schema_read(&reader, &KJ__PROTOCOL_SCHEMA, root, p, err);
  }
  if (status == KJ_OK)
    status = kj__protocol_complete(p, err);
  if (status == KJ_OK)
    status = kj__protocol_check(p, err);
  if (status != KJ_OK) {
    kj_protocol_destroy(p);
    return status;
  }
  *out = p;
  return KJ_OK;
}

kj_status kj_protocol_read(const char *path, kj_protocol **out, kj_error *err)
{
  char *text = NULL;
  size_t size = 0;
  kj_status status = kj__file_read(path, MAX_FILE_SIZE, &text, &size, err);
  if (status == KJ_OK)
    status = kj_protocol_parse(path, text, size, out, err);
  free(text);
  return status;
}

void kj_protocol_destroy(kj_protocol *protocol)
{
  if (!protocol)
    return;
  json_decref(protocol->free);
  kj__arena_destroy(protocol->arena);
  kj__release(NULL, protocol);
}

kj_protocol_corpus *kj_protocol_find_corpus(const kj_protocol *protocol,
                                            const char *name)
{
  for (size_t i = 0; i < protocol->corpora.n; i++)
    if (strcmp(protocol->corpora.item[i].name, name) == 0)
      return &protocol->corpora.item[i];
  return NULL;
}

const kj_protocol_method *kj_protocol_find_method(const kj_protocol *protocol,
                                                  const char *name)
{
  for (size_t i = 0; i < protocol->methods.n; i++)
    if (strcmp(protocol->methods.item[i].name, name) == 0)
      return &protocol->methods.item[i];
  return NULL;
}

bool kj_protocol_has_route(const kj_protocol_routing *routing, kj_route route)
{
  bool has = routing->routes.n == 0 || route == KJ_ROUTE_PLAIN;
  for (size_t i = 0; i < routing->routes.n; i++)
    has = has || strcmp(routing->routes.item[i], kj_route_name(route)) == 0;
  return has;
}

kj_status kj_protocol_note_override(kj_protocol *protocol, const char *text,
                                    kj_error *err)
{
  kj_texts *notes = &protocol->overrides;
  const char **grown =
      kj__arena_take(protocol->arena, notes->n + 1, sizeof *grown);
  const char *copy = kj__arena_text(protocol->arena, text);
  if (!grown || !copy)
    return kj__fail_memory(err, protocol->path);
  if (notes->n > 0)
    memcpy(grown, notes->item, notes->n * sizeof *grown);
  grown[notes->n] = copy;
  *notes = (kj_texts){grown, notes->n + 1};
  return KJ_OK;
}
