/*
 * import.h: from the folder of a known corpus to the standard table of its
 * utterances. docs/corpora.md describes the table and each corpus.
 */
#ifndef KANJO_IMPORT_H
#define KANJO_IMPORT_H

#include "kanjo/status.h"
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A corpus that can be imported; all texts live as long as the program. */
typedef struct kj_importer {
  const char *name;      /* as given to kj_import_run: "iemocap" */
  const char *title;     /* "IEMOCAP" */
  const char *languages; /* ISO 639-1, with spaces between: "en", "da en" */
  const char *scale;     /* of its ratings, "1:5"; "" where it has none */
  const char *licence;   /* in a few words */
  const char *source;    /* where to get it */
  size_t n_utterances;   /* of the whole corpus; 0: differs by release */
} kj_importer;

/**
 * Give the number of corpora that can be imported.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
size_t kj_importer_count(void);

/**
 * Give one of them.
 *
 * @param[in] index  0..kj_importer_count() - 1.
 * @return it, or NULL where there is no such index.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
const kj_importer *kj_importer_at(size_t index);

/** What becomes of an utterance with a rating outside its scale. */
typedef enum kj_out_of_range {
  KJ_OUT_OF_RANGE_CLAMP, /* the rating becomes the nearest allowed one */
  KJ_OUT_OF_RANGE_DROP   /* the utterance is left out */
} kj_out_of_range;

typedef struct kj_import_options {
  kj_out_of_range out_of_range;
  const char *ratings; /* table of ratings that is no part of the corpus, for
                          corpora that take one (docs/corpora.md); or NULL */
} kj_import_options;

/** What came of an import. */
typedef struct kj_import_report {
  size_t n_rows;     /* written */
  size_t n_speakers; /* different ones; rows without a speaker do not count */
  char **note;       /* sentences on what is not as it might be expected: a
                        count that differs, ratings clamped, files missing */
  size_t n_notes;
} kj_import_report;

/**
 * Read the labels of a corpus and write its standard table.
 *
 * Rows are sorted by utterance. Names of files are relative to the table's
 * folder unless the two have no folder in common but the root. Sound is not
 * opened: whether it is there is looked up and told in a note.
 *
 * @param[in]  name     the importer: the name of one of kj_importer_at().
 * @param[in]  folder   the corpus as it is distributed.
 * @param[in]  options  NULL: clamp, no table of ratings.
 * @param[in]  output   the table to write; "-": standard output.
 * @param[out] report   filled on success; release with
 *                      kj_import_report_clear(). May be NULL.
 * @return KJ_OK; KJ_EARGUMENT if name is not known, or does not take a table
 *         of ratings; KJ_EFILE if a file cannot be read or written;
 *         KJ_EFORMAT or KJ_EDATA (file, line, what was looked for) if it is
 *         not such a corpus; KJ_EMEMORY. Nothing is written then.
 *
 * Memory: all labels of the corpus while it runs.  Threads: any number, each
 * with its own output.
 */
kj_status kj_import_run(const char *name, const char *folder,
                        const kj_import_options *options, const char *output,
                        kj_import_report *report, kj_error *err);

/** Release what the report holds; it is empty then. NULL is allowed. */
void kj_import_report_clear(kj_import_report *report);

#ifdef __cplusplus
}
#endif
#endif
