/*
 * corpus_export.h: the standard table of utterances in formats of others.
 */
#ifndef KANJO_CORPUS_EXPORT_H
#define KANJO_CORPUS_EXPORT_H

#include "kanjo/status.h"
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What was written. */
typedef struct kj_export_report {
  const char *table; /* "files" or "segments"; lives as long as the program */
  size_t n_rows;
} kj_export_report;

/**
 * Write a table of labels as a database of audformat (its CSV part).
 *
 * DIR/db.yaml is the header; DIR/db.files.csv has the rows by file, or where
 * any row has a start or an end, DIR/db.segments.csv by file, start and end.
 * Every other column of the table becomes a column with a scheme of its name:
 * valence, activation, dominance are numbers within 1..5, their standard
 * deviations numbers, spontaneous a whole number, all others texts. A folder
 * that is not there is made. Of files in a folder `part` or `corpus` nothing
 * is copied: names are relative to DIR where the two share more than the root.
 *
 * @param[in] path     of the table; it needs a column file, filled in every
 *                     row, and different files or segments.
 * @param[in] folder   DIR.
 * @param[out] report  filled on success; may be NULL.
 * @return KJ_OK; KJ_EFILE if a file cannot be read or written; KJ_EFORMAT or
 *         KJ_EDATA if it is no such table; KJ_EMEMORY.
 *
 * Memory: the table while it runs.  Threads: any number, each with its own
 * folder.
 * Source: audformat specification, https://audeering.github.io/audformat/
 */
kj_status kj_export_audformat(const char *path, const char *folder,
                              kj_export_report *report, kj_error *err);

#ifdef __cplusplus
}
#endif
#endif
