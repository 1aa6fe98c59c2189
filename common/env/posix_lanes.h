// posix_lanes.h -- the threads that write and sync the files of a node.
//
// An operation is a struct env_io that wanders through two queues: from the
// node's thread into that of a lane, through the lane's thread into those that
// have finished, and back to the node's thread, which an eventfd wakes. There
// are three lanes, each with one thread:
//
//     writes    in their order;
//     syncs     and closes, in theirs: one begins when all that was submitted
//               before it is done. A write that comes later does not wait for
//               it, so that a sync of a second's records stalls nobody;
//     patient   what nobody waits for, in its order, whatever it is: nothing
//               else stands behind a megabyte of zeros and its sync.
//
// A small write into the page cache is a matter of 1-4 us, handing it over and
// back one of 10 and more. While no other write is under way the node's thread
// does it itself, and completes it at the end of the round, for no completion
// comes from inside the call.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_POSIX_LANES_H
#define VEGA_COMMON_POSIX_LANES_H

#include <stdbool.h>

#include "common/env/env.h"
#include "common/net/loop.h"

// Larger writes take their time: they are the thread's.
enum { POSIX_LANES_INLINE_MAX = 64 * 1024 - 1 };

struct posix_lanes;

// `perform` carries an operation out and sets its status; by any thread, for
// several operations at a time. `loop` outlives the lanes. Owned by the caller.
struct posix_lanes *posix_lanes_create(struct loop *loop,
                                       void (*perform)(void *context,
                                                       struct env_io *io),
                                       void *context);

// Sees everything through, also what the callbacks submit.
void posix_lanes_destroy(struct posix_lanes *lanes);

void posix_lanes_submit(struct posix_lanes *lanes, struct env_io *io);

// Completes the writes that were done at once. What their callbacks submit is
// completed by the next call.
void posix_lanes_settle(struct posix_lanes *lanes);
bool posix_lanes_are_settled(const struct posix_lanes *lanes); // Nothing to do.

#endif
