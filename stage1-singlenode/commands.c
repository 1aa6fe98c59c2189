// commands.c -- brings the families together.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/commands.h"

void store_add_commands(struct command_table *table)
{
    command_table_add(table, commands_string);
    command_table_add(table, commands_range);
    command_table_add(table, commands_counter);
    command_table_add(table, commands_bits);
    command_table_add(table, commands_key);
    command_table_add(table, commands_scan);
    command_table_add(table, commands_expire);
    command_table_add(table, commands_object);
    command_table_add(table, commands_list);
    command_table_add(table, commands_list_element);
    command_table_add(table, commands_list_move);
    command_table_add(table, commands_list_blocking);
    command_table_add(table, commands_transaction);
    command_table_add(table, commands_set);
    command_table_add(table, commands_set_scan);
    command_table_add(table, commands_set_algebra);
    command_table_add(table, commands_hash);
    command_table_add(table, commands_hash_scan);
    command_table_add(table, commands_zset);
    command_table_add(table, commands_zset_range);
    command_table_add(table, commands_zset_store);
    command_table_add(table, commands_zset_pop);
    command_table_add(table, commands_zset_blocking);
    command_table_add(table, commands_zset_scan);
    command_table_add(table, commands_limits);
    command_table_add_subcommands(table, "debug", commands_debug);
}
