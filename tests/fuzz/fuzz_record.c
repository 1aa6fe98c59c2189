// fuzz_record.c -- decodes whatever comes; what was a record, encoded again,
// must be the bytes that it was decoded from, no prefix of them a record, and
// the search must find it. Headers of segments likewise.
//
// Checksums keep a fuzzer out, so that the first bytes say whether to put the
// right one into the front of the input.
// SPDX-License-Identifier: MIT
#include <stdint.h>
#include <stdlib.h>

#include "common/base/check.h"
#include "common/base/codec.h"
#include "common/base/crc32c.h"
#include "common/base/memory.h"
#include "stage2-persistence/record.h"
#include "stage2-persistence/segment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SALT = 0x5a17, CONTROL_SIZE = 9 };

static void encode_again(const struct record *record, struct slice bytes)
{
    struct slice *argv =
        xcalloc(record->argc != 0 ? record->argc : 1, sizeof *argv);
    struct slice body = record->body;
    for (uint32_t i = 0; i < record->argc; i++)
        argv[i] = record_argument(&body);
    check(body.size == 0);
    struct buffer again = {0};
    record_encode(&again, SALT, record, argv, record->argc);
    // A mark may be said in two ways when it is 0.
    check(again.size == bytes.size);
    if (record->durable != 0)
        check(slice_equal(buffer_slice(&again), bytes));
    buffer_deinit(&again);
    free(argv);
}

static void fuzz_records(struct slice input, uint64_t lsn)
{
    struct record_search search = {.salt = SALT,
                                   .lsn_min = lsn,
                                   .lsn_max = UINT64_MAX,
                                   .tried_max = 100 * input.size};
    size_t wanted;
    check(record_search(&search, input, input.size, &wanted) == input.size);
    uint64_t count = 0;
    struct record record;
    size_t size;
    while (record_decode(input, SALT, lsn + count, &record, &size) ==
           RECORD_OK) {
        check(size >= RECORD_HEADER_SIZE && size <= input.size);
        check(record_resembles(input, record.lsn));
        struct slice taken = {input.data, size};
        encode_again(&record, taken);
        taken.size--;
        check(record_decode(taken, SALT, record.lsn, &record, &size) ==
              RECORD_PARTIAL);
        check(size == taken.size + 1);
        input.data += size;
        input.size -= size;
        count++;
    }
    check(search.gave_up || search.count >= count);
}

static void fuzz_segment(struct slice input)
{
    struct segment segment;
    uint32_t version;
    if (segment_decode(input, &segment, &version) != SEGMENT_OK)
        return;
    char again[SEGMENT_HEADER_SIZE];
    segment_encode(again, &segment);
    check(memcmp(again, input.data, 60) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < CONTROL_SIZE)
        return 0;
    uint64_t lsn = get_u64(data + 1);
    struct buffer copy = {0};
    buffer_append(&copy, data + CONTROL_SIZE, size - CONTROL_SIZE);
    if (data[0] & 1 && copy.size >= RECORD_HEADER_SIZE) {
        uint32_t length = get_u32(copy.data);
        if (length > copy.size || length < 8)
            length = (uint32_t)copy.size;
        put_u32(copy.data + 4, crc32c(SALT, copy.data + 8, length - 8));
    }
    if (data[0] & 2 && copy.size >= 60)
        put_u32(copy.data + 56, crc32c(0, copy.data, 56));
    fuzz_records(buffer_slice(&copy), lsn);
    fuzz_segment(buffer_slice(&copy));
    buffer_deinit(&copy);
    return 0;
}
