// health.h -- how a node is: one word for scripts, then the reason for people.
//
//     ok         it takes requests
//     degraded   it takes requests, but somebody should look
//     readonly   it answers reads and refuses writes
//     loading    it reads its data and refuses requests for them
//     stopping   it only finishes what it has accepted
//
// The server and every layer say what they know, and the worst counts. HEALTH
// answers "readonly: the log cannot be synced"; STATS has both parts.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_HEALTH_H
#define VEGA_COMMON_HEALTH_H

struct server;

// From good to bad.
enum health_state {
    HEALTH_OK,
    HEALTH_DEGRADED,
    HEALTH_READONLY,
    HEALTH_LOADING,
    HEALTH_STOPPING,
};

enum { HEALTH_REASON_SIZE = 256 };

struct health {
    enum health_state state;
    char reason[HEALTH_REASON_SIZE];
};

// Says that it is at least as bad as `state`. The worst is kept; of equals the
// first that was said.
void health_note(struct health *health, enum health_state state,
                 const char *format, ...) __attribute__((format(printf, 3, 4)));

const char *health_word(enum health_state state);

// The worst of the server and its layers.
void server_health(struct server *server, struct health *health);

#endif
