// customer.c -- a client of a simulated cluster.
// SPDX-License-Identifier: MIT
#include "tests/sim/stage3/customer.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/base/list.h"
#include "stage3-sharding/router.h"
#include "tests/sim/stage3/ask.h"
#include "tests/sim/stage3/keys.h"

enum {
    CUSTOMER_PIPELINE_MAX = 6,
    CUSTOMER_THINKS_US = 200 * 1000, // At most, between two commands.
    CUSTOMER_LOOKS_US = 20 * 1000,   // Whether the phase has changed.
    CUSTOMER_TRIES = 4,              // A connection may be found broken.
    CUSTOMER_PLACES = 40,            // Keys all over the ring.
    CUSTOMER_WITH_LIST = 3,
};

// One command that was sent.
struct errand {
    struct ask ask;
    size_t operations[ASK_STEPS_MAX]; // Their indexes in the history.
};

static struct sim *customer_sim(const struct customer *customer)
{
    return customer->caller.sockets->network->sim;
}

static void customer_note(struct customer *customer, const char *sign,
                          struct slice words)
{
    sim_note_of(customer_sim(customer), customer->caller.host->name, "%s %.*s",
                sign, SLICE_PRINT(words));
}

// ---- One command

static void customer_invoke(struct customer *customer, struct errand *errand)
{
    const struct ask *ask = &errand->ask;
    struct buffer words = {0};
    for (size_t i = 0; i < ask->count; i++)
        buffer_printf(&words, "%s%s", i ? " " : "", ask->words[i]);
    customer_note(customer, ">", buffer_slice(&words));
    buffer_deinit(&words);
    size_t each = ask->is_scattered ? 1 : ask->step_count;
    for (size_t i = 0; i < ask->step_count; i += each)
        errand->operations[i / each] = client_history_invoke(
            customer->history, (uint32_t)customer->index,
            customer_sim(customer)->now_us, &ask->steps[i], each);
}

static void customer_return(struct customer *customer, struct errand *errand,
                            enum client_outcome outcome,
                            const struct slice *results)
{
    const struct ask *ask = &errand->ask;
    size_t each = ask->is_scattered ? 1 : ask->step_count;
    for (size_t i = 0; i < ask->step_count; i += each)
        client_history_return(customer->history, errand->operations[i / each],
                              customer_sim(customer)->now_us, outcome,
                              results ? &results[i] : NULL);
}

static void customer_note_answer(struct customer *customer,
                                 const struct ask *ask,
                                 const struct slice *results)
{
    struct buffer words = {0};
    for (size_t i = 0; i < ask->step_count; i++) {
        if (results[i].data)
            buffer_printf(&words, "%s%.*s", i ? ", " : "",
                          SLICE_PRINT(results[i]));
        else
            buffer_printf(&words, "%s(nil)", i ? ", " : "");
    }
    customer_note(customer, "<", buffer_slice(&words));
    buffer_deinit(&words);
}

static void customer_complain(struct customer *customer, const struct ask *ask,
                              const struct vega_reply *reply)
{
    char what[200];
    snprintf(what, sizeof what,
             "c%zu asks '%s %s' and is answered type %d '%s'",
             customer->index + 1, ask->words[0], ask->words[1],
             (int)reply->type, reply->text ? reply->text : "");
    customer->complains(customer->context, what);
}

// Takes the reply, NULL if there is none. True if it was answered.
static bool customer_hear(struct customer *customer, struct errand *errand,
                          struct vega_reply *reply)
{
    struct slice results[ASK_STEPS_MAX];
    struct ask *ask = &errand->ask;
    bool is_answer = reply && reply->type != VEGA_ERROR;
    if (is_answer && ask_read(ask, reply, results)) {
        customer_note_answer(customer, ask, results);
        customer_return(customer, errand, CLIENT_OK, results);
    } else if (is_answer) {
        customer_complain(customer, ask, reply);
    } else {
        const char *why = reply ? reply->text : vega_error(customer->vega);
        customer_note(customer, "<", slice_of(why));
        customer_return(customer, errand,
                        ask_outcome(ask, reply, vega_status(customer->vega)),
                        NULL);
    }
    vega_reply_free(reply);
    return is_answer;
}

static bool customer_do(struct customer *customer, struct errand *errand)
{
    const struct ask *ask = &errand->ask;
    customer_invoke(customer, errand);
    return customer_hear(
        customer, errand,
        vega_command(customer->vega, ask->count, ask->words, NULL));
}

static bool customer_get(struct customer *customer, const char *key)
{
    struct errand errand;
    ask_get(&errand.ask, key);
    return customer_do(customer, &errand);
}

// ---- Several at once

static void customer_pipeline(struct customer *customer)
{
    struct errand errands[CUSTOMER_PIPELINE_MAX];
    size_t count =
        2 + random_below(&customer->random, CUSTOMER_PIPELINE_MAX - 1);
    size_t sent = 0;
    for (size_t i = 0; i < count; i++) {
        struct errand *errand = &errands[sent];
        ask_draw(&errand->ask, &customer->random, customer->index,
                 &customer->written);
        customer_invoke(customer, errand);
        if (vega_append(customer->vega, errand->ask.count, errand->ask.words,
                        NULL))
            sent++;
        else
            customer_hear(customer, errand, NULL);
    }
    for (size_t i = 0; i < sent; i++)
        customer_hear(customer, &errands[i], vega_get(customer->vega));
}

// Takes answers that say nothing by themselves, all but the last `rest`.
static void customer_drain(struct customer *customer, size_t rest)
{
    while (vega_pending(customer->vega) > rest)
        vega_reply_free(vega_get(customer->vega));
}

// Both keys of a tag, written in one transaction, at once or with time in
// between. The first command chooses the node for what follows.
static void customer_transact(struct customer *customer)
{
    const char *const *keys =
        keys_tagged[random_below(&customer->random, KEYS_TAGS)];
    if (!customer_get(customer, keys[0]))
        return;
    struct errand errand;
    const char *multi[] = {"multi"}, *exec[] = {"exec"};
    customer->is_transacting = true;
    ask_transaction(&errand.ask, keys, customer->index, &customer->written);
    customer_invoke(customer, &errand);
    bool sent = vega_append(customer->vega, 1, multi, NULL);
    for (size_t i = 0; sent && i < KEYS_OF_TAG; i++) {
        const char *set[] = {"set", keys[i], errand.ask.texts[i]};
        sent = vega_append(customer->vega, 3, set, NULL);
    }
    if (random_below(&customer->random, 2)) {
        customer_drain(customer, 0);
        caller_sleep(
            &customer->caller,
            (int64_t)random_below(&customer->random, CUSTOMER_THINKS_US));
    }
    sent = sent && vega_append(customer->vega, 1, exec, NULL);
    customer_drain(customer, sent ? 1 : 0);
    customer_hear(customer, &errand, sent ? vega_get(customer->vega) : NULL);
    customer->is_transacting = false;
}

static void customer_ask(struct customer *customer)
{
    uint64_t kind = random_below(&customer->random, 100);
    struct errand errand;
    if (kind < 10) {
        customer_pipeline(customer);
    } else if (kind < 20) {
        customer_transact(customer);
    } else {
        ask_draw(&errand.ask, &customer->random, customer->index,
                 &customer->written);
        customer_do(customer, &errand);
    }
}

// ---- Its life

static bool customer_is_in(const struct customer *customer,
                           enum customer_phase phase)
{
    return *customer->phase == phase && !customer->caller.hung_up;
}

// From node to node, so that the router has spoken to each.
static void customer_learn_map(struct customer *customer)
{
    bool all = true;
    for (size_t i = 0; i < KEYS_PLAIN; i++)
        all &= customer_get(customer, keys_plain[i]);
    customer->has_map = all;
}

static bool customer_reaches(struct customer *customer, const char *key)
{
    for (int i = 0; i < CUSTOMER_TRIES && !customer->caller.hung_up; i++) {
        if (customer_get(customer, key))
            return true;
    }
    return false;
}

static void customer_visit(struct customer *customer)
{
    bool all = true;
    for (size_t t = 0; t < KEYS_TAGS; t++) {
        for (size_t k = 0; k < KEYS_OF_TAG; k++)
            all = all && customer_reaches(customer, keys_tagged[t][k]);
    }
    for (size_t i = 0; i < KEYS_PLAIN; i++)
        all = all && customer_reaches(customer, keys_plain[i]);
    for (size_t i = 0; i < KEYS_COUNTERS; i++)
        all = all && customer_reaches(customer, keys_counters[i]);
    for (size_t i = 0; i < CUSTOMER_PLACES; i++) {
        char key[32];
        snprintf(key, sizeof key, "nobody's %" PRIu64,
                 random_below(&customer->random, 100000));
        all = all && customer_reaches(customer, key);
    }
    customer->visited = all;
}

// The last one computes the map from the operator's list, the others ask a node
// for it, in RESP2 or RESP3.
static struct vega *customer_connect(struct customer *customer)
{
    const struct topology *list = customer->list;
    const struct topology_address *first =
        &list->nodes[customer->index % list->count].client;
    struct vega_options options = {
        .protocol = customer->index % 2 ? 3 : 0,
        .connect_timeout_ms = 300 + (int)random_below(&customer->random, 1000),
        .command_timeout_ms = 300 + (int)random_below(&customer->random, 2000),
    };
    if (customer->index == CUSTOMER_WITH_LIST)
        return vega_connect_by(router_create_for(&options, list));
    options.host = first->host;
    options.port = first->port;
    return vega_connect_by(router_create(&options));
}

void customer_init(struct customer *customer, uint64_t seed)
{
    random_init(&customer->random, seed + customer->index);
}

void customer_run(struct caller *caller)
{
    struct customer *customer = container_of(caller, struct customer, caller);
    customer->vega = customer_connect(customer);
    customer_learn_map(customer);
    while (customer_is_in(customer, CUSTOMER_BUSY)) {
        caller_sleep(caller, (int64_t)random_below(&customer->random,
                                                   CUSTOMER_THINKS_US));
        customer_ask(customer);
    }
    while (customer_is_in(customer, CUSTOMER_WAITS))
        caller_sleep(caller, CUSTOMER_LOOKS_US);
    if (customer_is_in(customer, CUSTOMER_VISITS))
        customer_visit(customer);
    vega_close(customer->vega);
}
