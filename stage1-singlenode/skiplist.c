// skiplist.c -- the order of a large sorted set: by score, then by member.
//
// The way to a place starts at the head in the highest lane. It goes on in a
// lane while the next node still lies before the place, and one lane down
// otherwise. What it leaves in each lane is the link that crosses the place:
// those are the ones that an insertion or a removal there changes.
//
// Invariants
// (I1) Scores never go down along the list; of equal scores, members go up.
// (I2) The span of a link is the rank of the node it leads to less that of its
//      own (the head's is 0, the first node's 1). A link that leads nowhere
//      spans to the count.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/skiplist.h"

#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/memory.h"

bool cut_is_after(const struct cut *cut, double score, struct slice member)
{
    if (cut->kind != CUT_MEMBER && score != cut->score)
        return score < cut->score;
    if (cut->kind == CUT_SCORE)
        return cut->after;
    int order = slice_compare(member, cut->member);
    return order < 0 || (order == 0 && cut->after);
}

// Most scores differ; then the member's memory is not touched.
static bool node_is_before(const struct skip_node *node, const struct cut *cut)
{
    if (cut->kind != CUT_MEMBER && node->score != cut->score)
        return node->score < cut->score;
    return cut_is_after(cut, node->score, entry_key(node->entry));
}

static struct cut cut_at(const struct skip_node *node)
{
    return (struct cut){CUT_ITEM, node->score, entry_key(node->entry), false};
}

static void path_find(struct skip_path *path, const struct skiplist *list,
                      const struct cut *cut)
{
    struct skip_node *node = list->head;
    size_t rank = 0;
    check(list->height > 0);
    for (int lane = list->height - 1; lane >= 0; lane--) {
        const struct skip_link *link = &node->links[lane];
        while (link->next && node_is_before(link->next, cut)) {
            rank += link->span;
            node = link->next;
            link = &node->links[lane];
        }
        path->nodes[lane] = node;
        path->ranks[lane] = rank;
    }
}

static struct skip_node *node_create(int height)
{
    struct skip_node *node =
        xmalloc(sizeof *node + (size_t)height * sizeof *node->links);
    *node = (struct skip_node){0};
    for (int lane = 0; lane < height; lane++)
        node->links[lane] = (struct skip_link){0};
    return node;
}

void skiplist_init(struct skiplist *list)
{
    *list = (struct skiplist){.height = 1};
    list->head = node_create(SKIPLIST_HEIGHT_MAX);
    list->memory = memory_size(list->head);
    random_init(&list->random, 0);
}

// Only the lowest lane is kept in order: nobody will search any more.
bool skiplist_release(struct skiplist *list, size_t *budget)
{
    for (; *budget > 0 && skiplist_first(list); --*budget) {
        struct skip_node *node = skiplist_first(list);
        list->head->links[0].next = node->links[0].next;
        list->memory -= memory_size(node);
        free(node);
    }
    if (skiplist_first(list))
        return false;
    list->memory -= memory_size(list->head);
    free(list->head);
    list->head = NULL;
    return true;
}

// 1 for three nodes of four, 2 for three of four of the rest, and so on.
static int random_height(struct skiplist *list)
{
    uint64_t bits = random_next(&list->random);
    int height = 1;
    for (; height < SKIPLIST_HEIGHT_MAX && (bits & 3) == 0; bits >>= 2)
        height++;
    return height;
}

// Puts a node of `height` lanes where the path leads to.
static void link_node(struct skiplist *list, struct skip_node *node, int height,
                      struct skip_path *path)
{
    for (; list->height < height; list->height++) {
        path->nodes[list->height] = list->head;
        path->ranks[list->height] = 0;
        list->head->links[list->height].span = list->count;
    }
    size_t rank = path->ranks[0] + 1;
    for (int lane = 0; lane < list->height; lane++) {
        struct skip_link *link = &path->nodes[lane]->links[lane];
        link->span++;
        if (lane >= height)
            continue;
        size_t before = rank - path->ranks[lane];
        node->links[lane] = (struct skip_link){link->next, link->span - before};
        *link = (struct skip_link){node, before};
    }
    struct skip_node *next = node->links[0].next;
    node->previous = path->nodes[0] == list->head ? NULL : path->nodes[0];
    if (next)
        next->previous = node;
    else
        list->last = node;
    list->count++;
}

// Returns how many lanes the node was in.
static int unlink_node(struct skiplist *list, struct skip_node *node)
{
    struct skip_path path;
    struct cut cut = cut_at(node);
    path_find(&path, list, &cut);
    int height = 0;
    for (int lane = 0; lane < list->height; lane++) {
        struct skip_link *link = &path.nodes[lane]->links[lane];
        link->span--;
        if (link->next != node)
            continue;
        link->next = node->links[lane].next;
        link->span += node->links[lane].span;
        height++;
    }
    check(height > 0);
    if (node->links[0].next)
        node->links[0].next->previous = node->previous;
    else
        list->last = node->previous;
    while (list->height > 1 && !list->head->links[list->height - 1].next)
        list->height--;
    list->count--;
    return height;
}

// A node of `height` lanes, counted but not linked yet.
static struct skip_node *node_make(struct skiplist *list, int height,
                                   struct entry *entry, double score)
{
    struct skip_node *node = node_create(height);
    node->entry = entry;
    node->score = score;
    list->memory += memory_size(node);
    return node;
}

struct skip_node *skiplist_insert(struct skiplist *list, struct entry *entry,
                                  double score)
{
    int height = random_height(list);
    struct skip_node *node = node_make(list, height, entry, score);
    struct skip_path path;
    struct cut cut = cut_at(node);
    path_find(&path, list, &cut);
    link_node(list, node, height, &path);
    return node;
}

struct skip_node *skiplist_append(struct skiplist *list, struct skip_path *end,
                                  struct entry *entry, double score)
{
    struct cut cut = {CUT_ITEM, score, entry_key(entry), false};
    if (list->last && !node_is_before(list->last, &cut))
        return NULL;
    int height = random_height(list);
    struct skip_node *node = node_make(list, height, entry, score);
    link_node(list, node, height, end);
    for (int lane = 0; lane < height; lane++) {
        end->nodes[lane] = node;
        end->ranks[lane] = list->count;
    }
    return node;
}

void skiplist_remove(struct skiplist *list, struct skip_node *node)
{
    unlink_node(list, node);
    list->memory -= memory_size(node);
    free(node);
}

void skiplist_move(struct skiplist *list, struct skip_node *node, double score)
{
    const struct skip_node *next = node->links[0].next;
    // A leader board changes by small steps: most nodes stay where they are.
    if ((node->previous && node->previous->score >= score) ||
        (next && next->score <= score)) {
        int height = unlink_node(list, node);
        node->score = score;
        struct skip_path path;
        struct cut cut = cut_at(node);
        path_find(&path, list, &cut);
        link_node(list, node, height, &path);
    }
    node->score = score;
}

size_t skiplist_rank(const struct skiplist *list, const struct cut *cut)
{
    struct skip_path path;
    path_find(&path, list, cut);
    return path.ranks[0];
}

struct skip_node *skiplist_at(const struct skiplist *list, size_t rank)
{
    if (rank >= list->count)
        return NULL;
    struct skip_node *node = list->head;
    size_t left = rank + 1; // The head comes before rank 0.
    for (int lane = list->height - 1; left > 0; lane--) {
        while (node->links[lane].next && node->links[lane].span <= left) {
            left -= node->links[lane].span;
            node = node->links[lane].next;
        }
    }
    return node;
}

// Holds (I2) for one lane, by walking the lowest next to it.
static void check_lane(const struct skiplist *list, int lane)
{
    const struct skip_node *from = list->head, *node = list->head;
    size_t passed = 0;
    while ((node = node->links[0].next)) {
        passed++;
        if (from->links[lane].next != node)
            continue;
        check(from->links[lane].span == passed);
        from = node;
        passed = 0;
    }
    check(!from->links[lane].next && from->links[lane].span == passed);
}

void skiplist_check_invariants(const struct skiplist *list)
{
    const struct skip_node *previous = NULL;
    size_t count = 0, memory = memory_size(list->head);
    for (const struct skip_node *node = skiplist_first(list); node;
         previous = node, node = node->links[0].next) {
        struct cut cut = cut_at(node);
        if (previous)
            check(node_is_before(previous, &cut));
        check(node->previous == previous);
        count++;
        memory += memory_size(node);
    }
    check(list->last == previous);
    check(list->count == count && list->memory == memory);
    check(list->height >= 1 && list->height <= SKIPLIST_HEIGHT_MAX);
    for (int lane = 0; lane < list->height; lane++)
        check_lane(list, lane);
}
