// test_command_arguments.c -- what is read from the text of the arguments.
// SPDX-License-Identifier: MIT
#include "common/server/command_arguments.h"

#include "common/base/buffer.h"
#include "tests/test.h"

static void print_list(struct buffer *out, const struct argument *list,
                       const char *separator);

// value, TOKEN, TOKEN=value, {block}, (one|of); '?' optional, '*' multiple,
// '+' multiple with its token.
static void print(struct buffer *out, const struct argument *argument)
{
    if (argument->token.size)
        buffer_printf(out, "%.*s=", SLICE_PRINT(argument->token));
    buffer_append_slice(out, argument->word);
    if (argument->kind == ARGUMENT_BLOCK) {
        buffer_append_text(out, "{");
        print_list(out, argument->children, " ");
        buffer_append_text(out, "}");
    }
    if (argument->kind == ARGUMENT_ONE_OF) {
        buffer_append_text(out, "(");
        print_list(out, argument->children, "|");
        buffer_append_text(out, ")");
    }
    if (argument->optional)
        buffer_append_text(out, "?");
    if (argument->multiple)
        buffer_append_text(out, argument->multiple_token ? "+" : "*");
}

static void print_list(struct buffer *out, const struct argument *list,
                       const char *separator)
{
    for (; list; list = list->next) {
        print(out, list);
        if (list->next)
            buffer_append_text(out, separator);
    }
}

static const struct {
    const char *text;
    const char *tree;
} cases[] = {
    {"", ""},
    {"key", "key"},
    {"key value", "key value"},
    {"[message]", "message?"},
    {"key [key ...]", "key*"},
    {"key value [key value ...]", "{key value}*"},
    {"[section [section ...]]", "section?*"},
    {"[section ...]", "section?*"},
    {"newkey [key ...]", "newkey key?*"},
    {"<ON | OFF>", "(ON|OFF)"},
    {"ON | OFF", "(ON|OFF)"},
    {"key [NX | XX] [GET] [EX seconds | KEEPTTL]",
     "key (NX|XX)? GET? (EX=seconds|KEEPTTL)?"},
    {"cursor [MATCH pattern] [COUNT count]",
     "cursor MATCH=pattern? COUNT=count?"},
    {"[LIMIT offset count]", "LIMIT={offset count}?"},
    {"[protover [AUTH username password] [SETNAME clientname]]",
     "{protover AUTH={username password}? SETNAME=clientname?}?"},
    {"key [start end [BYTE | BIT]]", "key {start end (BYTE|BIT)?}?"},
    {"[TYPE <NORMAL | PUBSUB>] [ID client-id [client-id ...]]",
     "TYPE=(NORMAL|PUBSUB)? ID=client-id?*"},
    {"<LIB-NAME libname | LIB-VER libver>",
     "(LIB-NAME=libname|LIB-VER=libver)"},
    {"<ip:port | [ID id] [SKIPME yes/no]>",
     "(ip:port|{ID=id? SKIPME=yes/no?})"},
    {"key [GET pattern [GET pattern ...]]", "key GET=pattern?+"},
    {"GROUP group consumer STREAMS key [key ...] id [id ...]",
     "GROUP={group consumer} STREAMS={key* id*}"},
    {"seconds <0 | 1>", "seconds (0|1)"},
    {"field value [field value ...] key", "{field value}* key"},
};

TEST_FOR(the_text_becomes_a_tree, sizeof cases / sizeof *cases)
{
    struct arguments arguments;
    struct buffer out = {0};
    arguments_parse(&arguments, cases[_i].text);
    print_list(&out, arguments.first, " ");
    buffer_append_byte(&out, '\0');
    ck_assert_str_eq(out.data, cases[_i].tree);
    buffer_deinit(&out);
}
