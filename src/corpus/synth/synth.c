/*
 * synth.c: plan, make the folder, record every utterance on a few threads,
 * write the tables.
 */
#include "kanjo/synthesis.h"

#include "base/error.h"
#include "base/pool.h"
#include "corpus/synth/folder.h"
#include "corpus/synth/plan.h"
#include "corpus/synth/recording.h"
#include "corpus/synth/tables.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* The recordings being made. */
typedef struct studio {
  const kj_synthesis_options *options;
  const kj__synth_folder *folder;
  kj__synth_plan *plan;
  pthread_mutex_t lock; /* of all below and the callbacks */
  size_t n_done;
  size_t failed_index; /* the lowest that failed */
  kj_error error;      /* of it */
  bool is_stopped;
} studio;

kj_synthesis_options kj_synthesis_defaults(void)
{
  return (kj_synthesis_options){.languages = "en,ja",
                                .n_utterances = 600,
                                .n_speakers = 10,
                                .seed = 1,
                                .spontaneity_shift = true,
                                .n_threads = 1};
}

static kj_status record(const studio *s, const kj__synth_part *part,
                        kj__synth_utterance *u, kj_error *err)
{
  const kj__synth_speech speech = {.language = part->language->code,
                                   .variant = part->speaker[u->speaker].variant,
                                   .markup = u->markup,
                                   .voice = &u->voice};
  const kj__synth_path path = kj__synth_path_of_sound(s->folder, part, u);
  kj__random noise = u->noise;
  kj__synth_sound sound = {0};
  kj_status status = kj__synth_speech_say(&speech, &sound, err);
  if (status == KJ_OK)
    status = kj__synth_recording_make(&sound, &u->voice, &part->language->room,
                                      &noise, err);
  if (status == KJ_OK)
    status = kj__synth_recording_write(&sound, path.text, err);
  if (status == KJ_OK)
    u->seconds = (double)sound.n / sound.rate_hz;
  free(sound.samples);
  return status == KJ_OK ? status : kj__fail_in(err, status, "%s", u->name);
}

static bool is_stopped(studio *s)
{
  pthread_mutex_lock(&s->lock);
  if (!s->is_stopped && s->options->stop)
    s->is_stopped = s->options->stop(s->options->context);
  const bool stopped = s->is_stopped;
  pthread_mutex_unlock(&s->lock);
  return stopped;
}

static void finish(studio *s, size_t index, kj_status status,
                   const kj_error *error)
{
  pthread_mutex_lock(&s->lock);
  s->n_done++;
  if (status != KJ_OK) {
    s->is_stopped = true;
    if (index < s->failed_index) {
      s->failed_index = index;
      s->error = *error;
    }
  }
  if (s->options->progress && !s->is_stopped)
    s->options->progress(s->options->context, s->n_done, s->plan->n_utterances);
  pthread_mutex_unlock(&s->lock);
}

static void record_one(void *context, size_t index)
{
  studio *s = context;
  kj_error error;
  kj__synth_part *part = s->plan->part;
  size_t i = index;
  if (is_stopped(s))
    return;
  while (i >= part->n_utterances)
    i -= part++->n_utterances;
  const kj_status status = record(s, part, &part->utterance[i], &error);
  finish(s, index, status, &error);
}

static kj_status record_all(const kj_synthesis_options *options,
                            const kj__synth_folder *folder,
                            kj__synth_plan *plan, kj_error *err)
{
  studio s = {.options = options,
              .folder = folder,
              .plan = plan,
              .failed_index = SIZE_MAX};
  if (pthread_mutex_init(&s.lock, NULL) != 0)
    return kj__fail_memory(err, "a lock");
  kj__pool_run(plan->n_utterances, options->n_threads, record_one, &s);
  pthread_mutex_destroy(&s.lock);
  if (s.failed_index != SIZE_MAX)
    return kj__fail(err, s.error.status, "%s", s.error.message);
  if (s.n_done < plan->n_utterances)
    return kj__fail(err, KJ_EINTERRUPTED, "stopped after %zu of %zu recordings",
                    s.n_done, plan->n_utterances);
  return KJ_OK;
}

/* The labels last: they make it a corpus. */
static kj_status write_tables(const kj_synthesis_options *options,
                              const kj__synth_folder *folder,
                              const kj__synth_plan *plan, const char *program,
                              kj_error *err)
{
  kj_status status = kj__synth_readme_write(folder, options, program, err);
  for (size_t p = 0; p < plan->n_parts && status == KJ_OK; p++)
    status = kj__synth_truth_write(folder, &plan->part[p], err);
  for (size_t p = 0; p < plan->n_parts && status == KJ_OK; p++)
    status = kj__synth_labels_write(folder, &plan->part[p], err);
  return status;
}

static void fill_report(const kj__synth_plan *plan, kj_synthesis_report *report)
{
  report->n_parts = plan->n_parts;
  for (size_t p = 0; p < plan->n_parts; p++) {
    const kj__synth_part *part = &plan->part[p];
    kj_synthesis_part *told = &report->part[p];
    strcpy(told->language, part->language->code);
    told->n_utterances = part->n_utterances;
    told->n_speakers = part->n_speakers;
    for (size_t i = 0; i < part->n_utterances; i++) {
      told->n_spontaneous += part->utterance[i].is_spontaneous;
      told->seconds += part->utterance[i].seconds;
    }
  }
}

kj_status kj_synthesis_write(const char *folder,
                             const kj_synthesis_options *options,
                             kj_synthesis_report *report, kj_error *err)
{
  kj__synth_plan plan;
  kj__synth_folder place;
  kj_synthesis_report told = {0};
  if (!folder || !options)
    return kj__fail(err, KJ_EARGUMENT, "folder or options is NULL");
  kj_status status = kj__synth_plan_create(options, &plan, err);
  if (status != KJ_OK)
    return status;
  status = kj__synth_speech_version(told.program, sizeof told.program, err);
  if (status == KJ_OK)
    status = kj__synth_folder_make(&place, folder, &plan, err);
  if (status == KJ_OK) {
    status = record_all(options, &place, &plan, err);
    if (status == KJ_OK)
      status = write_tables(options, &place, &plan, told.program, err);
    if (status != KJ_OK)
      kj__synth_folder_remove(&place, &plan);
  }
  if (status == KJ_OK && report) {
    fill_report(&plan, &told);
    *report = told;
  }
  kj__synth_plan_clear(&plan);
  return status;
}
