// test_command.c -- the command table: look-up, subcommands, ids, keys.
// SPDX-License-Identifier: MIT
#include "common/server/command.h"

#include <stdio.h>

#include "common/base/memory.h"
#include "common/server/request.h"
#include "tests/test.h"

static void do_nothing(struct store *store, struct request *request)
{
    (void)store, (void)request;
}

#define ROW(name, arity)                                                       \
    {                                                                          \
        (name), (arity), 0, 0, 0, 0, "Does nothing", "", "generic", "vega 1",  \
            .run = do_nothing                                                  \
    }

static const struct command config_rows[] = {
    ROW("get", -3), ROW("resetstat", 2), {0}};

static const struct command rows[] = {
    ROW("get", 2),
    {"config", -2, 0, 0, 0, 0, "Holds others", "", "server", "vega 1",
     .subcommands = config_rows},
    ROW("set", -3),
    {0},
};

static struct command_table *table;

static void setup(void)
{
    table = command_table_create();
    command_table_add(table, rows);
}

static void teardown(void)
{
    command_table_destroy(table);
}

static const char *resolve(uint32_t argc, const char *first, const char *second,
                           const struct command **found)
{
    const struct slice argv[] = {slice_of(first), slice_of(second)};
    const struct command *command = command_resolve(table, argv, argc, found);
    return command ? command->full_name : NULL;
}

TEST(a_name_is_found_in_any_case)
{
    setup();
    ck_assert_str_eq(command_find(table, SLICE("get"))->name, "get");
    ck_assert_str_eq(command_find(table, SLICE("GeT"))->name, "get");
    ck_assert_str_eq(command_find(table, SLICE("SET"))->name, "set");
    teardown();
}

TEST(internal_rows_are_found_but_not_listed)
{
    static const struct command hidden[] = {
        {"mark", 1, COMMAND_INTERNAL, 0, 0, 0, "Hides", "", "server", "vega 1",
         .run = do_nothing},
        {0},
    };
    static const struct command more[] = {ROW("del", -2), {0}};
    setup();
    size_t ids = command_id_count(table);
    command_table_add(table, hidden);
    command_table_add(table, more);
    ck_assert_ptr_nonnull(command_find(table, SLICE("MARK")));
    ck_assert_ptr_null(command_find_full(table, SLICE("mark")));
    ck_assert_uint_eq(command_count(table), 4);
    ck_assert_str_eq(command_at(table, 2)->name, "set");
    ck_assert_str_eq(command_at(table, 3)->name, "del");
    ck_assert_uint_eq(command_id_count(table), ids + 2);
    teardown();
}

TEST(only_the_exact_name_is_found)
{
    static const struct slice strangers[] = {
        {"ge", 2},          {"gett", 4},      {"", 0},
        {"get\0", 4},       {"\07et", 3},     {"Ge\x14", 3},
        {"config|get", 10}, {"resetstat", 9},
    };
    setup();
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
        ck_assert_ptr_null(command_find(table, strangers[i]));
    teardown();
}

TEST(a_thousand_names_are_all_found_and_no_others)
{
    enum { COUNT = 1000 };
    static char names[COUNT][24];
    static struct command many[COUNT + 1];
    setup();
    for (int i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof names[i], "name-%d", i);
        many[i] = (struct command)ROW(names[i], 1);
    }
    command_table_add(table, many);
    ck_assert_uint_eq(command_count(table), COUNT + 3);
    for (int i = 0; i < COUNT; i++)
        ck_assert_str_eq(command_find(table, slice_of(names[i]))->name,
                         names[i]);
    ck_assert_ptr_null(command_find(table, SLICE("name-1000")));
    teardown();
}

TEST(a_subcommand_is_resolved_by_its_second_word)
{
    const struct command *found;
    setup();
    ck_assert_str_eq(resolve(2, "CONFIG", "Get", &found), "config|get");
    ck_assert_str_eq(found->name, "config");
    ck_assert_str_eq(resolve(2, "get", "key", &found), "get");
    ck_assert_str_eq(found->name, "get");
    teardown();
}

TEST(an_unknown_subcommand_is_told_from_an_unknown_command)
{
    const struct command *found;
    setup();
    ck_assert_ptr_null(resolve(2, "config", "bogus", &found));
    ck_assert_str_eq(found->name, "config");
    ck_assert_ptr_null(resolve(2, "bogus", "get", &found));
    ck_assert_ptr_null(found);
    teardown();
}

TEST(a_container_alone_is_itself_and_takes_no_call_without_subcommand)
{
    const struct command *found;
    setup();
    ck_assert_str_eq(resolve(1, "config", "", &found), "config");
    ck_assert(!command_arity_fits(found, 1));
    teardown();
}

TEST(a_full_name_finds_commands_and_subcommands)
{
    setup();
    ck_assert_str_eq(command_find_full(table, SLICE("GET"))->name, "get");
    const struct command *get = command_find_full(table, SLICE("Config|GET"));
    ck_assert_str_eq(get->full_name, "config|get");
    ck_assert_str_eq(get->container->name, "config");
    ck_assert_ptr_null(command_find_full(table, SLICE("config|bogus")));
    ck_assert_ptr_null(command_find_full(table, SLICE("get|get")));
    ck_assert_ptr_null(command_find_full(table, SLICE("|")));
    ck_assert_ptr_null(command_find_full(table, SLICE("")));
    teardown();
}

TEST(ids_are_dense_and_name_every_row_once)
{
    setup();
    static const char *const names[] = {"get", "config", "config|get",
                                        "config|resetstat", "set"};
    ck_assert_uint_eq(command_id_count(table), 5);
    for (uint32_t id = 0; id < 5; id++) {
        const struct command *command = command_by_id(table, id);
        ck_assert_str_eq(command->full_name, names[id]);
        ck_assert_uint_eq(command->id, id);
    }
    teardown();
}

TEST(a_stage_adds_subcommands_and_no_row_moves)
{
    static const struct command more[] = {ROW("rewrite", 2), {0}};
    setup();
    const struct command *get = command_find_full(table, SLICE("config|get"));
    command_table_add_subcommands(table, "config", more);
    ck_assert_ptr_eq(command_find_full(table, SLICE("config|get")), get);
    const struct command *added =
        command_find_full(table, SLICE("config|rewrite"));
    ck_assert_str_eq(added->full_name, "config|rewrite");
    ck_assert_ptr_eq(command_by_id(table, 5), added);
    teardown();
}

TEST(rows_stay_in_the_order_of_registration)
{
    setup();
    ck_assert_uint_eq(command_count(table), 3);
    ck_assert_str_eq(command_at(table, 0)->name, "get");
    ck_assert_str_eq(command_at(table, 1)->name, "config");
    ck_assert_str_eq(command_at(table, 2)->name, "set");
    teardown();
}

TEST(arity_is_exact_or_a_minimum)
{
    const struct command exact = ROW("x", 2), minimum = ROW("x", -2);
    ck_assert(!command_arity_fits(&exact, 1));
    ck_assert(command_arity_fits(&exact, 2));
    ck_assert(!command_arity_fits(&exact, 3));
    ck_assert(!command_arity_fits(&minimum, 1));
    ck_assert(command_arity_fits(&minimum, 2));
    ck_assert(command_arity_fits(&minimum, 1000000));
}

static void note_position(void *context, uint32_t position)
{
    char *text = context;
    size_t size = strlen(text);
    snprintf(text + size, 64 - size, "%u ", position);
}

static const struct {
    int first, last, step;
    uint32_t argc;
    const char *positions; // NULL: malformed.
} key_cases[] = {
    {0, 0, 0, 3, ""},        // PING
    {1, 1, 1, 2, "1 "},      // GET k
    {1, 1, 1, 5, "1 "},      // SET k v EX 1
    {1, -1, 1, 4, "1 2 3 "}, // DEL a b c
    {1, -1, 2, 5, "1 3 "},   // MSET a 1 b 2
    {1, -1, 2, 4, "1 3 "},   // MSET a 1 b
    {1, 2, 1, 3, "1 2 "},    // RENAME a b
    {2, 2, 1, 3, "2 "},      // OBJECT ENCODING k
    {1, -2, 1, 4, "1 2 "},   // BLPOP a b 0
    {1, 1, 1, 1, NULL},      // GET
    {1, 2, 1, 2, NULL},      // RENAME a
    {1, -2, 1, 2, NULL},     // BLPOP 0
};

TEST_FOR(keys_are_found_by_first_last_and_step,
         sizeof key_cases / sizeof *key_cases)
{
    char positions[64] = "";
    struct command command = ROW("x", -1);
    command.first_key = key_cases[_i].first;
    command.last_key = key_cases[_i].last;
    command.key_step = key_cases[_i].step;
    bool well_formed =
        command_keys(&command, key_cases[_i].argc, note_position, positions);
    ck_assert_int_eq(well_formed, key_cases[_i].positions != NULL);
    ck_assert_str_eq(positions, well_formed ? key_cases[_i].positions : "");
}

static bool find_last(const struct request *request,
                      void (*each)(void *context, uint32_t position),
                      void *context)
{
    each(context, request->argc - 1);
    return request->argc == 3;
}

TEST(keys_that_no_position_tells_are_asked_for)
{
    char positions[64] = "";
    struct command command = ROW("x", -1);
    const struct request two = {.command = &command, .argc = 2};
    const struct request three = {.command = &command, .argc = 3};
    ck_assert(!command_has_keys(&command));
    command.flags = COMMAND_MOVABLE_KEYS;
    ck_assert(command_has_keys(&command));
    ck_assert(!request_keys(&three, note_position, positions)); // Nobody knows.
    ck_assert_str_eq(positions, "");
    command.find_keys = find_last;
    ck_assert(request_keys(&three, note_position, positions));
    ck_assert_str_eq(positions, "2 ");
    ck_assert(!request_keys(&two, note_position, positions));
}
