/*
 * rated.c: rows that a model's values are held against.
 */
#include "cli/rated.h"

#include "cli/load.h"
#include "cli/model_input.h"
#include "kanjo/routing.h"

kj_status cli_load_rated(const cli_settings *settings, const char *name,
                         const kj_model *model, const char *path,
                         cli_rated *out, kj_error *err)
{
  const kj_estimator_parts *parts =
      kj_estimator_get_parts(kj_model_estimator(model));
  kj_target_spec targets[KJ_MAX_TARGETS];
  size_t n_targets = 0;
  cli_sound sound;
  kj_status status = cli_model_sound(model, name, &sound, err);
  if (status == KJ_OK)
    status = cli_read_model_targets(settings, parts, targets, &n_targets, err);
  if (status == KJ_OK)
    status = cli_load_labelled(settings, path, targets, n_targets, &sound,
                               &out->loaded, &out->n_dropped, err);
  if (status == KJ_OK)
    status = cli_match_model(model, name, out->loaded, err);
  if (status != KJ_OK || parts->link != KJ_LINK_LOGIT)
    return status;
  return kj_gate_view(out->loaded, &out->kinds, err);
}

const kj_dataset *cli_rated_rows(const cli_rated *rated)
{
  return rated->kinds.y ? &rated->kinds : rated->loaded;
}

void cli_clear_rated(cli_rated *rated)
{
  kj_gate_view_clear(&rated->kinds);
  kj_dataset_destroy(rated->loaded);
  *rated = (cli_rated){0};
}
