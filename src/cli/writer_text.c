/*
 * writer_text.c: CSV, ARFF, JSON Lines, and the two text formats of openSMILE.
 *
 * The first three tell the feature set and its version: CSV in a last column,
 * ARFF as the relation, JSON as fields. The last two are as that program
 * writes them (learnt from files it wrote): CSV with semicolons, the name of
 * the recording in quotes, and a time; ARFF with a last attribute "class" that
 * nobody knows.
 */
#include "cli/writer.h"

#include "cli/table.h"
#include "corpus/csv.h"

#include <inttypes.h>
#include <math.h>

static bool is_summed(const cli_layout *layout)
{
  return layout->level == KJ_LEVEL_FUNCTIONALS;
}

/* Columns of the level, then the set: "feature_set" is "is09/1". */
static void csv_head(const cli_layout *l, uint64_t n_rows, FILE *f)
{
  (void)n_rows;
  fputs(is_summed(l) ? "file,start,end,status" : "file,frame,time", f);
  for (size_t c = 0; c < l->n_columns; c++)
    fprintf(f, ",%s", l->column[c]);
  fputs(",feature_set\n", f);
}

static void put_place(const cli_layout *l, const cli_row *row, FILE *f)
{
  if (is_summed(l))
    fprintf(f, ",%.9g,%.9g,%s", row->start_s, row->end_s,
            kj_recording_status_text(row->status));
  else
    fprintf(f, ",%" PRIu64 ",%.9g", row->frame, row->time_s);
}

static void csv_row(const cli_layout *l, const cli_row *row, FILE *f)
{
  kj__csv_put_text(f, row->name);
  put_place(l, row, f);
  for (size_t c = 0; c < l->n_columns; c++) {
    putc(',', f);
    cli_csv_number(f, (double)row->values[c]);
  }
  fprintf(f, ",%s/%u\n", l->set->name, l->set->version);
}

/* In single quotes, those within behind a backslash. */
static void put_quoted(FILE *f, const char *text)
{
  putc('\'', f);
  for (const char *c = text; *c; c++) {
    if (*c == '\'' || *c == '\\' || *c == '\n')
      putc('\\', f);
    putc(*c == '\n' ? 'n' : *c, f);
  }
  putc('\'', f);
}

static void arff_head(const cli_layout *l, uint64_t n_rows, FILE *f)
{
  (void)n_rows;
  fprintf(f, "@relation '%s/%u'\n\n@attribute file string\n", l->set->name,
          l->set->version);
  if (is_summed(l)) {
    fputs("@attribute start numeric\n@attribute end numeric\n"
          "@attribute status {",
          f);
#define STATUS_TEXT(name, text) "," text
    fputs(&(KJ_RECORDING_STATUS_LIST(STATUS_TEXT) "}\n")[1], f);
#undef STATUS_TEXT
  } else {
    fputs("@attribute frame numeric\n@attribute time numeric\n", f);
  }
  for (size_t c = 0; c < l->n_columns; c++)
    fprintf(f, "@attribute '%s' numeric\n", l->column[c]);
  fputs("\n@data\n", f);
}

static void arff_row(const cli_layout *l, const cli_row *row, FILE *f)
{
  put_quoted(f, row->name);
  put_place(l, row, f);
  for (size_t c = 0; c < l->n_columns; c++)
    if (isfinite(row->values[c]))
      fprintf(f, ",%.9g", (double)row->values[c]);
    else
      fputs(",?", f);
  putc('\n', f);
}

static void json_row(const cli_layout *l, const cli_row *row, FILE *f)
{
  json_t *object = json_object(), *features = json_object();
  json_object_set_new(object, "file", cli_json_text(row->name));
  if (is_summed(l)) {
    json_object_set_new(object, "start", cli_json_number(row->start_s));
    json_object_set_new(object, "end", cli_json_number(row->end_s));
    json_object_set_new(object, "status",
                        json_string(kj_recording_status_text(row->status)));
  } else {
    json_object_set_new(object, "frame", json_integer((json_int_t)row->frame));
    json_object_set_new(object, "time", cli_json_number(row->time_s));
  }
  json_object_set_new(object, "feature_set", json_string(l->set->name));
  json_object_set_new(object, "feature_set_version",
                      json_integer(l->set->version));
  for (size_t c = 0; c < l->n_columns; c++)
    json_object_set_new(features, l->column[c],
                        cli_json_number((double)row->values[c]));
  json_object_set_new(object, "features", features);
  cli_print_json(f, object);
}

static double smile_time(const cli_layout *l, const cli_row *row)
{
  return is_summed(l) ? row->start_s : row->time_s;
}

static void smile_csv_head(const cli_layout *l, uint64_t n_rows, FILE *f)
{
  (void)n_rows;
  fputs("name;frameTime", f);
  for (size_t c = 0; c < l->n_columns; c++)
    fprintf(f, ";%s", l->column[c]);
  putc('\n', f);
}

/* Whole numbers have no point there. Where there is no value there is nothing
 * between the semicolons. */
static void smile_csv_row(const cli_layout *l, const cli_row *row, FILE *f)
{
  put_quoted(f, row->name);
  fprintf(f, ";%.6f", smile_time(l, row));
  for (size_t c = 0; c < l->n_columns; c++)
    if (isfinite(row->values[c]))
      fprintf(f, row->values[c] == truncf(row->values[c]) ? ";%.0f" : ";%e",
              (double)row->values[c]);
    else
      putc(';', f);
  putc('\n', f);
}

static void smile_arff_head(const cli_layout *l, uint64_t n_rows, FILE *f)
{
  (void)n_rows;
  fputs("@relation openSMILE_features\n\n@attribute name string\n", f);
  if (!is_summed(l))
    fputs("@attribute frameTime numeric\n", f);
  for (size_t c = 0; c < l->n_columns; c++)
    fprintf(f, "@attribute %s numeric\n", l->column[c]);
  fputs("@attribute class numeric\n\n@data\n\n", f);
}

static void smile_arff_row(const cli_layout *l, const cli_row *row, FILE *f)
{
  put_quoted(f, row->name);
  if (!is_summed(l))
    fprintf(f, ",%.6f", row->time_s);
  for (size_t c = 0; c < l->n_columns; c++)
    if (isfinite(row->values[c]))
      fprintf(f, ",%e", (double)row->values[c]);
    else
      fputs(",?", f);
  fputs(",?\n", f);
}

const cli_form CLI_FORM_CSV = {.head = csv_head, .row = csv_row};
const cli_form CLI_FORM_ARFF = {.head = arff_head, .row = arff_row};
const cli_form CLI_FORM_JSON = {.row = json_row};
const cli_form CLI_FORM_SMILE_CSV = {.head = smile_csv_head,
                                     .row = smile_csv_row};
const cli_form CLI_FORM_SMILE_ARFF = {.head = smile_arff_head,
                                      .row = smile_arff_row};
