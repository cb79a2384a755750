/*
 * defaults.c: what holds where the command line is silent.
 */
#include "cli/options.h"

#include "kanjo/conversion.h"
#include "kanjo/network.h"
#include "kanjo/smoothing.h"
#include "kanjo/synthesis.h"

cli_settings cli_defaults(void)
{
  const kj_synthesis_options synthesis = kj_synthesis_defaults();
  return (cli_settings){.channel = "mix",
                        .scale = "1:5",
                        .smoothing = -1,
                        .lambda = 1.5,
                        .epsilon = 1.5,
                        .sigma = "1",
                        .xi = 1e-3,
                        .power_iterations = 1,
                        .output_activation = KJ_ACTIVATION_RELU,
                        .epochs = 30,
                        .batch = 32,
                        .learning_rate = 1e-3,
                        .seed = 1,
                        .seeds = 1,
                        .route = -1,
                        .members = 1,
                        .gate_hidden = "1200,600,300",
                        .gate_folds = "speaker:5",
                        .checkpoint_every = "30s",
                        .search_smoothing = KJ_SMOOTHING_VAT,
                        .search_folds = 3,
                        .false_alarms = 0.05,
                        .folds = "speaker",
                        .replicates = 2000,
                        .languages = synthesis.languages,
                        .utterances = synthesis.n_utterances,
                        .speakers = synthesis.n_speakers,
                        .weights = -1,
                        .gate_mae = kj_conversion_defaults().gate_mae,
                        .gate_ccc = kj_conversion_defaults().gate_ccc};
}
