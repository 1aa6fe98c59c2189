// judge.c -- notes what a node executes and shows, and compares.
// SPDX-License-Identifier: MIT
#include "tests/sim/stage2/judge.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "stage1-singlenode/image.h"

enum { JUDGE_COMPARE_EVERY = 61 };

// ---- What is executed

static uint64_t judge_versions(const struct store *store)
{
    struct store_stats stats;
    store_stats(store, &stats);
    return stats.writes;
}

// Upholds (R5).
static void judge_compare(struct world *world)
{
    const struct store *store = world->node.durable->store;
    if (store_digest(store) !=
        reference_digest(&world->reference, store_now_ms(store)))
        world_fail(world,
                   "R5: after %zu writes the store is not what the log's "
                   "records make of it",
                   world->history.count);
}

static void judge_note_write(struct world *world, const struct request *request)
{
    char text[100];
    size_t size = 0;
    for (uint32_t i = 0; i < request->argc; i++) {
        for (size_t j = 0; j < request->argv[i].size; j++) {
            char byte = request->argv[i].data[j];
            if (size < sizeof text - 2)
                text[size++] = byte < ' ' ? '.' : byte;
        }
        if (size < sizeof text - 1)
            text[size++] = ' ';
    }
    text[size] = '\0';
    sim_note_of(&world->node.sim, "w", "%zu  %s", world->history.count, text);
}

static void judge_changed(struct world *world, const struct request *request)
{
    if (world->node.durable->state == DURABLE_FAILED)
        world_fail(world, "R6: '%.*s' changed the store after the log failed",
                   SLICE_PRINT(request->argv[0]));
    history_add(&world->history, request,
                judge_versions(world->node.durable->store));
    judge_note_write(world, request);
    reference_execute(&world->reference, request->now_ms, request->seed,
                      request->argv, request->argc);
    if (world->history.count % JUDGE_COMPARE_EVERY == 0)
        judge_compare(world);
}

// Reads that depend on where entries lie, which no log tells.
static bool judge_is_vague(const struct request *request)
{
    static const char *const names[] = {"scan", "keys", "randomkey", "object",
                                        "dbsize"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (slice_is(request->argv[0], names[i]))
            return true;
    }
    return false;
}

static void judge_keep_read(struct world *world, const struct request *request)
{
    if (!request->command->run || request->reply.protocol != 2 ||
        request->command->serve || judge_is_vague(request))
        return;
    world->reads =
        xrealloc(world->reads, (world->read_count + 1) * sizeof *world->reads);
    struct world_read *read = &world->reads[world->read_count++];
    *read = (struct world_read){
        .now_ms = request->now_ms,
        .seed = request->seed,
        .always = world->always_failed,
    };
    argv_add_all(&read->argv, request->argv, request->argc);
    const struct buffer *out = request->reply.out;
    buffer_append(&read->reply, out->data + request->reply_start,
                  out->size - request->reply_start);
}

static void judge_executed(struct completion *completion,
                           struct request *request)
{
    struct world *world = container_of(completion, struct world, executed);
    if (request->flags & REQUEST_CHANGED)
        judge_changed(world, request);
    else if (world->node.durable->state == DURABLE_FAILED)
        judge_keep_read(world, request);
    request_complete(request);
}

static void judge_submit(struct layer *layer, struct request *request)
{
    struct world *world = container_of(layer, struct world, spy);
    if (!world->verified)
        judge_verify(world);
    judge_look(world);
    request_push(request, &world->executed);
    layer->below->submit(layer->below, request);
}

void judge_attach(struct world *world)
{
    world->spy = (struct layer){
        .name = "spy",
        .below = world->node.durable->layer.below,
        .prepare = layer_prepare_below,
        .submit = judge_submit,
    };
    world->executed.done = judge_executed;
    world->node.durable->layer.below = &world->spy;
}

// ---- What is shown

// The last write's record is the last of the log until something else happens.
static void judge_number(struct world *world)
{
    struct history *history = &world->history;
    if (world->node.durable->aof && history->count &&
        history->writes[history->count - 1].lsn == 0)
        history->writes[history->count - 1].lsn =
            aof_end(world->node.durable->aof);
}

static void judge_mark(struct world *world, size_t index)
{
    const struct sim_node_client *client = &world->node.clients[index];
    const struct session *session = client->session;
    struct world_marks *marks = &world->marks[index];
    uint64_t position =
        client->received + session->output.size - session->output_sent;
    // A broken gate takes bytes back.
    while (marks->count && marks->marks[marks->count - 1].position > position)
        marks->count--;
    uint64_t last = marks->count ? marks->marks[marks->count - 1].position
                                 : client->received;
    if (position <= last)
        return;
    if (marks->count == marks->capacity) {
        marks->capacity = 2 * marks->capacity + 16;
        marks->marks =
            xrealloc(marks->marks, marks->capacity * sizeof *marks->marks);
    }
    marks->marks[marks->count++] =
        (struct world_mark){position, world->history.count};
}

// Upholds (R8).
static void judge_gate(struct world *world)
{
    const struct aof *aof = world->node.durable->aof;
    if (!aof)
        return;
    // A change of the policy after the failure takes nothing back.
    bool synced = aof_policy(aof) == AOF_ALWAYS &&
                  world->node.durable->state != DURABLE_FAILED;
    uint64_t safe = synced ? aof_durable(aof) : aof_written(aof);
    if (world->node.server->gate.reached > safe)
        world_fail(world,
                   "R8: what depends on record %" PRIu64
                   " may leave, but the log is safe up to %" PRIu64 " only",
                   world->node.server->gate.reached, safe);
}

void judge_look(struct world *world)
{
    judge_number(world);
    judge_gate(world);
    if (world->node.durable->state == DURABLE_FAILED && !world->log_failed) {
        world->log_failed = true;
        world->always_failed = world->always;
    }
    for (size_t i = 0; i < WORLD_CLIENTS; i++) {
        if (world->node.clients[i].session)
            judge_mark(world, i);
    }
}

static void judge_note_bytes(struct world *world, const char *client,
                             struct slice bytes)
{
    char text[64];
    size_t size = 0;
    for (size_t i = 0; i < bytes.size && size < sizeof text - 1; i++)
        text[size++] = bytes.data[i] < ' ' ? ' ' : bytes.data[i];
    text[size] = '\0';
    sim_note_of(&world->node.sim, client, "< %s (%zu bytes)", text, bytes.size);
}

static void judge_raise(size_t *floor, size_t count)
{
    if (count > *floor)
        *floor = count;
}

// How many writes what was received up to `position` tells of.
static size_t judge_told(struct world_marks *marks, uint64_t before,
                         uint64_t position)
{
    size_t told = 0, done = 0;
    while (done < marks->count && marks->marks[done].position <= position)
        told = marks->marks[done++].count;
    if (done < marks->count && before < position &&
        (!done || marks->marks[done - 1].position < position))
        told = marks->marks[done].count;
    marks->count -= done;
    memmove(marks->marks, marks->marks + done,
            marks->count * sizeof *marks->marks);
    return told;
}

void judge_shown(struct world *world, size_t index, struct slice bytes)
{
    const struct sim_node_client *client = &world->node.clients[index];
    judge_mark(world, index);
    judge_note_bytes(world, client->name, bytes);
    size_t told = judge_told(&world->marks[index], client->received,
                             client->received + bytes.size);
    if (world->node.durable->state == DURABLE_FAILED)
        return; // (R6) says what may be shown now.
    judge_raise(&world->floor_kill, told);
    if (world->always && world->node.durable_settings.fsync == AOF_ALWAYS)
        judge_raise(&world->floor_power, told);
}

// ---- The end of a life

void judge_end(struct world *world, bool power)
{
    struct durable_layer *durable = world->node.durable;
    if (durable->aof && world->verified) {
        const struct history *history = &world->history;
        judge_number(world);
        judge_compare(world);
        judge_raise(&world->floor_power,
                    history_covered(history, aof_durable(durable->aof)));
        judge_raise(&world->floor_kill,
                    history_covered(history, aof_durable(durable->aof)));
        if (durable->state != DURABLE_FAILED)
            judge_raise(&world->floor_kill,
                        history_covered(history, aof_written(durable->aof)));
    }
    world->ended_by_power |= power;
    sim_note(&world->node.sim, "%s: %zu writes executed, %zu must survive",
             power ? "power cut" : "killed", world->history.count,
             world->ended_by_power ? world->floor_power : world->floor_kill);
}

// ---- And the next one

// Upholds (R6).
static void judge_verify_reads(struct world *world)
{
    for (size_t i = 0; i < world->read_count && !world_failed(world); i++) {
        struct world_read *read = &world->reads[i];
        if (world->ended_by_power && !read->always)
            continue;
        const struct slice *argv = argv_slices(&read->argv);
        reference_execute(&world->reference, read->now_ms, read->seed, argv,
                          read->argv.count);
        if (!slice_equal(buffer_slice(&world->reference.reply),
                         buffer_slice(&read->reply)))
            world_fail(world,
                       "R6: '%.*s %.*s' showed '%.*s' after the log failed; "
                       "now it is '%.*s'",
                       SLICE_PRINT(argv[0]),
                       SLICE_PRINT(argv[read->argv.count > 1]),
                       SLICE_PRINT(buffer_slice(&read->reply)),
                       SLICE_PRINT(buffer_slice(&world->reference.reply)));
    }
}

void judge_forget_reads(struct world *world)
{
    for (size_t i = 0; i < world->read_count; i++) {
        argv_deinit(&world->reads[i].argv);
        buffer_deinit(&world->reads[i].reply);
    }
    free(world->reads);
    world->reads = NULL;
    world->read_count = 0;
}

// Makes the reference what the first `count` writes make. True if the node's
// store is the same.
static bool judge_is_prefix(struct world *world, size_t count)
{
    const struct store *store = world->node.durable->store;
    reference_deinit(&world->reference);
    reference_init(&world->reference);
    history_replay(&world->history, count, &world->reference);
    return reference_digest(&world->reference, store_now_ms(store)) ==
           store_digest(store);
}

// The first part of the history that the store equals; SIZE_MAX: none.
static size_t judge_find(struct world *world)
{
    const struct history *history = &world->history;
    uint64_t versions = judge_versions(world->node.durable->store);
    for (size_t count = history->count + 1; count-- > 0;) {
        uint64_t then = count ? history->writes[count - 1].versions : 0;
        if (then == versions && judge_is_prefix(world, count))
            return count;
    }
    return SIZE_MAX;
}

void judge_verify(struct world *world)
{
    world->verified = true;
    world->recoveries++;
    size_t floor =
        world->ended_by_power ? world->floor_power : world->floor_kill;
    size_t count = judge_find(world);
    if (count == SIZE_MAX) {
        world_fail(world,
                   "R1: what recovery made is no first part of the history "
                   "(%" PRIu64 " versions; %zu of %zu writes must be there)",
                   judge_versions(world->node.durable->store), floor,
                   world->history.count);
        return;
    }
    sim_note(&world->node.sim, "recovered: %zu of %zu writes", count,
             world->history.count);
    if (count < floor)
        world_fail(world,
                   "R2, R3: %zu of %zu writes are there, but %zu were shown or "
                   "durable",
                   count, world->history.count, floor);
    history_cut(&world->history, count);
    if (world->read_count && !world_failed(world)) {
        judge_verify_reads(world);
        judge_is_prefix(world, count); // Reads have moved its time.
    }
    judge_forget_reads(world);
    world->floor_power = world->floor_kill = count;
    world->ended_by_power = false;
}
