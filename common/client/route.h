// route.h -- which server a command goes to.
//
// libvega asks its route before it sends a command. The direct route knows one
// server; a sharded store brings a router of its own that looks at the keys,
// and hands it to vega_connect_by.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_ROUTE_H
#define VEGA_COMMON_ROUTE_H

#include "common/client/endpoint.h"
#include "common/client/vega.h"

struct route {
    // The endpoint for this command; never NULL. Borrowed, valid as long as the
    // route. With `argc` 0 there is no command yet: any one will do.
    struct endpoint *(*choose)(struct route *route, size_t argc,
                               const char *const *argv, const size_t *sizes);
    void (*destroy)(struct route *route);
    // For the connections to come, to whichever server.
    void (*set_password)(struct route *route, const char *user,
                         const char *password);
};

// All commands to the one server of `options`, which are copied.
struct route *route_direct_create(const struct vega_options *options);

// As vega_connect, over any route. Taken: vega_close destroys it.
struct vega *vega_connect_by(struct route *taken);

#endif
