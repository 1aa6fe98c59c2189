// command_harness.c -- see command_harness.h.
// SPDX-License-Identifier: MIT
#include "tests/stage1/command_harness.h"

#include <stdlib.h>

#include "common/base/check.h"
#include "common/server/request.h"
#include "common/server/server.h"
#include "stage1-singlenode/commands.h"
#include "tests/test.h"

void harness_init(struct harness *harness, int protocol)
{
    struct hash_secret secret;
    memset(&secret, 0x5a, sizeof secret);
    *harness = (struct harness){
        .store = store_create(&secret),
        .commands = command_table_create(),
        .now_ms = HARNESS_START_MS,
        .protocol = protocol,
    };
    resp_parser_init(&harness->parser);
    server_add_commands(harness->commands);
    store_add_commands(harness->commands);
}

void harness_deinit(struct harness *harness)
{
    store_check_invariants(harness->store);
    store_destroy(harness->store);
    command_table_destroy(harness->commands);
    resp_parser_deinit(&harness->parser);
    buffer_deinit(&harness->reply);
}

struct slice harness_run_argv(struct harness *harness, const struct slice *argv,
                              uint32_t argc)
{
    const struct command *found;
    buffer_clear(&harness->reply);
    struct request request = {
        .command = command_resolve(harness->commands, argv, argc, &found),
        .argv = argv,
        .argc = argc,
        .now_ms = harness->now_ms,
        .seed = harness->seed++,
        .reply = {.out = &harness->reply, .protocol = harness->protocol},
    };
    ck_assert_msg(request.command, "no command: %.*s", SLICE_PRINT(argv[0]));
    if (!command_arity_fits(request.command, argc)) {
        reply_error(&request.reply,
                    "ERR wrong number of arguments for '%s' command",
                    request.command->full_name);
    } else {
        store_begin(harness->store, request.now_ms, request.seed);
        request.command->run(harness->store, &request);
    }
    harness->changed = request.flags & REQUEST_CHANGED;
    return buffer_slice(&harness->reply);
}

struct slice harness_run(struct harness *harness, const char *line)
{
    struct buffer input = {0};
    struct resp_request request;
    resp_parser_reset(&harness->parser);
    buffer_append_text(&input, line);
    buffer_append_text(&input, "\n");
    ck_assert_int_eq(
        resp_parse_request(&harness->parser, buffer_slice(&input), &request),
        RESP_OK);
    struct slice reply = harness_run_argv(harness, harness->parser.arguments,
                                          harness->parser.count);
    buffer_deinit(&input);
    return reply;
}

void harness_make_list(struct harness *harness, const char *key)
{
    struct store *store = harness->store;
    store_begin(store, harness->now_ms, harness->seed++);
    store_set_string(store, store_key(store, slice_of(key)), SLICE("12345678"),
                     ENTRY_NO_EXPIRY)
        ->type = ENTRY_LIST;
}

// True if the line was one that only lets time pass.
static bool harness_wait(struct harness *harness, const char *line)
{
    if (line[0] != '+')
        return false;
    harness->now_ms += strtoll(line, NULL, 10);
    return true;
}

// The reply that a golden row means in this protocol. Owned by the caller.
static struct buffer harness_wanted(const char *reply, int protocol)
{
    struct buffer wanted = {0};
    const char *nil;
    if (protocol == 2 && (*reply == '~' || *reply == '%')) {
        char *rest;
        long count = strtol(reply + 1, &rest, 10);
        buffer_printf(&wanted, "*%ld", *reply == '%' ? 2 * count : count);
        reply = rest;
    }
    while (protocol == 3 && (nil = strstr(reply, NIL))) {
        buffer_append(&wanted, reply, (size_t)(nil - reply));
        buffer_append_text(&wanted, "_\r\n");
        reply = nil + strlen(NIL);
    }
    buffer_append_text(&wanted, reply);
    return wanted;
}

static void harness_hold(const struct golden *rows, int protocol)
{
    struct harness harness;
    harness_init(&harness, protocol);
    harness_make_list(&harness, "lst");
    for (; rows->line; rows++) {
        if (harness_wait(&harness, rows->line))
            continue;
        struct slice reply = harness_run(&harness, rows->line);
        struct buffer wanted = harness_wanted(rows->reply, protocol);
        ck_assert_msg(slice_equal(reply, buffer_slice(&wanted)),
                      "RESP%d: %s\nwanted: %.*s\ncame:   %.*s", protocol,
                      rows->line, SLICE_PRINT(buffer_slice(&wanted)),
                      SLICE_PRINT(reply));
        buffer_deinit(&wanted);
    }
    harness_deinit(&harness);
}

void harness_expect(const struct golden *rows)
{
    harness_hold(rows, 2);
    harness_hold(rows, 3);
}

void harness_expect_changes(const struct golden_change *rows)
{
    struct harness harness;
    harness_init(&harness, 2);
    harness_make_list(&harness, "lst");
    for (; rows->line; rows++) {
        if (harness_wait(&harness, rows->line))
            continue;
        harness_run(&harness, rows->line);
        ck_assert_msg(harness.changed == rows->changed, "%s: changed %s",
                      rows->line, harness.changed ? "something" : "nothing");
    }
    harness_deinit(&harness);
}
