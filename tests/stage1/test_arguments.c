// test_arguments.c -- what all command families share.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/arguments.h"

#include "tests/test.h"

static const struct command command = {.name = "cmd", .full_name = "con|cmd"};

// A request of the arguments that `text` holds, separated by spaces.
struct fixture {
    struct request request;
    struct buffer out;
    struct slice argv[8];
};

static void fixture_init(struct fixture *f, const char *text)
{
    *f = (struct fixture){0};
    while (*text) {
        size_t size = strcspn(text, " ");
        f->argv[f->request.argc++] = (struct slice){text, size};
        text += size + (text[size] == ' ');
    }
    f->request.argv = f->argv;
    f->request.command = &command;
    f->request.reply = (struct reply){.out = &f->out, .protocol = 2};
}

static void fixture_expect(struct fixture *f, const char *reply)
{
    ck_assert_msg(slice_equal(buffer_slice(&f->out), slice_of(reply)), "%.*s",
                  SLICE_PRINT(buffer_slice(&f->out)));
    buffer_deinit(&f->out);
}

TEST(words_are_the_same_in_any_case_and_absent_past_the_end)
{
    struct fixture f;
    fixture_init(&f, "cmd nX nxx");
    ck_assert(argument_is(&f.request, 1, "NX"));
    ck_assert(!argument_is(&f.request, 2, "NX"));
    ck_assert(!argument_is(&f.request, 3, "NX"));
}

TEST(a_number_is_read_or_refused)
{
    struct fixture f;
    int64_t value = 7;
    fixture_init(&f, "cmd -42 4x");
    ck_assert(argument_int64(&f.request, 1, &value));
    ck_assert_int_eq(value, -42);
    ck_assert(!argument_int64(&f.request, 2, &value));
    ck_assert_int_eq(value, -42);
    fixture_expect(&f, "-ERR value is not an integer or out of range\r\n");
}

TEST(an_expiry_is_positive_and_fits)
{
    static const struct {
        const char *line;
        int64_t unit_ms, since_ms, wanted_ms; // 0: refused.
    } rows[] = {
        {"cmd 1", 1, 0, 1},
        {"cmd 5", 1000, 100, 5100},
        {"cmd 0", 1, 100, 0},
        {"cmd -1", 1, 100, 0},
        {"cmd 9223372036854775807", 1, 0, INT64_MAX},
        {"cmd 9223372036854775807", 1, 1, 0},
        {"cmd 9223372036854775", 1000, 0, INT64_MAX / 1000 * 1000},
        {"cmd 9223372036854776", 1000, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture f;
        int64_t expires_ms = 0;
        fixture_init(&f, rows[i].line);
        bool good = argument_expiry(&f.request, 1, rows[i].unit_ms,
                                    rows[i].since_ms, &expires_ms);
        ck_assert_int_eq(good, rows[i].wanted_ms != 0);
        ck_assert_int_eq(expires_ms, rows[i].wanted_ms);
        fixture_expect(
            &f,
            good ? "" : "-ERR invalid expire time in 'con|cmd' command\r\n");
    }
}

TEST(a_range_is_cut_to_what_there_is)
{
    static const struct {
        int64_t first, last, size, begin, end; // end < begin: empty.
    } rows[] = {
        {0, -1, 5, 0, 4},
        {-2, -1, 5, 3, 4},
        {1, 100, 5, 1, 4},
        {-100, 2, 5, 0, 2},
        {0, -100, 5, 0, 0}, // Clamped to the start, not below it.
        {3, 2, 5, 1, 0},
        {5, 9, 5, 1, 0},
        {-1, -2, 5, 1, 0},
        {0, 0, 0, 1, 0},
        {INT64_MIN, INT64_MAX, 5, 0, 4},
        {INT64_MAX, INT64_MAX, 5, 1, 0},
        {INT64_MIN, INT64_MIN, 5, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t first = rows[i].first, last = rows[i].last;
        bool any = range_resolve(&first, &last, rows[i].size);
        ck_assert_msg(any == (rows[i].begin <= rows[i].end), "row %zu", i);
        if (any) {
            ck_assert_int_eq(first, rows[i].begin);
            ck_assert_int_eq(last, rows[i].end);
        }
    }
}

TEST(sizes_are_limited_without_overflow)
{
    struct fixture f;
    fixture_init(&f, "cmd");
    ck_assert(string_fits(&f.request, STRING_SIZE_MAX, 0));
    ck_assert(string_fits(&f.request, STRING_SIZE_MAX - 1, 1));
    fixture_expect(&f, "");
    ck_assert(!string_fits(&f.request, STRING_SIZE_MAX, 1));
    ck_assert(!string_fits(&f.request, SIZE_MAX, SIZE_MAX));
    ck_assert_uint_eq(f.request.reply.errors, 2);
    buffer_deinit(&f.out);
}

TEST(a_reply_that_could_never_be_sent_is_refused)
{
    struct fixture f;
    fixture_init(&f, "cmd");
    ck_assert(reply_fits(&f.request, UINT64_MAX)); // Without a limit.
    f.out.max = 600;
    ck_assert(reply_fits(&f.request, 0));
    ck_assert(reply_fits(&f.request, 100));
    ck_assert_uint_eq(f.out.size, 0);
    ck_assert(!reply_fits(&f.request, 101));
    fixture_expect(&f, "-ERR value is out of range, the reply would exceed "
                       "output_buffer_limits\r\n");
    f.out = (struct buffer){.max = 600};
    ck_assert(!reply_fits(&f.request, UINT64_MAX));
    buffer_deinit(&f.out);
}
