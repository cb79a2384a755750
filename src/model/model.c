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
#include "model/metadata.h"
#include "model/safetensors.h"
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(kj_real) == sizeof(float), "networks are stored as F32");

enum {
  /* calibration, mean, inverse_sd; weight and bias of every layer */
  MAX_TENSORS = 3 + KJ_MAX_TARGETS * KJ_MAX_LAYERS * 2,
  CALIBRATION_COLUMNS = 2 /* slope, offset */
};

struct kj_model {
  kj__outline outline;
  kj_estimator *estimator;
};

/* All tensors of a model, and the calibration as one of them. */
typedef struct tensor_list {
  kj__tensor_view view[MAX_TENSORS];
  size_t n;
  double calibration[KJ_MAX_TARGETS][CALIBRATION_COLUMNS];
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

static void append_layer(tensor_list *list, const kj_network_shape *shape,
                         const kj_network *network, size_t n, size_t layer)
{
  const size_t n_in = shape->width[layer], n_out = shape->width[layer + 1];
  kj__tensor_view *weight =
      append(list, KJ__F32, 2, n_out, n_in,
             network ? kj_network_weights(network, layer) : NULL);
  snprintf(weight->name, sizeof weight->name, "network%zu.layer%zu.weight", n,
           layer);
  kj__tensor_view *bias =
      append(list, KJ__F32, 1, n_out, 0,
             network ? kj_network_biases(network, layer) : NULL);
  snprintf(bias->name, sizeof bias->name, "network%zu.layer%zu.bias", n, layer);
}

/* Where the parts have no memory yet, the views lead nowhere. */
static void list_tensors(tensor_list *list, const kj_estimator_parts *parts,
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
  for (size_t p = 0; p < parts->n_parts; p++)
    for (size_t l = 0; l < shapes[p].n_layers; l++)
      append_layer(list, &shapes[p], parts->part[p].network, p, l);
}

static double value_at(const kj__tensor_view *view, size_t i)
{
  return view->dtype == KJ__F64 ? ((const double *)view->data)[i]
                                : (double)((const float *)view->data)[i];
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

/* ---- reading ---- */

/* Memory for the numbers that the outline's parts have none for. */
typedef struct loaded_parts {
  kj_estimator_parts parts;
  kj_network *network[KJ_MAX_TARGETS];
} loaded_parts;

static kj_status allocate_parts(loaded_parts *loaded,
                                const kj_network_shape *shapes, kj_error *err)
{
  kj_scaler *scaler = &loaded->parts.scaler;
  scaler->mean = kj__allocate(NULL, scaler->n, sizeof *scaler->mean);
  scaler->inverse_sd = kj__allocate(NULL, scaler->n, sizeof *scaler->mean);
  if (!scaler->mean || !scaler->inverse_sd)
    return kj__fail_memory(err, "a scaler");
  for (size_t p = 0; p < loaded->parts.n_parts; p++) {
    const kj_status status =
        kj_network_create(&shapes[p], NULL, &loaded->network[p], err);
    if (status != KJ_OK)
      return status;
    loaded->parts.part[p].network = loaded->network[p];
  }
  return KJ_OK;
}

static void release_parts(loaded_parts *loaded)
{
  for (size_t p = 0; p < KJ_MAX_TARGETS; p++)
    kj_network_destroy(loaded->network[p]);
  free(loaded->parts.scaler.inverse_sd);
  free(loaded->parts.scaler.mean);
}

/* Only after the file has matched is memory taken for what it holds. */
static kj_status load_parts(const kj__safetensors *file,
                            const kj__outline *outline, tensor_list *list,
                            loaded_parts *loaded, kj_error *err)
{
  list_tensors(list, &loaded->parts, outline->shape);
  kj_status status = kj__safetensors_match(file, list->view, list->n, err);
  if (status == KJ_OK)
    status = allocate_parts(loaded, outline->shape, err);
  if (status != KJ_OK)
    return status;
  list_tensors(list, &loaded->parts, outline->shape);
  kj__safetensors_copy(file, list->view, list->n);
  for (size_t k = 0; k < loaded->parts.n_targets; k++) {
    loaded->parts.slope[k] = list->calibration[k][0];
    loaded->parts.offset[k] = list->calibration[k][1];
  }
  return check_finite(list, err);
}

static kj_status load_estimator(const kj__safetensors *file,
                                const kj__outline *outline, kj_estimator **out,
                                kj_error *err)
{
  loaded_parts loaded = {.parts = outline->parts};
  tensor_list *list = kj__allocate(NULL, 1, sizeof *list);
  if (!list)
    return kj__fail_memory(err, "the list of tensors");
  kj_status status = load_parts(file, outline, list, &loaded, err);
  if (status == KJ_OK)
    status = kj_estimator_create(&loaded.parts, NULL, out, err);
  release_parts(&loaded);
  free(list);
  return status;
}

kj_status kj_model_parse(const void *data, size_t size, const char *name,
                         kj_model **out, kj_error *err)
{
  kj__safetensors file = {0};
  kj_model *model = kj__allocate(NULL, 1, sizeof *model);
  if (!model)
    return kj__fail_memory(err, name);
  kj_status status = kj__safetensors_parse(data, size, &file, err);
  if (status == KJ_OK)
    status = kj__outline_read(file.metadata, &model->outline, err);
  if (status == KJ_OK)
    status = load_estimator(&file, &model->outline, &model->estimator, err);
  kj__safetensors_clear(&file);
  if (status == KJ_OK) {
    *out = model;
    return KJ_OK;
  }
  kj_model_destroy(model);
  return kj__fail_in(err, status == KJ_EMEMORY ? KJ_EMEMORY : KJ_EMODEL, "%s",
                     name);
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

static kj_status build(const kj_estimator_parts *parts, json_t *metadata,
                       uint8_t **bytes, size_t *size, kj_error *err)
{
  kj_network_shape shapes[KJ_MAX_TARGETS];
  for (size_t p = 0; p < parts->n_parts; p++)
    shapes[p] = parts->part[p].network->shape;
  tensor_list *list = kj__allocate(NULL, 1, sizeof *list);
  if (!list)
    return kj__fail_memory(err, "the list of tensors");
  list_tensors(list, parts, shapes);
  for (size_t k = 0; k < parts->n_targets; k++) {
    list->calibration[k][0] = parts->slope[k];
    list->calibration[k][1] = parts->offset[k];
  }
  const kj_status status =
      kj__safetensors_build(list->view, list->n, metadata, bytes, size, err);
  free(list);
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
  const kj_estimator_parts *parts = kj_estimator_get_parts(estimator);
  json_t *metadata = NULL;
  uint8_t *bytes = NULL;
  size_t size = 0;
  kj_status status = kj__metadata_make(parts, card, &metadata, err);
  if (status == KJ_OK)
    status = build(parts, metadata, &bytes, &size, err);
  if (status == KJ_OK)
    status = read_back(path, bytes, size, err);
  if (status == KJ_OK)
    status = kj__safetensors_save(path, bytes, size, err);
  free(bytes);
  json_decref(metadata);
  return status;
}
