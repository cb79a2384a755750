/*
 * names.c: methods, normalisations, contenders, and the default options.
 */
#include "kanjo/experiment.h"

const char *kj_method_name(kj_method method)
{
  static const char *const names[] = {
#define KJ_METHOD_NAME(id, name) name,
      KJ_METHOD_LIST(KJ_METHOD_NAME)
#undef KJ_METHOD_NAME
  };
  return names[method];
}

const char *kj_normalisation_name(kj_normalisation normalisation)
{
  static const char *const names[] = {"train", "corpus", "speaker"};
  return names[normalisation];
}

const kj_contender KJ_CONTENDERS[] = {
    {"constant", KJ_METHOD_CONSTANT, KJ_SMOOTHING_NONE},
    {"ridge", KJ_METHOD_RIDGE, KJ_SMOOTHING_NONE},
    {"none", KJ_METHOD_NETWORK, KJ_SMOOTHING_NONE},
    {"noise", KJ_METHOD_NETWORK, KJ_SMOOTHING_NOISE},
    {"at", KJ_METHOD_NETWORK, KJ_SMOOTHING_AT},
    {"vat", KJ_METHOD_NETWORK, KJ_SMOOTHING_VAT},
};
const size_t KJ_N_CONTENDERS = sizeof KJ_CONTENDERS / sizeof KJ_CONTENDERS[0];

kj_fit_options kj_fit_defaults(void)
{
  return (kj_fit_options){.method = KJ_METHOD_NETWORK,
                          .n_hidden = 2,
                          .hidden = {1200, 600}, /* the paper, section 4 */
                          .output = KJ_ACTIVATION_RELU,
                          .smoothing = kj_smoothing_defaults(KJ_SMOOTHING_NONE),
                          .loss = KJ_LOSS_MSE,
                          .learning_rate = 1e-3, /* Kingma & Ba's default */
                          .epochs = 30,
                          .batch = 32,
                          .n_threads = 1,
                          .seed = 1};
}
