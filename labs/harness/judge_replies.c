// judge_replies.c -- what clients asked for and were told.
// SPDX-License-Identifier: MIT
#include "labs/harness/judge_private.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void judge_fail(struct run *run, enum rule rule, size_t step,
                const char *format, ...)
{
    struct finding *finding = run->finding;
    if (finding->rule)
        return;
    finding->rule = rule;
    finding->event = run->event;
    finding->step = step;
    va_list args;
    va_start(args, format);
    text_vprintf(&finding->happened, format, args);
    va_end(args);
}

const char *judge_step(const struct run *run, size_t step)
{
    return run->schedule->steps[step - 1];
}

void judge_show(struct text *text, struct bytes bytes)
{
    size_t size = bytes.size > JUDGE_SHOWN_MAX ? JUDGE_SHOWN_MAX : bytes.size;
    text_add_escaped(text, (struct bytes){bytes.data, size});
    if (size < bytes.size)
        text_printf(text, "... (%zu bytes)", bytes.size);
}

// ---- Requests

static struct entry *add_entry(struct run *run)
{
    if (run->count == run->capacity) {
        run->capacity = 2 * run->capacity + 64;
        run->entries =
            realloc(run->entries, run->capacity * sizeof *run->entries);
        if (!run->entries)
            abort();
    }
    struct entry *entry = &run->entries[run->count++];
    *entry = (struct entry){0};
    return entry;
}

static enum model_effect execute(struct run *run, struct model *model,
                                 size_t index, struct text *reply)
{
    struct schedule_words words;
    schedule_split(judge_step(run, run->entries[index].step), &words);
    enum model_effect effect =
        model_execute(model, &words, 1, index + 1, reply);
    schedule_words_deinit(&words);
    return effect;
}

// Executes those from `first` to `last`, as far as they were executed.
void judge_execute(struct run *run, struct model *model, size_t first,
                   size_t last)
{
    struct text reply = {0};
    for (size_t i = first; i < last; i++) {
        if (!run->entries[i].refused)
            execute(run, model, i, &reply);
    }
    text_deinit(&reply);
}

void judge_request(struct run *run, struct bytes text)
{
    size_t client = trace_number(&text), step = trace_number(&text);
    if (client > JUDGE_CLIENTS || step < 1 || step > run->schedule->count) {
        judge_fail(run, RULE_ENDED, 0, "the trace makes no sense");
        return;
    }
    struct client *from = &run->clients[client];
    struct entry *entry = add_entry(run);
    entry->step = step;
    entry->after = from->sent > run->floor_kill ? from->sent : run->floor_kill;
    entry->effect = execute(run, &run->now, run->count - 1, &entry->reply);
    if (entry->effect == MODEL_WRITES)
        from->sent = run->count;
    from->waiting[from->last++ % 256] = run->count - 1;
}

// ---- Replies

// The size of the first whole reply of RESP; 0 if there is none.
size_t judge_reply_size(struct bytes bytes)
{
    const char *end = bytes.size ? memchr(bytes.data, '\n', bytes.size) : NULL;
    if (!end)
        return 0;
    size_t size = (size_t)(end + 1 - bytes.data);
    long more = strtol(bytes.data + 1, NULL, 10);
    if (bytes.data[0] == '$' && more >= 0)
        size += (size_t)more + 2;
    if (bytes.data[0] == '*') {
        for (long i = 0; i < more; i++) {
            struct bytes rest = {bytes.data + size,
                                 size < bytes.size ? bytes.size - size : 0};
            size_t part = judge_reply_size(rest);
            if (!part)
                return 0;
            size += part;
        }
    }
    return size <= bytes.size ? size : 0;
}

static void raise_to(size_t *floor, size_t value)
{
    if (value > *floor)
        *floor = value;
}

static void note_told(struct run *run, size_t count)
{
    for (size_t i = count; i-- > 0 && !run->entries[i].told_event;)
        run->entries[i].told_event = run->event;
    raise_to(&run->floor_kill, count);
    if (run->always)
        raise_to(&run->floor_power, count);
}

static void note_error(struct run *run, struct entry *entry, struct bytes reply)
{
    static const char unknown[] = "-UNKNOWN";
    struct bytes front = {reply.data, sizeof unknown - 1};
    if (entry->effect == MODEL_NEITHER)
        return;
    if (!run->limits->errors) {
        judge_show(&run->finding->got, reply);
        judge_fail(run, RULE_ERROR, entry->step,
                   "`%s` was refused for no reason",
                   judge_step(run, entry->step));
    }
    run->diverged = true;
    entry->refused = reply.size < front.size ||
                     bytes_first_difference(front, BYTES(unknown)) != SIZE_MAX;
}

static void fail_reply(struct run *run, struct entry *entry,
                       const struct text *expected, struct bytes reply)
{
    if (run->diverged)
        return;
    judge_show(&run->finding->expected, text_bytes(expected));
    judge_show(&run->finding->got, reply);
    judge_fail(run, RULE_REPLY, entry->step, "`%s` was answered wrongly",
               judge_step(run, entry->step));
}

// A read may overtake writes of others that wait for the disk. So it saw one of
// several states, and tells of no more than the first that fits.
static void note_read(struct run *run, struct entry *entry, struct bytes reply)
{
    size_t index = (size_t)(entry - run->entries), told = 0;
    struct model model = {0};
    struct text expected = {0};
    bool found = false;
    if (entry->after < run->settled_count)
        entry->after = run->settled_count;
    model_copy(&model, &run->settled);
    judge_execute(run, &model, run->settled_count, entry->after);
    for (size_t i = entry->after; i <= run->count && !found; i++) {
        execute(run, &model, index, &expected);
        found =
            bytes_first_difference(text_bytes(&expected), reply) == SIZE_MAX;
        told = found ? model.read : 0;
        if (i < run->count)
            judge_execute(run, &model, i, i + 1);
    }
    model_deinit(&model);
    if (found)
        note_told(run, told);
    else
        fail_reply(run, entry, &entry->reply, reply);
    text_deinit(&expected);
}

static void note_reply(struct run *run, struct entry *entry, struct bytes reply)
{
    if (reply.data[0] == '-') {
        note_error(run, entry, reply);
    } else if (entry->effect == MODEL_READS) {
        note_read(run, entry, reply);
    } else if (entry->effect == MODEL_WRITES) {
        if (bytes_first_difference(text_bytes(&entry->reply), reply) !=
            SIZE_MAX)
            fail_reply(run, entry, &entry->reply, reply);
        note_told(run, (size_t)(entry - run->entries) + 1);
    }
}

void judge_bytes(struct run *run, struct bytes text)
{
    size_t number = trace_number(&text);
    if (number > JUDGE_CLIENTS)
        return;
    if (run->reading && number == JUDGE_CLIENTS) {
        trace_unescape(text, &run->read);
        return;
    }
    struct client *client = &run->clients[number];
    trace_unescape(text, &client->got);
    size_t size;
    while (client->got.size &&
           (size = judge_reply_size(text_bytes(&client->got)))) {
        struct bytes reply = {client->got.data, size};
        if (client->first == client->last)
            judge_fail(run, RULE_REPLY, 0,
                       "a reply came that nobody asked for");
        else
            note_reply(run,
                       &run->entries[client->waiting[client->first++ % 256]],
                       reply);
        text_drop(&client->got, size);
    }
}

void judge_forget(struct run *run)
{
    for (size_t i = 0; i < run->count; i++)
        text_deinit(&run->entries[i].reply);
    for (size_t i = 0; i <= JUDGE_CLIENTS; i++)
        run->clients[i].sent = 0;
    run->count = 0;
    run->floor_kill = run->floor_power = 0;
    run->by_power = run->diverged = false;
}

// The store holds what the first `count` entries make: a new history begins.
void judge_begin_at(struct run *run, size_t count)
{
    judge_execute(run, &run->base, 0, count);
    for (size_t i = 0; i < run->base.count; i++)
        run->base.keys[i].last = 0;
    model_copy(&run->now, &run->base);
    model_copy(&run->settled, &run->base);
    run->settled_count = 0;
    judge_forget(run);
}

// Nothing is under way: a read has no need to be searched for further back.
static void note_settled(struct run *run)
{
    judge_execute(run, &run->settled, run->settled_count, run->count);
    run->settled_count = run->count;
}

void judge_answered(struct run *run)
{
    for (size_t i = 0; i <= JUDGE_CLIENTS; i++) {
        struct client *client = &run->clients[i];
        if (client->first == client->last)
            continue;
        size_t step = run->entries[client->waiting[client->first % 256]].step;
        judge_fail(run, RULE_SILENT, step, "`%s` was not answered in 20 s",
                   judge_step(run, step));
    }
    note_settled(run);
}
