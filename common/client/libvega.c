// libvega.c -- commands over connections (endpoint.h) that a route chooses; see
// outstanding.h for how their replies find back.
// SPDX-License-Identifier: MIT
#include "common/client/vega.h"

#include <stdarg.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "common/client/endpoint.h"
#include "common/client/outstanding.h"
#include "common/client/route.h"

struct vega {
    struct route *route;     // Owned.
    struct endpoint *latest; // Of the last command.
    struct failure failure;
    struct outstanding outstanding;
};

struct route_direct {
    struct route route;
    struct endpoint *endpoint;
};

static struct endpoint *route_direct_choose(struct route *route,
                                            const struct route_command *command)
{
    (void)command;
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
        .route = {.choose = route_direct_choose,
                  .destroy = route_direct_destroy,
                  .set_password = route_direct_set_password},
        .endpoint = endpoint_create(options),
    };
    return &direct->route;
}

struct vega *vega_connect_by(struct route *taken)
{
    struct vega *v = xcalloc(1, sizeof *v);
    v->route = taken;
    v->latest = taken->choose(taken, &(struct route_command){0});
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
    outstanding_deinit(&v->outstanding);
    v->route->destroy(v->route);
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
    return v->outstanding.count;
}

int vega_socket(const struct vega *v)
{
    return v->latest->fd;
}

bool vega_append(struct vega *v, size_t argc, const char *const *argv,
                 const size_t *sizes)
{
    v->failure.status = VEGA_OK;
    if (argc == 0)
        return failure_set(&v->failure, VEGA_MISUSE, "a command has a name");
    return outstanding_send(&v->outstanding, v->route,
                            &(struct route_command){argc, argv, sizes},
                            &v->latest, &v->failure);
}

struct vega_reply *vega_get(struct vega *v)
{
    v->failure.status = VEGA_OK;
    if (v->outstanding.count == 0) {
        failure_set(&v->failure, VEGA_MISUSE, "no reply is pending");
        return NULL;
    }
    return outstanding_reply(&v->outstanding, v->route, &v->failure);
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
    uint64_t turn = endpoint_turn(endpoint);
    struct vega_reply *reply = endpoint_next(endpoint, timeout_ms, &v->failure);
    if (reply && reply->type != VEGA_PUSH)
        outstanding_answered(&v->outstanding, endpoint, turn);
    return reply;
}

struct vega_reply *vega_command(struct vega *v, size_t argc,
                                const char *const *argv, const size_t *sizes)
{
    if (v->outstanding.count) {
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
