/*
 * schedule.c: how many steps there are, and the learning rate of each.
 *
 * cosine: rate * (1 + cos(pi step / n_steps)) / 2, from the rate at the first
 * step towards 0 after the last. Source: Loshchilov & Hutter, SGDR, 2017,
 * equation (5) with one period and a lowest rate of 0.
 */
#include "training/state.h"

#include <math.h>

uint64_t kj__training_steps_per_epoch(const kj_trainer *t)
{
  const uint64_t rows = t->data.train.n_rows;
  return (rows + t->options.batch - 1) / t->options.batch;
}

double kj__schedule_rate(kj_schedule schedule, double rate, uint64_t step,
                         uint64_t n_steps)
{
  const double pi = 3.14159265358979323846;
  if (schedule == KJ_SCHEDULE_CONSTANT)
    return rate;
  return rate * 0.5 * (1.0 + cos(pi * (double)step / (double)n_steps));
}
