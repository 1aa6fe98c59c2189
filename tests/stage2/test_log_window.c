// test_log_window.c -- a window that moves over a file.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/log_window.h"

#include <stdio.h>
#include <unistd.h>

#include "tests/stage2/log_files.h"
#include "tests/test.h"

enum { FILE_SIZE = 3 * LOG_WINDOW_SIZE + 12345 };

// Byte i of the file.
static char byte_at(uint64_t i)
{
    return (char)(i * 31 + i / 1000);
}

static struct log_files files_with_bytes(size_t size)
{
    struct log_files files = log_files_create();
    struct log_file file = {.name = "bytes"};
    buffer_reserve(&file.bytes, size);
    for (size_t i = 0; i < size; i++)
        file.bytes.data[i] = byte_at(i);
    file.bytes.size = size;
    log_files_write(&files, &file);
    return files;
}

static void ck_assert_bytes(const struct log_window *window)
{
    struct slice bytes = log_window_bytes(window);
    for (size_t i = 0; i < bytes.size; i += 1 + bytes.size / 1000)
        ck_assert_int_eq(bytes.data[i], byte_at(window->offset + i));
}

TEST(the_window_passes_over_the_whole_file)
{
    struct log_files files = files_with_bytes(FILE_SIZE);
    struct log_window window = {0};
    ck_assert_int_eq(log_window_open(&window, files.env, "bytes", 100),
                     STATUS_OK);
    ck_assert_uint_eq(log_window_left(&window), FILE_SIZE - 100);
    ck_assert_uint_eq(log_window_bytes(&window).size, 0);
    size_t step = 1;
    while (log_window_left(&window) != 0) {
        ck_assert_int_eq(log_window_fill(&window, step), STATUS_OK);
        size_t have = log_window_bytes(&window).size;
        ck_assert(have >= step || have == log_window_left(&window));
        ck_assert_bytes(&window);
        uint64_t left = log_window_left(&window);
        log_window_skip(&window, have / 2 + 1);
        ck_assert_uint_eq(log_window_left(&window), left - have / 2 - 1);
        step = step * 7 % 2500000 + 1;
    }
    log_window_close(&window);
    log_window_close(&window);
    log_files_destroy(&files);
}

TEST(more_than_is_left_is_all_that_is_left)
{
    struct log_files files = files_with_bytes(5000);
    struct log_window window = {0};
    log_window_open(&window, files.env, "bytes", 0);
    ck_assert_int_eq(log_window_fill(&window, SIZE_MAX), STATUS_OK);
    ck_assert_uint_eq(log_window_bytes(&window).size, 5000);
    log_window_close(&window);

    log_window_open(&window, files.env, "bytes", 9000);
    ck_assert_uint_eq(log_window_left(&window), 0);
    ck_assert_int_eq(log_window_fill(&window, 10), STATUS_OK);
    ck_assert_uint_eq(log_window_bytes(&window).size, 0);
    log_window_close(&window);
    log_files_destroy(&files);
}

TEST(a_file_that_shrank_is_as_long_as_it_is)
{
    struct log_files files = files_with_bytes(5000);
    struct log_window window = {0};
    log_window_open(&window, files.env, "bytes", 10);
    char path[128];
    snprintf(path, sizeof path, "%s/bytes", files.path);
    ck_assert_int_eq(truncate(path, 3000), 0);
    ck_assert_int_eq(log_window_fill(&window, 4000), STATUS_OK);
    ck_assert_uint_eq(log_window_left(&window), 2990);
    ck_assert_uint_eq(log_window_bytes(&window).size, 2990);
    ck_assert_bytes(&window);
    log_window_close(&window);
    log_files_destroy(&files);
}

TEST(a_missing_file_cannot_be_opened)
{
    struct log_files files = log_files_create();
    struct log_window window = {0};
    ck_assert_int_eq(log_window_open(&window, files.env, "bytes", 0),
                     STATUS_NOT_FOUND);
    log_window_close(&window);
    log_files_destroy(&files);
}
