/*
 * parts.c: are these the parts of an estimator?
 *
 * Every count, name and number is checked here, once, before anything is
 * copied; the files beside this one trust what has passed.
 */
#include "estimator/parts.h"

#include "base/error.h"
#include <math.h>
#include <string.h>

static kj_status check_count(const char *what, size_t value, size_t largest,
                             kj_error *err)
{
  if (value < 1 || value > largest)
    return kj__fail(err, KJ_EARGUMENT, "%s is %zu; must be 1..%zu", what, value,
                    largest);
  return KJ_OK;
}

static kj_status check_name(const kj_estimator_parts *parts, size_t k,
                            kj_error *err)
{
  const char *name = parts->target[k];
  if (!memchr(name, '\0', KJ_TARGET_NAME_SIZE))
    return kj__fail(err, KJ_EARGUMENT,
                    "name of target %zu is too long; at most %d bytes", k,
                    KJ_TARGET_NAME_SIZE - 1);
  if (name[0] == '\0')
    return kj__fail(err, KJ_EARGUMENT, "name of target %zu is empty", k);
  for (const char *c = name; *c; c++)
    if ((unsigned char)*c < 0x20 || *c == 0x7f)
      return kj__fail(err, KJ_EARGUMENT,
                      "name of target %zu has the control character 0x%02x", k,
                      (unsigned)*c);
  for (size_t i = 0; i < k; i++)
    if (strcmp(parts->target[i], name) == 0)
      return kj__fail(err, KJ_EARGUMENT, "targets %zu and %zu are both \"%s\"",
                      i, k, name);
  return KJ_OK;
}

static kj_status check_targets(const kj_estimator_parts *parts, kj_error *err)
{
  kj_status status =
      check_count("n_targets", parts->n_targets, KJ_MAX_TARGETS, err);
  for (size_t k = 0; k < parts->n_targets && status == KJ_OK; k++) {
    status = check_name(parts, k, err);
    if (status != KJ_OK)
      break;
    if (!isfinite(parts->slope[k]) || !isfinite(parts->offset[k]))
      status = kj__fail(err, KJ_EARGUMENT,
                        "calibration of %s is slope %g, offset %g; "
                        "must be finite",
                        parts->target[k], parts->slope[k], parts->offset[k]);
  }
  return status;
}

static kj_status check_scaler(const kj_scaler *scaler, kj_error *err)
{
  const kj_status status =
      check_count("scaler.n", scaler->n, KJ_MAX_INPUTS, err);
  if (status != KJ_OK)
    return status;
  if (!(scaler->clip > 0.0f) || !isfinite(scaler->clip))
    return kj__fail(err, KJ_EARGUMENT,
                    "scaler.clip is %g; must be above 0 and finite",
                    (double)scaler->clip);
  for (size_t j = 0; j < scaler->n; j++) {
    const float mean = scaler->mean[j], inverse_sd = scaler->inverse_sd[j];
    if (!isfinite(mean))
      return kj__fail(err, KJ_EARGUMENT,
                      "scaler.mean of column %zu is %g; must be finite", j,
                      (double)mean);
    if (!isfinite(inverse_sd) || inverse_sd < 0.0f)
      return kj__fail(err, KJ_EARGUMENT,
                      "scaler.inverse_sd of column %zu is %g; "
                      "must be at least 0 and finite",
                      j, (double)inverse_sd);
  }
  return KJ_OK;
}

static size_t outputs_each(const kj_estimator_parts *parts)
{
  return parts->predicts_sd ? 2 : 1;
}

static kj_status check_part(const kj_estimator_parts *parts, size_t p,
                            size_t n_covered, kj_error *err)
{
  const kj_estimator_part *part = &parts->part[p];
  if (!part->network)
    return kj__fail(err, KJ_EARGUMENT, "network %zu is NULL", p);
  const kj_network_shape *shape = &part->network->shape;
  if (kj_network_shape_check(shape, err) != KJ_OK)
    return kj__fail_in(err, KJ_ESHAPE, "network %zu", p);
  if (shape->width[0] != parts->scaler.n)
    return kj__fail(err, KJ_ESHAPE,
                    "network %zu has %zu inputs; the scaler has %zu columns", p,
                    shape->width[0], parts->scaler.n);
  if (part->first_target != n_covered)
    return kj__fail(err, KJ_ESHAPE,
                    "network %zu starts at target %zu; must be %zu, "
                    "so that every target is covered once and in order",
                    p, part->first_target, n_covered);
  if (kj__outputs(shape) > (parts->n_targets - n_covered) * outputs_each(parts))
    return kj__fail(err, KJ_ESHAPE,
                    "network %zu has %zu outputs from target %zu on; "
                    "there are %zu targets, of %zu outputs each",
                    p, kj__outputs(shape), n_covered, parts->n_targets,
                    outputs_each(parts));
  if (kj__outputs(shape) % outputs_each(parts) != 0)
    return kj__fail(err, KJ_ESHAPE,
                    "network %zu has %zu outputs; must be an even number where "
                    "deviations are predicted",
                    p, kj__outputs(shape));
  const kj_status status = kj__part_weights_check(part, parts->weights, err);
  return status == KJ_OK ? KJ_OK : kj__fail_in(err, status, "network %zu", p);
}

static kj_status check_cover(const kj_estimator_parts *parts, kj_error *err)
{
  kj_status status =
      check_count("n_parts", parts->n_parts, parts->n_targets, err);
  size_t n_covered = 0;
  for (size_t p = 0; p < parts->n_parts && status == KJ_OK; p++) {
    status = check_part(parts, p, n_covered, err);
    if (status == KJ_OK)
      n_covered += kj__part_targets(parts, p);
  }
  if (status == KJ_OK && n_covered != parts->n_targets)
    return kj__fail(err, KJ_ESHAPE,
                    "the networks have outputs for %zu targets together; "
                    "there are %zu targets",
                    n_covered, parts->n_targets);
  return status;
}

static kj_status check_choices(const kj_estimator_parts *parts, kj_error *err)
{
  const unsigned normalisation = (unsigned)parts->normalisation;
  if (normalisation > KJ_NORMALISE_SPEAKER)
    return kj__fail(err, KJ_EARGUMENT, "normalisation is %u; must be 0..%d",
                    normalisation, KJ_NORMALISE_SPEAKER);
  if (!kj_weights_name(parts->weights))
    return kj__fail(err, KJ_EARGUMENT, "weights is %u; must be 0..%d",
                    (unsigned)parts->weights, KJ_N_WEIGHTS - 1);
  if (!kj_link_name(parts->link))
    return kj__fail(err, KJ_EARGUMENT, "link is %u; no such link",
                    (unsigned)parts->link);
  if (parts->predicts_sd && parts->link != KJ_LINK_IDENTITY)
    return kj__fail(err, KJ_EARGUMENT,
                    "a probability has no predicted deviation");
  return KJ_OK;
}

static kj_status check_residuals(const kj_estimator_parts *parts, kj_error *err)
{
  kj_status status = KJ_OK;
  for (size_t k = 0; k < parts->n_targets && status == KJ_OK; k++) {
    status = kj__residuals_check(&parts->residuals[k], err);
    if (status == KJ_OK && parts->residuals[k].is_relative &&
        !parts->predicts_sd)
      status = kj__fail(err, KJ_EARGUMENT,
                        "residuals of %s are relative to deviations that are "
                        "not predicted",
                        parts->target[k]);
  }
  return status;
}

kj_status kj__estimator_parts_check(const kj_estimator_parts *parts,
                                    kj_error *err)
{
  kj_status status = check_choices(parts, err);
  if (status == KJ_OK)
    status = check_targets(parts, err);
  if (status == KJ_OK)
    status = check_scaler(&parts->scaler, err);
  if (status == KJ_OK)
    status = check_cover(parts, err);
  if (status == KJ_OK)
    status = check_residuals(parts, err);
  if (status == KJ_OK)
    status = kj__novelty_check(&parts->novelty, parts->scaler.n, err);
  if (status == KJ_OK)
    status = kj__ensemble_check(parts, err);
  return status == KJ_OK ? kj__routing_check(parts, err) : status;
}
