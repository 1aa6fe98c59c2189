// world.h -- a node of stage 2 in the simulated world: one disk, one life after
// another, clients, and what must be true of all of it.
//
// A life begins with a process over the disk and what recovery makes of it, and
// ends by a power cut, kill -9 or a clean stop. Between store and log sits a
// spy that notes what is executed (history.h); what clients are shown is noted
// as the number of writes that had been executed when the bytes were made.
//
// Rules, checked when the next life begins to serve (R1 to R4) and on the way:
// (R1) The store equals what executing some first part of the history gives:
//      values, versions, expiries, orders, encodings.
// (R2) That part holds all that anybody was shown: under `always` after any
//      end, under the other policies after the end of the process alone.
// (R3) It holds all that the node held to be durable, after any end.
// (R4) After a clean stop it holds everything.
// (R5) While the node runs, its store and the reference are equal.
// (R6) Nothing is executed that changes the store once the log has failed; what
//      is read then is true in the next life, too.
// (R7) A node starts on whatever a crash left.
// (R8) The gate is never open further than the log is safe, in memory already,
//      and also when the log has failed.
// (R9) One damaged snapshot loses nothing: the log reaches back behind it.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_SIM_STAGE2_WORLD_H
#define VEGA_TESTS_SIM_STAGE2_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/random.h"
#include "stage2-persistence/sim_node.h"
#include "tests/sim/stage2/history.h"

enum { WORLD_CLIENTS = SIM_NODE_CLIENTS, WORLD_FAILURE_SIZE = 512 };

// Bytes up to `position` of a client's stream were made when `count` writes
// had been executed.
struct world_mark {
    uint64_t position;
    size_t count;
};

// Of bytes that a client has not got, in order.
struct world_marks {
    struct world_mark *marks;
    size_t count, capacity;
};

// A read that was answered after the log had failed.
struct world_read {
    int64_t now_ms;
    uint64_t seed;
    bool always; // The policy, then.
    struct argv argv;
    struct buffer reply;
};

struct world {
    struct sim_node node;
    struct random random;             // Of the workload.
    char failure[WORLD_FAILURE_SIZE]; // The rule that was broken; or "".

    // Of the present life.
    struct layer spy;
    struct completion executed;
    struct world_marks marks[WORLD_CLIENTS];
    bool verified;      // What recovery brought was compared.
    bool always;        // The policy, when clients were last given bytes.
    bool always_failed; // The policy, when the log failed.
    bool log_failed;
    struct world_read *reads;
    size_t read_count;

    // What is known of all lives.
    struct history history;
    struct reference reference; // Executes along.
    size_t floor_power;         // So many writes survive a power cut,
    size_t floor_kill;          // and the end of the process.
    bool ended_by_power; // The last life, or one since the last that served.
    bool may_refuse;     // Reads or writes of the disk fail by our own doing.
    uint64_t lives, recoveries;
};

// The seed settles what the world and, if it is asked, the workload do.
void world_init(struct world *world, uint64_t seed);
void world_deinit(struct world *world);

// Begins a life. It serves when world_serves says so.
void world_start(struct world *world, const struct sim_node_options *options);
static inline bool world_is_alive(const struct world *world)
{
    return sim_node_is_alive(&world->node);
}
static inline bool world_serves(const struct world *world)
{
    return sim_node_serves(&world->node);
}
// Lets time pass until it serves, dies or refuses to start.
void world_recover(struct world *world);

static inline void world_run_for(struct world *world, int64_t us)
{
    sim_node_run_for(&world->node, us);
}

// Ends the life, if there is one: as told, or as the crash that was planned
// with disk->knobs.crash did.
void world_end(struct world *world, bool power);
// Lets it finish, and then ends it. False when it could not.
bool world_stop(struct world *world);

static inline bool world_has_client(const struct world *world, size_t index)
{
    return world->node.clients[index].session != NULL;
}
void world_connect(struct world *world, size_t index);

// Notes the first broken rule.
void world_fail(struct world *world, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static inline bool world_failed(const struct world *world)
{
    return world->failure[0] != '\0';
}

#endif
