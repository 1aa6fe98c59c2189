// client_filter.h -- which sessions CLIENT LIST and CLIENT KILL mean.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_CLIENT_FILTER_H
#define VEGA_COMMON_CLIENT_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/slice.h"

struct request;
struct session;

enum client_type { CLIENT_NORMAL, CLIENT_PUBSUB, CLIENT_REPLICATION };

// All conditions that are set must hold.
struct client_filter {
    bool has_id, has_type, has_user, has_address, has_local_address;
    enum client_type type; // Of TYPE.
    uint64_t id;
    struct slice address, local_address;
    const struct session *skipped; // NULL: nobody.
};

bool client_filter_matches(const struct client_filter *filter,
                           const struct session *session);

// NORMAL, MASTER, REPLICA (or SLAVE), PUBSUB. On false the error was written.
bool client_filter_read_type(struct client_filter *filter,
                             struct request *request, struct slice type);

// ID n | TYPE t | USER u | ADDR a | LADDR a | SKIPME yes|no, in pairs from
// argv[first] on. On false the error was written.
bool client_filter_read(struct client_filter *filter, struct request *request,
                        uint32_t first, const struct session *self);

#endif
