// logger.h -- structured log: one line a fact, to standard error or a file.
//
//     2026-03-01T12:00:00.123Z info  listening address=127.0.0.1 port=6379
//     {"time":"...","level":"info","event":"listening","port":6379}
//
// A line is an event (a few fixed words) and typed fields, so that a person
// reads it and a program searches it. Log an error once, where it is handled.
// The wall clock is handed in (the simulator logs virtual time).
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_LOGGER_H
#define VEGA_COMMON_LOGGER_H

#include <stdint.h>

#include "common/base/slice.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum log_format { LOG_TEXT, LOG_JSON };

struct logger {
    enum log_level level;
    enum log_format format;
    int fd;
    // Microseconds since 1970, from whoever owns the time.
    int64_t (*wall_us)(void *context);
    void *context;
};

struct log_field {
    const char *name;
    enum { LOG_FIELD_TEXT, LOG_FIELD_BYTES, LOG_FIELD_INT } kind;
    union {
        const char *text;
        struct slice bytes; // Escaped; may hold anything.
        int64_t integer;
    };
};

#define LOG_TEXT_OF(field, value)                                              \
    ((struct log_field){                                                       \
        .name = (field), .kind = LOG_FIELD_TEXT, .text = (value)})
#define LOG_BYTES_OF(field, value)                                             \
    ((struct log_field){                                                       \
        .name = (field), .kind = LOG_FIELD_BYTES, .bytes = (value)})
#define LOG_INT_OF(field, value)                                               \
    ((struct log_field){                                                       \
        .name = (field), .kind = LOG_FIELD_INT, .integer = (value)})

// log_info(logger, "listening", LOG_TEXT_OF("address", a), LOG_INT_OF(...)).
// A NULL logger, or one above the level, drops the line.
#define log_at(logger, level, event, ...)                                      \
    log_write((logger), (level), (event),                                      \
              (struct log_field[]){{.name = 0}, __VA_ARGS__},                  \
              sizeof((struct log_field[]){{.name = 0}, __VA_ARGS__}) /         \
                  sizeof(struct log_field))
#define log_debug(logger, ...) log_at(logger, LOG_DEBUG, __VA_ARGS__, {0})
#define log_info(logger, ...) log_at(logger, LOG_INFO, __VA_ARGS__, {0})
#define log_warn(logger, ...) log_at(logger, LOG_WARN, __VA_ARGS__, {0})
#define log_error(logger, ...) log_at(logger, LOG_ERROR, __VA_ARGS__, {0})

// What the macros call: fields without a name are skipped. One write(2).
void log_write(struct logger *logger, enum log_level level, const char *event,
               const struct log_field *fields, size_t count);

#endif
