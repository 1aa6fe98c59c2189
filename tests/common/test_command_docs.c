// test_command_docs.c -- the documents of COMMAND DOCS.
// SPDX-License-Identifier: MIT
#include "common/server/command_describe.h"
#include "tests/test.h"

static void nothing(struct store *store, struct request *request)
{
    (void)store, (void)request;
}

// The document of a row with these arguments, with line ends as spaces.
static const char *document(const char *arguments, int protocol)
{
    static char text[4096];
    struct buffer out = {0};
    struct reply reply = {.out = &out, .protocol = protocol};
    struct command row = {.name = "x",
                          .full_name = "x",
                          .summary = "S",
                          .arguments = arguments,
                          .group = "g",
                          .since = "1",
                          .run = nothing};
    command_reply_docs(&reply, &row);
    size_t kept = 0;
    for (size_t i = 0; i < out.size && kept < sizeof text - 1; i++) {
        if (out.data[i] != '\r')
            text[kept++] = out.data[i] == '\n' ? ' ' : out.data[i];
    }
    text[kept] = '\0';
    buffer_deinit(&out);
    return text;
}

#define HEAD "$7 summary $1 S $5 since $1 1 $5 group $1 g "

TEST(a_command_without_arguments_has_no_such_field)
{
    ck_assert_str_eq(document("", 3), "%3 " HEAD);
    ck_assert_str_eq(document("", 2), "*6 " HEAD);
}

TEST(a_key_knows_its_specification)
{
    ck_assert_str_eq(document("key", 3),
                     "%4 " HEAD "$9 arguments *1 %3 $4 name $3 key $4 type $3 "
                     "key $14 key_spec_index :0 ");
}

TEST(optional_and_multiple_are_flags)
{
    ck_assert_str_eq(document("[message [message ...]]", 3),
                     "%4 " HEAD "$9 arguments *1 %3 $4 name $7 message $4 type "
                     "$6 string $5 flags ~2 +optional +multiple ");
}

TEST(a_token_goes_with_its_value_or_stands_alone)
{
    ck_assert_str_eq(
        document("[NX] [EX seconds]", 3),
        "%4 " HEAD "$9 arguments *2 %4 $4 name $2 nx $4 type $10 pure-token $5 "
        "token $2 NX $5 flags ~1 +optional %4 $4 name $7 seconds $4 type $7 "
        "integer $5 token $2 EX $5 flags ~1 +optional ");
}

TEST(a_choice_and_a_block_hold_arguments_and_their_names)
{
    ck_assert_str_eq(
        document("<A | B pattern>", 2),
        "*8 " HEAD "$9 arguments *1 *6 $4 name $9 a_pattern $4 type $5 oneof "
        "$9 arguments *2 *6 $4 name $1 a $4 type $10 pure-token $5 token $1 A "
        "*6 $4 name $7 pattern $4 type $7 pattern $5 token $1 B ");
    ck_assert_str_eq(
        document("value other [value other ...]", 3),
        "%4 " HEAD "$9 arguments *1 %4 $4 name $11 value_other $4 type $5 "
        "block $5 flags ~1 +multiple $9 arguments *2 %2 $4 name $5 value $4 "
        "type $6 string %2 $4 name $5 other $4 type $6 string ");
}

TEST(a_container_documents_its_subcommands)
{
    static const struct command subcommands[] = {
        {"get", -3, 0, 0, 0, 0, "T", "", "g", "2", .run = nothing}, {0}};
    static const struct command rows[] = {
        {"config", -2, 0, 0, 0, 0, "S", "", "g", "1",
         .subcommands = subcommands},
        {0},
    };
    struct command_table *table = command_table_create();
    struct buffer out = {0};
    struct reply reply = {.out = &out, .protocol = 3};
    command_table_add(table, rows);
    command_reply_docs(&reply, command_find(table, SLICE("config")));
    buffer_append_byte(&out, '\0');
    ck_assert_str_eq(
        out.data, "%4\r\n$7\r\nsummary\r\n$1\r\nS\r\n$5\r\nsince\r\n$1\r\n1"
                  "\r\n$5\r\ngroup\r\n$1\r\ng\r\n$11\r\nsubcommands\r\n"
                  "%1\r\n$10\r\nconfig|get\r\n%3\r\n$7\r\nsummary\r\n$1\r\nT"
                  "\r\n$5\r\nsince\r\n$1\r\n2\r\n$5\r\ngroup\r\n$1\r\ng\r\n");
    buffer_deinit(&out);
    command_table_destroy(table);
}
