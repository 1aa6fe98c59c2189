// cli_docs.c -- from COMMAND DOCS to lines of text.
//
// A map of RESP3 and its flat array of RESP2 have the same elements: name,
// value, name, value. So one reader serves both.
// SPDX-License-Identifier: MIT
#include "common/client/cli_docs.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/buffer.h"
#include "common/base/memory.h"
#include "common/client/reply_parser.h"

static const char *field_text(const struct vega_reply *map, const char *name)
{
    const struct vega_reply *value = reply_field(map, name);
    return value && value->text ? value->text : "";
}

static bool has_flag(const struct vega_reply *argument, const char *flag)
{
    const struct vega_reply *flags = reply_field(argument, "flags");
    for (size_t i = 0; flags && i < flags->count; i++)
        if (flags->elements[i].text &&
            strcmp(flags->elements[i].text, flag) == 0)
            return true;
    return false;
}

static void render_list(struct buffer *out, const struct vega_reply *arguments,
                        const char *separator);

// An argument without its token: a name, or the arguments that it is made of.
static void render_bare(struct buffer *out, const struct vega_reply *argument)
{
    const struct vega_reply *parts = reply_field(argument, "arguments");
    const char *type = field_text(argument, "type");
    const char *shown = field_text(argument, "display_text");
    if (strcmp(type, "pure-token") == 0)
        return;
    if (parts && strcmp(type, "oneof") == 0)
        render_list(out, parts, "|");
    else if (parts)
        render_list(out, parts, " ");
    else
        buffer_append_text(out, *shown ? shown : field_text(argument, "name"));
}

static void render_full(struct buffer *out, const struct vega_reply *argument)
{
    const char *token = field_text(argument, "token");
    size_t start = out->size;
    buffer_append_text(out, token);
    if (out->size > start &&
        strcmp(field_text(argument, "type"), "pure-token") != 0)
        buffer_append_byte(out, ' ');
    render_bare(out, argument);
}

static void render_argument(struct buffer *out,
                            const struct vega_reply *argument)
{
    bool optional = has_flag(argument, "optional");
    if (optional)
        buffer_append_byte(out, '[');
    render_full(out, argument);
    if (has_flag(argument, "multiple")) {
        buffer_append_text(out, " [");
        if (has_flag(argument, "multiple_token"))
            render_full(out, argument);
        else
            render_bare(out, argument);
        buffer_append_text(out, " ...]");
    }
    if (optional)
        buffer_append_byte(out, ']');
}

static void render_list(struct buffer *out, const struct vega_reply *arguments,
                        const char *separator)
{
    for (size_t i = 0; i < arguments->count; i++) {
        if (i)
            buffer_append_text(out, separator);
        render_argument(out, &arguments->elements[i]);
    }
}

// "CONFIG|GET" -> "config get"
static char *copy_name(const char *name)
{
    char *copy = xstrdup(name);
    for (char *at = copy; *at; at++)
        *at = *at == '|' ? ' ' : (char)tolower((unsigned char)*at);
    return copy;
}

// The next one, to be filled in.
static struct doc *docs_grow(struct docs *docs)
{
    if (docs->count == docs->capacity) {
        docs->capacity = docs->capacity ? docs->capacity * 2 : 256;
        docs->items =
            xrealloc(docs->items, docs->capacity * sizeof *docs->items);
    }
    return &docs->items[docs->count++];
}

static void docs_add(struct docs *docs, const char *name,
                     const struct vega_reply *about)
{
    struct buffer arguments = {0};
    const struct vega_reply *list = reply_field(about, "arguments");
    if (list)
        render_list(&arguments, list, " ");
    buffer_append_byte(&arguments, '\0');
    *docs_grow(docs) = (struct doc){
        .name = copy_name(name),
        .summary = xstrdup(field_text(about, "summary")),
        .since = xstrdup(field_text(about, "since")),
        .group = xstrdup(field_text(about, "group")),
        .arguments = arguments.data, // Taken.
    };
}

static int compare_docs(const void *a, const void *b)
{
    return strcmp(((const struct doc *)a)->name, ((const struct doc *)b)->name);
}

static void docs_add_map(struct docs *docs, const struct vega_reply *map)
{
    for (size_t i = 0; i + 1 < map->count; i += 2) {
        const struct vega_reply *about = &map->elements[i + 1];
        if (!map->elements[i].text || !about->elements)
            continue;
        docs_add(docs, map->elements[i].text, about);
        const struct vega_reply *subcommands =
            reply_field(about, "subcommands");
        if (subcommands)
            docs_add_map(docs, subcommands);
    }
}

static void docs_sort(struct docs *docs)
{
    if (docs->count)
        qsort(docs->items, docs->count, sizeof *docs->items, compare_docs);
}

void docs_add_reply(struct docs *docs, const struct vega_reply *reply)
{
    docs_add_map(docs, reply);
    docs_sort(docs);
}

static void docs_add_word(struct docs *docs, const char *name,
                          const char *arguments, const char *summary)
{
    if (docs_find(docs, slice_of(name)))
        return; // The server has a command of that name.
    *docs_grow(docs) = (struct doc){
        .name = xstrdup(name),
        .summary = xstrdup(summary),
        .since = xstrdup(""),
        .group = xstrdup("client"),
        .arguments = xstrdup(arguments),
    };
}

void docs_add_client(struct docs *docs, const struct cli_tool *tools)
{
    static const struct {
        const char *name, *arguments, *summary;
    } words[] = {
        {"benchmark", "ops [prefix] [valuesize]",
         "Load the server, and report"},
        {"clear", "", "Clear the screen"},
        {"exit", "", "Leave"},
        {"help", "[command|@group]", "Tell about commands"},
        {"quit", "", "Leave"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        docs_add_word(docs, words[i].name, words[i].arguments,
                      words[i].summary);
    for (; tools && tools->name; tools++)
        docs_add_word(docs, tools->name, tools->arguments, tools->summary);
    docs_sort(docs);
}

void docs_deinit(struct docs *docs)
{
    for (size_t i = 0; i < docs->count; i++) {
        const struct doc *doc = &docs->items[i];
        free((char *)doc->name);
        free((char *)doc->summary);
        free((char *)doc->since);
        free((char *)doc->group);
        free((char *)doc->arguments);
    }
    free(docs->items);
    *docs = (struct docs){0};
}

const struct doc *docs_find(const struct docs *docs, struct slice name)
{
    for (size_t i = 0; i < docs->count; i++)
        if (strlen(docs->items[i].name) == name.size &&
            strncasecmp(docs->items[i].name, name.data, name.size) == 0)
            return &docs->items[i];
    return NULL;
}
