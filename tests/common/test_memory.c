// test_memory.c -- allocation that succeeds or says why it stops the process.
// SPDX-License-Identifier: MIT
#include "common/base/memory.h"

#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/common/child.h"
#include "tests/test.h"

// AddressSanitizer would otherwise report an absurd size by itself, before
// malloc() can return NULL.
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

TEST(no_size_is_too_small)
{
    char *a = xmalloc(0);
    char *b = xcalloc(0, 8);
    char *c = xrealloc(NULL, 0);
    ck_assert_ptr_ne(a, b);
    ck_assert_ptr_ne(b, c);
    free(a);
    free(b);
    free(c);
}

TEST(xcalloc_zeroes)
{
    unsigned char *memory = xcalloc(1000, 3);
    for (size_t i = 0; i < 3000; i++)
        ck_assert_uint_eq(memory[i], 0);
    free(memory);
}

TEST(xrealloc_keeps_what_fits)
{
    char *memory = memcpy(xmalloc(6), "hello", 6);
    memory = xrealloc(memory, 100000);
    ck_assert_str_eq(memory, "hello");
    memory = xrealloc(memory, 2);
    ck_assert_mem_eq(memory, "he", 2);
    free(memory);
}

TEST(xstrdup_copies)
{
    char original[] = "text";
    char *copy = xstrdup(original);
    original[0] = 'n';
    ck_assert_str_eq(copy, "text");
    free(copy);
}

TEST(memory_size_is_at_least_what_was_asked)
{
    for (size_t size = 1; size < 5000; size = size * 3 + 1) {
        char *memory = xmalloc(size);
        ck_assert_uint_ge(memory_size(memory), size);
        free(memory);
    }
}

static volatile size_t absurd = SIZE_MAX / 4;

static void exhaust_malloc(void)
{
    free(xmalloc(absurd));
}

static void exhaust_calloc(void)
{
    free(xcalloc(absurd, 1));
}

static void exhaust_realloc(void)
{
    free(xrealloc(NULL, absurd));
}

static void exhaust_map(void)
{
    memory_unmap(memory_map(absurd), absurd);
}

static void (*const exhausting[])(void) = {exhaust_malloc, exhaust_calloc,
                                           exhaust_realloc, exhaust_map};

TEST_FOR(exhaustion_says_how_much_was_wanted_and_exits,
         sizeof exhausting / sizeof *exhausting)
{
    char said[4096];
    int status = child_run(exhausting[_i], said, sizeof said);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 1);
    // The sanitizers may have their own word before.
    ck_assert_ptr_nonnull(strstr(
        said, "vega: out of memory: 4611686018427387903 bytes wanted\n"));
}

TEST(a_mapping_is_zeroed_and_aligned_and_can_be_returned_in_slices)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *memory = memory_map(8 * page);
    ck_assert_uint_eq((uintptr_t)memory % page, 0);
    for (size_t i = 0; i < 8 * page; i++)
        ck_assert_int_eq(memory[i], 0);

    memory[5 * page] = 'x';
    memory_unmap(memory, 3 * page);
    ck_assert_int_eq(memory[5 * page], 'x');
    memory_unmap(memory + 3 * page, 5 * page);
}

static void unmap_half_a_page(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    memory_unmap((char *)memory_map(page) + 1, page);
}

TEST(unmapping_what_is_no_page_is_a_bug)
{
    char said[256];
    int status = child_run(unmap_half_a_page, said, sizeof said);
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGABRT);
}

TEST(resident_memory_grows_by_what_is_touched)
{
    enum { SIZE = 32 << 20 };
    size_t before = memory_resident();
    ck_assert_uint_gt(before, 0);
    char *memory = memory_map(SIZE);
    ck_assert_uint_lt(memory_resident(), before + SIZE / 2);
    memset(memory, 1, SIZE);
    ck_assert_uint_gt(memory_resident(), before + SIZE / 2);
    memory_unmap(memory, SIZE);
    ck_assert_uint_lt(memory_resident(), before + SIZE / 2);
}

TEST(allocated_memory_is_what_was_asked_for_where_the_allocator_tells)
{
    enum { SIZE = 8 << 20 };
    size_t before = memory_allocated();
    if (before == 0) // libc, and the sanitizers'.
        return;
    void *heap = xmalloc(SIZE), *mapping = memory_map(SIZE);
    ck_assert_uint_ge(memory_allocated(), before + 2 * (size_t)SIZE);
    ck_assert_uint_lt(memory_allocated(), before + 3 * (size_t)SIZE);
    free(heap);
    memory_unmap(mapping, SIZE);
    ck_assert_uint_lt(memory_allocated(), before + SIZE / 2);
}

TEST(the_allocator_has_a_name)
{
    const char *name = memory_allocator_name();
    ck_assert(!strcmp(name, "libc") || !strncmp(name, "jemalloc-", 9));
}
