// log_files.c -- a directory with segments made by hand, for tests of what
// reads them.
// SPDX-License-Identifier: MIT
#include "tests/stage2/log_files.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/memory.h"
#include "common/env/env_posix.h"
#include "stage2-persistence/record.h"
#include "stage2-persistence/segment.h"
#include "tests/test.h"

struct log_files log_files_create(void)
{
    struct log_files files = {.path = "/tmp/vega-test-log-XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(files.path));
    files.loop = loop_create();
    files.env = env_posix_create(
        files.loop, &(struct env_posix_options){.directory = files.path});
    ck_assert_ptr_nonnull(files.env);
    return files;
}

static int remove_one(const char *path, const struct stat *stat, int kind,
                      struct FTW *place)
{
    (void)stat, (void)kind, (void)place;
    return remove(path);
}

void log_files_destroy(struct log_files *files)
{
    env_posix_destroy(files->env);
    loop_destroy(files->loop);
    nftw(files->path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

struct log_file log_file_begin(uint32_t salt, uint64_t first_lsn,
                               uint64_t durable)
{
    struct log_file file = {.salt = salt, .next_lsn = first_lsn};
    segment_format_name(file.name, first_lsn);
    char header[SEGMENT_HEADER_SIZE];
    struct segment segment = {
        .salt = salt, .first_lsn = first_lsn, .durable = durable};
    segment_encode(header, &segment);
    buffer_append(&file.bytes, header, sizeof header);
    return file;
}

size_t log_file_add(struct log_file *file, uint64_t durable, size_t size)
{
    char lsn[INT64_TEXT_MAX];
    size_t at = file->bytes.size;
    char *value = xmalloc(size + 1);
    memset(value, 'v', size);
    struct slice argv[] = {
        {"SET", 3},
        {lsn, int64_format(lsn, (int64_t)file->next_lsn)},
        {value, size},
    };
    struct record record = {.kind = RECORD_COMMAND,
                            .lsn = file->next_lsn++,
                            .term = 7,
                            .durable = durable,
                            .now_ms = 1000 + (int64_t)file->next_lsn};
    record_encode(&file->bytes, file->salt, &record, argv, 3);
    free(value);
    return at;
}

void log_file_add_zeros(struct log_file *file, size_t size)
{
    char *zeros = xcalloc(1, size);
    buffer_append(&file->bytes, zeros, size);
    free(zeros);
}

void log_files_write(struct log_files *files, struct log_file *file)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", files->path, file->name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, file->bytes.data, file->bytes.size),
                     (ssize_t)file->bytes.size);
    close(fd);
    buffer_deinit(&file->bytes);
}
