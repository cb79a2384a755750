/*
 * protocol_check.h: what a table of keys cannot say of a protocol.
 */
#ifndef KJ_EXPERIMENT_PROTOCOL_CHECK_H
#define KJ_EXPERIMENT_PROTOCOL_CHECK_H

#include "kanjo/protocol.h"

/* How rows are divided: folds once for all seeds, or a part for each. */
typedef struct kj__division {
  bool is_holdout;
  kj_folds folds;   /* not is_holdout */
  kj_split holdout; /* is_holdout */
} kj__division;

/* Read `split:` of an experiment. */
kj_status kj__division_parse(const char *text, kj__division *division,
                             kj_error *err);

/* Fill in what follows from what was said: titles, methods, paths. */
kj_status kj__protocol_complete(kj_protocol *protocol, kj_error *err);

/* Names that must be known or unique, keys that exclude each other. */
kj_status kj__protocol_check(const kj_protocol *protocol, kj_error *err);

/* Whether a name is among them. */
bool kj__texts_hold(const kj_texts *names, const char *name);

/* The pass marks of an audit (protocol_audit.c). */
kj_status kj__protocol_check_audit(const kj_protocol *protocol, kj_error *err);

/* What a method smooths with: its own settings, else the protocol's. */
kj_smoothing kj__protocol_smoothing(const kj_protocol *protocol,
                                    const kj_protocol_method *method);

/* Every option of a fit of that method, but for the seed. */
kj_fit_options kj__protocol_fit(const kj_protocol *protocol,
                                const kj_protocol_method *method);

/* Likewise of the gate of routed systems. */
kj_fit_options kj__protocol_gate(const kj_protocol *protocol,
                                 const kj_protocol_gate *gate);

#endif
