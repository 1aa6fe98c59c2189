// cluster.h -- a cluster of stage 3 in the simulated world: nodes with their
// disks, the network between them, clients, what goes wrong by a plan, and what
// must be true of all of it.
//
// Rules
// (S1) Of a slot and an epoch one node at most executes commands of clients,
//      and it is the one that the ledger has; it takes itself for the owner.
// (S2) The store of a node holds keys of slots that it has, or once had, or was
//      to get when its log was full.
// (S3) What clients saw is linearizable, each key by itself, and keys together
//      that one command touched: nothing that was answered is lost, and what
//      was refused (MOVED, CLUSTERDOWN, LOADING, EXECABORT; no connection) had
//      no effect. Under `always` after any crash; under the other policies
//      after the end of the process alone, for then no power is cut.
// (S4) A node that was started serves, whatever a crash left.
// (S5) When all is well again, within CLUSTER_CONVERGES_US every node has the
//      newest map of every slot, holds every other for alive and disputes
//      nothing; and every client reaches every slot of a sample.
// (S6) In one life of a node the epoch of a slot never falls.
// (S7) A router that has the map sends no key to a wrong node, whoever is down:
//      its client is answered MOVED for slots alone that have moved. (MULTI
//      goes anywhere if the node of the last key is down, and what follows it,
//      there; that is not counted.)
// (S8) No answer but one that the command can have; nobody is sent to an
// address
//      that no node has.
// (S9) Who is dead, and has not been heard for MEMBERSHIP_SILENT_US, is so to
//      all others when all else is well, though wall clocks jump; and when it
//      is back, (S5) holds once more.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_SIM_STAGE3_CLUSTER_H
#define VEGA_TESTS_SIM_STAGE3_CLUSTER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/sim/client_history.h"
#include "common/sim/sim.h"
#include "common/sim/sim_network.h"
#include "tests/sim/seeds.h"
#include "tests/sim/sockets.h"
#include "tests/sim/stage3/customer.h"
#include "tests/sim/stage3/ledger.h"
#include "tests/sim/stage3/member.h"
#include "tests/sim/stage3/mover.h"
#include "tests/sim/stage3/plan.h"

enum {
    CLUSTER_CONVERGES_US = 3 * 1000 * 1000,
    CLUSTER_MOURNS_US = MEMBERSHIP_SILENT_US + 500 * 1000,
    CLUSTER_RECOVERS_US = 60 * 1000 * 1000, // A node, from any crash.
    CLUSTER_VISITS_US = 60 * 1000 * 1000,   // A client, everything.
};

struct cluster {
    struct sim sim;
    const struct plan *plan; // Borrowed.
    struct sim_network *network;
    struct sockets sockets;
    struct topology list; // All nodes, as the operator wrote it.
    struct member members[PLAN_MEMBERS_MAX];
    struct customer customers[PLAN_CUSTOMERS_MAX];
    enum customer_phase phase;
    struct client_history history;
    struct ledger ledger;
    struct mover mover;
    bool under_way[PLAN_FAULTS_MAX]; // Of the plan's faults.
    // The epoch of each tag's slot, as each node knew it last in this life.
    uint64_t epochs[PLAN_MEMBERS_MAX][KEYS_TAGS];
    char failure[SEED_FAILURE_SIZE]; // The first rule that was broken; or "".
};

// The plan outlives the cluster.
void cluster_init(struct cluster *cluster, const struct plan *plan);
void cluster_deinit(struct cluster *cluster);

// From the first start to the verdict.
void cluster_run(struct cluster *cluster);

// Notes the first broken rule, and makes an end.
void cluster_fail(struct cluster *cluster, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static inline bool cluster_failed(const struct cluster *cluster)
{
    return cluster->failure[0] != '\0';
}

// Lets time pass, but no longer than until a rule is broken.
void cluster_run_until(struct cluster *cluster, int64_t until_us);

// In trouble.c: the plan's fault begins, or its time is over.
void cluster_begin_fault(struct cluster *cluster, size_t fault);
void cluster_end_fault(struct cluster *cluster, size_t fault);

#endif
