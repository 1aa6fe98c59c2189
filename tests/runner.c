// runner.c -- runs all tests that registered themselves, one suite a file.
//
// CK_RUN_SUITE=test_dict runs one file's; CK_FORK=no keeps all in one process,
// which debuggers need and sanitizers are quicker with.
// SPDX-License-Identifier: MIT
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>

enum { SUITES_MAX = 256, TEST_SECONDS_MAX = 600 };

struct suite {
    char name[64];
    Suite *suite;
    TCase *tests;
};

static struct suite suites[SUITES_MAX];
static size_t suite_count;

static struct suite *suite_of(const char *file)
{
    const char *slash = strrchr(file, '/');
    const char *base = slash ? slash + 1 : file;
    char name[64] = {0};
    strncpy(name, base, sizeof name - 1);
    name[strcspn(name, ".")] = '\0';

    for (size_t i = 0; i < suite_count; i++) {
        if (!strcmp(suites[i].name, name))
            return &suites[i];
    }
    if (suite_count == SUITES_MAX)
        abort();
    struct suite *made = &suites[suite_count++];
    memcpy(made->name, name, sizeof name);
    made->suite = suite_create(made->name);
    made->tests = tcase_create("all");
    tcase_set_timeout(made->tests, TEST_SECONDS_MAX);
    suite_add_tcase(made->suite, made->tests);
    return made;
}

void test_register(const char *file, const TTest *test, int count)
{
    tcase_add_loop_test(suite_of(file)->tests, test, 0, count);
}

unsigned test_stride(unsigned stride)
{
    return getenv("VALGRIND") ? stride : 1;
}

int main(void)
{
    // An empty CK_RUN_SUITE means all, not none.
    const char *only = getenv("CK_RUN_SUITE");
    if (only && !*only)
        unsetenv("CK_RUN_SUITE");
    if (suite_count == 0)
        return EXIT_FAILURE;
    SRunner *runner = srunner_create(suites[0].suite);
    for (size_t i = 1; i < suite_count; i++)
        srunner_add_suite(runner, suites[i].suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
