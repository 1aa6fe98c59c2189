// command.h -- the command table: one row a command, for everything that needs
// to know about commands.
//
// Dispatch, COMMAND, COMMAND DOCS, the completion and hints of the client and
// the reference page all read these rows. The server registers its own
// (commands_connection.c, ...), each stage adds families of rows; nobody edits
// another's.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_COMMAND_H
#define VEGA_COMMON_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/slice.h"

struct command_table;
struct request;
struct session;
struct store; // Opaque here: stage 1 says what it is.

enum command_flag {
    COMMAND_WRITE = 1 << 0,
    COMMAND_READONLY = 1 << 1,
    COMMAND_DENYOOM = 1 << 2, // May need memory: refused at maxmemory.
    COMMAND_ADMIN = 1 << 3,
    COMMAND_PUBSUB = 1 << 4,
    COMMAND_NOSCRIPT = 1 << 5,
    COMMAND_BLOCKING = 1 << 6,
    COMMAND_LOADING = 1 << 7, // Allowed while data are loaded.
    COMMAND_STALE = 1 << 8,
    COMMAND_FAST = 1 << 9,
    COMMAND_NO_AUTH = 1 << 10, // Allowed before AUTH.
    COMMAND_ALLOW_BUSY = 1 << 11,
    COMMAND_NO_MULTI = 1 << 12,
    COMMAND_MOVABLE_KEYS = 1 << 13, // Key positions depend on arguments.
    COMMAND_PROTECTED = 1 << 14,    // Refused unless settings->debug_commands.
    COMMAND_SUBSCRIBED = 1 << 15,   // Allowed to a RESP2 subscriber.
    // Of the node itself, and in its log: for clients there is no such command.
    COMMAND_INTERNAL = 1 << 16,
    COMMAND_SKIP_SLOWLOG = 1 << 17, // SLOWLOG shows the commands in it instead.
    COMMAND_DANGEROUS = 1 << 18,    // ACL category, with COMMAND_ADMIN.
    // What stands where keys would are shard channels, which have slots, too.
    COMMAND_NO_KEYS = 1 << 19,
};

// Of one container. The room is set aside at once, so that rows never move.
enum { COMMAND_SUBCOMMANDS_MAX = 40 };

struct command {
    const char *name;    // Lower case: "set". A subcommand: "getname".
    int arity;           // With the name; negative: at least -arity.
    uint32_t flags;      // enum command_flag
    int first_key;       // Position of the first key; 0: none.
    int last_key;        // Of the last; negative counts from the end.
    int key_step;        // MSET: 2.
    const char *summary; // One sentence without a full stop.
    // The arguments as Redis writes them, for help and hints:
    // "key value [NX | XX] [GET] [EX seconds | KEEPTTL]". "" for none.
    const char *arguments;
    const char *group; // "string", "generic", "connection", "server", ...
    const char *since; // The Redis version that had it first; or "vega 1".

    // One of these two, or subcommands. (COMMAND, which also answers alone,
    // has `serve` and subcommands. EXEC and its like have both: `serve` makes
    // the request that goes down, `run` is what happens there.)
    // Runs at once against the store, at the bottom of the stack. Pure: see
    // request.h. Completing the request is the store layer's business.
    void (*run)(struct store *store, struct request *request);
    // Runs above the stack, for what concerns the connection or the server.
    // Writes the reply; the session completes the request when it returns,
    // unless it was kept (session_park, request_keep): then the keeper does.
    void (*serve)(struct session *session, struct request *request);
    // Rows of a container ("config get"), ended by one without a name, with
    // `arity` counting the container's name too. A container's own `arity` is
    // -2, so that it is refused alone.
    const struct command *subcommands;

    // Position of the argument that counts the keys behind it (LMPOP), in
    // addition to those above; 0: there is none.
    int key_count;
    // Instead of those above, where only a look at all arguments tells (BATCH):
    // what request_keys does.
    bool (*find_keys)(const struct request *request,
                      void (*each)(void *context, uint32_t position),
                      void *context);
    // With COMMAND_BLOCKING: waits for its first key only (BLMOVE), not for
    // any.
    bool waits_for_first;

    // What it does to its keys, and hints for whoever sends it to many nodes,
    // in Redis' words: "RW access delete", "request_policy:all_shards". With
    // "; " the first key has its own words, the others the rest. NULL: what a
    // READONLY ("RO access") or a WRITE ("RW access update") does; no hints.
    const char *access;
    const char *tips;

    const struct command *container;   // Of a subcommand; set at registration
                                       // in the table's copy.
    const char *full_name;             // "config|get"; set at registration.
    const struct command_table *table; // That it is in; set at registration.
    uint32_t id;                       // Dense, from 0; set at registration.
};

struct command_table *command_table_create(void); // Owned by the caller.
void command_table_destroy(struct command_table *table);

// Adds the rows up to one without a name. The rows are copied, their strings
// borrowed. Two rows of one name are a bug.
void command_table_add(struct command_table *table, const struct command *rows);

// The same for more subcommands of `container`, which has some already: how a
// stage adds to what the server began ("debug set-active-expire").
void command_table_add_subcommands(struct command_table *table,
                                   const char *container,
                                   const struct command *rows);

// The row for a name in any case; NULL when there is none. O(1).
const struct command *command_find(const struct command_table *table,
                                   struct slice name);

// The row for a full name in any case: "get", "config|get"; NULL also for an
// internal one.
const struct command *command_find_full(const struct command_table *table,
                                        struct slice full_name);

// The row for argv[0], and for a container with arguments the one of its
// subcommand in argv[1]. *found is the row for argv[0]: when the answer is NULL
// it tells "no such subcommand" (the container) from "no such command" (NULL).
const struct command *command_resolve(const struct command_table *table,
                                      const struct slice *argv, uint32_t argc,
                                      const struct command **found);

// All top-level rows but the internal ones, in the order of registration, and
// how many; then of all rows, subcommands too.
size_t command_count(const struct command_table *table);
const struct command *command_at(const struct command_table *table,
                                 size_t index);
size_t command_id_count(const struct command_table *table);
const struct command *command_by_id(const struct command_table *table,
                                    uint32_t id);

static inline bool command_is_internal(const struct command *command)
{
    return command->flags & COMMAND_INTERNAL;
}

static inline bool command_arity_fits(const struct command *command,
                                      uint32_t argc)
{
    return command->arity >= 0 ? argc == (uint32_t)command->arity
                               : argc >= (uint32_t)-command->arity;
}

// The container's HELP, made of its rows: for `serve` of a row "help".
void command_help(struct session *session, struct request *request);

// "ERR wrong number of arguments for 'config|get' command", for what an arity
// cannot say (pairs).
void command_refuse_arity(struct request *request);

// True if a request may have keys, as far as the row tells.
static inline bool command_has_keys(const struct command *command)
{
    return command->first_key || command->flags & COMMAND_MOVABLE_KEYS;
}

// Calls `each` with the position of every key of a request whose arity fits.
// False when the arguments are malformed. Those of COMMAND_MOVABLE_KEYS depend
// on more than the number of arguments; see request_keys.
bool command_keys(const struct command *command, uint32_t argc,
                  void (*each)(void *context, uint32_t position),
                  void *context);

// The same with those that an argument counts or that `find_keys` tells. False
// also when nothing tells where the keys are.
bool request_keys(const struct request *request,
                  void (*each)(void *context, uint32_t position),
                  void *context);

#endif
