// commands_list_element.c -- elements anywhere in a list, by index or by value:
// LINDEX, LSET, LINSERT, LREM, LPOS.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/commands.h"
#include "stage1-singlenode/commands_list.h"

static void lindex_run(struct store *store, struct request *request)
{
    int64_t index;
    struct quicklist *list;
    struct quicklist_place place;
    if (!list_find(store, request, &list))
        return;
    if (!list)
        reply_null(&request->reply);
    else if (!argument_int64(request, 2, &index))
        return;
    else if (quicklist_at(list, index, &place))
        reply_bulk(&request->reply, place.item.value);
    else
        reply_null(&request->reply);
}

static void lset_run(struct store *store, struct request *request)
{
    int64_t index;
    struct opened_list opened;
    struct quicklist_place place;
    if (!list_open(store, request, 1, &opened))
        return;
    if (!opened.list) {
        reply_error(&request->reply, "ERR no such key");
        return;
    }
    if (!argument_int64(request, 2, &index))
        return;
    if (!quicklist_at(opened.list, index, &place)) {
        reply_error(&request->reply, "ERR index out of range");
        return;
    }
    quicklist_replace(opened.list, place, request->argv[3]);
    list_changed(store, request, &opened, "lset");
    reply_ok(&request->reply);
}

// Goes on to the first element that equals `value`, *place itself included.
static bool find_from(const struct quicklist *list, enum quicklist_end from,
                      struct slice value, struct quicklist_place *place)
{
    bool more = true;
    while (more && !slice_equal(place->item.value, value))
        more = quicklist_step(list, from, place);
    return more;
}

static void linsert_run(struct store *store, struct request *request)
{
    struct opened_list opened;
    struct quicklist_place place;
    bool after = argument_is(request, 2, "AFTER");
    if (!after && !argument_is(request, 2, "BEFORE")) {
        reply_syntax_error(&request->reply);
        return;
    }
    if (!list_open(store, request, 1, &opened))
        return;
    if (!opened.list) {
        reply_integer(&request->reply, 0);
        return;
    }
    quicklist_at_end(opened.list, QUICKLIST_HEAD, &place);
    if (!find_from(opened.list, QUICKLIST_HEAD, request->argv[3], &place)) {
        reply_integer(&request->reply, -1);
        return;
    }
    quicklist_insert(opened.list, place, after, request->argv[4]);
    list_changed(store, request, &opened, "linsert");
    reply_integer(&request->reply, (int64_t)opened.list->count);
}

// Removes up to `limit` elements that equal `value`; returns how many.
static int64_t remove_equal(struct quicklist *list, enum quicklist_end from,
                            struct slice value, uint64_t limit)
{
    uint64_t removed = 0;
    struct quicklist_place place;
    bool more = quicklist_at_end(list, from, &place);
    while (more && removed < limit && find_from(list, from, value, &place)) {
        more = quicklist_remove(list, from, &place);
        removed++;
    }
    return (int64_t)removed;
}

static void lrem_run(struct store *store, struct request *request)
{
    int64_t count;
    struct opened_list opened;
    if (!argument_int64(request, 2, &count) ||
        !list_open(store, request, 1, &opened))
        return;
    enum quicklist_end from = count < 0 ? QUICKLIST_TAIL : QUICKLIST_HEAD;
    uint64_t limit = count < 0 ? 0 - (uint64_t)count : (uint64_t)count;
    int64_t removed = 0;
    if (opened.list)
        removed = remove_equal(opened.list, from, request->argv[3],
                               limit ? limit : UINT64_MAX);
    if (removed > 0)
        list_changed(store, request, &opened, "lrem");
    reply_integer(&request->reply, removed);
}

struct lpos_options {
    enum quicklist_end from;
    uint64_t skip;  // Matches to pass over.
    int64_t count;  // -1: not given; 0: all.
    int64_t maxlen; // Elements to look at; 0: all.
};

static bool lpos_read_rank(struct request *request, uint32_t index,
                           struct lpos_options *options)
{
    int64_t rank;
    if (!argument_int64(request, index, &rank))
        return false;
    if (rank == 0) {
        reply_error(&request->reply,
                    "ERR RANK can't be zero: use 1 to start from the first "
                    "match, 2 from the second ... or use negative to start "
                    "from the end of the list");
        return false;
    }
    options->from = rank < 0 ? QUICKLIST_TAIL : QUICKLIST_HEAD;
    // The smallest number has no negative; it means -1 to Redis.
    if (rank == INT64_MIN)
        rank = -1;
    options->skip = (uint64_t)(rank < 0 ? -rank : rank) - 1;
    return true;
}

static bool lpos_read_size(struct request *request, uint32_t index,
                           const char *name, int64_t *size)
{
    int64_t value;
    if (!slice_to_int64(request->argv[index], &value) || value < 0) {
        reply_error(&request->reply, "ERR %s can't be negative", name);
        return false;
    }
    *size = value;
    return true;
}

static bool lpos_read_option(struct request *request, uint32_t index,
                             struct lpos_options *options)
{
    if (index + 1 < request->argc) {
        if (argument_is(request, index, "RANK"))
            return lpos_read_rank(request, index + 1, options);
        if (argument_is(request, index, "COUNT"))
            return lpos_read_size(request, index + 1, "COUNT", &options->count);
        if (argument_is(request, index, "MAXLEN"))
            return lpos_read_size(request, index + 1, "MAXLEN",
                                  &options->maxlen);
    }
    reply_syntax_error(&request->reply);
    return false;
}

// Replies with the index of each match; returns how many there were.
static size_t lpos_reply(struct request *request, const struct quicklist *list,
                         const struct lpos_options *options)
{
    struct quicklist_place place;
    bool more = quicklist_at_end(list, options->from, &place);
    uint64_t skip = options->skip;
    size_t found = 0;
    for (int64_t i = 0; more && (options->maxlen == 0 || i < options->maxlen);
         i++, more = quicklist_step(list, options->from, &place)) {
        if (!slice_equal(place.item.value, request->argv[2]))
            continue;
        if (skip > 0) {
            skip--;
            continue;
        }
        reply_integer(&request->reply, options->from == QUICKLIST_HEAD
                                           ? i
                                           : (int64_t)list->count - 1 - i);
        if (++found == (size_t)(options->count < 0 ? 1 : options->count))
            break;
    }
    return found;
}

// How many there are is known only behind them: they are written aside.
static void lpos_reply_all(struct request *request,
                           const struct quicklist *list,
                           const struct lpos_options *options)
{
    struct reply *reply = &request->reply;
    struct buffer *out = reply->out;
    struct buffer aside = {0};
    reply->out = &aside;
    size_t found = list ? lpos_reply(request, list, options) : 0;
    reply->out = out;
    reply_array(reply, found);
    reply_bytes(reply, buffer_slice(&aside));
    buffer_deinit(&aside);
}

static void lpos_run(struct store *store, struct request *request)
{
    struct lpos_options options = {.count = -1};
    struct quicklist *list;
    for (uint32_t i = 3; i < request->argc; i += 2) {
        if (!lpos_read_option(request, i, &options))
            return;
    }
    if (!list_find(store, request, &list))
        return;
    if (options.count >= 0)
        lpos_reply_all(request, list, &options);
    else if (!list || lpos_reply(request, list, &options) == 0)
        reply_null(&request->reply);
}

// Name, arity, flags; first key, last, step; summary, arguments; group, since.
const struct command commands_list_element[] = {
    {"lindex", 3, READ, 1, 1, 1, "Returns the element at an index", "key index",
     "list", "1.0.0", .run = lindex_run},
    {"lset", 4, STORE, 1, 1, 1, "Replaces the element at an index",
     "key index element", "list", "1.0.0", .run = lset_run,
     .access = "RW update"},
    {"linsert", 5, STORE, 1, 1, 1, "Inserts an element next to another one",
     "key <BEFORE | AFTER> pivot element", "list", "2.2.0", .run = linsert_run,
     .access = "RW insert"},
    {"lrem", 4, WRITE, 1, 1, 1,
     "Removes elements that equal a value, from the head or the tail on",
     "key count element", "list", "1.0.0", .run = lrem_run,
     .access = "RW delete"},
    {"lpos", -3, READ, 1, 1, 1,
     "Returns the indexes of elements that equal a value",
     "key element [RANK rank] [COUNT num-matches] [MAXLEN len]", "list",
     "6.0.6", .run = lpos_run},
    {0},
};
