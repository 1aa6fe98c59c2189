// posix_peers.c -- the links and the listener of one node.
//
// Messages gather during a round of the loop and leave at its end, one system
// call a peer. Messages sent outside a round would wait for an event that may
// never come; posix_peers_are_waiting() lets env_posix tell the loop not to
// sleep on them.
// SPDX-License-Identifier: MIT
#include "common/env/posix_peers.h"

#include <errno.h>
#include <stdlib.h>

#include "common/base/buffer.h"
#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/net/peer_link.h"
#include "common/net/peer_listener.h"

struct posix_peers {
    struct peer_listener *listener; // NULL: nobody reaches this node.
    struct loop_hook flush;
    bool waiting;  // Something was sent since the last flush.
    uint32_t *ids; // Of the peers, without this node.
    size_t count;  // Of ids,
    size_t linked; // of which so many have a link.
    struct peer_link **links;
    bool *cut; // Nothing goes through to or from it.
    struct buffer secret;
    struct env_peers incoming;  // Of the listener, passed on to
    struct env_peers *receiver; // this one; or NULL.
};

static void posix_peers_flush(struct loop_hook *hook)
{
    struct posix_peers *peers = container_of(hook, struct posix_peers, flush);
    if (!peers->waiting)
        return;
    peers->waiting = false;
    for (size_t i = 0; i < peers->linked; i++)
        peer_link_flush(peers->links[i]);
}

static uint32_t posix_peers_message_max(const struct env_posix_options *options)
{
    return options->peer_message_max ? options->peer_message_max
                                     : ENV_POSIX_MESSAGE_MAX;
}

// False with errno set. What nobody proves must not come from elsewhere.
static bool posix_peers_parse(const struct posix_peers *peers, const char *text,
                              struct peer_address *address)
{
    if (!peer_address_parse(text, address))
        return false;
    errno = EACCES;
    return peers->secret.size || peer_address_is_loopback(address);
}

// The index of that peer; peers->linked when there is none. Clusters are small:
// a search beats a table.
static size_t posix_peers_find(const struct posix_peers *peers, uint32_t id)
{
    size_t i = 0;
    while (i < peers->linked && peers->ids[i] != id)
        i++;
    return i;
}

static void posix_peers_receive(struct env_peers *incoming, uint32_t from,
                                struct slice body)
{
    struct posix_peers *peers =
        container_of(incoming, struct posix_peers, incoming);
    if (peers->receiver && !peers->cut[posix_peers_find(peers, from)])
        peers->receiver->receive(peers->receiver, from, body);
}

static void posix_peers_answer(struct env_peers *incoming,
                               struct slice question, struct buffer *answer)
{
    struct posix_peers *peers =
        container_of(incoming, struct posix_peers, incoming);
    if (peers->receiver && peers->receiver->answer)
        peers->receiver->answer(peers->receiver, question, answer);
}

static bool posix_peers_open_listener(struct posix_peers *peers,
                                      struct loop *loop, struct env *env,
                                      const struct env_posix_options *options)
{
    struct peer_listener_options wanted = {
        .loop = loop,
        .env = env,
        .logger = options->logger,
        .secret = buffer_slice(&peers->secret),
        .id = options->peer_id,
        .peers = peers->ids,
        .peer_count = peers->count,
        .message_max = posix_peers_message_max(options),
    };
    if (!options->peer_listen)
        return true;
    if (!posix_peers_parse(peers, options->peer_listen, &wanted.address))
        return false;
    peers->listener = peer_listener_create(&wanted);
    if (peers->listener)
        peer_listener_set_receiver(peers->listener, &peers->incoming);
    return peers->listener;
}

static bool posix_peers_link(struct posix_peers *peers, struct loop *loop,
                             struct env *env,
                             const struct env_posix_options *options,
                             const struct env_posix_peer *peer)
{
    struct peer_link_options wanted = {
        .loop = loop,
        .env = env,
        .logger = options->logger,
        .secret = buffer_slice(&peers->secret),
        .from = options->peer_id,
        .to = peer->id,
        .message_max = posix_peers_message_max(options),
        .queue_max = options->peer_queue_max ? options->peer_queue_max
                                             : ENV_POSIX_QUEUE_MAX,
    };
    if (!posix_peers_parse(peers, peer->address, &wanted.address))
        return false;
    peers->links[peers->linked++] = peer_link_create(&wanted);
    return true;
}

// The ids of all but this node, in the order of `options`, each once.
static void posix_peers_take_ids(struct posix_peers *peers,
                                 const struct env_posix_options *options)
{
    peers->ids = xcalloc(options->peer_count, sizeof *peers->ids);
    peers->links = xcalloc(options->peer_count, sizeof *peers->links);
    peers->cut = xcalloc(options->peer_count + 1, sizeof *peers->cut);
    for (size_t i = 0; i < options->peer_count; i++) {
        uint32_t id = options->peers[i].id;
        for (size_t j = 0; j < peers->count; j++)
            check(peers->ids[j] != id);
        if (id != options->peer_id)
            peers->ids[peers->count++] = id;
    }
}

struct posix_peers *posix_peers_create(struct loop *loop, struct env *env,
                                       const struct env_posix_options *options)
{
    struct posix_peers *peers = xcalloc(1, sizeof *peers);
    peers->flush.run = posix_peers_flush;
    peers->incoming.receive = posix_peers_receive;
    peers->incoming.answer = posix_peers_answer;
    buffer_append_slice(&peers->secret, options->peer_secret);
    loop_add_hook(loop, &peers->flush);
    posix_peers_take_ids(peers, options);
    if (!posix_peers_open_listener(peers, loop, env, options))
        goto destroy;
    for (size_t i = 0; i < options->peer_count; i++) {
        const struct env_posix_peer *peer = &options->peers[i];
        if (peer->id != options->peer_id &&
            !posix_peers_link(peers, loop, env, options, peer))
            goto destroy;
    }
    return peers;

destroy:;
    int error = errno;
    posix_peers_destroy(peers);
    errno = error;
    return NULL;
}

void posix_peers_destroy(struct posix_peers *peers)
{
    for (size_t i = 0; i < peers->linked; i++)
        peer_link_destroy(peers->links[i]);
    if (peers->listener)
        peer_listener_destroy(peers->listener);
    list_remove(&peers->flush.link);
    buffer_deinit(&peers->secret);
    free(peers->cut);
    free(peers->links);
    free(peers->ids);
    free(peers);
}

enum status posix_peers_send(struct posix_peers *peers, uint32_t to,
                             struct slice body)
{
    size_t i = posix_peers_find(peers, to);
    if (i == peers->linked)
        return STATUS_NOT_FOUND;
    if (peers->cut[i])
        return STATUS_OK;
    peers->waiting = true;
    return peer_link_send(peers->links[i], body);
}

void posix_peers_listen(struct posix_peers *peers, struct env_peers *receiver)
{
    peers->receiver = receiver;
}

enum status posix_peers_cut(struct posix_peers *peers, uint32_t id, bool cut)
{
    size_t i = posix_peers_find(peers, id);
    if (i == peers->linked)
        return STATUS_NOT_FOUND;
    peers->cut[i] = cut;
    return STATUS_OK;
}

bool posix_peers_are_waiting(const struct posix_peers *peers)
{
    return peers->waiting;
}
