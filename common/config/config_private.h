// config_private.h -- what the files of this folder share. Others include
// config.h.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_CONFIG_PRIVATE_H
#define VEGA_COMMON_CONFIG_PRIVATE_H

#include "common/config/config.h"
#include "common/config/config_value.h"

enum {
    CONFIG_KEY_MAX = 63, // Letters of a row's key.
    CONFIG_LISTENERS_MAX = 4,
    CONFIG_VARIABLE_MAX = CONFIG_KEY_MAX + sizeof "VEGA_" - 1,
};

// In order of precedence.
enum config_source {
    CONFIG_FROM_DEFAULT,
    CONFIG_FROM_FILE,
    CONFIG_FROM_ENVIRONMENT,
    CONFIG_FROM_FLAG,
};
enum { CONFIG_SOURCES = CONFIG_FROM_FLAG + 1 };

struct config_entry {
    const struct config_row *row;
    void *field;  // In the target of its rows.
    size_t owner; // Index of the field's entry: of this one, if it is no alias.
    // What follows is the owner's.
    enum config_source source; // Of the value that the field has now.
    bool implied;              // By config_set_default: no source says it.
    const struct config_row *named[CONFIG_SOURCES]; // How each one called it.
};

struct config {
    struct config_entry *entries; // In the order of registration.
    size_t count, capacity;
    struct config_listener {
        void (*changed)(void *context);
        void *context;
    } listeners[CONFIG_LISTENERS_MAX];
    size_t listener_count;
};

// The entry with exactly this key, or NULL.
struct config_entry *config_find(const struct config *config, struct slice key);

// Whether Redis calls, or called, the row by this name.
bool config_is_redis_name(const struct config_row *row, struct slice name);

// The row that `key` (in any case) was probably meant to name, or NULL when
// none is close.
const struct config_row *config_nearest(const struct config *config,
                                        struct slice key);

// Parses `text` and, unless a stronger source has spoken already, stores it.
// On refusal false, and `error` is the bare reason: "must be ..., not 'x'".
bool config_assign(struct config *config, const struct config_entry *entry,
                   enum config_source source, struct slice text,
                   struct config_error *error);

// The variable that sets the row: "VEGA_OUTPUT_BUFFER_MAX".
void config_variable(const struct config_row *row,
                     char variable[CONFIG_VARIABLE_MAX + 1]);

// A record under way: the fields that it has are appended to `text` one by one
// ("id=a port=1"), then it is ended. Each says in `error`, as a bare reason,
// why that cannot be; then false.
struct config_record {
    const struct config_row *row;
    struct buffer *text; // Of the records before it, too.
    size_t start;        // Where it begins there.
};
void config_record_begin(struct config_record *record,
                         const struct config_row *row, struct buffer *text);
bool config_record_add(struct config_record *record, struct slice name,
                       struct slice value, struct config_error *error);
bool config_record_end(const struct config_record *record,
                       struct config_error *error);

// Whether `text` is what a row of type RECORDS allows.
bool config_records_check(const struct config_row *row, struct slice text,
                          struct config_error *error);

// Writes the error; what does not fit is cut off.
void config_refuse(struct config_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// Writes "must be an integer from 0 to 65535, not INSTEAD".
void config_refuse_value(struct config_error *error,
                         const struct config_row *row, const char *instead);
// Writes "WHERE: unknown key 'prot'; did you mean 'port'?".
// The same in the words of Redis.
void config_refuse_as_redis(struct config_error *error,
                            const struct config_row *row, struct slice text);
void config_refuse_key(struct config_error *error, const struct config *config,
                       const char *where, struct slice key);

// Bytes from outside, made fit for a line of text: in single quotes, what is
// not printable ASCII as \x00, shortened with "..." when long.
enum { CONFIG_QUOTED_BYTES_MAX = 40 };
struct config_quoted {
    char text[CONFIG_QUOTED_BYTES_MAX * 4 + sizeof "'...'"];
};
struct config_quoted config_quote(struct slice bytes);

#endif
