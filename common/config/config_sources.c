// config_sources.c -- settings from the environment and from flags.
// SPDX-License-Identifier: MIT
#include <ctype.h>
#include <string.h>

#include "common/config/config_private.h"

#define PREFIX "VEGA_"

void config_variable(const struct config_row *row,
                     char variable[CONFIG_VARIABLE_MAX + 1])
{
    char *at = stpcpy(variable, PREFIX);
    for (const char *letter = row->key; *letter; letter++)
        *at++ = (char)toupper((unsigned char)*letter);
    *at = '\0';
}

static bool assign_from(struct config *config, const struct config_entry *entry,
                        enum config_source source, const char *where,
                        const char *value, struct config_error *error)
{
    struct config_error reason;
    if (config_assign(config, entry, source, slice_of(value), &reason))
        return true;
    config_refuse(error, "%s: %s", where, reason.text);
    return false;
}

// A server started from the shell of its user inherits what was meant for
// vega-client, and for the scripts that build and test.
static bool is_of_other_programs(struct slice name)
{
    return slice_equal(name, SLICE("VEGA_PASSWORD")) ||
           slice_equal(name, SLICE("VEGA_BUILD"));
}

static bool refuse_variable(const struct config *config, struct slice name,
                            struct config_error *error)
{
    struct slice key = {name.data + sizeof PREFIX - 1,
                        name.size - (sizeof PREFIX - 1)};
    const struct config_row *nearest = config_nearest(config, key);
    if (nearest) {
        char known[CONFIG_VARIABLE_MAX + 1];
        config_variable(nearest, known);
        config_refuse(error, "%.*s: unknown variable; did you mean %s?",
                      SLICE_PRINT(name), known);
    } else {
        config_refuse(error, "%.*s: unknown variable; --help lists the keys",
                      SLICE_PRINT(name));
    }
    return false;
}

static bool load_variable(struct config *config, const char *variable,
                          struct config_error *error)
{
    struct slice name = {variable, strcspn(variable, "=")};
    if (strncmp(variable, PREFIX, sizeof PREFIX - 1) != 0 ||
        variable[name.size] != '=')
        return true;

    for (size_t i = 0; i < config->count; i++) {
        struct config_entry *entry = &config->entries[i];
        char known[CONFIG_VARIABLE_MAX + 1];
        config_variable(entry->row, known);
        if (slice_equal(name, slice_of(known)))
            return assign_from(config, entry, CONFIG_FROM_ENVIRONMENT, known,
                               variable + name.size + 1, error);
    }
    return is_of_other_programs(name) || refuse_variable(config, name, error);
}

enum status config_load_environment(struct config *config,
                                    char *const *environment,
                                    struct config_error *error)
{
    for (; *environment; environment++) {
        if (!load_variable(config, *environment, error))
            return STATUS_INVALID;
    }
    return STATUS_OK;
}

// As assign_from; but everybody on the machine can read the arguments of a
// process, so no secret comes that way.
static bool assign_from_flag(struct config *config,
                             const struct config_entry *entry,
                             const char *where, const char *value,
                             struct config_error *error)
{
    if (!(entry->row->flags & CONFIG_SECRET))
        return assign_from(config, entry, CONFIG_FROM_FLAG, where, value,
                           error);

    char variable[CONFIG_VARIABLE_MAX + 1];
    config_variable(entry->row, variable);
    config_refuse(error,
                  "%s: flags are visible to every user of the machine; set %s "
                  "in the file or %s in the environment",
                  where, entry->row->key, variable);
    return false;
}

// --set key=value
static bool load_pair(struct config *config, const char *pair,
                      struct config_error *error)
{
    struct slice key = {pair, strcspn(pair, "=")};
    if (pair[key.size] != '=') {
        config_refuse(error, "--set: must be key=value, not %s",
                      config_quote(key).text);
        return false;
    }
    struct config_entry *entry = config_find(config, key);
    if (!entry) {
        config_refuse_key(error, config, "--set", key);
        return false;
    }
    struct config_error where;
    config_refuse(&where, "--set %s", entry->row->key);
    return assign_from_flag(config, entry, where.text, pair + key.size + 1,
                            error);
}

static struct config_entry *find_flag(const struct config *config,
                                      struct slice name)
{
    for (size_t i = 0; i < config->count; i++) {
        const char *flag = config->entries[i].row->flag;
        if (flag && slice_equal(name, slice_of(flag)))
            return &config->entries[i];
    }
    return NULL;
}

// Loads the flag at argv[0] with its value and sets *used to how many
// arguments they were: 0, 1 or 2.
static bool load_flag(struct config *config, char **argv, int *used,
                      struct config_error *error)
{
    struct slice name = {argv[0], strcspn(argv[0], "=")};
    bool is_set = slice_equal(name, SLICE("--set"));
    struct config_entry *entry = is_set ? NULL : find_flag(config, name);
    *used = 0;
    if (!entry && !is_set)
        return true;

    const char *value;
    if (argv[0][name.size] == '=') {
        *used = 1;
        value = argv[0] + name.size + 1;
    } else if (entry && entry->row->type == CONFIG_BOOL) {
        *used = 1;
        value = "true";
    } else {
        *used = 2;
        value = argv[1];
    }
    if (!value) {
        config_refuse(error, "%s: needs a value", argv[0]);
        return false;
    }
    if (is_set)
        return load_pair(config, value, error);
    return assign_from_flag(config, entry, entry->row->flag, value, error);
}

enum status config_load_flags(struct config *config, int *argc, char **argv,
                              struct config_error *error)
{
    int kept = 0;
    for (int i = 0; i < *argc; i++) {
        int used = 0;
        if (i > 0 && !strcmp(argv[i], "--")) { // The end of all flags.
            while (i < *argc)
                argv[kept++] = argv[i++];
            break;
        }
        if (i > 0 && !load_flag(config, argv + i, &used, error))
            return STATUS_INVALID;
        if (used == 0)
            argv[kept++] = argv[i];
        else
            i += used - 1;
    }
    argv[kept] = NULL;
    *argc = kept;
    return STATUS_OK;
}
