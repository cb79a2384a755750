/* audit_state.h: what the files of an audit share. */
#ifndef KJ_EXPERIMENT_AUDIT_STATE_H
#define KJ_EXPERIMENT_AUDIT_STATE_H

#include "kanjo/audit.h"

struct kj_audit {
  const kj_dataset *data;
  kj_audit_options options;
  size_t n_inputs;
  const char *left_out[KJ_N_CONDITIONS]; /* NULL: not */
  float *x[KJ_N_CONDITIONS]; /* (n_rows, n_inputs); NULL: left out */
  size_t n_groups;
  const char *group[KJ_AUDIT_GROUPS];
};

/* Fill the row's features under each condition. Writes to that row alone. */
kj_status kj__audit_row(kj_audit *audit, size_t row, kj_error *err);

/* True if a recording of another speaker than the row's is there. */
bool kj__audit_has_others(const kj_dataset *data, size_t row);

/* A condition's kind and value. */
kj_disturb kj__condition_kind(kj_condition condition);
double kj__condition_value(kj_condition condition);

#endif
