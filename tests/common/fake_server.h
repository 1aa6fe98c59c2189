// fake_server.h -- a server that follows a script, for tests of clients.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_COMMON_FAKE_SERVER_H
#define VEGA_TESTS_COMMON_FAKE_SERVER_H

#include <pthread.h>

#include "common/base/buffer.h"
#include "common/client/vega.h"

enum { LIVES_MAX = 3, STEPS_MAX = 12 };

// A server that accepts one connection after another. On each it waits for
// bytes and answers them with the next step, until there is none; then it
// closes, or waits for the client to do so.
struct script {
    const char *steps[LIVES_MAX][STEPS_MAX];
    int lives;
    bool keeps_open;
};

struct fake {
    struct script script;
    int listener, port;
    pthread_t thread;
    struct buffer received; // On all connections.
};

void fake_start(struct fake *fake, struct script script);
void fake_stop(struct fake *fake); // After the client has closed.

// All that came, and nothing else.
void fake_expect_received(struct fake *fake, const char *expected);

// The reply, which is freed, is `text`.
void expect_text(struct vega *v, struct vega_reply *reply, const char *text);

// There is none, for this reason.
void expect_failure(struct vega *v, const struct vega_reply *reply,
                    enum vega_status status);

#endif
