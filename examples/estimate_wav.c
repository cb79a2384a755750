/* estimate_wav.c: how does a recording sound?   estimate_wav MODEL SOUND */
#include <kanjo/kanjo.h>
#include <stdio.h>
#include <stdlib.h>

static kj_status estimate(const char *model_path, const char *sound,
                          kj_error *err)
{
  kj_model *model = NULL;
  kj_estimator_scratch *scratch = NULL;
  kj_recording recording = {.reason = ""};
  double values[KJ_MAX_TARGETS];

  kj_status status = kj_model_read(model_path, &model, err);
  if (status != KJ_OK)
    return status;
  const kj_model_card *card = kj_model_get_card(model); /* what it wants */
  const kj_estimator *estimator = kj_model_estimator(model);
  const kj_estimator_parts *parts = kj_estimator_get_parts(estimator);
  const kj_recording_options options = {
      .set = kj_feature_set_find(card->feature_set),
      .audio = {.rate_hz = card->rate_hz, .channel = card->channel}};
  float *features = malloc(card->n_columns * sizeof *features);

  status = features ? kj_recording_extract(sound, &options, features,
                                           &recording, err)
                    : KJ_EMEMORY;
  printf("%s: %s %s\n", sound, kj_recording_status_text(recording.status),
         recording.reason);
  if (status == KJ_OK)
    status = kj_estimator_scratch_create(estimator, 1, NULL, &scratch, err);
  if (status == KJ_OK)
    status =
        kj_estimator_estimate(estimator, scratch, features, 1, 0, values, err);
  for (size_t k = 0; status == KJ_OK && k < parts->n_targets; k++)
    printf("%s %.2f on a scale of 1..5\n", parts->target[k], values[k]);

  kj_estimator_scratch_destroy(scratch);
  free(features);
  kj_model_destroy(model);
  return status;
}

int main(int argc, char **argv)
{
  kj_error err = {KJ_EARGUMENT, "usage: estimate_wav MODEL SOUND"};
  if (argc == 3 && estimate(argv[1], argv[2], &err) == KJ_OK)
    return 0;
  fprintf(stderr, "%s\n", err.message);
  return 1;
}
