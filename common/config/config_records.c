// config_records.c -- settings that are lists of mappings, as text:
//
//     id=n1 address=127.0.0.1:7001, id=n2 address=127.0.0.1:7002 weight=2
//
// The fields of a record stand in any order, those that are left out have their
// fallback. The YAML loader adds them one by one, so that a mistake is found at
// its place in the file; text from elsewhere goes the same way.
// SPDX-License-Identifier: MIT
#include "common/base/check.h"
#include "common/config/config_private.h"

// Takes what stands before the next `separator` off `text`, without spaces at
// either end. False when nothing is left.
static bool take_until(struct slice *text, char separator, struct slice *taken)
{
    while (text->size && *text->data == ' ') {
        text->data++;
        text->size--;
    }
    if (text->size == 0)
        return false;
    const char *end = memchr(text->data, separator, text->size);
    size_t size = end ? (size_t)(end - text->data) : text->size;
    *taken = (struct slice){text->data, size};
    size_t used = size + (end != NULL);
    *text = (struct slice){text->data + used, text->size - used};
    while (taken->size && taken->data[taken->size - 1] == ' ')
        taken->size--;
    return true;
}

// "name=value" in two; without '=', the value is NULL.
static struct slice split_pair(struct slice pair, struct slice *value)
{
    const char *equal = memchr(pair.data, '=', pair.size);
    *value = (struct slice){0};
    if (!equal)
        return pair;
    size_t size = (size_t)(equal - pair.data);
    *value = (struct slice){equal + 1, pair.size - size - 1};
    return (struct slice){pair.data, size};
}

// The value that a record has for the field; false: none.
static bool find_value(struct slice record, const char *field,
                       struct slice *value)
{
    struct slice pair;
    while (take_until(&record, ' ', &pair)) {
        if (slice_equal(split_pair(pair, value), slice_of(field)))
            return true;
    }
    return false;
}

static bool is_taken(struct slice records, const char *field,
                     struct slice value)
{
    struct slice record, other;
    while (take_until(&records, ',', &record)) {
        if (find_value(record, field, &other) && slice_equal(value, other))
            return true;
    }
    return false;
}

static const struct config_field *find_field(const struct config_row *row,
                                             struct slice name)
{
    for (const struct config_field *field = row->fields; field->name; field++) {
        if (slice_equal(slice_of(field->name), name))
            return field;
    }
    return NULL;
}

static bool refuse_field(const struct config_row *row, struct slice name,
                         struct config_error *error)
{
    struct buffer known = {0};
    for (const struct config_field *field = row->fields; field->name; field++)
        buffer_printf(&known, "%s%s", field == row->fields ? "" : ", ",
                      field->name);
    config_refuse(error, "unknown key %s; there are %.*s",
                  config_quote(name).text, SLICE_PRINT(buffer_slice(&known)));
    buffer_deinit(&known);
    return false;
}

static bool value_is_accepted(const struct config_field *field,
                              struct slice value)
{
    struct buffer text = {0};
    bool is_word = value.size && !memchr(value.data, ' ', value.size) &&
                   !memchr(value.data, ',', value.size) &&
                   !memchr(value.data, '\0', value.size);
    buffer_append_slice(&text, value);
    buffer_append_byte(&text, '\0');
    bool accepted = is_word && (!field->accepts || field->accepts(text.data));
    buffer_deinit(&text);
    return accepted;
}

void config_record_begin(struct config_record *record,
                         const struct config_row *row, struct buffer *text)
{
    if (text->size)
        buffer_append_text(text, ", ");
    *record = (struct config_record){row, text, text->size};
}

bool config_record_add(struct config_record *record, struct slice name,
                       struct slice value, struct config_error *error)
{
    struct buffer *text = record->text;
    struct slice before = {text->data, record->start};
    struct slice present = {text->data + record->start,
                            text->size - record->start};
    struct slice other;
    const struct config_field *field = find_field(record->row, name);
    if (!field)
        return refuse_field(record->row, name, error);
    if (find_value(present, field->name, &other)) {
        config_refuse(error, "%s is set already", field->name);
        return false;
    }
    if (!value_is_accepted(field, value)) {
        config_refuse(error, "%s must be %s, not %s", field->name,
                      field->allowed, config_quote(value).text);
        return false;
    }
    if (field->unique && is_taken(before, field->name, value)) {
        config_refuse(error, "%s %s is another one's already", field->name,
                      config_quote(value).text);
        return false;
    }
    buffer_printf(text, "%s%s=%.*s", present.size ? " " : "", field->name,
                  SLICE_PRINT(value));
    return true;
}

bool config_record_end(const struct config_record *record,
                       struct config_error *error)
{
    struct slice present = {record->text->data + record->start,
                            record->text->size - record->start};
    struct slice value;
    const struct config_field *field = record->row->fields;
    for (; field->name; field++) {
        if (field->fallback || find_value(present, field->name, &value))
            continue;
        config_refuse(error, "%s is missing", field->name);
        return false;
    }
    return true;
}

static bool check_record(const struct config_row *row, struct slice text,
                         struct buffer *records, struct config_error *error)
{
    struct config_record record;
    struct slice pair, value;
    config_record_begin(&record, row, records);
    while (take_until(&text, ' ', &pair)) {
        struct slice name = split_pair(pair, &value);
        if (!value.data) {
            config_refuse(error, "must be KEY=VALUE, not %s",
                          config_quote(pair).text);
            return false;
        }
        if (!config_record_add(&record, name, value, error))
            return false;
    }
    return config_record_end(&record, error);
}

bool config_records_check(const struct config_row *row, struct slice text,
                          struct config_error *error)
{
    struct buffer records = {0};
    struct slice record;
    bool good = true;
    while (good && take_until(&text, ',', &record))
        good = check_record(row, record, &records, error);
    buffer_deinit(&records);
    return good;
}

bool config_next_record(const struct config_field *fields,
                        struct slice *records,
                        struct slice values[CONFIG_FIELDS_MAX])
{
    struct slice record;
    if (!take_until(records, ',', &record))
        return false;
    for (size_t i = 0; fields[i].name; i++) {
        check(i < CONFIG_FIELDS_MAX);
        if (!find_value(record, fields[i].name, &values[i])) {
            check(fields[i].fallback); // It was checked when it was set.
            values[i] = slice_of(fields[i].fallback);
        }
    }
    return true;
}
