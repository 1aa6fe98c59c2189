// sockets.h -- the sockets of a client's library, in the simulated world.
//
// libvega and the routers behind it block in poll and nanosleep, and are linked
// as they are. What they ask the system for arrives here (the linker's --wrap).
// When a caller asks, a fiber at a host of the network, its sockets are
// connections of that network (sim_stream.h), and its time is virtual; anybody
// else gets what the system gives.
//
// What a caller may meet: nobody listens (refused), no answer at all (a cut),
// bytes that come in pieces and late, an end in the middle of anything, and
// silence for ever: a host whose power was cut says no farewell.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_SIM_SOCKETS_H
#define VEGA_TESTS_SIM_SOCKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/sim/sim_stream.h"
#include "tests/sim/fiber.h"

enum { CALLER_SOCKETS_MAX = 64 };

// Who can be called.
struct sockets {
    struct sim_network *network;
    // The host of that IPv4 address, as a number (10.0.0.1 is 0x0a000001), or
    // NULL: there is none, and nothing answers.
    struct sim_host *(*find)(void *context, uint32_t address, uint16_t port);
    // A connection from `from` to `at`: the end to talk to, with its functions
    // set; NULL: refused.
    struct sim_stream_end *(*accept)(void *context, struct sim_host *at,
                                     struct sim_host *from);
    void *context;
};

enum socket_state {
    SOCKET_FREE,
    SOCKET_NEW,
    SOCKET_CONNECTING,
    SOCKET_CONNECTED,
    SOCKET_ENDED,  // No more comes.
    SOCKET_FAILED, // `error` says why.
};

struct socket {
    struct caller *caller;
    enum socket_state state;
    int error;
    struct sim_stream_end end;
    struct sim_host *to;
    struct env_timer handshake;
    struct buffer received; // And not yet taken.
};

struct caller {
    const struct sockets *sockets; // Borrowed.
    struct sim_host *host;         // Where it is.
    void (*run)(struct caller *caller);
    bool hung_up; // Its calls fail from now on, and take no time.
    // The rest is the sockets' own.
    struct fiber *fiber;
    struct env_timer wake;
    struct socket list[CALLER_SOCKETS_MAX];
};

// Has `run` called in a fiber at that host, `after_us` from now. A caller is
// zeroed before.
void caller_start(struct caller *caller, const struct sockets *sockets,
                  struct sim_host *host, int64_t after_us,
                  void (*run)(struct caller *caller));
bool caller_is_done(const struct caller *caller);

// Lets it run to its end, without time and with nobody to talk to. Between
// events; harmless when it has ended.
void caller_end(struct caller *caller);

// From inside: time passes.
void caller_sleep(struct caller *caller, int64_t us);

#endif
