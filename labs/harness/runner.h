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
    struct lab_tally tally;
    int64_t time_ms;
};

// What all cases have in common.
struct graded {
    const char *server, *store, *subject; // As in struct lab.
    uint64_t first_seed, last_seed;
    bool until_fail;
    const char *out, *number;
    bool is_foreign, verbose;
    int case_seconds;
};

void runner_run(const struct graded *graded, const struct lab_case *of,
                struct outcome *outcome);

#endif
