/*
 * presets.c: the presets of train and cross-validate.
 *
 * paper: Kuwahara et al., ICAART 2020: section 3 (network, loss), figures 3
 * and 4 (lambda, epsilon), equations (5)-(10) with the power iteration of
 * Miyato et al., arXiv 1507.00677. It names what the paper states, be it the
 * default or not, so that it stays the paper's whatever becomes of defaults.
 */
#include "cli/presets.h"

static const cli_preset_option PAPER[] = {
    {"hidden", "1200,600"}, {"output-activation", "relu"},
    {"loss", "mse"},        {"smoothing", "vat"},
    {"lambda", "1.5"},      {"epsilon", "1.5"},
    {"sigma", "1"},         {"direction", "power"},
    {"xi", "1e-3"},         {"power-iterations", "1"},
    {NULL, NULL},
};

const cli_preset_option *cli_preset_options(int index)
{
  static const cli_preset_option *const PRESETS[] = {
#define OPTIONS_OF(name, options) options,
      CLI_PRESET_LIST(OPTIONS_OF)
#undef OPTIONS_OF
  };
  return PRESETS[index];
}
