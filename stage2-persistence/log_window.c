// log_window.c -- reads a file from front to back, a large piece at a time.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/log_window.h"

#include "common/base/check.h"

enum status log_window_open(struct log_window *window, struct env *env,
                            const char *name, uint64_t offset)
{
    check(!window->file);
    struct env_file *file;
    uint64_t size;
    enum status status = env_disk_open(env, name, ENV_OPEN_READ, &file);
    if (status != STATUS_OK)
        return status;
    status = env_disk_size(env, file, &size);
    if (status != STATUS_OK) {
        env_disk_close(env, file);
        return status;
    }
    *window = (struct log_window){
        .env = env,
        .file = file,
        .size = size,
        .offset = offset < size ? offset : size,
        .bytes = window->bytes,
    };
    buffer_clear(&window->bytes);
    return STATUS_OK;
}

void log_window_close(struct log_window *window)
{
    if (window->file)
        env_disk_close(window->env, window->file);
    buffer_deinit(&window->bytes);
    *window = (struct log_window){0};
}

struct slice log_window_bytes(const struct log_window *window)
{
    if (window->bytes.size == 0)
        return (struct slice){"", 0};
    return (struct slice){window->bytes.data + window->front,
                          window->bytes.size - window->front};
}

uint64_t log_window_left(const struct log_window *window)
{
    return window->size - window->offset;
}

void log_window_skip(struct log_window *window, size_t size)
{
    check(size <= window->bytes.size - window->front);
    window->front += size;
    window->offset += size;
}

enum status log_window_fill(struct log_window *window, size_t wanted)
{
    if (wanted > log_window_left(window))
        wanted = log_window_left(window);
    struct buffer *bytes = &window->bytes;
    if (bytes->size - window->front >= wanted)
        return STATUS_OK;

    buffer_consume(bytes, window->front);
    window->front = 0;
    size_t more = wanted - bytes->size;
    uint64_t at = window->offset + bytes->size;
    if (more < LOG_WINDOW_SIZE)
        more = LOG_WINDOW_SIZE;
    if (more > window->size - at)
        more = window->size - at;
    buffer_reserve(bytes, more);
    size_t read;
    enum status status = env_disk_read(window->env, window->file, at,
                                       bytes->data + bytes->size, more, &read);
    if (status != STATUS_OK)
        return status;
    bytes->size += read;
    if (read < more)
        window->size = at + read;
    return STATUS_OK;
}
