// playground_load.c -- clients that keep the nodes of a playground busy.
//
// The load generator speaks with one server and does not route, so each node
// gets one of its own, with keys of a slot that the node has.
// SPDX-License-Identifier: MIT
#include "common/client/playground_load.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/client/playground_process.h"

enum { TAGS_MAX = 1000 };

static const char connections[] = "8", key_count[] = "10000";

// What the keys begin with: a {tag} of a slot that this node has. NULL when it
// does not answer. The caller's.
static char *find_prefix(struct playground_node *node)
{
    for (unsigned tag = 0; tag < TAGS_MAX; tag++) {
        char *prefix = playground_text("{%u}load:", tag);
        const char *const words[] = {"EXISTS", prefix, NULL};
        struct vega_reply *reply = playground_ask(node, words);
        bool is_here = reply && reply->type == VEGA_INTEGER;
        bool is_elsewhere = reply && !is_here;
        vega_reply_free(reply);
        if (is_here)
            return prefix;
        free(prefix);
        if (!is_elsewhere)
            return NULL;
    }
    return NULL;
}

static bool load_node(struct playground *self, struct playground_node *node,
                      uint32_t seconds)
{
    char *prefix = find_prefix(node);
    if (!prefix)
        return false;
    if (!node->load_file)
        node->load_file =
            playground_text("%s/%s.load", self->place.directory, node->id);
    char *port = playground_text("%u", node->port);
    char *time = playground_text("%u", seconds);
    const char *const words[] = {
        self->place.client,
        "-p",
        port,
        "bench",
        "--json",
        "--seconds",
        time,
        "--connections",
        connections,
        "--keys",
        key_count,
        "--key-size",
        "32",
        "--ratio",
        "1:1",
        "--prefix",
        prefix,
        NULL,
    };
    unlink(node->load_file);
    pid_t pid =
        playground_process_start(self->place.directory, node->load_file, words);
    node->load = pid > 0 ? pid : 0;
    free(time);
    free(port);
    free(prefix);
    return node->load;
}

bool playground_load_start(struct playground *self, uint32_t seconds)
{
    size_t started = 0;
    for (size_t i = 0; i < self->count; i++) {
        struct playground_node *node = &self->nodes[i];
        if (!node->load)
            started += load_node(self, node, seconds);
    }
    if (started)
        buffer_printf(&self->news, "load at %zu node%s for %u s\n", started,
                      started == 1 ? "" : "s", seconds);
    else
        buffer_append_text(&self->news, "there is no node that could be "
                                        "loaded, or all are\n");
    return started;
}

bool playground_load_is_running(const struct playground *self)
{
    for (size_t i = 0; i < self->count; i++) {
        if (self->nodes[i].load)
            return true;
    }
    return false;
}

void playground_load_tell(struct playground *self, struct playground_node *node)
{
    struct buffer text = {0};
    playground_append_tail(node->load_file, 0, 1, &text);
    double rate = 0, p99_us = 0;
    json_int_t errors = 0;
    json_t *report = json_loadb(text.data, text.size, 0, NULL);
    if (report &&
        json_unpack(report, "{s:F, s:I, s:{s:F}}", "ops_per_second", &rate,
                    "errors", &errors, "latency_us", "p99", &p99_us) == 0)
        buffer_printf(&self->news,
                      "load at %s: %.0f requests/s, p99 %.0f us, %lld errors\n",
                      node->id, rate, p99_us, (long long)errors);
    else
        buffer_printf(&self->news, "load at %s ended: %.*s\n", node->id,
                      (int)(text.size ? text.size - 1 : 0), text.data);
    json_decref(report);
    buffer_deinit(&text);
}
