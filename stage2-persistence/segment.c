// segment.c -- the header and the name of a file of the log.
//
// All integers are little-endian:
//
//      0  8 bytes  magic    "VEGA LOG"
//      8  u32  version      1
//     12  u32  salt         seeds the checksums of its records
//     16  u64  first_lsn    of its first record; also the name of the file
//     24  u64  durable      highest LSN known to be synced when it was begun
//     32  u64  term         of whoever elects, and
//     40  u64  vote         for whom; 0 before stage 5
//     48  u64  size         bytes of the whole file, as it was made
//     56  u32  crc          CRC-32C of bytes 0 to 56
//     60       zeros, not looked at
//   4096       records, one behind another (record.c)
//
// A header is valid if and only if (1) magic and crc match, (2) version is 1
// and (3) durable is below first_lsn, which is not 0. Later versions keep
// magic, version and crc where they are, so that they are told from damage.
//
// A page of its own, so that no write of a record touches the header's sectors.
//
// What a crash can leave. A header is synced before the file has its name as a
// segment, and a record is written behind it after that. So a file of that name
// whose header is not valid, or is that of a former life (its first_lsn is not
// the one of the name), is damaged, and may have held any number of records.
// The last segment of a log may hold none.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/segment.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/check.h"
#include "common/base/codec.h"
#include "common/base/crc32c.h"

enum {
    AT_MAGIC = 0,
    AT_VERSION = 8,
    AT_SALT = 12,
    AT_FIRST_LSN = 16,
    AT_DURABLE = 24,
    AT_TERM = 32,
    AT_VOTE = 40,
    AT_SIZE = 48,
    AT_CRC = 56,
    USED_SIZE = 60,

    LSN_DIGITS = 20, // Of UINT64_MAX, so that names sort like numbers.
};

static const char magic[8] = {'V', 'E', 'G', 'A', ' ', 'L', 'O', 'G'};
static const char name_end[] = ".log";

void segment_encode(char bytes[SEGMENT_HEADER_SIZE],
                    const struct segment *segment)
{
    check(segment->durable < segment->first_lsn);
    memset(bytes, 0, SEGMENT_HEADER_SIZE);
    memcpy(bytes + AT_MAGIC, magic, sizeof magic);
    put_u32(bytes + AT_VERSION, SEGMENT_VERSION);
    put_u32(bytes + AT_SALT, segment->salt);
    put_u64(bytes + AT_FIRST_LSN, segment->first_lsn);
    put_u64(bytes + AT_DURABLE, segment->durable);
    put_u64(bytes + AT_TERM, segment->term);
    put_u64(bytes + AT_VOTE, segment->vote);
    put_u64(bytes + AT_SIZE, segment->segment_size);
    put_u32(bytes + AT_CRC, crc32c(0, bytes, AT_CRC));
}

enum segment_result segment_decode(struct slice bytes, struct segment *segment,
                                   uint32_t *version)
{
    const char *at = bytes.data;
    if (bytes.size < USED_SIZE || memcmp(at, magic, sizeof magic) != 0 ||
        get_u32(at + AT_CRC) != crc32c(0, at, AT_CRC))
        return SEGMENT_INVALID;
    if (get_u32(at + AT_VERSION) > SEGMENT_VERSION) {
        *version = get_u32(at + AT_VERSION);
        return SEGMENT_NEWER;
    }
    struct segment read = {
        .salt = get_u32(at + AT_SALT),
        .first_lsn = get_u64(at + AT_FIRST_LSN),
        .durable = get_u64(at + AT_DURABLE),
        .term = get_u64(at + AT_TERM),
        .vote = get_u64(at + AT_VOTE),
        .segment_size = get_u64(at + AT_SIZE),
    };
    if (get_u32(at + AT_VERSION) != SEGMENT_VERSION ||
        read.durable >= read.first_lsn)
        return SEGMENT_INVALID;
    *segment = read;
    return SEGMENT_OK;
}

void segment_format_name(char name[SEGMENT_NAME_SIZE], uint64_t first_lsn)
{
    snprintf(name, SEGMENT_NAME_SIZE, "%0*" PRIu64 "%s", LSN_DIGITS, first_lsn,
             name_end);
}

bool segment_parse_name(const char *name, uint64_t *first_lsn)
{
    uint64_t lsn = 0;
    for (int i = 0; i < LSN_DIGITS; i++) {
        if (name[i] < '0' || name[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(name[i] - '0');
        if (lsn > (UINT64_MAX - digit) / 10)
            return false;
        lsn = 10 * lsn + digit;
    }
    if (strcmp(name + LSN_DIGITS, name_end) != 0 || lsn == 0)
        return false;
    *first_lsn = lsn;
    return true;
}
