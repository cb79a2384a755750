/*
 * statistics.c: functionals.h of every contour; for a set that asks for it, F0
 * and its slope of the voiced rows alone, and positions as shares of the whole.
 */
#include "features/statistics.h"

#include "features/descriptors.h"
#include "features/merge.h"

enum { F0_DELTA = KJ__N_RAW + KJ__F0 };

void kj__statistics_layout(kj__statistics *s, const kj__recipe *recipe,
                           kj__arena *arena)
{
  s->recipe = recipe;
  kj__functionals_layout(&s->contours, recipe->n_contours * recipe->n_stages,
                         arena);
}

void kj__statistics_reset(kj__statistics *s)
{
  kj__functionals_reset(&s->contours);
  s->f0 = s->f0_delta = (kj__voiced){0};
}

void kj__statistics_push(kj__statistics *s, const float *row)
{
  const uint64_t index = s->contours.n;
  kj__functionals_push(&s->contours, row);
  if (s->recipe->sums_up_voiced && row[KJ__F0] > 0.0f) {
    kj__voiced_push(&s->f0, index, row[KJ__F0]);
    kj__voiced_push(&s->f0_delta, index, row[F0_DELTA]);
  }
}

void kj__statistics_merge(kj__statistics *s, const kj__statistics *next)
{
  kj__voiced_merge(&s->f0, &next->f0, s->contours.n);
  kj__voiced_merge(&s->f0_delta, &next->f0_delta, s->contours.n);
  kj__functionals_merge(&s->contours, &next->contours);
}

/* Positions from 0, the first row, to 1, the last. */
static void relate_positions(const kj__functionals *f, float *out)
{
  const float last = f->n > 1 ? (float)(f->n - 1) : 1.0f;
  for (size_t c = 0; c < f->n_contours; c++, out += KJ__N_FUNCTIONALS) {
    if (out[KJ__MAX_POSITION] > 0.0f)
      out[KJ__MAX_POSITION] /= last;
    if (out[KJ__MIN_POSITION] > 0.0f)
      out[KJ__MIN_POSITION] /= last;
  }
}

void kj__statistics_compute(const kj__statistics *s, float *out)
{
  kj__functionals_compute(&s->contours, out);
  if (!s->recipe->sums_up_voiced)
    return;
  kj__voiced_compute(&s->f0, out + KJ__F0 * KJ__N_FUNCTIONALS);
  kj__voiced_compute(&s->f0_delta, out + F0_DELTA * KJ__N_FUNCTIONALS);
  relate_positions(&s->contours, out);
}
