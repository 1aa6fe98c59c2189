// report.c -- the table, the stories of what failed, and the score.
// SPDX-License-Identifier: MIT
#include "labs/harness/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PAGE_COLUMNS = 79 };

static bool is_of(const struct outcome *outcome, const struct lab_test *test)
{
    return !strcmp(outcome->of->test, test->name);
}

// All or nothing: most of a protocol is no protocol, and what is kept by 999
// seeds of 1,000 is not kept. But for tests that say otherwise.
struct result report_result(const struct report *report,
                            const struct lab_test *test)
{
    struct result result = {0};
    for (size_t i = 0; i < report->count; i++) {
        const struct outcome *outcome = &report->outcomes[i];
        if (!is_of(outcome, test))
            continue;
        result.cases++;
        result.passed += outcome->verdict == VERDICT_PASSED;
        result.broken |= outcome->verdict == VERDICT_BROKEN;
        result.seeds += outcome->tally.total;
        result.seeds_passed += outcome->tally.passed;
        result.differs |= outcome->tally.differs;
        result.time_ms += outcome->time_ms;
    }
    if (result.cases && result.passed == result.cases)
        result.points = test->points;
    else if (test->shared && result.seeds && !result.differs)
        result.points =
            (int)((uint64_t)test->points * result.seeds_passed / result.seeds);
    return result;
}

// Of 100, also when a test had no case to run: a foreign server is not asked
// for what it never promised, and some tests wait for what is built later.
int report_score(const struct report *report)
{
    int score = 0, possible = 0;
    for (size_t i = 0; i < report->file->test_count; i++) {
        const struct lab_test *test = &report->file->tests[i];
        struct result result = report_result(report, test);
        score += result.points;
        possible += result.cases ? test->points : 0;
    }
    return possible ? score * 100 / possible : 0;
}

static const struct outcome *first_failed(const struct report *report,
                                          const struct lab_test *test)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct outcome *outcome = &report->outcomes[i];
        if (is_of(outcome, test) && outcome->verdict != VERDICT_PASSED)
            return outcome;
    }
    return NULL;
}

void report_print_test(const struct report *report, const struct lab_test *test)
{
    struct result result = report_result(report, test);
    if (!result.cases) {
        if (*test->waits && !report->is_part)
            printf(" %s.%-15s   -/%-3d  waits for %s\n", report->file->lab,
                   test->name, test->points, test->waits);
        else if (report->is_foreign && !report->is_part)
            printf(" %s.%-15s   -/%-3d  not gradable by a socket\n",
                   report->file->lab, test->name, test->points);
        return;
    }
    printf(" %s.%-15s %3d/%-3d  ", report->file->lab, test->name, result.points,
           test->points);
    if (result.seeds)
        printf("%" PRIu64 "/%" PRIu64 " seeds", result.seeds_passed,
               result.seeds);
    else
        printf("%zu/%zu cases", result.passed, result.cases);
    printf("  %5.1f s", (double)result.time_ms / 1000);
    const struct outcome *failed = first_failed(report, test);
    if (failed && failed->tally.failed_seed)
        printf("  FAIL seed %" PRIu64, failed->tally.failed_seed);
    else if (failed)
        printf("  %s %s", result.broken ? "BROKEN" : "FAIL", failed->of->name);
    printf("\n");
    fflush(stdout);
}

// In lines of the page, broken between words.
static void print_wrapped(const char *label, const char *text)
{
    int column = printf("  %-9s", label);
    while (*text) {
        int size = (int)strcspn(text, " ");
        if (column + 1 + size > PAGE_COLUMNS)
            column = printf("\n  %-9s", "") - 1;
        column += printf(" %.*s", size, text);
        text += size;
        text += strspn(text, " ");
    }
    printf("\n");
}

// The stub of a starter printed it, or lab_start asked: no guess is needed.
static bool says_why(const struct text *story)
{
    return story->data && (strstr(story->data, "not written yet: ") ||
                           strstr(story->data, "its first PING"));
}

static void print_failure(const struct report *report,
                          const struct lab_test *test)
{
    const struct outcome *failed = first_failed(report, test);
    if (!failed)
        return;
    uint64_t seed = failed->tally.failed_seed;
    printf("\nx %s.%s", report->file->lab, test->name);
    if (seed)
        printf("   seed %" PRIu64, seed);
    else
        printf(" / %s", failed->of->name);
    printf("\n%s", failed->story.data ? failed->story.data : "");
    if (failed->verdict == VERDICT_FAILED && !says_why(&failed->story)) {
        print_wrapped("LIKELY", test->likely);
        print_wrapped("LOOK AT", test->look_at);
        printf("  HINTS     labs/hint %s.%s\n", report->file->lab, test->name);
    }
    if (seed)
        printf("  REPLAY    labs/replay %s.%s --seed %" PRIu64
               "   [--until EVENT] [--html FILE] [--gdb]\n",
               report->file->lab, test->name, seed);
    else
        printf("  REPLAY    labs/replay %s.%s/%s\n", report->file->lab,
               test->name, failed->of->name);
}

void report_print_end(const struct report *report)
{
    size_t failed = 0, ran = 0;
    bool seeded = false, differs = false;
    for (size_t i = 0; i < report->file->test_count; i++) {
        const struct lab_test *test = &report->file->tests[i];
        struct result result = report_result(report, test);
        print_failure(report, test);
        ran += result.cases > 0;
        seeded |= result.seeds > 0;
        differs |= result.differs;
        failed += first_failed(report, test) != NULL;
    }
    printf("\n");
    if (report->is_part)
        printf("A part of lab %s:   ", report->file->lab);
    else
        printf("Score %d/100   ", report_score(report));
    if (failed)
        printf("%zu of %zu tests failed", failed, ran);
    else
        printf("%zu tests, all passed", ran);
    if (seeded)
        printf("   determinism %s", differs ? "BROKEN" : "ok");
    printf("\n");
}

// ---- For programs

static void put_json(FILE *file, const char *text)
{
    fputc('"', file);
    for (; text && *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            fprintf(file, "\\%c", c);
        else if (c < 0x20)
            fprintf(file, "\\u%04x", c);
        else
            fputc(c, file);
    }
    fputc('"', file);
}

static const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {"passed", "failed", "broken"};
    return names[verdict];
}

static void put_json_test(FILE *file, const struct report *report,
                          const struct lab_test *test)
{
    struct result result = report_result(report, test);
    fprintf(file, "    {\"name\": \"%s\", \"points\": %d, \"points_max\": %d, ",
            test->name, result.points, test->points);
    fprintf(file, "\"cases\": [");
    const char *separator = "";
    for (size_t i = 0; i < report->count; i++) {
        const struct outcome *outcome = &report->outcomes[i];
        if (!is_of(outcome, test))
            continue;
        fprintf(file, "%s\n      {\"name\": \"%s\", \"verdict\": \"%s\", ",
                separator, outcome->of->name, verdict_name(outcome->verdict));
        if (outcome->tally.total)
            fprintf(file,
                    "\"seeds\": %" PRIu64 ", \"seeds_passed\": %" PRIu64
                    ", \"failed_seed\": %" PRIu64 ", \"deterministic\": %s, ",
                    outcome->tally.total, outcome->tally.passed,
                    outcome->tally.failed_seed,
                    outcome->tally.differs ? "false" : "true");
        fprintf(file,
                "\"time_ms\": %" PRId64 ", \"story\": ", outcome->time_ms);
        put_json(file, outcome->story.data);
        fputc('}', file);
        separator = ",";
    }
    fprintf(file, "]}");
}

static FILE *open_output(const char *path)
{
    FILE *file = fopen(path, "we");
    if (!file)
        perror(path);
    return file;
}

bool report_write_json(const struct report *report, const char *path)
{
    FILE *file = open_output(path);
    if (!file)
        return false;
    fprintf(file, "{\n  \"lab\": \"%s\",\n  \"score\": %d,\n",
            report->file->lab, report_score(report));
    fprintf(file, "  \"score_max\": 100,\n  \"partial\": %s,\n  \"tests\": [\n",
            report->is_part ? "true" : "false");
    const char *separator = "";
    for (size_t i = 0; i < report->file->test_count; i++) {
        const struct lab_test *test = &report->file->tests[i];
        if ((report->is_part || *test->waits) &&
            !report_result(report, test).cases)
            continue;
        fputs(separator, file);
        put_json_test(file, report, test);
        separator = ",\n";
    }
    fprintf(file, "\n  ]\n}\n");
    return fclose(file) == 0;
}

static void put_xml(FILE *file, const char *text)
{
    for (; text && *text; text++) {
        if (*text == '<')
            fputs("&lt;", file);
        else if (*text == '&')
            fputs("&amp;", file);
        else if (*text == '"')
            fputs("&quot;", file);
        else
            fputc(*text, file);
    }
}

bool report_write_junit(const struct report *report, const char *path)
{
    FILE *file = open_output(path);
    if (!file)
        return false;
    size_t failed = 0;
    for (size_t i = 0; i < report->count; i++)
        failed += report->outcomes[i].verdict != VERDICT_PASSED;
    fprintf(file, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    fprintf(file,
            "<testsuite name=\"lab %s\" tests=\"%zu\" failures=\"%zu\">\n",
            report->file->lab, report->count, failed);
    for (size_t i = 0; i < report->count; i++) {
        const struct outcome *outcome = &report->outcomes[i];
        fprintf(file, "  <testcase classname=\"%s\" name=\"%s\" time=\"%.3f\">",
                outcome->of->test, outcome->of->name,
                (double)outcome->time_ms / 1000);
        if (outcome->verdict != VERDICT_PASSED) {
            fprintf(file, "<failure message=\"");
            put_xml(file, outcome->of->rule);
            fprintf(file, "\">");
            put_xml(file, outcome->story.data);
            fprintf(file, "</failure>");
        }
        fprintf(file, "</testcase>\n");
    }
    fprintf(file, "</testsuite>\n");
    return fclose(file) == 0;
}
