/*
 * metadata_kinds.c: what kind of estimator it is, where it is not a plain one:
 * its route, that it predicts deviations, how many members it has.
 */
#include "model/metadata.h"

#include "base/error.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char PREDICTED[] = "predicted";

static int put(json_t *metadata, const char *key, json_t *text)
{
  return json_object_set_new(metadata, key, text);
}

kj_status kj__kinds_put(const kj_estimator_parts *parts, json_t *metadata,
                        kj_error *err)
{
  int failed = 0;
  if (parts->routing.component[KJ_COMPONENT_GATE])
    failed |= put(metadata, KJ__ROUTING_KEY,
                  json_string(kj_route_name(parts->routing.route)));
  if (parts->predicts_sd)
    failed |= put(metadata, KJ__DEVIATION_KEY, json_string(PREDICTED));
  if (parts->n_others > 0)
    failed |= put(metadata, KJ__MEMBERS_KEY,
                  json_sprintf("%zu", parts->n_others + 1));
  return failed ? kj__fail_memory(err, "metadata") : KJ_OK;
}

static kj_status get_route(const char *text, kj__outline *to, kj_error *err)
{
  kj_routing *routing = &to->parts.routing;
  to->has_components = true;
  return kj_route_find(text, &routing->route) &&
                 routing->route != KJ_ROUTE_ORACLE
             ? KJ_OK
             : kj__refuse(err, text, "plain, hard, soft or features");
}

static kj_status get_deviation(const char *text, kj__outline *to, kj_error *err)
{
  to->parts.predicts_sd = true;
  return strcmp(text, PREDICTED) == 0 ? KJ_OK
                                      : kj__refuse(err, text, PREDICTED);
}

static kj_status get_members(const char *text, kj__outline *to, kj_error *err)
{
  char allowed[32];
  const size_t n = strlen(text);
  const unsigned long value = n > 0 && n <= 3 && strspn(text, "0123456789") == n
                                  ? strtoul(text, NULL, 10)
                                  : 0;
  snprintf(allowed, sizeof allowed, "2..%d", KJ_MAX_MEMBERS);
  if (value < 2 || value > KJ_MAX_MEMBERS)
    return kj__refuse(err, text, allowed);
  to->parts.n_others = (size_t)value - 1;
  return KJ_OK;
}

kj_status kj__kinds_get(const json_t *metadata, kj__outline *outline,
                        kj_error *err)
{
  static const struct {
    const char *key;
    kj_status (*get)(const char *, kj__outline *, kj_error *);
  } FIELDS[] = {{KJ__ROUTING_KEY, get_route},
                {KJ__DEVIATION_KEY, get_deviation},
                {KJ__MEMBERS_KEY, get_members}};
  for (size_t i = 0; i < sizeof FIELDS / sizeof FIELDS[0]; i++) {
    const json_t *field = json_object_get(metadata, FIELDS[i].key);
    const kj_status status =
        field ? FIELDS[i].get(json_string_value(field), outline, err) : KJ_OK;
    if (status != KJ_OK)
      return kj__fail_in(err, status, "metadata: %s", FIELDS[i].key);
  }
  return KJ_OK;
}
