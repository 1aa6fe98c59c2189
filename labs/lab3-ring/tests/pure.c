// pure.c -- golden, balance, minimal_move, wrap_ties: slots and rings alone.
// SPDX-License-Identifier: MIT
#include <string.h>

#include "labs/lab3-ring/tests/referee.h"

enum { NODES = 10, KEY_BYTES_MAX = 40 };

// The nodes of a ring, in an order of their own.
struct members {
    char ids[NODES][MODEL_ID_SIZE];
    unsigned weights[NODES];
    unsigned count;
};

static void draw_id(struct draw *draw, char id[MODEL_ID_SIZE])
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz-_.0123456789";
    unsigned size = 1 + draw_below(draw, 12);
    for (unsigned i = 0; i < size; i++)
        id[i] = letters[draw_below(draw, sizeof letters - 1)];
    id[size] = '\0';
}

static void members_add(struct members *members, struct draw *draw, unsigned at)
{
    char id[MODEL_ID_SIZE];
    bool is_new;
    do {
        draw_id(draw, id);
        is_new = true;
        for (unsigned i = 0; i < members->count; i++)
            is_new &= strcmp(id, members->ids[i]) != 0;
    } while (!is_new);
    for (unsigned i = members->count; i > at; i--) {
        memcpy(members->ids[i], members->ids[i - 1], MODEL_ID_SIZE);
        members->weights[i] = members->weights[i - 1];
    }
    memcpy(members->ids[at], id, MODEL_ID_SIZE);
    members->weights[at] = draw_chance(draw, 70) ? 1 : 1 + draw_below(draw, 4);
    members->count++;
}

static void members_remove(struct members *members, unsigned at)
{
    members->count--;
    for (unsigned i = at; i < members->count; i++) {
        memcpy(members->ids[i], members->ids[i + 1], MODEL_ID_SIZE);
        members->weights[i] = members->weights[i + 1];
    }
}

static struct members draw_members(struct draw *draw, unsigned count)
{
    struct members members = {0};
    while (members.count < count)
        members_add(&members, draw, draw_below(draw, members.count + 1));
    return members;
}

static void add_ring(struct schedule *schedule, const struct members *members)
{
    struct text nodes = {0};
    for (unsigned i = 0; i < members->count; i++)
        text_printf(&nodes, " %s:%u", members->ids[i], members->weights[i]);
    schedule_add(schedule, "ring%s", nodes.data);
    text_deinit(&nodes);
}

// ---- golden

// Bytes of any value, with braces oftener than chance would have them.
static void add_slot(struct draw *draw, struct schedule *schedule)
{
    static const char often[] = "{}{}ab";
    struct text key = {0};
    unsigned size = draw_below(draw, KEY_BYTES_MAX);
    for (unsigned i = 0; i < size; i++) {
        unsigned byte = draw_chance(draw, 40)
                            ? (unsigned char)often[draw_below(draw, 6)]
                            : draw_below(draw, 256);
        bool is_plain = byte > ' ' && byte <= '~' && byte != '\\';
        text_printf(&key, is_plain ? "%c" : "\\x%02x", byte);
    }
    schedule_add(schedule, "slot%s%s", size ? " " : "", size ? key.data : "");
    text_deinit(&key);
}

LAB_CLUSTER(golden,
            "Keys, slots and tokens are where every other program finds them.")
{
    // As Redis' documentation has them, and others of the sort.
    static const char *const keys[] = {"123456789",
                                       "foo",
                                       "{user1000}.following",
                                       "{user1000}.followers",
                                       "foo{}{bar}",
                                       "foo{{bar}}zap",
                                       "foo{bar}{zap}",
                                       "{star}:planets",
                                       "}{a}",
                                       "{a",
                                       "a}b{c}",
                                       "{}"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        schedule_add(schedule, "slot %s", keys[i]);
    schedule_add(schedule, "slot");
    for (int i = 0; i < 20; i++)
        add_slot(draw, schedule);
    schedule_add(schedule, "token n1 68");
    for (int i = 0; i < 10; i++) {
        char id[MODEL_ID_SIZE];
        draw_id(draw, id);
        schedule_add(schedule, "token %s %u", id, draw_below(draw, 15000));
    }
    schedule_add(schedule, "ring n1:1 n2:1 n3:1");
    schedule_add(schedule, "golden b1525ebcd25f20c1");
    schedule_add(schedule, "ring n1:1 n2:1 n3:1 n4:1 n5:1");
    schedule_add(schedule, "golden 7fd0e1f8e2a4ab48");
    schedule_add(schedule, "ring n1:1 n2:2");
    schedule_add(schedule, "golden ec22a8d03ab03bd5");
}

// ---- balance

LAB_CLUSTER(balance, "Each node has about the share of the slots that its "
                     "weight says.")
{
    for (int i = 0; i < 8; i++) {
        struct members members = draw_members(draw, 3 + draw_below(draw, 6));
        add_ring(schedule, &members);
        schedule_add(schedule, "even");
    }
}

// ---- minimal_move

static void shuffle(struct members *members, struct draw *draw)
{
    struct members shuffled = {0};
    while (members->count > 0) {
        unsigned from = draw_below(draw, members->count);
        memcpy(shuffled.ids[shuffled.count], members->ids[from], MODEL_ID_SIZE);
        shuffled.weights[shuffled.count++] = members->weights[from];
        members_remove(members, from);
    }
    *members = shuffled;
}

LAB_CLUSTER(minimal_move,
            "When a node joins or leaves, only slots that it gets or had "
            "move.")
{
    struct members members = draw_members(draw, 3 + draw_below(draw, 4));
    add_ring(schedule, &members);
    for (int i = 0; i < 6; i++) {
        unsigned what = draw_below(draw, 3);
        if (what == 0 && members.count > 2)
            members_remove(&members, draw_below(draw, members.count));
        else if (what == 1)
            shuffle(&members, draw);
        else if (members.count < NODES)
            members_add(&members, draw, draw_below(draw, members.count + 1));
        add_ring(schedule, &members);
        schedule_add(schedule, "joined");
    }
}

// ---- wrap_ties

LAB_CLUSTER(wrap_ties,
            "A slot belongs to the first token from its own place on, around "
            "the end; where two meet, the lesser id wins.")
{
    // So few bits that tokens meet slots, each other, and the ends.
    static const unsigned bits[] = {64, 14, 13, 11, 8, 6, 3, 1, 0};
    for (int i = 0; i < 6; i++) {
        struct members members = draw_members(draw, 1 + draw_below(draw, 5));
        schedule_add(schedule, "coarse %u",
                     bits[draw_below(draw, sizeof bits / sizeof *bits)]);
        add_ring(schedule, &members);
        schedule_add(schedule, "exactly");
    }
}
