// test_log_scan.c -- reading a log back: what is valid is found, and torn is
// told from damaged, in files made by hand.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/log_scan.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/codec.h"
#include "common/base/crc32c.h"
#include "tests/stage2/log_files.h"
#include "tests/test.h"

enum { STEPS_MAX = 100000, SALT = 99 };

// What a scan came to.
struct outcome {
    struct log_scan *scan; // Owned.
    const struct log_scan_result *result;
    uint64_t yielded, first, last; // LSNs.
    struct log_segment segments[8];
    size_t count;
};

static struct outcome scan_all(struct log_files *files, uint64_t from_lsn,
                               uint64_t covered)
{
    struct outcome outcome = {
        .scan = log_scan_create(files->env, from_lsn, covered)};
    enum log_scan_step step;
    struct record record;
    struct log_place at;
    uint64_t done = 0;
    for (int i = 0; i < STEPS_MAX; i++) {
        step = log_scan_next(outcome.scan, &record, &at);
        struct log_scan_progress progress = log_scan_progress(outcome.scan);
        ck_assert_uint_le(done, progress.done);
        ck_assert_uint_le(progress.done, progress.total);
        done = progress.done;
        if (step == LOG_SCAN_END)
            break;
        if (step != LOG_SCAN_RECORD)
            continue;
        ck_assert_uint_eq(record.argc, 3);
        ck_assert(slice_equal(record_argument(&record.body), (SLICE("SET"))));
        ck_assert_uint_ge(at.offset, SEGMENT_HEADER_SIZE);
        ck_assert_uint_le(at.segment->first_lsn, record.lsn);
        if (outcome.yielded++ == 0)
            outcome.first = record.lsn;
        else if (record.lsn > covered + 1)
            ck_assert_uint_eq(record.lsn, outcome.last + 1);
        else
            ck_assert_uint_gt(record.lsn, outcome.last);
        outcome.last = record.lsn;
    }
    ck_assert_int_eq(step, LOG_SCAN_END);
    ck_assert_int_eq(log_scan_next(outcome.scan, &record, &at), LOG_SCAN_END);
    outcome.result = log_scan_result(outcome.scan);
    ck_assert_uint_eq(outcome.result->records, outcome.yielded);
    const struct log_segment *segments =
        log_scan_segments(outcome.scan, &outcome.count);
    ck_assert_uint_le(outcome.count, 8);
    for (size_t i = 0; i < outcome.count; i++)
        outcome.segments[i] = segments[i];
    return outcome;
}

// Scans, and expects that of it.
static struct outcome scan_expect(struct log_files *files, uint64_t from_lsn,
                                  enum log_scan_verdict verdict,
                                  uint64_t last_lsn)
{
    struct outcome outcome = scan_all(files, from_lsn, from_lsn);
    ck_assert_msg(outcome.result->verdict == verdict, "%d: %s",
                  outcome.result->verdict, outcome.result->reason);
    ck_assert_uint_eq(outcome.result->last_lsn, last_lsn);
    return outcome;
}

static void outcome_end(struct outcome *outcome)
{
    log_scan_destroy(outcome->scan);
}

static void expect(struct log_files *files, uint64_t from_lsn,
                   enum log_scan_verdict verdict, uint64_t last_lsn)
{
    struct outcome outcome = scan_expect(files, from_lsn, verdict, last_lsn);
    outcome_end(&outcome);
}

// A segment of `count` records of 100 bytes, each with the mark before it, and
// zeros behind.
static struct log_file make(uint64_t first_lsn, uint64_t count)
{
    struct log_file file =
        log_file_begin(SALT + (uint32_t)first_lsn, first_lsn, first_lsn - 1);
    for (uint64_t i = 0; i < count; i++)
        log_file_add(&file, first_lsn - 1, 100);
    log_file_add_zeros(&file, 1000);
    return file;
}

static void write_one(struct log_files *files, uint64_t first_lsn,
                      uint64_t count)
{
    struct log_file file = make(first_lsn, count);
    log_files_write(files, &file);
}

// ---- Clean

TEST(an_empty_directory_is_a_clean_log)
{
    struct log_files files = log_files_create();
    expect(&files, 0, LOG_SCAN_CLEAN, 0);
    expect(&files, 42, LOG_SCAN_CLEAN, 42);
    expect(&files, LOG_SCAN_OLDEST, LOG_SCAN_CLEAN, 0);
    log_files_destroy(&files);
}

TEST(records_come_in_order_across_segments)
{
    struct log_files files = log_files_create();
    write_one(&files, 11, 5);
    write_one(&files, 1, 10);
    write_one(&files, 16, 0);
    struct outcome outcome = scan_expect(&files, 0, LOG_SCAN_CLEAN, 15);
    ck_assert_uint_eq(outcome.yielded, 15);
    ck_assert_uint_eq(outcome.first, 1);
    ck_assert_uint_eq(outcome.result->last_term, 7);
    ck_assert_int_eq(outcome.result->last_now_ms, 1016);
    ck_assert_uint_eq(outcome.result->durable, 15);
    ck_assert_uint_eq(outcome.result->cut_segment, 2);
    ck_assert_uint_eq(outcome.result->cut_offset, SEGMENT_HEADER_SIZE);
    ck_assert_uint_eq(outcome.result->cut_next, 3);
    ck_assert_str_eq(outcome.result->reason, "");

    ck_assert_uint_eq(outcome.count, 3);
    ck_assert_str_eq(outcome.segments[1].name, "00000000000000000011.log");
    ck_assert_uint_eq(outcome.segments[1].records, 5);
    ck_assert_uint_eq(outcome.segments[1].last_lsn, 15);
    ck_assert_uint_eq(outcome.segments[1].durable, 10);
    ck_assert_uint_eq(outcome.segments[0].used + 1000,
                      outcome.segments[0].size);
    ck_assert_uint_eq(outcome.segments[2].last_lsn, 0);
    outcome_end(&outcome);
    log_files_destroy(&files);
}

TEST(only_what_follows_the_snapshot_is_yielded)
{
    struct log_files files = log_files_create();
    write_one(&files, 1, 10);
    write_one(&files, 11, 10);
    write_one(&files, 21, 10);
    struct outcome outcome = scan_expect(&files, 15, LOG_SCAN_CLEAN, 30);
    ck_assert_uint_eq(outcome.first, 16);
    ck_assert_uint_eq(outcome.yielded, 15);
    ck_assert_uint_eq(outcome.segments[0].used, 0); // Not read at all.
    outcome_end(&outcome);

    outcome = scan_expect(&files, 20, LOG_SCAN_CLEAN, 30);
    ck_assert_uint_eq(outcome.first, 21);
    ck_assert_uint_eq(outcome.segments[1].used, 0);
    outcome_end(&outcome);

    outcome = scan_expect(&files, 30, LOG_SCAN_CLEAN, 30);
    ck_assert_uint_eq(outcome.yielded, 0);
    outcome_end(&outcome);
    log_files_destroy(&files);
}

TEST(the_oldest_is_wherever_the_log_begins)
{
    struct log_files files = log_files_create();
    write_one(&files, 11, 10);
    struct outcome outcome = scan_all(&files, LOG_SCAN_OLDEST, 0);
    ck_assert_int_eq(outcome.result->verdict, LOG_SCAN_CLEAN);
    ck_assert_uint_eq(outcome.first, 11);
    ck_assert_uint_eq(outcome.last, 20);
    outcome_end(&outcome);
    log_files_destroy(&files);
}

TEST(other_files_are_passed_over)
{
    struct log_files files = log_files_create();
    struct log_file file = make(500, 3);
    snprintf(file.name, sizeof file.name, "spare-1.log");
    log_files_write(&files, &file);
    write_one(&files, 1, 3);
    expect(&files, 0, LOG_SCAN_CLEAN, 3);
    log_files_destroy(&files);
}

TEST(records_larger_than_the_window_are_read_whole)
{
    struct log_files files = log_files_create();
    struct log_file file = log_file_begin(SALT, 1, 0);
    log_file_add(&file, 0, 10);
    log_file_add(&file, 1, 5 << 20);
    log_file_add(&file, 1, 3 << 20);
    for (int i = 0; i < 20000; i++)
        log_file_add(&file, 1, (size_t)i % 200);
    log_file_add_zeros(&file, 100);
    log_files_write(&files, &file);
    struct outcome outcome = scan_expect(&files, 0, LOG_SCAN_CLEAN, 20003);
    ck_assert_uint_eq(outcome.yielded, 20003);
    outcome_end(&outcome);
    log_files_destroy(&files);
}

TEST(a_log_may_fill_its_last_file_to_the_byte)
{
    struct log_files files = log_files_create();
    struct log_file file = log_file_begin(SALT, 1, 0);
    log_file_add(&file, 0, 10);
    log_files_write(&files, &file);
    expect(&files, 0, LOG_SCAN_CLEAN, 1);
    log_files_destroy(&files);
}

TEST(bytes_of_a_former_life_end_the_log_cleanly)
{
    struct log_files files = log_files_create();
    for (size_t shift = 0; shift < 8; shift++) {
        struct log_file file = log_file_begin(SALT, 101, 100);
        log_file_add(&file, 100, 10);
        struct log_file former = log_file_begin(SALT - 1, 1, 0);
        for (int i = 0; i < 200; i++)
            log_file_add(&former, 0, 20);
        buffer_append(&file.bytes,
                      former.bytes.data + SEGMENT_HEADER_SIZE + shift,
                      former.bytes.size - SEGMENT_HEADER_SIZE - shift);
        buffer_deinit(&former.bytes);
        log_files_write(&files, &file);
        expect(&files, 100, LOG_SCAN_CLEAN, 101);
    }
    log_files_destroy(&files);
}

TEST(a_segment_ends_where_the_next_one_begins)
{
    struct log_files files = log_files_create();
    // A torn tail was cut at 6; what stood behind is void, valid as it is.
    write_one(&files, 1, 10);
    write_one(&files, 6, 2);
    struct outcome outcome = scan_expect(&files, 0, LOG_SCAN_CLEAN, 7);
    ck_assert_uint_eq(outcome.segments[0].records, 5);
    ck_assert_uint_eq(outcome.segments[1].records, 2);
    outcome_end(&outcome);
    log_files_destroy(&files);
}

// ---- Torn

TEST(a_record_cut_short_above_every_mark_is_torn)
{
    struct log_files files = log_files_create();
    struct log_file file = log_file_begin(SALT, 1, 0);
    log_file_add(&file, 0, 100);
    size_t at = log_file_add(&file, 1, 100);
    memset(file.bytes.data + file.bytes.size - 50, 0, 50);
    log_file_add_zeros(&file, 1000);
    log_files_write(&files, &file);
    struct outcome outcome = scan_expect(&files, 0, LOG_SCAN_TORN, 1);
    ck_assert_uint_eq(outcome.result->cut_segment, 0);
    ck_assert_uint_eq(outcome.result->cut_offset, at);
    ck_assert_uint_eq(outcome.result->cut_next, 1);
    ck_assert_uint_eq(outcome.result->offset, at);
    ck_assert_str_eq(outcome.result->file, "00000000000000000001.log");
    ck_assert_str_eq(outcome.result->reason, "the checksum is wrong");
    ck_assert_uint_eq(outcome.result->found, 0);
    outcome_end(&outcome);
    log_files_destroy(&files);
}

TEST(valid_records_behind_a_hole_above_every_mark_are_torn)
{
    struct log_files files = log_files_create();
    struct log_file file = log_file_begin(SALT, 1, 0);
    log_file_add(&file, 0, 100);
    size_t from = log_file_add(&file, 0, 100);
    size_t to = log_file_add(&file, 1, 100);
    log_file_add(&file, 1, 100);
    // The record is missing altogether.
    memset(file.bytes.data + from, 0, to - from);
    log_files_write(&files, &file);
    struct outcome outcome = scan_expect(&files, 0, LOG_SCAN_TORN, 1);
    ck_assert_uint_eq(outcome.result->found, 2);
    ck_assert_uint_eq(outcome.result->found_lsn, 4);
    ck_assert_uint_eq(outcome.segments[0].found, 2);
    ck_assert_uint_eq(outcome.result->durable, 1);
    outcome_end(&outcome);
    log_files_destroy(&files);
}

TEST(a_file_that_ends_within_a_record_is_torn)
{
    struct log_files files = log_files_create();
    struct log_file file = log_file_begin(SALT, 1, 0);
    log_file_add(&file, 0, 100);
    log_file_add(&file, 1, 100);
    file.bytes.size -= 10;
    log_files_write(&files, &file);
    struct outcome outcome = scan_expect(&files, 0, LOG_SCAN_TORN, 1);
    ck_assert_str_eq(outcome.result->reason, "the file ends within a record");
    outcome_end(&outcome);
    log_files_destroy(&files);
}

TEST(a_length_without_its_file_is_torn_not_read)
{
    struct log_files files = log_files_create();
    struct log_file file = log_file_begin(SALT, 1, 0);
    log_file_add(&file, 0, 100);
    size_t at = log_file_add(&file, 1, 100);
    put_u32(file.bytes.data + at, 1 << 30);
    log_file_add_zeros(&file, 100000);
    log_files_write(&files, &file);
    expect(&files, 0, LOG_SCAN_TORN, 1);
    log_files_destroy(&files);
}

// The header was synced before the file had its name: that it is not there says
// that more may be missing.
TEST(a_segment_without_a_header_is_damage)
{
    struct log_files files = log_files_create();
    write_one(&files, 1, 5);
    struct log_file file = make(6, 0);
    memset(file.bytes.data, 0, 60);
    log_files_write(&files, &file);
    struct outcome outcome = scan_expect(&files, 0, LOG_SCAN_DAMAGED, 5);
    ck_assert_uint_eq(outcome.result->cut_segment, 0);
    ck_assert_uint_eq(outcome.result->cut_next, 1);
    ck_assert(!outcome.segments[1].valid);
    ck_assert(!outcome.segments[1].headless);
    ck_assert_str_eq(outcome.result->file, "00000000000000000006.log");
    ck_assert_str_eq(outcome.result->reason, "the header is not valid");
    outcome_end(&outcome);
    log_files_destroy(&files);
}

TEST(a_segment_with_the_header_of_its_former_life_is_damage)
{
    struct log_files files = log_files_create();
    write_one(&files, 101, 5);
    struct log_file file = make(1, 50);
    segment_format_name(file.name, 106);
    log_files_write(&files, &file);
    struct outcome outcome = scan_expect(&files, 100, LOG_SCAN_DAMAGED, 105);
    ck_assert(!outcome.segments[1].valid);
    outcome_end(&outcome);
    log_files_destroy(&files);
}

TEST(a_file_too_short_for_its_header_is_damage)
{
    struct log_files files = log_files_create();
    static const size_t sizes[] = {0, 1, 59, 60, 4095, 4096, 4100};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct log_file file = make(1, 0);
        file.bytes.size = sizes[i];
        log_files_write(&files, &file);
        expect(&files, 0, sizes[i] < 60 ? LOG_SCAN_DAMAGED : LOG_SCAN_CLEAN, 0);
    }
    log_files_destroy(&files);
}

TEST(a_missing_segment_above_every_mark_is_torn)
{
    struct log_files files = log_files_create();
    write_one(&files, 1, 5);
    struct log_file file = log_file_begin(SALT, 11, 5);
    log_file_add(&file, 5, 100);
    log_files_write(&files, &file);
    struct outcome outcome = scan_expect(&files, 0, LOG_SCAN_TORN, 5);
    ck_assert_uint_eq(outcome.result->cut_next, 1);
    ck_assert_uint_eq(outcome.result->found_lsn, 11);
    outcome_end(&outcome);
    log_files_destroy(&files);
}

// ---- Damaged

// Ten records of which `durable` are known to be durable, by the last one's
// mark; and one byte of record `hit` changed.
static void write_damaged(struct log_files *files, uint64_t durable,
                          uint64_t hit, size_t offset)
{
    struct log_file file = log_file_begin(SALT, 1, 0);
    for (uint64_t lsn = 1; lsn <= 10; lsn++) {
        size_t at = log_file_add(&file, lsn == 10 ? durable : 0, 100);
        if (lsn == hit)
            file.bytes.data[at + offset] ^= 0x10;
    }
    log_file_add_zeros(&file, 1000);
    log_files_write(files, &file);
}

TEST(a_mark_behind_a_hole_makes_it_damage)
{
    static const size_t offsets[] = {0, 2, 4, 8, 20, 40, 44, 45, 48, 52, 120};
    struct log_files files = log_files_create();
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        for (uint64_t durable = 3; durable <= 5; durable++) {
            write_damaged(&files, durable, 4, offsets[i]);
            struct outcome outcome = scan_expect(
                &files, 0, durable < 4 ? LOG_SCAN_TORN : LOG_SCAN_DAMAGED, 3);
            ck_assert_uint_eq(outcome.result->durable, durable);
            ck_assert_uint_eq(outcome.result->found_lsn, 10);
            outcome_end(&outcome);
        }
    }
    log_files_destroy(&files);
}

TEST(damage_is_named_by_file_and_byte_and_reason)
{
    struct log_files files = log_files_create();
    write_damaged(&files, 8, 4, 60);
    struct outcome outcome = scan_expect(&files, 0, LOG_SCAN_DAMAGED, 3);
    ck_assert_str_eq(outcome.result->file, "00000000000000000001.log");
    ck_assert_uint_eq(outcome.result->offset, outcome.segments[0].used);
    ck_assert_str_eq(outcome.result->reason,
                     "the checksum is wrong; LSNs up to 8 were durable");
    outcome_end(&outcome);
    log_files_destroy(&files);
}

TEST(a_snapshot_above_the_hole_makes_it_damage)
{
    struct log_files files = log_files_create();
    write_damaged(&files, 0, 4, 60);
    expect(&files, 3, LOG_SCAN_TORN, 3);
    expect(&files, 4, LOG_SCAN_DAMAGED, 3);
    log_files_destroy(&files);
}

TEST(a_mark_in_a_later_header_makes_it_damage)
{
    struct log_files files = log_files_create();
    write_damaged(&files, 0, 4, 60);
    write_one(&files, 11, 0);
    struct outcome outcome = scan_expect(&files, 0, LOG_SCAN_DAMAGED, 3);
    ck_assert_uint_eq(outcome.result->durable, 10);
    outcome_end(&outcome);
    log_files_destroy(&files);
}

TEST(a_mark_in_a_later_record_makes_it_damage)
{
    struct log_files files = log_files_create();
    write_one(&files, 1, 5);
    struct log_file file = log_file_begin(SALT, 11, 2);
    log_file_add(&file, 2, 2 << 20); // Larger than what is read at once.
    log_file_add(&file, 6, 100);
    log_files_write(&files, &file);
    struct outcome outcome = scan_expect(&files, 0, LOG_SCAN_DAMAGED, 5);
    ck_assert_uint_eq(outcome.result->found, 2);
    ck_assert_uint_eq(outcome.result->durable, 6);
    outcome_end(&outcome);
    log_files_destroy(&files);
}

TEST(a_lost_header_before_records_is_damage)
{
    struct log_files files = log_files_create();
    write_one(&files, 1, 5);
    struct log_file file = make(6, 5);
    file.bytes.data[13] ^= 1; // The salt.
    log_files_write(&files, &file);
    struct outcome outcome = scan_expect(&files, 0, LOG_SCAN_DAMAGED, 5);
    ck_assert(outcome.segments[1].headless);
    ck_assert_str_eq(outcome.result->file, "00000000000000000006.log");
    ck_assert_uint_eq(outcome.result->offset, 0);
    ck_assert_str_eq(outcome.result->reason,
                     "the header is not valid; records follow it");
    outcome_end(&outcome);
    log_files_destroy(&files);
}

TEST(what_was_void_stays_void_when_the_next_header_is_lost)
{
    struct log_files files = log_files_create();
    // Torn once at 6, and cut there by going on in a new segment.
    write_one(&files, 1, 10);
    struct log_file file = make(6, 2);
    file.bytes.data[0] = 'X';
    log_files_write(&files, &file);
    struct outcome outcome = scan_expect(&files, 0, LOG_SCAN_DAMAGED, 5);
    ck_assert_uint_eq(outcome.result->found, 0);
    ck_assert_uint_eq(outcome.result->cut_offset, outcome.segments[0].used);
    ck_assert_str_eq(outcome.result->file, "00000000000000000006.log");
    outcome_end(&outcome);

    // A snapshot at 7 was taken of the new one.
    write_one(&files, 8, 2);
    outcome = scan_all(&files, LOG_SCAN_OLDEST, 7);
    ck_assert_int_eq(outcome.result->verdict, LOG_SCAN_CLEAN);
    ck_assert_uint_eq(outcome.result->last_lsn, 9);
    ck_assert_uint_eq(outcome.yielded, 7);
    ck_assert_str_eq(outcome.segments[0].wrong,
                     "the header of the next one is not valid");
    outcome_end(&outcome);
    log_files_destroy(&files);
}

TEST(a_lost_first_header_is_damage)
{
    struct log_files files = log_files_create();
    struct log_file file = make(1, 5);
    file.bytes.data[0] = 'X';
    log_files_write(&files, &file);
    struct outcome outcome = scan_expect(&files, 0, LOG_SCAN_DAMAGED, 0);
    ck_assert_uint_eq(outcome.result->cut_next, 0);
    outcome_end(&outcome);
    write_one(&files, 6, 5);
    expect(&files, 0, LOG_SCAN_DAMAGED, 0);
    expect(&files, 5, LOG_SCAN_CLEAN, 10);
    log_files_destroy(&files);
}

TEST(every_flipped_bit_of_a_durable_record_is_damage)
{
    struct log_files files = log_files_create();
    for (size_t bit = 0; bit < 8 * (size_t)(48 + 3 * 4 + 3 + 1 + 2); bit++) {
        struct log_file file = log_file_begin(SALT, 1, 0);
        size_t at = log_file_add(&file, 0, 2);
        log_file_add(&file, 1, 2);
        file.bytes.data[at + bit / 8] ^= (char)(1 << bit % 8);
        log_files_write(&files, &file);
        expect(&files, 0, LOG_SCAN_DAMAGED, 0);
    }
    log_files_destroy(&files);
}

TEST(a_file_cut_below_a_mark_is_damage)
{
    struct log_files files = log_files_create();
    for (size_t cut = 60; cut < 1000; cut += 41) {
        struct log_file file = make(1, 8);
        file.bytes.size -= 1000 + cut;
        log_files_write(&files, &file);
        write_one(&files, 9, 0);
        struct outcome outcome = scan_all(&files, 0, 0);
        ck_assert_int_eq(outcome.result->verdict, LOG_SCAN_DAMAGED);
        ck_assert_uint_lt(outcome.result->last_lsn, 8);
        outcome_end(&outcome);
    }
    log_files_destroy(&files);
}

TEST(what_was_made_to_look_like_a_log_is_damage)
{
    struct log_files files = log_files_create();
    struct log_file file = log_file_begin(SALT, 1, 0);
    log_file_add(&file, 0, 100);
    enum { COUNT = 2000 };
    for (uint32_t i = 0; i < COUNT; i++) {
        char header[48] = {0};
        put_u32(header, (COUNT - i) * 48);
        put_u64(header + 8, 5);
        header[44] = 1;
        buffer_append(&file.bytes, header, sizeof header);
    }
    log_files_write(&files, &file);
    expect(&files, 0, LOG_SCAN_DAMAGED, 1);
    log_files_destroy(&files);
}

// ---- Old segments, under a snapshot

TEST(what_a_snapshot_covers_may_be_missing_from_the_oldest_on)
{
    struct log_files files = log_files_create();
    write_one(&files, 1, 5);
    write_one(&files, 11, 5);
    write_one(&files, 16, 5);
    struct outcome outcome = scan_all(&files, LOG_SCAN_OLDEST, 9);
    ck_assert_int_eq(outcome.result->verdict, LOG_SCAN_DAMAGED);
    outcome_end(&outcome);

    outcome = scan_all(&files, LOG_SCAN_OLDEST, 10);
    ck_assert_uint_eq(outcome.yielded, 15);
    ck_assert_int_eq(outcome.result->verdict, LOG_SCAN_CLEAN);
    ck_assert_uint_eq(outcome.result->last_lsn, 20);
    ck_assert_str_eq(outcome.segments[0].wrong, "there is no valid record");
    ck_assert_uint_eq(outcome.segments[0].last_lsn, 5);
    ck_assert_ptr_null(outcome.segments[1].wrong);
    outcome_end(&outcome);
    log_files_destroy(&files);
}

TEST(a_lost_header_that_a_snapshot_covers_is_passed_over)
{
    struct log_files files = log_files_create();
    struct log_file file = make(1, 5);
    file.bytes.data[0] = 'X';
    log_files_write(&files, &file);
    write_one(&files, 6, 5);
    struct outcome outcome = scan_all(&files, LOG_SCAN_OLDEST, 5);
    ck_assert_int_eq(outcome.result->verdict, LOG_SCAN_CLEAN);
    ck_assert_uint_eq(outcome.first, 6);
    outcome_end(&outcome);

    outcome = scan_all(&files, LOG_SCAN_OLDEST, 4);
    ck_assert_int_eq(outcome.result->verdict, LOG_SCAN_DAMAGED);
    ck_assert_uint_eq(outcome.yielded, 0);
    outcome_end(&outcome);
    log_files_destroy(&files);
}

// ---- What cannot be read

TEST(a_log_that_begins_too_late_is_a_gap)
{
    struct log_files files = log_files_create();
    write_one(&files, 11, 5);
    struct outcome outcome = scan_expect(&files, 9, LOG_SCAN_GAP, 9);
    ck_assert_str_eq(outcome.result->file, "00000000000000000011.log");
    ck_assert_str_eq(outcome.result->reason,
                     "the log begins here, and LSN 10 is wanted");
    outcome_end(&outcome);
    expect(&files, 10, LOG_SCAN_CLEAN, 15);
    log_files_destroy(&files);
}

TEST(a_newer_version_is_not_guessed_at)
{
    struct log_files files = log_files_create();
    write_one(&files, 1, 5);
    struct log_file file = make(6, 5);
    put_u32(file.bytes.data + 8, 7);
    put_u32(file.bytes.data + 56, crc32c(0, file.bytes.data, 56));
    log_files_write(&files, &file);
    struct outcome outcome = scan_all(&files, 0, 0);
    ck_assert_int_eq(outcome.result->verdict, LOG_SCAN_NEWER);
    ck_assert_uint_eq(outcome.yielded, 0);
    ck_assert_str_eq(outcome.result->file, "00000000000000000006.log");
    ck_assert_str_eq(outcome.result->reason,
                     "version 7, and this program reads up to 1");
    outcome_end(&outcome);
    log_files_destroy(&files);
}

TEST(a_file_that_cannot_be_read_is_said)
{
    struct log_files files = log_files_create();
    write_one(&files, 1, 5);
    // Nobody, not even root, follows a link that leads to itself.
    char path[128];
    snprintf(path, sizeof path, "%s/00000000000000000006.log", files.path);
    ck_assert_int_eq(symlink("00000000000000000006.log", path), 0);
    struct outcome outcome = scan_all(&files, 0, 0);
    ck_assert_int_eq(outcome.result->verdict, LOG_SCAN_IO);
    ck_assert_str_eq(outcome.result->file, "00000000000000000006.log");
    ck_assert(strstr(outcome.result->reason, "cannot be read") != NULL);
    outcome_end(&outcome);
    log_files_destroy(&files);
}

TEST(a_scan_may_be_given_up_at_any_step)
{
    struct log_files files = log_files_create();
    write_one(&files, 1, 5);
    write_damaged(&files, 8, 4, 60);
    for (int steps = 0; steps < 12; steps++) {
        struct log_scan *scan = log_scan_create(files.env, 0, 0);
        struct record record;
        for (int i = 0; i < steps; i++)
            log_scan_next(scan, &record, NULL);
        log_scan_destroy(scan);
    }
    log_files_destroy(&files);
}
