// test_memory_limit.c -- when commands make room, and which need some. (How
// truly memory is counted is in tests/system/test_memory.py.)
// SPDX-License-Identifier: MIT
#include "tests/stage1/node_harness.h"
#include "tests/test.h"

#define OOM "-OOM command not allowed when used memory > 'maxmemory'.\r\n"
#define ABORTED(why) "-EXECABORT Transaction discarded because of" why

TEST(reads_make_room_too)
{
    static const struct node_golden rows[] = {
        {"mset a 1 b 2 c 3", "+OK\r\n"},
        {"config set maxmemory 1 maxmemory-policy allkeys-random", "+OK\r\n"},
        {"get nosuch", "$-1\r\n"},
        {"config set maxmemory 0", "+OK\r\n"},
        {"dbsize", ":0\r\n"},
        {0},
    };
    node_expect_all(rows);
}

TEST(commands_about_the_server_make_room)
{
    static const struct node_golden rows[] = {
        {"mset a 1 b 2 c 3", "+OK\r\n"},
        {"config set maxmemory 1 maxmemory-policy allkeys-lru", "+OK\r\n"},
        {"config set maxmemory 0", "+OK\r\n"},
        {"dbsize", ":0\r\n"},
        {0},
    };
    node_expect_all(rows);
}

TEST(without_eviction_what_needs_no_memory_runs)
{
    static const struct node_golden rows[] = {
        {"set a 1", "+OK\r\n"},
        {"config set maxmemory 1", "+OK\r\n"},
        {"set a 2", OOM},
        {"get a", "$1\r\n1\r\n"},
        {"ping", "+PONG\r\n"},
        {"del a", ":1\r\n"},
        {0},
    };
    node_expect_all(rows);
}

TEST(in_multi_everything_needs_memory_but_its_end)
{
    static const struct node_golden rows[] = {
        {"set a 1", "+OK\r\n"},
        {"config set maxmemory 1", "+OK\r\n"},
        {"multi", "+OK\r\n"},
        {"get a", OOM},
        {"ping", OOM},
        {"watch a", OOM},
        {"exec", ABORTED(" previous errors.\r\n")},
        {"multi", "+OK\r\n"},
        {"get a", OOM},
        {"discard", "+OK\r\n"},
        {"multi", "+OK\r\n"},
        {"reset", "+RESET\r\n"},
        {0},
    };
    node_expect_all(rows);
}

TEST(exec_needs_what_is_in_it)
{
    struct node_harness harness;
    struct node_client reads, writes, other;
    node_init(&harness);
    node_client_open(&reads, &harness);
    node_client_open(&writes, &harness);
    node_client_open(&other, &harness);
    node_expect(&other, "set a 1", "+OK\r\n");
    node_expect(&reads, "multi", "+OK\r\n");
    node_expect(&reads, "get a", "+QUEUED\r\n");
    node_expect(&writes, "multi", "+OK\r\n");
    node_expect(&writes, "set b 1", "+QUEUED\r\n");
    node_expect(&other, "config set maxmemory 1", "+OK\r\n");
    node_expect(&reads, "exec", "*1\r\n$1\r\n1\r\n");
    node_expect(&writes, "exec",
                ABORTED(": OOM command not allowed when used memory > "
                        "'maxmemory'.\r\n"));
    node_client_close(&other);
    node_client_close(&writes);
    node_client_close(&reads);
    node_deinit(&harness);
}
