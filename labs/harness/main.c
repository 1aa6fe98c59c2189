// main.c -- the grader of one lab; labs/grade builds it and calls it.
//
//     grader LAB.YML --server PROGRAM [--foreign | --store PROGRAM]
//            [--subject PROGRAM] [-k TEST[/CASE]]
//            [--seeds A..B | --seeds-max N] [--until-fail]
//            [--out DIR] [--json FILE] [--junit FILE]
//     grader LAB.YML ... --replay TEST[/CASE] [--seeds A] [--until EVENT]
//            [--whole] [-v] [--html FILE] [--gdb]
//
// Exit status: 0 all passed, 1 some failed, 3 the grader's own fault.
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "labs/harness/failure.h"
#include "labs/harness/options.h"
#include "labs/harness/replay.h"
#include "labs/harness/report.h"

enum { EXIT_PASSED, EXIT_FAILED, EXIT_OWN_FAULT = 3 };

enum { LONG_SILENCE_MS = LAB_SILENCE_MS - 1000 };

static struct lab_case *first_case, *last_case;

void lab_register(struct lab_case *made)
{
    if (last_case)
        last_case->next = made;
    else
        first_case = made;
    last_case = made;
}

const struct lab_case *lab_cases(void)
{
    return first_case;
}

static const struct lab_test *test_of(const struct lab_file *file,
                                      const struct lab_case *at)
{
    for (size_t i = 0; i < file->test_count; i++) {
        if (!strcmp(file->tests[i].name, at->test))
            return &file->tests[i];
    }
    return NULL;
}

// A listed test without cases would be points for nothing, and a case of no
// test a check that nobody counts.
static bool is_complete(const struct lab_file *file)
{
    for (size_t i = 0; i < file->test_count; i++) {
        const struct lab_case *at = lab_cases();
        while (at && test_of(file, at) != &file->tests[i])
            at = at->next;
        if (!at && !*file->tests[i].waits) {
            fprintf(stderr, "no case of the test %s\n", file->tests[i].name);
            return false;
        }
    }
    for (const struct lab_case *at = lab_cases(); at; at = at->next) {
        if (!test_of(file, at)) {
            fprintf(stderr, "lab.yml lists no test %s\n", at->test);
            return false;
        }
    }
    return true;
}

// `only` is NULL, a test, or test/case.
static bool is_wanted(const struct lab_case *at, const char *only)
{
    if (!only)
        return true;
    size_t size = strlen(at->test);
    if (strncmp(only, at->test, size) != 0)
        return false;
    return only[size] == '\0' ||
           (only[size] == '/' && !strcmp(only + size + 1, at->name));
}

// A program that hangs would hang in every case, and the test is lost anyway.
static void run_test(struct report *report, const struct options *options,
                     const struct lab_test *test)
{
    struct graded graded = options->graded;
    if (!options->has_seeds) {
        graded.first_seed = 1;
        graded.last_seed = test->seeds > 0 ? (uint64_t)test->seeds : 1;
        if (options->seeds_max && graded.last_seed > options->seeds_max)
            graded.last_seed = options->seeds_max;
    }
    for (const struct lab_case *at = lab_cases(); at; at = at->next) {
        if (strcmp(at->test, test->name) != 0 ||
            !is_wanted(at, options->only) ||
            (options->graded.is_foreign ? at->own_only : at->foreign_only))
            continue;
        if (report->count == REPORT_CASES_MAX)
            break;
        struct outcome *outcome = &report->outcomes[report->count++];
        runner_run(&graded, at, outcome);
        if (outcome->verdict != VERDICT_PASSED &&
            outcome->time_ms > LONG_SILENCE_MS)
            break;
        if (outcome->verdict == VERDICT_PASSED && graded.out && at->is_seeded)
            failure_forget(graded.out, graded.number, test->name);
    }
    report_print_test(report, test);
}

static int exit_status(const struct report *report)
{
    int status = EXIT_PASSED;
    for (size_t i = 0; i < report->count; i++) {
        if (report->outcomes[i].verdict == VERDICT_BROKEN)
            return EXIT_OWN_FAULT;
        if (report->outcomes[i].verdict == VERDICT_FAILED)
            status = EXIT_FAILED;
    }
    return status;
}

static int grade(const struct options *options, const struct lab_file *file)
{
    static struct report report;
    report.file = file;
    report.is_part = options->only != NULL;
    report.is_foreign = options->graded.is_foreign;
    for (size_t i = 0; i < file->test_count; i++)
        run_test(&report, options, &file->tests[i]);
    if (report.count == 0) {
        fprintf(stderr, "lab %s has no test %s\n", file->lab, options->only);
        return EXIT_OWN_FAULT;
    }
    report_print_end(&report);
    bool written =
        (!options->json || report_write_json(&report, options->json)) &&
        (!options->junit || report_write_junit(&report, options->junit));
    int status = written ? exit_status(&report) : EXIT_OWN_FAULT;
    for (size_t i = 0; i < report.count; i++)
        text_deinit(&report.outcomes[i].story);
    return status;
}

// A seed again; a case of another sort is graded again.
static int replay(struct options *options, const struct lab_file *file)
{
    for (const struct lab_case *at = lab_cases(); at; at = at->next) {
        if (!at->is_seeded || !is_wanted(at, options->only))
            continue;
        options->replay.subject = options->graded.subject;
        options->replay.seed =
            options->has_seeds ? options->graded.first_seed : 1;
        return replay_seed(&options->replay, (const struct seeds_test *)at)
                   ? EXIT_PASSED
                   : EXIT_FAILED;
    }
    options->graded.verbose = options->replay.verbose;
    return grade(options, file);
}

int main(int argc, char **argv)
{
    struct options options = {0};
    struct lab_file file;
    if (!options_read(&options, argc, argv)) {
        fprintf(stderr, "usage: labs/grade LAB [-k TEST[/CASE]] [--seeds A..B] "
                        "[--until-fail]\n    [--json FILE] [--junit FILE] "
                        "[--server PROGRAM] [--lower ref|mine|DIR]\n");
        return EXIT_OWN_FAULT;
    }
    if (!lab_file_load(&file, options.lab) || !is_complete(&file))
        return EXIT_OWN_FAULT;
    options.graded.number = file.lab;
    options.graded.case_seconds = file.case_seconds;
    int status =
        options.is_replay ? replay(&options, &file) : grade(&options, &file);
    lab_file_free(&file);
    return status;
}
