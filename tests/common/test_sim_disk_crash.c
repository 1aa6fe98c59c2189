// test_sim_disk_crash.c -- what a power cut may lose it sometimes loses, and
// what it must not lose it never does.
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "common/sim/sim_disk_private.h"
#include "tests/common/sim_world.h"
#include "tests/test.h"

enum { SEEDS = 600, SIZE = 2048, WRITTEN_AT = 100 };

static void write_now(struct sim_world *world, struct env_file *file,
                      uint64_t offset, struct slice bytes)
{
    ck_assert_int_eq(env_disk_write_now(world->env, file, offset, bytes),
                     STATUS_OK);
}

static struct slice content_of(const struct sim_world *world, const char *name)
{
    struct slice content;
    ck_assert_int_eq(sim_disk_content(world->disk, name, &content), STATUS_OK);
    return content;
}

TEST(what_was_synced_survives_byte_for_byte)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct sim_world world;
        sim_world_init(&world, seed);
        sim_world_create(&world, "a", "hello, world", true);
        struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_WRITE);
        write_now(&world, file, 3, SLICE("LO"));
        write_now(&world, file, 12, SLICE("!!!"));
        sim_world_power_cycle(&world);
        struct slice content = content_of(&world, "a");
        ck_assert_uint_ge(content.size, 12);
        ck_assert_mem_eq(content.data, "hel", 3);
        ck_assert_mem_eq(content.data + 5, ", world", 7);
        sim_world_deinit(&world);
    }
}

// Each of three writes is a letter that is there, or isn't.
static unsigned surviving_writes(uint64_t seed)
{
    struct sim_world world;
    sim_world_init(&world, seed);
    sim_world_create(&world, "a", "...", true);
    struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_WRITE);
    write_now(&world, file, 0, SLICE("x"));
    write_now(&world, file, 1, SLICE("x"));
    write_now(&world, file, 2, SLICE("x"));
    sim_world_power_cycle(&world);
    struct slice content = content_of(&world, "a");
    ck_assert_uint_eq(content.size, 3);
    unsigned survived = 0;
    for (unsigned i = 0; i < 3; i++) {
        char line[32];
        snprintf(line, sizeof line, "lost: write a %u+1 ", i);
        survived |= (content.data[i] == 'x') << i;
        ck_assert_int_eq(content.data[i] != 'x', sim_trace_has(&world, line));
    }
    sim_world_deinit(&world);
    return survived;
}

TEST(any_subset_of_the_unsynced_writes_survives)
{
    unsigned seen = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        seen |= 1u << surviving_writes(seed);
    ck_assert_uint_eq(seen, 0xff);
}

// What is left of one large write over old bytes: is it a front, an end, or
// sectors of it?
struct remains {
    bool none, all, front, end, sectors, unaligned;
};

static void note_remains(struct remains *remains, struct slice content)
{
    size_t changes = 0, unaligned = 0;
    for (size_t i = WRITTEN_AT + 1; i < SIZE; i++) {
        if (content.data[i] != content.data[i - 1]) {
            changes++;
            unaligned += i % SIM_SECTOR != 0;
        }
    }
    bool front = content.data[WRITTEN_AT] == 'x';
    bool end = content.data[SIZE - 1] == 'x';
    remains->none |= !changes && !front;
    remains->all |= !changes && front;
    remains->front |= changes == 1 && front;
    remains->end |= changes == 1 && end;
    remains->sectors |= changes > 1;
    remains->unaligned |= unaligned;
    if (changes > 1)
        ck_assert_uint_eq(unaligned, 0);
}

TEST(a_surviving_write_may_be_torn_anywhere_and_by_sectors)
{
    char old[SIZE], new[SIZE];
    memset(old, '.', SIZE);
    memset(new, 'x', SIZE);
    struct remains remains = {0};
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct sim_world world;
        sim_world_init(&world, seed);
        sim_disk_put(world.disk, "a", (struct slice){old, SIZE});
        struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_WRITE);
        write_now(&world, file, WRITTEN_AT,
                  (struct slice){new, SIZE - WRITTEN_AT});
        sim_world_power_cycle(&world);
        struct slice content = content_of(&world, "a");
        ck_assert_uint_eq(content.size, SIZE);
        ck_assert_mem_eq(content.data, old, WRITTEN_AT);
        note_remains(&remains, content);
        sim_world_deinit(&world);
    }
    ck_assert(remains.none && remains.all);
    ck_assert(remains.front && remains.end);
    ck_assert(remains.sectors && remains.unaligned);
}

TEST(a_size_may_survive_without_its_bytes_and_bytes_without_their_size)
{
    bool zeros = false, cut = false, old = false, all = false;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct sim_world world;
        sim_world_init(&world, seed);
        sim_world_create(&world, "a", "old", true);
        struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_WRITE);
        write_now(&world, file, 3, SLICE("new"));
        sim_world_power_cycle(&world);
        struct slice content = content_of(&world, "a");
        ck_assert_uint_ge(content.size, 3);
        ck_assert_uint_le(content.size, 6);
        for (size_t i = 3; i < content.size; i++)
            ck_assert(!content.data[i] || content.data[i] == "oldnew"[i]);
        old |= content.size == 3;
        all |= slice_equal(content, SLICE("oldnew"));
        zeros |= slice_equal(content, SLICE("old\0\0\0"));
        cut |= slice_equal(content, SLICE("oldn"));
        sim_world_deinit(&world);
    }
    ck_assert(zeros && cut && old && all);
}

TEST(a_kill_alone_loses_nothing_that_was_written)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct sim_world world;
        sim_world_init(&world, seed);
        sim_world_create(&world, "a", "hello", false);
        ck_assert_int_eq(env_disk_rename(world.env, "a", "b"), STATUS_OK);
        sim_process_kill(world.process);
        sim_world_restart(&world);
        ck_assert(sim_world_has(&world, "b", "hello"));
        // But it is no sync either.
        ck_assert(!list_is_empty(&world.disk->renames));
        sim_world_deinit(&world);
    }
}

TEST(a_second_power_cut_loses_nothing)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct sim_world world;
        sim_world_init(&world, seed);
        sim_world_create(&world, "a", "hello", false);
        sim_power_cut(world.disk);
        bool there = sim_disk_has(world.disk, "a");
        struct sim_disk *before = sim_disk_clone(world.disk);
        sim_world_power_cycle(&world);
        ck_assert_int_eq(sim_disk_has(world.disk, "a"), there);
        if (there) {
            struct slice content;
            ck_assert_int_eq(sim_disk_content(before, "a", &content),
                             STATUS_OK);
            ck_assert(slice_equal(content, content_of(&world, "a")));
        }
        sim_disk_destroy(before);
        sim_world_deinit(&world);
    }
}

TEST(what_a_power_cut_left_is_in_the_trace)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    sim_world_create(&world, "a", "hello", true);
    sim_world_create(&world, "b", "other", true);
    ck_assert_int_eq(env_disk_remove(world.env, "b"), STATUS_OK);
    ck_assert_int_eq(env_disk_sync_names_now(world.env), STATUS_OK);
    sim_world_power_cycle(&world);
    ck_assert(sim_trace_has(&world, "left: a 5 #"));
    ck_assert(!sim_trace_has(&world, "left: b"));
    sim_world_deinit(&world);
}

// ---- Names

TEST(a_new_file_without_a_sync_of_the_names_may_vanish_with_all_it_holds)
{
    int vanished = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct sim_world world;
        sim_world_init(&world, seed);
        struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_CREATE);
        write_now(&world, file, 0, SLICE("hello"));
        ck_assert_int_eq(env_disk_sync_now(world.env, file), STATUS_OK);
        sim_world_power_cycle(&world);
        if (!sim_disk_has(world.disk, "a"))
            vanished++;
        else
            ck_assert(sim_world_has(&world, "a", "hello"));
        sim_world_deinit(&world);
    }
    ck_assert_int_gt(vanished, SEEDS / 5);
    ck_assert_int_lt(vanished, SEEDS * 4 / 5);
}

TEST(a_rename_is_atomic)
{
    int renamed = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct sim_world world;
        sim_world_init(&world, seed);
        sim_world_create(&world, "current", "old", true);
        sim_world_create(&world, "draft", "new", true);
        ck_assert_int_eq(env_disk_rename(world.env, "draft", "current"),
                         STATUS_OK);
        sim_world_power_cycle(&world);
        if (sim_world_has(&world, "current", "new")) {
            renamed++;
            ck_assert(!sim_disk_has(world.disk, "draft"));
        } else {
            ck_assert(sim_world_has(&world, "current", "old"));
            ck_assert(sim_world_has(&world, "draft", "new"));
        }
        sim_world_deinit(&world);
    }
    ck_assert_int_gt(renamed, SEEDS / 5);
    ck_assert_int_lt(renamed, SEEDS * 4 / 5);
}

// The classic mistake: the draft is renamed before its content is synced.
TEST(a_renamed_file_may_be_empty_when_its_content_was_not_synced)
{
    int empty = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct sim_world world;
        sim_world_init(&world, seed);
        sim_world_create(&world, "current", "old", true);
        sim_world_create(&world, "draft", "new", false);
        ck_assert_int_eq(env_disk_rename(world.env, "draft", "current"),
                         STATUS_OK);
        sim_world_power_cycle(&world);
        empty += sim_world_has(&world, "current", "");
        sim_world_deinit(&world);
    }
    ck_assert_int_gt(empty, 10);
}

TEST(changes_of_different_names_survive_in_any_subset)
{
    unsigned seen = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct sim_world world;
        sim_world_init(&world, seed);
        sim_world_create(&world, "a", "a", true);
        sim_world_create(&world, "b", "b", true);
        ck_assert_int_eq(env_disk_rename(world.env, "a", "x"), STATUS_OK);
        ck_assert_int_eq(env_disk_remove(world.env, "b"), STATUS_OK);
        sim_world_create(&world, "c", "", false);
        sim_world_power_cycle(&world);
        ck_assert_int_ne(sim_disk_has(world.disk, "a"),
                         sim_disk_has(world.disk, "x"));
        seen |= 1u << (sim_disk_has(world.disk, "x") +
                       2 * !sim_disk_has(world.disk, "b") +
                       4 * sim_disk_has(world.disk, "c"));
        sim_world_deinit(&world);
    }
    ck_assert_uint_eq(seen, 0xff);
}

// a becomes b, a new a comes, b becomes c: in any end the old file has exactly
// one name, and the new one is there only when a was free.
TEST(changes_that_concern_the_same_names_keep_their_order)
{
    unsigned seen = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct sim_world world;
        sim_world_init(&world, seed);
        sim_world_create(&world, "a", "old", true);
        ck_assert_int_eq(env_disk_rename(world.env, "a", "b"), STATUS_OK);
        sim_world_create(&world, "a", "", false);
        ck_assert_int_eq(env_disk_rename(world.env, "b", "c"), STATUS_OK);
        sim_world_power_cycle(&world);
        int names = 0;
        for (char name[2] = "a"; *name <= 'c'; ++*name)
            names += sim_world_has(&world, name, "old");
        ck_assert_int_eq(names, 1);
        bool moved = !sim_world_has(&world, "a", "old");
        bool twice = sim_world_has(&world, "c", "old");
        bool made = moved && sim_disk_has(world.disk, "a");
        seen |= 1u << (moved + 2 * twice + 4 * made);
        sim_world_deinit(&world);
    }
    // Nothing; moved; moved twice; moved and made; all.
    ck_assert_uint_eq(seen, 1u << 0 | 1u << 1 | 1u << 3 | 1u << 5 | 1u << 7);
}
