// commands_list_blocking.c -- list commands that wait for an element: BLPOP,
// BLMOVE, ...
//
// Each does at once what there is to do, or answers as if its time were up and
// asks to be run again (request_wait). The waiting is not done here.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/commands.h"
#include "stage1-singlenode/commands_list.h"

// As list_open; but a key that is no list counts as absent for a request that
// waited: Redis too has it wait on.
static bool open_awaited(struct store *store, struct request *request,
                         uint32_t index, struct opened_list *opened)
{
    struct entry *entry = store_peek(store, request_key(store, request, index));
    opened->list = NULL;
    if (entry && entry->type != ENTRY_LIST && request->flags & REQUEST_WOKEN)
        return true;
    return list_open(store, request, index, opened);
}

// The first list among argv[first..last]; none: opened->list is NULL.
static bool open_first(struct store *store, struct request *request,
                       uint32_t first, uint32_t last,
                       struct opened_list *opened)
{
    opened->list = NULL;
    for (uint32_t i = first; i <= last && !opened->list; i++) {
        if (!open_awaited(store, request, i, opened))
            return false;
    }
    return true;
}

static void pop(struct store *store, struct request *request,
                enum quicklist_end end)
{
    int64_t timeout_ms;
    struct opened_list opened;
    uint32_t last = request->argc - 1;
    if (!argument_timeout(request, last, &timeout_ms) ||
        !open_first(store, request, 1, last - 1, &opened))
        return;
    if (!opened.list) {
        reply_null_array(&request->reply);
        request_wait(request, timeout_ms);
        return;
    }
    reply_array(&request->reply, 2);
    reply_bulk(&request->reply, opened.key.name);
    list_reply_pop(store, request, &opened, end);
}

static void blpop_run(struct store *store, struct request *request)
{
    pop(store, request, QUICKLIST_HEAD);
}

static void brpop_run(struct store *store, struct request *request)
{
    pop(store, request, QUICKLIST_TAIL);
}

static void move(struct store *store, struct request *request,
                 const struct list_move *move)
{
    int64_t timeout_ms;
    struct opened_list from;
    if (!argument_timeout(request, request->argc - 1, &timeout_ms) ||
        !open_awaited(store, request, 1, &from))
        return;
    if (from.list) {
        list_move(store, request, move);
        return;
    }
    // After a while Redis answers as all that wait do.
    if (request->flags & REQUEST_NO_WAIT)
        reply_null(&request->reply);
    else
        reply_null_array(&request->reply);
    request_wait(request, timeout_ms);
}

static void blmove_run(struct store *store, struct request *request)
{
    struct list_move ends;
    if (list_read_end(request, 3, &ends.from) &&
        list_read_end(request, 4, &ends.to))
        move(store, request, &ends);
}

static void brpoplpush_run(struct store *store, struct request *request)
{
    move(store, request, &(struct list_move){QUICKLIST_TAIL, QUICKLIST_HEAD});
}

static void blmpop_run(struct store *store, struct request *request)
{
    int64_t timeout_ms;
    struct list_mpop mpop;
    struct opened_list opened;
    if (!list_read_mpop(request, 2, &mpop) ||
        !argument_timeout(request, 1, &timeout_ms) ||
        !open_first(store, request, mpop.first_key, mpop.last_key, &opened))
        return;
    if (opened.list) {
        list_reply_mpop(store, request, &opened, &mpop);
        return;
    }
    reply_null_array(&request->reply);
    request_wait(request, timeout_ms);
}

enum { WAITS = COMMAND_BLOCKING | COMMAND_NOSCRIPT };

// Name, arity, flags; first key, last, step; summary, arguments; group, since.
const struct command commands_list_blocking[] = {
    {"blpop", -3, WRITE | WAITS, 1, -2, 1,
     "Takes the first element of the first list that has one, or waits for it",
     "key [key ...] timeout", "list", "2.0.0", .run = blpop_run,
     .access = "RW access delete"},
    {"brpop", -3, WRITE | WAITS, 1, -2, 1,
     "Takes the last element of the first list that has one, or waits for it",
     "key [key ...] timeout", "list", "2.0.0", .run = brpop_run,
     .access = "RW access delete"},
    {"blmove", 6, STORE | WAITS, 1, 2, 1,
     "Takes an element from one list and puts it on another, or waits for it",
     "source destination <LEFT | RIGHT> <LEFT | RIGHT> timeout", "list",
     "6.2.0", .run = blmove_run, .waits_for_first = true,
     .access = "RW access delete; RW insert"},
    {"brpoplpush", 4, STORE | WAITS, 1, 2, 1,
     "Takes the last element of a list and puts it first on another, or waits "
     "for it",
     "source destination timeout", "list", "2.2.0", .run = brpoplpush_run,
     .waits_for_first = true, .access = "RW access delete; RW insert"},
    {"blmpop", -5, WRITE | COMMAND_BLOCKING | COMMAND_MOVABLE_KEYS, 0, 0, 0,
     "Takes elements from the first list that has some, or waits for them",
     "timeout numkeys key [key ...] <LEFT | RIGHT> [COUNT count]", "list",
     "7.0.0", .run = blmpop_run, .key_count = 2, .access = "RW access delete"},
    {0},
};
