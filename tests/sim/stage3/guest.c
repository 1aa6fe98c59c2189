// guest.c -- a client's connection at a simulated node.
// SPDX-License-Identifier: MIT
#include "tests/sim/stage3/guest.h"

#include <stdlib.h>

#include "common/base/memory.h"
#include "tests/sim/stage3/member.h"

static void guest_changed(struct transport *transport)
{
    container_of(transport, struct guest, transport)->busy = true;
}

static void guest_receive(struct sim_stream_end *end, struct slice bytes)
{
    struct guest *guest = container_of(end, struct guest, end);
    buffer_append_slice(&guest->inbox, bytes);
    guest->busy = true;
}

static void guest_closed(struct sim_stream_end *end)
{
    struct guest *guest = container_of(end, struct guest, end);
    guest->gone = guest->busy = true;
}

struct guest *guest_create(struct member *member)
{
    struct guest *guest = xcalloc(1, sizeof *guest);
    guest->member = member;
    guest->transport.changed = guest_changed;
    guest->end.receive = guest_receive;
    guest->end.closed = guest_closed;
    list_push_back(&member->guests, &guest->link);
    return guest;
}

void guest_destroy(struct guest *guest)
{
    if (guest->session)
        session_destroy(guest->session);
    sim_stream_close(&guest->end);
    list_remove(&guest->link);
    buffer_deinit(&guest->inbox);
    free(guest);
}

static void guest_read(struct guest *guest)
{
    while (guest->inbox.size && member_is_alive(guest->member) &&
           session_wants_input(guest->session)) {
        struct buffer bytes = guest->inbox;
        guest->inbox = (struct buffer){0};
        session_receive(guest->session, buffer_slice(&bytes));
        buffer_deinit(&bytes);
    }
}

static void guest_write(struct guest *guest)
{
    struct session *session = guest->session;
    struct slice output;
    while (member_is_alive(guest->member) && !session->killed &&
           (output = session_pending_output(session)).size) {
        member_show(guest->member, guest, output);
        sim_stream_send(&guest->end, output);
        session_sent(session, output.size);
        session_resume(session);
    }
}

void guest_settle(struct guest *guest)
{
    guest->busy = false;
    if (!guest->session)
        guest->session =
            session_create(guest->member->server, &guest->transport);
    guest_read(guest);
    if (member_is_alive(guest->member))
        session_resume(guest->session);
    guest_write(guest);
    if (member_is_alive(guest->member) &&
        (guest->gone || session_is_done(guest->session)))
        guest_destroy(guest);
}
