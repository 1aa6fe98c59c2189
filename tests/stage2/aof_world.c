// aof_world.c -- a log over a simulated disk, for its tests.
// SPDX-License-Identifier: MIT
#include "tests/stage2/aof_world.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/base/list.h"
#include "common/base/memory.h"
#include "stage2-persistence/record.h"
#include "stage2-persistence/segment.h"
#include "tests/test.h"

static void world_advanced(struct aof_owner *owner)
{
    struct aof_world *world = container_of(owner, struct aof_world, owner);
    world->advanced++;
    ck_assert_uint_ge(aof_durable(world->aof), world->durable);
    world->durable = aof_durable(world->aof);
}

static void world_ready(struct aof_owner *owner)
{
    container_of(owner, struct aof_world, owner)->ready++;
}

static void world_failed(struct aof_owner *owner)
{
    container_of(owner, struct aof_world, owner)->failed++;
}

struct aof_world *aof_world_create(uint64_t seed)
{
    struct aof_world *world = xcalloc(1, sizeof *world);
    sim_init(&world->sim, seed);
    world->disk = sim_disk_create(&world->sim);
    world->options =
        (struct aof_options){.segment_size = 65536, .policy = AOF_ALWAYS};
    world->owner =
        (struct aof_owner){world_advanced, world_ready, world_failed};
    return world;
}

void aof_world_destroy(struct aof_world *world)
{
    if (world->aof)
        aof_world_end(world);
    sim_disk_destroy(world->disk);
    sim_deinit(&world->sim);
    free(world);
}

void aof_world_start(struct aof_world *world, uint64_t next_lsn)
{
    world->process = sim_process_start(&world->sim, world->disk, "node");
    struct aof_start start = {.next_lsn = next_lsn, .durable = next_lsn - 1};
    world->aof = aof_create(&world->process->env, NULL, &world->options, &start,
                            &world->owner);
}

void aof_world_end(struct aof_world *world)
{
    sim_process_kill(world->process);
    aof_destroy(world->aof);
    world->aof = NULL;
    sim_process_free(world->process);
    world->process = NULL;
}

struct aof_world *aof_world_running(enum aof_policy policy)
{
    struct aof_world *world = aof_world_create(1);
    world->options.policy = policy;
    aof_world_start(world, 1);
    ck_assert_int_eq(aof_reserve(world->aof, 100), AOF_WAIT);
    aof_world_run(world, 1000000);
    ck_assert_int_eq(world->ready, 1);
    ck_assert_int_eq(aof_reserve(world->aof, 100), AOF_READY);
    return world;
}

struct aof_stats aof_world_stats(const struct aof_world *world)
{
    struct aof_stats stats;
    aof_stats(world->aof, &stats);
    return stats;
}

void aof_world_run(struct aof_world *world, int64_t us)
{
    int64_t end_us = world->sim.now_us + us;
    while (world->sim.now_us < end_us) {
        int64_t left_us = end_us - world->sim.now_us;
        sim_run_for(&world->sim, left_us < 50 ? left_us : 50);
        aof_check_invariants(world->aof);
        if (world->process->dead)
            break;
    }
}

size_t aof_world_record_size(uint32_t argument_size)
{
    struct slice argument = {NULL, argument_size};
    return record_size(&argument, 1);
}

enum aof_room aof_world_wait(struct aof_world *world, uint32_t argument_size)
{
    size_t size = aof_world_record_size(argument_size);
    enum aof_room room = aof_reserve(world->aof, size);
    for (int i = 0; i < 100000 && room == AOF_WAIT; i++) {
        if (world->process->dead)
            break;
        aof_world_run(world, 100);
        room = aof_reserve(world->aof, size);
    }
    return room;
}

static void world_fill(char *bytes, uint32_t size, uint64_t lsn)
{
    for (uint32_t i = 0; i < size; i++)
        bytes[i] = (char)(lsn * 31 + i);
}

uint64_t aof_world_append(struct aof_world *world, uint32_t argument_size)
{
    uint64_t lsn = aof_end(world->aof) + 1;
    check(lsn < AOF_WORLD_RECORDS_MAX && argument_size > 0);
    char *bytes = xmalloc(argument_size);
    world_fill(bytes, argument_size, lsn);
    struct slice argument = {bytes, argument_size};
    struct record record = {.kind = RECORD_COMMAND,
                            .term = 3,
                            .now_ms = (int64_t)lsn * 10,
                            .seed = lsn * 7};
    world->sizes[lsn] = argument_size;
    ck_assert_uint_eq(aof_append(world->aof, &record, &argument, 1), lsn);
    free(bytes);
    aof_check_invariants(world->aof);
    return lsn;
}

void aof_world_put(struct aof_world *world, uint32_t argument_size)
{
    ck_assert_int_eq(aof_world_wait(world, argument_size), AOF_READY);
    aof_world_append(world, argument_size);
}

void aof_world_stop(struct aof_world *world)
{
    aof_stop(world->aof);
    for (int i = 0; i < 10000 && !aof_is_stopped(world->aof); i++)
        aof_world_run(world, 1000);
    ck_assert(aof_is_stopped(world->aof) || world->process->dead);
}

// ---- Reading

static void world_check_record(const struct aof_world *world,
                               const struct record *record,
                               struct aof_found *found)
{
    ck_assert_uint_lt(record->durable, record->lsn);
    if (record->durable > found->marked)
        found->marked = record->durable;
    found->last_is_mark = record->kind == RECORD_MARK;
    if (record->kind == RECORD_MARK) {
        found->marks++;
        return;
    }
    ck_assert_uint_eq(record->seed, record->lsn * 7);
    ck_assert_int_eq(record->now_ms, (int64_t)record->lsn * 10);
    ck_assert_uint_eq(record->term, 3);
    ck_assert_uint_eq(record->argc, 1);
    struct slice body = record->body;
    struct slice argument = record_argument(&body);
    uint32_t size = world->sizes[record->lsn];
    ck_assert_uint_eq(argument.size, size);
    char *expected = xmalloc(size + 1);
    world_fill(expected, size, record->lsn);
    ck_assert_int_eq(memcmp(argument.data, expected, size), 0);
    free(expected);
}

static void world_read_segment(const struct aof_world *world,
                               struct slice content, uint64_t first_lsn,
                               struct aof_found *found)
{
    struct segment segment;
    uint32_t version;
    ck_assert_int_eq(segment_decode(content, &segment, &version), SEGMENT_OK);
    ck_assert_uint_eq(segment.first_lsn, first_lsn);
    ck_assert_uint_eq(segment.segment_size, content.size);
    ck_assert_uint_eq(segment.durable, first_lsn - 1);
    if (found->segments++ == 0)
        found->first_lsn = first_lsn;
    else if (first_lsn != found->end + 1)
        ck_assert_uint_le(first_lsn - 1, world->trimmed);
    found->end = first_lsn - 1;

    content.data += SEGMENT_HEADER_SIZE;
    content.size -= SEGMENT_HEADER_SIZE;
    struct record record;
    size_t size;
    while (record_decode(content, segment.salt, found->end + 1, &record,
                         &size) == RECORD_OK) {
        world_check_record(world, &record, found);
        found->end++;
        content.data += size;
        content.size -= size;
    }
}

struct aof_found aof_world_read(const struct aof_world *world,
                                const struct sim_disk *disk)
{
    struct aof_found found = {0};
    const char *name;
    for (size_t i = 0; (name = sim_disk_name(disk, i)); i++) {
        uint64_t lsn;
        struct slice content;
        if (!segment_parse_name(name, &lsn))
            continue;
        ck_assert_int_eq(sim_disk_content(disk, name, &content), STATUS_OK);
        world_read_segment(world, content, lsn, &found);
    }
    if (found.segments)
        ck_assert_uint_le(found.marked, found.end);
    return found;
}

size_t aof_world_files(const struct sim_disk *disk, const char *prefix)
{
    size_t count = 0;
    const char *name;
    for (size_t i = 0; (name = sim_disk_name(disk, i)); i++)
        count += !strncmp(name, prefix, strlen(prefix));
    return count;
}
