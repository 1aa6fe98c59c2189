// route.h -- which server a command goes to.
//
// libvega asks its route before it sends a command. The direct route knows one
// server; a sharded store brings a router of its own that looks at the keys,
// and hands it to vega_connect_by. Such a router may also take a command apart
// that several servers have to do, and send one again that was refused because
// it came to the wrong one.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_ROUTE_H
#define VEGA_COMMON_ROUTE_H

#include <string.h>

#include "common/base/slice.h"
#include "common/client/endpoint.h"
#include "common/client/vega.h"

// A command. Borrowed; `sizes` NULL: the arguments are strings.
struct route_command {
    size_t argc;
    const char *const *argv;
    const size_t *sizes;
};

static inline struct slice route_argument(const struct route_command *command,
                                          size_t i)
{
    const char *bytes = command->argv[i];
    return (struct slice){bytes,
                          command->sizes ? command->sizes[i] : strlen(bytes)};
}

// Where a command that was not done is sent once more.
struct route_again {
    struct endpoint *endpoint;
    bool asking; // Behind an ASKING.
    int wait_ms; // Not before.
};

// A command that was taken apart.
struct route_split {
    struct route_command *parts; // Their bytes are borrowed from the whole.
    size_t count;
    // Makes the one reply of those of all parts, which are in their order, none
    // of them NULL, and taken. `replies` itself stays the caller's.
    struct vega_reply *(*join)(struct route_split *split,
                               struct vega_reply **replies);
    void (*destroy)(struct route_split *split);
};

struct route {
    // The endpoint for this command; never NULL. Borrowed, valid as long as the
    // route. With `argc` 0 there is no command yet: any one will do.
    struct endpoint *(*choose)(struct route *route,
                               const struct route_command *command);
    void (*destroy)(struct route *route);
    // For the connections to come, to whichever server.
    void (*set_password)(struct route *route, const char *user,
                         const char *password);

    // The rest may be NULL: then no command is taken apart or sent again.

    // NULL: it stays whole. Else the caller's.
    struct route_split *(*split)(struct route *route,
                                 const struct route_command *command);
    // Whether the error `reply`, which answers the command for the
    // `times`-th time, says that nothing was done and that another server, or
    // the same one a little later, may do it.
    bool (*retry)(struct route *route, const struct route_command *command,
                  const struct vega_reply *reply, unsigned times,
                  struct route_again *again);
    // That endpoint, which was chosen for the command, could not be reached.
    // Whether another one would be chosen now.
    bool (*unreachable)(struct route *route,
                        const struct route_command *command,
                        struct endpoint *endpoint);
};

// All commands to the one server of `options`, which are copied.
struct route *route_direct_create(const struct vega_options *options);

// As vega_connect, over any route. Taken: vega_close destroys it.
struct vega *vega_connect_by(struct route *taken);

#endif
