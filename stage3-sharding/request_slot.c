// request_slot.c -- the one slot of all keys of a request.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/request_slot.h"

#include "common/server/command.h"
#include "common/server/flat.h"
#include "common/server/transaction.h"
#include "stage1-singlenode/interactive.h"
#include "stage3-sharding/slot.h"

struct slots {
    const struct request *request; // Whose keys are looked at.
    enum request_slot found;
    uint16_t slot;
};

static void slots_add(struct slots *slots, struct slice key)
{
    uint16_t slot = slot_of_key(key);
    if (slots->found == REQUEST_SLOT_NONE) {
        slots->found = REQUEST_SLOT_ONE;
        slots->slot = slot;
    } else if (slot != slots->slot) {
        slots->found = REQUEST_SLOT_MANY;
    }
}

static void slots_add_position(void *context, uint32_t position)
{
    struct slots *slots = context;
    slots_add(slots, slots->request->argv[position]);
}

// Of a request whose command has keys. What is malformed has none: it will be
// refused for that, wherever it is.
static void slots_add_request(struct slots *slots,
                              const struct request *request)
{
    slots->request = request;
    request_keys(request, slots_add_position, slots);
}

// Of arguments that begin with a command's name.
static void slots_add_command(struct slots *slots,
                              const struct command_table *table,
                              const struct slice *argv, uint32_t argc)
{
    const struct command *found;
    struct request step = {
        .command = command_resolve(table, argv, argc, &found),
        .argv = argv,
        .argc = argc,
    };
    if (step.command && command_has_keys(step.command) &&
        command_arity_fits(step.command, argc))
        slots_add_request(slots, &step);
}

static void slots_add_flat(struct slots *slots, const struct request *request)
{
    struct flat flat = flat_open(request->argv, request->argc);
    struct flat_version version;
    struct flat_command command;
    uint32_t count;
    flat_read_count(&flat, &count);
    while (count-- > 0) {
        flat_read_version(&flat, &version);
        slots_add(slots, version.key);
    }
    flat_read_count(&flat, &count);
    while (count-- > 0) {
        flat_read_command(&flat, &command);
        slots_add_command(slots, request->command->table, command.argv,
                          command.argc);
    }
}

// A request without keys of its own may carry others' (transaction.h).
static void slots_add_carried(struct slots *slots,
                              const struct request *request)
{
    const struct command *command = request->command;
    if (command->serve == begin_serve)
        slots_add_command(slots, command->table, request->argv, request->argc);
    else if ((command->serve == exec_serve || command->serve == commit_serve) &&
             flat_is_valid(request->argv, request->argc))
        slots_add_flat(slots, request);
}

enum request_slot request_slot(const struct request *request, uint16_t *slot)
{
    const struct command *command = request->command;
    struct slots slots = {.found = REQUEST_SLOT_NONE};
    if (command->first_key && command->first_key == command->last_key &&
        !command->key_count && !command->find_keys) // Nearly all of them.
        slots_add(&slots, request->argv[command->first_key]);
    else if (command_has_keys(command))
        slots_add_request(&slots, request);
    else
        slots_add_carried(&slots, request);
    *slot = slots.slot;
    return slots.found;
}
