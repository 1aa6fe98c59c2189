// blocked.c -- see blocked.h.
//
// A key that somebody waits for has one queue a group of commands: a list does
// nothing for those who wait for a sorted set, so they must not stand in each
// other's way.
//
// Invariants
// (B1) A request stands in the queues of its keys from before its first
//      submission until it is answered: what appears while a layer holds it is
//      not missed.
// (B2) No queue is empty, and no key is without a queue.
// (B3) Of the requests in one queue, the stack has at most one that was woken.
// SPDX-License-Identifier: MIT
#include "common/server/blocked.h"

#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/server/command.h"
#include "common/server/layer.h"
#include "common/server/server.h"
#include "common/server/session.h"

struct blocked_key {
    struct map_link link;    // In server->blocked.keys.
    struct list_link queues; // One a group.
    char name[];
};

struct blocked_queue {
    struct list_link link;       // In its key.
    struct list_link ready_link; // In server->blocked.ready, or alone.
    struct list_link places;     // In order of arrival.
    struct blocked_key *key;
    const char *group; // Of the commands: "list".
};

struct blocked_place {
    struct list_link link; // In its queue.
    struct blocked_queue *queue;
    struct blocked *blocked;
    bool awaited; // If this one is served, the next one's turn comes.
};

struct blocked {
    struct completion completion;
    struct server *server;
    struct parked *parked; // NULL: the client is gone.
    struct buffer timeout; // What to say when the time is up.
    bool submitted;        // The stack has the request.
    bool again;            // A key appeared meanwhile: no answer is no answer.
    bool expired;          // The time was up meanwhile.
    bool waited;           // The clock runs.
    uint32_t place_count;
    struct blocked_place places[];
};

static void queue_make_ready(struct server *server, struct blocked_queue *queue)
{
    if (list_is_empty(&queue->ready_link))
        list_push_back(&server->blocked.ready, &queue->ready_link);
    env_timer_start(server->env, &server->blocked.timer, 0);
}

static struct blocked_key *key_get(struct server *server, struct slice name)
{
    struct map_link *link = map_find(&server->blocked.keys, name);
    if (link)
        return container_of(link, struct blocked_key, link);
    struct blocked_key *key = xmalloc(sizeof *key + name.size);
    *key = (struct blocked_key){.link.name = {key->name, name.size}};
    if (name.size)
        memcpy(key->name, name.data, name.size);
    list_init(&key->queues);
    map_insert(&server->blocked.keys, &key->link);
    return key;
}

static struct blocked_queue *queue_get(struct server *server, struct slice name,
                                       const char *group)
{
    struct blocked_key *key = key_get(server, name);
    list_for_each (link, &key->queues) {
        struct blocked_queue *queue =
            container_of(link, struct blocked_queue, link);
        if (!strcmp(queue->group, group))
            return queue;
    }
    struct blocked_queue *queue = xmalloc(sizeof *queue);
    *queue = (struct blocked_queue){.key = key, .group = group};
    list_init(&queue->ready_link);
    list_init(&queue->places);
    list_push_back(&key->queues, &queue->link);
    return queue;
}

// Upholds (B2).
static void place_leave(struct server *server, struct blocked_place *place)
{
    struct blocked_queue *queue = place->queue;
    list_remove(&place->link);
    if (!list_is_empty(&queue->places)) {
        if (place->awaited)
            queue_make_ready(server, queue);
        return;
    }
    struct blocked_key *key = queue->key;
    list_remove(&queue->ready_link);
    list_remove(&queue->link);
    free(queue);
    if (!list_is_empty(&key->queues))
        return;
    map_remove(&server->blocked.keys, &key->link);
    free(key);
}

void blocked_leave(struct blocked *blocked)
{
    for (uint32_t i = 0; i < blocked->place_count; i++)
        place_leave(blocked->server, &blocked->places[i]);
    blocked->place_count = 0;
    blocked->parked = NULL;
    if (blocked->submitted)
        return;
    buffer_deinit(&blocked->timeout);
    free(blocked);
}

bool blocked_is_submitted(const struct blocked *blocked)
{
    return blocked->submitted;
}

bool blocked_expire(struct blocked *blocked)
{
    blocked->expired = true;
    return !blocked->submitted;
}

static void submit(struct blocked *blocked)
{
    struct request *request = blocked->parked->request;
    struct layer *stack = blocked->server->stack;
    blocked->submitted = true;
    request_push(request, &blocked->completion);
    stack->submit(stack, request);
}

// As a request that comes now, but without what its first submission refused.
static void submit_again(struct blocked *blocked)
{
    struct server *server = blocked->server;
    struct request *request = blocked->parked->request;
    request->flags &= ~(uint32_t)(REQUEST_WAIT | REQUEST_CHANGED);
    request->flags |= REQUEST_WOKEN;
    request->now_ms = server->now_ms;
    request->seed = random_next(&server->random);
    submit(blocked);
}

// Nothing yet. What was written is for later: until then it would be in the way
// of messages to the same client.
static void wait_on(struct blocked *blocked)
{
    struct parked *parked = blocked->parked;
    struct request *request = parked->request;
    struct buffer *out = request->reply.out;
    buffer_clear(&blocked->timeout);
    buffer_append_slice(&blocked->timeout, buffer_slice(out));
    buffer_clear(out);
    for (uint32_t i = 0; i < blocked->place_count && !blocked->again; i++)
        blocked->places[i].awaited = false;
    if (!blocked->waited)
        parked_start_timer(parked, request->wait_ms);
    blocked->waited = true;
    if (blocked->expired) {
        parked->expired(parked);
        session_unpark(parked);
    } else if (blocked->again) {
        blocked->again = false;
        submit_again(blocked);
    }
}

static void blocked_done(struct completion *completion, struct request *request)
{
    struct blocked *blocked =
        container_of(completion, struct blocked, completion);
    blocked->submitted = false;
    if (!blocked->parked) {
        blocked_leave(blocked);
        request_complete(request);
    } else if (request->flags & REQUEST_WAIT) {
        wait_on(blocked);
    } else {
        session_unpark(blocked->parked);
    }
}

static void time_is_up(struct parked *parked)
{
    buffer_append_slice(parked->request->reply.out,
                        buffer_slice(&parked->blocked->timeout));
}

static void count_key(void *context, uint32_t position)
{
    (void)position;
    ++*(uint32_t *)context;
}

static void take_place(void *context, uint32_t position)
{
    struct blocked *blocked = context;
    const struct request *request = blocked->parked->request;
    if (request->command->waits_for_first && blocked->place_count == 1)
        return;
    struct blocked_place *place = &blocked->places[blocked->place_count++];
    *place = (struct blocked_place){
        .queue = queue_get(blocked->server, request->argv[position],
                           request->command->group),
        .blocked = blocked,
    };
    list_push_back(&place->queue->places, &place->link);
}

void blocked_submit(struct session *session, struct request *request)
{
    struct server *server = session->server;
    uint32_t count = 0;
    if (!request_keys(request, count_key, &count)) {
        server->stack->submit(server->stack, request); // An error.
        return;
    }
    struct blocked *blocked =
        xmalloc(sizeof *blocked + count * sizeof *blocked->places);
    *blocked = (struct blocked){
        .completion.done = blocked_done,
        .server = server,
        .parked = session_park(session, request, 0, time_is_up),
    };
    blocked->parked->blocked = blocked;
    request_keys(blocked->parked->request, take_place, blocked); // (B1)
    submit(blocked);
}

void server_key_ready(struct server *server, struct slice key)
{
    if (server->blocked.keys.count == 0)
        return;
    struct map_link *found = map_find(&server->blocked.keys, key);
    if (!found)
        return;
    list_for_each (link, &container_of(found, struct blocked_key, link)->queues)
        queue_make_ready(server,
                         container_of(link, struct blocked_queue, link));
}

// Gives the first one in the queue its turn.
static void wake_first(struct server *server, struct blocked_queue *queue)
{
    struct blocked_place *place =
        container_of(list_first(&queue->places), struct blocked_place, link);
    struct blocked *blocked = place->blocked;
    place->awaited = true;
    if (blocked->submitted) {
        blocked->again = true;
    } else if (blocked->parked->session->killed) {
        // Its transport has not noticed yet: it must not take anything.
        for (uint32_t i = 0; i < blocked->place_count; i++)
            place_leave(server, &blocked->places[i]);
        blocked->place_count = 0;
    } else {
        submit_again(blocked);
    }
}

void server_wake(struct server *server)
{
    struct list_link *ready = &server->blocked.ready;
    while (!list_is_empty(ready)) {
        struct list_link *link = list_first(ready);
        list_remove(link);
        wake_first(server,
                   container_of(link, struct blocked_queue, ready_link));
    }
    env_timer_stop(server->env, &server->blocked.timer);
}

static void keys_are_ready(struct env_timer *timer)
{
    struct server *server = container_of(timer, struct server, blocked.timer);
    server_update_now(server);
    server_wake(server);
}

void blocked_keys_init(struct blocked_keys *keys, struct env *env)
{
    env_random(env, &keys->secret, sizeof keys->secret);
    map_init(&keys->keys, &keys->secret);
    list_init(&keys->ready);
    keys->timer.fire = keys_are_ready;
}

void blocked_keys_deinit(struct blocked_keys *keys)
{
    check(keys->keys.count == 0);
    map_deinit(&keys->keys);
}
