// report.h -- what was graded, for people and for programs.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_REPORT_H
#define VEGA_LABS_REPORT_H

#include "labs/harness/lab_file.h"
#include "labs/harness/runner.h"

enum { REPORT_CASES_MAX = 128 };

struct report {
    const struct lab_file *file;
    bool is_part;    // -k: only some of it was run.
    bool is_foreign; // And of a foreign server some never is.
    struct outcome outcomes[REPORT_CASES_MAX];
    size_t count;
};

// How a test of the lab came out.
struct result {
    size_t cases, passed;
    uint64_t seeds, seeds_passed;
    bool broken;
    bool differs; // Two runs of a seed did.
    int points;
    int64_t time_ms;
};
struct result report_result(const struct report *report,
                            const struct lab_test *test);
int report_score(const struct report *report);

void report_print_test(const struct report *report,
                       const struct lab_test *test);
// Of every test the first case that failed, and the score.
void report_print_end(const struct report *report);

// False, with a message, when the file cannot be written.
bool report_write_json(const struct report *report, const char *path);
bool report_write_junit(const struct report *report, const char *path);

#endif
