// test_cli_help.c -- what HELP says, and what Tab types and shows.
// SPDX-License-Identifier: MIT
#include "common/client/cli_help.h"

#include <string.h>

#include "tests/test.h"

// Sorted, as struct docs has them.
static struct doc items[] = {
    {"config", "About settings", "2.0.0", "server", ""},
    {"config get", "Reads settings", "2.0.0", "server", "pattern"},
    {"config set", "Changes settings", "2.0.0", "server", "name value"},
    {"get", "Reads a string", "1.0.0", "string", "key"},
    {"getdel", "Reads and deletes", "6.2.0", "string", "key"},
    {"help", "Tells about commands", "", "client", "[command|@group]"},
    {"ping", "Answers", "1.0.0", "connection", "[message]"},
};

static const struct docs docs = {items, sizeof items / sizeof *items, 0};

static const struct {
    const char *line, *insert, *show;
} table[] = {
    {"", "", "config  get  getdel  help  ping  \n"},
    {"p", "ing ", ""},
    {"P", "ING ", ""},
    {"  pi", "ng ", ""},
    {"g", "et", ""},
    {"get", "", "get  getdel  \n"},
    {"getd", "el ", ""},
    {"get ", "", "GET key\n"},
    {"get a b", "", "GET key\n"},
    {"conf", "ig ", ""},
    {"config ", "", "get  set  \n"},
    {"config  g", "et ", ""},
    {"CONFIG G", "ET ", ""},
    {"config get ", "", "CONFIG GET pattern\n"},
    {"config set x", "", "CONFIG SET name value\n"},
    {"help pi", "ng ", ""},
    {"help config s", "et ", ""},
    {"HELP @str", "ing ", ""},
    {"help @", "", "server  string  client  connection  \n"},
    {"help ping ", "", "PING [message]\n"},
    {"nosuch", "", ""},
    {"nosuch x", "", ""},
};

TEST_FOR(tab_types_what_is_certain_and_shows_the_rest,
         (int)(sizeof table / sizeof *table))
{
    struct buffer insert = {0}, show = {0};
    cli_complete(&docs, slice_of(table[_i].line), &insert, &show);
    buffer_append_byte(&insert, '\0');
    buffer_append_byte(&show, '\0');
    ck_assert_str_eq(insert.data, table[_i].insert);
    ck_assert_str_eq(show.data, table[_i].show);
    buffer_deinit(&insert);
    buffer_deinit(&show);
}

static void expect_help(const char *line, const char *expected)
{
    struct words words = {0};
    struct buffer text = {0};
    ck_assert(words_split(&words, slice_of(line)));
    cli_help(&text, &docs, &words);
    buffer_append_byte(&text, '\0');
    ck_assert_msg(strstr(text.data, expected) != NULL, "no %s in %s", expected,
                  text.data);
    words_deinit(&words);
    buffer_deinit(&text);
}

TEST(help_tells_about_a_command_and_its_subcommands)
{
    expect_help("help GET", "\n  GET key\n  summary: Reads a string\n"
                            "  since: 1.0.0\n  group: string\n");
    expect_help("help config", "\n  CONFIG SET name value\n");
    expect_help("help config get", "\n  CONFIG GET pattern\n");
    expect_help("help help", "\n  HELP [command|@group]\n  summary: Tells "
                             "about commands\n  group: client\n");
}

TEST(help_on_a_prefix_is_no_help_on_the_command)
{
    expect_help("help ge", "No help on ge.\n");
    expect_help("help @nosuch", "No help on @nosuch.\n");
}

TEST(help_on_a_group_tells_about_all_of_it)
{
    expect_help("help @STRING", "\n  GET key\n");
    expect_help("help @string", "\n  GETDEL key\n");
}

TEST(help_alone_lists_the_groups_and_their_commands)
{
    expect_help("help", "\n@string\nget  getdel  \n");
    expect_help("help", "\n@server\nconfig  \n");
    expect_help("help", "HELP command");
}
