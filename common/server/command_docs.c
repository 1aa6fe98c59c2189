// command_docs.c -- a command's row in the words of COMMAND DOCS.
// SPDX-License-Identifier: MIT
#include "common/server/command_arguments.h"
#include "common/server/command_describe.h"

struct type_of_word {
    const char *word;
    const char *type;
};

// What a value is called says what it is; all others are strings.
static const struct type_of_word types[] = {
    {"client-id", "integer"},
    {"count", "integer"},
    {"cursor", "integer"},
    {"decrement", "integer"},
    {"end", "integer"},
    {"increment", "integer"},
    {"index", "integer"},
    {"milliseconds", "integer"},
    {"numkeys", "integer"},
    {"numreplicas", "integer"},
    {"offset", "integer"},
    {"protover", "integer"},
    {"seconds", "integer"},
    {"start", "integer"},
    {"stop", "integer"},
    {"timeout", "integer"},
    {"destination", "key"},
    {"key", "key"},
    {"newkey", "key"},
    {"source", "key"},
    {"pattern", "pattern"},
    {"unix-time-milliseconds", "unix-time"},
    {"unix-time-seconds", "unix-time"},
};

static const char *type_of(const struct argument *argument)
{
    switch (argument->kind) {
    case ARGUMENT_TOKEN:
        return "pure-token";
    case ARGUMENT_BLOCK:
        return "block";
    case ARGUMENT_ONE_OF:
        return "oneof";
    case ARGUMENT_VALUE:
        break;
    }
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (slice_is(argument->word, types[i].word))
            return types[i].type;
    }
    return "string";
}

// "seconds", "nx"; a group is called after its members: "nx_xx".
static void append_name(struct buffer *name, const struct argument *argument)
{
    for (size_t i = 0; i < argument->word.size; i++) {
        char c = argument->word.data[i];
        bool upper = c >= 'A' && c <= 'Z';
        buffer_append_byte(name, upper ? (char)(c - 'A' + 'a') : c);
    }
    for (const struct argument *a = argument->children; a; a = a->next) {
        append_name(name, a);
        if (a->next)
            buffer_append_byte(name, '_');
    }
}

static void reply_name(struct reply *reply, const struct argument *argument)
{
    struct buffer name = {0};
    append_name(&name, argument);
    reply_bulk_text(reply, "name");
    reply_bulk(reply, buffer_slice(&name));
    buffer_deinit(&name);
}

static void reply_argument_flags(struct reply *reply,
                                 const struct argument *argument)
{
    reply_bulk_text(reply, "flags");
    reply_set(reply, (size_t)argument->optional + argument->multiple +
                         argument->multiple_token);
    if (argument->optional)
        reply_status(reply, "optional");
    if (argument->multiple)
        reply_status(reply, "multiple");
    if (argument->multiple_token)
        reply_status(reply, "multiple_token");
}

static void reply_argument_list(struct reply *reply,
                                const struct argument *first);

static void reply_argument(struct reply *reply, const struct argument *argument)
{
    const char *type = type_of(argument);
    struct slice token =
        argument->kind == ARGUMENT_TOKEN ? argument->word : argument->token;
    bool is_key = !strcmp(type, "key");
    bool has_flags = argument->optional || argument->multiple;
    reply_map(reply, 2 + (size_t)is_key + (token.size > 0) + has_flags +
                         (argument->children != NULL));
    reply_name(reply, argument);
    reply_bulk_text(reply, "type");
    reply_bulk_text(reply, type);
    if (is_key) {
        reply_bulk_text(reply, "key_spec_index");
        reply_integer(reply, 0);
    }
    if (token.size) {
        reply_bulk_text(reply, "token");
        reply_bulk(reply, token);
    }
    if (has_flags)
        reply_argument_flags(reply, argument);
    if (argument->children)
        reply_argument_list(reply, argument->children);
}

// The field "arguments".
static void reply_argument_list(struct reply *reply,
                                const struct argument *first)
{
    size_t count = 0;
    for (const struct argument *a = first; a; a = a->next)
        count++;
    reply_bulk_text(reply, "arguments");
    reply_array(reply, count);
    for (const struct argument *a = first; a; a = a->next)
        reply_argument(reply, a);
}

static void reply_text(struct reply *reply, const char *field,
                       const char *value)
{
    reply_bulk_text(reply, field);
    reply_bulk_text(reply, value);
}

void command_reply_docs(struct reply *reply, const struct command *command)
{
    size_t subcommands = command_subcommand_count(command);
    struct arguments arguments;
    arguments_parse(&arguments, command->arguments);

    reply_map(reply, 3 + (arguments.first != NULL) + (subcommands > 0));
    reply_text(reply, "summary", command->summary);
    reply_text(reply, "since", command->since);
    reply_text(reply, "group", command->group);
    if (arguments.first)
        reply_argument_list(reply, arguments.first);
    if (subcommands) {
        reply_bulk_text(reply, "subcommands");
        reply_map(reply, subcommands);
    }
    for (size_t i = 0; i < subcommands; i++) {
        reply_bulk_text(reply, command->subcommands[i].full_name);
        command_reply_docs(reply, &command->subcommands[i]);
    }
}
