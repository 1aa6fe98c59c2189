// skiplist.h -- the order of a large sorted set: by score, then by member.
//
// A skip list (Pugh 1990) is a linked list with express lanes: each node is in
// the lowest lane, and one of four also in the next higher one. Each link
// counts the nodes that it passes, so that the way to a place also says its
// rank: insertion, removal and every question below are O(log n).
//
// The list owns its nodes, but not the members: those are entries of the
// table that finds them (zset.c).
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_SKIPLIST_H
#define VEGA_STAGE1_SKIPLIST_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/random.h"
#include "common/base/slice.h"
#include "stage1-singlenode/entry.h"

// Enough for 4^16 nodes.
enum { SKIPLIST_HEIGHT_MAX = 16 };

struct skip_node {
    struct entry *entry; // Its key is the member. Borrowed.
    double score;
    struct skip_node *previous; // NULL: the first.
    struct skip_link {
        struct skip_node *next; // NULL: the last of its lane.
        size_t span;            // How many ranks further; to the end for it.
    } links[];                  // By lane, from the lowest.
};

struct skiplist {
    struct skip_node *head; // Before the first; with links in all lanes.
    struct skip_node *last;
    size_t count;
    int height;    // Lanes in use; at least 1.
    size_t memory; // Of all nodes, as the allocator counts.
    // Draws the heights. They decide how fast something is found, never what,
    // so that all lists may draw the same ones.
    struct random random;
};

// In each lane the last node before a place, and its rank (the head's is 0).
struct skip_path {
    struct skip_node *nodes[SKIPLIST_HEIGHT_MAX];
    size_t ranks[SKIPLIST_HEIGHT_MAX];
};

// A place between two neighbours of the order. What lies before it is:
enum cut_kind {
    CUT_SCORE,  // lower scores, and with `after` that score itself;
    CUT_MEMBER, // smaller members, and with `after` that one itself: for sets
                // whose scores are all equal;
    CUT_ITEM,   // lower scores, and of that score the smaller members.
};

struct cut {
    enum cut_kind kind;
    double score;
    struct slice member;
    bool after;
};

// True if an item lies before the cut.
bool cut_is_after(const struct cut *cut, double score, struct slice member);

void skiplist_init(struct skiplist *list);
// Frees nodes, about `*budget`, and lowers that by as many. True when nothing
// is left, not even the head. Nothing else may be done to the list from then.
bool skiplist_release(struct skiplist *list, size_t *budget);

// `entry` is borrowed until its node is removed. It must not be in the list.
struct skip_node *skiplist_insert(struct skiplist *list, struct entry *entry,
                                  double score);
// Builds a list in order, each node in O(1). `end` leads behind the last node
// and is kept here: at first, of an empty list, it is {.nodes = {list->head}}.
// NULL, and nothing changed, when the item does not come after the last one.
struct skip_node *skiplist_append(struct skiplist *list, struct skip_path *end,
                                  struct entry *entry, double score);

void skiplist_remove(struct skiplist *list, struct skip_node *node);

// Where a node with another score belongs now. It stays the same node.
void skiplist_move(struct skiplist *list, struct skip_node *node, double score);

// How many nodes lie before the cut: the rank, from 0, of the first behind it.
size_t skiplist_rank(const struct skiplist *list, const struct cut *cut);

// The node of that rank, or NULL.
struct skip_node *skiplist_at(const struct skiplist *list, size_t rank);

static inline struct skip_node *skiplist_first(const struct skiplist *list)
{
    return list->head->links[0].next;
}

void skiplist_check_invariants(const struct skiplist *list);

#endif
