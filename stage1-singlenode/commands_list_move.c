// commands_list_move.c -- commands on several lists: LMOVE, RPOPLPUSH, LMPOP.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/commands.h"
#include "stage1-singlenode/commands_list.h"

void list_move(struct store *store, struct request *request,
               const struct list_move *move)
{
    struct opened_list from, to;
    if (!list_open(store, request, 1, &from))
        return;
    if (!from.list) {
        reply_null(&request->reply);
        return;
    }
    if (!list_open(store, request, 2, &to))
        return;
    struct quicklist_place place;
    quicklist_at_end(from.list, move->from, &place);
    reply_bulk(&request->reply, place.item.value);

    // A copy: both lists may be the same one.
    struct buffer value = {0};
    buffer_append_slice(&value, place.item.value);
    quicklist_remove(from.list, move->from, &place);
    struct quicklist *list =
        to.list ? to.list : quicklist_create(store_limits(store));
    quicklist_push(list, move->to, buffer_slice(&value));
    buffer_deinit(&value);
    if (to.list)
        store_object_changed(store, to.key, to.entry);
    else
        store_put_object(store, to.key, &list->object);
    store_notify(store, NOTIFY_LIST, list_push_event(move->to), to.key.name);
    store_notify(store, NOTIFY_LIST, list_pop_event(move->from), from.key.name);
    if (from.list != list)
        store_object_changed(store, from.key, from.entry);
    request_changed(request);
}

static void lmove_run(struct store *store, struct request *request)
{
    struct list_move move;
    if (list_read_end(request, 3, &move.from) &&
        list_read_end(request, 4, &move.to))
        list_move(store, request, &move);
}

static void rpoplpush_run(struct store *store, struct request *request)
{
    list_move(store, request,
              &(struct list_move){QUICKLIST_TAIL, QUICKLIST_HEAD});
}

static bool read_positive(struct request *request, uint32_t index,
                          const char *name, int64_t *value)
{
    if (slice_to_int64(request->argv[index], value) && *value > 0)
        return true;
    reply_error(&request->reply, "ERR %s should be greater than 0", name);
    return false;
}

bool list_read_mpop(struct request *request, uint32_t index,
                    struct list_mpop *mpop)
{
    int64_t keys;
    if (!read_positive(request, index, "numkeys", &keys))
        return false;
    mpop->first_key = index + 1;
    mpop->count = 1;
    if (keys > request->argc - mpop->first_key) {
        reply_syntax_error(&request->reply);
        return false;
    }
    mpop->last_key = index + (uint32_t)keys;
    uint32_t at = mpop->last_key + 1;
    if (!list_read_end(request, at++, &mpop->end))
        return false;
    if (at == request->argc)
        return true;
    if (argument_is(request, at, "COUNT") && at + 1 < request->argc) {
        if (!read_positive(request, at + 1, "count", &mpop->count))
            return false;
        at += 2;
    }
    if (at < request->argc)
        reply_syntax_error(&request->reply);
    return at == request->argc;
}

void list_reply_mpop(struct store *store, struct request *request,
                     struct opened_list *opened, const struct list_mpop *mpop)
{
    reply_array(&request->reply, 2);
    reply_bulk(&request->reply, opened->key.name);
    list_reply_pop_many(store, request, opened, mpop->end, (size_t)mpop->count);
}

static void lmpop_run(struct store *store, struct request *request)
{
    struct list_mpop mpop;
    if (!list_read_mpop(request, 1, &mpop))
        return;
    for (uint32_t i = mpop.first_key; i <= mpop.last_key; i++) {
        struct opened_list opened;
        if (!list_open(store, request, i, &opened))
            return;
        if (opened.list) {
            list_reply_mpop(store, request, &opened, &mpop);
            return;
        }
    }
    reply_null_array(&request->reply);
}

// Name, arity, flags; first key, last, step; summary, arguments; group, since.
const struct command commands_list_move[] = {
    {"lmove", 5, STORE, 1, 2, 1,
     "Takes an element from one list and puts it on another",
     "source destination <LEFT | RIGHT> <LEFT | RIGHT>", "list", "6.2.0",
     .run = lmove_run, .access = "RW access delete; RW insert"},
    {"rpoplpush", 3, STORE, 1, 2, 1,
     "Takes the last element of a list and puts it first on another",
     "source destination", "list", "1.2.0", .run = rpoplpush_run,
     .access = "RW access delete; RW insert"},
    {"lmpop", -4, WRITE | COMMAND_MOVABLE_KEYS, 0, 0, 0,
     "Takes elements from the first list that is not empty",
     "numkeys key [key ...] <LEFT | RIGHT> [COUNT count]", "list", "7.0.0",
     .run = lmpop_run, .key_count = 1, .access = "RW access delete"},
    {0},
};
