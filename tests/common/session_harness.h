// session_harness.h -- a server with clients, but without sockets, disk or
// store: bytes in, bytes out, on a virtual clock.
//
// Its stack is one layer with commands of its own:
//
//     say TEXT        answers TEXT at once
//     later TEXT      answers TEXT when the test calls harness_answer
//     flush           answers all kept `later`s, oldest first, then OK, all
//                     while it is submitted
//     fill N          answers N bytes
//     spend US ...    lets US microseconds pass, then answers OK
//     rush US ...     the same, but is a quick command (laps.h)
//     clock           answers the request's now_ms
//
// Clients send inline commands mostly: "say hello\r\n".
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_SESSION_HARNESS_H
#define VEGA_TESTS_SESSION_HARNESS_H

#include "common/base/buffer.h"
#include "common/base/list.h"
#include "common/server/layer.h"
#include "common/server/server.h"
#include "common/server/session.h"
#include "tests/common/fake_env.h"

enum { HARNESS_LATER_MAX = 1024 };

struct harness {
    struct fake_env world;
    struct server_settings settings;
    struct server server;
    struct layer layer;
    struct request *later[HARNESS_LATER_MAX]; // Kept, not answered yet.
    size_t later_count;
    size_t prepared; // Requests announced so far.
    size_t executed; // Requests that the layer took so far.
};

struct client {
    struct harness *harness;
    struct transport transport;
    struct session *session; // NULL once it is closed.
    struct buffer received;
    size_t changes; // Calls of transport->changed.
    bool deaf;      // Reads nothing.
};

void harness_init(struct harness *harness);
void harness_deinit(struct harness *harness);

// Sets a key as CONFIG SET does; any key, also those that only a start sets.
void harness_set(struct harness *harness, const char *key, const char *value);

// Answers the kept request `index`, counting from 0 as they came.
void harness_answer(struct harness *harness, size_t index);

void harness_advance_ms(struct harness *harness, int64_t ms);

void client_open(struct client *client, struct harness *harness);
// Closes, if the session did not end before.
void client_close(struct client *client);

// Hands the bytes to the session, then does what a transport does at the end of
// its round.
void client_send(struct client *client, const char *text);
void client_send_bytes(struct client *client, struct slice bytes);
void client_settle(struct client *client);

// Everything received since the last call is exactly `text`.
#define client_expect(client, text)                                            \
    do {                                                                       \
        client_settle(client);                                                 \
        buffer_append_byte(&(client)->received, '\0');                         \
        ck_assert_str_eq((client)->received.data, (text));                     \
        ck_assert_uint_eq((client)->received.size, strlen(text) + 1);          \
        buffer_clear(&(client)->received);                                     \
    } while (0)

// What it received since the last call, terminated. Valid until then.
const char *client_take(struct client *client);

// True when the server closed the connection.
bool client_is_closed(struct client *client);

#endif
