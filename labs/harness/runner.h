// runner.h -- runs cases, each in a process of its own, and believes only what
// comes back with the nonce.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_RUNNER_H
#define VEGA_LABS_RUNNER_H

#include <stdint.h>

#include "labs/harness/lab.h"

enum verdict {
    VERDICT_PASSED,
    VERDICT_FAILED,
    VERDICT_BROKEN, // The grader's own fault.
};

struct outcome {
    const struct lab_case *of;
    enum verdict verdict;
    struct text story;
    int64_t time_ms;
};

// What all cases have in common.
struct graded {
    const char *server, *store; // As in struct lab.
    bool is_foreign;
    int case_seconds;
};

void runner_run(const struct graded *graded, const struct lab_case *of,
                struct outcome *outcome);

#endif
