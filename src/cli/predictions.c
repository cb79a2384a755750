/*
 * predictions.c: ratings and what models say of them, row by row.
 */
#include "cli/predictions.h"

#include "base/file.h"
#include "cli/table.h"
#include "corpus/csv.h"

static void write_head(FILE *f, const kj_dataset *data, size_t n_models)
{
  fputs("name,speaker", f);
  for (size_t k = 0; k < data->n_targets; k++) {
    fprintf(f, ",%s", data->target[k]);
    for (size_t m = 0; m < n_models; m++)
      fprintf(f, ",%s_model%zu", data->target[k], m + 1);
  }
  putc('\n', f);
}

static void write_number(FILE *f, double value)
{
  putc(',', f);
  cli_csv_number(f, value);
}

kj_status cli_write_predictions(const char *path, const kj_dataset *data,
                                double *const *estimate, size_t n_models,
                                kj_error *err)
{
  kj__output output;
  const kj_status status = kj__output_open(&output, path, err);
  if (status != KJ_OK)
    return status;
  FILE *f = output.stream;
  write_head(f, data, n_models);
  for (size_t i = 0; i < data->n_rows; i++) {
    kj__csv_put_text(f, data->row[i].name);
    putc(',', f);
    kj__csv_put_text(f, data->row[i].group_name[KJ_GROUP_SPEAKER]);
    for (size_t k = 0; k < data->n_targets; k++) {
      const size_t at = i * data->n_targets + k;
      write_number(f, (double)data->y[at]);
      for (size_t m = 0; m < n_models; m++)
        write_number(f, estimate[m][at]);
    }
    putc('\n', f);
  }
  return kj__output_commit(&output, err);
}
