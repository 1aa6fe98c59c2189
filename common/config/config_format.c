// config_format.c -- the rows for people: a sample file, and lines for --help.
// SPDX-License-Identifier: MIT
#include <string.h>

#include "common/config/config_private.h"

enum { PAGE_COLUMNS = 79 };

// Appends `text` in lines that begin with `indent` and end before the edge.
static void format_paragraph(struct buffer *out, const char *indent,
                             struct slice text)
{
    size_t column = 0;
    while (text.size) {
        const char *space = memchr(text.data, ' ', text.size);
        size_t word = space ? (size_t)(space - text.data) : text.size;
        if (column && column + 1 + word > PAGE_COLUMNS) {
            buffer_append_byte(out, '\n');
            column = 0;
        }
        const char *before = column ? " " : indent;
        buffer_append_text(out, before);
        buffer_append(out, text.data, word);
        column += strlen(before) + word;

        size_t taken = word + (space != NULL);
        text = (struct slice){text.data + taken, text.size - taken};
    }
    buffer_append_byte(out, '\n');
}

static bool starts_section(const struct config *config, size_t index)
{
    const char *section = config->entries[index].row->section;
    return index == 0 ||
           strcmp(section, config->entries[index - 1].row->section) != 0;
}

// The default as a YAML value. A default that means something else to YAML
// without quotes gets them; so does all text, for its readers.
static void format_yaml(const struct config_row *row, struct buffer *out)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ./_-";
    size_t size = strlen(row->fallback);
    if (row->type == CONFIG_RECORDS) {
        buffer_append_text(out, "[]"); // Of any, no default could be true.
        return;
    }
    if (row->type != CONFIG_TEXT && size &&
        strspn(row->fallback, plain) == size) {
        buffer_append_text(out, row->fallback);
        return;
    }
    buffer_append_byte(out, '"');
    for (const char *at = row->fallback; *at; at++) {
        if (*at == '"' || *at == '\\')
            buffer_append_byte(out, '\\');
        buffer_append_byte(out, *at);
    }
    buffer_append_byte(out, '"');
}

// "Allowed: an integer from 0 to 65535. Can change at run time."
static void format_facts(const struct config_row *row, struct buffer *out)
{
    if (!config_type_is_text(row->type)) {
        buffer_append_text(out, "Allowed: ");
        config_value_describe(row, out);
        buffer_append_byte(out, '.');
    } else if (row->allowed) {
        buffer_printf(out, "Allowed: %s.", row->allowed);
    }
    if (row->flags & CONFIG_SECRET)
        buffer_append_text(out, " Never accepted as a flag.");
    if (row->flags & CONFIG_RUNTIME)
        buffer_append_text(out, " Can change at run time.");
}

static void format_sample_row(const struct config_row *row, struct buffer *out)
{
    buffer_append_byte(out, '\n');
    format_paragraph(out, "# ", slice_of(row->help));

    struct buffer facts = {0};
    format_facts(row, &facts);
    struct slice text = buffer_slice(&facts);
    if (text.size && *text.data == ' ')
        text = (struct slice){text.data + 1, text.size - 1};
    if (text.size)
        format_paragraph(out, "# ", text);
    buffer_deinit(&facts);

    buffer_printf(out, "%s: ", row->key);
    format_yaml(row, out);
    buffer_append_byte(out, '\n');
}

void config_format_sample(const struct config *config, struct buffer *out)
{
    static const char *const opening[] = {
        "Settings of vega-server. Every key may be left out; what stands here "
        "are the defaults.",
        "A variable VEGA_KEY (VEGA_PORT=7000) wins over this file, a flag "
        "(--port 7000, or --set port=7000) over both.",
        "Sizes are in powers of 1024: 100, 64KB, 512MB, 1GB. Durations have a "
        "unit: 250ms, 5s, 2m, 1h, 7d, or are 0.",
    };
    for (size_t i = 0; i < sizeof opening / sizeof *opening; i++) {
        buffer_append_text(out, i ? "#\n" : "");
        format_paragraph(out, "# ", slice_of(opening[i]));
    }
    for (size_t i = 0; i < config->count; i++) {
        const struct config_row *row = config->entries[i].row;
        if (row->flags & CONFIG_ALIAS)
            continue;
        if (starts_section(config, i))
            buffer_printf(out, "\n# ---- %s ----\n", row->section);
        format_sample_row(row, out);
    }
}

static void format_placeholder(const struct config_row *row, struct buffer *out)
{
    static const char *const names[] = {
        [CONFIG_BOOL] = "true|false",
        [CONFIG_INT] = "N",
        [CONFIG_MODE] = "MODE",
        [CONFIG_SIZE] = "SIZE",
        [CONFIG_DURATION] = "TIME",
        [CONFIG_TEXT] = "TEXT",
        [CONFIG_LIST] = "\"A B ...\"",
        [CONFIG_LETTERS] = "LETTERS",
        [CONFIG_LIMITS] = "\"CLASS SIZE SIZE TIME ...\"",
        [CONFIG_RECORDS] = "\"KEY=VALUE ..., ...\"",
    };
    if (row->type != CONFIG_CHOICE) {
        buffer_append_text(out, names[row->type]);
        return;
    }
    for (size_t i = 0; row->choices[i]; i++)
        buffer_printf(out, "%s%s", i ? "|" : "", row->choices[i]);
}

// The shortest way to set the row, as one would type it.
static void format_usage(const struct config_row *row, struct buffer *out)
{
    if (row->flags & CONFIG_SECRET) {
        char variable[CONFIG_VARIABLE_MAX + 1];
        config_variable(row, variable);
        buffer_printf(out, "  %s=", variable);
    } else if (!row->flag) {
        buffer_printf(out, "  --set %s=", row->key);
    } else if (row->type == CONFIG_BOOL) {
        buffer_printf(out, "  %s[=true|false]\n", row->flag);
        return;
    } else {
        buffer_printf(out, "  %s ", row->flag);
    }
    format_placeholder(row, out);
    buffer_append_byte(out, '\n');
}

void config_format_help(const struct config *config, struct buffer *out)
{
    for (size_t i = 0; i < config->count; i++) {
        const struct config_row *row = config->entries[i].row;
        if (starts_section(config, i))
            buffer_printf(out, "%s%s:\n", i ? "\n" : "", row->section);
        format_usage(row, out);

        struct buffer text = {0};
        buffer_append_text(&text, row->help);
        if (*row->fallback)
            buffer_printf(&text, " Default: %s.", row->fallback);
        format_paragraph(out, "        ", buffer_slice(&text));
        buffer_deinit(&text);
    }
    buffer_append_text(out, "\n");
    format_paragraph(
        out, "",
        SLICE("Every key may stand in the file (key: value), in the "
              "environment (VEGA_KEY=value) and, unless it is a secret, in an "
              "argument (--set key=value). Arguments win over the environment, "
              "the environment over the file."));
}
