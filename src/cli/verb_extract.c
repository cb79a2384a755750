/*
 * verb_extract.c: `kanjo extract`: recordings in, rows of features out.
 */
#include "base/error.h"
#include "base/pool.h"
#include "base/tier.h"
#include "cli/extraction.h"
#include "cli/load.h"
#include "cli/options.h"
#include "cli/report.h"

#include "kanjo/recording.h"

#include <inttypes.h>
#include <string.h>

static const char *output_of(const cli_settings *settings)
{
  return settings->output ? settings->output : "-";
}

/* All that decides the bytes of the output, but for the recordings. */
static json_t *describe(const cli_extraction *e)
{
  const kj_feature_set *set = e->options.set;
  const kj_raw *raw = &e->options.audio.raw;
  const int channel = e->options.audio.channel;
  json_t *number = channel == KJ_CHANNEL_MIX ? json_string("mix")
                                             : json_integer(channel + 1);
  return json_pack(
      "{s:s, s:b, s:b, s:[f,f], s:[i,i,i], s:s, s:i, s:s, s:s, s:i, s:o}",
      "kanjo", KANJO_VERSION, "fused multiply-adds", (int)kj__tier_is_fused(),
      "segment", (int)e->options.by_activity, "window", e->options.window_s,
      e->options.hop_s, "raw", (int)raw->encoding, (int)raw->rate_hz,
      (int)raw->n_channels, "set", set->name, "version", (int)set->version,
      "level", e->layout.level == KJ_LEVEL_DESCRIPTORS ? "lld" : "functionals",
      "format", CLI_FORMATS[e->layout.format], "rate",
      (int)e->options.audio.rate_hz, "channel", number);
}

/* What cuts recordings into several rows. */
static kj_status check_parts(const cli_extraction *e, const cli_settings *s,
                             kj_error *err)
{
  kj_windows *trial = NULL;
  if (s->hop > 0.0 && !(s->window > 0.0))
    return kj__fail(err, KJ_EARGUMENT, "--hop needs --window");
  if (s->segment && s->window > 0.0)
    return kj__fail(err, KJ_EARGUMENT,
                    "--segment and --window each say what a row is; must be "
                    "one of them");
  if (!s->segment && !(s->window > 0.0))
    return KJ_OK;
  if (e->layout.level == KJ_LEVEL_DESCRIPTORS)
    return kj__fail(err, KJ_EARGUMENT,
                    "%s is of functionals; --level lld has a row a frame "
                    "already",
                    s->segment ? "--segment" : "--window");
  if (s->segment)
    return KJ_OK;
  const kj_status status = kj_windows_create(
      e->options.set, e->options.set->default_rate_hz, e->options.window_s,
      e->options.hop_s, NULL, &trial, err);
  kj_windows_destroy(trial);
  return status == KJ_OK ? KJ_OK : kj__fail_in(err, status, "--window, --hop");
}

static kj_status read_settings(cli_extraction *e, const cli_settings *s,
                               kj_error *err)
{
  const kj_feature_level level =
      s->level == 0 ? KJ_LEVEL_FUNCTIONALS : KJ_LEVEL_DESCRIPTORS;
  const cli_format format = s->json ? CLI_FORMAT_JSON : (cli_format)s->format;
  if (s->json && format != (cli_format)s->format && s->format != CLI_FORMAT_CSV)
    return kj__fail(err, KJ_EARGUMENT,
                    "--json and --format each say how rows are written; must "
                    "be one of them");
  kj_status status = cli_read_sound(s, &e->options.set, &e->options.audio, err);
  if (status == KJ_OK)
    status = cli_read_raw(s, &e->options.audio.raw, err);
  if (status == KJ_OK)
    status = cli_layout_make(&e->layout, e->options.set, level, format, err);
  e->options.by_activity = s->segment;
  e->options.window_s = s->window;
  e->options.hop_s = s->hop > 0.0 ? s->hop : s->window;
  if (s->window > 0.0)
    e->layout.hop_s = e->options.hop_s;
  if (status == KJ_OK)
    status = check_parts(e, s, err);
  e->n_threads = s->jobs > 0 ? (size_t)s->jobs : kj__pool_processors();
  return status;
}

static kj_status open_inputs(cli_extraction *e, const cli_settings *s,
                             kj_error *err)
{
  return kj__input_stream_open(&e->inputs, s->input.word, s->input.n, s->list,
                               err);
}

static kj_status open_journal(cli_extraction *e, const cli_settings *s,
                              kj_error *err)
{
  cli_interval every;
  kj_status status = cli_read_interval(s->checkpoint_every, &every, err);
  if (status == KJ_OK)
    status =
        cli_journal_open(&e->journal, s->output, describe(e), s->resume, err);
  if (status == KJ_OK)
    e->journal.every = every;
  return status;
}

/* The output, with what an earlier run has written of it; a new one has its
 * head. */
static kj_status open_output(cli_extraction *e, const cli_settings *s,
                             kj_error *err)
{
  const cli_layout *l = &e->layout;
  const bool is_whole = !s->segment && !(s->window > 0.0);
  const bool is_counted =
      l->level == KJ_LEVEL_FUNCTIONALS && !s->list && is_whole;
  const uint64_t n_rows = is_counted ? e->inputs.n_expected : 0;
  kj_status status =
      kj__output_open_part(&e->output, output_of(s), e->journal.size, err);
  if (status == KJ_EDATA) {
    const kj_error why = *err;
    kj__fail(err, status, "%s; without %s the extraction begins anew",
             why.message, e->journal.path);
  }
  if (status != KJ_OK)
    return status;
  status = cli_layout_check(l, e->inputs.n_expected == 1, n_rows,
                            e->output.temporary != NULL, err);
  if (status == KJ_OK && e->journal.n_done == 0)
    cli_write_head(l, n_rows, e->output.stream);
  return status;
}

/* All is done already, if the list still ends there. */
static kj_status check_end(cli_extraction *e, const char *output, kj_error *err)
{
  kj__input_run more;
  const kj_status status = kj__input_stream_next(&e->inputs, &more, err);
  if (status != KJ_OK)
    return status;
  if (more.n > 0)
    return kj__fail(err, KJ_EDATA,
                    "%s: is whole, with %" PRIu64 " recordings; there are more "
                    "now, from %s on. Extract those into another file, or "
                    "remove %s to begin anew",
                    output, e->journal.n_done, more.input[0].name,
                    e->journal.path);
  cli_note("%s: is whole already; nothing was left to do", output);
  return KJ_OK;
}

static kj_status begin(cli_extraction *e, const cli_settings *s, kj_error *err)
{
  kj_status status = read_settings(e, s, err);
  e->output_name = s->output;
  if (status == KJ_OK)
    status = open_inputs(e, s, err);
  if (status == KJ_OK)
    status = open_journal(e, s, err);
  if (status == KJ_OK)
    status = cli_extraction_skip(e, err);
  e->is_whole = status == KJ_OK && cli_journal_is_whole(&e->journal, s->output);
  if (e->is_whole)
    return check_end(e, s->output, err);
  if (status == KJ_OK)
    status = open_output(e, s, err);
  e->progress = cli_progress_beside(s->progress, s->output);
  e->progress.done_before = (size_t)e->journal.n_done;
  e->progress.has_rate = true;
  return status;
}

/* Write what only the end tells, which makes `size` bytes: of the output, or
 * of another file (`whole`) made of it. */
static kj_status finish(cli_extraction *e, kj__output *whole, uint64_t *size,
                        kj_error *err)
{
  const cli_form *form = cli_form_of(e->layout.format);
  cli_journal *j = &e->journal;
  kj_status status = kj__output_secure(&e->output, &j->size, err);
  if (status == KJ_OK && form->finish)
    status = form->finish(&e->layout, j->n_rows, &e->output, whole, err);
  *size = j->size;
  return status == KJ_OK && whole->path ? kj__output_secure(whole, size, err)
                                        : status;
}

/* Give the output its name. The journal goes after it, so that at any instant
 * the work can be taken up. */
static kj_status commit(cli_extraction *e, kj_error *err)
{
  kj__output whole = {0};
  uint64_t size = 0;
  kj_status status = finish(e, &whole, &size, err);
  if (status == KJ_OK)
    cli_journal_conclude(&e->journal, size);
  if (status == KJ_OK)
    status = kj__output_name(whole.path ? &whole : &e->output, err);
  if (status == KJ_OK)
    kj__output_discard(&e->output);
  kj__output_discard(&whole);
  return status;
}

/* An earlier journal still stands for its part of the bytes. */
static int give_up(cli_extraction *e, const kj_error *err)
{
  if (e->journal.n_saved > 0)
    kj__output_leave(&e->output);
  else
    kj__output_discard(&e->output);
  return cli_fail(err);
}

/* Stopped before the end: what is done is kept where it can be taken up. */
static int stop(cli_extraction *e, kj_error *err)
{
  const uint64_t n = e->journal.n_done;
  const bool is_kept = e->journal.path && n > 0;
  if (is_kept && cli_journal_save(&e->journal, &e->output, err) != KJ_OK)
    return give_up(e, err);
  if (is_kept)
    kj__output_leave(&e->output);
  else
    kj__output_discard(&e->output);
  if (is_kept)
    cli_note("interrupted after %" PRIu64 " recordings; the same command with "
             "--resume goes on from there",
             n);
  else
    cli_note("interrupted after %" PRIu64 " recordings", n);
  return CLI_INTERRUPTED;
}

static int end(cli_extraction *e, kj_status status, kj_error *err)
{
  if (status == KJ_EINTERRUPTED)
    return stop(e, err);
  if (status == KJ_OK && !e->is_whole)
    status = commit(e, err);
  if (status != KJ_OK)
    return give_up(e, err);
  cli_journal_remove(&e->journal);
  const cli_tally *failures = &e->journal.failures;
  if (failures->n > 1)
    cli_tally_print(failures, e->journal.n_done, "recordings");
  return failures->n > 0 ? CLI_SOME_FAILED : CLI_DONE;
}

int cli_extract(const cli_settings *settings)
{
  kj_error err;
  cli_extraction e = {0};
  cli_catch_interrupts();
  kj_status status = begin(&e, settings, &err);
  if (status == KJ_OK && !e.is_whole)
    status = cli_extraction_run(&e, &err);
  const int code = end(&e, status, &err);
  kj__input_stream_close(&e.inputs);
  cli_journal_clear(&e.journal);
  cli_layout_clear(&e.layout);
  return code;
}
