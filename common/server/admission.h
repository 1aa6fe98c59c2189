// admission.h -- who decides, above the stack, whether there is memory for a
// request.
//
// Execution and replay never refuse: what is refused must not reach a log. So
// every request is asked about before it runs, and what has to go for it is
// submitted at the top like anything else. Reads make room, too, as in Redis: a
// limit that was lowered is soon reached, and no client sees what it forbids.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_ADMISSION_H
#define VEGA_COMMON_ADMISSION_H

#include <stdbool.h>
#include <stdint.h>

struct info;
struct json_t; // jansson's.

struct admission {
    bool limited; // False: there is no limit, and nobody asks.
    // Before a command runs or is queued, with the time that it will have.
    // Makes room, by a bounded amount of work, and more of it for one that may
    // need memory; false if there is none, and such a one is refused.
    bool (*admit)(struct admission *admission, int64_t now_ms,
                  bool needs_memory);
    // As a layer's.
    bool (*tick)(struct admission *admission, int64_t now_ms);
    void (*info)(struct admission *admission, struct info *info);
    // After the layers, so that it can add to what they say.
    void (*stats)(struct admission *admission, struct json_t *object);
    void (*reset_stats)(struct admission *admission);
};

#endif
