// outstanding.c -- sends commands, and matches replies with them.
// SPDX-License-Identifier: MIT
#include "common/client/outstanding.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/memory.h"

enum {
    TIMES_MAX = 10, // That a command is sent, at most.
    CHOICES_MAX = 3,
};

// What one server does of a command.
struct owed_part {
    struct endpoint *endpoint;
    uint64_t life, turn;        // Of its connection, and upon that.
    bool bound;                 // By a transaction, to its connection.
    struct vega_reply *reply;   // It came before its turn. Owned.
    struct route_command again; // A copy, when the route may send it again.
};

struct owed {
    struct route_split *split; // NULL: it is whole, and has one part.
    struct owed_part *parts;
    size_t count;
};

// ---- Copies

// In one allocation that begins with the arguments' pointers.
static struct route_command command_copy(const struct route_command *command)
{
    size_t argc = command->argc, bytes = 0;
    for (size_t i = 0; i < argc; i++)
        bytes += route_argument(command, i).size;
    const char **argv = xmalloc(argc * (sizeof *argv + sizeof(size_t)) + bytes);
    size_t *sizes = (size_t *)(argv + argc);
    char *at = (char *)(sizes + argc);
    for (size_t i = 0; i < argc; i++) {
        argv[i] = at;
        sizes[i] = route_argument(command, i).size;
        memcpy(at, command->argv[i], sizes[i]);
        at += sizes[i];
    }
    return (struct route_command){argc, argv, sizes};
}

static void owed_deinit(struct owed *owed)
{
    for (size_t i = 0; i < owed->count; i++) {
        vega_reply_free(owed->parts[i].reply);
        free((void *)owed->parts[i].again.argv);
    }
    free(owed->parts);
    if (owed->split)
        owed->split->destroy(owed->split);
}

// ---- The queue

void outstanding_deinit(struct outstanding *outstanding)
{
    for (size_t i = 0; i < outstanding->count; i++)
        owed_deinit(&outstanding->owed[outstanding->first + i]);
    free(outstanding->owed);
    *outstanding = (struct outstanding){0};
}

// Room at the front is used before the queue grows.
static void outstanding_push(struct outstanding *queue, struct owed owed)
{
    bool is_full = queue->first + queue->count == queue->capacity;
    if (is_full && queue->first > queue->count) {
        memmove(queue->owed, queue->owed + queue->first,
                queue->count * sizeof owed);
        queue->first = 0;
    } else if (is_full) {
        queue->capacity = queue->capacity ? queue->capacity * 2 : 16;
        queue->owed = xrealloc(queue->owed, queue->capacity * sizeof owed);
    }
    queue->owed[queue->first + queue->count++] = owed;
}

static void outstanding_pop(struct outstanding *queue)
{
    owed_deinit(&queue->owed[queue->first++]);
    if (--queue->count == 0)
        queue->first = 0;
}

// Whose reply comes over `endpoint` as the `turn`-th; NULL: nobody waits for it
// any more. A search, but only replies out of order are searched for.
static struct owed_part *outstanding_find(struct outstanding *queue,
                                          const struct endpoint *endpoint,
                                          uint64_t turn)
{
    for (size_t i = 0; i < queue->count; i++) {
        struct owed *owed = &queue->owed[queue->first + i];
        for (size_t p = 0; p < owed->count; p++) {
            struct owed_part *part = &owed->parts[p];
            if (part->endpoint == endpoint && part->turn == turn &&
                part->life == endpoint->life)
                return part;
        }
    }
    return NULL;
}

void outstanding_answered(struct outstanding *outstanding,
                          const struct endpoint *endpoint, uint64_t turn)
{
    if (outstanding->count == 0)
        return;
    const struct owed_part *oldest =
        outstanding->owed[outstanding->first].parts;
    if (oldest->endpoint == endpoint && oldest->turn == turn)
        outstanding_pop(outstanding);
}

// ---- Sending

// Chooses a server that can be reached. A route that learns of a better one
// from that failure chooses again.
static struct endpoint *choose(struct route *route,
                               const struct route_command *command,
                               struct failure *failure)
{
    for (int i = 0; i < CHOICES_MAX; i++) {
        struct endpoint *endpoint = route->choose(route, command);
        if (endpoint_prepare(endpoint, failure)) {
            failure->status = VEGA_OK;
            return endpoint;
        }
        if (failure->status != VEGA_UNREACHABLE || !route->unreachable ||
            !route->unreachable(route, command, endpoint))
            break;
    }
    return NULL;
}

static bool owed_part_send(struct owed_part *part,
                           const struct route_command *command,
                           struct failure *failure)
{
    struct endpoint *endpoint = part->endpoint;
    part->life = endpoint->life;
    part->turn = endpoint->appended;
    part->bound = endpoint->open != 0;
    return endpoint_append(endpoint, command->argc, command->argv,
                           command->sizes, failure);
}

bool outstanding_send(struct outstanding *outstanding, struct route *route,
                      const struct route_command *command,
                      struct endpoint **latest, struct failure *failure)
{
    struct owed owed = {NULL, NULL, 1};
    if (route->split)
        owed.split = route->split(route, command);
    const struct route_command *parts = command;
    if (owed.split) {
        parts = owed.split->parts;
        owed.count = owed.split->count;
    }
    owed.parts = xcalloc(owed.count, sizeof *owed.parts);
    bool ok = true;
    // First all servers, then the first byte: what can fail early does so
    // while nothing is done yet.
    for (size_t i = 0; ok && i < owed.count; i++) {
        owed.parts[i].endpoint = choose(route, &parts[i], failure);
        ok = owed.parts[i].endpoint != NULL;
        if (ok)
            *latest = owed.parts[i].endpoint;
    }
    for (size_t i = 0; ok && i < owed.count; i++) {
        ok = owed_part_send(&owed.parts[i], &parts[i], failure);
        if (ok && route->retry)
            owed.parts[i].again = command_copy(&parts[i]);
    }
    if (ok)
        outstanding_push(outstanding, owed);
    else
        owed_deinit(&owed);
    return ok;
}

// ---- Replies

// Reads over the part's connection until its reply is there. What comes before
// it goes to whom it belongs: upholds (I1).
static struct vega_reply *owed_part_take(struct outstanding *outstanding,
                                         struct owed_part *part,
                                         struct failure *failure)
{
    struct endpoint *endpoint = part->endpoint;
    while (!part->reply) {
        if (part->life != endpoint->life) {
            failure_set(failure, VEGA_LOST,
                        "%s: the connection was lost before", endpoint->name);
            return NULL;
        }
        uint64_t turn = endpoint_turn(endpoint);
        struct vega_reply *reply = endpoint_reply(endpoint, failure);
        if (!reply)
            return NULL;
        struct owed_part *whose =
            turn == part->turn ? part
                               : outstanding_find(outstanding, endpoint, turn);
        if (whose)
            whose->reply = reply;
        else
            vega_reply_free(reply);
    }
    struct vega_reply *reply = part->reply;
    part->reply = NULL;
    return reply;
}

static void wait_ms(int ms)
{
    struct timespec left = {ms / 1000, ms % 1000 * 1000000L};
    while (ms > 0 && nanosleep(&left, &left) != 0)
        continue;
}

static bool owed_part_send_again(struct owed_part *part,
                                 const struct route_again *again,
                                 struct failure *failure)
{
    static const char *const asking[] = {"ASKING"};
    wait_ms(again->wait_ms);
    part->endpoint = again->endpoint;
    return endpoint_prepare(again->endpoint, failure) &&
           (!again->asking ||
            endpoint_append(again->endpoint, 1, asking, NULL, failure)) &&
           owed_part_send(part, &part->again, failure);
}

// Upholds (I2).
static struct vega_reply *owed_part_reply(struct outstanding *outstanding,
                                          struct owed_part *part,
                                          struct route *route,
                                          struct failure *failure)
{
    for (unsigned times = 1;; times++) {
        struct vega_reply *reply = owed_part_take(outstanding, part, failure);
        struct route_again again = {0};
        if (!reply || reply->type != VEGA_ERROR || !route->retry ||
            part->bound || times == TIMES_MAX ||
            !route->retry(route, &part->again, reply, times, &again))
            return reply;
        vega_reply_free(reply);
        if (!owed_part_send_again(part, &again, failure))
            return NULL;
    }
}

struct vega_reply *outstanding_reply(struct outstanding *outstanding,
                                     struct route *route,
                                     struct failure *failure)
{
    struct owed *owed = &outstanding->owed[outstanding->first];
    struct vega_reply **replies = xcalloc(owed->count, sizeof(void *));
    size_t got = 0;
    while (got < owed->count) {
        replies[got] =
            owed_part_reply(outstanding, &owed->parts[got], route, failure);
        if (!replies[got])
            break;
        got++;
    }
    struct vega_reply *whole = NULL;
    if (got == owed->count && !owed->split)
        whole = replies[0];
    else if (got == owed->count)
        whole = owed->split->join(owed->split, replies);
    else
        while (got > 0)
            vega_reply_free(replies[--got]);
    free(replies);
    outstanding_pop(outstanding);
    return whole;
}
