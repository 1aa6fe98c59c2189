// command_harness.h -- runs command lines against a store on a virtual clock,
// without a server around it, and gives back the bytes of the reply.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_COMMAND_HARNESS_H
#define VEGA_TESTS_COMMAND_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/server/command.h"
#include "common/wire/resp.h"
#include "stage1-singlenode/store.h"

#define HARNESS_START_MS INT64_C(1700000000000)

struct harness {
    struct store *store;
    struct command_table *commands;
    struct resp_parser parser;
    struct buffer reply;
    int64_t now_ms;
    uint64_t seed; // Another for each command.
    int protocol;
    bool changed; // What the last command said of itself.
};

void harness_init(struct harness *harness, int protocol);
void harness_deinit(struct harness *harness); // Checks the store once more.

// Runs what a person would type ("set k \"a b\""). The reply is borrowed until
// the next call.
struct slice harness_run(struct harness *harness, const char *line);
struct slice harness_run_argv(struct harness *harness, const struct slice *argv,
                              uint32_t argc);

// Makes `key` a list, as far as a command can see that does not want one.
void harness_make_list(struct harness *harness, const char *key);

// Replies that many rows share.
#define OK "+OK\r\n"
#define NIL "$-1\r\n"
#define INTEGER(number) ":" #number "\r\n"
#define SYNTAX_ERROR "-ERR syntax error\r\n"
#define NOT_AN_INTEGER "-ERR value is not an integer or out of range\r\n"
#define WRONG_TYPE                                                             \
    "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
#define WRONG_ARITY(command)                                                   \
    "-ERR wrong number of arguments for '" command "' command\r\n"
#define INVALID_EXPIRY(command)                                                \
    "-ERR invalid expire time in '" command "' command\r\n"

// A conversation: a line and its whole reply. A line of "+1500" lets so many
// milliseconds pass.
struct golden {
    const char *line;
    // In RESP2. In RESP3 every NIL is "_" instead. A set or a map is written
    // as RESP3 does ("~2", "%2"); RESP2 has an array instead.
    const char *reply;
};

// Holds the conversation, up to a row without a line, with a fresh store in
// each of the protocols. "lst" is a list.
void harness_expect(const struct golden *rows);

// The same for what commands say about having changed something.
struct golden_change {
    const char *line;
    bool changed;
};
void harness_expect_changes(const struct golden_change *rows);

#endif
