// gate.c -- what waits for the gate, in the order of its positions.
//
// Positions never fall while anything waits, so the list is sorted by itself.
// SPDX-License-Identifier: MIT
#include "common/server/gate.h"

#include "common/base/check.h"
#include "common/server/server.h"
#include "common/server/session.h"

void gate_init(struct gate *gate)
{
    gate->made = gate->reached = 0;
    list_init(&gate->waiting);
}

size_t gate_hold(struct gate *gate, struct gate_hold *held, size_t unsent)
{
    check(held->released <= unsent);
    if (unsent > held->released && list_is_empty(&held->link)) {
        held->position = gate->made;
        held->size = unsent - held->released;
        held->replies = held->replies_unsaid;
        list_push_back(&gate->waiting, &held->link);
    }
    return held->released;
}

// What the session wrote meanwhile waits for all that was made meanwhile.
static void gate_release(struct gate *gate, struct session *session)
{
    struct gate_hold *held = &session->held;
    size_t unsent = session->output.size - session->output_sent;
    list_remove(&held->link);
    held->released += held->size;
    held->replies_unsaid -= held->replies;
    if (held->released == unsent)
        held->mixed = false;
    if (!gate_is_open(gate))
        gate_hold(gate, held, unsent);
    if (session->transport)
        session->transport->changed(session->transport);
}

void gate_reach(struct gate *gate, uint64_t position)
{
    if (position > gate->reached)
        gate->reached = position;
    while (!list_is_empty(&gate->waiting)) {
        struct session *session =
            container_of(list_first(&gate->waiting), struct session, held.link);
        if (session->held.position > gate->reached)
            break;
        gate_release(gate, session);
    }
}

// Sessions that have not come to the end of their round are not marked yet, so
// all are looked at.
void gate_break(struct gate *gate, const char *error)
{
    if (gate_is_open(gate))
        return;
    gate->made = gate->reached;
    struct server *server = container_of(gate, struct server, gate);
    list_for_each (link, &server->sessions)
        session_break_output(container_of(link, struct session, link), error);
    check(list_is_empty(&gate->waiting));
}
