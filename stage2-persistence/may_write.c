// may_write.c -- whether a request could change the store.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/may_write.h"

#include "common/server/flat.h"

// True if one of the commands that a transaction carries may write.
static bool may_write_flat(const struct command_table *commands,
                           const struct request *request)
{
    struct flat flat = flat_open(request->argv, request->argc);
    struct flat_version version;
    struct flat_command command;
    uint32_t count;
    flat_read_count(&flat, &count);
    while (count-- > 0)
        flat_read_version(&flat, &version);
    flat_read_count(&flat, &count);
    while (count-- > 0) {
        flat_read_command(&flat, &command);
        const struct command *found;
        const struct command *row =
            command_resolve(commands, command.argv, command.argc, &found);
        if (!row || !(row->flags & COMMAND_READONLY))
            return true;
    }
    return false;
}

bool may_write(const struct command_table *commands,
               const struct request *request)
{
    const struct command *command = request->command;
    if (command->flags & (COMMAND_WRITE | COMMAND_READONLY))
        return command->flags & COMMAND_WRITE;
    if (command->serve && flat_is_valid(request->argv, request->argc))
        return may_write_flat(commands, request);
    return true;
}
