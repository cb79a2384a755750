/*
 * extraction.c: recordings are taken from the list one at a time, each into a
 * place of its own (base/ordered.h); the thread that works on it makes its rows
 * in memory; rows and messages go out in order.
 *
 * What a place may hold is limited. A recording with more rows than that (its
 * contours, or windows of it) waits for its turn, and from then on writes as
 * it goes.
 */
#define _GNU_SOURCE
#include "cli/extraction.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/ordered.h"
#include "cli/outputs.h"
#include "corpus/recorder.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
  SLOTS_A_THREAD = 32,    /* short recordings beside a long one go on so far */
  SLOT_BYTES = 256 * 1024 /* of rows that wait */
};

/* A stream into memory that is used again and again. */
typedef struct buffer {
  FILE *stream;
  char *bytes;
  size_t size; /* after a flush */
} buffer;

/* A place: recordings of one file, and what came of them. */
typedef struct slot {
  char *name, *file, *trouble;
  kj_input *part; /* shape (n): start, end, channel */
  size_t n, capacity;
  kj__sha256 names; /* with all recordings up to here */
  buffer rows;
  buffer failures; /* "status: reason", each with a final zero */
  uint64_t n_rows;
  uint64_t n_expected;  /* recordings in all, as far as was known then */
  unsigned odd_rate_hz; /* at which features mean another thing; else 0 */
} slot;

typedef struct worker {
  kj__recorder recorder;
  float *functionals;
} worker;

typedef struct run {
  cli_extraction *e;
  slot *slot;
  worker *worker;
  kj__sha256 names; /* of all that was taken */
  atomic_int is_stopped;
  kj_error take_failure, give_failure; /* status KJ_OK: none */
  kj_error write_failure;              /* likewise, of rows */
  bool has_told_rate;
  atomic_int has_failed_work;
  kj_error work_failure; /* the first one */
} run;

/* What the sinks get. */
typedef struct task {
  run *r;
  kj__ordered *queue;
  slot *s;
  size_t index;   /* of the slot */
  size_t n_parts; /* windows of the recording so far */
  double start_s; /* of the part of a file that is worked on */
} task;

static void hash_run(kj__sha256 *hash, const kj__input_run *inputs)
{
  for (size_t i = 0; i < inputs->n; i++) {
    const kj_input *input = &inputs->input[i];
    const double numbers[] = {input->start_s, input->end_s, input->channel};
    kj__sha256_text(hash, input->name);
    kj__sha256_text(hash, input->file);
    kj__sha256_update(hash, numbers, sizeof numbers);
  }
}

/* No recording may be what is written. */
static kj_status next_inputs(cli_extraction *e, kj__input_run *inputs,
                             kj_error *err)
{
  const kj_status status = kj__input_stream_next(&e->inputs, inputs, err);
  if (status != KJ_OK || inputs->n == 0)
    return status;
  return cli_check_output(e->output_name, inputs->input[0].file, err);
}

kj_status cli_extraction_skip(cli_extraction *e, kj_error *err)
{
  kj__sha256 names;
  uint64_t n = 0;
  kj__input_run inputs;
  kj_status status = KJ_OK;
  kj__sha256_init(&names);
  do {
    if (n >= e->journal.n_done)
      break;
    status = next_inputs(e, &inputs, err);
    if (status != KJ_OK)
      return status;
    hash_run(&names, &inputs);
    n += inputs.n;
  } while (inputs.n > 0);
  if (e->journal.n_done > 0)
    status = cli_journal_check_names(&e->journal, &names, n, err);
  e->journal.names = names;
  return status;
}

static bool open_buffer(buffer *b)
{
  b->stream = open_memstream(&b->bytes, &b->size);
  return b->stream != NULL;
}

static void close_buffer(buffer *b)
{
  if (b->stream)
    fclose(b->stream);
  free(b->bytes);
}

/* Empty it; its memory stays. */
static void rewind_buffer(buffer *b)
{
  rewind(b->stream);
}

/* The bytes it has; false where memory was short. */
static bool flush_buffer(buffer *b)
{
  return fflush(b->stream) == 0 && !ferror(b->stream);
}

/* Write the rows that a place has so far; its turn has come. */
static void put_rows(run *r, slot *s)
{
  FILE *out = r->e->output.stream;
  if (!flush_buffer(&s->rows)) {
    if (!atomic_exchange(&r->has_failed_work, 1))
      kj__fail_memory(&r->work_failure, "rows");
  } else {
    fwrite(s->rows.bytes, 1, s->rows.size, out);
  }
  rewind_buffer(&s->rows);
  if (out == stdout)
    fflush(out);
  if (r->write_failure.status == KJ_OK &&
      kj__output_check(&r->e->output, &r->write_failure) != KJ_OK)
    atomic_store(&r->is_stopped, 1);
}

static void add_row(task *t, const cli_row *row)
{
  slot *s = t->s;
  cli_write_row(&t->r->e->layout, row, s->rows.stream);
  s->n_rows++;
  /* rows that somebody may be waiting for go out as soon as they can */
  const bool is_live = t->r->e->output.stream == stdout &&
                       t->r->e->layout.level == KJ_LEVEL_FUNCTIONALS;
  if (ftello(s->rows.stream) < SLOT_BYTES &&
      !(is_live && kj__ordered_is_next(t->queue, t->index)))
    return;
  kj__ordered_wait(t->queue, t->index);
  put_rows(t->r, s);
}

static void add_frame(void *context, uint64_t index, double time_s,
                      const float *descriptors)
{
  task *t = context;
  const cli_row row = {.name = t->s->name,
                       .frame = index,
                       .time_s = t->start_s + time_s,
                       .values = descriptors};
  add_row(t, &row);
}

static void add_part(void *context, const kj_recording *part,
                     const float *functionals)
{
  task *t = context;
  const cli_row row = {.name = t->s->name,
                       .start_s = part->start_s,
                       .end_s = part->end_s,
                       .status = part->status,
                       .values = functionals};
  t->n_parts++;
  add_row(t, &row);
}

/* A recording of which there are windows needs no row of its own, unless to
 * tell that it could not be read to its end; one without speech has none. */
static void add_recording(task *t, const kj_recording *recording,
                          const float *functionals)
{
  const unsigned rate_hz = recording->info.rate_hz;
  if (rate_hz != t->r->e->options.set->default_rate_hz &&
      kj_recording_has_values(recording->status))
    t->s->odd_rate_hz = rate_hz;
  const bool has_no_speech = t->r->e->options.by_activity &&
                             kj_recording_has_values(recording->status);
  const bool is_told =
      has_no_speech ||
      (t->n_parts > 0 && recording->status != KJ_RECORDING_DECODE_ERROR);
  if (!kj_recording_has_values(recording->status)) {
    fprintf(t->s->failures.stream, "%s: %s",
            kj_recording_status_text(recording->status), recording->reason);
    putc('\0', t->s->failures.stream);
  }
  if (t->r->e->layout.level == KJ_LEVEL_FUNCTIONALS && !is_told)
    add_part(t, recording, functionals);
}

/* A name that stands for no recording gets a row too. */
static void add_trouble(task *t, float *functionals)
{
  kj_recording recording = {.status = KJ_RECORDING_DECODE_ERROR};
  const size_t n = t->r->e->options.set->n_functionals;
  snprintf(recording.reason, sizeof recording.reason, "%.*s",
           KJ_REASON_SIZE - 1, t->s->trouble);
  for (size_t i = 0; i < n; i++)
    functionals[i] = (float)NAN;
  add_recording(t, &recording, functionals);
}

static kj_status extract_part(task *t, worker *w, const kj_input *part,
                              kj_error *err)
{
  kj_recording recording;
  kj_recording_options options = t->r->e->options;
  options.audio.start_s = part->start_s;
  options.audio.end_s = part->end_s;
  options.audio.channel =
      kj_channel_choose(part->channel, options.audio.channel);
  if (t->r->e->layout.level == KJ_LEVEL_DESCRIPTORS) {
    options.sink = add_frame;
    options.sink_context = t;
  }
  options.part_sink = add_part;
  options.part_context = t;
  t->n_parts = 0;
  t->start_s = part->start_s;
  const kj_status status = kj__recorder_extract(
      &w->recorder, t->s->file, &options, w->functionals, &recording, err);
  if (status == KJ_OK)
    add_recording(t, &recording, w->functionals);
  return status;
}

static void work(void *context, kj__ordered *queue, size_t index,
                 size_t worker_index)
{
  run *r = context;
  slot *s = &r->slot[index];
  worker *w = &r->worker[worker_index];
  task t = {r, queue, s, index, 0, 0.0};
  if (s->trouble) {
    add_trouble(&t, w->functionals);
    return;
  }
  for (size_t i = 0; i < s->n && !atomic_load(&r->has_failed_work); i++) {
    kj_error err = {0};
    if (extract_part(&t, w, &s->part[i], &err) == KJ_OK)
      continue;
    if (!atomic_exchange(&r->has_failed_work, 1))
      r->work_failure = err;
    atomic_store(&r->is_stopped, 1);
  }
}

static void empty_slot(slot *s)
{
  free(s->name);
  free(s->file);
  free(s->trouble);
  s->name = s->file = s->trouble = NULL;
  s->n = 0;
  s->n_rows = 0;
  s->odd_rate_hz = 0;
  rewind_buffer(&s->rows);
  rewind_buffer(&s->failures);
}

/* Copy what the list says: it reads on while this is worked on. */
static kj_status fill_slot(slot *s, const kj__input_run *inputs, kj_error *err)
{
  void *part = s->part;
  s->name = kj__copy_text(inputs->input[0].name);
  s->file = kj__copy_text(inputs->input[0].file);
  s->trouble = inputs->trouble ? kj__copy_text(inputs->trouble) : NULL;
  if (!s->name || !s->file || (inputs->trouble && !s->trouble) ||
      !kj__grow(&part, &s->capacity, inputs->n, sizeof *s->part))
    return kj__fail_memory(err, "a recording");
  s->part = part;
  s->n = inputs->n;
  memcpy(s->part, inputs->input, inputs->n * sizeof *s->part);
  return KJ_OK;
}

static bool take(void *context, size_t index)
{
  run *r = context;
  kj__input_run inputs;
  if (cli_is_interrupted())
    atomic_store(&r->is_stopped, 1);
  if (atomic_load(&r->is_stopped))
    return false;
  kj_status status = next_inputs(r->e, &inputs, &r->take_failure);
  if (status != KJ_OK && cli_is_interrupted()) /* while it waited for a name */
    r->take_failure = (kj_error){0};
  if (status == KJ_OK && inputs.n > 0)
    status = fill_slot(&r->slot[index], &inputs, &r->take_failure);
  if (status != KJ_OK)
    atomic_store(&r->is_stopped, 1);
  if (status != KJ_OK || inputs.n == 0)
    return false;
  hash_run(&r->names, &inputs);
  r->slot[index].names = r->names;
  r->slot[index].n_expected = r->e->inputs.n_expected;
  return true;
}

static void tell_rate(run *r, const slot *s)
{
  const unsigned wanted_hz = r->e->options.set->default_rate_hz;
  if (s->odd_rate_hz == 0 || r->has_told_rate)
    return;
  cli_progress_end(&r->e->progress);
  r->has_told_rate = true;
  if (s->odd_rate_hz > wanted_hz) {
    cli_note("%s: %u Hz: energy, zero crossings, voicing and F0 mean something "
             "else than at %u Hz; leave out --rate native to compare (told "
             "once)",
             s->name, s->odd_rate_hz, wanted_hz);
    return;
  }
  cli_note("%s: %u Hz: above %g Hz there is nothing, so that the mel bands, "
           "and all MFCC, mean something else than at %u Hz; leave out --rate "
           "native to compare (told once)",
           s->name, s->odd_rate_hz, s->odd_rate_hz / 2.0, wanted_hz);
}

static void tell_failures(run *r, slot *s)
{
  cli_extraction *e = r->e;
  if (!flush_buffer(&s->failures))
    return;
  for (const char *text = s->failures.bytes;
       text < s->failures.bytes + s->failures.size; text += strlen(text) + 1) {
    cli_tally_add(&e->journal.failures, text);
    cli_progress_end(&e->progress);
    cli_note("%s: %s", s->name, text);
  }
}

static void give(void *context, size_t index)
{
  run *r = context;
  cli_extraction *e = r->e;
  slot *s = &r->slot[index];
  cli_journal *j = &e->journal;
  if (!atomic_load(&r->has_failed_work)) {
    put_rows(r, s);
    tell_rate(r, s);
    tell_failures(r, s);
    j->n_rows += s->n_rows;
    j->n_done += s->n;
    j->names = s->names;
    cli_progress_show(&e->progress, s->name, (size_t)j->n_done,
                      (size_t)s->n_expected);
    if (r->write_failure.status == KJ_OK &&
        cli_journal_pass(j, &e->output, &r->give_failure) != KJ_OK)
      atomic_store(&r->is_stopped, 1);
  }
  empty_slot(s);
}

static bool allocate(run *r, size_t n_slots, size_t n_threads)
{
  r->slot = calloc(n_slots, sizeof *r->slot);
  r->worker = calloc(n_threads, sizeof *r->worker);
  bool is_there = r->slot && r->worker;
  for (size_t i = 0; is_there && i < n_slots; i++)
    is_there =
        open_buffer(&r->slot[i].rows) && open_buffer(&r->slot[i].failures);
  for (size_t i = 0; is_there && i < n_threads; i++) {
    r->worker[i].functionals =
        calloc(r->e->options.set->n_functionals, sizeof(float));
    is_there = r->worker[i].functionals != NULL;
  }
  return is_there;
}

static void release(run *r, size_t n_slots, size_t n_threads)
{
  for (size_t i = 0; r->slot && i < n_slots; i++) {
    close_buffer(&r->slot[i].rows);
    close_buffer(&r->slot[i].failures);
    free(r->slot[i].part);
    free(r->slot[i].name);
    free(r->slot[i].file);
    free(r->slot[i].trouble);
  }
  for (size_t i = 0; r->worker && i < n_threads; i++) {
    kj__recorder_clear(&r->worker[i].recorder);
    free(r->worker[i].functionals);
  }
  free(r->slot);
  free(r->worker);
}

static kj_status outcome(const run *r, kj_error *err)
{
  const kj_error *failures[] = {&r->write_failure, &r->take_failure,
                                &r->give_failure, &r->work_failure};
  for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
    if (failures[i]->status != KJ_OK) {
      *err = *failures[i];
      return err->status;
    }
  if (cli_is_interrupted())
    return kj__fail(err, KJ_EINTERRUPTED, "interrupted");
  return KJ_OK;
}

/* As many as are asked for, but no more than there are recordings, where that
 * is known. */
static size_t count_threads(const cli_extraction *e)
{
  const size_t wanted = e->n_threads > 0 ? e->n_threads : 1;
  const uint64_t n = e->inputs.list ? UINT64_MAX : e->inputs.n_expected;
  return n > 0 && n < wanted ? (size_t)n : wanted;
}

kj_status cli_extraction_run(cli_extraction *e, kj_error *err)
{
  run r = {.e = e, .names = e->journal.names};
  const size_t n_threads = count_threads(e);
  const size_t n_slots = n_threads > 1 ? SLOTS_A_THREAD * n_threads : 1;
  const kj__ordered_steps steps = {&r, take, work, give};
  kj_status status = KJ_OK;
  if (allocate(&r, n_slots, n_threads)) {
    kj__ordered_run(&steps, n_slots, n_threads);
    cli_progress_end(&e->progress);
    status = outcome(&r, err);
  } else {
    status = kj__fail_memory(err, "places for recordings");
  }
  release(&r, n_slots, n_threads);
  return status;
}
