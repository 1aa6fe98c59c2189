// playground_cut.c -- cuts between the nodes of a playground.
//
// What is wished is kept here, and each node that can be asked is told by the
// command FAULT, which its configuration offers.
// SPDX-License-Identifier: MIT
#include "common/client/playground.h"

// The ids of the nodes in `set` behind two words, ended by NULL.
static void list_ids(struct playground *self, uint64_t set,
                     const char *words[PLAYGROUND_NODES_MAX + 3])
{
    size_t count = 2;
    for (size_t i = 0; i < self->count; i++) {
        if (set >> i & 1)
            words[count++] = self->nodes[i].id;
    }
    words[count] = NULL;
}

static bool tell_faults(struct playground *self, struct playground_node *node,
                        const char *verb, uint64_t set)
{
    const char *words[PLAYGROUND_NODES_MAX + 3] = {"FAULT", verb};
    if (!set)
        return true;
    list_ids(self, set, words);
    struct vega_reply *reply = playground_ask(node, words);
    bool done = reply && reply->type == VEGA_STATUS;
    if (!done)
        playground_refuse(self, "%s: FAULT %s: %s", node->id, verb,
                          reply && reply->text ? reply->text
                                               : vega_error(node->v));
    vega_reply_free(reply);
    return done;
}

bool playground_apply_cuts(struct playground *self,
                           struct playground_node *node)
{
    uint64_t others = ((UINT64_C(1) << self->count) - 1) &
                      ~(UINT64_C(1) << (node - self->nodes));
    if (!playground_is_cluster(self) || !node->pid || node->paused)
        return true;
    return tell_faults(self, node, "CUT", node->cut) &&
           tell_faults(self, node, "HEAL", others & ~node->cut);
}

static bool apply_all_cuts(struct playground *self)
{
    bool done = true;
    for (size_t i = 0; i < self->count; i++)
        done &= playground_apply_cuts(self, &self->nodes[i]);
    return done;
}

bool playground_cut(struct playground *self, const uint64_t sides[2])
{
    for (size_t i = 0; i < self->count; i++) {
        for (int side = 0; side < 2; side++) {
            if (sides[side] >> i & 1)
                self->nodes[i].cut |= sides[!side];
        }
    }
    return apply_all_cuts(self);
}

bool playground_heal(struct playground *self)
{
    for (size_t i = 0; i < self->count; i++)
        self->nodes[i].cut = 0;
    return apply_all_cuts(self);
}
