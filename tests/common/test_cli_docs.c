// test_cli_docs.c -- COMMAND DOCS of both protocols becomes lines of help.
// SPDX-License-Identifier: MIT
#include "common/client/cli_docs.h"

#include <stdio.h>

#include "common/client/reply_parser.h"
#include "tests/test.h"

static void add(struct docs *docs, const char *resp)
{
    struct reply_parser parser;
    reply_parser_init(&parser, (struct reply_limits){1 << 20, 1000, 64});
    struct slice input = slice_of(resp);
    struct vega_reply *reply;
    ck_assert_int_eq(reply_parser_take(&parser, &input, &reply),
                     REPLY_COMPLETE);
    docs_add_reply(docs, reply);
    vega_reply_free(reply);
    reply_parser_deinit(&parser);
}

// An argument as a map of status texts, which read like bulks.
#define NAME(name) "+name\r\n+" name "\r\n"
#define TYPE(type) "+type\r\n+" type "\r\n"
#define TOKEN(token) "+token\r\n+" token "\r\n"
#define FLAG(flag) "+flags\r\n*1\r\n+" flag "\r\n"
#define FLAGS(one, two) "+flags\r\n*2\r\n+" one "\r\n+" two "\r\n"

static const struct {
    const char *arguments, *rendered;
} table[] = {
    {"*0\r\n", ""},
    {"*2\r\n*4\r\n" NAME("key") TYPE("key") "%2\r\n" NAME("value")
         TYPE("string"),
     "key value"},
    {"*1\r\n%3\r\n" NAME("key") TYPE("key") FLAG("multiple"), "key [key ...]"},
    {"*1\r\n%3\r\n" NAME("key") TYPE("key") FLAGS("optional", "multiple"),
     "[key [key ...]]"},
    {"*1\r\n%4\r\n" NAME("seconds") TYPE("integer") TOKEN("EX")
         FLAG("optional"),
     "[EX seconds]"},
    {"*1\r\n%4\r\n" NAME("weight") TYPE("integer") TOKEN("WEIGHTS")
         FLAG("multiple"),
     "WEIGHTS weight [weight ...]"},
    {"*1\r\n%4\r\n" NAME("pattern") TYPE("pattern") TOKEN("GET")
         FLAGS("multiple", "multiple_token"),
     "GET pattern [GET pattern ...]"},
    {"*1\r\n%4\r\n" NAME("how") TYPE("oneof") FLAG(
         "optional") "+arguments\r\n*2\r\n%3\r\n" NAME("nx") TYPE("pure-token")
         TOKEN("NX") "%3\r\n" NAME("px") TYPE("integer") TOKEN("PX"),
     "[NX|PX px]"},
    {"*1\r\n%4\r\n" NAME("pair") TYPE("block")
         FLAG("multiple") "+arguments\r\n*2\r\n%2\r\n" NAME("key")
             TYPE("key") "%2\r\n" NAME("value") TYPE("string"),
     "key value [key value ...]"},
};

TEST_FOR(arguments_read_as_in_the_manual, (int)(sizeof table / sizeof *table))
{
    struct docs docs = {0};
    char resp[1024];
    snprintf(resp, sizeof resp, "*2\r\n+x\r\n%%1\r\n+arguments\r\n%s",
             table[_i].arguments);
    add(&docs, resp);
    ck_assert_uint_eq(docs.count, 1);
    ck_assert_str_eq(docs.items[0].arguments, table[_i].rendered);
    docs_deinit(&docs);
}

static const char *const both[] = {
    "*2\r\n$6\r\nconfig\r\n*8\r\n+summary\r\n+About settings\r\n+since\r\n"
    "+2.0.0\r\n+group\r\n+server\r\n+subcommands\r\n*2\r\n+config|GET\r\n*2\r\n"
    "+summary\r\n+Reads\r\n",
    "%1\r\n$6\r\nconfig\r\n%4\r\n+summary\r\n+About settings\r\n+since\r\n"
    "+2.0.0\r\n+group\r\n+server\r\n+subcommands\r\n%1\r\n+config|GET\r\n%1\r\n"
    "+summary\r\n+Reads\r\n",
};

TEST_FOR(both_protocols_say_the_same, 2)
{
    struct docs docs = {0};
    add(&docs, both[_i]);
    ck_assert_uint_eq(docs.count, 2);
    const struct doc *config = docs_find(&docs, SLICE("CONFIG"));
    ck_assert_ptr_nonnull(config);
    ck_assert_str_eq(config->summary, "About settings");
    ck_assert_str_eq(config->since, "2.0.0");
    ck_assert_str_eq(config->group, "server");
    const struct doc *get = docs_find(&docs, SLICE("config get"));
    ck_assert_ptr_nonnull(get);
    ck_assert_str_eq(get->summary, "Reads");
    ck_assert_str_eq(get->group, "");
    ck_assert_ptr_null(docs_find(&docs, SLICE("conf")));
    docs_deinit(&docs);
}

static const char *const odd[] = {
    "-ERR unknown command\r\n",
    ":1\r\n",
    "*1\r\n+x\r\n",
    "*2\r\n:1\r\n*2\r\n+a\r\n+b\r\n",
    "*2\r\n+x\r\n+y\r\n",
};

TEST_FOR(what_is_no_documentation_is_left_out, (int)(sizeof odd / sizeof *odd))
{
    struct docs docs = {0};
    add(&docs, odd[_i]);
    ck_assert_uint_eq(docs.count, 0);
    docs_deinit(&docs);
}

TEST(an_odd_field_is_taken_for_missing)
{
    struct docs docs = {0};
    add(&docs, "*2\r\n+x\r\n*6\r\n+summary\r\n:1\r\n+arguments\r\n+none\r\n"
               "+subcommands\r\n:3\r\n");
    ck_assert_uint_eq(docs.count, 1);
    ck_assert_str_eq(docs.items[0].summary, "");
    ck_assert_str_eq(docs.items[0].arguments, "");
    docs_deinit(&docs);
}

TEST(the_words_of_the_client_come_along_but_never_hide_a_command)
{
    struct docs docs = {0};
    add(&docs, "*2\r\n+quit\r\n*2\r\n+summary\r\n+of the server\r\n");
    docs_add_client(&docs, NULL);
    ck_assert_str_eq(docs_find(&docs, SLICE("quit"))->summary, "of the server");
    ck_assert_str_eq(docs_find(&docs, SLICE("help"))->group, "client");
    for (size_t i = 1; i < docs.count; i++)
        ck_assert_str_lt(docs.items[i - 1].name, docs.items[i].name);
    docs_deinit(&docs);
}

TEST(the_tools_of_a_stage_are_words_of_the_client)
{
    static const struct cli_tool tools[] = {
        {"cluster status", "[--json]", "Asks all nodes", NULL},
        {0},
    };
    struct docs docs = {0};
    docs_add_client(&docs, tools);
    const struct doc *found = docs_find(&docs, SLICE("cluster status"));
    ck_assert_ptr_nonnull(found);
    ck_assert_str_eq(found->arguments, "[--json]");
    ck_assert_str_eq(found->group, "client");
    docs_deinit(&docs);
}
