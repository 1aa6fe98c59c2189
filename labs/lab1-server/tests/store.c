// store.c -- store_basic and store_grow: the keyspace, without a protocol.
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "labs/harness/lab.h"

enum {
    BINARY_KEYS = 2000, // So many that tags collide.
    CHAIN_KEYS = 64,
    GROW_KEYS = 30000,
    GROW_BATCH = 250,
    GROWN_KEYS = 28000,      // By then the table has grown once more, and
    GROWN_BYTES = 64 * 1024, // takes at least so much more.
    BUCKET_BYTES = 64,
    MOVED_AT_ONCE = 4, // Buckets that an insertion may move at most.
    FULL_KEYS = 11000, // So many that the table is nearly full: 2,048 buckets.
    FULL_ROUNDS = 12,
    FULL_SPARE = 16 * 1024, // Bytes; who keeps each child has 60,000.
};

// ---- A batch of requests with the replies that they must get

struct batch {
    struct text requests, replies;
};

static void batch_set(struct batch *batch, struct bytes key, struct bytes value)
{
    REQUEST(&batch->requests, BYTES("SET"), key, value);
    text_printf(&batch->replies, "+OK\r\n");
}

// `value.data` NULL: absent.
static void batch_get(struct batch *batch, struct bytes key, struct bytes value)
{
    REQUEST(&batch->requests, BYTES("GET"), key);
    if (value.data)
        text_add_bulk(&batch->replies, value);
    else
        text_printf(&batch->replies, "$-1\r\n");
}

static void batch_delete(struct batch *batch, struct bytes key, int deleted)
{
    REQUEST(&batch->requests, BYTES("DEL"), key);
    text_printf(&batch->replies, ":%d\r\n", deleted);
}

static void batch_count(struct batch *batch, size_t count)
{
    REQUEST(&batch->requests, BYTES("DBSIZE"));
    text_printf(&batch->replies, ":%zu\r\n", count);
}

static void batch_run(struct batch *batch, struct wire *wire)
{
    wire_send(wire, text_bytes(&batch->requests));
    wire_expect(wire, text_bytes(&batch->replies));
    text_deinit(&batch->requests);
    text_deinit(&batch->replies);
}

static const struct bytes absent = {0};

// ---- store_basic

LAB_CASE(store_basic, set_get_delete,
         "GET returns what SET stored last, and nothing after DEL.")
{
    struct wire wire = wire_open_store(lab);
    struct batch batch = {0};
    struct bytes key = BYTES("key");
    batch_get(&batch, key, absent);
    batch_set(&batch, key, BYTES("one"));
    batch_get(&batch, key, BYTES("one"));
    batch_set(&batch, key, BYTES("a longer value than the one before it"));
    batch_get(&batch, key, BYTES("a longer value than the one before it"));
    batch_set(&batch, key, BYTES(""));
    batch_get(&batch, key, BYTES(""));
    batch_count(&batch, 1);
    batch_delete(&batch, key, 1);
    batch_get(&batch, key, absent);
    batch_delete(&batch, key, 0);
    batch_count(&batch, 0);
    batch_run(&batch, &wire);
}

LAB_CASE(store_basic, binary_keys,
         "Keys are bytes with a size: zeros count, and what is behind them.")
{
    struct wire wire = wire_open_store(lab);
    struct batch batch = {0};
    batch_set(&batch, BYTES(""), BYTES("empty"));
    batch_set(&batch, BYTES("\r\n"), BYTES("a line's end"));
    batch_get(&batch, BYTES(""), BYTES("empty"));
    batch_get(&batch, BYTES("\r\n"), BYTES("a line's end"));
    batch_run(&batch, &wire);
    char key[16] = "same";
    for (int i = 0; i < BINARY_KEYS; i++) {
        memcpy(key + 5, &i, sizeof i);
        batch_set(&batch, (struct bytes){key, 9}, (struct bytes){key + 5, 4});
    }
    batch_count(&batch, BINARY_KEYS + 2);
    batch_run(&batch, &wire);
    for (int i = 0; i < BINARY_KEYS; i++) {
        memcpy(key + 5, &i, sizeof i);
        batch_get(&batch, (struct bytes){key, 9}, (struct bytes){key + 5, 4});
    }
    batch_run(&batch, &wire);
}

static struct bytes chain_key(char *text, int i)
{
    return (struct bytes){text, (size_t)sprintf(text, "chain-%d", i)};
}

LAB_CASE(store_basic, delete_leaves_the_rest,
         "DEL removes its own key and no other, whatever bucket they share.")
{
    struct wire wire = wire_open_store(lab);
    char key[32];
    // Every number of keys from one bucket to a few, every one deleted first.
    for (int first = 0; first < CHAIN_KEYS; first++) {
        struct batch batch = {0};
        lab_trying(lab, "%d keys, deleted from number %d on", CHAIN_KEYS,
                   first);
        for (int i = 0; i < CHAIN_KEYS; i++)
            batch_set(&batch, chain_key(key, i), BYTES("here"));
        for (int done = 1; done <= CHAIN_KEYS; done++) {
            int i = (first + done * 5) % CHAIN_KEYS;
            batch_delete(&batch, chain_key(key, i), 1);
            i = (first + (done + 1) * 5) % CHAIN_KEYS;
            batch_get(&batch, chain_key(key, i),
                      done < CHAIN_KEYS ? BYTES("here") : absent);
            batch_count(&batch, (size_t)(CHAIN_KEYS - done));
        }
        batch_run(&batch, &wire);
    }
}

LAB_CASE(store_basic, expired_is_absent,
         "A key whose time has come is absent, and can be set anew.")
{
    struct wire wire = wire_open_store(lab);
    struct batch batch = {0};
    struct bytes key = BYTES("short-lived"), other = BYTES("other");
    REQUEST(&batch.requests, BYTES("SET"), key, BYTES("v"), BYTES("PX"),
            BYTES("50"));
    text_printf(&batch.replies, "+OK\r\n");
    batch_set(&batch, other, BYTES("stays"));
    batch_run(&batch, &wire);
    wire_pass_ms(&wire, 50);
    batch_get(&batch, key, absent);
    batch_delete(&batch, key, 0);
    batch_get(&batch, other, BYTES("stays"));
    batch_count(&batch, 1);
    batch_set(&batch, key, BYTES("again"));
    batch_run(&batch, &wire);
    wire_pass_ms(&wire, 50);
    batch_get(&batch, key, BYTES("again"));
    batch_count(&batch, 2);
    batch_run(&batch, &wire);
}

LAB_CASE_OWN(store_basic, expired_is_counted,
             "A key that is found past its time counts as expired, once.")
{
    struct wire wire = wire_open_store(lab);
    struct batch batch = {0};
    struct bytes key = BYTES("short-lived");
    REQUEST(&batch.requests, BYTES("SET"), key, BYTES("v"), BYTES("PX"),
            BYTES("50"));
    text_printf(&batch.replies, "+OK\r\n");
    batch_run(&batch, &wire);
    wire_pass_ms(&wire, 50);
    batch_get(&batch, key, absent);
    batch_get(&batch, key, absent);
    REQUEST(&batch.requests, BYTES("EXPIRED"));
    text_printf(&batch.replies, ":1\r\n");
    batch_run(&batch, &wire);
}

// ---- store_grow

static struct bytes grow_key(char *text, unsigned i)
{
    return (struct bytes){text, (size_t)sprintf(text, "key:%u", i)};
}

static struct bytes grow_value(char *text, unsigned i)
{
    return (struct bytes){text, (size_t)sprintf(text, "%u", i * 7)};
}

// Fills `wire` with keys [0, count) and asks for older ones all the time.
static void grow_to(struct lab *lab, struct wire *wire, unsigned count)
{
    char key[32], value[32];
    for (unsigned i = 0; i < count;) {
        struct batch batch = {0};
        lab_trying(lab, "%u keys so far", i);
        for (unsigned end = i + GROW_BATCH; i < end && i < count; i++) {
            batch_set(&batch, grow_key(key, i), grow_value(value, i));
            unsigned older = (unsigned)((uint64_t)i * 2654435761u % (i + 1));
            batch_get(&batch, grow_key(key, older), grow_value(value, older));
        }
        batch_count(&batch, i);
        batch_run(&batch, wire);
    }
}

// Every step-th key from 0 on is absent, all others are there.
static void expect_all(struct lab *lab, struct wire *wire, unsigned count,
                       unsigned step)
{
    char key[32], value[32];
    for (unsigned i = 0; i < count;) {
        struct batch batch = {0};
        lab_trying(lab, "looking for keys from %u on", i);
        for (unsigned end = i + GROW_BATCH; i < end && i < count; i++)
            batch_get(&batch, grow_key(key, i),
                      step && i % step == 0 ? absent : grow_value(value, i));
        batch_run(&batch, wire);
    }
}

LAB_CASE(store_grow, nothing_is_lost,
         "Growing moves keys and loses none, at any moment of it.")
{
    struct wire wire = wire_open_store(lab);
    grow_to(lab, &wire, GROW_KEYS);
    expect_all(lab, &wire, GROW_KEYS, 0);
}

LAB_CASE(store_grow, overwriting_adds_nothing,
         "A key that is set twice is one key, also while the table grows.")
{
    struct wire wire = wire_open_store(lab);
    char key[32], value[32];
    for (unsigned i = 0; i < 5000; i++) {
        struct batch batch = {0};
        lab_trying(lab, "%u keys so far", i);
        batch_set(&batch, grow_key(key, i), BYTES("old"));
        batch_set(&batch, grow_key(key, i / 2), grow_value(value, i / 2));
        batch_set(&batch, grow_key(key, i), grow_value(value, i));
        batch_count(&batch, i + 1);
        batch_run(&batch, &wire);
    }
    expect_all(lab, &wire, 5000, 0);
}

LAB_CASE(store_grow, deleting_while_it_grows,
         "A key deleted while the table grows stays deleted; its neighbours "
         "stay.")
{
    struct wire wire = wire_open_store(lab);
    char key[32], value[32];
    unsigned count = 12000;
    for (unsigned i = 0; i < count; i++) {
        struct batch batch = {0};
        lab_trying(lab, "%u keys so far, every third before deleted", i);
        batch_set(&batch, grow_key(key, i), grow_value(value, i));
        unsigned gone = i / 2;
        if (i % 2 == 0 && gone % 3 == 0)
            batch_delete(&batch, grow_key(key, gone), 1);
        batch_run(&batch, &wire);
    }
    struct batch batch = {0};
    for (unsigned i = count / 2; i < count; i++) {
        if (i % 3 == 0)
            batch_delete(&batch, grow_key(key, i), 1);
    }
    batch_run(&batch, &wire);
    expect_all(lab, &wire, count, 3);
}

static size_t allocated_after(struct wire *wire, unsigned i)
{
    char key[32];
    struct batch batch = {0};
    batch_set(&batch, grow_key(key, i), BYTES("1"));
    batch_run(&batch, wire);
    return wire_allocated(wire);
}

LAB_CASE_OWN(store_grow, a_bucket_at_a_time,
             "A full table grows, and each insertion then moves one bucket.")
{
    struct wire wire = wire_open_store(lab);
    unsigned next = FULL_KEYS;
    grow_to(lab, &wire, next);
    size_t before, after = wire_allocated(&wire);
    lab_trying(lab, "one key after another, from %u on", next);
    do {
        if (next == GROWN_KEYS)
            lab_fail(lab, "from %d to %u keys the table did not grow",
                     FULL_KEYS, next);
        before = after;
        after = allocated_after(&wire, next++);
    } while (after < before + GROWN_BYTES);

    // The old table, of which there is less, is given back when it is empty.
    size_t grown = after - before, left;
    unsigned began = next, max = (unsigned)(grown / BUCKET_BYTES);
    do {
        if (next == began + max)
            lab_fail(lab,
                     "the table grew by %zu KB, and %u insertions later no old "
                     "one was given back",
                     grown >> 10, max);
        left = after;
        after = allocated_after(&wire, next++);
    } while (after + grown / 8 > left);
    unsigned moved = (unsigned)((left - after) / BUCKET_BYTES);
    if (next - began < moved / MOVED_AT_ONCE)
        lab_fail(lab,
                 "%u buckets of the old table were moved by %u insertion%s",
                 moved, next - began, next - began == 1 ? "" : "s");
}

// ---- hygiene

// Keys that come and go in one batch after another.
static void change_all(struct wire *wire, bool there)
{
    for (int first = 0; first < FULL_KEYS; first += GROW_BATCH) {
        struct batch batch = {0};
        for (int i = first; i < first + GROW_BATCH; i++) {
            struct text key = {0};
            text_printf(&key, "full:%d", i);
            if (there)
                batch_set(&batch, text_bytes(&key), BYTES("1"));
            else
                batch_delete(&batch, text_bytes(&key), 1);
            text_deinit(&key);
        }
        batch_run(&batch, wire);
    }
}

LAB_CASE_OWN(hygiene, child_buckets_come_back,
             "A child bucket that nobody needs any more is freed.")
{
    struct wire wire = wire_open_store(lab);
    size_t before = 0, after = 0;
    lab_trying(lab, "%d keys set and deleted, %d times", FULL_KEYS,
               FULL_ROUNDS);
    for (int round = 0; round < FULL_ROUNDS; round++) {
        change_all(&wire, true);
        change_all(&wire, false);
        after = wire_allocated(&wire);
        if (round == FULL_ROUNDS / 2 - 1)
            before = after;
    }
    if (after > before + FULL_SPARE)
        lab_fail(lab, "the last %d times left %zu kB behind", FULL_ROUNDS / 2,
                 (after - before) >> 10);
}
