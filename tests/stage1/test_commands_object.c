// test_commands_object.c -- OBJECT and MEMORY.
// SPDX-License-Identifier: MIT
#include "tests/stage1/command_harness.h"
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TEST(object_encoding_follows_the_rules_of_redis)
{
    harness_expect((const struct golden[]){
        {"object encoding k", NIL},
        {"set k 123", OK},
        {"object encoding k", "$3\r\nint\r\n"},
        {"set k 9223372036854775808", OK},
        {"object encoding k", "$6\r\nembstr\r\n"},
        {"set k 00000000000000000000000000000000000000000044", OK},
        {"object encoding k", "$6\r\nembstr\r\n"},
        {"set k 000000000000000000000000000000000000000000045", OK},
        {"object encoding k", "$3\r\nraw\r\n"},
        {"set k v", OK},
        {"append k w", INTEGER(2)},
        {"object encoding k", "$3\r\nraw\r\n"},
        {"copy k k2", INTEGER(1)},
        {"object encoding k2", "$3\r\nraw\r\n"},
        {"append fresh 12", INTEGER(2)},
        {"object encoding fresh", "$3\r\nint\r\n"},
        {"incr fresh", INTEGER(13)},
        {"object encoding fresh", "$3\r\nint\r\n"},
        {"setrange fresh 0 4", INTEGER(2)},
        {"object encoding fresh", "$3\r\nraw\r\n"},
        {0},
    });
}

TEST(object_refcount_knows_the_shared_integers)
{
    harness_expect((const struct golden[]){
        {"object refcount k", NIL},
        {"set k 9999", OK},
        {"object refcount k", INTEGER(2147483647)},
        {"incr k", INTEGER(10000)},
        {"object refcount k", INTEGER(1)},
        {"set k -1", OK},
        {"object refcount k", INTEGER(1)},
        {"set k abc", OK},
        {"object refcount k", INTEGER(1)},
        {"set k 1", OK},
        {"setrange k 0 2", INTEGER(1)},
        {"object refcount k", INTEGER(1)},
        {0},
    });
}

TEST(object_idletime_counts_seconds_since_the_last_use)
{
    harness_expect((const struct golden[]){
        {"object idletime k", NIL},
        {"set k v", OK},
        {"object idletime k", INTEGER(0)},
        {"+12345", ""},
        {"object idletime k", INTEGER(12)},
        {"object encoding k", "$6\r\nembstr\r\n"},
        {"object idletime k", INTEGER(12)},
        {"get k", "$1\r\nv\r\n"},
        {"object idletime k", INTEGER(0)},
        {0},
    });
}

TEST(object_freq_needs_another_policy)
{
    harness_expect((const struct golden[]){
        {"object freq k", NIL},
        {"set k v", OK},
        {"object freq k",
         "-ERR An LFU maxmemory policy is not selected, access frequency not "
         "tracked. Please note that when switching between policies at "
         "runtime LRU and LFU data will take some time to adjust.\r\n"},
        {"object freq", WRONG_ARITY("object|freq")},
        {"object", WRONG_ARITY("object")},
        {0},
    });
}

TEST(memory_usage_counts_key_value_and_table)
{
    struct harness harness;
    harness_init(&harness, 2);
    harness_run(&harness, "set k v");
    struct slice reply = harness_run(&harness, "memory usage k");
    ck_assert_int_eq(reply.data[0], ':');
    ck_assert_int_gt(strtol(reply.data + 1, NULL, 10), 16);
    harness_deinit(&harness);
}

TEST(memory_usage_checks_its_options_first)
{
    harness_expect((const struct golden[]){
        {"memory usage k", NIL},
        {"memory usage k samples 5", NIL},
        {"memory usage k SAMPLES 0 samples 1", NIL},
        {"memory usage k samples -1", SYNTAX_ERROR},
        {"memory usage k samples x", NOT_AN_INTEGER},
        {"memory usage k samples", SYNTAX_ERROR},
        {"memory usage k foo 1", SYNTAX_ERROR},
        {"memory usage", WRONG_ARITY("memory|usage")},
        {0},
    });
}

TEST(help_lists_every_subcommand)
{
    static const char *const containers[] = {"object", "memory"};
    struct harness harness;
    harness_init(&harness, 3);
    for (size_t i = 0; i < 2; i++) {
        char line[32], name[32];
        snprintf(line, sizeof line, "%s help", containers[i]);
        buffer_append_byte(&harness.reply, '\0');
        struct slice reply = harness_run(&harness, line);
        ck_assert_int_eq(reply.data[0], '*');
        buffer_append_byte(&harness.reply, '\0');

        const struct command *row =
            command_find(harness.commands, slice_of(containers[i]));
        for (const struct command *s = row->subcommands; s->name; s++) {
            snprintf(name, sizeof name, "\n+%s", s->name);
            ck_assert_msg(strcasestr(harness.reply.data, name), "%s in %s",
                          s->name, line);
        }
    }
    harness_deinit(&harness);
}
