/*
 * audit.c: the conditions of an audit, and the features of all rows under them.
 */
#include "experiment/audit_state.h"

#include "audio/disturb/disturb.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"

#include <pthread.h>
#include <string.h>

static const struct {
  const char *name;
  kj_disturb kind;
  double value;
} CONDITIONS[] = {
#define ROW_OF(id, name, kind, value) {name, kind, value},
    KJ_CONDITION_LIST(ROW_OF)
#undef ROW_OF
};

const char *kj_condition_name(kj_condition condition)
{
  return (unsigned)condition < KJ_N_CONDITIONS ? CONDITIONS[condition].name
                                               : NULL;
}

bool kj_condition_find(const char *name, kj_condition *out)
{
  for (int c = 0; c < KJ_N_CONDITIONS; c++)
    if (strcmp(CONDITIONS[c].name, name) == 0) {
      *out = (kj_condition)c;
      return true;
    }
  return false;
}

kj_disturb kj__condition_kind(kj_condition condition)
{
  return CONDITIONS[condition].kind;
}

double kj__condition_value(kj_condition condition)
{
  return CONDITIONS[condition].value;
}

typedef struct audit_run {
  kj_audit *audit;
  pthread_mutex_t lock; /* of all below, and the callbacks */
  size_t n_done;
  bool is_stopped;
  size_t failed_row; /* the first in order, of those that failed */
  kj_status status;
  kj_error error;
} audit_run;

static bool is_stopped(audit_run *run)
{
  const kj_audit_options *options = &run->audit->options;
  pthread_mutex_lock(&run->lock);
  if (!run->is_stopped && options->stop)
    run->is_stopped = options->stop(options->context);
  const bool stopped = run->is_stopped || run->status != KJ_OK;
  pthread_mutex_unlock(&run->lock);
  return stopped;
}

static void run_row(void *context, size_t row)
{
  audit_run *run = context;
  kj_error error;
  if (is_stopped(run))
    return;
  const kj_status status = kj__audit_row(run->audit, row, &error);
  const kj_audit_options *options = &run->audit->options;
  pthread_mutex_lock(&run->lock);
  if (status != KJ_OK && (run->status == KJ_OK || row < run->failed_row)) {
    run->failed_row = row;
    run->status = status;
    run->error = error;
  }
  run->n_done++;
  if (options->progress)
    options->progress(options->context, run->n_done, run->audit->data->n_rows);
  pthread_mutex_unlock(&run->lock);
}

static kj_status run_rows(kj_audit *audit, kj_error *err)
{
  audit_run run = {.audit = audit};
  pthread_mutex_init(&run.lock, NULL);
  kj__pool_run(audit->data->n_rows, audit->options.n_threads, run_row, &run);
  pthread_mutex_destroy(&run.lock);
  if (run.status != KJ_OK && err)
    *err = run.error;
  if (run.status != KJ_OK)
    return run.status;
  return run.is_stopped ? kj__fail(err, KJ_EINTERRUPTED, "stopped") : KJ_OK;
}

static bool all_have_others(const kj_dataset *data)
{
  for (size_t i = 0; i < data->n_rows; i++)
    if (!kj__audit_has_others(data, i))
      return false;
  return true;
}

static void leave_out(kj_audit *audit)
{
  const bool is_babble = all_have_others(audit->data);
  const bool is_mp3 = kj__coding_is_there(KJ__CODING_MP3);
  const bool is_opus = kj__coding_is_there(KJ__CODING_OPUS);
  for (int c = 0; c < KJ_N_CONDITIONS; c++) {
    const kj_disturb kind = CONDITIONS[c].kind;
    if (kind == KJ_DISTURB_BABBLE && !is_babble)
      audit->left_out[c] = "there is only one speaker";
    if ((kind == KJ_DISTURB_MP3 && !is_mp3) ||
        (kind == KJ_DISTURB_OPUS && !is_opus))
      audit->left_out[c] = "this libsndfile cannot write it";
  }
}

static void find_groups(kj_audit *audit)
{
  audit->group[0] = "all";
  audit->n_groups = 1;
  for (size_t i = 0; i < audit->data->n_rows; i++) {
    const char *gender = audit->data->row[i].gender;
    size_t g = 1;
    while (g < audit->n_groups && strcmp(audit->group[g], gender) != 0)
      g++;
    if (gender[0] && g == audit->n_groups && g < KJ_AUDIT_GROUPS)
      audit->group[audit->n_groups++] = gender;
  }
  if (audit->n_groups == 2) /* one gender is no comparison */
    audit->n_groups = 1;
}

static kj_status check(const kj_dataset *data, const kj_audit_options *options,
                       kj_error *err)
{
  if (!options->set)
    return kj__fail(err, KJ_EARGUMENT, "options->set is NULL");
  if (options->audio.rate_hz == 0)
    return kj__fail(err, KJ_EARGUMENT,
                    "rate_hz is 0; must be one rate for all recordings");
  for (size_t i = 0; i < data->n_rows; i++)
    if (data->row[i].file[0] == '\0')
      return kj__fail(err, KJ_EDATA, "%s:%zu: no file named", data->path,
                      data->row[i].line);
  return KJ_OK;
}

static kj_status allocate(kj_audit *audit, kj_error *err)
{
  for (int c = 0; c < KJ_N_CONDITIONS; c++) {
    if (audit->left_out[c])
      continue;
    audit->x[c] = kj__allocate(NULL, audit->data->n_rows,
                               audit->n_inputs * sizeof(float));
    if (!audit->x[c])
      return kj__fail_memory(err, "features");
  }
  return KJ_OK;
}

kj_status kj_audit_create(const kj_dataset *data,
                          const kj_audit_options *options, kj_audit **out,
                          kj_error *err)
{
  kj_status status = check(data, options, err);
  if (status != KJ_OK)
    return status;
  kj_audit *audit = kj__allocate(NULL, 1, sizeof *audit);
  if (!audit)
    return kj__fail_memory(err, "an audit");
  audit->data = data;
  audit->options = *options;
  audit->n_inputs = options->set->n_functionals;
  leave_out(audit);
  find_groups(audit);
  status = allocate(audit, err);
  if (status == KJ_OK)
    status = run_rows(audit, err);
  if (status == KJ_OK)
    *out = audit;
  else
    kj_audit_destroy(audit);
  return status;
}

void kj_audit_destroy(kj_audit *audit)
{
  for (int c = 0; audit && c < KJ_N_CONDITIONS; c++)
    kj__release(NULL, audit->x[c]);
  kj__release(NULL, audit);
}

const char *kj_audit_left_out(const kj_audit *audit, kj_condition condition)
{
  return audit->left_out[condition];
}

const float *kj_audit_features(const kj_audit *audit, kj_condition condition)
{
  return audit->x[condition];
}

const char *kj_audit_group(const kj_audit *audit, size_t group)
{
  return group < audit->n_groups ? audit->group[group] : NULL;
}
