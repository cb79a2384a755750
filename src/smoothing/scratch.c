/*
 * scratch.c: the working memory of a training step.
 */
#include "base/error.h"
#include "base/memory.h"
#include "smoothing/step.h"

/* Allocate one block and lay the arrays out in it, one after the other. */
static kj_status create_numbers(kj_stepper *stepper, kj_error *err)
{
  const size_t n_in = stepper->shape.width[0];
  const size_t n_out = stepper->shape.width[stepper->shape.n_layers];
  const struct {
    kj_real **array;
    size_t row_size;
  } layout[] = {
      {&stepper->z, n_out},
      {&stepper->f, n_out},
      {&stepper->f_moved, n_out},
      {&stepper->signal, n_out},
      {&stepper->r, n_in},
      {&stepper->x_moved, n_in},
      {&stepper->jacobian, n_out * n_in},
  };
  enum { N_ARRAYS = sizeof layout / sizeof layout[0] };
  size_t row_size = 0;
  for (size_t i = 0; i < N_ARRAYS; i++)
    row_size += layout[i].row_size;
  stepper->numbers = kj__allocate(&stepper->allocator, stepper->max_rows,
                                  row_size * sizeof *stepper->numbers);
  if (!stepper->numbers)
    return kj__fail_memory(err, "the numbers of a training step");
  kj_real *next = stepper->numbers;
  for (size_t i = 0; i < N_ARRAYS; i++) {
    *layout[i].array = next;
    next += stepper->max_rows * layout[i].row_size;
  }
  return KJ_OK;
}

kj_status kj_stepper_create(const kj_network_shape *shape, size_t max_rows,
                            const kj_allocator *allocator, kj_stepper **out,
                            kj_error *err)
{
  kj_stepper *stepper = kj__allocate(allocator, 1, sizeof *stepper);
  if (!stepper)
    return kj__fail_memory(err, "a training step");
  stepper->allocator = kj__allocator(allocator);
  stepper->shape = *shape;
  stepper->max_rows = max_rows;
  kj_status status = kj_activations_create(shape, max_rows, allocator,
                                           &stepper->activations, err);
  if (status == KJ_OK)
    status = create_numbers(stepper, err);
  if (status != KJ_OK) {
    kj_stepper_destroy(stepper);
    return status;
  }
  *out = stepper;
  return KJ_OK;
}

void kj_stepper_destroy(kj_stepper *stepper)
{
  if (!stepper)
    return;
  const kj_allocator allocator = stepper->allocator;
  kj_activations_destroy(stepper->activations);
  kj__release(&allocator, stepper->numbers);
  kj__release(&allocator, stepper);
}
