// commands_bits.c -- strings that are rows of bits.
//
// Bit 0 is the highest bit of the first byte. Bits behind the end are 0.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/arguments.h"
#include "stage1-singlenode/commands.h"

static bool argument_bit_offset(struct request *request, uint32_t index,
                                size_t *offset)
{
    int64_t value;
    if (slice_to_int64(request->argv[index], &value) && value >= 0 &&
        (uint64_t)value / 8 < STRING_SIZE_MAX) {
        *offset = (size_t)value;
        return true;
    }
    reply_error(&request->reply,
                "ERR bit offset is not an integer or out of range");
    return false;
}

static bool argument_bit(struct request *request, uint32_t index, bool *bit)
{
    int64_t value;
    if (slice_to_int64(request->argv[index], &value) &&
        (value == 0 || value == 1)) {
        *bit = value;
        return true;
    }
    reply_error(&request->reply, "ERR bit is not an integer or out of range");
    return false;
}

static unsigned bit_mask(size_t offset)
{
    return 0x80u >> (offset % 8);
}

static bool bit_get(struct slice bytes, size_t offset)
{
    size_t at = offset / 8;
    return at < bytes.size &&
           ((unsigned char)bytes.data[at] & bit_mask(offset));
}

static void bit_set(char *byte, size_t offset, bool bit)
{
    unsigned mask = bit_mask(offset), value = (unsigned char)*byte;
    *byte = (char)(bit ? value | mask : value & ~mask);
}

static void setbit_run(struct store *store, struct request *request)
{
    struct key key = request_key(store, request, 1);
    struct entry *entry;
    size_t offset;
    bool bit;
    if (!argument_bit_offset(request, 2, &offset) ||
        !argument_bit(request, 3, &bit) ||
        !string_peek(store, request, key, &entry))
        return;

    struct slice old = entry ? entry_string(entry) : SLICE("");
    bool before = bit_get(old, offset);
    size_t needed = offset / 8 + 1;
    if (before != bit || old.size < needed) {
        char *bytes;
        store_resize_string(store, key, old.size < needed ? needed : old.size,
                            &bytes);
        bit_set(bytes + offset / 8, offset, bit);
        request_changed(request);
        store_notify(store, NOTIFY_STRING, "setbit", key.name);
    }
    reply_integer(&request->reply, before);
}

static void getbit_run(struct store *store, struct request *request)
{
    struct entry *entry;
    size_t offset;
    if (!argument_bit_offset(request, 2, &offset) ||
        !string_find(store, request, request_key(store, request, 1), &entry))
        return;
    reply_integer(&request->reply,
                  entry && bit_get(entry_string(entry), offset));
}

// The ones in `size` bytes, eight at a time.
static int64_t bits_count(const char *bytes, size_t size)
{
    int64_t count = 0;
    for (; size >= 8; bytes += 8, size -= 8) {
        uint64_t word;
        memcpy(&word, bytes, sizeof word);
        count += __builtin_popcountll(word);
    }
    for (; size > 0; bytes++, size--)
        count += __builtin_popcount((unsigned char)*bytes);
    return count;
}

// The ones from bit `first` to bit `last`: whole bytes, less what lies before
// and behind in the outer two.
static int64_t bits_count_range(struct slice string, int64_t first,
                                int64_t last)
{
    const char *begin = string.data + first / 8, *end = string.data + last / 8;
    unsigned before = (0xff00u >> (first % 8)) & 0xff;
    unsigned behind = 0x7fu >> (last % 8);
    return bits_count(begin, (size_t)(end - begin + 1)) -
           __builtin_popcount((unsigned char)*begin & before) -
           __builtin_popcount((unsigned char)*end & behind);
}

// Reads "start end [BYTE | BIT]" into the first and last bit of `string`;
// *empty if there is no bit between them.
static bool bit_range_read(struct request *request, struct slice string,
                           int64_t *first, int64_t *last, bool *empty)
{
    bool by_bit = argument_is(request, 4, "BIT");
    if (!argument_int64(request, 2, first) || !argument_int64(request, 3, last))
        return false;
    // Redis sees that there is nothing to count before it reads the unit.
    *empty = *first < 0 && *last < 0 && *first > *last;
    if (*empty)
        return true;
    if (request->argc == 5 && !by_bit && !argument_is(request, 4, "BYTE")) {
        reply_syntax_error(&request->reply);
        return false;
    }
    int64_t bits = by_bit ? 1 : 8; // In a unit.
    *empty = !range_resolve(first, last, (int64_t)string.size * 8 / bits);
    if (!*empty) {
        *first = *first * bits;
        *last = *last * bits + bits - 1;
    }
    return true;
}

static void bitcount_run(struct store *store, struct request *request)
{
    struct entry *entry;
    int64_t first, last;
    bool empty;
    if (!string_find(store, request, request_key(store, request, 1), &entry))
        return;
    if (!entry) {
        reply_integer(&request->reply, 0);
        return;
    }
    struct slice string = entry_string(entry);
    if (request->argc == 2) {
        reply_integer(&request->reply, bits_count(string.data, string.size));
        return;
    }
    if (request->argc == 3 || request->argc > 5) {
        reply_syntax_error(&request->reply);
        return;
    }
    if (bit_range_read(request, string, &first, &last, &empty))
        reply_integer(&request->reply,
                      empty ? 0 : bits_count_range(string, first, last));
}

// Name, arity, flags; first key, last, step; summary, arguments; group, since.
const struct command commands_bits[] = {
    {"setbit", 4, STORE, 1, 1, 1,
     "Sets a bit of a key's string and returns what it was", "key offset value",
     "bitmap", "2.2.0", .run = setbit_run},
    {"getbit", 3, READ | FAST, 1, 1, 1, "Returns a bit of a key's string",
     "key offset", "bitmap", "2.2.0", .run = getbit_run},
    {"bitcount", -2, READ, 1, 1, 1, "Counts the ones in a key's string",
     "key [start end [BYTE | BIT]]", "bitmap", "2.6.0", .run = bitcount_run},
    {0},
};
