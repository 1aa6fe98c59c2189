// test_record.c -- the framing of the log: its bytes, and that whatever was cut
// or changed is found out.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/record.h"

#include <stdlib.h>

#include "common/base/codec.h"
#include "common/base/crc32c.h"
#include "common/base/memory.h"
#include "common/base/random.h"
#include "tests/test.h"

enum { SALT = 0x5a17, LOG_RECORDS = 6 };

static const uint64_t first_lsn = 41;

// A copy at the end of an allocation, so that the sanitizer sees who reads on.
struct copy {
    char *bytes; // Owned.
    struct slice slice;
};

static struct copy copy_of(struct slice bytes)
{
    struct copy copy = {xmalloc(bytes.size + 1), {NULL, bytes.size}};
    if (bytes.size != 0)
        memcpy(copy.bytes + 1, bytes.data, bytes.size);
    copy.slice.data = copy.bytes + 1;
    return copy;
}

// One after another from the front: how many there are.
static uint64_t count_valid(struct slice input, uint32_t salt, uint64_t lsn)
{
    uint64_t count = 0;
    struct record record;
    size_t size;
    while (record_decode(input, salt, lsn + count, &record, &size) ==
           RECORD_OK) {
        count++;
        input.data += size;
        input.size -= size;
    }
    return count;
}

// Commands of several forms, and a mark; ends[i] is where record i ends.
static struct buffer log_make(size_t ends[LOG_RECORDS])
{
    static const struct slice argv[LOG_RECORDS][3] = {
        {{"SET", 3}, {"key", 3}, {"value", 5}},
        {{"DEL", 3}, {"", 0}},
        {{"", 0}},
        {{0}},
        {{"RPUSH", 5}, {"\0\r\n\xff", 4}, {"x", 1}},
        {{"PING", 4}},
    };
    static const uint32_t argc[LOG_RECORDS] = {3, 2, 1, 0, 3, 1};
    struct buffer log = {0};
    for (uint32_t i = 0; i < LOG_RECORDS; i++) {
        struct record record = {
            .kind = argc[i] ? RECORD_COMMAND : RECORD_MARK,
            .lsn = first_lsn + i,
            .term = i,
            .durable = first_lsn + i - 2,
            .now_ms = INT64_C(1700000000000) + i,
            .seed = UINT64_C(0x9e3779b97f4a7c15) * i,
        };
        record_encode(&log, SALT, &record, argv[i], argc[i]);
        ends[i] = log.size;
    }
    return log;
}

// ---- Bytes

static const struct slice golden_arguments[] = {{"SET", 3}, {"k", 1}, {"", 0}};

static const struct {
    uint32_t salt;
    struct record record;
    struct slice bytes;
} golden[] = {
    {0xdeadbeef,
     {.kind = RECORD_COMMAND,
      .lsn = UINT64_C(0x0102030405060708),
      .term = 9,
      .durable = UINT64_C(0x0102030405060700),
      .now_ms = INT64_C(1700000000123),
      .seed = UINT64_C(0x1122334455667788),
      .argc = 3},
     {"\x40\x00\x00\x00\x9d\x13\xb1\xb4\x08\x07\x06\x05\x04\x03\x02\x01"
      "\x09\x00\x00\x00\x00\x00\x00\x00\x7b\x68\xe5\xcf\x8b\x01\x00\x00"
      "\x88\x77\x66\x55\x44\x33\x22\x11\x08\x00\x00\x00\x01\x03\x00\x00"
      "\x03\x00\x00\x00\x53\x45\x54\x01\x00\x00\x00\x6b\x00\x00\x00\x00",
      64}},
    {0xdeadbeef,
     {.kind = RECORD_MARK, .lsn = 7, .durable = 6, .now_ms = -1},
     {"\x30\x00\x00\x00\xf8\x1f\xb1\x94\x07\x00\x00\x00\x00\x00\x00\x00"
      "\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"
      "\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00",
      48}},
};

static void ck_assert_record_eq(const struct record *a, const struct record *b)
{
    ck_assert_uint_eq(a->kind, b->kind);
    ck_assert_uint_eq(a->lsn, b->lsn);
    ck_assert_uint_eq(a->term, b->term);
    ck_assert_uint_eq(a->durable, b->durable);
    ck_assert_int_eq(a->now_ms, b->now_ms);
    ck_assert_uint_eq(a->seed, b->seed);
    ck_assert_uint_eq(a->argc, b->argc);
}

TEST_FOR(the_bytes_are_those_that_are_documented,
         sizeof golden / sizeof *golden)
{
    struct buffer out = {0};
    record_encode(&out, golden[_i].salt, &golden[_i].record, golden_arguments,
                  golden[_i].record.argc);
    ck_assert(slice_equal(buffer_slice(&out), golden[_i].bytes));
    buffer_deinit(&out);

    struct record record;
    size_t size;
    ck_assert_int_eq(record_decode(golden[_i].bytes, golden[_i].salt,
                                   golden[_i].record.lsn, &record, &size),
                     RECORD_OK);
    ck_assert_uint_eq(size, golden[_i].bytes.size);
    ck_assert_record_eq(&record, &golden[_i].record);
    for (uint32_t i = 0; i < record.argc; i++)
        ck_assert(
            slice_equal(record_argument(&record.body), golden_arguments[i]));
    ck_assert_uint_eq(record.body.size, 0);
}

// ---- Round trips

// Encodes behind other bytes, decodes, and compares all of it.
static void round_trip(const struct record *record, const struct slice *argv,
                       uint32_t argc)
{
    struct buffer out = {0};
    buffer_append_text(&out, "before");
    record_encode(&out, SALT, record, argv, argc);
    struct copy copy = copy_of((struct slice){out.data + 6, out.size - 6});
    ck_assert_uint_eq(copy.slice.size, record_size(argv, argc));

    struct record read;
    size_t size;
    ck_assert_int_eq(record_decode(copy.slice, SALT, record->lsn, &read, &size),
                     RECORD_OK);
    ck_assert_uint_eq(size, copy.slice.size);
    ck_assert_uint_eq(read.argc, argc);
    read.argc = record->argc;
    ck_assert_record_eq(&read, record);
    for (uint32_t i = 0; i < argc; i++)
        ck_assert(slice_equal(record_argument(&read.body), argv[i]));
    ck_assert_uint_eq(read.body.size, 0);
    free(copy.bytes);
    buffer_deinit(&out);
}

TEST(a_record_without_arguments_survives)
{
    round_trip(&(struct record){.kind = RECORD_MARK, .lsn = 1}, NULL, 0);
}

TEST(the_largest_numbers_survive)
{
    round_trip(&(struct record){.kind = 255,
                                .lsn = UINT64_MAX,
                                .term = UINT64_MAX,
                                .durable = UINT64_MAX - 1,
                                .now_ms = INT64_MIN,
                                .seed = UINT64_MAX},
               golden_arguments, 3);
}

TEST(binary_and_empty_and_long_arguments_survive)
{
    static char long_one[100000];
    struct random random;
    random_init(&random, 7);
    for (size_t i = 0; i < sizeof long_one; i++)
        long_one[i] = (char)random_next(&random);
    struct slice argv[] = {{NULL, 0},
                           {"\0\n\r\xff", 4},
                           {long_one, sizeof long_one},
                           {"", 0},
                           {long_one + 1, 1}};
    round_trip(&(struct record){.kind = 16, .lsn = 5, .durable = 3}, argv, 5);
}

TEST(a_thousand_arguments_survive)
{
    char bytes[1000];
    struct slice argv[1000];
    for (size_t i = 0; i < 1000; i++) {
        bytes[i] = (char)i;
        argv[i] = (struct slice){bytes, i};
    }
    round_trip(&(struct record){.kind = RECORD_COMMAND, .lsn = 5}, argv, 1000);
}

TEST(a_mark_of_long_ago_is_not_said_rather_than_wrong)
{
    struct record record = {.kind = RECORD_MARK, .lsn = UINT64_C(1) << 40};
    record.durable = record.lsn - UINT32_MAX;
    round_trip(&record, NULL, 0);

    struct buffer out = {0};
    record.durable--;
    record_encode(&out, SALT, &record, NULL, 0);
    struct record read;
    size_t size;
    ck_assert_int_eq(
        record_decode(buffer_slice(&out), SALT, record.lsn, &read, &size),
        RECORD_OK);
    ck_assert_uint_eq(read.durable, 0);
    buffer_deinit(&out);
}

TEST(a_record_beyond_the_limits_has_no_size)
{
    struct slice half = {NULL,
                         RECORD_SIZE_MAX / 2 - RECORD_HEADER_SIZE / 2 - 4};
    struct slice argv[] = {half, half, {NULL, 0}, {NULL, SIZE_MAX}};
    ck_assert_uint_eq(record_size(argv, 2), RECORD_SIZE_MAX);
    ck_assert_uint_eq(record_size(argv, 3), 0);
    ck_assert_uint_eq(record_size(argv + 3, 1), 0);

    struct slice *many = xcalloc(RECORD_ARGUMENTS_MAX, sizeof *many);
    ck_assert_uint_eq(record_size(many, RECORD_ARGUMENTS_MAX),
                      RECORD_HEADER_SIZE + 4 * (size_t)RECORD_ARGUMENTS_MAX);
    ck_assert_uint_eq(record_size(many, RECORD_ARGUMENTS_MAX + 1), 0);
    free(many);
}

// ---- Whatever was cut or changed

TEST(a_cut_log_holds_the_records_before_the_cut)
{
    size_t ends[LOG_RECORDS];
    struct buffer log = log_make(ends);
    uint64_t whole = 0;
    for (size_t cut = 0; cut <= log.size; cut++) {
        if (whole < LOG_RECORDS && ends[whole] == cut)
            whole++;
        struct copy copy = copy_of((struct slice){log.data, cut});
        ck_assert_uint_eq(count_valid(copy.slice, SALT, first_lsn), whole);
        free(copy.bytes);
    }
    ck_assert_uint_eq(whole, LOG_RECORDS);
    buffer_deinit(&log);
}

TEST(a_cut_record_says_how_much_it_wants)
{
    struct slice whole = golden[0].bytes;
    for (size_t cut = 4; cut < whole.size; cut++) {
        struct copy copy = copy_of((struct slice){whole.data, cut});
        struct record record;
        size_t size;
        ck_assert_int_eq(record_decode(copy.slice, golden[0].salt,
                                       golden[0].record.lsn, &record, &size),
                         RECORD_PARTIAL);
        ck_assert_uint_eq(size, cut < 48 ? 48 : 64);
        free(copy.bytes);
    }
}

TEST(a_flipped_bit_ends_the_log_where_it_is)
{
    size_t ends[LOG_RECORDS];
    struct buffer log = log_make(ends);
    // As in a file: zeros follow.
    size_t size = log.size;
    char zeros[256] = {0};
    buffer_append(&log, zeros, sizeof zeros);
    uint64_t hit = 0;
    for (size_t bit = 0; bit < 8 * size; bit++) {
        while (ends[hit] <= bit / 8)
            hit++;
        log.data[bit / 8] ^= (char)(1 << bit % 8);
        struct copy copy = copy_of(buffer_slice(&log));
        ck_assert_uint_eq(count_valid(copy.slice, SALT, first_lsn), hit);
        free(copy.bytes);
        log.data[bit / 8] ^= (char)(1 << bit % 8);
    }
    buffer_deinit(&log);
}

TEST(another_salt_or_lsn_is_invalid)
{
    struct slice bytes = golden[0].bytes;
    uint64_t lsn = golden[0].record.lsn;
    struct record record;
    size_t size;
    ck_assert_int_eq(
        record_decode(bytes, golden[0].salt ^ 1, lsn, &record, &size),
        RECORD_INVALID);
    ck_assert_int_eq(
        record_decode(bytes, golden[0].salt, lsn - 1, &record, &size),
        RECORD_INVALID);
    ck_assert_int_eq(
        record_decode(bytes, golden[0].salt, lsn + 1, &record, &size),
        RECORD_INVALID);
}

TEST(zeros_and_nothing_are_no_record)
{
    char zeros[100] = {0};
    struct record record;
    size_t wanted;
    for (size_t size = 0; size <= sizeof zeros; size++)
        ck_assert_int_eq(record_decode((struct slice){zeros, size}, SALT, 1,
                                       &record, &wanted),
                         RECORD_NONE);
}

// What the checksum does not know: form, under a right sum.
TEST(arguments_that_do_not_fill_the_record_are_invalid)
{
    static const struct {
        uint32_t kind_argc, argument_size, lag;
    } forms[] = {
        {1 | 1 << 8, 8, 0}, {1 | 1 << 8, 10, 0}, {1 | 1 << 8, UINT32_MAX, 0},
        {1 | 0 << 8, 9, 0}, {1 | 2 << 8, 9, 0},  {1 | 0xffffffu << 8, 9, 0},
        {0 | 1 << 8, 9, 0}, {1 | 1 << 8, 9, 8},
    };
    struct slice argument = {"123456789", 9};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct buffer out = {0};
        record_encode(&out, SALT, &(struct record){.kind = 1, .lsn = 7},
                      &argument, 1);
        put_u32(out.data + 40, forms[i].lag);
        put_u32(out.data + 44, forms[i].kind_argc);
        put_u32(out.data + 48, forms[i].argument_size);
        put_u32(out.data + 4, crc32c(SALT, out.data + 8, out.size - 8));
        struct record record;
        size_t size;
        ck_assert_int_eq(
            record_decode(buffer_slice(&out), SALT, 7, &record, &size),
            RECORD_INVALID);
        buffer_deinit(&out);
    }
}

TEST(a_length_beyond_the_limits_is_invalid_at_once)
{
    static const uint32_t sizes[] = {1, 47, RECORD_SIZE_MAX + 1u, UINT32_MAX};
    char bytes[48];
    memcpy(bytes, golden[1].bytes.data, sizeof bytes);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        put_u32(bytes, sizes[i]);
        struct record record;
        size_t size;
        ck_assert_int_eq(record_decode((struct slice){bytes, sizeof bytes},
                                       golden[1].salt, 7, &record, &size),
                         RECORD_INVALID);
    }
}

TEST(resemblance_asks_for_all_but_the_sum)
{
    char bytes[48];
    memcpy(bytes, golden[1].bytes.data, sizeof bytes);
    struct slice header = {bytes, sizeof bytes};
    bytes[4] ^= 1; // The sum.
    ck_assert(record_resembles(header, 7));
    ck_assert(!record_resembles(header, 8));
    ck_assert(!record_resembles((struct slice){bytes, 47}, 7));
    bytes[44] = 0; // The kind.
    ck_assert(!record_resembles(header, 7));
}

// ---- Search

// Searches all of `input`, given to it in pieces of `piece` bytes and no more
// than it asks for.
static struct record_search search_all(struct slice input, size_t piece,
                                       struct record_search search)
{
    size_t at = 0, have = piece;
    while (at < input.size) {
        size_t left = input.size - at;
        struct copy copy =
            copy_of((struct slice){input.data + at, have < left ? have : left});
        size_t wanted = 0;
        size_t done = record_search(&search, copy.slice, left, &wanted);
        free(copy.bytes);
        ck_assert_uint_le(done, copy.slice.size);
        if (copy.slice.size == left)
            ck_assert_uint_eq(done, left);
        at += done;
        have = wanted > piece ? wanted : piece;
        if (done < copy.slice.size)
            ck_assert_uint_gt(wanted, copy.slice.size - done);
    }
    return search;
}

static const struct record_search search_of_all = {
    .salt = SALT, .lsn_min = 1, .lsn_max = 1000, .tried_max = 1 << 20};

TEST_FOR(search_finds_what_stands_behind_a_hole, LOG_RECORDS)
{
    size_t ends[LOG_RECORDS];
    struct buffer log = log_make(ends);
    // Hole in record _i.
    log.data[ends[_i] - 1] ^= 0x40;
    static const size_t pieces[] = {48, 49, 64, 1000};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct record_search found =
            search_all(buffer_slice(&log), pieces[i], search_of_all);
        ck_assert_uint_eq(found.count, LOG_RECORDS - 1);
        uint64_t last =
            first_lsn + LOG_RECORDS - (_i == LOG_RECORDS - 1 ? 2 : 1);
        ck_assert_uint_eq(found.lsn_last, last);
        ck_assert_uint_eq(found.durable, last - 2);
        ck_assert(!found.gave_up);
    }
    buffer_deinit(&log);
}

TEST(search_keeps_to_its_salt_and_range)
{
    size_t ends[LOG_RECORDS];
    struct buffer log = log_make(ends);
    struct record_search search = search_of_all;
    search.salt++;
    ck_assert_uint_eq(search_all(buffer_slice(&log), 100, search).count, 0);

    search = search_of_all;
    search.lsn_min = first_lsn + 1;
    search.lsn_max = first_lsn + 2;
    search = search_all(buffer_slice(&log), 100, search);
    ck_assert_uint_eq(search.count, 2);
    ck_assert_uint_eq(search.lsn_last, first_lsn + 2);

    search = search_of_all;
    search.lsn_min = 10;
    search.lsn_max = 9;
    ck_assert_uint_eq(search_all(buffer_slice(&log), 100, search).count, 0);
    buffer_deinit(&log);
}

TEST(search_does_not_look_into_a_valid_record)
{
    size_t ends[LOG_RECORDS];
    struct buffer log = log_make(ends), outer = {0};
    struct slice inner = buffer_slice(&log);
    record_encode(&outer, SALT, &(struct record){.kind = 1, .lsn = 3}, &inner,
                  1);
    struct record_search found =
        search_all(buffer_slice(&outer), 1000, search_of_all);
    ck_assert_uint_eq(found.count, 1);
    ck_assert_uint_eq(found.lsn_last, 3);
    buffer_deinit(&outer);
    buffer_deinit(&log);
}

TEST(search_in_what_was_made_to_look_like_records_gives_up)
{
    enum { COUNT = 1000 };
    struct buffer bytes = {0};
    for (uint32_t i = 0; i < COUNT; i++) {
        char header[48] = {0};
        put_u32(header, (COUNT - i) * 48);
        put_u64(header + 8, 5);
        header[44] = 1;
        buffer_append(&bytes, header, sizeof header);
    }
    struct record_search search = search_of_all;
    search.tried_max = 4 * bytes.size;
    search = search_all(buffer_slice(&bytes), 4096, search);
    ck_assert(search.gave_up);
    ck_assert_uint_eq(search.count, 0);
    ck_assert_uint_lt(search.tried, 6 * bytes.size);
    buffer_deinit(&bytes);
}

TEST(search_in_random_bytes_finds_nothing_and_ends)
{
    static char bytes[1 << 16];
    struct random random;
    random_init(&random, 11);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)random_next(&random);
    struct record_search search = search_of_all;
    search.lsn_max = UINT64_MAX;
    search =
        search_all((struct slice){bytes, sizeof bytes}, sizeof bytes, search);
    ck_assert_uint_eq(search.count, 0);
}
