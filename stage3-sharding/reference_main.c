// reference_main.c -- vega-reference of stage 3: prints COMMANDS.md.
// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "common/server/command.h"
#include "common/server/server.h"
#include "stage1-singlenode/commands.h"
#include "stage1-singlenode/reference.h"
#include "stage2-persistence/commands_durable.h"
#include "stage3-sharding/commands_cluster.h"

int main(void)
{
    struct command_table *table = command_table_create();
    server_add_commands(table);
    store_add_commands(table);
    durable_add_commands(table);
    cluster_add_commands(table);
    fault_add_commands(table);
    bool complete = reference_print(table);
    command_table_destroy(table);
    return complete ? EXIT_SUCCESS : EXIT_FAILURE;
}
