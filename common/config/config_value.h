// config_value.h -- one value of each type: text to value, value to text, and
// what to say when it is refused.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_CONFIG_VALUE_H
#define VEGA_COMMON_CONFIG_VALUE_H

#include "common/config/config.h"

// VegaDB's spelling is strict: a duration needs its unit. Under the names that
// Redis gave them, keys also take and show what Redis' clients know: plain
// seconds, plain bytes, yes and no.
enum config_spelling { CONFIG_SPELLING_VEGA, CONFIG_SPELLING_REDIS };

struct config_value {
    int64_t number; // Of every type but the following.
    char *text;     // Of TEXT and LIST; owned until stored.
    struct config_limit limits[CONFIG_LIMITS_MAX]; // Of LIMITS.
};

// False, and *value untouched, if `text` is not what the row allows. Of LIMITS
// *value is what the field has: classes that are not named keep it.
bool config_value_parse(const struct config_row *row,
                        enum config_spelling spelling, struct slice text,
                        struct config_value *value);

// Writes the row's field. `taken` is taken; a text that was there is freed.
void config_value_store(const struct config_row *row, void *field,
                        struct config_value taken);
// The field's value; a text is borrowed until the next store.
struct config_value config_value_load(const struct config_row *row,
                                      const void *field);

// What is wrong with a value of LIMITS.
enum config_limits_fault {
    CONFIG_LIMITS_FINE,
    CONFIG_LIMITS_COUNT, // Of the words: each class has four.
    CONFIG_LIMITS_CLASS, // There is no such class.
    CONFIG_LIMITS_NUMBER,
};
// Changes those of `limits` that `text` names up to the first fault.
enum config_limits_fault config_limits_parse(const struct config_row *row,
                                             enum config_spelling spelling,
                                             struct slice text,
                                             struct config_limit *limits);
void config_limits_format(const struct config_row *row,
                          enum config_spelling spelling,
                          const struct config_limit *limits,
                          struct buffer *out);

bool config_type_is_text(enum config_type type);
bool config_value_equal(const struct config_row *row, struct config_value a,
                        struct config_value b);

// Appends the value in a form that config_value_parse takes back.
void config_value_format(const struct config_row *row,
                         enum config_spelling spelling,
                         struct config_value value, struct buffer *out);

// Appends what the row allows: "an integer from 0 to 65535".
void config_value_describe(const struct config_row *row, struct buffer *out);

// Append the shortest exact form: 1048576 is "1MB", 90000 is "90s".
void config_format_size(int64_t bytes, struct buffer *out);
void config_format_duration(int64_t ms, struct buffer *out);

#endif
