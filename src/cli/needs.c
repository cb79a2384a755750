/*
 * needs.c: options that would be of no use without others, so that none is
 * left out in silence.
 */
#include "cli/options.h"

#include "kanjo/estimator.h"
#include "kanjo/smoothing.h"

#include <string.h>

/* Or said to be not: the same command may run through all kinds. */
static bool says_smoothing(const cli_settings *s)
{
  return s->smoothing >= 0 ||
         (s->kind == CLI_KIND_ROUTED && s->gate_smoothing > KJ_SMOOTHING_NONE);
}

static bool has_gate(const cli_settings *s)
{
  return s->kind != CLI_KIND_ESTIMATOR;
}

static bool is_routed(const cli_settings *s)
{
  return s->kind == CLI_KIND_ROUTED;
}

static bool is_informed(const cli_settings *s)
{
  return is_routed(s) && s->route == KJ_ROUTE_FEATURES;
}

static bool knows_novelty(const cli_settings *s)
{
  return s->novelty != NULL;
}

static const struct {
  const char *option;
  bool (*is_met)(const cli_settings *);
  const char *need;
} TRAIN_NEEDS[] = {
    {"lambda", says_smoothing, "--smoothing"},
    {"epsilon", says_smoothing, "--smoothing"},
    {"sigma", says_smoothing, "--smoothing"},
    {"direction", says_smoothing, "--smoothing"},
    {"power-iterations", says_smoothing, "--smoothing"},
    {"xi", says_smoothing, "--smoothing"},
    {"ramp", says_smoothing, "--smoothing"},
    {"relative", says_smoothing, "--smoothing"},
    {"route", is_routed, "--kind routed"},
    {"gate-hidden", has_gate, "--kind gate or routed"},
    {"gate-smoothing", is_routed, "--kind routed"},
    {"gate-epochs", is_routed, "--kind routed"},
    {"gate-folds", is_informed, "--kind routed and --route features"},
    {"false-alarms", knows_novelty, "--novelty"}};

const char *cli_unmet_need(const cli_option *option,
                           const cli_settings *settings)
{
  for (size_t i = 0; i < sizeof TRAIN_NEEDS / sizeof TRAIN_NEEDS[0]; i++)
    if (strcmp(option->name, TRAIN_NEEDS[i].option) == 0 &&
        !TRAIN_NEEDS[i].is_met(settings))
      return TRAIN_NEEDS[i].need;
  return NULL;
}
