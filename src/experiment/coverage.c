/*
 * coverage.c: how often intervals hold the ratings, and whose they miss.
 */
#include "kanjo/coverage.h"
#include "experiment/fit_state.h"

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

double kj_normal_half_width(double level)
{
  double low = 0.0, high = 10.0;
  for (int i = 0; i < 60; i++) { /* 10 / 2^60 */
    const double middle = (low + high) / 2.0;
    *(erf(middle / sqrt(2.0)) < level ? &low : &high) = middle;
  }
  return high;
}

double kj__surprise(double residual, double sd)
{
  const double half_log_2_pi = 0.91893853320467274178;
  const double z = residual / sd;
  return log(sd) + z * z / 2.0 + half_log_2_pi;
}

kj_likelihood kj_likelihood_measure(const kj_covering *c)
{
  kj_likelihood l = {0};
  for (size_t i = 0; i < c->data->n_rows; i++) {
    const double y = (double)c->data->y[i * c->data->n_targets + c->target];
    const double s = c->sd[i * c->stride];
    if (!isfinite(y))
      continue;
    l.nll += kj__surprise(y - c->estimate[i * c->stride], s);
    l.sd += s;
    l.n_rows++;
  }
  l.nll /= (double)l.n_rows;
  l.sd /= (double)l.n_rows;
  return l;
}
