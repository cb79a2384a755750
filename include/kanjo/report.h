/*
 * report.h: the report of an experiment, from its results alone.
 */
#ifndef KANJO_REPORT_H
#define KANJO_REPORT_H

#include "kanjo/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct json_t;

/**
 * Write what an experiment showed: a page, the same as Markdown, and figures.
 *
 * Into `folder`, made where it is not there: report.html, one file that needs
 * nothing beside it; report.md; for each figure figures/ID.svg and
 * figures/ID.csv. The same results give the same bytes. Where the protocol is
 * synthetic, page, tables and figures say so.
 *
 * @param[in] results  what kj_protocol_run gave, or the jansson object read
 *                     from a results.json (docs/experiments.md).
 * @param[in] folder   where to write.
 * @return KJ_OK; KJ_EFORMAT if results have another layout: the message names
 *         the place, as in experiments[0].targets[1].name; KJ_EFILE if a file
 *         cannot be written, and then what was there before is left;
 *         KJ_EMEMORY.
 *
 * Memory: released before the return.  Threads: one.
 */
kj_status kj_report_write(const struct json_t *results, const char *folder,
                          kj_error *err);

#ifdef __cplusplus
}
#endif
#endif
