// test_flat.c -- a transaction as one request.
// SPDX-License-Identifier: MIT
#include "common/server/flat.h"

#include "tests/test.h"

static void make(struct argv *flat)
{
    struct argv versions = {0};
    const struct slice set[] = {SLICE("SET"), SLICE("a"), SLICE("")};
    argv_add(&versions, SLICE("a"));
    argv_add_integer(&versions, 7);
    argv_add(&versions, SLICE("b"));
    argv_add_integer(&versions, 0);
    flat_begin(flat, SLICE("EXEC"), &versions);
    flat_begin_commands(flat, 2);
    flat_add_command(flat, UINT64_MAX, set, 3);
    flat_add_command(flat, 1, set, 1);
    argv_deinit(&versions);
}

TEST(what_was_written_is_read)
{
    struct argv argv = {0};
    make(&argv);
    const struct slice *slices = argv_slices(&argv);
    ck_assert(flat_is_valid(slices, argv.count));
    struct flat flat = flat_open(slices, argv.count);
    struct flat_version version;
    struct flat_command command;
    uint32_t count;
    ck_assert(flat_read_count(&flat, &count) && count == 2);
    ck_assert(flat_read_version(&flat, &version));
    ck_assert(slice_equal(version.key, SLICE("a")) && version.version == 7);
    ck_assert(flat_read_version(&flat, &version));
    ck_assert(slice_equal(version.key, SLICE("b")) && version.version == 0);
    ck_assert(flat_read_count(&flat, &count) && count == 2);
    ck_assert(flat_read_command(&flat, &command));
    ck_assert(command.seed == UINT64_MAX && command.argc == 3);
    ck_assert(slice_equal(command.argv[1], SLICE("a")));
    ck_assert(flat_read_command(&flat, &command));
    ck_assert(command.seed == 1 && command.argc == 1);
    ck_assert(!flat_read_command(&flat, &command));
    argv_deinit(&argv);
}

TEST(nothing_shorter_or_longer_is_valid)
{
    struct argv argv = {0};
    make(&argv);
    for (uint32_t argc = 1; argc < argv.count; argc++)
        ck_assert(!flat_is_valid(argv_slices(&argv), argc));
    argv_add(&argv, SLICE("0"));
    ck_assert(!flat_is_valid(argv_slices(&argv), argv.count));
    argv_deinit(&argv);
}

TEST(counts_must_be_true)
{
    static const struct slice lies[] = {
        {"-1", 2}, {"x", 1}, {"", 0}, {"0", 1}, {"9", 1}, {"4294967297", 10}};
    static const size_t counts[] = {1, 6, 8, 13};
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        for (size_t j = 0; j < sizeof counts / sizeof *counts; j++) {
            struct argv argv = {0};
            make(&argv);
            struct slice copy[15];
            ck_assert_uint_eq(argv.count, 15);
            memcpy(copy, argv_slices(&argv), sizeof copy);
            copy[counts[j]] = lies[i];
            ck_assert(!flat_is_valid(copy, 15));
            argv_deinit(&argv);
        }
    }
}
