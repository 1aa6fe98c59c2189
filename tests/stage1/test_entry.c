// test_entry.c -- the layout of an entry, and Redis' names for it.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/entry.h"

#include <stdlib.h>

#include "common/base/memory.h"
#include "tests/test.h"

static struct entry *make_string(struct slice key, struct slice value,
                                 int64_t expires_ms)
{
    struct entry *entry =
        entry_create(key, (uint32_t)value.size, value.size, expires_ms);
    memcpy(entry_value(entry), value.data, value.size);
    return entry;
}

static const size_t key_sizes[] = {0, 1, 16, 253, 254, 255, 256, 70000};

enum { KEY_SIZES = sizeof key_sizes / sizeof *key_sizes };

// Every size of key, each without and with an expiry.
TEST_FOR(key_value_and_expiry_come_back, 2 * KEY_SIZES)
{
    size_t size = key_sizes[_i / 2];
    int64_t expires_ms = _i % 2 ? INT64_MAX - 1 : ENTRY_NO_EXPIRY;
    char *bytes = xmalloc(size + 1);
    memset(bytes, 'k', size);
    struct slice key = {bytes, size};
    struct entry *entry = make_string(key, SLICE("va\0lue"), expires_ms);

    ck_assert(slice_equal(entry_key(entry), key));
    ck_assert(slice_equal(entry_string(entry), SLICE("va\0lue")));
    ck_assert_int_eq(entry_has_expiry(entry), _i % 2);
    ck_assert_int_eq(entry_expires_ms(entry), expires_ms);
    ck_assert_int_eq(entry->type, ENTRY_STRING);
    ck_assert_int_eq(entry->version, 0);
    entry_destroy(entry);
    free(bytes);
}

TEST(an_entry_of_16_and_64_bytes_takes_96)
{
    struct entry *entry =
        entry_create(SLICE("0123456789abcdef"), 64, 64, ENTRY_NO_EXPIRY);
    ck_assert_int_eq(entry_value(entry) + 64 - (char *)entry, 96);
    ck_assert_uint_ge(entry_memory(entry), 96);
    entry_destroy(entry);
}

TEST(an_expiry_can_be_changed_without_touching_the_rest)
{
    struct entry *entry = make_string(SLICE("key"), SLICE("value"), 5);
    ck_assert(entry_set_expires(entry, 1234567890123));
    ck_assert_int_eq(entry_expires_ms(entry), 1234567890123);
    ck_assert(entry_set_expires(entry, ENTRY_NO_EXPIRY));
    ck_assert(!entry_has_expiry(entry));
    ck_assert(slice_equal(entry_key(entry), SLICE("key")));
    ck_assert(slice_equal(entry_string(entry), SLICE("value")));
    entry_destroy(entry);
}

TEST(a_small_entry_has_room_for_an_expiry_only_if_it_began_with_one)
{
    struct entry *entry =
        make_string(SLICE("key"), SLICE("value"), ENTRY_NO_EXPIRY);
    ck_assert(!entry_set_expires(entry, 5));
    ck_assert(entry_set_expires(entry, ENTRY_NO_EXPIRY));
    ck_assert(slice_equal(entry_key(entry), SLICE("key")));
    entry_destroy(entry);
}

TEST(a_large_entry_always_has_room_for_an_expiry)
{
    struct entry *entry =
        entry_create(SLICE("key"), 5000, 5000, ENTRY_NO_EXPIRY);
    ck_assert(!entry_has_expiry(entry));
    ck_assert(entry_set_expires(entry, 5));
    ck_assert_int_eq(entry_expires_ms(entry), 5);
    ck_assert(slice_equal(entry_key(entry), SLICE("key")));
    ck_assert_uint_eq(entry_string(entry).size, 5000);
    entry_destroy(entry);
}

TEST(a_value_fits_when_there_is_room_and_not_too_much_of_it)
{
    struct entry *entry = entry_create(SLICE("k"), 1000, 1000, ENTRY_NO_EXPIRY);
    size_t room = entry_memory(entry) - sizeof(struct entry) - 1;
    ck_assert(entry_fits(entry, 1000));
    ck_assert(entry_fits(entry, room));
    ck_assert(!entry_fits(entry, room + 1));
    ck_assert(entry_fits(entry, room / 2 + 20));
    ck_assert(!entry_fits(entry, 100));
    entry_destroy(entry);
}

TEST(a_small_allocation_is_kept_for_a_smaller_value)
{
    struct entry *entry = entry_create(SLICE("k"), 40, 40, ENTRY_NO_EXPIRY);
    ck_assert(entry_fits(entry, 0));
    entry_destroy(entry);
}

// As `OBJECT ENCODING` of redis-server 7.0 answers after SET.
static const struct {
    const char *value;
    const char *name;
} encodings[] = {
    {"0", "int"},
    {"-1", "int"},
    {"9223372036854775807", "int"},
    {"-9223372036854775808", "int"},
    {"9223372036854775808", "embstr"},
    {"", "embstr"},
    {"-0", "embstr"},
    {"01", "embstr"},
    {"+1", "embstr"},
    {" 1", "embstr"},
    {"1.0", "embstr"},
    {"12345678901234567890123456789012345678901234", "embstr"},
    {"123456789012345678901234567890123456789012345", "raw"},
};

TEST_FOR(a_string_has_the_encoding_that_redis_says,
         sizeof encodings / sizeof *encodings)
{
    struct entry *entry =
        make_string(SLICE("k"), slice_of(encodings[_i].value), ENTRY_NO_EXPIRY);
    ck_assert_str_eq(entry_encoding_name(entry), encodings[_i].name);
    entry->flags |= ENTRY_RAW;
    ck_assert_str_eq(entry_encoding_name(entry), "raw");
    entry_destroy(entry);
}

static const struct {
    enum entry_type type;
    const char *name;
} types[] = {
    {ENTRY_STRING, "string"}, {ENTRY_LIST, "list"}, {ENTRY_SET, "set"},
    {ENTRY_ZSET, "zset"},     {ENTRY_HASH, "hash"},
};

TEST_FOR(types_have_the_names_of_redis, sizeof types / sizeof *types)
{
    struct entry entry = {.type = types[_i].type};
    ck_assert_str_eq(entry_type_name(&entry), types[_i].name);
}
