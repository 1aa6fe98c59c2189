// session_output.c -- a session's way out: replies in order, pushes between
// them, and what may leave.
//
// Invariants
// (O1) Replies leave in the order of the requests. While `waiting` is empty
//      they are written straight to `output`; otherwise behind its last
//      element, and nothing behind an incomplete one moves.
// (O2) What the gate has released ends where a reply or a push ends.
// SPDX-License-Identifier: MIT
#include "common/base/check.h"
#include "common/server/command.h"
#include "common/server/server.h"
#include "common/server/session.h"

enum {
    // Output that was sent may take so much room in front of the rest.
    SESSION_SENT_MAX = 64 * 1024,
};

void session_changed(struct session *session)
{
    if (session->transport)
        session->transport->changed(session->transport);
}

static struct session *session_of(struct origin *origin)
{
    return container_of(origin, struct session, origin);
}

static struct kept_request *session_last_waiting(const struct session *session)
{
    return container_of(session->waiting.previous, struct kept_request,
                        reply_link);
}

// The output, with its limit set.
static struct buffer *session_output_buffer(struct session *session)
{
    if (session->output.capacity == 0) {
        server_take_buffer(session->server, &session->output);
        session_limit_output(session);
    }
    return &session->output;
}

// Upholds (O1).
struct buffer *session_find_reply_buffer(struct session *session)
{
    return list_is_empty(&session->waiting)
               ? session_output_buffer(session)
               : &session_last_waiting(session)->behind;
}

void session_keep(struct origin *origin, struct kept_request *kept)
{
    struct session *session = session_of(origin);
    list_push_back(&session->waiting, &kept->reply_link);
    kept->counted = kept->bytes.size;
    session->waiting_bytes += kept->counted;
    session->waiting_count++;
    session->waiting_arguments += kept->arguments_size;
}

void session_mix_output(struct session *session, struct buffer *out)
{
    if (!out || out == &session->output)
        session->held.mixed = true;
    else
        container_of(out, struct kept_request, behind)->behind_mixed = true;
}

void session_release(struct session *session)
{
    while (!list_is_empty(&session->waiting) && !session->cut_off) {
        struct kept_request *kept = container_of(
            list_first(&session->waiting), struct kept_request, reply_link);
        if (!(kept->request.flags & REQUEST_COMPLETE))
            break;
        list_remove(&kept->reply_link);
        session->waiting_bytes -= kept->counted + kept->behind.size;
        session->waiting_count--;
        session->waiting_arguments -= kept->arguments_size;
        struct buffer *out = session_output_buffer(session);
        buffer_append_slice(out, buffer_slice(&kept->bytes));
        buffer_append_slice(out, buffer_slice(&kept->behind));
        session->held.replies_unsaid +=
            kept->behind_replies + (kept->bytes.size > 0);
        session->held.mixed |= kept->behind_mixed;
        session_check_overflow(session, out);
        request_free(kept);
    }
}

// Errors within the reply (EXEC's) count here, but have told their codes: see
// transaction_count_step.
static void session_count_errors(struct server *server,
                                 const struct request *request)
{
    server->stats.error_replies += request->reply.errors;
    struct slice reply = buffer_slice(request->reply.out);
    reply.data += request->reply_start;
    reply.size -= request->reply_start;
    if (reply.size == 0 || reply.data[0] != '-')
        return;
    struct command_stats *stats = &server->command_stats;
    command_stats_add_error(stats,
                            (struct slice){reply.data + 1, reply.size - 1});
    if (request->flags & REQUEST_EXECUTED)
        stats->records[request->command->id].failed++;
}

void session_completed(struct completion *completion, struct request *request)
{
    struct server *server = container_of(completion, struct server, completion);
    request->flags |= REQUEST_COMPLETE;
    if (request->reply.errors)
        session_count_errors(server, request);
    struct buffer *out = request->reply.out;
    if (request->flags & REQUEST_MUTED)
        out->size = request->reply_start;
    if (!(request->flags & REQUEST_KEPT))
        return;

    struct kept_request *kept =
        container_of(request, struct kept_request, request);
    if (!request->origin) {
        request_free(kept);
        return;
    }
    struct session *session = session_of(request->origin);
    session_check_overflow(session, out);
    session->waiting_bytes += out->size - kept->counted;
    kept->counted = out->size;
    // A layer may answer an earlier request while it takes the next one, whose
    // reply goes behind the earlier.
    if (!session->executing)
        session_release(session);
    session_changed(session);
}

// Where a push goes: never inside a reply, and before one that may be long in
// coming. An idle subscriber's buffer becomes just large enough: 10,000 of them
// would otherwise take a spare buffer each for one message.
static struct buffer *session_push_buffer(struct session *session)
{
    const struct request *current = session->current;
    if (current && !(current->flags & REQUEST_MOVED) &&
        session->current_out->size != current->reply_start)
        return &session->pushes;
    struct list_link *last = session->waiting.previous;
    if (session->parked && session->parked->request->reply.out->size == 0)
        last = last->previous;
    if (last != &session->waiting)
        return &container_of(last, struct kept_request, reply_link)->behind;
    session_limit_output(session);
    return &session->output;
}

void session_push(struct session *session, struct slice resp)
{
    if (session->closing || session->killed)
        return;
    struct buffer *out = session_push_buffer(session);
    size_t before = out->size;
    buffer_append_slice(out, resp);
    session_check_overflow(session, out);
    if (out != &session->pushes)
        session_mix_output(session, out);
    if (out != &session->output && out != &session->pushes)
        session->waiting_bytes += out->size - before;
    // The reply that is not begun moves behind the push.
    if (session->current && session->current_out == out)
        session->current->reply_start = out->size;
    session_limit_pushes(session);
    session_changed(session);
}

void session_push_rest(struct session *session)
{
    struct buffer pushes = session->pushes;
    session->pushes = (struct buffer){0};
    session_push(session, buffer_slice(&pushes));
    buffer_deinit(&pushes);
}

struct slice session_pending_output(struct session *session)
{
    session_note_lag(session);
    struct gate *gate = &session->server->gate;
    struct slice output = {session->output.data + session->output_sent,
                           session->output.size - session->output_sent};
    if (!gate_is_open(gate))
        output.size = gate_hold(gate, &session->held, output.size);
    return output;
}

// What is left may leave; when that is a part of a reply, it must, so it never
// waits for the gate again. Upholds (O2).
static void session_sent_part(struct session *session, size_t size)
{
    struct gate_hold *held = &session->held;
    if (!gate_is_open(&session->server->gate)) {
        check(size <= held->released);
        held->released -= size;
    } else {
        held->released = session->output.size - session->output_sent;
        held->replies_unsaid = 0;
        held->mixed = false;
    }
    // What a client that is always a little late has read goes in time: when
    // it is the larger part, moving the rest is cheap.
    if (session->output_sent >= SESSION_SENT_MAX &&
        session->output_sent >= session->output.size / 2) {
        buffer_consume(&session->output, session->output_sent);
        session->output_sent = 0;
    }
}

void session_sent(struct session *session, size_t size)
{
    check(size <= session->output.size - session->output_sent);
    session->output_sent += size;
    session->output_bytes += size;
    session->server->stats.net_output_bytes += size;
    if (session->output_sent < session->output.size) {
        session_sent_part(session, size);
        return;
    }
    session->output_sent = 0;
    session->held.released = 0;
    session->held.replies_unsaid = 0;
    session->held.mixed = false;
    server_return_buffer(session->server, &session->output);
}

// Can the client see for which requests it gets errors instead?
static bool session_replies_stand_apart(const struct session *session)
{
    return session->held.replies_unsaid && !session->held.mixed &&
           !session->waiting_bytes && !session->pushes.size &&
           !session->subscriber && !session_is_monitor(session);
}

// Puts `count` times `error` in the place of the bytes [from, end) of the
// output. What follows them is of the request that executes.
static void session_replace_output(struct session *session, size_t from,
                                   size_t end, const char *error,
                                   uint32_t count)
{
    struct buffer *out = &session->output;
    struct buffer rest = {0};
    buffer_append(&rest, out->data + end, out->size - end);
    out->size = from;
    struct reply reply = {out, session->protocol, 0};
    while (reply.errors < count)
        reply_error(&reply, "%s", error);
    session->server->stats.error_replies += count;
    session->held.released = out->size - session->output_sent;
    if (session->current_out == out)
        session->current->reply_start = out->size;
    buffer_append_slice(out, buffer_slice(&rest));
    buffer_deinit(&rest);
    session_check_overflow(session, out);
}

// What still comes, also of the request that executes, is for nobody.
static void session_cut_off(struct session *session, size_t from,
                            const char *error)
{
    session_output_buffer(session);
    session_replace_output(session, from, session->output.size, error, 1);
    session->closing = session->cut_off = true;
    if (session->current)
        session->current->flags |= REQUEST_MUTED;
    log_warn(session->server->log, "client closed",
             LOG_TEXT_OF("reason", error),
             LOG_TEXT_OF("address", session->peer_address),
             LOG_INT_OF("id", (int64_t)session->id));
}

void session_break_output(struct session *session, const char *error)
{
    struct gate_hold *held = &session->held;
    list_remove(&held->link);
    size_t from = session->output_sent + held->released;
    size_t end = session->current_out == &session->output
                     ? session->current->reply_start
                     : session->output.size;
    bool is_nothing =
        from == end && !session->waiting_bytes && !session->pushes.size;
    if (is_nothing || session->killed)
        return;
    if (session_replies_stand_apart(session))
        session_replace_output(session, from, end, error, held->replies_unsaid);
    else
        session_cut_off(session, from, error);
    held->replies_unsaid = 0;
    held->mixed = false;
    session_changed(session);
}
