// commands_list.h -- what the list commands share: those on ends and ranges
// (commands_list.c), on elements (commands_list_element.c), on several lists
// (commands_list_move.c), and those that may wait (commands_list_blocking.c).
//
// Where a function returns false, it has written the error reply.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_COMMANDS_LIST_H
#define VEGA_STAGE1_COMMANDS_LIST_H

#include "stage1-singlenode/arguments.h"
#include "stage1-singlenode/quicklist.h"

struct opened_list {
    struct key key;
    struct entry *entry;
    struct quicklist *list; // NULL: the key does not exist.
};

// The list that argv[index] names, to be changed.
bool list_open(struct store *store, struct request *request, uint32_t index,
               struct opened_list *opened);

// The same of argv[1] for a command that only reads: the access counts.
bool list_find(struct store *store, struct request *request,
               struct quicklist **list);

// Notes that a command has changed the list, and tells so.
void list_changed(struct store *store, struct request *request,
                  const struct opened_list *opened, const char *event);
const char *list_pop_event(enum quicklist_end end); // "lpop", "rpop"
const char *list_push_event(enum quicklist_end end);

// "LEFT" or "RIGHT".
bool list_read_end(struct request *request, uint32_t index,
                   enum quicklist_end *end);

// Take one element, or up to `count` of them, from a list that exists, and
// reply with it, or with an array.
void list_reply_pop(struct store *store, struct request *request,
                    struct opened_list *opened, enum quicklist_end end);
void list_reply_pop_many(struct store *store, struct request *request,
                         struct opened_list *opened, enum quicklist_end end,
                         size_t count);

// LMOVE argv[1] argv[2]: replies with the element that moved, or null.
struct list_move {
    enum quicklist_end from, to;
};
void list_move(struct store *store, struct request *request,
               const struct list_move *move);

// numkeys key [key ...] <LEFT | RIGHT> [COUNT count], from argv[index] on.
struct list_mpop {
    uint32_t first_key, last_key;
    enum quicklist_end end;
    int64_t count;
};
bool list_read_mpop(struct request *request, uint32_t index,
                    struct list_mpop *mpop);
// The key and its elements, of a list that exists.
void list_reply_mpop(struct store *store, struct request *request,
                     struct opened_list *opened, const struct list_mpop *mpop);

#endif
