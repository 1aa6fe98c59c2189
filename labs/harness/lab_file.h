// lab_file.h -- what lab.yml says, as far as the grader needs it.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_LAB_FILE_H
#define VEGA_LABS_LAB_FILE_H

#include <stdbool.h>
#include <stddef.h>

enum { LAB_TESTS_MAX = 32 };

struct lab_test {
    char *name;
    char *likely;  // The likeliest cause when it fails.
    char *look_at; // Files and functions.
    char *waits;   // For a part that is built later, or "": it is run.
    int points;
    int seeds;   // So many, from 1; 0: it has none.
    bool shared; // Half of the seeds kept is half of the points.
};

struct lab_file {
    char *lab; // "1"
    char *title;
    int case_seconds; // The guard against endless loops.
    struct lab_test tests[LAB_TESTS_MAX];
    size_t test_count;
};

// False, with a message on standard error, when it cannot be used.
bool lab_file_load(struct lab_file *file, const char *path);
void lab_file_free(struct lab_file *file);

#endif
