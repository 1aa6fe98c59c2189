// cli_help.c -- help and completion, both from the docs.
// SPDX-License-Identifier: MIT
#include "common/client/cli_help.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { LINE_WIDTH = 78 };

static void append_upper(struct buffer *out, const char *text)
{
    for (; *text; text++)
        buffer_append_byte(out, (char)toupper((unsigned char)*text));
}

static void append_usage(struct buffer *out, const struct doc *doc)
{
    append_upper(out, doc->name);
    buffer_printf(out, "%s%s\n", *doc->arguments ? " " : "", doc->arguments);
}

static void append_doc(struct buffer *out, const struct doc *doc)
{
    buffer_append_text(out, "\n  ");
    append_usage(out, doc);
    buffer_printf(out, "  summary: %s\n", doc->summary);
    if (*doc->since)
        buffer_printf(out, "  since: %s\n", doc->since);
    buffer_printf(out, "  group: %s\n", doc->group);
}

// Appends a word to lines of LINE_WIDTH; *line is the size of the last one.
static void append_wrapped(struct buffer *out, const char *word, size_t *line)
{
    size_t size = strlen(word) + 2;
    if (*line + size > LINE_WIDTH) {
        buffer_append_byte(out, '\n');
        *line = 0;
    }
    buffer_printf(out, "%s  ", word);
    *line += size;
}

static bool group_is_new(const struct docs *docs, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(docs->items[i].group, docs->items[index].group) == 0)
            return false;
    return true;
}

static void append_overview(struct buffer *out, const struct docs *docs)
{
    for (size_t i = 0; i < docs->count; i++) {
        if (!group_is_new(docs, i))
            continue;
        size_t line = 0;
        buffer_printf(out, "\n@%s\n", docs->items[i].group);
        for (size_t j = i; j < docs->count; j++)
            if (strcmp(docs->items[j].group, docs->items[i].group) == 0 &&
                !strchr(docs->items[j].name, ' '))
                append_wrapped(out, docs->items[j].name, &line);
        buffer_append_byte(out, '\n');
    }
}

static void append_general(struct buffer *out, const struct docs *docs)
{
    append_overview(out, docs);
    buffer_append_text(
        out,
        "\n"
        "HELP command     what a command does and takes\n"
        "HELP @group      the same for all of a group\n"
        "Tab              completes; behind a command shows its arguments\n"
        "Ctrl-R           searches the history\n"
        "BENCHMARK ops    loads the server with so many requests\n");
}

// Commands whose name begins with the words, each with its subcommands.
static size_t append_matching(struct buffer *out, const struct docs *docs,
                              const char *name)
{
    size_t found = 0, size = strlen(name);
    for (size_t i = 0; i < docs->count; i++) {
        const struct doc *doc = &docs->items[i];
        if (strncasecmp(doc->name, name, size) != 0 ||
            (doc->name[size] && doc->name[size] != ' '))
            continue;
        append_doc(out, doc);
        found++;
    }
    return found;
}

static size_t append_group(struct buffer *out, const struct docs *docs,
                           const char *group)
{
    size_t found = 0;
    for (size_t i = 0; i < docs->count; i++)
        if (strcasecmp(docs->items[i].group, group) == 0) {
            append_doc(out, &docs->items[i]);
            found++;
        }
    return found;
}

void cli_help(struct buffer *out, const struct docs *docs,
              const struct words *words)
{
    if (words->count < 2) {
        append_general(out, docs);
        return;
    }
    struct buffer name = {0};
    for (size_t i = 1; i < words->count; i++)
        buffer_printf(&name, "%s%s", i > 1 ? " " : "", words->argv[i]);
    buffer_append_byte(&name, '\0');
    size_t found = *name.data == '@' ? append_group(out, docs, name.data + 1)
                                     : append_matching(out, docs, name.data);
    if (!found)
        buffer_printf(out, "No help on %s.\n", name.data);
    else
        buffer_append_byte(out, '\n');
    buffer_deinit(&name);
}

static size_t count_words(const char *name)
{
    size_t count = 1;
    for (; *name; name++)
        count += *name == ' ';
    return count;
}

// The words of a line with one space between them, and none in front; `count`
// includes the last one, which may be empty.
static void normalize(struct slice line, struct buffer *out, size_t *count)
{
    *count = 1;
    for (size_t i = 0; i < line.size; i++) {
        bool is_space = isspace((unsigned char)line.data[i]);
        if (!is_space)
            buffer_append_byte(out, line.data[i]);
        else if (out->size && out->data[out->size - 1] != ' ') {
            buffer_append_byte(out, ' ');
            (*count)++;
        }
    }
}

// The candidates, and how far they agree behind what was typed.
struct candidates {
    struct buffer list;
    const char *first;  // The rest of the first one.
    size_t common;      // Bytes of it that all of them share.
    size_t count, line; // Bytes in the last line of the list.
};

// `last` is the word to show, `rest` its end that was not typed yet.
static void candidates_add(struct candidates *candidates, const char *last,
                           const char *rest)
{
    if (candidates->count++ == 0) {
        candidates->first = rest;
        candidates->common = strlen(rest);
    }
    size_t i = 0;
    while (i < candidates->common && rest[i] == candidates->first[i])
        i++;
    candidates->common = i;
    append_wrapped(&candidates->list, last, &candidates->line);
}

static void add_commands(struct candidates *candidates, const struct docs *docs,
                         struct slice typed, size_t words)
{
    for (size_t i = 0; i < docs->count; i++) {
        const char *name = docs->items[i].name;
        if (strncasecmp(name, typed.data, typed.size) != 0 ||
            count_words(name) != words)
            continue;
        const char *space = strrchr(name, ' ');
        candidates_add(candidates, space ? space + 1 : name, name + typed.size);
    }
}

// `typed` begins with '@'.
static void add_groups(struct candidates *candidates, const struct docs *docs,
                       struct slice typed)
{
    for (size_t i = 0; i < docs->count; i++) {
        const char *group = docs->items[i].group;
        if (strncasecmp(group, typed.data + 1, typed.size - 1) == 0 &&
            group_is_new(docs, i))
            candidates_add(candidates, group, group + typed.size - 1);
    }
}

// Capitals beget capitals.
static bool is_upper(struct slice typed)
{
    for (size_t i = 0; i < typed.size; i++)
        if (islower((unsigned char)typed.data[i]))
            return false;
    return typed.size > 0 && *typed.data != '@';
}

static void take_candidates(struct candidates *candidates, struct slice typed,
                            struct buffer *insert, struct buffer *show)
{
    bool upper = is_upper(typed);
    for (size_t i = 0; i < candidates->common; i++) {
        char c = candidates->first[i];
        buffer_append_byte(insert, upper ? (char)toupper((unsigned char)c) : c);
    }
    if (candidates->count == 1)
        buffer_append_byte(insert, ' ');
    else if (insert->size == 0) {
        buffer_append_slice(show, buffer_slice(&candidates->list));
        buffer_append_byte(show, '\n');
    }
}

// The arguments of the longest command that the line begins with.
static void show_arguments(const struct docs *docs, struct slice typed,
                           struct buffer *show)
{
    const struct doc *best = NULL;
    for (size_t i = 0; i < docs->count; i++) {
        const struct doc *doc = &docs->items[i];
        size_t size = strlen(doc->name);
        if (size < typed.size && typed.data[size] == ' ' &&
            strncasecmp(doc->name, typed.data, size) == 0)
            best = doc; // Sorted: the longer one comes later.
    }
    if (best)
        append_usage(show, best);
}

void cli_complete(const struct docs *docs, struct slice line,
                  struct buffer *insert, struct buffer *show)
{
    static const char help[] = "help ";
    const size_t help_size = sizeof help - 1;
    struct buffer text = {0};
    struct candidates candidates = {0};
    size_t words;
    normalize(line, &text, &words);
    struct slice typed = {text.data ? text.data : "", text.size};
    if (typed.size >= help_size &&
        strncasecmp(typed.data, help, help_size) == 0) {
        typed = (struct slice){typed.data + help_size, typed.size - help_size};
        words--;
    }
    if (typed.size && *typed.data == '@')
        add_groups(&candidates, docs, typed);
    else
        add_commands(&candidates, docs, typed, words);
    if (candidates.count)
        take_candidates(&candidates, typed, insert, show);
    else
        show_arguments(docs, typed, show);
    buffer_deinit(&candidates.list);
    buffer_deinit(&text);
}
