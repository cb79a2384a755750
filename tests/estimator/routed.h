/* routed.h: a small estimator with a gate and experts, for the tests of this
 * room and of the model. */
#ifndef KJ_TESTS_ESTIMATOR_ROUTED_H
#define KJ_TESTS_ESTIMATOR_ROUTED_H

#include "estimator/support.h"

/* An estimator of one network with n_in features and a scaler of its own. */
static inline kj_estimator *small_estimator(size_t n_in,
                                            const char *const *name,
                                            size_t n_targets, kj_link link,
                                            uint64_t seed)
{
  const kj_network_shape shape = {
      .n_layers = 2, .width = {n_in, 4, n_targets}, KJ_ACTIVATION_LINEAR};
  kj__random random = test_stream(seed, 5);
  kj_network *network = random_network(&shape, &random);
  float mean[SAMPLE_INPUTS + 1], inverse_sd[SAMPLE_INPUTS + 1];
  for (size_t j = 0; j < n_in; j++) {
    mean[j] = (float)kj__random_normal(&random);
    inverse_sd[j] = (float)(0.1 + kj__random_uniform(&random));
  }
  kj_estimator_parts parts = {
      .n_targets = n_targets,
      .n_parts = 1,
      .scaler = {n_in, mean, inverse_sd, KJ_SCALER_CLIP},
      .link = link,
      .part = {{.network = network}}};
  for (size_t k = 0; k < n_targets; k++) {
    strcpy(parts.target[k], name[k]);
    parts.slope[k] = 1.5;
    parts.offset[k] = 0.25;
  }
  kj_estimator *estimator = new_estimator(&parts);
  kj_network_destroy(network);
  return estimator;
}

static const char *const ROUTED_TARGETS[] = {"valence", "activation",
                                             "dominance"};
static const char *const GATE_TARGET[] = {KJ_SPONTANEOUS};

/* The components by themselves, each with other weights and another scaler. */
typedef struct routed {
  kj_estimator *component[KJ_N_COMPONENTS], *plain;
} routed;

static inline routed new_routed(uint64_t seed)
{
  return (routed){
      .plain = sample_estimator(seed),
      .component = {[KJ_COMPONENT_SCRIPTED] = sample_estimator(seed + 1),
                    [KJ_COMPONENT_SPONTANEOUS] = sample_estimator(seed + 2),
                    [KJ_COMPONENT_GATE] = small_estimator(
                        SAMPLE_INPUTS, GATE_TARGET, 1, KJ_LINK_LOGIT, seed + 3),
                    [KJ_COMPONENT_INFORMED] = small_estimator(
                        SAMPLE_INPUTS + 1, ROUTED_TARGETS, SAMPLE_TARGETS,
                        KJ_LINK_IDENTITY, seed + 4)}};
}

static inline void routed_clear(routed *r)
{
  for (size_t c = 0; c < KJ_N_COMPONENTS; c++)
    kj_estimator_destroy(r->component[c]);
  kj_estimator_destroy(r->plain);
}

static inline kj_estimator_parts routed_parts(const routed *r, kj_route route)
{
  kj_estimator_parts parts = *kj_estimator_get_parts(r->plain);
  parts.routing.route = route;
  for (size_t c = 0; c < KJ_N_COMPONENTS; c++)
    parts.routing.component[c] = r->component[c];
  return parts;
}

static inline kj_estimator *routed_estimator(uint64_t seed, kj_route route)
{
  routed r = new_routed(seed);
  const kj_estimator_parts parts = routed_parts(&r, route);
  kj_estimator *estimator = new_estimator(&parts);
  routed_clear(&r);
  return estimator;
}

#endif
