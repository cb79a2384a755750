/*
 * sound.c: features of the sound files that a table of labels names.
 */
#include "kanjo/experiment.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "kanjo/recording.h"

#include <pthread.h>

typedef struct extraction {
  const kj_dataset *data;
  const kj_sound_options *options;
  float *x;
  kj_recording *recording;
  kj_status *status;
  kj_error *error;
  pthread_mutex_t lock; /* of n_done and the callbacks */
  size_t n_done;
  bool is_stopped;
} extraction;

static bool is_stopped(extraction *e)
{
  pthread_mutex_lock(&e->lock);
  if (!e->is_stopped && e->options->stop)
    e->is_stopped = e->options->stop(e->options->context);
  const bool stopped = e->is_stopped;
  pthread_mutex_unlock(&e->lock);
  return stopped;
}

static void report_done(extraction *e)
{
  pthread_mutex_lock(&e->lock);
  e->n_done++;
  if (e->options->progress)
    e->options->progress(e->options->context, e->n_done, e->data->n_rows);
  pthread_mutex_unlock(&e->lock);
}

static void extract_row(void *context, size_t i)
{
  extraction *e = context;
  if (is_stopped(e))
    return;
  const kj_row *row = &e->data->row[i];
  kj_recording_options options = {.set = e->options->set,
                                  .audio = e->options->audio};
  options.audio.start_s = row->start_s;
  options.audio.end_s = row->end_s;
  options.audio.channel =
      kj_channel_choose(row->channel, options.audio.channel);
  e->status[i] = kj_recording_extract(row->file, &options,
                                      e->x + i * e->options->set->n_functionals,
                                      &e->recording[i], &e->error[i]);
  report_done(e);
}

/* Tell of each row that is dropped, in order, and attach the others. */
static kj_status attach(kj_dataset *data, const extraction *e,
                        unsigned char *usable, kj_error *err)
{
  for (size_t i = 0; i < data->n_rows; i++) {
    const kj_recording *recording = &e->recording[i];
    if (e->status[i] != KJ_OK) {
      *err = e->error[i];
      return e->status[i];
    }
    usable[i] = kj_recording_has_values(recording->status);
    if (!usable[i] && e->options->failed)
      e->options->failed(e->options->context, data->row[i].name,
                         kj_recording_status_text(recording->status),
                         recording->reason);
  }
  return kj_dataset_attach_functionals(data, e->options->set, e->x, usable,
                                       err);
}

static kj_status check_files(const kj_dataset *data, kj_error *err)
{
  if (data->x)
    return kj__fail(err, KJ_EARGUMENT, "%s: has features already", data->path);
  for (size_t i = 0; i < data->n_rows; i++)
    if (data->row[i].file[0] == '\0')
      return kj__fail(err, KJ_EDATA,
                      "%s:%zu: no file named, and no feature table given",
                      data->path, data->row[i].line);
  return KJ_OK;
}

kj_status kj_dataset_attach_sound(kj_dataset *data,
                                  const kj_sound_options *options,
                                  kj_error *err)
{
  kj_error local;
  kj_status status = check_files(data, err);
  if (status != KJ_OK)
    return status;
  const size_t n = data->n_rows;
  extraction e = {
      .data = data,
      .options = options,
      .x = kj__allocate(NULL, n, options->set->n_functionals * sizeof(float)),
      .recording = kj__allocate(NULL, n, sizeof(kj_recording)),
      .status = kj__allocate(NULL, n, sizeof(kj_status)),
      .error = kj__allocate(NULL, n, sizeof(kj_error))};
  unsigned char *usable = kj__allocate(NULL, n, 1);
  if (e.x && e.recording && e.status && e.error && usable) {
    pthread_mutex_init(&e.lock, NULL);
    kj__pool_run(n, options->n_threads, extract_row, &e);
    pthread_mutex_destroy(&e.lock);
    status = e.is_stopped ? kj__fail(err, KJ_EINTERRUPTED, "stopped")
                          : attach(data, &e, usable, err ? err : &local);
  } else {
    status = kj__fail_memory(err, "features");
  }
  kj__release(NULL, e.x);
  kj__release(NULL, e.recording);
  kj__release(NULL, e.status);
  kj__release(NULL, e.error);
  kj__release(NULL, usable);
  return status;
}
