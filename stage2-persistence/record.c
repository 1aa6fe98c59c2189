// record.c -- the framing of the log: one record after another in a segment.
//
// All integers are little-endian:
//
//      0  u32  size     bytes of the whole record; 0 is "no record here"
//      4  u32  crc      CRC-32C of bytes 8 to size, seeded by the file's salt
//      8  u64  lsn      1, 2, 3, ... without gaps
//     16  u64  term     of whoever elects; 0 before stage 5
//     24  i64  now_ms   of execution
//     32  u64  seed     of execution
//     40  u32  lag      lsn - durable, where `durable` is the highest LSN known
//                       to be synced when this was written; 0: not said
//     44  u8   kind     never 0
//     45  u24  argc     arguments that follow, each
//                           u32  size
//                                bytes
//     48       and nothing else
//
// Nothing is aligned, and there is no filling: a SET of small things takes some
// 80 bytes.
//
// A record is valid if and only if (1) all of it is present, (2) crc matches,
// (3) lsn is its predecessor's plus one, (4) size is that of header and
// arguments exactly, and within the limits, (5) kind is not 0 and (6) lag is
// not above lsn. The size is not under the checksum; (4) holds it to what is.
//
// What a crash can leave. Records are written in groups, one behind another,
// and a crash can lose any subset of what was not synced since, whole pages or
// single bytes. So a group may be missing from its middle on, and valid records
// may stand behind the hole. Where nothing was written there are the zeros of
// which the file was made, or, if it was in use before, any part of a record of
// its former life.
//
// Invariants
// (I1) Bytes of a former life are never valid: their salt was another one (and
//      their LSNs were lower).
// (I2) All records up to a valid record's `durable` were synced: if one of them
//      is not valid now, that is damage and no crash.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/record.h"

#include "common/base/check.h"
#include "common/base/codec.h"
#include "common/base/crc32c.h"

enum {
    AT_SIZE = 0,
    AT_CRC = 4,
    AT_LSN = 8, // The checksum's from here on.
    AT_TERM = 16,
    AT_NOW = 24,
    AT_SEED = 32,
    AT_LAG = 40,
    AT_KIND = 44, // In one word with argc.

    ARGUMENT_HEADER_SIZE = 4,
};

_Static_assert(RECORD_ARGUMENTS_MAX < 1 << 24, "argc has three bytes");

static uint64_t lag_of(const struct record *record)
{
    uint64_t lag = record->lsn - record->durable;
    return lag <= UINT32_MAX ? lag : 0;
}

size_t record_size(const struct slice *argv, uint32_t argc)
{
    if (argc > RECORD_ARGUMENTS_MAX)
        return 0;
    size_t size = RECORD_HEADER_SIZE;
    for (uint32_t i = 0; i < argc; i++) {
        if (argv[i].size > RECORD_SIZE_MAX)
            return 0;
        size += ARGUMENT_HEADER_SIZE + argv[i].size;
        if (size > RECORD_SIZE_MAX)
            return 0;
    }
    return size;
}

void record_encode(struct buffer *out, uint32_t salt,
                   const struct record *record, const struct slice *argv,
                   uint32_t argc)
{
    size_t size = record_size(argv, argc);
    check(size != 0);
    check(record->kind != 0);
    check(record->durable < record->lsn);
    check(buffer_reserve(out, size));

    char *header = out->data + out->size;
    put_u32(header + AT_SIZE, (uint32_t)size);
    put_u64(header + AT_LSN, record->lsn);
    put_u64(header + AT_TERM, record->term);
    put_u64(header + AT_NOW, (uint64_t)record->now_ms);
    put_u64(header + AT_SEED, record->seed);
    put_u32(header + AT_LAG, (uint32_t)lag_of(record));
    put_u32(header + AT_KIND, record->kind | argc << 8);

    char *at = header + RECORD_HEADER_SIZE;
    for (uint32_t i = 0; i < argc; i++) {
        put_u32(at, (uint32_t)argv[i].size);
        at += ARGUMENT_HEADER_SIZE;
        if (argv[i].size != 0)
            memcpy(at, argv[i].data, argv[i].size);
        at += argv[i].size;
    }
    put_u32(header + AT_CRC, crc32c(salt, header + AT_LSN, size - AT_LSN));
    out->size += size;
}

// All that a header shows without its arguments: (4) to (6), as far as that
// goes. So a length is believed, and more of the file read for it, only where
// the 64 bits of the LSN fit, too.
static bool header_fits(const char *header, uint64_t lsn)
{
    uint32_t size = get_u32(header + AT_SIZE);
    uint32_t word = get_u32(header + AT_KIND);
    uint64_t argc = word >> 8;
    return size >= RECORD_HEADER_SIZE && size <= RECORD_SIZE_MAX &&
           get_u64(header + AT_LSN) == lsn && (word & 0xff) != 0 &&
           argc <= RECORD_ARGUMENTS_MAX &&
           argc * ARGUMENT_HEADER_SIZE <= size - RECORD_HEADER_SIZE &&
           get_u32(header + AT_LAG) <= lsn;
}

static bool holds_arguments(struct slice body, uint32_t argc)
{
    for (; argc != 0; argc--) {
        if (body.size < ARGUMENT_HEADER_SIZE ||
            body.size - ARGUMENT_HEADER_SIZE < get_u32(body.data))
            return false;
        record_argument(&body);
    }
    return body.size == 0;
}

enum record_result record_decode(struct slice input, uint32_t salt,
                                 uint64_t lsn, struct record *record,
                                 size_t *size)
{
    if (input.size < sizeof(uint32_t) || get_u32(input.data) == 0)
        return RECORD_NONE;
    const char *header = input.data;
    if (input.size < RECORD_HEADER_SIZE) {
        *size = RECORD_HEADER_SIZE;
        return RECORD_PARTIAL;
    }
    if (!header_fits(header, lsn))
        return RECORD_INVALID;
    uint32_t whole = get_u32(header + AT_SIZE);
    if (input.size < whole) {
        *size = whole;
        return RECORD_PARTIAL;
    }
    uint32_t crc = crc32c(salt, header + AT_LSN, whole - AT_LSN);
    uint32_t argc = get_u32(header + AT_KIND) >> 8;
    struct slice body = {header + RECORD_HEADER_SIZE,
                         whole - RECORD_HEADER_SIZE};
    if (crc != get_u32(header + AT_CRC) || !holds_arguments(body, argc))
        return RECORD_INVALID;

    uint32_t lag = get_u32(header + AT_LAG);
    *record = (struct record){
        .kind = (uint8_t)header[AT_KIND],
        .lsn = lsn,
        .term = get_u64(header + AT_TERM),
        .durable = lag ? lsn - lag : 0,
        .now_ms = (int64_t)get_u64(header + AT_NOW),
        .seed = get_u64(header + AT_SEED),
        .argc = argc,
        .body = body,
    };
    *size = whole;
    return RECORD_OK;
}

uint64_t record_peek_lsn(struct slice input)
{
    return input.size < AT_TERM ? 0 : get_u64(input.data + AT_LSN);
}

struct slice record_argument(struct slice *body)
{
    struct slice argument = {body->data + ARGUMENT_HEADER_SIZE,
                             get_u32(body->data)};
    body->data += ARGUMENT_HEADER_SIZE + argument.size;
    body->size -= ARGUMENT_HEADER_SIZE + argument.size;
    return argument;
}

bool record_resembles(struct slice input, uint64_t lsn)
{
    return input.size >= RECORD_HEADER_SIZE && header_fits(input.data, lsn);
}

// Tries the record that seems to begin at `input`. Returns the bytes to go on
// behind.
static size_t search_try(struct record_search *search, struct slice input)
{
    uint64_t lsn = get_u64(input.data + AT_LSN);
    struct record record;
    size_t size;
    if (record_decode(input, search->salt, lsn, &record, &size) != RECORD_OK) {
        search->tried += get_u32(input.data + AT_SIZE);
        search->gave_up = search->tried > search->tried_max;
        return 1;
    }
    search->count++;
    search->lsn_last = lsn;
    search->lsn_min = lsn + 1;
    if (search->durable < record.durable)
        search->durable = record.durable;
    return size;
}

size_t record_search(struct record_search *search, struct slice input,
                     uint64_t left, size_t *wanted)
{
    check(input.size <= left);
    size_t at = 0;
    while (input.size - at >= RECORD_HEADER_SIZE &&
           search->lsn_min <= search->lsn_max && !search->gave_up) {
        const char *header = input.data + at;
        uint64_t lsn = get_u64(header + AT_LSN);
        // One comparison keeps out nearly all that is no record.
        bool fits = lsn - search->lsn_min <= search->lsn_max - search->lsn_min;
        if (!fits || !header_fits(header, lsn) ||
            get_u32(header + AT_SIZE) > left - at) {
            at++;
            continue;
        }
        if (get_u32(header + AT_SIZE) > input.size - at) {
            *wanted = get_u32(header + AT_SIZE);
            return at;
        }
        at += search_try(search, (struct slice){header, input.size - at});
    }
    bool enough = search->lsn_min > search->lsn_max || search->gave_up;
    if (enough || input.size == left)
        return input.size;
    *wanted = RECORD_HEADER_SIZE;
    return at;
}
