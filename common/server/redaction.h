// redaction.h -- which arguments of a request are secrets, for whoever shows
// requests to others: MONITOR, SLOWLOG.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_REDACTION_H
#define VEGA_COMMON_REDACTION_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/slice.h"

struct request;

struct redaction {
    const struct request *request; // Borrowed.
    uint32_t first, end;           // These are secrets;
    bool has_settings;             // and the values of some settings.
};

struct redaction redaction_of(const struct request *request);

// argv[index], or "(redacted)" in its place.
struct slice redaction_argument(const struct redaction *redaction,
                                uint32_t index);

#endif
