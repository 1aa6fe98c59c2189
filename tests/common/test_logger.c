// test_logger.c -- lines, levels, escapes, cuts: one write each.
//
// The logger writes into a socket that keeps message boundaries, so that one
// recv(2) is one write(2).
// SPDX-License-Identifier: MIT
#include "common/base/logger.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/test.h"

#define STAMP "2026-03-01T12:00:00.123Z"

static int64_t noon_us(void *context)
{
    (void)context;
    return INT64_C(1772366400123456);
}

struct fixture {
    struct logger logger;
    int reader;
    char line[8192];
};

static void fixture_init(struct fixture *fixture, enum log_format format)
{
    int ends[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    fixture->logger = (struct logger){
        .level = LOG_INFO, .format = format, .fd = ends[0], .wall_us = noon_us};
    fixture->reader = ends[1];
}

static void fixture_deinit(struct fixture *fixture)
{
    close(fixture->logger.fd);
    close(fixture->reader);
}

// What the next write(2) wrote; "" when there was none.
static const char *next_line(struct fixture *fixture)
{
    ssize_t size = recv(fixture->reader, fixture->line,
                        sizeof fixture->line - 1, MSG_DONTWAIT);
    fixture->line[size < 0 ? 0 : size] = '\0';
    return fixture->line;
}

TEST(text_is_for_people)
{
    struct fixture fixture;
    fixture_init(&fixture, LOG_TEXT);
    struct logger *logger = &fixture.logger;
    log_info(logger, "listening", LOG_TEXT_OF("address", "127.0.0.1"),
             LOG_INT_OF("port", 6379));
    ck_assert_str_eq(next_line(&fixture),
                     STAMP " info  listening address=127.0.0.1 port=6379\n");
    log_warn(logger, "client closed", LOG_INT_OF("id", INT64_MIN));
    ck_assert_str_eq(next_line(&fixture),
                     STAMP " warn  client closed id=-9223372036854775808\n");
    log_error(logger, "stopped");
    ck_assert_str_eq(next_line(&fixture), STAMP " error stopped\n");
    ck_assert_str_eq(next_line(&fixture), "");
    fixture_deinit(&fixture);
}

TEST(json_is_for_programs)
{
    struct fixture fixture;
    fixture_init(&fixture, LOG_JSON);
    log_info(&fixture.logger, "listening", LOG_TEXT_OF("address", "::1"),
             LOG_INT_OF("port", 6379));
    ck_assert_str_eq(next_line(&fixture),
                     "{\"time\":\"" STAMP "\",\"level\":\"info\","
                     "\"event\":\"listening\",\"address\":\"::1\","
                     "\"port\":6379}\n");
    fixture_deinit(&fixture);
}

TEST(lines_below_the_level_and_without_a_logger_are_dropped)
{
    struct fixture fixture;
    fixture_init(&fixture, LOG_TEXT);
    struct logger *nobody = NULL;
    log_debug(&fixture.logger, "unseen");
    log_error(nobody, "unheard");
    ck_assert_str_eq(next_line(&fixture), "");
    fixture.logger.level = LOG_ERROR;
    log_warn(&fixture.logger, "unseen");
    ck_assert_str_eq(next_line(&fixture), "");
    fixture.logger.level = LOG_DEBUG;
    log_debug(&fixture.logger, "seen");
    ck_assert_str_eq(next_line(&fixture), STAMP " debug seen\n");
    fixture_deinit(&fixture);
}

TEST(fields_without_a_name_are_skipped)
{
    struct fixture fixture;
    fixture_init(&fixture, LOG_TEXT);
    struct log_field fields[] = {
        {0}, LOG_INT_OF("a", 1), {0}, LOG_INT_OF("b", 2)};
    log_write(&fixture.logger, LOG_INFO, "event", fields, 4);
    ck_assert_str_eq(next_line(&fixture), STAMP " info  event a=1 b=2\n");
    fixture_deinit(&fixture);
}

// A value, and how it appears behind "v=" and behind "\"v\":".
static const struct {
    struct slice value;
    const char *text, *json;
} escapes[] = {
    {{"plain-1.2:3/[x]", 15}, "plain-1.2:3/[x]", "\"plain-1.2:3/[x]\""},
    {{"", 0}, "\"\"", "\"\""},
    {{"two words", 9}, "\"two words\"", "\"two words\""},
    {{"a=b", 3}, "\"a=b\"", "\"a=b\""},
    {{"say \"hi\"", 8}, "\"say \\\"hi\\\"\"", "\"say \\\"hi\\\"\""},
    {{"c:\\x", 4}, "\"c:\\\\x\"", "\"c:\\\\x\""},
    {{"a\nb\rc\td", 7}, "\"a\\nb\\rc\\td\"", "\"a\\nb\\rc\\td\""},
    {{"\0\x1b[2J\x7f", 6},
     "\"\\x00\\x1b[2J\\x7f\"",
     "\"\\u0000\\u001b[2J\\u007f\""},
    // The control sequence introducer of C1, in UTF-8.
    {{"\xc2\x9b", 2}, "\"\\xc2\\x9b\"", "\"\\u009b\""},
    {{"\xc2\xa0", 2}, "\"\xc2\xa0\"", "\"\xc2\xa0\""},
    {{"caf\xc3\xa9", 5}, "\"caf\xc3\xa9\"", "\"caf\xc3\xa9\""},
    {{"\xe2\x82\xac", 3}, "\"\xe2\x82\xac\"", "\"\xe2\x82\xac\""},
    {{"\xf0\x9f\x98\x80", 4}, "\"\xf0\x9f\x98\x80\"", "\"\xf0\x9f\x98\x80\""},
    {{"\xff", 1}, "\"\\xff\"", "\"\\ufffd\""},
    {{"\x80", 1}, "\"\\x80\"", "\"\\ufffd\""},
    // Cut short, overlong, a surrogate, beyond Unicode.
    {{"\xe2\x82", 2}, "\"\\xe2\\x82\"", "\"\\ufffd\\ufffd\""},
    {{"\xc0\xaf", 2}, "\"\\xc0\\xaf\"", "\"\\ufffd\\ufffd\""},
    {{"\xe0\x80\xaf", 3}, "\"\\xe0\\x80\\xaf\"", "\"\\ufffd\\ufffd\\ufffd\""},
    {{"\xed\xa0\x80", 3}, "\"\\xed\\xa0\\x80\"", "\"\\ufffd\\ufffd\\ufffd\""},
    {{"\xf0\x8f\xbf\xbf", 4},
     "\"\\xf0\\x8f\\xbf\\xbf\"",
     "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
    {{"\xf4\x90\x80\x80", 4},
     "\"\\xf4\\x90\\x80\\x80\"",
     "\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
    {{"\xf5"
      "a",
      2},
     "\"\\xf5"
     "a\"",
     "\"\\ufffd"
     "a\""},
};

TEST_FOR(a_value_cannot_forge_a_line_a_field_or_a_terminal_command,
         sizeof escapes / sizeof *escapes)
{
    struct fixture fixture;
    char expected[512];
    fixture_init(&fixture, LOG_TEXT);
    log_info(&fixture.logger, "event", LOG_BYTES_OF("v", escapes[_i].value));
    snprintf(expected, sizeof expected, STAMP " info  event v=%s\n",
             escapes[_i].text);
    ck_assert_str_eq(next_line(&fixture), expected);

    fixture.logger.format = LOG_JSON;
    log_info(&fixture.logger, "event", LOG_BYTES_OF("v", escapes[_i].value));
    snprintf(expected, sizeof expected,
             "{\"time\":\"" STAMP
             "\",\"level\":\"info\",\"event\":\"event\",\"v\":%s}\n",
             escapes[_i].json);
    ck_assert_str_eq(next_line(&fixture), expected);
    fixture_deinit(&fixture);
}

TEST(no_text_is_an_empty_text)
{
    struct fixture fixture;
    fixture_init(&fixture, LOG_TEXT);
    log_info(&fixture.logger, "event", LOG_TEXT_OF("v", NULL));
    ck_assert_str_eq(next_line(&fixture), STAMP " info  event v=\"\"\n");
    fixture_deinit(&fixture);
}

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), tail = strlen(end);
    return size >= tail && !strcmp(text + size - tail, end);
}

TEST(a_line_too_long_is_cut_and_says_so)
{
    struct fixture fixture;
    fixture_init(&fixture, LOG_TEXT);
    char value[5000];
    memset(value, 'x', sizeof value);
    struct slice slice = {value, sizeof value};
    log_info(&fixture.logger, "event", LOG_INT_OF("first", 1),
             LOG_BYTES_OF("long", slice), LOG_INT_OF("last", 2));
    const char *line = next_line(&fixture);
    ck_assert_uint_le(strlen(line), 4096);
    ck_assert_uint_gt(strlen(line), 4000);
    ck_assert_ptr_nonnull(strstr(line, " first=1 long=\"xxx"));
    ck_assert(ends_with(line, "xxx\" truncated=true\n"));
    ck_assert_ptr_null(strstr(line, "last"));

    fixture.logger.format = LOG_JSON;
    log_info(&fixture.logger, "event", LOG_BYTES_OF("long", slice));
    ck_assert(ends_with(next_line(&fixture), "xxx\",\"truncated\":true}\n"));
    fixture_deinit(&fixture);
}

TEST(no_length_cuts_an_escape_or_passes_the_end_of_the_line)
{
    struct fixture fixture;
    fixture_init(&fixture, LOG_JSON);
    char value[4200];
    memset(value, '\x01', sizeof value);
    // Around the limit, so that each part of the line is the one that breaks.
    for (size_t plain = 3700; plain < sizeof value; plain++) {
        memset(value, 'x', plain);
        log_info(&fixture.logger, "event",
                 LOG_BYTES_OF("a", ((struct slice){value, plain})),
                 LOG_BYTES_OF("b", ((struct slice){value + plain - 1, 3})),
                 LOG_INT_OF("c", 12345));
        const char *line = next_line(&fixture);
        ck_assert_uint_le(strlen(line), 4096);
        ck_assert(ends_with(line, "\",\"truncated\":true}\n") ||
                  ends_with(line, "\\u0001\",\"c\":12345}\n"));
        ck_assert_ptr_null(strstr(line, "\\u\""));
        ck_assert_ptr_null(strstr(line, "\\u0\""));
        ck_assert_ptr_null(strstr(line, "\\u00\""));
        ck_assert_ptr_null(strstr(line, "\\u000\""));
    }
    fixture_deinit(&fixture);
}

static int64_t before_1970_us(void *context)
{
    (void)context;
    return -1;
}

TEST(a_clock_that_was_never_set_is_shown_as_it_is)
{
    struct fixture fixture;
    fixture_init(&fixture, LOG_TEXT);
    fixture.logger.wall_us = before_1970_us;
    log_info(&fixture.logger, "event");
    ck_assert_str_eq(next_line(&fixture),
                     "1969-12-31T23:59:59.999Z info  event\n");
    fixture_deinit(&fixture);
}

TEST(a_log_that_cannot_be_written_disturbs_nobody)
{
    struct logger logger = {.fd = -1, .wall_us = noon_us};
    errno = EPIPE;
    log_error(&logger, "event");
    ck_assert_int_eq(errno, EPIPE);
}
