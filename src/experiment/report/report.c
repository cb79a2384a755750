/*
 * report.c: from results to files.
 */
#define _POSIX_C_SOURCE 200809L
#include "kanjo/report.h"

#include "base/error.h"
#include "base/file.h"
#include "experiment/report/check.h"
#include "experiment/report/sections.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* FOLDER/NAME, one writer, all or nothing. */
typedef struct target_file {
  const char *folder, *name;
  void (*write)(const void *what, FILE *out);
  const void *what;
} target_file;

static kj_status write_file(const target_file *f, kj_error *err)
{
  char path[4096];
  kj__output output = {0};
  const int n = snprintf(path, sizeof path, "%s/%s", f->folder, f->name);
  if (n < 0 || (size_t)n >= sizeof path)
    return kj__fail(err, KJ_EARGUMENT, "%s: the path is too long", f->folder);
  const kj_status status = kj__output_open(&output, path, err);
  if (status != KJ_OK)
    return status;
  f->write(f->what, output.stream);
  return kj__output_commit(&output, err);
}

static void write_html(const void *what, FILE *out)
{
  kj__document_html(what, out);
}

static void write_markdown(const void *what, FILE *out)
{
  kj__document_markdown(what, out);
}

static void write_svg(const void *what, FILE *out)
{
  kj__chart_svg(what, true, out);
}

static void write_csv(const void *what, FILE *out)
{
  kj__chart_csv(what, out);
}

static kj_status make_folder(const char *path, kj_error *err)
{
  if (mkdir(path, 0777) != 0 && errno != EEXIST)
    return kj__fail(err, KJ_EFILE, "%s: cannot be made: %s", path,
                    strerror(errno));
  return KJ_OK;
}

static kj_status write_chart(const char *figures, const kj__chart *chart,
                             kj_error *err)
{
  char name[KJ__CHART_NAME + 8];
  snprintf(name, sizeof name, "%s.svg", chart->id);
  kj_status status =
      write_file(&(target_file){figures, name, write_svg, chart}, err);
  snprintf(name, sizeof name, "%s.csv", chart->id);
  if (status == KJ_OK)
    status = write_file(&(target_file){figures, name, write_csv, chart}, err);
  return status;
}

/* Figures first: what the page links to is there when the page is. */
kj_status kj__report_files(const kj__document *d, const char *folder,
                           const char *name, kj_error *err)
{
  char figures[4096], file[64];
  const int n = snprintf(figures, sizeof figures, "%s/figures", folder);
  if (n < 0 || (size_t)n >= sizeof figures)
    return kj__fail(err, KJ_EARGUMENT, "%s: the path is too long", folder);
  kj_status status = make_folder(folder, err);
  if (status == KJ_OK)
    status = make_folder(figures, err);
  for (size_t i = 0; i < d->n_blocks && status == KJ_OK; i++)
    if (d->block[i].kind == KJ__BLOCK_CHART)
      status = write_chart(figures, &d->block[i].chart, err);
  snprintf(file, sizeof file, "%s.md", name);
  if (status == KJ_OK)
    status = write_file(&(target_file){folder, file, write_markdown, d}, err);
  snprintf(file, sizeof file, "%s.html", name);
  if (status == KJ_OK)
    status = write_file(&(target_file){folder, file, write_html, d}, err);
  return status;
}

/* Two figures of one name would be one file. */
static void tell_apart(kj__document *d)
{
  for (size_t i = 0; i < d->n_blocks; i++) {
    kj__chart *chart = &d->block[i].chart;
    size_t n = 1;
    for (size_t j = 0; j < i && d->block[i].kind == KJ__BLOCK_CHART; j++)
      if (d->block[j].kind == KJ__BLOCK_CHART &&
          strcmp(d->block[j].chart.id, chart->id) == 0) {
        const size_t used = strcspn(chart->id, ".");
        const size_t room = sizeof chart->id - 6;
        snprintf(chart->id + (used < room ? used : room), 6, "-%zu", ++n);
        j = (size_t)-1; /* that name may be taken, too */
      }
  }
}

static void compose(kj__document *d, const json_t *results)
{
  const json_t *experiments = json_object_get(results, "experiments");
  const json_t *protocol = json_object_get(results, "protocol");
  kj__section_setting(d, results);
  for (size_t i = 0; i < json_array_size(experiments); i++)
    kj__section_experiment(d, json_array_get(experiments, i));
  kj__document_heading(d, 2, "The protocol");
  kj__document_text(d, KJ__BLOCK_CODE, "%s", kj__report_text(protocol, "text"));
  tell_apart(d);
}

static void say_what_is_synthetic(kj__document *d, const json_t *results)
{
  const json_t *corpora = json_object_get(results, "corpora");
  const json_t *protocol = json_object_get(results, "protocol");
  const size_t n = json_array_size(corpora);
  size_t n_synthetic = 0;
  for (size_t i = 0; i < n; i++)
    n_synthetic +=
        json_is_true(json_object_get(json_array_get(corpora, i), "synthetic"));
  d->is_synthetic =
      n_synthetic > 0 || json_is_true(json_object_get(protocol, "synthetic"));
  d->is_wholly_synthetic = d->is_synthetic && n_synthetic == n;
}

kj_status kj_report_write(const json_t *results, const char *folder,
                          kj_error *err)
{
  kj_status status = kj__report_check(results, err);
  if (status != KJ_OK)
    return status;
  const json_t *protocol = json_object_get(results, "protocol");
  kj__document d = {.title = kj__report_text(protocol, "title")};
  say_what_is_synthetic(&d, results);
  compose(&d, results);
  status = d.is_short_of_memory ? kj__fail_memory(err, "a report")
                                : kj__report_files(&d, folder, "report", err);
  kj__document_clear(&d);
  return status;
}
