// endpoint.c -- connections of the graded client, to the model nodes: it stands
// in the place of common/client/endpoint.c, without sockets and clocks.
//
// A command that is appended is heard at once; its reply waits to be taken.
// SPDX-License-Identifier: MIT
#include "common/client/endpoint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/memory.h"
#include "labs/lab3-ring/subject/world.h"

enum { FD = 1000, SHOWN = 40 };

// The parser wants limits; these are never met.
static const struct reply_limits limits = {1 << 30, 1 << 20, REPLY_DEPTH_MAX};

struct connection {
    struct endpoint endpoint; // First, so that an endpoint is its connection.
    bool asking;
    struct buffer steps; // Of the schedule, of the replies that wait.
};

bool failure_set(struct failure *failure, enum vega_status status,
                 const char *format, ...)
{
    va_list args;
    va_start(args, format);
    failure->status = status;
    vsnprintf(failure->text, sizeof failure->text, format, args);
    va_end(args);
    return false;
}

struct endpoint *endpoint_create(const struct vega_options *options)
{
    struct connection *connection = xcalloc(1, sizeof *connection);
    struct endpoint *endpoint = &connection->endpoint;
    endpoint->options = *options;
    endpoint->options.host =
        xstrdup(options->host ? options->host : "127.0.0.1");
    endpoint->options.port = options->port ? options->port : 6379;
    snprintf(endpoint->name, sizeof endpoint->name, "%s:%d",
             endpoint->options.host, endpoint->options.port);
    endpoint->fd = -1;
    reply_parser_init(&endpoint->parser, limits);
    return endpoint;
}

static void disconnect(struct endpoint *endpoint)
{
    endpoint->fd = -1;
    endpoint->life++;
    endpoint->awaited = 0;
    buffer_clear(&endpoint->in);
    struct connection *connection = (struct connection *)endpoint;
    buffer_clear(&connection->steps);
    connection->asking = false;
}

void endpoint_destroy(struct endpoint *endpoint)
{
    buffer_deinit(&((struct connection *)endpoint)->steps);
    buffer_deinit(&endpoint->in);
    reply_parser_deinit(&endpoint->parser);
    free((char *)endpoint->options.host);
    free(endpoint);
}

void endpoint_set_password(struct endpoint *endpoint, const char *user,
                           const char *password)
{
    (void)endpoint, (void)user, (void)password;
}

static unsigned node_of(const struct endpoint *endpoint)
{
    return world_node_at(endpoint->options.host, endpoint->options.port);
}

bool endpoint_prepare(struct endpoint *endpoint, struct failure *failure)
{
    unsigned node = node_of(endpoint);
    if (node && !world->nodes[node].down) {
        endpoint->fd = FD;
        return true;
    }
    if (endpoint->fd >= 0)
        disconnect(endpoint);
    if (node) {
        unsigned long long message = ++world->messages;
        world_event("c1", "m%llu > n%u  connect", message, node);
        world_event("--", "m%llu lost: it is down", message);
    } else {
        world_event("c1", "finds nobody at %s", endpoint->name);
    }
    return failure_set(failure, VEGA_UNREACHABLE, "cannot connect to %s",
                       endpoint->name);
}

// A message from one to the other, in the picture.
static void show(const char *from, const char *to, struct slice text)
{
    unsigned long long message = ++world->messages;
    world_event(from, "m%llu > %s  %.*s", message, to,
                text.size < SHOWN ? (int)text.size : SHOWN, text.data);
    world_event(to, "m%llu < %s", message, from);
}

static void question_of(const struct model_words *words, char *text,
                        size_t capacity)
{
    size_t size = 0;
    *text = '\0';
    for (size_t i = 0; i < words->count && size < capacity; i++)
        size += (size_t)snprintf(text + size, capacity - size, "%s%.*s",
                                 i ? " " : "", (int)words->at[i].size,
                                 words->at[i].data);
}

bool endpoint_append(struct endpoint *endpoint, size_t argc,
                     const char *const *argv, const size_t *sizes,
                     struct failure *failure)
{
    struct model_words words = {.count = argc};
    struct text reply = {0};
    char question[SHOWN], name[8];
    unsigned node = node_of(endpoint);
    if (endpoint->fd < 0 || argc > MODEL_WORDS_MAX)
        return failure_set(failure, VEGA_MISUSE, "nothing to append to");
    for (size_t i = 0; i < argc; i++)
        words.at[i] =
            (struct bytes){argv[i], sizes ? sizes[i] : strlen(argv[i])};
    question_of(&words, question, sizeof question);
    snprintf(name, sizeof name, "n%u", node);
    show("c1", name, slice_of(question));
    world_hear(node, &words, &((struct connection *)endpoint)->asking, &reply);
    show(name, "c1", (struct slice){reply.data, reply.size});
    buffer_append(&endpoint->in, reply.data, reply.size);
    buffer_append(&((struct connection *)endpoint)->steps, &world->step,
                  sizeof world->step);
    text_deinit(&reply);
    endpoint->appended++;
    endpoint->awaited++;
    return true;
}

// What is taken later than in its own step answers a command that was given
// up: libvega drops it.
static void tell_taken(struct connection *connection,
                       const struct vega_reply *reply)
{
    size_t step;
    memcpy(&step, connection->steps.data, sizeof step);
    buffer_consume(&connection->steps, sizeof step);
    if (reply->type == VEGA_ERROR && step == world->step)
        fprintf(world->out, "T %zu %s\n", step, reply->text);
}

struct vega_reply *endpoint_reply(struct endpoint *endpoint,
                                  struct failure *failure)
{
    struct vega_reply *reply = NULL;
    struct slice rest = buffer_slice(&endpoint->in);
    if (reply_parser_take(&endpoint->parser, &rest, &reply) != REPLY_COMPLETE) {
        failure_set(failure, VEGA_LOST, "%s: there is no reply to come",
                    endpoint->name);
        disconnect(endpoint);
        return NULL;
    }
    buffer_consume(&endpoint->in, endpoint->in.size - rest.size);
    endpoint->awaited--;
    tell_taken((struct connection *)endpoint, reply);
    return reply;
}

struct vega_reply *endpoint_next(struct endpoint *endpoint, int timeout_ms,
                                 struct failure *failure)
{
    (void)timeout_ms;
    return endpoint_reply(endpoint, failure);
}

// The linker puts it in the place of nanosleep(2): a client that waits passes
// virtual time.
int __wrap_nanosleep(const struct timespec *wanted, struct timespec *left);
int __wrap_nanosleep(const struct timespec *wanted, struct timespec *left)
{
    (void)left;
    int64_t us = (int64_t)wanted->tv_sec * 1000000 + wanted->tv_nsec / 1000;
    world->now_us += us;
    world_event("c1", "waits %lld ms", (long long)(us / 1000));
    fprintf(world->out, "W %lld\n", (long long)(us / 1000));
    return 0;
}
