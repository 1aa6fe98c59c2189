// sim_network.h -- a network of the simulated world. Hosts send each other
// messages; what may become of these stands at the top of sim_network.c.
//
// A host is there from the beginning to the end and has an id, by which peers
// know it. A process lives on it (sim_network_join), one after another; or it
// belongs to the harness, which sends and listens itself: a client.
//
// Sets of hosts are bits: bit i is the host that was added as the i-th, from 0.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_SIM_NETWORK_H
#define VEGA_COMMON_SIM_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/env/env.h"
#include "common/sim/sim.h"
#include "common/sim/sim_process.h"

enum {
    SIM_HOSTS_MAX = 64,
    SIM_HOST_NAME_SIZE = SIM_PROCESS_NAME_SIZE,
};
#define SIM_HOSTS_ALL UINT64_MAX

// One direction between two hosts. May be changed at any time.
struct sim_link {
    bool cut;
    // Of each message anew, uniformly: so they overtake one another.
    int64_t delay_us_min, delay_us_max;
    uint32_t lost_per_million;
    uint32_t doubled_per_million; // Arrive a second time.
    uint32_t late_per_million;    // Take up to late_us_max more.
    int64_t late_us_max;
    // A slow link carries one message after the other. 0: any number at once.
    uint64_t bytes_per_second;

    // The network's own.
    int64_t busy_until_us;
    size_t size;       // Bytes that are on their way.
    uint64_t messages; // That were given to it so far.
};

struct sim_host {
    struct sim_network *network;
    uint32_t id;
    size_t index;
    char name[SIM_HOST_NAME_SIZE]; // In the trace.
    struct sim_process *process;   // That lives there now, or NULL.
    struct env_peers *receiver;    // NULL: messages are lost.
};

struct sim_network {
    struct sim *sim;
    size_t message_max; // Bytes of one.
    size_t queue_max;   // Bytes that may be on their way over one link.
    // Appends what a message says, for the trace, in a few words; or NULL.
    void (*describe)(void *context, struct slice body, struct buffer *words);
    // Asked about each loss, doubling and delay that chance would have, by its
    // number, from 1: true: it does not happen, and nothing else changes. For
    // shrinkers; or NULL.
    bool (*spares)(void *context, uint64_t fault);
    void *context;

    uint64_t sent, arrived, lost; // So far; what arrives twice counts twice.
    uint64_t faults;              // That chance would have had.

    // The network's own.
    struct sim_host hosts[SIM_HOSTS_MAX];
    size_t count;
    struct sim_link links[SIM_HOSTS_MAX][SIM_HOSTS_MAX]; // [from][to].
    struct list_link messages;                           // On their way.
    uint64_t ordinals;
    uint64_t seed; // Of the luck of messages.
};

// One without hosts. Owned by the caller; `sim` outlives it.
struct sim_network *sim_network_create(struct sim *sim);
// No living process may be there. Drops what is on its way.
void sim_network_destroy(struct sim_network *network);

// Adds a host, which knows all others and is known to them. Its links take 100
// to 1,000 us and have no faults. The name is copied (and cut).
struct sim_host *sim_network_add(struct sim_network *network, uint32_t id,
                                 const char *name);
// NULL: there is none.
struct sim_host *sim_network_find(struct sim_network *network, uint32_t id);

// Lets `process`, which is alive, live at that host until it dies: what it
// sends to its peers goes through the network. No other one lives there.
void sim_network_join(struct sim_host *host, struct sim_process *process);

// The link of one direction.
static inline struct sim_link *sim_network_link(struct sim_host *from,
                                                struct sim_host *to)
{
    return &from->network->links[from->index][to->index];
}

// Copies the knobs of `link` to all links from one set to the other.
void sim_network_set_links(struct sim_network *network, uint64_t from,
                           uint64_t to, const struct sim_link *link);

// Cuts all links from one set to the other, one way; what is on its way over
// them is lost unless they are healed before it would arrive.
void sim_network_cut(struct sim_network *network, uint64_t from, uint64_t to);
void sim_network_heal(struct sim_network *network, uint64_t from, uint64_t to);
// Cuts between the hosts in the set and all others, both ways.
void sim_network_split(struct sim_network *network, uint64_t side);

// How long bytes are on their way that must arrive: each time that the link
// loses them, `resend_us` passes before they are sent again. For streams.
int64_t sim_network_draw_delay(struct sim_host *from, struct sim_host *to,
                               size_t size, int64_t resend_us);

// As env_peer_send and env_peer_listen of whoever is at the host. A harness
// calls them for its own hosts only.
enum status sim_host_send(struct sim_host *host, uint32_t to,
                          struct slice body);
void sim_host_listen(struct sim_host *host, struct env_peers *receiver);
void sim_host_leave(struct sim_host *host); // The process is dead.

void sim_network_check_invariants(const struct sim_network *network);

#endif
