// test_playground_order.c -- what is typed at the playground's prompt.
// SPDX-License-Identifier: MIT
#include "common/client/playground_order.h"

#include "tests/test.h"

enum { NODES = 5 };

static struct playground_order parse(const char *line)
{
    struct playground_order order;
    struct buffer why = {0};
    ck_assert_msg(playground_order_parse(slice_of(line), NODES, &order, &why),
                  "%s: %.*s", line, SLICE_PRINT(buffer_slice(&why)));
    ck_assert_uint_eq(why.size, 0);
    return order;
}

static const struct {
    const char *line;
    enum playground_verb verb;
    size_t node;
    uint32_t number;
} simple[] = {
    {"", PLAYGROUND_NOTHING, 0, 0},
    {" \t\r\n", PLAYGROUND_NOTHING, 0, 0},
    {"status", PLAYGROUND_STATUS, 0, 0},
    {" STATUS \n", PLAYGROUND_STATUS, 0, 0},
    {"kill n1", PLAYGROUND_KILL, 0, 0},
    {"restart 5", PLAYGROUND_RESTART, 4, 0},
    {"pause N2", PLAYGROUND_PAUSE, 1, 0},
    {"resume\t2 ", PLAYGROUND_RESUME, 1, 0},
    {"heal", PLAYGROUND_HEAL, 0, 0},
    {"load", PLAYGROUND_LOAD, 0, 5},
    {"load 60", PLAYGROUND_LOAD, 0, 60},
    {"logs n3", PLAYGROUND_LOGS, 2, 20},
    {"logs 3 100", PLAYGROUND_LOGS, 2, 100},
    {"help", PLAYGROUND_HELP, 0, 0},
    {"quit", PLAYGROUND_QUIT, 0, 0},
};

TEST_FOR(orders_are_a_word_and_what_it_takes,
         (int)(sizeof simple / sizeof *simple))
{
    struct playground_order order = parse(simple[_i].line);
    ck_assert_int_eq(order.verb, simple[_i].verb);
    ck_assert_uint_eq(order.node, simple[_i].node);
    ck_assert_uint_eq(order.number, simple[_i].number);
    ck_assert_uint_eq(order.sides[0] | order.sides[1], 0);
}

static const struct {
    const char *line;
    uint64_t a, b;
} cuts[] = {
    {"cut n1,n2 | n3,n4,n5", 3, 28},
    {"cut 1,2|3", 3, 4},
    {"cut n1 n2 | 5 , 4", 3, 24},
    {"cut n4", 8, 23},
    {"cut 1,1|2", 1, 2},
};

TEST_FOR(a_cut_has_two_sides, (int)(sizeof cuts / sizeof *cuts))
{
    struct playground_order order = parse(cuts[_i].line);
    ck_assert_int_eq(order.verb, PLAYGROUND_CUT);
    ck_assert_uint_eq(order.sides[0], cuts[_i].a);
    ck_assert_uint_eq(order.sides[1], cuts[_i].b);
}

static const struct {
    const char *line, *why;
} wrong[] = {
    {"destroy n1", "there is no 'destroy' here, but status, kill, restart, "
                   "pause, resume, cut, heal, load, logs, help, quit"},
    {"| n1", "there is no '' here, but status, kill, restart, pause, resume, "
             "cut, heal, load, logs, help, quit"},
    {"kill", "which? kill N"},
    {"kill n6", "there is no node 'n6': n1 to n5 are there"},
    {"kill 0", "there is no node '0': n1 to n5 are there"},
    {"kill n", "there is no node 'n': n1 to n5 are there"},
    {"kill nn1", "there is no node 'nn1': n1 to n5 are there"},
    {"kill n1 n2", "'n2' is too much: kill N"},
    {"status n1", "'n1' is too much: status"},
    {"load 0", "'0' is no number from 1 to 3600: load [SECONDS]"},
    {"load soon", "'soon' is no number from 1 to 3600: load [SECONDS]"},
    {"logs n1 5 6", "'6' is too much: logs N [LINES]"},
    {"cut", "which? cut A [| B]"},
    {"cut n1 |", "there is no node '': n1 to n5 are there"},
    {"cut | n1", "there is no node '': n1 to n5 are there"},
    {"cut n1,,n2 | n3", "there is no node '': n1 to n5 are there"},
    {"cut n1 | n2 | n3", "'| n3' is too much: cut A [| B]"},
    {"cut n1,n2 | n2", "n2 is on both sides"},
    {"cut 1,2,3,4,5", "there is nobody on the other side"},
};

TEST_FOR(what_is_wrong_is_said, (int)(sizeof wrong / sizeof *wrong))
{
    struct playground_order order = {.verb = PLAYGROUND_LOGS, .number = 77};
    struct buffer why = {0};
    ck_assert(
        !playground_order_parse(slice_of(wrong[_i].line), NODES, &order, &why));
    ck_assert_msg(slice_equal(buffer_slice(&why), slice_of(wrong[_i].why)),
                  "%s: %.*s", wrong[_i].line, SLICE_PRINT(buffer_slice(&why)));
    ck_assert_uint_eq(order.number, 77);
    buffer_deinit(&why);
}

TEST(where_there_is_one_node_it_is_named)
{
    struct playground_order order;
    struct buffer why = {0};
    ck_assert(!playground_order_parse(SLICE("kill 2"), 1, &order, &why));
    ck_assert(slice_equal(buffer_slice(&why),
                          SLICE("there is no node '2': n1 is the only one")));
    buffer_deinit(&why);
}

TEST(help_has_a_line_for_every_word)
{
    struct buffer text = {0};
    playground_order_help(&text);
    buffer_append_byte(&text, '\0');
    static const char *const usages[] = {
        "  status ",  "  kill N ",         "  restart N ",
        "  pause N ", "  resume N ",       "  cut A [| B] ",
        "  heal ",    "  load [SECONDS] ", "  logs N [LINES] ",
        "  help ",    "  quit ",
    };
    for (size_t i = 0; i < sizeof usages / sizeof *usages; i++)
        ck_assert_msg(strstr(text.data, usages[i]), "no '%s'", usages[i]);
    buffer_deinit(&text);
}
