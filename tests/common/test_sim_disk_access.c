// test_sim_disk_access.c -- a disk seen from outside: listing, putting, rotting
// and copying it.
// SPDX-License-Identifier: MIT
#include "common/sim/sim_disk.h"
#include "tests/common/sim_world.h"
#include "tests/test.h"

TEST(names_are_given_in_their_order)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    ck_assert_ptr_null(sim_disk_name(world.disk, 0));
    sim_disk_put(world.disk, "b", SLICE("2"));
    sim_disk_put(world.disk, "c", SLICE("3"));
    sim_disk_put(world.disk, "a", SLICE(""));
    ck_assert_str_eq(sim_disk_name(world.disk, 0), "a");
    ck_assert_str_eq(sim_disk_name(world.disk, 1), "b");
    ck_assert_str_eq(sim_disk_name(world.disk, 2), "c");
    ck_assert_ptr_null(sim_disk_name(world.disk, 3));
    sim_world_deinit(&world);
}

TEST(what_is_put_is_durable_and_replaces_and_what_is_dropped_is_gone)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    sim_disk_put(world.disk, "a", SLICE("longer"));
    sim_disk_put(world.disk, "a", SLICE("new"));
    sim_disk_put(world.disk, "b", SLICE("x"));
    sim_disk_drop(world.disk, "b");
    sim_disk_drop(world.disk, "never was");
    sim_world_power_cycle(&world);
    ck_assert(sim_world_has(&world, "a", "new"));
    ck_assert(!sim_disk_has(world.disk, "b"));
    ck_assert_uint_eq(world.disk->calls, 0);
    struct slice content;
    ck_assert_int_eq(sim_disk_content(world.disk, "b", &content),
                     STATUS_NOT_FOUND);
    sim_world_deinit(&world);
}

TEST(flipped_bits_stay_flipped)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    sim_world_create(&world, "a", "hello", true);
    sim_disk_flip(world.disk, "a", 0, 'h' ^ 'J');
    ck_assert(sim_world_has(&world, "a", "Jello"));
    sim_world_power_cycle(&world);
    ck_assert(sim_world_has(&world, "a", "Jello"));
    ck_assert(sim_trace_has(&world, "flip a 0 ^ 0x22"));
    sim_world_deinit(&world);
}

static int bits_that_differ(struct slice a, const char *b)
{
    int bits = 0;
    for (size_t i = 0; i < a.size; i++)
        bits += __builtin_popcount((unsigned char)(a.data[i] ^ b[i]));
    return bits;
}

TEST(rot_flips_one_bit_anywhere_and_says_where)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    ck_assert(!sim_disk_rot(world.disk, NULL, NULL));
    unsigned seen = 0;
    for (int i = 0; i < 200; i++) {
        sim_disk_put(world.disk, "a", SLICE("0123"));
        sim_disk_put(world.disk, "empty", SLICE(""));
        sim_disk_put(world.disk, "b", SLICE("4567"));
        const char *name;
        uint64_t offset;
        ck_assert(sim_disk_rot(world.disk, &name, &offset));
        seen |= 1u << (offset + (*name == 'b' ? 4 : 0));

        struct slice a, b;
        sim_disk_content(world.disk, "a", &a);
        sim_disk_content(world.disk, "b", &b);
        int in_a = bits_that_differ(a, "0123");
        int in_b = bits_that_differ(b, "4567");
        ck_assert_int_eq(in_a + in_b, 1);
        ck_assert_int_eq(*name, in_a ? 'a' : 'b');
        const char *intact = in_a ? "0123" : "4567";
        ck_assert_int_ne((in_a ? a : b).data[offset], intact[offset]);
    }
    ck_assert_uint_eq(seen, 0xff);
    sim_world_deinit(&world);
}

// Ends that a copy of the same disk has.
static unsigned end_of_copy(struct sim_world *world, const char *a,
                            const char *b)
{
    struct sim_disk *copy = sim_disk_clone(world->disk);
    sim_disk_check_invariants(copy);
    sim_power_cut(copy);
    sim_disk_check_invariants(copy);
    struct slice content;
    unsigned end = 0;
    if (sim_disk_content(copy, "a", &content) == STATUS_OK)
        end = slice_equal(content, slice_of(a)) ? 1 : 2;
    if (sim_disk_content(copy, "c", &content) == STATUS_OK)
        end += slice_equal(content, slice_of(b)) ? 3 : 6;
    sim_disk_destroy(copy);
    return end;
}

TEST(copies_of_a_disk_have_ends_of_their_own)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    sim_world_create(&world, "a", "old", true);
    sim_world_create(&world, "b", "other", true);
    struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_WRITE);
    ck_assert_int_eq(env_disk_write_now(world.env, file, 0, SLICE("new")),
                     STATUS_OK);
    ck_assert_int_eq(env_disk_rename(world.env, "b", "c"), STATUS_OK);
    ck_assert_int_eq(env_disk_remove(world.env, "a"), STATUS_OK);
    unsigned seen = 0;
    for (int i = 0; i < 200; i++)
        seen |= 1u << end_of_copy(&world, "old", "other");
    // a: gone, old, or written; c: there or not, and then b is.
    ck_assert_uint_eq(seen, 0x3f);
    ck_assert(!world.process->dead);
    ck_assert(sim_disk_has(world.disk, "c"));
    env_disk_close(world.env, file);
    sim_world_deinit(&world);
}

TEST(a_copy_keeps_what_only_it_and_the_platter_know)
{
    struct sim_world world;
    sim_world_init(&world, 1);
    sim_world_create(&world, "a", "hello", true);
    world.disk->knobs.capacity = 77;
    struct env_file *file = sim_world_open(&world, "a", ENV_OPEN_READ);
    ck_assert_int_eq(env_disk_remove(world.env, "a"), STATUS_OK);
    struct sim_disk *copy = sim_disk_clone(world.disk);
    struct slice content;
    ck_assert(!sim_disk_has(copy, "a"));
    ck_assert_int_eq(sim_disk_durable(copy, "a", &content), STATUS_OK);
    ck_assert_uint_eq(copy->knobs.capacity, 77);
    ck_assert_uint_eq(copy->calls, world.disk->calls);
    ck_assert_ptr_null(copy->process);
    // Only the process of the other has it open.
    ck_assert_uint_eq(sim_disk_used(copy), 0);
    ck_assert_uint_eq(sim_disk_used(world.disk), 5);
    sim_disk_destroy(copy);
    env_disk_close(world.env, file);
    sim_world_deinit(&world);
}
