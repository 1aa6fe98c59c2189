// config_yaml.c -- the settings file: one flat YAML mapping of keys to values.
//
//     port: 6379
//     bind: [127.0.0.1, "::1"]
//
// Of YAML only what such a file needs is accepted: one document, a mapping, a
// scalar for each key, for lists a sequence of scalars, and for records a
// sequence of such mappings. Anchors, aliases,
// merge keys and tags are refused by name instead of doing half of what a
// reader of YAML expects. A value's type comes from its row, never from how it
// is spelled, so that a password of 0123 or yes needs no quotes.
// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
#include <yaml.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/config/config_private.h"

enum { CONFIG_FILE_SIZE_MAX = 1024 * 1024 };

struct config_yaml {
    struct config *config;
    const char *name;
    struct slice text;
    yaml_parser_t parser;
    yaml_event_t event; // The current one; deleted when the next is read.
    size_t *lines;      // Of each entry's key in the file; 0: not there yet.
    struct config_error *error;
};

__attribute__((format(printf, 3, 4))) static bool
yaml_refuse(struct config_yaml *yaml, yaml_mark_t mark, const char *format, ...)
{
    struct config_error reason;
    va_list args;
    va_start(args, format);
    vsnprintf(reason.text, sizeof reason.text, format, args);
    va_end(args);
    config_refuse(yaml->error, "%s:%zu:%zu: %s", yaml->name, mark.line + 1,
                  mark.column + 1, reason.text);
    return false;
}

// The reader, which checks the encoding, tells a byte and no line.
static yaml_mark_t mark_of_offset(struct slice text, size_t offset)
{
    yaml_mark_t mark = {0};
    for (size_t i = 0; i < offset && i < text.size; i++) {
        mark.column++;
        if (text.data[i] == '\n') {
            mark.line++;
            mark.column = 0;
        }
    }
    return mark;
}

static bool yaml_refuse_syntax(struct config_yaml *yaml)
{
    const yaml_parser_t *parser = &yaml->parser;
    yaml_mark_t mark = parser->problem_mark;
    if (parser->error == YAML_READER_ERROR)
        mark = mark_of_offset(yaml->text, parser->problem_offset);
    return yaml_refuse(yaml, mark, "%s",
                       parser->problem ? parser->problem : "out of memory");
}

// Reads the next event. An anchor, alias or tag, wherever it is, is refused.
static bool yaml_next(struct config_yaml *yaml)
{
    yaml_event_delete(&yaml->event);
    if (!yaml_parser_parse(&yaml->parser, &yaml->event))
        return yaml_refuse_syntax(yaml);

    const yaml_event_t *event = &yaml->event;
    const yaml_char_t *anchor = NULL, *tag = NULL;
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return yaml_refuse(yaml, event->start_mark,
                           "aliases (*name) are not supported");
    case YAML_SCALAR_EVENT:
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
        break;
    case YAML_SEQUENCE_START_EVENT:
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
        break;
    case YAML_MAPPING_START_EVENT:
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
        break;
    default:
        break;
    }
    if (anchor)
        return yaml_refuse(yaml, event->start_mark,
                           "anchors (&name) are not supported");
    if (tag)
        return yaml_refuse(yaml, event->start_mark,
                           "tags (!name) are not supported");
    return true;
}

static struct slice yaml_scalar(const struct config_yaml *yaml)
{
    return (struct slice){(const char *)yaml->event.data.scalar.value,
                          yaml->event.data.scalar.length};
}

static bool yaml_is_null(const struct config_yaml *yaml)
{
    if (yaml->event.type != YAML_SCALAR_EVENT ||
        yaml->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return false;
    struct slice text = yaml_scalar(yaml);
    return text.size == 0 || slice_is(text, "~") || slice_is(text, "null");
}

static const char *yaml_kind(const struct config_yaml *yaml)
{
    switch (yaml->event.type) {
    case YAML_SEQUENCE_START_EVENT:
        return "a sequence";
    case YAML_MAPPING_START_EVENT:
        return "a mapping";
    default:
        return "a single value";
    }
}

static bool yaml_refuse_value(struct config_yaml *yaml, yaml_mark_t mark,
                              const struct config_row *row, const char *instead)
{
    struct config_error reason;
    config_refuse_value(&reason, row, instead);
    return yaml_refuse(yaml, mark, "%s %s", row->key, reason.text);
}

static bool yaml_assign(struct config_yaml *yaml, struct config_entry *entry,
                        yaml_mark_t mark, struct slice text)
{
    struct config_error reason;
    if (!config_assign(yaml->config, entry, CONFIG_FROM_FILE, text, &reason))
        return yaml_refuse(yaml, mark, "%s %s", entry->row->key, reason.text);
    return true;
}

// The current event starts the sequence.
static bool yaml_load_list(struct config_yaml *yaml, struct config_entry *entry)
{
    yaml_mark_t mark = yaml->event.start_mark;
    struct buffer words = {0};
    bool read;
    while ((read = yaml_next(yaml)) && yaml->event.type == YAML_SCALAR_EVENT) {
        buffer_append_slice(&words, yaml_scalar(yaml));
        buffer_append_byte(&words, ' ');
    }
    if (read && yaml->event.type != YAML_SEQUENCE_END_EVENT)
        read = yaml_refuse(yaml, yaml->event.start_mark,
                           "%s must hold single values, not %s",
                           entry->row->key, yaml_kind(yaml));
    bool loaded = read && yaml_assign(yaml, entry, mark, buffer_slice(&words));
    buffer_deinit(&words);
    return loaded;
}

// The current event is the key of a field. Reads its value.
static bool yaml_load_field(struct config_yaml *yaml,
                            struct config_record *record)
{
    struct config_error reason;
    const char *key = record->row->key;
    if (yaml->event.type != YAML_SCALAR_EVENT)
        return yaml_refuse(yaml, yaml->event.start_mark,
                           "a key of %s must be a word, not %s", key,
                           yaml_kind(yaml));
    struct buffer name = {0};
    buffer_append_slice(&name, yaml_scalar(yaml));
    bool read = yaml_next(yaml);
    if (read && yaml->event.type != YAML_SCALAR_EVENT)
        read = yaml_refuse(yaml, yaml->event.start_mark,
                           "what %s holds must be single values, not %s", key,
                           yaml_kind(yaml));
    if (read && !config_record_add(record, buffer_slice(&name),
                                   yaml_scalar(yaml), &reason))
        read = yaml_refuse(yaml, yaml->event.start_mark, "%s: %s", key,
                           reason.text);
    buffer_deinit(&name);
    return read;
}

// The current event starts the mapping.
static bool yaml_load_record(struct config_yaml *yaml,
                             const struct config_row *row, struct buffer *text)
{
    yaml_mark_t mark = yaml->event.start_mark;
    struct config_record record;
    struct config_error reason;
    bool read;
    config_record_begin(&record, row, text);
    while ((read = yaml_next(yaml)) &&
           yaml->event.type != YAML_MAPPING_END_EVENT) {
        if (!yaml_load_field(yaml, &record))
            return false;
    }
    if (read && !config_record_end(&record, &reason))
        return yaml_refuse(yaml, mark, "%s: %s", row->key, reason.text);
    return read;
}

// The current event starts the sequence.
static bool yaml_load_records(struct config_yaml *yaml,
                              struct config_entry *entry)
{
    yaml_mark_t mark = yaml->event.start_mark;
    struct buffer text = {0};
    bool read;
    while ((read = yaml_next(yaml)) &&
           yaml->event.type == YAML_MAPPING_START_EVENT) {
        if (!(read = yaml_load_record(yaml, entry->row, &text)))
            break;
    }
    if (read && yaml->event.type != YAML_SEQUENCE_END_EVENT)
        read = yaml_refuse(yaml, yaml->event.start_mark,
                           "%s must hold mappings, not %s", entry->row->key,
                           yaml_kind(yaml));
    bool loaded = read && yaml_assign(yaml, entry, mark, buffer_slice(&text));
    buffer_deinit(&text);
    return loaded;
}

// Reads the value of a key whose own place is `key`.
static bool yaml_load_value(struct config_yaml *yaml,
                            struct config_entry *entry, yaml_mark_t key)
{
    if (!yaml_next(yaml))
        return false;
    yaml_mark_t mark = yaml->event.start_mark;
    if (yaml_is_null(yaml) && config_type_is_text(entry->row->type))
        return yaml_refuse(yaml, key, "%s has no value; empty text is \"\"",
                           entry->row->key);
    if (yaml_is_null(yaml))
        return yaml_refuse_value(yaml, key, entry->row, "nothing");
    if (yaml->event.type == YAML_SCALAR_EVENT)
        return yaml_assign(yaml, entry, mark, yaml_scalar(yaml));
    if (yaml->event.type == YAML_SEQUENCE_START_EVENT &&
        entry->row->type == CONFIG_LIST)
        return yaml_load_list(yaml, entry);
    if (yaml->event.type == YAML_SEQUENCE_START_EVENT &&
        entry->row->type == CONFIG_RECORDS)
        return yaml_load_records(yaml, entry);
    return yaml_refuse_value(yaml, mark, entry->row, yaml_kind(yaml));
}

// The current event is the key.
static bool yaml_load_pair(struct config_yaml *yaml)
{
    yaml_mark_t mark = yaml->event.start_mark;
    if (yaml->event.type != YAML_SCALAR_EVENT)
        return yaml_refuse(yaml, mark, "a key must be a word, not %s",
                           yaml_kind(yaml));
    struct slice key = yaml_scalar(yaml);
    if (slice_is(key, "<<"))
        return yaml_refuse(yaml, mark, "merge keys (<<) are not supported");

    struct config_entry *entry = config_find(yaml->config, key);
    if (!entry) {
        struct config_error where;
        config_refuse(&where, "%s:%zu:%zu", yaml->name, mark.line + 1,
                      mark.column + 1);
        config_refuse_key(yaml->error, yaml->config, where.text, key);
        return false;
    }
    size_t *line = &yaml->lines[entry - yaml->config->entries];
    if (*line)
        return yaml_refuse(yaml, mark,
                           "duplicate key '%s'; set in line %zu already",
                           entry->row->key, *line);
    *line = mark.line + 1;
    return yaml_load_value(yaml, entry, mark);
}

// The current event is the first of the document's content.
static bool yaml_load_root(struct config_yaml *yaml)
{
    if (yaml_is_null(yaml)) // "---" and nothing else.
        return true;
    if (yaml->event.type != YAML_MAPPING_START_EVENT)
        return yaml_refuse(yaml, yaml->event.start_mark,
                           "expected lines of 'key: value', not %s",
                           yaml_kind(yaml));
    while (yaml_next(yaml)) {
        if (yaml->event.type == YAML_MAPPING_END_EVENT)
            return true;
        if (!yaml_load_pair(yaml))
            return false;
    }
    return false;
}

// Between the start of the stream and its end: nothing, or one document.
static bool yaml_load_stream(struct config_yaml *yaml)
{
    if (!yaml_next(yaml))
        return false;
    if (yaml->event.type == YAML_STREAM_END_EVENT)
        return true;
    if (!yaml_next(yaml) || !yaml_load_root(yaml))
        return false;
    if (!yaml_next(yaml)) // The end of the document.
        return false;
    if (!yaml_next(yaml))
        return false;
    if (yaml->event.type != YAML_STREAM_END_EVENT)
        return yaml_refuse(yaml, yaml->event.start_mark,
                           "one document is enough; a second starts here");
    return true;
}

enum status config_load_yaml_text(struct config *config, const char *name,
                                  struct slice text, struct config_error *error)
{
    if (text.size > CONFIG_FILE_SIZE_MAX) {
        config_refuse(error, "%s: larger than 1MB is no settings file", name);
        return STATUS_INVALID;
    }
    struct config_yaml yaml = {
        .config = config, .name = name, .text = text, .error = error};
    yaml.lines = xcalloc(config->count, sizeof *yaml.lines);
    check(yaml_parser_initialize(&yaml.parser));
    const char *bytes = text.size ? text.data : "";
    yaml_parser_set_input_string(&yaml.parser, (const unsigned char *)bytes,
                                 text.size);

    bool loaded = yaml_next(&yaml) && yaml_load_stream(&yaml);

    yaml_event_delete(&yaml.event);
    yaml_parser_delete(&yaml.parser);
    free(yaml.lines);
    return loaded ? STATUS_OK : STATUS_INVALID;
}

// Reads all, or one byte more than is allowed.
static bool read_bounded(int fd, struct buffer *out)
{
    while (out->size <= CONFIG_FILE_SIZE_MAX) {
        size_t room = CONFIG_FILE_SIZE_MAX + 1 - out->size;
        buffer_reserve(out, room);
        ssize_t size = read(fd, out->data + out->size, room);
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            return size == 0;
        out->size += (size_t)size;
    }
    return true;
}

enum status config_load_yaml(struct config *config, const char *path,
                             struct config_error *error)
{
    struct buffer text = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || !read_bounded(fd, &text)) {
        int reason = errno;
        config_refuse(error, "%s: %s", path, strerror(reason));
        buffer_deinit(&text);
        if (fd >= 0)
            close(fd);
        return status_of_errno(reason);
    }
    close(fd);
    enum status status =
        config_load_yaml_text(config, path, buffer_slice(&text), error);
    buffer_deinit(&text);
    return status;
}
