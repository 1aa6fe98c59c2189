// libvega.c -- commands over connections (endpoint.h) that a route chooses.
//
// A struct vega remembers which endpoint owes the next reply, so that replies
// are handed out in the order of the commands, whatever the route.
// SPDX-License-Identifier: MIT
#include "common/client/vega.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/memory.h"
#include "common/client/endpoint.h"
#include "common/client/route.h"

// A reply that is owed: by whom, and over which of its connections.
struct pending {
    struct endpoint *endpoint;
    uint64_t life;
};

struct vega {
    struct route *route;     // Owned.
    struct endpoint *latest; // Of the last command.
    struct failure failure;
    struct pending *pending; // A queue: [first, first + count).
    size_t first, count, capacity;
};

struct route_direct {
    struct route route;
    struct endpoint *endpoint;
};

static struct endpoint *route_direct_choose(struct route *route, size_t argc,
                                            const char *const *argv,
                                            const size_t *sizes)
{
    (void)argc, (void)argv, (void)sizes;
    return ((struct route_direct *)route)->endpoint;
}

static void route_direct_destroy(struct route *route)
{
    endpoint_destroy(((struct route_direct *)route)->endpoint);
    free(route);
}

static void route_direct_set_password(struct route *route, const char *user,
                                      const char *password)
{
    endpoint_set_password(((struct route_direct *)route)->endpoint, user,
                          password);
}

struct route *route_direct_create(const struct vega_options *options)
{
    struct route_direct *direct = xmalloc(sizeof *direct);
    *direct = (struct route_direct){
        .route = {route_direct_choose, route_direct_destroy,
                  route_direct_set_password},
        .endpoint = endpoint_create(options),
    };
    return &direct->route;
}

struct vega *vega_connect_by(struct route *taken)
{
    struct vega *v = xcalloc(1, sizeof *v);
    v->route = taken;
    v->latest = taken->choose(taken, 0, NULL, NULL);
    endpoint_prepare(v->latest, &v->failure);
    return v;
}

struct vega *vega_connect(const struct vega_options *options)
{
    return vega_connect_by(route_direct_create(options));
}

void vega_close(struct vega *v)
{
    if (!v)
        return;
    v->route->destroy(v->route);
    free(v->pending);
    free(v);
}

void vega_set_password(struct vega *v, const char *user, const char *password)
{
    v->route->set_password(v->route, user, password);
}

enum vega_status vega_status(const struct vega *v)
{
    return v->failure.status;
}

const char *vega_error(const struct vega *v)
{
    return v->failure.status == VEGA_OK ? "" : v->failure.text;
}

size_t vega_pending(const struct vega *v)
{
    return v->count;
}

int vega_socket(const struct vega *v)
{
    return v->latest->fd;
}

// Room at the front is used before the queue grows.
static void pending_push(struct vega *v, struct pending pending)
{
    bool is_full = v->first + v->count == v->capacity;
    if (is_full && v->first > v->count) {
        memmove(v->pending, v->pending + v->first, v->count * sizeof pending);
        v->first = 0;
    } else if (is_full) {
        v->capacity = v->capacity ? v->capacity * 2 : 16;
        v->pending = xrealloc(v->pending, v->capacity * sizeof pending);
    }
    v->pending[v->first + v->count++] = pending;
}

static struct pending pending_pop(struct vega *v)
{
    struct pending pending = v->pending[v->first++];
    if (--v->count == 0)
        v->first = 0;
    return pending;
}

bool vega_append(struct vega *v, size_t argc, const char *const *argv,
                 const size_t *sizes)
{
    v->failure.status = VEGA_OK;
    if (argc == 0)
        return failure_set(&v->failure, VEGA_MISUSE, "a command has a name");
    struct endpoint *endpoint = v->route->choose(v->route, argc, argv, sizes);
    v->latest = endpoint;
    if (!endpoint_prepare(endpoint, &v->failure) ||
        !endpoint_append(endpoint, argc, argv, sizes, &v->failure))
        return false;
    pending_push(v, (struct pending){endpoint, endpoint->life});
    return true;
}

struct vega_reply *vega_get(struct vega *v)
{
    v->failure.status = VEGA_OK;
    if (v->count == 0) {
        failure_set(&v->failure, VEGA_MISUSE, "no reply is pending");
        return NULL;
    }
    struct pending owed = pending_pop(v);
    struct endpoint *endpoint = owed.endpoint;
    if (owed.life != endpoint->life) {
        failure_set(&v->failure, VEGA_LOST,
                    "%s: the connection was lost before", endpoint->name);
        return NULL;
    }
    return endpoint_reply(endpoint, &v->failure);
}

struct vega_reply *vega_receive(struct vega *v, int timeout_ms)
{
    v->failure.status = VEGA_OK;
    struct endpoint *endpoint = v->latest;
    if (endpoint->fd < 0) {
        failure_set(&v->failure, VEGA_LOST, "%s: not connected",
                    endpoint->name);
        return NULL;
    }
    struct vega_reply *reply = endpoint_next(endpoint, timeout_ms, &v->failure);
    bool is_answer = reply && reply->type != VEGA_PUSH;
    if (is_answer && v->count && v->pending[v->first].endpoint == endpoint)
        pending_pop(v);
    return reply;
}

struct vega_reply *vega_command(struct vega *v, size_t argc,
                                const char *const *argv, const size_t *sizes)
{
    if (v->count) {
        failure_set(&v->failure, VEGA_MISUSE,
                    "replies are pending; get them first");
        return NULL;
    }
    return vega_append(v, argc, argv, sizes) ? vega_get(v) : NULL;
}

struct vega_reply *vega_call(struct vega *v, const char *name, ...)
{
    enum { ARGUMENTS_MAX = 64 };
    const char *argv[ARGUMENTS_MAX] = {name};
    size_t argc = 0;
    va_list args;
    va_start(args, name);
    for (const char *at = name; at && argc < ARGUMENTS_MAX;
         at = va_arg(args, const char *))
        argv[argc++] = at;
    va_end(args);
    if (argc == ARGUMENTS_MAX) {
        failure_set(&v->failure, VEGA_MISUSE,
                    "too many arguments for vega_call");
        return NULL;
    }
    return vega_command(v, argc, argv, NULL);
}
