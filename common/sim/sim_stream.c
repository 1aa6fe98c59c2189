// sim_stream.c -- connections: a queue of pieces towards each end.
//
// A piece without bytes is the last one: its sender has closed. An end whose
// other side has closed waits only for what is on its way.
// SPDX-License-Identifier: MIT
#include "common/sim/sim_stream.h"

#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/memory.h"

struct sim_piece {
    struct list_link link;
    int64_t due_us;
    struct buffer bytes;
};

static struct sim_piece *sim_piece_first(struct sim_stream_end *end)
{
    struct list_link *link = list_first(&end->pieces);
    return link ? container_of(link, struct sim_piece, link) : NULL;
}

static void sim_piece_free(struct sim_piece *piece)
{
    list_remove(&piece->link);
    buffer_deinit(&piece->bytes);
    free(piece);
}

static void sim_stream_clear(struct sim_stream_end *end)
{
    sim_stop(end->host->network->sim, &end->arrival);
    while (sim_piece_first(end))
        sim_piece_free(sim_piece_first(end));
    end->other = NULL;
    end->is_open = false;
}

static void sim_stream_await(struct sim_stream_end *end, int64_t after_us)
{
    struct sim *sim = end->host->network->sim;
    struct sim_piece *first = sim_piece_first(end);
    if (first && first->due_us - sim->now_us > after_us)
        after_us = first->due_us - sim->now_us;
    if (first)
        sim_start(sim, &end->arrival, after_us);
}

void sim_stream_drop(struct sim_stream_end *end)
{
    if (end->other)
        sim_stream_clear(end->other);
    if (end->is_open)
        sim_stream_clear(end);
}

static void sim_stream_lose(struct sim_stream_end *end)
{
    struct sim_stream_end *other = end->other;
    sim_note(end->host->network->sim, "connection %s - %s lost", end->far->name,
             end->host->name);
    sim_stream_drop(end);
    end->closed(end);
    if (other)
        other->closed(other);
}

// True while a cut holds the pieces up.
static bool sim_stream_is_held(struct sim_stream_end *end)
{
    int64_t now_us = end->host->network->sim->now_us;
    if (!sim_network_link(end->far, end->host)->cut) {
        end->held_since_us = -1;
        return false;
    }
    if (end->held_since_us < 0)
        end->held_since_us = now_us;
    if (now_us - end->held_since_us >= SIM_STREAM_PATIENCE_US)
        sim_stream_lose(end);
    else
        sim_stream_await(end, SIM_STREAM_RESEND_US);
    return true;
}

static void sim_stream_arrived(struct env_timer *timer)
{
    struct sim_stream_end *end =
        container_of(timer, struct sim_stream_end, arrival);
    struct sim_host *host = end->host;
    if (sim_stream_is_held(end))
        return;
    struct sim_piece *piece = sim_piece_first(end);
    struct buffer bytes = piece->bytes;
    piece->bytes = (struct buffer){0};
    sim_piece_free(piece);
    sim_note_of(host->network->sim, host->name, "%zu bytes < %s", bytes.size,
                end->far->name);
    if (bytes.size) {
        sim_stream_await(end, 0);
        end->receive(end, buffer_slice(&bytes));
    } else {
        sim_stream_clear(end);
        end->closed(end);
    }
    buffer_deinit(&bytes);
}

void sim_stream_open(struct sim_stream_end *client, struct sim_host *at,
                     struct sim_stream_end *server, struct sim_host *to)
{
    struct sim_stream_end *ends[] = {client, server};
    check(at->network == to->network);
    for (size_t i = 0; i < 2; i++) {
        ends[i]->host = i ? to : at;
        ends[i]->far = i ? at : to;
        ends[i]->other = ends[1 - i];
        ends[i]->is_open = true;
        ends[i]->held_since_us = -1;
        ends[i]->arrival = (struct env_timer){.fire = sim_stream_arrived};
        list_init(&ends[i]->pieces);
    }
    sim_note(at->network->sim, "connection %s - %s", at->name, to->name);
}

// Behind what is on its way already.
static void sim_stream_add(struct sim_stream_end *from, struct slice bytes)
{
    struct sim_stream_end *to = from->other;
    struct sim_piece *piece = xcalloc(1, sizeof *piece);
    piece->due_us = from->host->network->sim->now_us +
                    sim_network_draw_delay(from->host, to->host, bytes.size,
                                           SIM_STREAM_RESEND_US);
    buffer_append_slice(&piece->bytes, bytes);
    bool is_first = list_is_empty(&to->pieces);
    list_push_back(&to->pieces, &piece->link);
    if (is_first)
        sim_stream_await(to, 0);
}

void sim_stream_send(struct sim_stream_end *from, struct slice bytes)
{
    struct sim *sim = from->host->network->sim;
    while (from->other && bytes.size) {
        size_t size = (size_t)sim_between(sim, 1, bytes.size);
        if (sim_between(sim, 0, 3))
            size = bytes.size; // Mostly in one piece.
        sim_stream_add(from, (struct slice){bytes.data, size});
        bytes.data += size;
        bytes.size -= size;
    }
}

void sim_stream_close(struct sim_stream_end *end)
{
    if (end->other) {
        sim_stream_add(end, (struct slice){0});
        end->other->other = NULL;
    }
    if (end->is_open)
        sim_stream_clear(end);
}
