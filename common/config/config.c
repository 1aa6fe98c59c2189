// config.c -- the registry of rows, and settings that change at run time.
// SPDX-License-Identifier: MIT
#include "common/config/config.h"

#include <string.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/config/config_private.h"

struct config *config_create(void)
{
    return xcalloc(1, sizeof(struct config));
}

void config_destroy(struct config *config)
{
    for (size_t i = 0; i < config->count; i++) {
        struct config_entry *entry = &config->entries[i];
        if (config_type_is_text(entry->row->type) && entry->owner == i)
            config_value_store(entry->row, entry->field,
                               (struct config_value){0});
    }
    free(config->entries);
    free(config);
}

// What the rows of a stage promise; a mistake there is a bug.
static void config_check_row(const struct config *config,
                             const struct config_row *row)
{
    check(strlen(row->key) <= CONFIG_KEY_MAX);
    check(!config_find(config, slice_of(row->key)));
    check(row->min <= row->max);
    check((row->type == CONFIG_CHOICE || row->type == CONFIG_LETTERS ||
           row->type == CONFIG_LIMITS) == (row->choices != NULL));
    if (row->flags & CONFIG_SECRET)
        check(config_type_is_text(row->type)); // Errors repeat other types.
    if (row->accepts)
        check(row->type == CONFIG_TEXT && row->allowed);
    check((row->type == CONFIG_RECORDS) == (row->fields != NULL));
}

// The index of the entry that owns `field`; the count when there is none yet.
static size_t config_owner_of(const struct config *config, const void *field)
{
    size_t i = 0;
    while (i < config->count && config->entries[i].field != field)
        i++;
    return i;
}

static void config_add_row(struct config *config, const struct config_row *row,
                           void *target)
{
    config_check_row(config, row);
    if (config->count == config->capacity) {
        config->capacity = config->capacity ? config->capacity * 2 : 32;
        config->entries = xrealloc(config->entries,
                                   config->capacity * sizeof(*config->entries));
    }
    void *field = (char *)target + row->offset;
    size_t owner = config_owner_of(config, field);
    bool is_alias = owner < config->count;
    check(is_alias == ((row->flags & CONFIG_ALIAS) != 0));
    struct config_entry *entry = &config->entries[config->count++];
    *entry = (struct config_entry){.row = row, .field = field, .owner = owner};
    if (is_alias)
        return;
    // The target may be fresh memory: there is no text yet to be freed.
    if (config_type_is_text(row->type))
        *(char **)entry->field = NULL;

    struct config_error error;
    check(config_assign(config, entry, CONFIG_FROM_DEFAULT,
                        slice_of(row->fallback), &error));
}

void config_add(struct config *config, const struct config_row *rows,
                void *target)
{
    for (const struct config_row *row = rows; row->key; row++)
        config_add_row(config, row, target);
}

struct config_entry *config_find(const struct config *config, struct slice key)
{
    for (size_t i = 0; i < config->count; i++) {
        if (slice_equal(slice_of(config->entries[i].row->key), key))
            return &config->entries[i];
    }
    return NULL;
}

static void config_refuse_text(const struct config_row *row,
                               enum config_spelling spelling, struct slice text,
                               struct config_error *error)
{
    if (spelling == CONFIG_SPELLING_REDIS)
        config_refuse_as_redis(error, row, text);
    else if (config_type_is_text(row->type)) // Perhaps a secret: not repeated.
        config_refuse(error, "must not hold a NUL byte");
    else
        config_refuse_value(error, row, config_quote(text).text);
}

static bool config_parse(const struct config_entry *entry,
                         enum config_spelling spelling, struct slice text,
                         struct config_value *value, struct config_error *error)
{
    const struct config_row *row = entry->row;
    if (row->type == CONFIG_LIMITS)
        *value = config_value_load(row, entry->field);
    if (!config_value_parse(row, spelling, text, value)) {
        config_refuse_text(row, spelling, text, error);
        return false;
    }
    bool fits =
        !row->fields || config_records_check(row, slice_of(value->text), error);
    if (fits && (!row->accepts || row->accepts(value->text)))
        return true;
    free(value->text);
    value->text = NULL;
    if (!fits)
        return false; // The reason is written.
    if (spelling == CONFIG_SPELLING_REDIS && row->redis_allowed)
        config_refuse(error, "%s", row->redis_allowed);
    else
        config_refuse(error, "must be %s, not %s", row->allowed,
                      config_quote(text).text);
    return false;
}

bool config_assign(struct config *config, const struct config_entry *entry,
                   enum config_source source, struct slice text,
                   struct config_error *error)
{
    struct config_entry *owner = &config->entries[entry->owner];
    const struct config_row **named = &owner->named[source];
    struct config_value value = {0};
    if (*named && *named != entry->row) {
        config_refuse(error, "is the same setting as %s, which is set already",
                      (*named)->key);
        return false;
    }
    if (!config_parse(entry, CONFIG_SPELLING_VEGA, text, &value, error))
        return false;
    *named = entry->row;
    if (source < owner->source) {
        free(value.text);
        return true;
    }
    config_value_store(entry->row, entry->field, value);
    owner->source = source;
    return true;
}

bool config_set_default(struct config *config, const char *key,
                        const char *value, struct config_error *error)
{
    struct config_entry *entry = config_find(config, slice_of(key));
    check(entry);
    config->entries[entry->owner].implied = true;
    return config_assign(config, entry, CONFIG_FROM_DEFAULT, slice_of(value),
                         error);
}

// `key` with '-' for '_', as Redis' clients would write it.
static void config_dash(const char *key, char dashed[CONFIG_KEY_MAX + 1])
{
    size_t i = 0;
    for (; key[i]; i++)
        dashed[i] = key[i] == '_' ? '-' : key[i];
    dashed[i] = '\0';
}

bool config_is_redis_name(const struct config_row *row, struct slice name)
{
    return (row->redis_name && slice_is(name, row->redis_name)) ||
           (row->redis_old_name && slice_is(name, row->redis_old_name));
}

static struct config_entry *config_find_named(const struct config *config,
                                              struct slice name,
                                              enum config_spelling *spelling)
{
    for (size_t i = 0; i < config->count; i++) {
        const struct config_row *row = config->entries[i].row;
        char dashed[CONFIG_KEY_MAX + 1];
        config_dash(row->key, dashed);
        bool redis = config_is_redis_name(row, name);
        if (redis || slice_is(name, row->key) || slice_is(name, dashed)) {
            *spelling = redis ? CONFIG_SPELLING_REDIS : CONFIG_SPELLING_VEGA;
            return &config->entries[i];
        }
    }
    return NULL;
}

static void config_notify(const struct config *config)
{
    for (size_t i = 0; i < config->listener_count; i++)
        config->listeners[i].changed(config->listeners[i].context);
}

// On STATUS_OK the caller owns a text in *parsed.
static bool config_can_change(const struct config_entry *entry)
{
    return entry->row->flags & CONFIG_RUNTIME;
}

static bool config_is(const struct config_entry *entry,
                      struct config_value value)
{
    return config_value_equal(
        entry->row, config_value_load(entry->row, entry->field), value);
}

static enum status config_read(const struct config *config, struct slice key,
                               struct slice value, struct config_entry **entry,
                               struct config_value *parsed,
                               struct config_error *error)
{
    enum config_spelling spelling;
    *entry = config_find_named(config, key, &spelling);
    if (!*entry) {
        config_refuse(error, "unknown key %s", config_quote(key).text);
        return STATUS_NOT_FOUND;
    }
    bool is_fit = config_parse(*entry, spelling, value, parsed, error);
    if (config_can_change(*entry) || (is_fit && config_is(*entry, *parsed)))
        return is_fit ? STATUS_OK : STATUS_INVALID;
    free(parsed->text);
    config_refuse(error, "can't set immutable config"); // Redis' words.
    return STATUS_DENIED;
}

enum status config_set(struct config *config, struct slice key,
                       struct slice value, struct config_error *error)
{
    struct config_entry *entry;
    struct config_value parsed = {0};
    enum status status =
        config_read(config, key, value, &entry, &parsed, error);
    if (status == STATUS_OK && config_can_change(entry)) {
        config_value_store(entry->row, entry->field, parsed);
        config_notify(config);
    } else if (status == STATUS_OK) {
        free(parsed.text);
    }
    return status;
}

enum status config_check(const struct config *config, struct slice key,
                         struct slice value, struct config_error *error)
{
    struct config_entry *entry;
    struct config_value parsed = {0};
    enum status status =
        config_read(config, key, value, &entry, &parsed, error);
    free(parsed.text);
    return status;
}

// CONFIG GET under way: what is asked for, and whom to tell.
struct config_search {
    struct slice pattern;
    void (*each)(void *context, const char *key, const char *value);
    void *context;
    struct buffer text;
};

// Tells of the entry under one of its names, if that is there and matches.
static bool config_show(struct config_search *search,
                        const struct config_entry *entry, const char *name,
                        enum config_spelling spelling)
{
    if (!name || !slice_matches(slice_of(name), search->pattern, true))
        return false;
    buffer_clear(&search->text);
    config_value_format(entry->row, spelling,
                        config_value_load(entry->row, entry->field),
                        &search->text);
    buffer_append_byte(&search->text, '\0');
    search->each(search->context, name, search->text.data);
    return true;
}

void config_get(const struct config *config, struct slice pattern,
                void (*each)(void *context, const char *key, const char *value),
                void *context)
{
    struct config_search search = {pattern, each, context, {0}};
    for (size_t i = 0; i < config->count; i++) {
        const struct config_entry *entry = &config->entries[i];
        const struct config_row *row = entry->row;
        bool redis =
            config_show(&search, entry, row->redis_name, CONFIG_SPELLING_REDIS);
        redis |= config_show(&search, entry, row->redis_old_name,
                             CONFIG_SPELLING_REDIS);
        if (redis)
            continue;
        char dashed[CONFIG_KEY_MAX + 1];
        config_dash(row->key, dashed);
        if (!config_show(&search, entry, row->key, CONFIG_SPELLING_VEGA))
            config_show(&search, entry, dashed, CONFIG_SPELLING_VEGA);
    }
    buffer_deinit(&search.text);
}

void config_adopt(struct config *config, const struct config *fresh,
                  void (*changed)(void *context, const char *key, bool applied),
                  void *context)
{
    check(config->count == fresh->count);
    bool any = false;
    for (size_t i = 0; i < config->count; i++) {
        struct config_entry *entry = &config->entries[i];
        const struct config_row *row = entry->row;
        check(row == fresh->entries[i].row);
        if (row->flags & CONFIG_ALIAS)
            continue;
        if (entry->implied && entry->source == CONFIG_FROM_DEFAULT &&
            fresh->entries[i].source == CONFIG_FROM_DEFAULT)
            continue;
        struct config_value old = config_value_load(row, entry->field);
        struct config_value new =
            config_value_load(row, fresh->entries[i].field);
        if (config_value_equal(row, old, new))
            continue;
        bool applied = row->flags & CONFIG_RUNTIME;
        if (applied) {
            if (new.text)
                new.text = xstrdup(new.text);
            config_value_store(row, entry->field, new);
            any = true;
        }
        changed(context, row->key, applied);
    }
    if (any)
        config_notify(config);
}

void config_on_change(struct config *config, void (*changed)(void *context),
                      void *context)
{
    check(config->listener_count < CONFIG_LISTENERS_MAX);
    config->listeners[config->listener_count++] =
        (struct config_listener){changed, context};
}
