/*
 * journal.c: OUT.journal is one JSON object; journal.h.
 */
#define _GNU_SOURCE
#include "cli/journal.h"

#include "base/error.h"
#include "cli/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char FORMAT[] = "kanjo-extract-journal-2";
enum { MOST_BYTES = 1 << 20 };

static bool is_regular_or_new(const char *path)
{
  struct stat info;
  return strcmp(path, "-") != 0 &&
         (stat(path, &info) != 0 || S_ISREG(info.st_mode));
}

/* The first option that differs, or that is not in both. */
static kj_status compare_options(const cli_journal *j, json_t *theirs,
                                 kj_error *err)
{
  const char *name;
  json_t *ours;
  if (json_equal(theirs, j->options))
    return KJ_OK;
  json_object_foreach(j->options, name, ours)
  {
    const json_t *other = json_object_get(theirs, name);
    if (json_equal(other, ours))
      continue;
    char *was = json_dumps(other, JSON_ENCODE_ANY);
    char *is = json_dumps(ours, JSON_ENCODE_ANY);
    kj__fail(err, KJ_EDATA,
             "%s: made with %s %s; this extraction has %s. The same list and "
             "options can go on; others begin anew without it",
             j->path, name, was ? was : "unknown", is ? is : "unknown");
    free(was);
    free(is);
    return KJ_EDATA;
  }
  return kj__fail(err, KJ_EDATA, "%s: made with other options", j->path);
}

static bool read_count(const json_t *file, const char *name, uint64_t *count)
{
  const json_t *value = json_object_get(file, name);
  const json_int_t n = json_integer_value(value);
  *count = (uint64_t)n;
  return json_is_integer(value) && n >= 0;
}

static kj_status fail_damaged(const cli_journal *j, kj_error *err)
{
  return kj__fail(err, KJ_EFORMAT,
                  "%s: is damaged; without it the extraction begins anew",
                  j->path);
}

static kj_status take(cli_journal *j, json_t *file, kj_error *err)
{
  const char *format = json_string_value(json_object_get(file, "format"));
  if (!format || strcmp(format, FORMAT) != 0)
    return kj__fail(err, KJ_EFORMAT,
                    "%s: is no journal of an extraction, or one of another "
                    "version; without it the extraction begins anew",
                    j->path);
  const kj_status status =
      compare_options(j, json_object_get(file, "options"), err);
  if (status != KJ_OK)
    return status;
  const char *names = json_string_value(json_object_get(file, "names"));
  if (!names || strlen(names) + 1 != sizeof j->saved_names ||
      !read_count(file, "done", &j->n_done) ||
      !read_count(file, "rows", &j->n_rows) ||
      !read_count(file, "bytes", &j->size) ||
      !read_count(file, "whole", &j->whole) ||
      !cli_tally_read(&j->failures, json_object_get(file, "failures")))
    return fail_damaged(j, err);
  strcpy(j->saved_names, names);
  j->n_saved = j->n_done;
  return KJ_OK;
}

static kj_status read_file(cli_journal *j, kj_error *err)
{
  char *text = NULL;
  size_t size = 0;
  kj_status status = kj__file_read(j->path, MOST_BYTES, &text, &size, err);
  if (status != KJ_OK)
    return status;
  json_t *file = json_loadb(text, size, 0, NULL);
  status = file ? take(j, file, err) : fail_damaged(j, err);
  json_decref(file);
  free(text);
  return status;
}

kj_status cli_journal_open(cli_journal *journal, const char *output,
                           json_t *options, bool is_resuming, kj_error *err)
{
  *journal = (cli_journal){.options = options, .saved_s = cli_now_s()};
  if (!options)
    return kj__fail_memory(err, "options");
  if (!output || !is_regular_or_new(output))
    return is_resuming
               ? kj__fail(err, KJ_EARGUMENT,
                          "--resume needs -o FILE: standard output, a pipe or "
                          "a device cannot be taken up")
               : KJ_OK;
  if (asprintf(&journal->path, "%s.journal", output) < 0) {
    journal->path = NULL;
    return kj__fail_memory(err, output);
  }
  const bool is_there = access(journal->path, F_OK) == 0;
  if (is_there && !is_resuming)
    return kj__fail(err, KJ_EARGUMENT,
                    "%s: left by an interrupted extraction; go on with "
                    "--resume, or remove it",
                    journal->path);
  if (!is_there && is_resuming)
    cli_note("%s: not there; the extraction starts at the beginning",
             journal->path);
  return is_there ? read_file(journal, err) : KJ_OK;
}

/* Of a copy: the hash goes on. */
static void digest(kj__sha256 names, char hex[KJ__SHA256_HEX_SIZE])
{
  kj__sha256_finish_hex(&names, hex);
}

kj_status cli_journal_check_names(const cli_journal *journal,
                                  const kj__sha256 *names, uint64_t n,
                                  kj_error *err)
{
  char hex[KJ__SHA256_HEX_SIZE];
  digest(*names, hex);
  if (n == journal->n_done && strcmp(hex, journal->saved_names) == 0)
    return KJ_OK;
  return kj__fail(err, KJ_EDATA,
                  "%s: the first %" PRIu64 " recordings are not those of this "
                  "extraction. The same list and options can go on; others "
                  "begin anew without it",
                  journal->path, journal->n_done);
}

static json_t *describe(const cli_journal *j)
{
  char names[KJ__SHA256_HEX_SIZE];
  digest(j->names, names);
  return json_pack("{s:s, s:O, s:I, s:I, s:I, s:I, s:s, s:o}", "format", FORMAT,
                   "options", j->options, "done", (json_int_t)j->n_done, "rows",
                   (json_int_t)j->n_rows, "bytes", (json_int_t)j->size, "whole",
                   (json_int_t)j->whole, "names", names, "failures",
                   cli_tally_json(&j->failures));
}

/* In place of an earlier one. */
static kj_status write_file(const cli_journal *journal, kj_error *err)
{
  kj__output file;
  kj_status status = kj__output_open(&file, journal->path, err);
  if (status != KJ_OK)
    return status;
  json_t *value = describe(journal);
  const bool is_written =
      value && json_dumpf(value, file.stream, JSON_INDENT(1)) == 0;
  json_decref(value);
  if (is_written)
    status = kj__output_commit(&file, err);
  else {
    status = kj__fail(err, KJ_EFILE, "%s: cannot be written: %s", journal->path,
                      strerror(errno));
    kj__output_discard(&file);
  }
  return status;
}

kj_status cli_journal_save(cli_journal *journal, kj__output *output,
                           kj_error *err)
{
  if (!journal->path)
    return KJ_OK;
  kj_status status = kj__output_secure(output, &journal->size, err);
  if (status != KJ_OK)
    return status;
  journal->whole = 0;
  status = write_file(journal, err);
  if (status != KJ_OK)
    return status;
  journal->n_saved = journal->n_done;
  journal->saved_s = cli_now_s();
  return KJ_OK;
}

kj_status cli_journal_pass(cli_journal *journal, kj__output *output,
                           kj_error *err)
{
  const cli_interval *every = &journal->every;
  const bool is_time = every->epochs > 0
                           ? journal->n_done - journal->n_saved >= every->epochs
                           : cli_now_s() - journal->saved_s >= every->seconds;
  return journal->path && is_time ? cli_journal_save(journal, output, err)
                                  : KJ_OK;
}

void cli_journal_conclude(cli_journal *journal, uint64_t size)
{
  kj_error err;
  journal->whole = size;
  if (journal->n_saved > 0)
    (void)write_file(journal, &err);
}

bool cli_journal_is_whole(const cli_journal *journal, const char *output)
{
  return journal->whole > 0 && kj__output_is_named(output, journal->whole);
}

void cli_journal_remove(const cli_journal *journal)
{
  if (journal->path)
    unlink(journal->path);
}

void cli_journal_clear(cli_journal *journal)
{
  json_decref(journal->options);
  free(journal->path);
  *journal = (cli_journal){0};
}
