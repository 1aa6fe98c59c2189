// playground_ask.c -- what the nodes of a playground say of themselves.
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "common/client/playground.h"

enum { ASK_MS = 1000 };

static const char *const ping[] = {"PING", NULL};
static const char *const cluster_info[] = {"CLUSTER", "INFO", NULL};
static const char *const cluster_nodes[] = {"CLUSTER", "NODES", NULL};

struct vega_reply *playground_ask(struct playground_node *node,
                                  const char *const *words)
{
    if (!node->pid || node->paused)
        return NULL;
    if (!node->v)
        node->v =
            vega_connect(&(struct vega_options){.port = node->port,
                                                .connect_timeout_ms = ASK_MS,
                                                .command_timeout_ms = ASK_MS});
    size_t count = 0;
    while (words[count])
        count++;
    return vega_command(node->v, count, words, NULL);
}

// Whether the reply is a text with `part` in it.
static bool answers(struct playground_node *node, const char *const *words,
                    const char *part)
{
    struct vega_reply *reply = playground_ask(node, words);
    bool found = reply && reply->type != VEGA_ERROR && reply->text &&
                 strstr(reply->text, part);
    vega_reply_free(reply);
    return found;
}

bool playground_is_up(struct playground_node *node)
{
    return answers(node, ping, "PONG");
}

// A line of the reply is a node, which is known by its port. (An id is a digest
// there.)
uint64_t playground_find_unheard(const struct playground *self,
                                 struct playground_node *node)
{
    static const char silent[] = " disconnected";
    uint64_t unheard = 0;
    if (!playground_is_cluster(self))
        return unheard;
    struct vega_reply *reply = playground_ask(node, cluster_nodes);
    const char *line = reply && reply->text ? reply->text : "", *end;
    for (; *line; line = *end ? end + 1 : end) {
        end = strchrnul(line, '\n');
        size_t size = (size_t)(end - line);
        for (size_t i = 0; i < self->count; i++) {
            char port[16];
            int length =
                snprintf(port, sizeof port, ":%u@", self->nodes[i].port);
            if (memmem(line, size, port, (size_t)length) &&
                memmem(line, size, silent, sizeof silent - 1))
                unheard |= UINT64_C(1) << i;
        }
    }
    vega_reply_free(reply);
    return unheard;
}

// Those that could be heard, if all is well.
static uint64_t find_speaking(const struct playground *self,
                              const struct playground_node *node)
{
    uint64_t speaking = 0;
    for (size_t i = 0; i < self->count; i++) {
        if (self->nodes[i].pid && !self->nodes[i].paused)
            speaking |= UINT64_C(1) << i;
    }
    return speaking & ~node->cut;
}

bool playground_is_ready(const struct playground *self,
                         struct playground_node *node)
{
    return playground_is_up(node) &&
           (!playground_is_cluster(self) ||
            answers(node, cluster_info, "cluster_state:ok")) &&
           !(playground_find_unheard(self, node) & find_speaking(self, node));
}
