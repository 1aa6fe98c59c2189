// subject_client.c -- steps of a client, and of the model nodes around it.
//
//     cluster N HOST [anonymous]   so many nodes, each with an equal part of
//                             the slots; anonymous ones leave their host out
//     client n1               a client that was given this node
//     call mget a b           what it asks; the reply is awaited
//     leave                   it is closed
//     down n2, up n2
//     give FIRST LAST n2      these slots are n2's now, and all nodes know
//     moving SLOT n2          a slot is moving there; "moving SLOT -": it stays
//     busy n2 COUNT           refuses so many requests
//     lies n2 KIND            its next answer is a redirection that is none
//     garbled n2, clear n2    the map that it tells makes no sense
// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "common/client/route.h"
#include "common/client/vega.h"
#include "labs/lab3-ring/subject/subject.h"
#include "labs/lab3-ring/subject/world.h"
#include "stage3-sharding/router.h"

static struct vega *client;

static unsigned node_named(const char *name)
{
    unsigned node = name[0] == 'n' ? (unsigned)atoi(name + 1) : 0;
    return node <= world->node_count ? node : 0;
}

static void begin_cluster(const struct subject_words *words)
{
    world->node_count = (unsigned)subject_number(words, 1);
    snprintf(world->host, sizeof world->host, "%s", subject_word(words, 2));
    world->anonymous = words->count > 3;
    for (unsigned slot = 0; slot < MODEL_SLOTS; slot++)
        world->owners[slot] =
            (uint8_t)(1 + slot * world->node_count / MODEL_SLOTS);
    memset(world->targets, 0, sizeof world->targets);
    memset(world->nodes, 0, sizeof world->nodes);
    model_store_deinit(&world->store);
}

static void begin_client(unsigned node)
{
    subject_client_end();
    world->has_told = false;
    world_event("c1", "is given n%u", node);
    client = vega_connect_by(router_create(&(struct vega_options){
        .host = world->host, .port = WORLD_PORT + (int)node}));
}

// ---- Replies, back into RESP

static void put_reply(const struct vega_reply *reply, struct buffer *out)
{
    switch (reply->type) {
    case VEGA_ARRAY:
        buffer_printf(out, "*%zu\r\n", reply->count);
        for (size_t i = 0; i < reply->count; i++)
            put_reply(&reply->elements[i], out);
        break;
    case VEGA_INTEGER:
        buffer_printf(out, ":%lld\r\n", (long long)reply->integer);
        break;
    case VEGA_NULL:
        buffer_printf(out, "$-1\r\n");
        break;
    case VEGA_BULK:
        buffer_printf(out, "$%zu\r\n", reply->size);
        buffer_append(out, reply->text, reply->size);
        buffer_printf(out, "\r\n");
        break;
    default:
        buffer_printf(out, "%c%s\r\n", reply->type == VEGA_ERROR ? '-' : '+',
                      reply->text ? reply->text : "");
        break;
    }
}

static void call(const struct subject_words *words)
{
    const char *argv[SUBJECT_WORDS_MAX];
    size_t count = words->count - 1;
    struct buffer text = {0};
    for (size_t i = 0; i < count; i++)
        argv[i] = words->at[i + 1];
    if (!client || count == 0)
        return;
    world_event("c1", "> %s", words->text);
    struct vega_reply *reply = vega_command(client, count, argv, NULL);
    if (reply)
        put_reply(reply, &text);
    else
        buffer_printf(&text, "!%s", vega_error(client));
    vega_reply_free(reply);
    world_event("c1", "< %.*s", (int)(text.size < 60 ? text.size : 60),
                text.data);
    fprintf(world->out, "R %zu ", world->step);
    world_put_escaped(buffer_slice(&text));
    buffer_deinit(&text);
}

// ---- Steps

static void give(const struct subject_words *words)
{
    unsigned node = node_named(subject_word(words, 3));
    for (uint64_t slot = subject_number(words, 1);
         slot <= subject_number(words, 2) && slot < MODEL_SLOTS; slot++) {
        world->owners[slot] = (uint8_t)node;
        world->targets[slot] = 0;
    }
    world_event("--", "slots %s to %s are n%u's now", words->at[1],
                words->at[2], node);
}

static void set_moving(const struct subject_words *words)
{
    uint64_t slot = subject_number(words, 1) % MODEL_SLOTS;
    unsigned node = node_named(subject_word(words, 2));
    world->targets[slot] =
        node != world->owners[slot] ? (uint8_t)node : (uint8_t)0;
    world_event("--", "slot %s moves to %s", words->at[1], words->at[2]);
}

static bool step_of_nodes(const struct subject_words *words)
{
    const char *what = words->at[0];
    unsigned node = node_named(subject_word(words, 1));
    if (!strcmp(what, "down") || !strcmp(what, "up")) {
        world->nodes[node].down = what[0] == 'd';
        world_event(words->at[1], what[0] == 'd' ? "dies" : "starts");
    } else if (!strcmp(what, "busy")) {
        world->nodes[node].busy = (unsigned)subject_number(words, 2);
        world_event(words->at[1], "refuses %s requests", words->at[2]);
    } else if (!strcmp(what, "lies")) {
        world->nodes[node].lies = (unsigned)subject_number(words, 2);
        world_event(words->at[1], "will send somewhere that is not");
    } else if (!strcmp(what, "garbled") || !strcmp(what, "clear")) {
        world->nodes[node].garbled = what[0] == 'g';
        world_event(words->at[1], "%s",
                    what[0] == 'g' ? "tells nonsense" : "makes sense again");
    } else if (!strcmp(what, "give")) {
        give(words);
    } else if (!strcmp(what, "moving")) {
        set_moving(words);
    } else {
        return false;
    }
    return true;
}

bool subject_client_step(const struct subject_words *words)
{
    const char *what = words->at[0];
    if (!strcmp(what, "cluster"))
        begin_cluster(words);
    else if (!strcmp(what, "client"))
        begin_client(node_named(subject_word(words, 1)));
    else if (!strcmp(what, "call"))
        call(words);
    else if (!strcmp(what, "leave"))
        subject_client_end();
    else
        return step_of_nodes(words);
    return true;
}

void subject_client_end(void)
{
    vega_close(client);
    client = NULL;
}
