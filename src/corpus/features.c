/*
 * features.c: feature tables, alone or joined to labels. The numbers go from
 * the text of a row straight to their place in the dataset.
 */
#include "corpus/features.h"

#include "base/error.h"
#include "base/memory.h"
#include "corpus/join.h"
#include "corpus/table.h"
#include "corpus/utf8.h"
#include "kanjo/audio.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* The columns of a table that are features, in their order. */
typedef struct inputs {
  size_t n;
  size_t *at;        /* the column of each; of the arena */
  const char **name; /* of the arena */
} inputs;

static kj_status find_inputs(const kj__csv *csv, kj__arena *arena, inputs *in,
                             kj_error *err)
{
  *in =
      (inputs){.at = kj__arena_take(arena, csv->n_columns, sizeof *in->at),
               .name = kj__arena_take(arena, csv->n_columns, sizeof *in->name)};
  bool done = in->at && in->name;
  for (size_t i = 0; i < csv->n_columns && done; i++) {
    if (kj__column_is_known(csv->column[i]))
      continue;
    in->at[in->n] = i;
    in->name[in->n] = kj__arena_text(arena, csv->column[i]);
    done = in->name[in->n++] != NULL;
  }
  if (!done)
    return kj__fail_memory(err, csv->name);
  if (in->n == 0 || in->n > KJ_MAX_INPUTS)
    return kj__fail(err, KJ_EDATA,
                    "%s: %zu columns are features; must be 1..%d", csv->name,
                    in->n, KJ_MAX_INPUTS);
  return KJ_OK;
}

/* The features of the current row; all must be finite as floats. */
static kj_status read_values(const kj__csv *csv, const inputs *in, float *x,
                             kj_error *err)
{
  for (size_t i = 0; i < in->n; i++) {
    double value;
    const kj_status status = kj__csv_number(csv, in->at[i], &value, err);
    if (status != KJ_OK)
      return status;
    if (isnan(value))
      return kj__csv_fail(csv, in->at[i], err,
                          "is empty; a feature must be a finite number");
    if (fabs(value) > (double)FLT_MAX)
      return kj__csv_fail(csv, in->at[i], err,
                          "is too large; must be within +-3.4e38");
    x[i] = (float)value;
  }
  return KJ_OK;
}

/* Does a recording of the status in the current row have features? */
static kj_status check_status(const kj__columns *columns, const kj__csv *csv,
                              bool *usable, kj_error *err)
{
  static const struct {
    kj_recording_status status;
    const char *text;
  } statuses[] = {
#define STATUS_ROW(id, name) {id, name},
      KJ_RECORDING_STATUS_LIST(STATUS_ROW)
#undef STATUS_ROW
  };
  const char *text = kj__columns_text(columns, csv, KJ__COLUMN_STATUS);
  *usable = true;
  if (text[0] == '\0')
    return KJ_OK;
  for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
    if (strcmp(text, statuses[i].text) == 0) {
      *usable = kj_recording_has_values(statuses[i].status);
      return KJ_OK;
    }
  return kj__csv_fail(csv, columns->at[KJ__COLUMN_STATUS], err,
                      "is no status that kanjo extract writes");
}

/* A table is of one set: what the column feature_set says, "" where it says
 * nothing, is the same in all rows. */
static kj_status check_set(const kj__columns *columns, const kj__csv *csv,
                           kj__arena *arena, const char **said, kj_error *err)
{
  const char *text = kj__columns_text(columns, csv, KJ__COLUMN_FEATURE_SET);
  if (!*said)
    *said = kj__arena_text(arena, text);
  if (!*said)
    return kj__fail_memory(err, csv->name);
  if (strcmp(*said, text) == 0)
    return KJ_OK;
  return kj__csv_fail(csv, columns->at[KJ__COLUMN_FEATURE_SET], err,
                      "is not \"%.64s\", as in the rows above; a table is of "
                      "one set",
                      *said);
}

/* The columns of the dataset are those of a table that says which set they
 * are, or nothing. */
static kj_status name_features(kj_dataset *d, const char *path,
                               const char *said, kj_error *err)
{
  d->set_label = said && said[0] != '\0' ? said : NULL;
  d->features_path = kj__arena_text(d->arena, path);
  return d->features_path ? kj__dataset_name_features(d, err)
                          : kj__fail_memory(err, path);
}

static void list_add(kj_name_list *list, const char *name, const char *status)
{
  char whole[2 * KJ_REPORT_NAME_SIZE];
  if (list->n < KJ_REPORT_NAMES) {
    snprintf(whole, sizeof whole, status ? "%s (%s)" : "%s", name, status);
    kj__utf8_shorten(list->name[list->n], KJ_REPORT_NAME_SIZE, whole);
  }
  list->n++;
}

/* Features being joined to labels. */
typedef struct joiner {
  kj_dataset *labels;
  kj__join join;
  inputs in;
  float *x;         /* (n_rows, n) of the labels */
  size_t *line;     /* (n_rows): where its features are; 0: nowhere */
  const char *said; /* the set that the table says it is; of the arena */
  kj_join_report report;
} joiner;

static kj_status join_header(void *context, const kj__csv *csv, kj_error *err)
{
  joiner *j = context;
  kj_status status = kj__join_begin(&j->join, j->labels, csv, err);
  if (status == KJ_OK)
    status = find_inputs(csv, j->labels->arena, &j->in, err);
  if (status != KJ_OK)
    return status;
  size_t size;
  j->line = kj__allocate(NULL, j->labels->n_rows, sizeof *j->line);
  if (kj__size_multiply(j->labels->n_rows, j->in.n, &size))
    j->x = kj__allocate(NULL, size, sizeof *j->x);
  return j->line && j->x ? KJ_OK : kj__fail_memory(err, csv->name);
}

static kj_status join_row(void *context, const kj__csv *csv, kj_error *err)
{
  joiner *j = context;
  const char *key = kj__join_key(&j->join, csv);
  bool usable;
  size_t row = KJ__NONE;
  kj_status status = check_status(&j->join.columns, csv, &usable, err);
  if (status == KJ_OK)
    status = check_set(&j->join.columns, csv, j->labels->arena, &j->said, err);
  if (status == KJ_OK && usable)
    status = kj__join_find(&j->join, csv, &row, err);
  if (status != KJ_OK)
    return status;
  if (row == KJ__NONE) {
    if (usable)
      list_add(&j->report.without_labels, key, NULL);
    else
      list_add(&j->report.unusable, key,
               kj__columns_text(&j->join.columns, csv, KJ__COLUMN_STATUS));
    return KJ_OK;
  }
  if (j->line[row] != 0)
    return kj__fail(err, KJ_EDATA,
                    "%s:%zu: features of \"%.128s\" again; the first are in "
                    "line %zu",
                    csv->name, csv->line, key, j->line[row]);
  j->line[row] = csv->line;
  j->report.n_joined++;
  return read_values(csv, &j->in, j->x + row * j->in.n, err);
}

static kj_status check_joined(const joiner *j, const char *name, kj_error *err)
{
  const kj_join_report *r = &j->report;
  if (r->n_joined > 0)
    return KJ_OK;
  const kj_name_list *other =
      r->without_labels.n > 0 ? &r->without_labels : &r->unusable;
  const kj_row *first = &j->labels->row[0];
  const bool by_utterance = first->utterance[0] &&
                            j->join.on != KJ__JOIN_FILE &&
                            j->join.on != KJ__JOIN_FILE_UTTERANCE;
  return kj__fail(err, KJ_EDATA,
                  "%s: no row belongs to one of %.160s, compared by %s: "
                  "\"%.64s\" here, \"%.64s\" there",
                  name, j->labels->path, kj__join_column(&j->join),
                  other->n > 0 ? other->name[0] : "",
                  by_utterance ? first->utterance : first->name);
}

/* The features are read: give them to the dataset, and drop its other rows. */
static kj_status take_features(joiner *j, const char *path, kj_error *err)
{
  kj_dataset *d = j->labels;
  unsigned char *keep = kj__allocate(NULL, d->n_rows, 1);
  if (!keep)
    return kj__fail_memory(err, d->path);
  for (size_t i = 0; i < d->n_rows; i++) {
    keep[i] = j->line[i] != 0;
    if (!keep[i])
      list_add(&j->report.without_features,
               d->row[i].utterance[0] ? d->row[i].utterance : d->row[i].name,
               NULL);
  }
  d->x = j->x;
  j->x = NULL;
  d->n_inputs = j->in.n;
  d->input_name = j->in.name;
  kj_status status = name_features(d, path, j->said, err);
  if (status == KJ_OK)
    status = kj_dataset_keep_rows(d, keep, err);
  kj__release(NULL, keep);
  return status;
}

kj_status kj__features_attach(kj_dataset *dataset, const kj__csv_source *source,
                              kj_join_report *report, kj_error *err)
{
  joiner j = {.labels = dataset};
  const kj__csv_visitor visitor = {&j, join_header, join_row};
  kj_status status = kj__dataset_check_bare(dataset, err);
  if (status == KJ_OK)
    status = kj__csv_read(source, &visitor, err);
  if (status == KJ_OK)
    status = check_joined(&j, source->name, err);
  if (status == KJ_OK)
    status = take_features(&j, source->name, err);
  kj__join_clear(&j.join);
  kj__release(NULL, j.x);
  kj__release(NULL, j.line);
  if (report)
    *report = status == KJ_OK ? j.report : (kj_join_report){0};
  return status;
}

kj_status kj_dataset_attach_features(kj_dataset *dataset, const char *path,
                                     kj_join_report *report, kj_error *err)
{
  const kj__csv_source source = {.name = path};
  return kj__features_attach(dataset, &source, report, err);
}

/* A feature table being read by itself. */
typedef struct reader {
  kj__table table;
  inputs in;
  const char *said; /* as in joiner */
  kj_join_report report;
} reader;

static kj_status read_header(void *context, const kj__csv *csv, kj_error *err)
{
  reader *r = context;
  kj_dataset *d = r->table.dataset;
  r->table.columns = kj__columns_find(csv);
  const kj_status status = find_inputs(csv, d->arena, &r->in, err);
  if (status != KJ_OK)
    return status;
  d->n_inputs = r->in.n;
  d->input_name = r->in.name;
  return KJ_OK;
}

static kj_status read_row(void *context, const kj__csv *csv, kj_error *err)
{
  reader *r = context;
  kj_dataset *d = r->table.dataset;
  const kj__columns *c = &r->table.columns;
  bool usable;
  kj_status status = check_status(c, csv, &usable, err);
  if (status == KJ_OK)
    status = check_set(c, csv, d->arena, &r->said, err);
  if (status != KJ_OK)
    return status;
  if (!usable) {
    const char *file = kj__columns_text(c, csv, KJ__COLUMN_FILE);
    list_add(&r->report.unusable,
             file[0] ? file : kj__columns_text(c, csv, KJ__COLUMN_UTTERANCE),
             kj__columns_text(c, csv, KJ__COLUMN_STATUS));
    return KJ_OK;
  }
  status = kj__table_add(&r->table, csv, err);
  if (status == KJ_OK)
    status =
        read_values(csv, &r->in, d->x + (d->n_rows - 1) * d->n_inputs, err);
  r->report.n_joined++;
  return status;
}

kj_status kj__features_read(const kj__csv_source *source, kj_dataset **out,
                            kj_join_report *report, kj_error *err)
{
  reader r = {0};
  const kj__csv_visitor visitor = {&r, read_header, read_row};
  kj_status status = kj__table_begin(&r.table, source->name, err);
  if (status == KJ_OK)
    status = kj__csv_read(source, &visitor, err);
  if (status == KJ_OK)
    status = kj__table_end(&r.table, err);
  if (status == KJ_OK)
    status = name_features(r.table.dataset, source->name, r.said, err);
  if (report)
    *report = status == KJ_OK ? r.report : (kj_join_report){0};
  if (status != KJ_OK) {
    kj_dataset_destroy(r.table.dataset);
    return status;
  }
  *out = r.table.dataset;
  return KJ_OK;
}

kj_status kj_dataset_read_features(const char *path, kj_dataset **out,
                                   kj_join_report *report, kj_error *err)
{
  const kj__csv_source source = {.name = path};
  return kj__features_read(&source, out, report, err);
}
