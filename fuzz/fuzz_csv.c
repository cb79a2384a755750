/*
 * fuzz_csv.c: any bytes as a table of labels, as a feature table, and as the
 * features of fixed labels. What is accepted must be as the header promises.
 */
#include "base/memory.h"
#include "corpus/features.h"
#include "corpus/labels.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
  if (!condition)
    abort();
}

static void check(const kj_dataset *d)
{
  require(d->n_rows > 0 && d->path && d->feature_set);
  for (size_t i = 0; i < d->n_rows; i++) {
    const kj_row *row = &d->row[i];
    require(row->name && row->file && row->utterance && row->gender);
    require(row->weight >= 0 && isfinite(row->weight) && row->start_s >= 0);
    require(row->end_s <= 0 || row->end_s > row->start_s);
    for (size_t g = 0; g < KJ_N_GROUPS; g++)
      require(row->group[g] < d->groups[g].n);
  }
  for (size_t i = 0; i < d->n_rows * d->n_targets; i++)
    require(isnan(d->y[i]) || (d->y[i] >= 1 && d->y[i] <= 5));
  for (size_t i = 0; i < d->n_rows * d->n_inputs; i++)
    require(isfinite(d->x[i]));
}

static void check_and_destroy(kj_status status, kj_dataset *d)
{
  if (status == KJ_OK)
    check(d);
  kj_dataset_destroy(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const char labels[] = "file,start,end,v\na/b.wav,0,1,1\n"
                               "a/b.wav,1,2,2\n./c.wav,,,3\n";
  const kj__csv_source source = {"fuzz.csv", size > 0 ? (const void *)data : "",
                                 size};
  const kj__csv_source fixed = {"labels.csv", labels, sizeof labels - 1};
  const kj_target_spec targets[] = {{"activation", "activation", 0, 100},
                                    {"valence", "v", 1, 7}};
  kj_join_report report;
  kj_error err;
  kj_dataset *d = NULL;
  kj_status status = kj__labels_read(&source, targets, 2, &d, &err);
  check_and_destroy(status, d);
  d = NULL;
  status = kj__labels_read(&source, NULL, 0, &d, NULL);
  check_and_destroy(status, d);
  d = NULL;
  status = kj__features_read(&source, &d, &report, &err);
  check_and_destroy(status, d);
  d = NULL;
  require(kj__labels_read(&fixed, targets + 1, 1, &d, &err) == KJ_OK);
  status = kj__features_attach(d, &source, &report, &err);
  check_and_destroy(status, d);
  return 0;
}
