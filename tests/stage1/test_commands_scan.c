// test_commands_scan.c -- SCAN, KEYS, RANDOMKEY.
// SPDX-License-Identifier: MIT
#include "tests/stage1/command_harness.h"
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EMPTY_SCAN "*2\r\n$1\r\n0\r\n*0\r\n"
#define BAD_CURSOR "-ERR invalid cursor\r\n"

enum { KEYS = 500 };

// Fills a store with k0, k1, ... and "other".
static void fill(struct harness *harness)
{
    char line[32];
    harness_init(harness, 2);
    for (int i = 0; i < KEYS; i++) {
        snprintf(line, sizeof line, "set k%d v", i);
        harness_run(harness, line);
    }
    harness_run(harness, "set other v");
}

// Marks the keys "k<number>" of a reply's array as seen; returns how many
// bulk strings there were.
static int note_keys(struct slice reply, bool seen[KEYS])
{
    int count = 0;
    const char *end = reply.data + reply.size;
    for (const char *at = reply.data; at < end; at++) {
        if (*at == '$')
            count++;
        if (*at == 'k')
            seen[strtol(at + 1, NULL, 10)] = true;
    }
    return count;
}

// Walks to the end with `options`; returns how many keys came in all.
static int walk(struct harness *harness, const char *options, bool seen[KEYS],
                int *calls)
{
    uint64_t cursor = 0;
    int count = 0;
    *calls = 0;
    do {
        char line[80];
        snprintf(line, sizeof line, "scan %llu %s", (unsigned long long)cursor,
                 options);
        struct slice reply = harness_run(harness, line);
        const char *at = strchr(reply.data, '$');
        cursor = strtoull(strchr(at, '\n') + 1, NULL, 10);
        count += note_keys(reply, seen) - 1; // The cursor is one.
        ck_assert_int_lt(++*calls, 10 * KEYS);
    } while (cursor != 0);
    return count;
}

static void expect_all(const bool seen[KEYS])
{
    for (int i = 0; i < KEYS; i++)
        ck_assert_msg(seen[i], "k%d was not seen", i);
}

TEST(scan_sees_every_key_of_a_store_at_rest_once)
{
    struct harness harness;
    bool seen[KEYS] = {0};
    int calls;
    fill(&harness);
    ck_assert_int_eq(walk(&harness, "", seen, &calls), KEYS + 1);
    ck_assert_int_gt(calls, 10);
    expect_all(seen);
    harness_deinit(&harness);
}

TEST(scan_returns_about_as_many_keys_as_count_says)
{
    struct harness harness;
    bool seen[KEYS] = {0};
    int calls;
    fill(&harness);
    walk(&harness, "count 1000", seen, &calls);
    ck_assert_int_eq(calls, 1);
    walk(&harness, "count 9223372036854775807", seen, &calls);
    ck_assert_int_eq(calls, 1);
    walk(&harness, "count 100", seen, &calls);
    ck_assert_int_le(calls, 6);
    harness_deinit(&harness);
}

TEST(scan_filters_by_pattern_and_type)
{
    struct harness harness;
    bool seen[KEYS] = {0};
    int calls;
    fill(&harness);
    harness_make_list(&harness, "lst");
    ck_assert_int_eq(walk(&harness, "match k1?", seen, &calls), 10);
    ck_assert_int_eq(walk(&harness, "type list", seen, &calls), 1);
    ck_assert_int_eq(walk(&harness, "TYPE STRING match *t*", seen, &calls), 1);
    ck_assert_int_eq(walk(&harness, "type nonsense", seen, &calls), 0);
    ck_assert_int_eq(walk(&harness, "match \"\"", seen, &calls), 0);
    harness_deinit(&harness);
}

TEST(scan_and_keys_leave_out_what_has_expired)
{
    harness_expect((const struct golden[]){
        {"del lst", INTEGER(1)},
        {"set a 1 px 5", OK},
        {"scan 0", "*2\r\n$1\r\n0\r\n*1\r\n$1\r\na\r\n"},
        {"keys *", "*1\r\n$1\r\na\r\n"},
        {"randomkey", "$1\r\na\r\n"},
        {"+5", ""},
        {"scan 0", EMPTY_SCAN},
        {"keys *", "*0\r\n"},
        {"randomkey", NIL},
        {0},
    });
}

TEST(scan_reads_cursors_as_redis_does)
{
    harness_expect((const struct golden[]){
        {"del lst", INTEGER(1)},
        {"scan 0", EMPTY_SCAN},
        {"scan \"\"", EMPTY_SCAN},
        {"scan +0", EMPTY_SCAN},
        {"scan 000", EMPTY_SCAN},
        {"scan x", BAD_CURSOR},
        {"scan \" 0\"", BAD_CURSOR},
        {"scan \"0 \"", BAD_CURSOR},
        {"scan -", BAD_CURSOR},
        {"scan 0x0", BAD_CURSOR},
        {"scan 18446744073709551616", BAD_CURSOR},
        {"scan x count 0", BAD_CURSOR},
        {0},
    });
}

// What a client makes up lies nowhere special; it must only be harmless.
TEST(scan_takes_any_cursor)
{
    struct harness harness;
    fill(&harness);
    static const char *const lines[] = {
        "scan 18446744073709551615", "scan -1",
        "scan 12345678901234567",    "scan 9223372036854775808",
        "scan 4294967296",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        ck_assert_int_eq(harness_run(&harness, lines[i]).data[0], '*');
    harness_deinit(&harness);
}

TEST(scan_refuses_bad_options)
{
    harness_expect((const struct golden[]){
        {"scan 0 count 0", SYNTAX_ERROR},
        {"scan 0 count -5", SYNTAX_ERROR},
        {"scan 0 count x", NOT_AN_INTEGER},
        {"scan 0 match", SYNTAX_ERROR},
        {"scan 0 count", SYNTAX_ERROR},
        {"scan 0 foo bar", SYNTAX_ERROR},
        {"scan 0 count 5 match", SYNTAX_ERROR},
        {"scan", WRONG_ARITY("scan")},
        {0},
    });
}

TEST(keys_returns_all_or_those_that_match)
{
    struct harness harness;
    bool seen[KEYS] = {0};
    fill(&harness);
    ck_assert_int_eq(note_keys(harness_run(&harness, "keys"), seen), KEYS + 1);
    expect_all(seen);
    ck_assert_int_eq(note_keys(harness_run(&harness, "keys *"), seen),
                     KEYS + 1);
    ck_assert_int_eq(note_keys(harness_run(&harness, "keys k[1-2]2"), seen), 2);
    ck_assert_int_eq(note_keys(harness_run(&harness, "keys \"\""), seen), 0);
    ck_assert(slice_equal(harness_run(&harness, "keys a b"),
                          SLICE(WRONG_ARITY("keys"))));
    harness_deinit(&harness);
}

TEST(randomkey_finds_all_keys_in_time)
{
    struct harness harness;
    bool seen[KEYS] = {0};
    harness_init(&harness, 2);
    harness_run(&harness, "mset k0 v k1 v k2 v");
    for (int i = 0; i < 200; i++)
        note_keys(harness_run(&harness, "randomkey"), seen);
    ck_assert(seen[0] && seen[1] && seen[2]);
    ck_assert(!harness.changed);
    harness_deinit(&harness);
}
