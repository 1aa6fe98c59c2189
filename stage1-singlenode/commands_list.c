// commands_list.c -- lists: LPUSH, LRANGE, LMOVE, ...; those that wait for an
// element are in commands_list_blocking.c.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/commands_list.h"

#include "stage1-singlenode/commands.h"

static bool list_of_entry(struct request *request, struct entry *entry,
                          struct quicklist **list)
{
    *list = NULL;
    if (!entry)
        return true;
    if (entry->type != ENTRY_LIST) {
        reply_wrong_type(&request->reply);
        return false;
    }
    *list = (struct quicklist *)entry_object(entry);
    return true;
}

bool list_open(struct store *store, struct request *request, uint32_t index,
               struct opened_list *opened)
{
    opened->key = request_key(store, request, index);
    opened->entry = store_peek(store, opened->key);
    return list_of_entry(request, opened->entry, &opened->list);
}

static void list_changed(struct store *store, struct request *request,
                         const struct opened_list *opened, const char *event)
{
    store_notify(store, NOTIFY_LIST, event, opened->key.name);
    store_object_changed(store, opened->key, opened->entry);
    request_changed(request);
}

static const char *pop_event(enum quicklist_end end)
{
    return end == QUICKLIST_HEAD ? "lpop" : "rpop";
}

static const char *push_event(enum quicklist_end end)
{
    return end == QUICKLIST_HEAD ? "lpush" : "rpush";
}

// As list_open for a command that only reads: the access counts.
static bool list_find(struct store *store, struct request *request,
                      struct quicklist **list)
{
    struct key key = request_key(store, request, 1);
    return list_of_entry(request, store_find(store, key), list);
}

bool list_read_end(struct request *request, uint32_t index,
                   enum quicklist_end *end)
{
    if (argument_is(request, index, "LEFT"))
        *end = QUICKLIST_HEAD;
    else if (argument_is(request, index, "RIGHT"))
        *end = QUICKLIST_TAIL;
    else {
        reply_syntax_error(&request->reply);
        return false;
    }
    return true;
}

void list_reply_pop(struct store *store, struct request *request,
                    struct opened_list *opened, enum quicklist_end end)
{
    struct quicklist_place place;
    quicklist_at_end(opened->list, end, &place);
    reply_bulk(&request->reply, place.item.value);
    quicklist_remove(opened->list, end, &place);
    list_changed(store, request, opened, pop_event(end));
}

void list_reply_pop_many(struct store *store, struct request *request,
                         struct opened_list *opened, enum quicklist_end end,
                         size_t count)
{
    struct quicklist *list = opened->list;
    if (count > list->count)
        count = list->count;
    reply_array(&request->reply, count);
    struct quicklist_place place;
    bool more = quicklist_at_end(list, end, &place);
    for (size_t i = 0; i < count && more; i++) {
        reply_bulk(&request->reply, place.item.value);
        more = quicklist_step(list, end, &place);
    }
    quicklist_trim(list, end, count);
    list_changed(store, request, opened, pop_event(end));
}

static void push(struct store *store, struct request *request,
                 enum quicklist_end end, bool creates)
{
    struct opened_list opened;
    if (!list_open(store, request, 1, &opened))
        return;
    if (!opened.list && !creates) {
        reply_integer(&request->reply, 0);
        return;
    }
    struct quicklist *list =
        opened.list ? opened.list : quicklist_create(store_limits(store));
    for (uint32_t i = 2; i < request->argc; i++)
        quicklist_push(list, end, request->argv[i]);
    int64_t count = (int64_t)list->count;
    if (opened.list)
        store_object_changed(store, opened.key, opened.entry);
    else
        store_put_object(store, opened.key, &list->object);
    request_changed(request);
    store_notify(store, NOTIFY_LIST, push_event(end), opened.key.name);
    reply_integer(&request->reply, count);
}

static void lpush_run(struct store *store, struct request *request)
{
    push(store, request, QUICKLIST_HEAD, true);
}

static void rpush_run(struct store *store, struct request *request)
{
    push(store, request, QUICKLIST_TAIL, true);
}

static void lpushx_run(struct store *store, struct request *request)
{
    push(store, request, QUICKLIST_HEAD, false);
}

static void rpushx_run(struct store *store, struct request *request)
{
    push(store, request, QUICKLIST_TAIL, false);
}

static void pop(struct store *store, struct request *request,
                enum quicklist_end end)
{
    bool many = request->argc == 3;
    int64_t count = 0;
    struct opened_list opened;
    if (request->argc > 3) {
        reply_wrong_arity(request);
        return;
    }
    if (many && (!slice_to_int64(request->argv[2], &count) || count < 0)) {
        reply_error(&request->reply,
                    "ERR value is out of range, must be positive");
        return;
    }
    if (!list_open(store, request, 1, &opened))
        return;
    if (!opened.list && many)
        reply_null_array(&request->reply);
    else if (!opened.list)
        reply_null(&request->reply);
    else if (!many)
        list_reply_pop(store, request, &opened, end);
    else if (count == 0)
        reply_array(&request->reply, 0);
    else
        list_reply_pop_many(store, request, &opened, end, (size_t)count);
}

static void lpop_run(struct store *store, struct request *request)
{
    pop(store, request, QUICKLIST_HEAD);
}

static void rpop_run(struct store *store, struct request *request)
{
    pop(store, request, QUICKLIST_TAIL);
}

static void llen_run(struct store *store, struct request *request)
{
    struct quicklist *list;
    if (list_find(store, request, &list))
        reply_integer(&request->reply, list ? (int64_t)list->count : 0);
}

// The first and last index of a range, cut to a list of `count` elements.
// False if nothing is between them.
static bool cut_range(int64_t *first, int64_t *last, int64_t count)
{
    if (*first < 0)
        *first += count;
    if (*last < 0)
        *last += count;
    if (*first < 0)
        *first = 0;
    if (*last >= count)
        *last = count - 1;
    return *first <= *last;
}

static void lrange_run(struct store *store, struct request *request)
{
    int64_t first, last;
    struct quicklist *list;
    if (!argument_int64(request, 2, &first) ||
        !argument_int64(request, 3, &last) || !list_find(store, request, &list))
        return;
    if (!list || !cut_range(&first, &last, (int64_t)list->count)) {
        reply_array(&request->reply, 0);
        return;
    }
    reply_array(&request->reply, (size_t)(last - first + 1));
    struct quicklist_place place;
    bool more = quicklist_at(list, first, &place);
    for (; first <= last && more; first++) {
        reply_bulk(&request->reply, place.item.value);
        more = quicklist_step(list, QUICKLIST_HEAD, &place);
    }
}

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

static void ltrim_run(struct store *store, struct request *request)
{
    int64_t first, last;
    struct opened_list opened;
    if (!argument_int64(request, 2, &first) ||
        !argument_int64(request, 3, &last) ||
        !list_open(store, request, 1, &opened))
        return;
    if (opened.list) {
        int64_t count = (int64_t)opened.list->count;
        if (!cut_range(&first, &last, count))
            first = count; // Nothing stays.
        else
            quicklist_trim(opened.list, QUICKLIST_TAIL,
                           (size_t)(count - 1 - last));
        quicklist_trim(opened.list, QUICKLIST_HEAD, (size_t)first);
        if ((int64_t)opened.list->count < count)
            list_changed(store, request, &opened, "ltrim");
        else
            store_notify(store, NOTIFY_LIST, "ltrim", opened.key.name);
    }
    reply_ok(&request->reply);
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
    store_notify(store, NOTIFY_LIST, push_event(move->to), to.key.name);
    store_notify(store, NOTIFY_LIST, pop_event(move->from), from.key.name);
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
const struct command commands_list[] = {
    {"lpush", -3, STORE | FAST, 1, 1, 1,
     "Puts elements at the head of a list, one after another",
     "key element [element ...]", "list", "1.0.0", .run = lpush_run},
    {"rpush", -3, STORE | FAST, 1, 1, 1, "Puts elements at the tail of a list",
     "key element [element ...]", "list", "1.0.0", .run = rpush_run},
    {"lpushx", -3, STORE | FAST, 1, 1, 1,
     "Puts elements at the head of a list that exists",
     "key element [element ...]", "list", "2.2.0", .run = lpushx_run},
    {"rpushx", -3, STORE | FAST, 1, 1, 1,
     "Puts elements at the tail of a list that exists",
     "key element [element ...]", "list", "2.2.0", .run = rpushx_run},
    {"lpop", -2, WRITE | FAST, 1, 1, 1,
     "Takes elements from the head of a list", "key [count]", "list", "1.0.0",
     .run = lpop_run},
    {"rpop", -2, WRITE | FAST, 1, 1, 1,
     "Takes elements from the tail of a list", "key [count]", "list", "1.0.0",
     .run = rpop_run},
    {"llen", 2, READ | FAST, 1, 1, 1, "Counts the elements of a list", "key",
     "list", "1.0.0", .run = llen_run},
    {"lrange", 4, READ, 1, 1, 1, "Returns the elements between two indexes",
     "key start stop", "list", "1.0.0", .run = lrange_run},
    {"lindex", 3, READ, 1, 1, 1, "Returns the element at an index", "key index",
     "list", "1.0.0", .run = lindex_run},
    {"lset", 4, STORE, 1, 1, 1, "Replaces the element at an index",
     "key index element", "list", "1.0.0", .run = lset_run},
    {"linsert", 5, STORE, 1, 1, 1, "Inserts an element next to another one",
     "key <BEFORE | AFTER> pivot element", "list", "2.2.0", .run = linsert_run},
    {"lrem", 4, WRITE, 1, 1, 1,
     "Removes elements that equal a value, from the head or the tail on",
     "key count element", "list", "1.0.0", .run = lrem_run},
    {"ltrim", 4, WRITE, 1, 1, 1, "Keeps only the elements between two indexes",
     "key start stop", "list", "1.0.0", .run = ltrim_run},
    {"lpos", -3, READ, 1, 1, 1,
     "Returns the indexes of elements that equal a value",
     "key element [RANK rank] [COUNT num-matches] [MAXLEN len]", "list",
     "6.0.6", .run = lpos_run},
    {"lmove", 5, STORE, 1, 2, 1,
     "Takes an element from one list and puts it on another",
     "source destination <LEFT | RIGHT> <LEFT | RIGHT>", "list", "6.2.0",
     .run = lmove_run},
    {"rpoplpush", 3, STORE, 1, 2, 1,
     "Takes the last element of a list and puts it first on another",
     "source destination", "list", "1.2.0", .run = rpoplpush_run},
    {"lmpop", -4, WRITE | COMMAND_MOVABLE_KEYS, 0, 0, 0,
     "Takes elements from the first list that is not empty",
     "numkeys key [key ...] <LEFT | RIGHT> [COUNT count]", "list", "7.0.0",
     .run = lmpop_run, .key_count = 1},
    {0},
};
