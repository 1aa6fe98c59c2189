// playground_status.c -- how the nodes of a playground are, as a table.
// SPDX-License-Identifier: MIT
#include "common/client/playground_status.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const dbsize[] = {"DBSIZE", NULL};
static const char *const memory[] = {"INFO", "memory", NULL};

static const char *state_of(const struct playground_node *node, bool answers)
{
    if (!node->pid)
        return "dead";
    if (node->paused)
        return "paused";
    if (!answers)
        return "silent";
    return node->cut ? "cut" : "running";
}

// False when the node does not answer.
static bool append_keys(struct playground_node *node, struct buffer *out)
{
    struct vega_reply *reply = playground_ask(node, dbsize);
    bool answers = reply;
    if (reply && reply->type == VEGA_INTEGER)
        buffer_printf(out, "%" PRId64, reply->integer);
    else
        buffer_append_byte(out, '-');
    vega_reply_free(reply);
    return answers;
}

static void append_memory(struct playground_node *node, struct buffer *out)
{
    static const char field[] = "used_memory_human:";
    struct vega_reply *reply = playground_ask(node, memory);
    const char *at = reply && reply->text ? strstr(reply->text, field) : NULL;
    if (at) {
        at += sizeof field - 1;
        buffer_append(out, at, strcspn(at, "\r\n"));
    } else {
        buffer_append_byte(out, '-');
    }
    vega_reply_free(reply);
}

static void append_set(const struct playground *self, uint64_t set,
                       struct buffer *out)
{
    const char *separator = "";
    for (size_t i = 0; i < self->count; i++) {
        if (set >> i & 1) {
            buffer_printf(out, "%s%s", separator, self->nodes[i].id);
            separator = ",";
        }
    }
}

static void append_notes(const struct playground *self,
                         const struct playground_node *node, uint64_t unheard,
                         struct buffer *out)
{
    if (node->cut) {
        buffer_append_text(out, "  cut from ");
        append_set(self, node->cut, out);
    }
    if (unheard) {
        buffer_append_text(out, "  hears nothing of ");
        append_set(self, unheard, out);
    }
    if (node->load)
        buffer_append_text(out, "  under load");
}

static void append_node(const struct playground *self,
                        struct playground_node *node, struct buffer *out)
{
    char address[32], pid[16] = "-";
    struct buffer keys = {0}, bytes = {0};
    // Who does not answer is not asked again and again: each time takes long.
    bool answers = append_keys(node, &keys);
    uint64_t unheard = answers ? playground_find_unheard(self, node) : 0;
    if (answers)
        append_memory(node, &bytes);
    else
        buffer_append_byte(&bytes, '-');
    snprintf(address, sizeof address, "127.0.0.1:%u", node->port);
    if (node->pid)
        snprintf(pid, sizeof pid, "%d", (int)node->pid);
    buffer_printf(out, "%-5s %-16s %7s %-8s %8.*s %8.*s", node->id, address,
                  pid, state_of(node, answers),
                  SLICE_PRINT(buffer_slice(&keys)),
                  SLICE_PRINT(buffer_slice(&bytes)));
    append_notes(self, node, unheard, out);
    buffer_append_byte(out, '\n');
    buffer_deinit(&keys);
    buffer_deinit(&bytes);
}

void playground_status(struct playground *self, struct buffer *out)
{
    buffer_printf(out, "%-5s %-16s %7s %-8s %8s %8s\n", "node", "address",
                  "pid", "state", "keys", "memory");
    for (size_t i = 0; i < self->count; i++)
        append_node(self, &self->nodes[i], out);
}
