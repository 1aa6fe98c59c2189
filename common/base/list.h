// list.h -- a doubly linked list whose links live inside its elements.
//
// A list is one struct list_link that points at itself when empty; elements
// embed another. Insertion and removal are O(1) and allocate nothing.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_LIST_H
#define VEGA_COMMON_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list_link {
    struct list_link *next;
    struct list_link *previous;
};

// The structure of `type` that holds `link` as its field `member`.
#define container_of(link, type, member)                                       \
    ((type *)(void *)((char *)(link)-offsetof(type, member)))

static inline void list_init(struct list_link *list)
{
    list->next = list->previous = list;
}

static inline bool list_is_empty(const struct list_link *list)
{
    return list->next == list;
}

static inline void list_insert_before(struct list_link *place,
                                      struct list_link *link)
{
    link->next = place;
    link->previous = place->previous;
    place->previous->next = link;
    place->previous = link;
}

static inline void list_push_back(struct list_link *list,
                                  struct list_link *link)
{
    list_insert_before(list, link);
}

static inline void list_push_front(struct list_link *list,
                                   struct list_link *link)
{
    list_insert_before(list->next, link);
}

// Takes `link` out of its list and leaves it a list of its own, so removing
// twice is harmless.
static inline void list_remove(struct list_link *link)
{
    link->previous->next = link->next;
    link->next->previous = link->previous;
    list_init(link);
}

static inline struct list_link *list_first(const struct list_link *list)
{
    return list_is_empty(list) ? NULL : list->next;
}

#define list_for_each(link, list)                                              \
    for (struct list_link *link = (list)->next; link != (list);                \
         link = link->next)

// As above; the body may remove `link`, but no other element.
#define list_for_each_safe(link, list)                                         \
    for (struct list_link *link = (list)->next, *link##_next = link->next;     \
         link != (list); link = link##_next, link##_next = link->next)

#endif
