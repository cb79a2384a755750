/*
 * direction.c: r = epsilon g / |g|, and which g a smoothing takes.
 *
 * Source: Kuwahara et al., ICAART 2020: AT (2)-(4), VAT (5)-(10). The paper
 * does not say what to do where g is 0; a random r is Kanjo's choice.
 */
#include "smoothing/direction.h"
#include "smoothing/perturbation.h"

typedef void direction_of(const kj__part *part, kj_real *g);

/* The direction of each kind; VAT's own are in the next table. */
static direction_of *const DIRECTION[] = {
    [KJ_SMOOTHING_NOISE] = kj__direction_noise,
    [KJ_SMOOTHING_AT] = kj__direction_adversarial,
};

static direction_of *const VIRTUAL_DIRECTION[] = {
    [KJ_DIRECTION_EXACT] = kj__direction_exact,
    [KJ_DIRECTION_POWER] = kj__direction_power,
};

void kj__direction_noise(const kj__part *part, kj_real *g)
{
  for (size_t i = 0; i < part->n_rows; i++)
    kj__random_vector(kj__row_stream(part->seed, part->step, part->row_id[i]),
                      part->n_in, 1.0, g + i * part->n_in);
}

void kj__perturbations(const kj__part *part, kj_real *r)
{
  const kj_smoothing *s = part->smoothing;
  direction_of *const direction = s->kind == KJ_SMOOTHING_VAT
                                      ? VIRTUAL_DIRECTION[s->direction]
                                      : DIRECTION[s->kind];
  direction(part, r);
  for (size_t i = 0; i < part->n_rows; i++) {
    kj_real *r_i = r + i * part->n_in;
    if (!kj__scale_to(r_i, part->n_in, s->epsilon))
      kj__random_vector(kj__row_stream(part->seed, part->step, part->row_id[i]),
                        part->n_in, s->epsilon, r_i);
  }
}
