/* work.h: the parts of a step, cut into pieces for a crew of threads. */
#ifndef KJ_SMOOTHING_WORK_H
#define KJ_SMOOTHING_WORK_H

#include "base/crew.h"
#include "network/kernels.h"
#include <stddef.h>

/* Units of a layer in one piece: few enough for 600 units to occupy eight
 * threads, many enough for the register tiles of the kernels. */
enum { KJ__UNITS = 2 * KJ__STRIP };

/* Something that is done for 0..n, any range by itself, in any order. */
typedef struct kj__work {
  void (*run)(const void *context, size_t first, size_t last);
  const void *context;
  size_t n;
  size_t grain; /* a piece begins at a multiple of this */
} kj__work;

/* Do all works, of which none needs another. Without a crew each is one piece:
 * products block better so. */
void kj__work_run(kj__crew *crew, const kj__work *works, size_t n_works);

#endif
