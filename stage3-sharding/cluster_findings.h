// cluster_findings.h -- what `cluster doctor` has found: a list of sentences.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_CLUSTER_FINDINGS_H
#define VEGA_STAGE3_CLUSTER_FINDINGS_H

#include <stdbool.h>

#include "common/base/buffer.h"

struct json_t;

enum finding_gravity {
    FINDING_WRONG, // It is so now.
    FINDING_RISK,  // It is well, and what would end that.
};

struct finding {
    enum finding_gravity gravity;
    const char *kind; // One word for programs: "node_silent".
    char *text;       // What is found, and what to do. Owned.
};

// A zeroed one is empty.
struct findings {
    struct finding *items;
    size_t count;
};

void findings_deinit(struct findings *findings);

// `kind` is borrowed for good.
void findings_add(struct findings *findings, enum finding_gravity gravity,
                  const char *kind, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

size_t findings_count(const struct findings *findings,
                      enum finding_gravity gravity);

// For people, in two parts; and {"wrong": [{"kind": ..., "text": ...}, ...],
// "risks": [...]}, owned by the caller.
void findings_text(const struct findings *findings, struct buffer *out);
struct json_t *findings_json(const struct findings *findings);

#endif
