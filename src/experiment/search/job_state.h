/*
 * job_state.h: a search on data: its rows, inner folds and cells.
 */
#ifndef KJ_EXPERIMENT_SEARCH_JOB_STATE_H
#define KJ_EXPERIMENT_SEARCH_JOB_STATE_H

#include "experiment/run_state.h"
#include "kanjo/search.h"

typedef struct kj__search_run {
  const kj_search_job *job;
  kj_search_options options; /* completed */
  kj__run run;
  kj__trial trial;
  kj_protocol_method method; /* that is searched */
  kj__part *part;            /* (n_parts): folds, seed after seed */
  size_t n_parts, n_rows;
  kj__judge judge;
  size_t n_before;   /* fits done before the batch that runs */
  double deadline_s; /* infinite: none */
  bool is_stopped, is_late;
} kj__search_run;

/* run.c: a layer's width with the first one scaled by `ratio`. */
size_t kj__search_width(size_t width, double ratio);

/* run.c: the protocol's own setting. */
kj_search_point kj__search_start(const kj_protocol *protocol);

/* search_results.c: all that is told of a search; NULL: memory is short. */
struct json_t *kj__search_results(const kj__search_run *search,
                                  const kj_search_log *log);

#endif
