// world.c -- the cluster of model nodes.
// SPDX-License-Identifier: MIT
#include "labs/lab3-ring/subject/world.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>

enum { EVENT_US = 10, SHOWN_MAX = 56 };

struct world *world;

static uint64_t hash_of(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return hash;
}

void world_event(const char *who, const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (char *at = text; *at; at++)
        *at = *at < ' ' || *at > '~' ? ' ' : *at;
    world->now_us += EVENT_US;
    world->hash = hash_of(world->hash, text);
    fprintf(world->out, "E %8" PRId64 ".%03d ms  %-4s  %s\n",
            world->now_us / 1000, (int)(world->now_us % 1000), who, text);
    if (++world->events == world->trap_at)
        raise(SIGTRAP);
}

void world_put_escaped(struct slice bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        unsigned char c = (unsigned char)bytes.data[i];
        if (c < ' ' || c > '~' || c == '\\')
            fprintf(world->out, "\\x%02x", c);
        else
            fputc(c, world->out);
    }
    fputc('\n', world->out);
}

unsigned world_node_at(const char *host, int port)
{
    bool is_there = strcmp(host, world->host) == 0 && port > WORLD_PORT &&
                    port <= WORLD_PORT + (int)world->node_count;
    return is_there ? (unsigned)(port - WORLD_PORT) : 0;
}

// ---- What a node answers

// Of a garbled node the first range has all slots, and the second is none.
static void answer_slots(bool garbled, struct text *reply)
{
    unsigned count = 0;
    struct text ranges = {0};
    const char *host = world->anonymous ? "" : world->host;
    for (unsigned first = 0, end; first < MODEL_SLOTS; first = end) {
        end = first + 1;
        while (end < MODEL_SLOTS && world->owners[end] == world->owners[first])
            end++;
        text_printf(&ranges,
                    "*3\r\n:%u\r\n:%u\r\n*3\r\n$%zu\r\n%s\r\n:%u\r\n"
                    "$2\r\nn%u\r\n",
                    first, end - 1, strlen(host), host,
                    WORLD_PORT + world->owners[first], world->owners[first]);
        count++;
    }
    if (garbled)
        text_printf(reply,
                    "*2\r\n*3\r\n:0\r\n:%d\r\n*2\r\n$%zu\r\n%s\r\n:%d\r\n"
                    "*1\r\n:0\r\n",
                    MODEL_SLOTS - 1, strlen(host), host, WORLD_PORT + 1);
    else
        text_printf(reply, "*%u\r\n%s", count, ranges.data);
    text_deinit(&ranges);
}

static void answer_commands(struct text *reply)
{
    static const struct {
        const char *name;
        int arity, first, last, step;
    } rows[] = {
        {"get", 2, 1, 1, 1},      {"set", -3, 1, 1, 1},
        {"del", -2, 1, -1, 1},    {"delete", -2, 1, -1, 1},
        {"unlink", -2, 1, -1, 1}, {"exists", -2, 1, -1, 1},
        {"touch", -2, 1, -1, 1},  {"mget", -2, 1, -1, 1},
        {"mset", -3, 1, -1, 2},   {"batch", -3, 2, 2, 1},
        {"ping", -1, 0, 0, 0},    {"dbsize", 1, 0, 0, 0},
    };
    text_printf(reply, "*%zu\r\n", sizeof rows / sizeof *rows);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        text_printf(reply,
                    "*6\r\n$%zu\r\n%s\r\n:%d\r\n*0\r\n:%d\r\n:%d\r\n:%d\r\n",
                    strlen(rows[i].name), rows[i].name, rows[i].arity,
                    rows[i].first, rows[i].last, rows[i].step);
}

static void redirect(const char *word, unsigned slot, unsigned node,
                     struct text *reply)
{
    text_printf(reply, "-%s %u %s:%u\r\n", word, slot,
                world->anonymous ? "" : world->host, WORLD_PORT + node);
}

// Redirections that nobody can follow, from 1.
static const char *const lies[] = {
    "MOVED 16384 10.0.0.1:7001", "MOVED -1 10.0.0.1:7001", "MOVED 5 nowhere",
    "MOVED 5 10.0.0.1:0",        "MOVED 5 10.0.0.1:70000", "MOVED 5",
    "MOVED x 10.0.0.1:7001",     "ASK 16384 10.0.0.1:7001"};

static const char *answer_lie(struct world_node *node, struct text *reply)
{
    const char *lie = lies[(node->lies - 1) % (sizeof lies / sizeof *lies)];
    node->lies = 0;
    text_printf(reply, "-%s\r\n", lie);
    return "lied";
}

// What became of a request, in a word for the judge.
static const char *answer_keys(unsigned node, const struct model_words *words,
                               const size_t *keys, size_t count, bool asking,
                               struct text *reply)
{
    unsigned slot = model_slot(words->at[keys[0]]);
    for (size_t i = 1; i < count; i++) {
        if (model_slot(words->at[keys[i]]) == slot)
            continue;
        text_printf(reply, "-CROSSSLOT Keys in request don't hash to the same "
                           "slot\r\n");
        return "cross";
    }
    if (world->nodes[node].lies)
        return answer_lie(&world->nodes[node], reply);
    unsigned owner = world->owners[slot], target = world->targets[slot];
    if (world->nodes[node].busy > 0) {
        world->nodes[node].busy--;
        text_printf(reply, "-CLUSTERDOWN Hash slot not served\r\n");
        return "busy";
    }
    if (node == owner ? !target : asking && node == target) {
        model_store_run(&world->store, words, reply);
        return "done";
    }
    if (node == owner) {
        redirect("ASK", slot, target, reply);
        return "ask";
    }
    if (world->nodes[owner].down) {
        text_printf(reply, "-CLUSTERDOWN Hash slot not served\r\n");
        return "busy";
    }
    redirect("MOVED", slot, owner, reply);
    return "moved";
}

static void tell(unsigned node, bool asking, const char *became,
                 const struct model_words *words)
{
    fprintf(world->out, "H %zu %u %d %s", world->step, node, asking, became);
    for (size_t i = 0; i < words->count; i++)
        fprintf(world->out, " %.*s", (int)words->at[i].size, words->at[i].data);
    fputc('\n', world->out);
}

void world_hear(unsigned node, const struct model_words *words, bool *asking,
                struct text *reply)
{
    size_t keys[MODEL_WORDS_MAX], count = model_keys(words, keys);
    const char *became = "told";
    bool asked = *asking;
    *asking = false;
    if (model_is(words->at[0], "ASKING")) {
        *asking = true;
        text_printf(reply, "+OK\r\n");
    } else if (model_is(words->at[0], "CLUSTER")) {
        bool garbled = world->nodes[node].garbled && world->has_told;
        answer_slots(garbled, reply);
        became = garbled ? "garbled" : became;
        world->has_told = true;
    } else if (model_is(words->at[0], "COMMAND")) {
        answer_commands(reply);
    } else if (count > 0) {
        became = answer_keys(node, words, keys, count, asked, reply);
    } else {
        model_store_run(&world->store, words, reply);
    }
    tell(node, asked, became, words);
}
