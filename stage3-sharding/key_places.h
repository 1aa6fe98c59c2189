// key_places.h -- where commands have their first key, as a server tells it by
// COMMAND.
//
// A client that asks needs no list of its own, of which the server may have
// another version.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE3_KEY_PLACES_H
#define VEGA_STAGE3_KEY_PLACES_H

#include <stddef.h>

#include "common/client/route.h"

struct key_place;

// Zeroed: nothing is known.
struct key_places {
    struct key_place *places; // By name.
    size_t count;
};

enum key_answer {
    KEY_NONE,    // The command has no key.
    KEY_AT,      // It has: see *index.
    KEY_ASK,     // That depends on the arguments: COMMAND GETKEYS knows.
    KEY_UNKNOWN, // The command is not in the list.
};

void key_places_deinit(struct key_places *places);

// Reads the reply to COMMAND in place of what was known. False when it is
// another reply; then nothing is known.
bool key_places_read(struct key_places *places, const struct vega_reply *reply);

// Where the first key of the command is.
enum key_answer key_places_find(const struct key_places *places,
                                const struct route_command *command,
                                size_t *index);

#endif
