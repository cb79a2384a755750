/*
 * evaluate_routing.h: who of an estimator's experts is how good at which kind
 * of speech, and how good its gate is: the paper's tables 3 and 4.
 */
#ifndef KJ_CLI_EVALUATE_ROUTING_H
#define KJ_CLI_EVALUATE_ROUTING_H

#include "cli/options.h"
#include "kanjo/routing.h"
#include <jansson.h>

/* A model that routes, on labelled speech: as text, or as the members "routes"
 * and "gate" of a JSON object. KJ_EDATA, KJ_EMEMORY. */
kj_status cli_print_routing(const kj_estimator *estimator,
                            const kj_dataset *data, kj_error *err);
kj_status cli_json_routing(json_t *object, const kj_estimator *estimator,
                           const kj_dataset *data, kj_error *err);

/* A gate by itself. KJ_EDATA where no row's kind is known. */
kj_status cli_print_gate(const kj_estimator *gate, const kj_dataset *data,
                         kj_error *err);
kj_status cli_json_gate(json_t *object, const kj_estimator *gate,
                        const kj_dataset *data, kj_error *err);

#endif
