// health.c -- how a node is.
// SPDX-License-Identifier: MIT
#include "common/server/health.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/server/server.h"

const char *health_word(enum health_state state)
{
    static const char *const words[] = {"ok", "degraded", "readonly", "loading",
                                        "stopping"};
    return words[state];
}

void health_note(struct health *health, enum health_state state,
                 const char *format, ...)
{
    if (state <= health->state)
        return;
    health->state = state;
    va_list args;
    va_start(args, format);
    vsnprintf(health->reason, sizeof health->reason, format, args);
    va_end(args);
}

void server_health(struct server *server, struct health *health)
{
    *health = (struct health){HEALTH_OK, "it takes requests"};
    if (server->stopping)
        health_note(health, HEALTH_STOPPING,
                    "it finishes what it has accepted");
    if (server->loading.active)
        health_note(health, HEALTH_LOADING, "%d %% of the data are loaded",
                    (int)server_loading_percent(server));
    for (struct layer *layer = server->stack; layer; layer = layer->below) {
        if (layer->health)
            layer->health(layer, health);
    }
}
