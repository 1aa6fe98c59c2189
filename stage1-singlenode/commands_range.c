// commands_range.c -- parts of strings: APPEND, STRLEN, SETRANGE, GETRANGE.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/arguments.h"
#include "stage1-singlenode/commands.h"

static void append_run(struct store *store, struct request *request)
{
    struct key key = request_key(store, request, 1);
    struct slice tail = request->argv[2];
    struct entry *entry;
    if (!string_peek(store, request, key, &entry))
        return;

    size_t size = entry ? entry_string(entry).size : 0;
    if (!string_fits(request, size, tail.size))
        return;
    if (entry) {
        char *bytes;
        store_resize_string(store, key, size + tail.size, &bytes);
        memcpy(bytes + size, tail.data, tail.size);
    } else {
        store_set_string(store, key, tail, ENTRY_NO_EXPIRY);
    }
    request_changed(request);
    store_notify(store, NOTIFY_STRING, "append", key.name);
    reply_integer(&request->reply, (int64_t)(size + tail.size));
}

static void strlen_run(struct store *store, struct request *request)
{
    struct entry *entry;
    if (!string_find(store, request, request_key(store, request, 1), &entry))
        return;
    size_t size = entry ? entry_string(entry).size : 0;
    reply_integer(&request->reply, (int64_t)size);
}

static void setrange_run(struct store *store, struct request *request)
{
    struct key key = request_key(store, request, 1);
    struct slice part = request->argv[3];
    struct entry *entry;
    int64_t offset;
    if (!argument_int64(request, 2, &offset))
        return;
    if (offset < 0) {
        reply_error(&request->reply, "ERR offset is out of range");
        return;
    }
    if (!string_peek(store, request, key, &entry))
        return;

    size_t size = entry ? entry_string(entry).size : 0;
    if (part.size > 0) {
        if (!string_fits(request, (size_t)offset, part.size))
            return;
        size_t end = (size_t)offset + part.size;
        char *bytes;
        size = end > size ? end : size;
        store_resize_string(store, key, size, &bytes);
        memcpy(bytes + offset, part.data, part.size);
        request_changed(request);
        store_notify(store, NOTIFY_STRING, "setrange", key.name);
    }
    reply_integer(&request->reply, (int64_t)size);
}

static void getrange_run(struct store *store, struct request *request)
{
    int64_t first, last;
    struct entry *entry;
    if (!argument_int64(request, 2, &first) ||
        !argument_int64(request, 3, &last) ||
        !string_find(store, request, request_key(store, request, 1), &entry))
        return;

    struct slice whole = entry ? entry_string(entry) : SLICE("");
    if (!range_resolve(&first, &last, (int64_t)whole.size))
        reply_bulk(&request->reply, SLICE(""));
    else
        reply_bulk(&request->reply, (struct slice){whole.data + first,
                                                   (size_t)(last - first + 1)});
}

// Name, arity, flags; first key, last, step; summary, arguments; group, since.
const struct command commands_range[] = {
    {"append", 3, STORE | FAST, 1, 1, 1,
     "Adds bytes to the end of a key's string", "key value", "string", "2.0.0",
     .run = append_run, .access = "RW insert"},
    {"strlen", 2, READ | FAST, 1, 1, 1,
     "Returns the number of bytes of a key's string", "key", "string", "2.2.0",
     .run = strlen_run, .access = "RO"},
    {"setrange", 4, STORE, 1, 1, 1,
     "Overwrites part of a key's string, with zero bytes up to it if need be",
     "key offset value", "string", "2.2.0", .run = setrange_run,
     .access = "RW update"},
    {"getrange", 4, READ, 1, 1, 1, "Returns part of a key's string",
     "key start end", "string", "2.4.0", .run = getrange_run},
    {"substr", 4, READ, 1, 1, 1, "Returns part of a key's string, as GETRANGE",
     "key start end", "string", "1.0.0", .run = getrange_run},
    {0},
};
