/*
 * baseline.c: the rows that every table begins with, as networks without a
 * hidden layer: the mean rating, and ridge regression.
 */
#include "experiment/fit_state.h"

#include "base/error.h"
#include "base/memory.h"
#include "kanjo/ridge.h"

#include <stdlib.h>

static double mean_rating(const kj__fit_rows *rows)
{
  double sum = 0.0, weights = 0.0;
  for (size_t i = 0; i < rows->n_train; i++) {
    sum += (double)rows->weight[i] * (double)rows->y[i];
    weights += (double)rows->weight[i];
  }
  return sum / weights;
}

/* The arrays that the ridge wants, of the training rows of a part. */
typedef struct ridge_arrays {
  double *y, *weight, *solution;
  size_t *group;
} ridge_arrays;

static void fill(const kj_fit *fit, const kj__fit_rows *rows,
                 ridge_arrays *arrays)
{
  for (size_t i = 0; i < rows->n_train; i++) {
    const size_t row = fit->index[rows->row[i]];
    arrays->y[i] = (double)rows->y[i];
    arrays->weight[i] = (double)rows->weight[i];
    arrays->group[i] = fit->data->row[row].group[KJ_GROUP_SPEAKER];
  }
}

static kj_status fit_ridge(const kj_fit *fit, kj__fit_part *part,
                           ridge_arrays *arrays, kj_error *err)
{
  const kj_ridge_problem problem = {.x = part->rows.x,
                                    .y = arrays->y,
                                    .weight = arrays->weight,
                                    .group = arrays->group,
                                    .n_rows = part->rows.n_train,
                                    .n_in = fit->data->n_inputs};
  double intercept = 0.0;
  fill(fit, &part->rows, arrays);
  const kj_status status =
      kj_ridge_fit(&problem, arrays->solution, &intercept, &part->penalty, err);
  if (status != KJ_OK)
    return status;
  kj_real *weights = kj_network_weights(part->baseline, 0);
  for (size_t j = 0; j < problem.n_in; j++)
    weights[j] = (kj_real)arrays->solution[j];
  kj_network_biases(part->baseline, 0)[0] = (kj_real)intercept;
  return KJ_OK;
}

kj_status kj__fit_baseline(const kj_fit *fit, kj__fit_part *part, kj_error *err)
{
  const kj_network_shape shape = kj__fit_shape(fit, part);
  kj_status status = kj_network_create(&shape, NULL, &part->baseline, err);
  if (status != KJ_OK)
    return status;
  if (fit->options.method == KJ_METHOD_CONSTANT) {
    kj_network_biases(part->baseline, 0)[0] = (kj_real)mean_rating(&part->rows);
    return KJ_OK;
  }
  const size_t n = part->rows.n_train;
  ridge_arrays arrays = {
      .y = kj__allocate(NULL, n, sizeof(double)),
      .weight = kj__allocate(NULL, n, sizeof(double)),
      .solution = kj__allocate(NULL, fit->data->n_inputs, sizeof(double)),
      .group = kj__allocate(NULL, n, sizeof(size_t))};
  if (arrays.y && arrays.weight && arrays.solution && arrays.group)
    status = fit_ridge(fit, part, &arrays, err);
  else
    status = kj__fail_memory(err, "a ridge regression");
  kj__release(NULL, arrays.y);
  kj__release(NULL, arrays.weight);
  kj__release(NULL, arrays.solution);
  kj__release(NULL, arrays.group);
  return status;
}
