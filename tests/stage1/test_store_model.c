// test_store_model.c -- the store against a model that can't be wrong: an
// array.
//
//     make -C tests run ONLY=test_store_model SEED=123 OPERATIONS=20000000
//
// Random operations on a virtual clock are done to both and must answer alike.
// A failure names the run after the test ("..._model_does:2"): its seed is SEED
// (default 0) plus that. Phases of mostly writing and mostly deleting take
// turns, so that the tables grow and shrink while scans run.
// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "stage1-singlenode/store.h"
#include "tests/test.h"

enum {
    KEYS = 6000,
    VALUE_MAX = 1500,
    RUNS = 4,
    OPERATIONS_DEFAULT = 1000 * 1000, // A run.
    PHASE_OPERATIONS = 40 * 1000,
    CHECK_EVERY = 50 * 1000,  // The slow checks of everything.
    CLEAR_EVERY = 150 * 1000, // On average.
};

// Check records every assertion that holds; millions of them would take longer
// than the store.
#define agree(condition)                                                       \
    do {                                                                       \
        if (!(condition))                                                      \
            ck_abort_msg("disagree: " #condition);                             \
    } while (0)

// What the store should say of one key.
struct slot {
    struct key key;
    bool present;
    bool raw;
    int64_t expires_ms;
    uint64_t version;
    size_t size;
    char value[VALUE_MAX];
    uint64_t seen_in_turn; // The last turn of the scan that saw it,
    uint64_t absent_since; // and the turn in which it was last absent.
};

struct model {
    struct store *store;
    struct random random;
    int64_t now_ms;
    uint64_t writes;
    bool deleting;
    uint64_t cursor, turn;
    struct slot slots[KEYS];
};

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

static size_t below(struct model *model, size_t bound)
{
    return random_below(&model->random, bound);
}

static bool is_alive(const struct model *model, const struct slot *slot)
{
    return slot->present && (slot->expires_ms == ENTRY_NO_EXPIRY ||
                             slot->expires_ms > model->now_ms);
}

static struct slot *any_slot(struct model *model)
{
    return &model->slots[below(model, KEYS)];
}

static int64_t any_expiry(struct model *model)
{
    return below(model, 3) ? ENTRY_NO_EXPIRY
                           : model->now_ms + 1 + (int64_t)below(model, 3000);
}

static void remove_slot(struct model *model, struct slot *slot)
{
    slot->present = false;
    slot->absent_since = model->turn;
}

// The slot after a write of `size` bytes of slot->value.
static void wrote(struct model *model, struct slot *slot, size_t size,
                  int64_t expires_ms, bool raw)
{
    // One that had expired was away, whether or not the scan came by.
    if (!is_alive(model, slot))
        slot->absent_since = model->turn;
    slot->present = true;
    slot->raw = raw;
    slot->size = size;
    slot->expires_ms = expires_ms;
    slot->version = ++model->writes;
}

static void compare(struct model *model, const struct slot *slot)
{
    const struct entry *entry = store_peek(model->store, slot->key);
    agree((entry != NULL) == is_alive(model, slot));
    if (!entry)
        return;
    agree(slice_equal(entry_key(entry), slot->key.name));
    agree(slice_equal(entry_string(entry),
                      (struct slice){slot->value, slot->size}));
    agree(entry_expires_ms(entry) == slot->expires_ms);
    agree(!!(entry->flags & ENTRY_RAW) == slot->raw);
    agree(entry->version == slot->version);
}

static void do_set(struct model *model, struct slot *slot)
{
    int64_t expires_ms = any_expiry(model);
    size_t size = below(model, below(model, 8) ? 30 : VALUE_MAX);
    memset(slot->value, (int)below(model, 256), size);
    struct slice value = {slot->value, size};
    if (below(model, 3) == 0 && is_alive(model, slot)) {
        expires_ms = slot->expires_ms;
        store_update_string(model->store, slot->key, value);
    } else {
        store_set_string(model->store, slot->key, value, expires_ms);
    }
    wrote(model, slot, size, expires_ms, false);
}

static void do_resize(struct model *model, struct slot *slot)
{
    bool alive = is_alive(model, slot);
    size_t before = alive ? slot->size : 0;
    size_t size =
        below(model, 8) ? before + below(model, 20) : below(model, VALUE_MAX);
    if (size > VALUE_MAX)
        size = before;
    if (size > before)
        memset(slot->value + before, 0, size - before);
    char *bytes;
    store_resize_string(model->store, slot->key, size, &bytes);
    if (size > 0)
        bytes[size - 1] = slot->value[size - 1] = (char)below(model, 256);
    wrote(model, slot, size, alive ? slot->expires_ms : ENTRY_NO_EXPIRY, true);
}

static void do_delete(struct model *model, struct slot *slot)
{
    bool alive = is_alive(model, slot);
    agree(store_delete(model->store, slot->key) == alive);
    remove_slot(model, slot);
    model->writes += alive;
}

static void do_expire(struct model *model, struct slot *slot)
{
    bool alive = is_alive(model, slot);
    int64_t expires_ms = below(model, 20) ? any_expiry(model) : model->now_ms;
    agree(store_set_expiry(model->store, slot->key, expires_ms) == alive);
    if (!alive)
        return;
    wrote(model, slot, slot->size, expires_ms, slot->raw);
    if (expires_ms == model->now_ms)
        remove_slot(model, slot);
}

static void do_copy(struct model *model, struct slot *from, struct slot *to)
{
    if (!is_alive(model, from))
        return;
    bool rename = below(model, 2);
    if (rename)
        store_rename(model->store, from->key, to->key);
    else
        store_copy(model->store, from->key, to->key);
    if (from == to)
        return;
    memcpy(to->value, from->value, from->size);
    wrote(model, to, from->size, from->expires_ms, from->raw);
    if (rename) {
        remove_slot(model, from);
        model->writes++;
    }
}

static void do_clear(struct model *model)
{
    store_clear(model->store);
    model->writes++;
    for (size_t i = 0; i < KEYS; i++)
        remove_slot(model, &model->slots[i]);
    agree(store_count(model->store) == 0);
}

// The number of a key stands at its end.
static struct slot *slot_of(struct model *model, const struct entry *entry)
{
    struct slice key = entry_key(entry);
    uint32_t number;
    agree(key.size >= sizeof number);
    memcpy(&number, key.data + key.size - sizeof number, sizeof number);
    agree(number < KEYS);
    return &model->slots[number];
}

static void note_seen(void *context, struct entry *entry)
{
    struct model *model = context;
    struct slot *slot = slot_of(model, entry);
    agree(is_alive(model, slot));
    slot->seen_in_turn = model->turn;
}

static void do_scan(struct model *model)
{
    model->cursor = store_scan(model->store, model->cursor, note_seen, model);
    if (model->cursor != 0)
        return;
    for (size_t i = 0; i < KEYS; i++) {
        const struct slot *slot = &model->slots[i];
        if (is_alive(model, slot) && slot->absent_since < model->turn)
            agree(slot->seen_in_turn == model->turn);
    }
    model->turn++;
}

static void do_random(struct model *model)
{
    const struct entry *entry = store_random_entry(model->store);
    if (entry)
        agree(is_alive(model, slot_of(model, entry)));
    else
        agree(store_count(model->store) == 0);
}

static void pass_time(struct model *model)
{
    model->now_ms += (int64_t)below(model, 20);
    store_begin(model->store, model->now_ms, random_next(&model->random));
    if (below(model, 2))
        store_tick(model->store);
}

static void compare_all(struct model *model)
{
    store_check_invariants(model->store);
    size_t alive = 0, expiring = 0;
    for (size_t i = 0; i < KEYS; i++) {
        const struct slot *slot = &model->slots[i];
        compare(model, slot);
        alive += is_alive(model, slot);
        expiring +=
            is_alive(model, slot) && slot->expires_ms != ENTRY_NO_EXPIRY;
    }
    // The comparison has reclaimed all that was still there.
    agree(store_count(model->store) == alive);
    agree(store_expiring_count(model->store) == expiring);
    struct store_stats stats;
    store_stats(model->store, &stats);
    agree(stats.writes == model->writes);
    store_check_invariants(model->store);
}

static void operate(struct model *model)
{
    struct slot *slot = any_slot(model);
    size_t choice = below(model, 100);
    if (choice < (model->deleting ? 35 : 10))
        do_delete(model, slot);
    else if (choice < 50)
        do_set(model, slot);
    else if (choice < 60)
        do_resize(model, slot);
    else if (choice < 70)
        do_expire(model, slot);
    else if (choice < 75)
        do_copy(model, slot, any_slot(model));
    else if (choice < 85)
        do_scan(model);
    else if (choice < 86)
        do_random(model);
    else if (choice < 90)
        pass_time(model);
    compare(model, slot);
}

// Keys of all layouts: one in sixteen has a size beyond a byte.
static void make_keys(struct model *model)
{
    for (uint32_t i = 0; i < KEYS; i++) {
        size_t prefix = i % 16 ? i % 24 : 200 + i % 100;
        char *name = xcalloc(1, prefix + sizeof i);
        memcpy(name + prefix, &i, sizeof i);
        model->slots[i].key =
            store_key(model->store, (struct slice){name, prefix + sizeof i});
    }
}

static struct model *model_create(uint64_t seed)
{
    struct model *model = xcalloc(1, sizeof *model);
    random_init(&model->random, seed);
    struct hash_secret secret;
    for (int i = 0; i < HASH_SECRET_SIZE; i++)
        secret.bytes[i] = (unsigned char)random_next(&model->random);
    model->store = store_create(&secret);
    model->now_ms = 1700000000000;
    model->turn = 1;
    store_begin(model->store, model->now_ms, 0);
    make_keys(model);
    return model;
}

static void model_destroy(struct model *model)
{
    store_destroy(model->store);
    for (size_t i = 0; i < KEYS; i++)
        free((void *)model->slots[i].key.name.data);
    free(model);
}

TEST_FOR(the_store_answers_as_the_model_does, RUNS)
{
    struct model *model = model_create(setting("SEED", 0) + (uint64_t)_i);
    uint64_t operations = setting("OPERATIONS", OPERATIONS_DEFAULT);
    for (uint64_t i = 0; i < operations; i++) {
        if (i % CHECK_EVERY == 0)
            compare_all(model);
        if (i % PHASE_OPERATIONS == 0)
            model->deleting = !model->deleting;
        if (below(model, CLEAR_EVERY) == 0)
            do_clear(model);
        operate(model);
    }
    compare_all(model);
    model_destroy(model);
}
