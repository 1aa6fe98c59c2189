// router.h -- finds the node of a command's key: libvega's route to a cluster.
//
//     struct vega *v = vega_connect_by(router_create(&options));
//
// The router asks the server that it was given for the map (CLUSTER SLOTS) and
// for where commands have their keys (COMMAND), then keeps a connection to each
// node that it needs. A map grows old: MOVED and ASK are followed, and the map
// is fetched anew from whichever node answers. No command goes to another node
// because its own is down.
//
// Whoever has the list of nodes (cluster.yaml) needs no map: the ring is
// computed, and asks nobody.
//
// A server that is no cluster gets all commands. A command without a key goes
// to the node of the last one; what belongs to a transaction or a WATCH, to the
// node where that was begun: so the key of a WATCH or GET chooses the node of a
// MULTI behind it.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_ROUTER_H
#define VEGA_STAGE3_ROUTER_H

#include "common/client/route.h"
#include "stage3-sharding/topology.h"

// The options are copied; those of the connection, like the password, are used
// for every node. For vega_connect_by, which takes it.
struct route *router_create(const struct vega_options *options);

// The same for the nodes of a list, whose map is the ring's until one of them
// says otherwise. `options` name no server, then. The list is complete and
// borrowed for the call.
struct route *router_create_for(const struct vega_options *options,
                                const struct topology *list);

#endif
