// playground_order.c -- one row a word: what follows it, and what it is for.
// SPDX-License-Identifier: MIT
#include "common/client/playground_order.h"

#include <ctype.h>

enum {
    LOAD_SECONDS = 5,
    LOAD_SECONDS_MAX = 3600,
    LOG_LINES = 20,
    LOG_LINES_MAX = 100 * 1000,
};

// What may follow a word.
enum { NODE = 1 << 0, SIDES = 1 << 1, NUMBER = 1 << 2 };

static const struct row {
    const char *word;
    enum playground_verb verb;
    unsigned takes;
    uint32_t number, number_max; // Without one; at most.
    const char *usage, *help;
} rows[] = {
    {"status", PLAYGROUND_STATUS, 0, 0, 0, "status", "how each node is"},
    {"kill", PLAYGROUND_KILL, NODE, 0, 0, "kill N",
     "ends it at once (SIGKILL)"},
    {"restart", PLAYGROUND_RESTART, NODE, 0, 0, "restart N",
     "starts it again, with what is on its disk"},
    {"pause", PLAYGROUND_PAUSE, NODE, 0, 0, "pause N",
     "lets it stand still (SIGSTOP)"},
    {"resume", PLAYGROUND_RESUME, NODE, 0, 0, "resume N", "lets it go on"},
    {"cut", PLAYGROUND_CUT, SIDES, 0, 0, "cut A [| B]",
     "cuts the network between n1,n2 | n3, or n1 off from all others"},
    {"heal", PLAYGROUND_HEAL, 0, 0, 0, "heal", "mends all cuts"},
    {"load", PLAYGROUND_LOAD, NUMBER, LOAD_SECONDS, LOAD_SECONDS_MAX,
     "load [SECONDS]", "reads and writes at every node meanwhile"},
    {"logs", PLAYGROUND_LOGS, NODE | NUMBER, LOG_LINES, LOG_LINES_MAX,
     "logs N [LINES]", "the last lines of its log"},
    {"help", PLAYGROUND_HELP, 0, 0, 0, "help", "this"},
    {"quit", PLAYGROUND_QUIT, 0, 0, 0, "quit", "ends all nodes"},
};

enum { ROWS = sizeof rows / sizeof *rows };

static void skip_blanks(struct slice *rest)
{
    while (rest->size && isspace((unsigned char)*rest->data)) {
        rest->data++;
        rest->size--;
    }
}

static bool ends_word(char c)
{
    return isspace((unsigned char)c) || c == ',' || c == '|';
}

// Takes the next word off; an empty one at the end, or before ',' and '|'.
static struct slice take_word(struct slice *rest)
{
    skip_blanks(rest);
    struct slice word = {rest->data, 0};
    while (word.size < rest->size && !ends_word(word.data[word.size]))
        word.size++;
    rest->data += word.size;
    rest->size -= word.size;
    skip_blanks(rest);
    return word;
}

static bool take_character(struct slice *rest, char character)
{
    if (!rest->size || *rest->data != character)
        return false;
    rest->data++;
    rest->size--;
    return true;
}

static bool parse_node(struct slice word, size_t nodes, size_t *node,
                       struct buffer *why)
{
    struct slice digits = word;
    int64_t number;
    if (digits.size && tolower((unsigned char)*digits.data) == 'n')
        digits = (struct slice){digits.data + 1, digits.size - 1};
    if (!slice_to_int64(digits, &number) || number < 1 ||
        number > (int64_t)nodes) {
        buffer_printf(why, "there is no node '%.*s': ", SLICE_PRINT(word));
        if (nodes == 1)
            buffer_append_text(why, "n1 is the only one");
        else
            buffer_printf(why, "n1 to n%zu are there", nodes);
        return false;
    }
    *node = (size_t)number - 1;
    return true;
}

// Nodes with commas or blanks between them.
static bool parse_side(struct slice *rest, size_t nodes, uint64_t *side,
                       struct buffer *why)
{
    size_t node;
    do {
        if (!parse_node(take_word(rest), nodes, &node, why))
            return false;
        *side |= UINT64_C(1) << node;
    } while (take_character(rest, ',') || (rest->size && *rest->data != '|'));
    return true;
}

static bool parse_sides(struct slice *rest, size_t nodes, uint64_t sides[2],
                        struct buffer *why)
{
    uint64_t all = (UINT64_C(1) << nodes) - 1;
    if (!parse_side(rest, nodes, &sides[0], why))
        return false;
    if (!take_character(rest, '|'))
        sides[1] = all & ~sides[0];
    else if (!parse_side(rest, nodes, &sides[1], why))
        return false;
    if (sides[0] & sides[1]) {
        buffer_printf(why, "n%d is on both sides",
                      __builtin_ctzll(sides[0] & sides[1]) + 1);
        return false;
    }
    if (!sides[1])
        buffer_append_text(why, "there is nobody on the other side");
    return sides[1];
}

static bool parse_number(const struct row *row, struct slice word,
                         uint32_t *value, struct buffer *why)
{
    int64_t number;
    if (!word.size) {
        *value = row->number;
        return true;
    }
    if (!slice_to_int64(word, &number) || number < 1 ||
        number > row->number_max) {
        buffer_printf(why, "'%.*s' is no number from 1 to %u: %s",
                      SLICE_PRINT(word), row->number_max, row->usage);
        return false;
    }
    *value = (uint32_t)number;
    return true;
}

static bool parse_arguments(const struct row *row, struct slice *rest,
                            size_t nodes, struct playground_order *order,
                            struct buffer *why)
{
    if (!rest->size && row->takes & (NODE | SIDES)) {
        buffer_printf(why, "which? %s", row->usage);
        return false;
    }
    if (row->takes & SIDES && !parse_sides(rest, nodes, order->sides, why))
        return false;
    if (row->takes & NODE &&
        !parse_node(take_word(rest), nodes, &order->node, why))
        return false;
    if (row->takes & NUMBER &&
        !parse_number(row, take_word(rest), &order->number, why))
        return false;
    if (rest->size)
        buffer_printf(why, "'%.*s' is too much: %s", SLICE_PRINT(*rest),
                      row->usage);
    return !rest->size;
}

static const struct row *find_row(struct slice word)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (slice_is(word, rows[i].word))
            return &rows[i];
    }
    return NULL;
}

static void append_words(struct buffer *why)
{
    for (size_t i = 0; i < ROWS; i++)
        buffer_printf(why, "%s%s", i ? ", " : "", rows[i].word);
}

bool playground_order_parse(struct slice line, size_t nodes,
                            struct playground_order *order, struct buffer *why)
{
    struct playground_order parsed = {0};
    // The end of the line is no argument.
    while (line.size && isspace((unsigned char)line.data[line.size - 1]))
        line.size--;
    struct slice word = take_word(&line);
    const struct row *row = find_row(word);
    if (!row && (word.size || line.size)) {
        buffer_printf(why, "there is no '%.*s' here, but ", SLICE_PRINT(word));
        append_words(why);
        return false;
    }
    if (row) {
        parsed.verb = row->verb;
        if (!parse_arguments(row, &line, nodes, &parsed, why))
            return false;
    }
    *order = parsed;
    return true;
}

void playground_order_help(struct buffer *out)
{
    for (size_t i = 0; i < ROWS; i++)
        buffer_printf(out, "  %-15s %s\n", rows[i].usage, rows[i].help);
}
