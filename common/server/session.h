// session.h -- one client: bytes in, requests down the stack, replies out in
// the order of the requests.
//
//            session_receive                       session->output
//     bytes -----------------> parse -> execute -------------------> bytes
//                                          |
//                                          v
//                                    server->stack
//
// Replies leave in request order even when a layer keeps a request: from the
// first kept one on, replies gather in `waiting` and move to the output when
// everything before them is complete. A parked session (DEBUG SLEEP, BLPOP)
// executes nothing until its request completes.
//
// Pushes (messages, lines of MONITOR) join the same stream behind everything
// that was written, also behind replies that still wait; only a parked request,
// which may wait for ever, lets them pass. They never stand inside a reply:
// what a request causes its own session to be told comes before the reply if
// that was not begun, and else behind it.
//
// Memory per session is bounded: `input` holds at most one unfinished request
// (input_buffer_max) and what one read brought; beyond output_buffer_soft the
// session reads no more, beyond its output_buffer_limits it is closed: who
// listens too slowly is dropped (session_limits.c).
// Nor does it read more while layers keep many requests of it, or large ones.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_SESSION_H
#define VEGA_COMMON_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/base/list.h"
#include "common/env/env.h"
#include "common/server/argv.h"
#include "common/server/gate.h"
#include "common/server/request.h"

struct server;
struct session;
struct subscriber;
struct parked;
struct transaction;

// Who carries a session's bytes: a socket, or the simulated network.
struct transport {
    // The session has output to send, or stopped or resumed reading
    // (session_wants_input). Called often; cheap. The transport acts later,
    // at the end of its round.
    void (*changed)(struct transport *transport);
};

enum reply_mode { REPLY_ON, REPLY_OFF, REPLY_SKIP_NEXT, REPLY_SKIP };

struct session {
    struct origin origin;
    struct server *server;
    struct transport *transport; // Borrowed; NULL once it is gone.
    struct list_link link;       // In server->sessions.
    uint64_t id;
    int64_t created_ms;     // Execution clock.
    int64_t last_active_ms; // Of the last request.
    char *name;             // CLIENT SETNAME; "" for none. Owned.
    char *library_name;     // CLIENT SETINFO. Owned.
    char *library_version;
    char peer_address[64]; // "127.0.0.1:51234", "/run/vega.sock:0"
    char local_address[64];
    const struct command *last_command;
    uint64_t requests;
    uint64_t input_bytes, output_bytes; // Over its life.
    int fd;                             // For CLIENT LIST only; -1: none.

    int protocol; // 2 or 3.
    bool authenticated;
    bool no_evict, no_touch;
    bool asking; // The next request is marked REQUEST_ASKING.
    enum reply_mode reply_mode;
    bool input_ended; // The client sends no more; answer what it sent.
    bool closing;     // Close once all is sent; no more requests.
    bool killed;      // Close now; what is unsent is lost.
    bool cut_off;     // Closing, and no more replies: see gate_break.
    bool is_unix;

    struct buffer input;   // The front of an unfinished request.
    size_t input_need;     // Bytes that it takes at least.
    struct buffer output;  // Replies that may leave.
    size_t output_sent;    // Of them, already with the transport.
    struct gate_hold held; // Of them, what waits for the gate.

    struct list_link waiting; // Kept requests, by their reply_link.
    size_t waiting_bytes;     // Of replies that must not leave yet.
    size_t waiting_count;     // Requests that wait, and
    size_t waiting_arguments; // bytes of their arguments.
    bool executing;           // A reply is being written: none is moved.
    struct parked *parked;    // NULL: not parked.

    struct transaction *transaction; // What it is in the middle of, or NULL.
    struct argv watched;             // WATCH: keys and their versions, in turn.
    bool stalled;                    // Waits for a reply before it executes on.

    struct request *current;       // The one that executes, or NULL,
    struct buffer *current_out;    // and what its reply is written to.
    struct buffer pushes;          // To follow its reply.
    struct subscriber *subscriber; // NULL: subscribed to nothing. Pubsub's.
    struct list_link monitor_link; // In server->monitors, or alone.
    struct list_link lagging_link; // In server->lagging, or alone.
    int64_t lagging_since_ms;
};

// A request that waits above the stack, and its session with it.
struct parked {
    struct session *session;
    struct request *request; // Of a kept one.
    struct env_timer timer;
    // Writes the reply for when time is up. The caller completes the request.
    void (*expired)(struct parked *parked);
    struct blocked *blocked; // Of one that waits for keys, or NULL.
    // Of one that waits for something else: told when it is no longer parked.
    void (*left)(struct parked *parked);
    void *owner; // Whoever set `left`; theirs.
};

// Owned by the caller until session_destroy. `transport` is borrowed.
struct session *session_create(struct server *server,
                               struct transport *transport);

// The client is gone. Requests that layers keep live on without it.
void session_destroy(struct session *session);

// Takes bytes as they came and runs every request that they complete, as far
// as session_wants_input() allows. `bytes` is borrowed for the call.
void session_receive(struct session *session, struct slice bytes);

// The client closed its sending half: what it sent is still answered, then
// the session is done. A parked request has nobody to wait for any more.
void session_end_input(struct session *session);

// Goes on with input that was left when output was full or a request parked.
// The transport calls it after transport->changed, at the end of its round.
void session_resume(struct session *session);

// False while parked, stalled, closing, with too much output unsent, or while
// layers keep too much of it.
bool session_wants_input(const struct session *session);

// For transports, at the end of their round: the bytes to send now. Others are
// marked, and wait for the gate; transport->changed tells when they may leave.
struct slice session_pending_output(struct session *session);
// How many of them went; at once, before anything else happens.
void session_sent(struct session *session, size_t size);

// Tells the client something that it did not ask for: `resp`, whole and in its
// protocol, at the place described above. May kill the session, no more: safe
// while others walk the lists that it is in.
void session_push(struct session *session, struct slice resp);

// For gate_break: makes of all that waits for the gate one `error` for each
// reply, or just one, and cuts the client off.
void session_break_output(struct session *session, const char *error);

// True when everything is said and the transport may close.
bool session_is_done(const struct session *session);

// Keeps `request` until it is completed or `timeout_ms` passed (0: no limit),
// then calls `expired` and completes it. For commands with `serve`. With
// REQUEST_NO_WAIT the time is up at once, and there is nothing to return: NULL.
struct parked *session_park(struct session *session, struct request *request,
                            int64_t timeout_ms,
                            void (*expired)(struct parked *parked));

// Begins to count the time, if it was not limited before.
void parked_start_timer(struct parked *parked, int64_t timeout_ms);

// The client goes: its request is completed, or what holds it does that later.
void session_abandon_parked(struct session *session);

// Ends parking with whatever reply was written to parked->request: completes
// that and frees `parked`.
void session_unpark(struct parked *parked);

// The end of every request's chain of completions; for server_init.
void session_completed(struct completion *completion, struct request *request);

// Runs one request of the session: the checks that every command has in common
// (known, arguments, authentication), then `serve` or the stack. Completes it
// or leaves it with whoever kept it.
void session_dispatch(struct session *session, struct request *request);

// Between session.c, which reads, and session_output.c, which writes.

void session_changed(struct session *session); // Tells the transport.
struct buffer *session_find_reply_buffer(struct session *session);

// What may wait for a client, in session_limits.c.
void session_limit_output(struct session *session); // Sets output.max.
void session_overflowed(struct session *session);
void session_limit_pushes(struct session *session); // When one has come.
void session_note_lag(struct session *session);     // At the end of a round.
void session_close_lagging(struct server *server);  // Often.

// Where the reply to the next request goes.
static inline struct buffer *session_reply_buffer(struct session *session)
{
    return list_is_empty(&session->waiting) && session->output.capacity
               ? &session->output
               : session_find_reply_buffer(session);
}

// What stands in `out`, which is session_reply_buffer()'s, from `start` on is
// one whole reply more, or nothing.
static inline void session_count_reply(struct session *session,
                                       struct buffer *out, size_t start)
{
    bool is_reply = out->size > start;
    if (out == &session->output) {
        session->held.replies_unsaid += is_reply;
        return;
    }
    session->waiting_bytes += out->size - start;
    container_of(out, struct kept_request, behind)->behind_replies += is_reply;
}

// A reply that passed its limit is incomplete: the client can't be served on.
static inline void session_check_overflow(struct session *session,
                                          const struct buffer *buffer)
{
    if (buffer->overflowed)
        session_overflowed(session);
}

// What stands in `out`, one of those or NULL, can't be counted off by replies:
// it is a push, or changes the protocol. See gate_break.
void session_mix_output(struct session *session, struct buffer *out);
// The origin's part of request_keep.
void session_keep(struct origin *origin, struct kept_request *kept);
// Moves replies to the output up to the first one that is incomplete.
void session_release(struct session *session);
// What came for the session while its reply was being written.
void session_push_rest(struct session *session);
// Bytes for the client that it has not got.
static inline size_t session_unsent(const struct session *session)
{
    return session->output.size - session->output_sent +
           session->waiting_bytes + session->pushes.size;
}

void session_set_name(struct session *session, struct slice name);

// RESET and the like: the state of a fresh connection, still open.
void session_reset(struct session *session);

// True when everything it gets looks like a message: in RESP2 that is all that
// a subscriber can tell apart, so it may do little else. In RESP3 pushes stand
// out by themselves.
static inline bool session_is_subscriber(const struct session *session)
{
    return session->subscriber && session->protocol == 2;
}

static inline bool session_is_monitor(const struct session *session)
{
    return !list_is_empty(&session->monitor_link);
}

#endif
