// test_request_slot.c -- the one slot of all keys of a request.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/request_slot.h"

#include <string.h>

#include "common/server/command.h"
#include "common/server/flat.h"
#include "common/server/server.h"
#include "stage1-singlenode/commands.h"
#include "stage3-sharding/slot.h"
#include "tests/test.h"

static struct command_table *table;

static void setup(void)
{
    table = command_table_create();
    server_add_commands(table);
    store_add_commands(table);
}

static void teardown(void)
{
    command_table_destroy(table);
}

// Splits at single spaces.
static uint32_t split(const char *line, struct slice argv[16])
{
    uint32_t argc = 0;
    while (*line) {
        size_t size = strcspn(line, " ");
        argv[argc++] = (struct slice){line, size};
        line += size + (line[size] == ' ');
    }
    return argc;
}

static const struct {
    const char *line;
    enum request_slot found;
    uint16_t slot;
} lines[] = {
    {"ping", REQUEST_SLOT_NONE, 0},
    {"dbsize", REQUEST_SLOT_NONE, 0},
    {"get foo", REQUEST_SLOT_ONE, 12182},
    {"set foo bar", REQUEST_SLOT_ONE, 12182},
    {"mget b {b}c b", REQUEST_SLOT_ONE, 3300},
    {"mget b c", REQUEST_SLOT_MANY, 3300},
    {"mset b 1 {b}2 foo", REQUEST_SLOT_ONE, 3300},
    {"mset b 1 foo {b}", REQUEST_SLOT_MANY, 3300},
    {"rename b foo", REQUEST_SLOT_MANY, 3300},
    {"lmpop 2 b {b}x left count 7", REQUEST_SLOT_ONE, 3300},
    {"lmpop 2 b foo left", REQUEST_SLOT_MANY, 3300},
    {"zunionstore foo 1 b", REQUEST_SLOT_MANY, 12182},
    {"object encoding foo", REQUEST_SLOT_ONE, 12182},
    {"spublish b x", REQUEST_SLOT_ONE, 3300},
    {"ssubscribe b {b}x", REQUEST_SLOT_ONE, 3300},
    {"ssubscribe b foo", REQUEST_SLOT_MANY, 3300},
    {"sunsubscribe", REQUEST_SLOT_NONE, 0},
    {"publish b x", REQUEST_SLOT_NONE, 0},
    {"watch b {b}x", REQUEST_SLOT_ONE, 3300},
    {"watch 0 0", REQUEST_SLOT_ONE, 13907}, // No transaction, for all its form.
    {"lmpop 9 b left", REQUEST_SLOT_NONE, 0}, // Will be refused for that.
};

TEST_FOR(a_command_has_the_slot_of_its_keys, sizeof lines / sizeof *lines)
{
    setup();
    struct slice argv[16];
    const struct command *found;
    struct request request = {.argv = argv};
    request.argc = split(lines[_i].line, argv);
    request.command = command_resolve(table, argv, request.argc, &found);
    ck_assert_ptr_nonnull(request.command);
    uint16_t slot = 0;
    ck_assert_msg(request_slot(&request, &slot) == lines[_i].found, "%s",
                  lines[_i].line);
    if (lines[_i].found != REQUEST_SLOT_NONE)
        ck_assert_uint_eq(slot, lines[_i].slot);
    teardown();
}

// A transaction as it goes down: what it watches (NULL: nothing), then up to
// two commands.
static enum request_slot slot_of_flat(const char *name, const char *watched,
                                      const char *one, const char *two,
                                      uint16_t *slot)
{
    struct argv versions = {0}, flat = {0};
    struct slice argv[16];
    if (watched) {
        argv_add(&versions, slice_of(watched));
        argv_add_integer(&versions, 7);
    }
    flat_begin(&flat, slice_of(name), &versions);
    flat_begin_commands(&flat, two ? 2 : 1);
    uint32_t argc = split(one, argv);
    flat_add_command(&flat, 1, argv, argc);
    if (two) {
        argc = split(two, argv);
        flat_add_command(&flat, 2, argv, argc);
    }
    struct request request = {
        .command = command_find(table, slice_of(name)),
        .argv = argv_slices(&flat),
        .argc = flat.count,
    };
    enum request_slot found = request_slot(&request, slot);
    argv_deinit(&versions);
    argv_deinit(&flat);
    return found;
}

TEST(a_transaction_has_the_slot_of_all_that_it_carries)
{
    setup();
    uint16_t slot;
    const char *const names[] = {"exec", "commit"};
    for (int i = 0; i < 2; i++) {
        const char *name = names[i];
        ck_assert_int_eq(slot_of_flat(name, NULL, "set b 1", NULL, &slot),
                         REQUEST_SLOT_ONE);
        ck_assert_uint_eq(slot, 3300);
        ck_assert_int_eq(
            slot_of_flat(name, "b", "set {b}x 1", "mget b {b}", &slot),
            REQUEST_SLOT_ONE);
        ck_assert_int_eq(slot_of_flat(name, NULL, "get b", "get foo", &slot),
                         REQUEST_SLOT_MANY);
        ck_assert_int_eq(slot_of_flat(name, "foo", "get b", NULL, &slot),
                         REQUEST_SLOT_MANY);
        ck_assert_int_eq(slot_of_flat(name, NULL, "dbsize", NULL, &slot),
                         REQUEST_SLOT_NONE);
    }
    teardown();
}

TEST(a_command_within_begin_has_its_own_slot)
{
    setup();
    struct slice argv[16];
    uint16_t slot;
    struct request request = {
        .command = command_find(table, SLICE("begin")),
        .argv = argv,
    };
    request.argc = split("set b 0", argv);
    ck_assert_int_eq(request_slot(&request, &slot), REQUEST_SLOT_ONE);
    ck_assert_uint_eq(slot, 3300);
    request.argc = split("begin", argv);
    ck_assert_int_eq(request_slot(&request, &slot), REQUEST_SLOT_NONE);
    teardown();
}

TEST(a_batch_has_the_slot_of_its_parts)
{
    setup();
    struct slice argv[16];
    uint16_t slot;
    struct request request = {
        .command = command_find(table, SLICE("batch")),
        .argv = argv,
    };
    request.argc = split("batch put b 1 delete {b}x", argv);
    ck_assert_int_eq(request_slot(&request, &slot), REQUEST_SLOT_ONE);
    ck_assert_uint_eq(slot, 3300);
    request.argc = split("batch put b 1 delete foo", argv);
    ck_assert_int_eq(request_slot(&request, &slot), REQUEST_SLOT_MANY);
    teardown();
}
