// commands_list.c -- lists at their ends, and ranges of them: LPUSH, LPOP,
// LLEN, LRANGE, LTRIM.
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

void list_changed(struct store *store, struct request *request,
                  const struct opened_list *opened, const char *event)
{
    store_notify(store, NOTIFY_LIST, event, opened->key.name);
    store_object_changed(store, opened->key, opened->entry);
    request_changed(request);
}

const char *list_pop_event(enum quicklist_end end)
{
    return end == QUICKLIST_HEAD ? "lpop" : "rpop";
}

const char *list_push_event(enum quicklist_end end)
{
    return end == QUICKLIST_HEAD ? "lpush" : "rpush";
}

bool list_find(struct store *store, struct request *request,
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
    list_changed(store, request, opened, list_pop_event(end));
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
    list_changed(store, request, opened, list_pop_event(end));
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
    store_notify(store, NOTIFY_LIST, list_push_event(end), opened.key.name);
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

// Name, arity, flags; first key, last, step; summary, arguments; group, since.
const struct command commands_list[] = {
    {"lpush", -3, STORE | FAST, 1, 1, 1,
     "Puts elements at the head of a list, one after another",
     "key element [element ...]", "list", "1.0.0", .run = lpush_run,
     .access = "RW insert"},
    {"rpush", -3, STORE | FAST, 1, 1, 1, "Puts elements at the tail of a list",
     "key element [element ...]", "list", "1.0.0", .run = rpush_run,
     .access = "RW insert"},
    {"lpushx", -3, STORE | FAST, 1, 1, 1,
     "Puts elements at the head of a list that exists",
     "key element [element ...]", "list", "2.2.0", .run = lpushx_run,
     .access = "RW insert"},
    {"rpushx", -3, STORE | FAST, 1, 1, 1,
     "Puts elements at the tail of a list that exists",
     "key element [element ...]", "list", "2.2.0", .run = rpushx_run,
     .access = "RW insert"},
    {"lpop", -2, WRITE | FAST, 1, 1, 1,
     "Takes elements from the head of a list", "key [count]", "list", "1.0.0",
     .run = lpop_run, .access = "RW access delete"},
    {"rpop", -2, WRITE | FAST, 1, 1, 1,
     "Takes elements from the tail of a list", "key [count]", "list", "1.0.0",
     .run = rpop_run, .access = "RW access delete"},
    {"llen", 2, READ | FAST, 1, 1, 1, "Counts the elements of a list", "key",
     "list", "1.0.0", .run = llen_run, .access = "RO"},
    {"lrange", 4, READ, 1, 1, 1, "Returns the elements between two indexes",
     "key start stop", "list", "1.0.0", .run = lrange_run},
    {"ltrim", 4, WRITE, 1, 1, 1, "Keeps only the elements between two indexes",
     "key start stop", "list", "1.0.0", .run = ltrim_run,
     .access = "RW delete"},
    {0},
};
