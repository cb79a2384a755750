/* error.h: fill a kj_error and return its status in one line. */
#ifndef KJ_BASE_ERROR_H
#define KJ_BASE_ERROR_H

#include "kanjo/status.h"

/* Write the printf-style sentence into *err (which may be NULL); returns
 * `status`, so that a check reads `return kj__fail(err, KJ_..., "...")`. */
kj_status kj__fail(kj_error *err, kj_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Put "context: " before the message of an error that is already there. */
kj_status kj__fail_in(kj_error *err, kj_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The sentence for an allocation that failed. */
kj_status kj__fail_memory(kj_error *err, const char *what);

#endif
