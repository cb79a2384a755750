/*
 * coverage.c: how often intervals hold the ratings, and whose they miss.
 */
#include "kanjo/coverage.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

static const char *name_of(const kj_row *row, kj_coverage_by by)
{
  switch (by) {
  case KJ_COVERAGE_SPEAKER:
    return row->group_name[KJ_GROUP_SPEAKER];
  case KJ_COVERAGE_GENDER:
    return row->gender;
  case KJ_COVERAGE_CORPUS:
    return row->group_name[KJ_GROUP_CORPUS];
  default:
    return "";
  }
}

/* The count of that name, which is added where it is new; NULL where memory
 * is short. */
static kj_coverage *find(kj_coverage **list, size_t *n, size_t *capacity,
                         const char *name)
{
  for (size_t i = 0; i < *n; i++)
    if (strcmp((*list)[i].name, name) == 0)
      return &(*list)[i];
  void *grown = *list;
  const bool is_room = kj__grow(&grown, capacity, *n + 1, sizeof **list);
  *list = grown;
  if (!is_room)
    return NULL;
  (*list)[*n] = (kj_coverage){.name = name};
  return &(*list)[(*n)++];
}

kj_status kj_coverage_count(const kj_covering *covering, kj_coverage_by by,
                            kj_coverage **out, size_t *n, kj_error *err)
{
  const kj_dataset *data = covering->data;
  kj_coverage *list = NULL;
  size_t n_found = 0, capacity = 0;
  for (size_t i = 0; i < data->n_rows; i++) {
    const double rating =
        (double)data->y[i * data->n_targets + covering->target];
    if (!isfinite(rating))
      continue;
    const char *name = name_of(&data->row[i], by);
    kj_coverage *count = find(&list, &n_found, &capacity, name ? name : "");
    if (!count) {
      kj__release(NULL, list);
      return kj__fail_memory(err, "counts of coverage");
    }
    const double residual =
        fabs(rating - covering->estimate[i * covering->stride]);
    const double unit = covering->sd ? covering->sd[i * covering->stride] : 1.0;
    count->n_rows++;
    count->n_inside += residual <= unit * covering->half_width;
  }
  *out = list;
  *n = n_found;
  return KJ_OK;
}
