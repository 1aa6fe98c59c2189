// member.h -- a node of stage 3 in the simulated world: a host of the network,
// a disk, and one life after another, as sim_node.h has it for stage 2. The
// same objects as the server's.
//
// A life begins with a process over the disk and with the list of nodes that
// the operator has given it, and ends by a power cut, kill -9 or a clean stop.
// Nothing here judges.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_SIM_STAGE3_MEMBER_H
#define VEGA_TESTS_SIM_STAGE3_MEMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/server/internal_requests.h"
#include "common/sim/sim.h"
#include "common/sim/sim_disk.h"
#include "common/sim/sim_network.h"
#include "common/sim/sim_process.h"
#include "stage1-singlenode/node_config.h"
#include "stage2-persistence/durable_layer.h"
#include "stage3-sharding/node.h"
#include "stage3-sharding/shard_layer.h"
#include "tests/sim/stage3/guest.h"

enum { MEMBER_PORT = 7001 };

struct member_options {
    const char *fsync; // "always"
    int64_t segment_size;
    int64_t snapshot_log_size;
    int64_t disk_delay_us; // Of every write and sync, at least.
    // The list tells addresses and weights; else only ids (--peers), and each
    // hears the rest of the others.
    bool lists_all;
};

// Who looks on.
struct member_watch {
    // A life begins: the map has what the list says, and nothing runs yet.
    void (*begins)(void *context, struct member *member);
    // The stack is made.
    void (*is_made)(void *context, struct member *member);
    // A client is sent these bytes. Borrowed.
    void (*shows)(void *context, struct member *member,
                  const struct guest *guest, struct slice bytes);
};

struct member {
    uint16_t index; // In the list.
    struct sim_host *host;
    struct sim_disk *disk;
    const struct topology *list; // All nodes, complete. Borrowed.
    const struct member_options *options;
    const struct member_watch *watch;
    void *context;
    uint64_t lives;

    // Of the present life.
    struct sim_process *process; // NULL: none.
    struct config *config;
    struct server_settings settings;
    struct node_settings node_settings;
    struct durable_settings durable_settings;
    struct topology map;
    struct sharded_node *node;
    struct server *server;
    struct durable_layer *durable;
    struct shard_layer *shard;
    struct internal_requests hands; // For what is done to it by hand.
    struct list_link guests;
    struct sim_round round;
    bool stops;       // Cleanly.
    struct layer spy; // Whoever looks on may put it in; below the shard layer.
};

// `member` has index, host, list, options, watch and context set, and the rest
// zeroed.
void member_init(struct member *member);
void member_deinit(struct member *member);

static inline bool member_is_alive(const struct member *member)
{
    return member->process && !member->process->dead;
}
// It has loaded, and its log takes writes.
static inline bool member_serves(const struct member *member)
{
    return member_is_alive(member) && member->durable->state == DURABLE_SERVING;
}

void member_start(struct member *member); // It has no life.

// Ends the life, if there is one. When power is lost clients are not told.
void member_end(struct member *member, bool power);
// Its clients lose their connections.
void member_hang_up(struct member *member);
// Lets it end by itself, see member_look.
void member_stop(struct member *member);
// After each event: ends a life whose process has died, or has stopped.
void member_look(struct member *member);

// A client connects; NULL: nobody listens.
struct guest *member_accept(struct member *member);

// For guests.
void member_show(struct member *member, const struct guest *guest,
                 struct slice bytes);

#endif
