/*
 * audit_row.c: one recording under every condition: read once, disturbed anew
 * each time, and put through the feature extractor.
 */
#include "experiment/audit_state.h"

#include "audio/disturb/disturb.h"
#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

/* What is drawn for a row, each from a stream of its own. */
enum { DRAW_WHITE, DRAW_BABBLE, DRAW_ROOM };

typedef struct sound {
  float *x;
  size_t n, capacity;
} sound;

typedef struct row_work {
  kj_audit *audit;
  size_t row;
  sound clean;
  float *babble; /* (clean.n), or NULL: not made yet */
  float *moved;  /* (clean.n) */
  kj_extractor *extractor;
} row_work;

static kj_status read_all(kj_audio *audio, sound *s, kj_error *err)
{
  enum { BLOCK = 16384 };
  for (;;) {
    void *x = s->x;
    size_t n;
    if (!kj__grow(&x, &s->capacity, s->n + BLOCK, sizeof *s->x))
      return kj__fail_memory(err, "a recording");
    s->x = x;
    const kj_status status = kj_audio_read(audio, s->x + s->n, BLOCK, &n, err);
    if (status != KJ_OK || n == 0)
      return status;
    s->n += n;
  }
}

static kj_status read_row(const kj_audit *audit, size_t row, sound *s,
                          kj_error *err)
{
  const kj_row *from = &audit->data->row[row];
  kj_audio_options options = audit->options.audio;
  kj_audio *audio = NULL;
  options.start_s = from->start_s;
  options.end_s = from->end_s;
  options.channel = kj_channel_choose(from->channel, options.channel);
  s->n = 0;
  kj_status status = kj_audio_open(from->file, &options, &audio, err);
  if (status == KJ_OK)
    status = read_all(audio, s, err);
  kj_audio_close(audio);
  return status;
}

static bool is_other(const kj_dataset *data, size_t row, size_t other)
{
  return data->row[row].group[KJ_GROUP_SPEAKER] !=
         data->row[other].group[KJ_GROUP_SPEAKER];
}

bool kj__audit_has_others(const kj_dataset *data, size_t row)
{
  for (size_t i = 0; i < data->n_rows; i++)
    if (is_other(data, row, i))
      return true;
  return false;
}

/* Add a voice of power 1 that begins somewhere, again and again. */
static void add_voice(float *babble, size_t n, const sound *voice, size_t begin)
{
  double sum = 0.0;
  for (size_t i = 0; i < voice->n; i++)
    sum += (double)voice->x[i] * (double)voice->x[i];
  if (!(sum > 0.0))
    return;
  const float gain = (float)sqrt((double)voice->n / sum);
  for (size_t i = 0; i < n; i++)
    babble[i] += gain * voice->x[(begin + i) % voice->n];
}

static kj_status make_babble(row_work *w, kj_error *err)
{
  const kj_dataset *data = w->audit->data;
  kj__random random = kj__random_stream(w->audit->options.seed,
                                        KJ__PURPOSE_AUDIT, w->row, DRAW_BABBLE);
  sound voice = {0};
  kj_status status = KJ_OK;
  w->babble = kj__allocate(NULL, w->clean.n, sizeof *w->babble);
  if (!w->babble)
    return kj__fail_memory(err, "babble");
  for (int v = 0; status == KJ_OK && v < KJ_AUDIT_VOICES; v++) {
    size_t other;
    do
      other = kj__random_below(&random, data->n_rows);
    while (!is_other(data, w->row, other));
    status = read_row(w->audit, other, &voice, err);
    if (status == KJ_OK && voice.n > 0)
      add_voice(w->babble, w->clean.n, &voice,
                kj__random_below(&random, voice.n));
  }
  kj__release(NULL, voice.x);
  return status;
}

static kj_status disturb(row_work *w, kj_condition condition, kj_error *err)
{
  static const double phone_hz[] = {300.0, 3400.0};
  const double value = kj__condition_value(condition);
  const kj_audit_options *options = &w->audit->options;
  const unsigned rate_hz = options->audio.rate_hz;
  const size_t n = w->clean.n;
  kj__random white =
      kj__random_stream(options->seed, KJ__PURPOSE_AUDIT, w->row, DRAW_WHITE);
  kj__random room =
      kj__random_stream(options->seed, KJ__PURPOSE_AUDIT, w->row, DRAW_ROOM);
  switch (kj__condition_kind(condition)) {
  case KJ_DISTURB_NOTHING:
    break;
  case KJ_DISTURB_WHITE:
    kj__add_white(w->moved, n, value, &white);
    break;
  case KJ_DISTURB_BABBLE:
    kj__add_sound(w->moved, w->babble, n, value);
    break;
  case KJ_DISTURB_GAIN:
    kj__gain(w->moved, n, value);
    break;
  case KJ_DISTURB_CLIP:
    return kj__clip(w->moved, n, value, err);
  case KJ_DISTURB_PHONE:
    return kj__band_pass(w->moved, n, rate_hz, phone_hz, err);
  case KJ_DISTURB_RATE:
    return kj__resample_twice(w->moved, n, rate_hz, (unsigned)value, err);
  case KJ_DISTURB_MP3:
    return kj__code(w->moved, n, rate_hz,
                    &(kj__coder){KJ__CODING_MP3, value, 0}, err);
  case KJ_DISTURB_OPUS:
    return kj__code(w->moved, n, rate_hz,
                    &(kj__coder){KJ__CODING_OPUS, value, 0}, err);
  case KJ_DISTURB_ROOM:
    return kj__reverberate(w->moved, n, rate_hz, value, &room, err);
  }
  return KJ_OK;
}

static kj_status extract(row_work *w, float *x, kj_error *err)
{
  kj_extractor_reset(w->extractor);
  kj_status status =
      kj_extractor_process(w->extractor, w->moved, w->clean.n, err);
  if (status == KJ_OK)
    status = kj_extractor_finish(w->extractor, x, err);
  for (size_t i = 0; status == KJ_OK && i < w->audit->n_inputs; i++)
    if (!isfinite(x[i]))
      status = kj__fail(err, KJ_EDATA, "feature %zu is %g; must be finite", i,
                        (double)x[i]);
  return status;
}

static kj_status run_condition(row_work *w, kj_condition condition,
                               kj_error *err)
{
  kj_audit *audit = w->audit;
  kj_status status = KJ_OK;
  if (!audit->x[condition])
    return KJ_OK;
  memcpy(w->moved, w->clean.x, w->clean.n * sizeof *w->moved);
  if (kj__condition_kind(condition) == KJ_DISTURB_BABBLE && !w->babble)
    status = make_babble(w, err);
  if (status == KJ_OK)
    status = disturb(w, condition, err);
  if (status == KJ_OK)
    status = extract(w, audit->x[condition] + w->row * audit->n_inputs, err);
  return status == KJ_OK
             ? KJ_OK
             : kj__fail_in(err, status, "%s, %s", audit->data->row[w->row].name,
                           kj_condition_name(condition));
}

kj_status kj__audit_row(kj_audit *audit, size_t row, kj_error *err)
{
  row_work w = {.audit = audit, .row = row};
  kj_status status = read_row(audit, row, &w.clean, err);
  if (status == KJ_OK) {
    w.moved = kj__allocate(NULL, w.clean.n + 1, sizeof *w.moved);
    if (!w.moved)
      status = kj__fail_memory(err, "a recording");
  }
  if (status == KJ_OK)
    status =
        kj_extractor_create(audit->options.set, audit->options.audio.rate_hz,
                            NULL, &w.extractor, err);
  for (int c = 0; status == KJ_OK && c < KJ_N_CONDITIONS; c++)
    status = run_condition(&w, (kj_condition)c, err);
  kj_extractor_destroy(w.extractor);
  kj__release(NULL, w.clean.x);
  kj__release(NULL, w.babble);
  kj__release(NULL, w.moved);
  return status;
}
