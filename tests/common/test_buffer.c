// test_buffer.c -- growing, refusing beyond the limit, consuming.
// SPDX-License-Identifier: MIT
#include "common/base/buffer.h"

#include <signal.h>
#include <sys/wait.h>

#include "tests/common/child.h"
#include "tests/test.h"

TEST(a_zeroed_buffer_is_empty_and_usable)
{
    struct buffer buffer = {0};
    ck_assert_uint_eq(buffer_slice(&buffer).size, 0);
    buffer_append(&buffer, "", 0);
    ck_assert_ptr_null(buffer.data);
    buffer_append_byte(&buffer, 'a');
    ck_assert(slice_equal(buffer_slice(&buffer), SLICE("a")));
    buffer_deinit(&buffer);
}

TEST(appends_follow_one_another_whatever_the_bytes)
{
    struct buffer buffer = {0};
    buffer_append_text(&buffer, "one");
    buffer_append(&buffer, "\0\xff", 2);
    buffer_append_slice(&buffer, SLICE("two"));
    buffer_append_byte(&buffer, '!');
    ck_assert(slice_equal(buffer_slice(&buffer), SLICE("one\0\xfftwo!")));
    buffer_deinit(&buffer);
}

TEST(growth_keeps_the_contents_and_is_rare)
{
    struct buffer buffer = {0};
    size_t moves = 0, capacity = 0;
    for (uint32_t i = 0; i < 100000; i++) {
        buffer_append(&buffer, &i, sizeof i);
        moves += buffer.capacity != capacity;
        capacity = buffer.capacity;
    }
    ck_assert_uint_eq(buffer.size, 400000);
    for (uint32_t i = 0; i < 100000; i++)
        ck_assert_mem_eq(buffer.data + (size_t)i * sizeof i, &i, sizeof i);
    ck_assert_uint_lt(moves, 40);
    buffer_deinit(&buffer);
}

TEST(reserved_room_is_there_and_changes_nothing)
{
    struct buffer buffer = {0};
    buffer_append_text(&buffer, "kept");
    ck_assert(buffer_reserve(&buffer, 10000));
    ck_assert_uint_ge(buffer.capacity - buffer.size, 10000);
    ck_assert(slice_equal(buffer_slice(&buffer), SLICE("kept")));
    buffer_deinit(&buffer);
}

TEST(an_append_beyond_the_limit_is_dropped_whole_and_remembered)
{
    struct buffer buffer = {.max = 100};
    char bytes[100] = {0};
    buffer_append(&buffer, bytes, 99);
    ck_assert(!buffer.overflowed);
    buffer_append(&buffer, bytes, 2);
    ck_assert(buffer.overflowed);
    ck_assert_uint_eq(buffer.size, 99);

    struct buffer exact = {.max = 100};
    buffer_append(&exact, bytes, 100);
    ck_assert(!exact.overflowed);
    ck_assert_uint_eq(exact.size, 100);
    buffer_deinit(&buffer);
    buffer_deinit(&exact);
}

TEST(an_absurd_size_overflows_instead_of_wrapping)
{
    struct buffer buffer = {0};
    buffer_append_text(&buffer, "a");
    ck_assert(!buffer_reserve(&buffer, SIZE_MAX));
    ck_assert(buffer.overflowed);
    ck_assert_uint_eq(buffer.size, 1);
    buffer_deinit(&buffer);
}

TEST(deinit_keeps_the_limit_and_forgets_the_rest)
{
    struct buffer buffer = {.max = 4};
    buffer_append_text(&buffer, "12345");
    buffer_deinit(&buffer);
    ck_assert(!buffer.overflowed);
    buffer_append_text(&buffer, "12345");
    ck_assert(buffer.overflowed);
    buffer_deinit(&buffer);
}

TEST(printf_appends_text_of_any_length_without_its_terminator)
{
    struct buffer buffer = {0};
    buffer_append_text(&buffer, "<");
    buffer_printf(&buffer, "%s=%d", "key", 42);
    buffer_printf(&buffer, "%s", "");
    ck_assert(slice_equal(buffer_slice(&buffer), SLICE("<key=42")));
    buffer_clear(&buffer);
    buffer_printf(&buffer, "%5000d", 7);
    ck_assert_uint_eq(buffer.size, 5000);
    ck_assert_int_eq(buffer.data[4999], '7');
    buffer_deinit(&buffer);
}

TEST(consuming_moves_the_rest_to_the_front)
{
    struct buffer buffer = {0};
    buffer_append_text(&buffer, "abcdef");
    buffer_consume(&buffer, 0);
    buffer_consume(&buffer, 2);
    ck_assert(slice_equal(buffer_slice(&buffer), SLICE("cdef")));
    buffer_consume(&buffer, 4);
    ck_assert_uint_eq(buffer.size, 0);
    buffer_append_text(&buffer, "g");
    ck_assert(slice_equal(buffer_slice(&buffer), SLICE("g")));
    buffer_deinit(&buffer);
}

static void consume_more_than_there_is(void)
{
    struct buffer buffer = {0};
    buffer_append_text(&buffer, "ab");
    buffer_consume(&buffer, 3);
}

TEST(consuming_more_than_there_is_is_a_bug)
{
    char said[256];
    int status = child_run(consume_more_than_there_is, said, sizeof said);
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGABRT);
}
