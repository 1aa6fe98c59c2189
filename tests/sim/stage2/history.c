// history.c -- what a simulated node executed, and what must have come of it.
// SPDX-License-Identifier: MIT
#include "tests/sim/stage2/history.h"

#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/server/server.h"
#include "stage1-singlenode/commands.h"
#include "stage1-singlenode/image.h"
#include "stage2-persistence/commands_durable.h"

static void reference_done(struct completion *completion,
                           struct request *request)
{
    (void)completion;
    (void)request;
}

void reference_init(struct reference *reference)
{
    // Tables lie differently than the node's: that must not matter.
    struct hash_secret secret;
    hash_secret_derive(&secret, SLICE("reference"));
    *reference = (struct reference){
        .store = store_create(&secret),
        .commands = command_table_create(),
        .completion = {.done = reference_done},
    };
    store_layer_init(&reference->layer, reference->store, NULL);
    server_add_commands(reference->commands);
    store_add_commands(reference->commands);
    durable_add_commands(reference->commands);
}

void reference_deinit(struct reference *reference)
{
    store_destroy(reference->store);
    command_table_destroy(reference->commands);
    buffer_deinit(&reference->reply);
}

void reference_execute(struct reference *reference, int64_t now_ms,
                       uint64_t seed, const struct slice *argv, uint32_t argc)
{
    const struct command *found;
    buffer_clear(&reference->reply);
    struct request request = {
        .command = command_resolve(reference->commands, argv, argc, &found),
        .argv = argv,
        .argc = argc,
        .now_ms = now_ms,
        .seed = seed,
        .reply = {.out = &reference->reply, .protocol = 2},
        .completion = &reference->completion,
    };
    check(request.command);
    reference->layer.layer.submit(&reference->layer.layer, &request);
}

uint64_t reference_digest(struct reference *reference, int64_t now_ms)
{
    if (now_ms > store_now_ms(reference->store))
        store_begin(reference->store, now_ms, 0);
    return store_digest(reference->store);
}

void history_deinit(struct history *history)
{
    history_cut(history, 0);
    free(history->writes);
    *history = (struct history){0};
}

void history_add(struct history *history, const struct request *request,
                 uint64_t versions)
{
    if (history->count == history->capacity) {
        history->capacity = history->capacity ? 2 * history->capacity : 256;
        history->writes = xrealloc(history->writes,
                                   history->capacity * sizeof *history->writes);
    }
    struct history_write *write = &history->writes[history->count++];
    *write = (struct history_write){
        .now_ms = request->now_ms,
        .seed = request->seed,
        .versions = versions,
    };
    argv_add_all(&write->argv, request->argv, request->argc);
}

void history_cut(struct history *history, size_t count)
{
    check(count <= history->count);
    while (history->count > count)
        argv_deinit(&history->writes[--history->count].argv);
}

size_t history_covered(const struct history *history, uint64_t lsn)
{
    size_t count = history->count;
    while (count > 0 && (history->writes[count - 1].lsn == 0 ||
                         history->writes[count - 1].lsn > lsn))
        count--;
    return count;
}

void history_replay(struct history *history, size_t count,
                    struct reference *reference)
{
    check(count <= history->count);
    for (size_t i = 0; i < count; i++) {
        struct history_write *write = &history->writes[i];
        reference_execute(reference, write->now_ms, write->seed,
                          argv_slices(&write->argv), write->argv.count);
    }
}
