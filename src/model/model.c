/*
 * model.c: an estimator and its card to a safetensors file and back.
 *
 * One list of tensors, made from the outline of a model, serves writing,
 * checking and reading.
 */
#include "kanjo/model.h"

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "estimator/parts.h"
#include "model/components.h"
#include "model/loaded.h"
#include "model/metadata.h"
#include "model/safetensors.h"
#include "model/stored.h"
#include "network/narrow.h"
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(kj_real) == sizeof(float), "networks are stored as F32");

enum {
  /* calibration, mean, inverse_sd, centre, factor; weight, bias, scale and
     range of a layer */
  MAX_TENSORS = 5 + KJ_MAX_TARGETS * KJ_MAX_LAYERS * 4 + KJ__N_INNER,
  CALIBRATION_COLUMNS = 2 /* slope, offset */
};

struct kj_model {
  kj__outline outline;
  kj_estimator *estimator; /* NULL of one inside another: the whole has it */
  kj_model *inner[KJ__N_INNER];
};

/* All tensors of a model, the calibration as one of them, and the weights as
 * the file has them. */
typedef struct tensor_list {
  kj__tensor_view view[MAX_TENSORS];
  size_t n;
  double calibration[KJ_MAX_TARGETS][CALIBRATION_COLUMNS];
  kj__stored_weights stored;
  kj__inner_files files;
} tensor_list;

/* ---- the list of tensors ---- */

static kj__tensor_view *append(tensor_list *list, kj__dtype dtype, size_t rank,
                               size_t n_rows, size_t n_columns, void *data)
{
  kj__tensor_view *view = &list->view[list->n++];
  *view = (kj__tensor_view){
      .dtype = dtype, .rank = rank, .shape = {n_rows, n_columns}, .data = data};
  return view;
}

/* A layer of a network, which is NULL where there is no memory for it yet. */
typedef struct place {
  const kj_network_shape *shape;
  kj_estimator_part *part;
  size_t p, layer;
} place;

static void append_of_layer(tensor_list *list, const place *at,
                            const char *name, const kj__tensor_view *view)
{
  kj__tensor_view *to = append(list, view->dtype, view->rank, view->shape[0],
                               view->shape[1], view->data);
  snprintf(to->name, sizeof to->name, "network%zu.layer%zu.%s", at->p,
           at->layer, name);
}

static void *weights_of(tensor_list *list, const place *at, kj_weights weights)
{
  const kj_network *network = at->part->network;
  if (weights != KJ_WEIGHTS_FP32)
    return kj__stored_layer(&list->stored, weights, at->shape, at->p,
                            at->layer);
  return network ? kj_network_weights(network, at->layer) : NULL;
}

static void append_layer(tensor_list *list, const place *at, kj_weights weights)
{
  const size_t n_in = at->shape->width[at->layer];
  const size_t n_out = at->shape->width[at->layer + 1];
  const kj_network *network = at->part->network;
  float *scale = at->part->scale;
  append_of_layer(list, at, "weight",
                  &(kj__tensor_view){.dtype = kj__stored_dtype(weights),
                                     .rank = 2,
                                     .shape = {n_out, n_in},
                                     .data = weights_of(list, at, weights)});
  append_of_layer(
      list, at, "bias",
      &(kj__tensor_view){.dtype = KJ__F32,
                         .rank = 1,
                         .shape = {n_out},
                         .data = network ? kj_network_biases(network, at->layer)
                                         : NULL});
  if (weights != KJ_WEIGHTS_INT8)
    return;
  append_of_layer(
      list, at, "scale",
      &(kj__tensor_view){.dtype = KJ__F32,
                         .rank = 1,
                         .shape = {n_out},
                         .data = scale ? scale + kj__units(at->shape, at->layer)
                                       : NULL});
  append_of_layer(list, at, "range",
                  &(kj__tensor_view){.dtype = KJ__F32,
                                     .rank = 1,
                                     .shape = {1},
                                     .data = &at->part->range[at->layer]});
}

/* Where the parts have no memory yet, the views lead nowhere. */
static void list_tensors(tensor_list *list, kj_estimator_parts *parts,
                         const kj_network_shape *shapes)
{
  list->n = 0;
  strcpy(append(list, KJ__F64, 2, parts->n_targets, CALIBRATION_COLUMNS,
                list->calibration)
             ->name,
         "calibration");
  strcpy(append(list, KJ__F32, 1, parts->scaler.n, 0, parts->scaler.mean)->name,
         "scaler.mean");
  strcpy(append(list, KJ__F32, 1, parts->scaler.n, 0, parts->scaler.inverse_sd)
             ->name,
         "scaler.inverse_sd");
  if (parts->novelty.n_rows > 0) {
    const size_t n = parts->scaler.n;
    strcpy(append(list, KJ__F32, 1, n, 0, parts->novelty.centre)->name,
           "novelty.centre");
    strcpy(append(list, KJ__F32, 1, n * (n + 1) / 2, 0, parts->novelty.factor)
               ->name,
           "novelty.factor");
  }
  for (size_t p = 0; p < parts->n_parts; p++)
    for (size_t l = 0; l < shapes[p].n_layers; l++)
      append_layer(list, &(place){&shapes[p], &parts->part[p], p, l},
                   parts->weights);
  for (size_t i = 0; i < KJ__N_INNER; i++)
    if (list->files.data[i])
      kj__inner_name(i, append(list, KJ__U8, 1, list->files.size[i], 0,
                               list->files.data[i])
                            ->name);
}

static double value_at(const kj__tensor_view *view, size_t i)
{
  switch (view->dtype) {
  case KJ__F64:
    return ((const double *)view->data)[i];
  case KJ__BFLOAT16:
    return (double)kj__widen(((const kj__bf16 *)view->data)[i]);
  case KJ__I8:
    return ((const int8_t *)view->data)[i];
  case KJ__U8: /* a component, checked by itself */
    return 0.0;
  default:
    return (double)((const float *)view->data)[i];
  }
}

static kj_status check_finite(const tensor_list *list, kj_error *err)
{
  for (size_t t = 0; t < list->n; t++) {
    const kj__tensor_view *view = &list->view[t];
    const size_t n = kj__tensor_count(view);
    for (size_t i = 0; i < n; i++)
      if (!isfinite(value_at(view, i)))
        return kj__fail(err, KJ_EFORMAT,
                        "tensor %s: value %zu is %g; must be finite",
                        view->name, i, value_at(view, i));
  }
  return KJ_OK;
}

static void release_list(tensor_list *list)
{
  kj__stored_clear(&list->stored);
  kj__inner_files_clear(&list->files);
  free(list);
}

/* ---- reading ---- */

/* Only after the file has matched is memory taken for what it holds. */
static kj_status load_parts(const kj__safetensors *file,
                            const kj__outline *outline, tensor_list *list,
                            kj__loaded_parts *loaded, kj_error *err)
{
  kj_status status = kj__inner_files_measure(file, outline, &list->files, err);
  list_tensors(list, &loaded->parts, outline->shape);
  if (status == KJ_OK)
    status = kj__safetensors_match(file, list->view, list->n, err);
  if (status == KJ_OK)
    status = kj__loaded_allocate(loaded, outline->shape, err);
  if (status == KJ_OK)
    status = kj__stored_create(loaded->parts.weights, outline->shape,
                               loaded->parts.n_parts, &list->stored, err);
  if (status != KJ_OK)
    return status;
  list_tensors(list, &loaded->parts, outline->shape);
  kj__safetensors_copy(file, list->view, list->n);
  for (size_t k = 0; k < loaded->parts.n_targets; k++) {
    loaded->parts.slope[k] = list->calibration[k][0];
    loaded->parts.offset[k] = list->calibration[k][1];
  }
  for (size_t p = 0; p < loaded->parts.n_parts; p++)
    kj__stored_widen(&list->stored, loaded->parts.weights, p, loaded->scale[p],
                     loaded->network[p]);
  return check_finite(list, err);
}

/* How deep inside a model another one is. */
typedef enum depth { WHOLE, INSIDE, INNERMOST } depth;

static kj_status parse(const void *data, size_t size, depth at, kj_model **out,
                       kj_error *err);

static kj_status load_one(const tensor_list *list, size_t slot, depth at,
                          kj_model *model, kj_error *err)
{
  char name[KJ__TENSOR_NAME_SIZE];
  kj_model **inner = &model->inner[slot];
  kj_status status =
      parse(list->files.data[slot], list->files.size[slot], at, inner, err);
  if (status == KJ_OK)
    status = kj__inner_check(&model->outline.card, &(*inner)->outline.card,
                             slot, err);
  kj__inner_name(slot, name);
  return status == KJ_OK ? KJ_OK : kj__fail_in(err, status, "%s", name);
}

/* The models inside, which the parts then point to. A member has none inside
 * it, a component may have members. */
static kj_status load_inner(const tensor_list *list, depth at, kj_model *model,
                            kj_estimator_parts *parts, kj_error *err)
{
  kj_status status = KJ_OK;
  for (size_t i = 0; i < KJ__N_INNER && status == KJ_OK; i++) {
    if (!list->files.data[i])
      continue;
    const bool is_component = i < KJ_N_COMPONENTS;
    if (at == INNERMOST || (is_component && at != WHOLE))
      return kj__fail(err, KJ_EFORMAT, "has others inside itself");
    status = load_one(list, i, is_component ? INSIDE : INNERMOST, model, err);
    if (status != KJ_OK)
      break;
    kj__inner_set_card(&model->outline.card, i, &model->inner[i]->outline.card);
    kj__inner_set(parts, i, model->inner[i]->estimator);
  }
  return status;
}

/* The estimator has copied those inside: theirs are not needed any more. */
static void release_inner(kj_model *model)
{
  for (size_t i = 0; i < KJ__N_INNER; i++)
    if (model->inner[i]) {
      kj_estimator_destroy(model->inner[i]->estimator);
      model->inner[i]->estimator = NULL;
    }
}

static kj_status load_estimator(const kj__safetensors *file, depth at,
                                kj_model *model, kj_error *err)
{
  kj__loaded_parts loaded = {.parts = model->outline.parts};
  tensor_list *list = kj__allocate(NULL, 1, sizeof *list);
  if (!list)
    return kj__fail_memory(err, "the list of tensors");
  kj_status status = load_parts(file, &model->outline, list, &loaded, err);
  if (status == KJ_OK)
    status = load_inner(list, at, model, &loaded.parts, err);
  if (status == KJ_OK)
    status = kj_estimator_create(&loaded.parts, NULL, &model->estimator, err);
  release_inner(model);
  kj__loaded_release(&loaded);
  release_list(list);
  return status;
}

static kj_status parse(const void *data, size_t size, depth at, kj_model **out,
                       kj_error *err)
{
  kj__safetensors file = {0};
  kj_model *model = kj__allocate(NULL, 1, sizeof *model);
  if (!model)
    return kj__fail_memory(err, "a model");
  kj_status status = kj__safetensors_parse(data, size, &file, err);
  if (status == KJ_OK)
    status = kj__outline_read(file.metadata, &model->outline, err);
  if (status == KJ_OK)
    status = load_estimator(&file, at, model, err);
  kj__safetensors_clear(&file);
  if (status == KJ_OK)
    *out = model;
  else
    kj_model_destroy(model);
  return status;
}

kj_status kj_model_parse(const void *data, size_t size, const char *name,
                         kj_model **out, kj_error *err)
{
  const kj_status status = parse(data, size, WHOLE, out, err);
  return status == KJ_OK
             ? KJ_OK
             : kj__fail_in(err, status == KJ_EMEMORY ? KJ_EMEMORY : KJ_EMODEL,
                           "%s", name);
}

kj_status kj_model_read(const char *path, kj_model **out, kj_error *err)
{
  char *data = NULL;
  size_t size = 0;
  kj_status status =
      kj__file_read(path, KJ__MAX_TENSOR_FILE, &data, &size, err);
  if (status == KJ_OK)
    status = kj_model_parse(data, size, path, out, err);
  free(data);
  return status;
}

void kj_model_destroy(kj_model *model)
{
  if (!model)
    return;
  for (size_t i = 0; i < KJ__N_INNER; i++)
    kj_model_destroy(model->inner[i]);
  kj_estimator_destroy(model->estimator);
  kj__outline_clear(&model->outline);
  free(model);
}

const kj_estimator *kj_model_estimator(const kj_model *model)
{
  return model->estimator;
}

const kj_model_card *kj_model_get_card(const kj_model *model)
{
  return &model->outline.card;
}

const char *kj_model_kanjo_version(const kj_model *model)
{
  return model->outline.kanjo_version;
}

/* ---- writing ---- */

static kj_status build(const kj_estimator_parts *parts,
                       const kj_model_card *card, uint8_t **bytes, size_t *size,
                       kj_error *err);

/* The model file of each that is inside. */
static kj_status build_inner(const kj_estimator_parts *parts,
                             const kj_model_card *card, kj__inner_files *files,
                             kj_error *err)
{
  char name[KJ__TENSOR_NAME_SIZE];
  kj_status status = KJ_OK;
  for (size_t i = 0; i < KJ__N_INNER && status == KJ_OK; i++) {
    const kj_estimator *estimator = kj__inner_estimator(parts, i);
    const kj_model_card *inner = kj__inner_card(card, i);
    if (!estimator)
      continue;
    kj__inner_name(i, name);
    if (!inner)
      return kj__fail(err, KJ_EARGUMENT, "%s has no card", name);
    status = build(kj_estimator_get_parts(estimator), inner, &files->data[i],
                   &files->size[i], err);
    if (status != KJ_OK)
      kj__fail_in(err, status, "%s", name);
  }
  return status;
}

static kj_status fill_list(tensor_list *list, kj_estimator_parts *parts,
                           kj_error *err)
{
  kj_network_shape shapes[KJ_MAX_TARGETS];
  for (size_t p = 0; p < parts->n_parts; p++)
    shapes[p] = parts->part[p].network->shape;
  const kj_status status = kj__stored_create(
      parts->weights, shapes, parts->n_parts, &list->stored, err);
  if (status != KJ_OK)
    return status;
  kj__stored_narrow(&list->stored, parts);
  list_tensors(list, parts, shapes);
  for (size_t k = 0; k < parts->n_targets; k++) {
    list->calibration[k][0] = parts->slope[k];
    list->calibration[k][1] = parts->offset[k];
  }
  return KJ_OK;
}

static kj_status build(const kj_estimator_parts *parts,
                       const kj_model_card *card, uint8_t **bytes, size_t *size,
                       kj_error *err)
{
  kj_estimator_parts copy = *parts;
  json_t *metadata = NULL;
  tensor_list *list = kj__allocate(NULL, 1, sizeof *list);
  if (!list)
    return kj__fail_memory(err, "the list of tensors");
  kj_status status = kj__metadata_make(parts, card, &metadata, err);
  if (status == KJ_OK)
    status = build_inner(parts, card, &list->files, err);
  if (status == KJ_OK)
    status = fill_list(list, &copy, err);
  if (status == KJ_OK)
    status =
        kj__safetensors_build(list->view, list->n, metadata, bytes, size, err);
  json_decref(metadata);
  release_list(list);
  return status;
}

/* What we would refuse to read, we do not write. */
static kj_status read_back(const char *path, const uint8_t *bytes, size_t size,
                           kj_error *err)
{
  kj_model *model = NULL;
  const kj_status status = kj_model_parse(bytes, size, path, &model, err);
  kj_model_destroy(model);
  return status == KJ_EMODEL
             ? kj__fail_in(err, KJ_EARGUMENT, "cannot be a model")
             : status;
}

kj_status kj_model_write(const char *path, const kj_estimator *estimator,
                         const kj_model_card *card, kj_error *err)
{
  uint8_t *bytes = NULL;
  size_t size = 0;
  kj_status status =
      build(kj_estimator_get_parts(estimator), card, &bytes, &size, err);
  if (status == KJ_OK)
    status = read_back(path, bytes, size, err);
  if (status == KJ_OK)
    status = kj__safetensors_save(path, bytes, size, err);
  free(bytes);
  return status;
}
