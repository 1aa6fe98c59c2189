// flat.c -- a transaction as one request.
// SPDX-License-Identifier: MIT
#include "common/server/flat.h"

#include "common/base/check.h"

void flat_begin(struct argv *flat, struct slice name, struct argv *versions)
{
    check(versions->count % 2 == 0);
    argv_add(flat, name);
    argv_add_integer(flat, versions->count / 2);
    argv_add_all(flat, argv_slices(versions), versions->count);
}

void flat_begin_commands(struct argv *flat, uint32_t count)
{
    argv_add_integer(flat, count);
}

void flat_add_command(struct argv *flat, uint64_t seed,
                      const struct slice *argv, uint32_t argc)
{
    // As the signed number of the same bits: that is what slices parse.
    argv_add_integer(flat, (int64_t)seed);
    argv_add_integer(flat, argc);
    argv_add_all(flat, argv, argc);
}

struct flat flat_open(const struct slice *argv, uint32_t argc)
{
    check(argc > 0);
    return (struct flat){argv + 1, argc - 1};
}

static bool read_integer(struct flat *flat, int64_t *value)
{
    if (flat->left == 0 || !slice_to_int64(*flat->next, value))
        return false;
    flat->next++;
    flat->left--;
    return true;
}

bool flat_read_count(struct flat *flat, uint32_t *count)
{
    int64_t value;
    if (!read_integer(flat, &value) || value < 0 || value > flat->left)
        return false;
    *count = (uint32_t)value;
    return true;
}

bool flat_read_version(struct flat *flat, struct flat_version *version)
{
    if (flat->left == 0)
        return false;
    version->key = *flat->next++;
    flat->left--;
    int64_t value;
    if (!read_integer(flat, &value) || value < 0)
        return false;
    version->version = (uint64_t)value;
    return true;
}

bool flat_read_command(struct flat *flat, struct flat_command *command)
{
    int64_t seed;
    if (!read_integer(flat, &seed) || !flat_read_count(flat, &command->argc) ||
        command->argc == 0)
        return false;
    command->seed = (uint64_t)seed;
    command->argv = flat->next;
    flat->next += command->argc;
    flat->left -= command->argc;
    return true;
}

bool flat_is_valid(const struct slice *argv, uint32_t argc)
{
    struct flat flat = flat_open(argv, argc);
    struct flat_version version;
    struct flat_command command;
    uint32_t count;
    if (!flat_read_count(&flat, &count))
        return false;
    while (count--) {
        if (!flat_read_version(&flat, &version))
            return false;
    }
    if (!flat_read_count(&flat, &count))
        return false;
    while (count--) {
        if (!flat_read_command(&flat, &command))
            return false;
    }
    return flat.left == 0;
}
