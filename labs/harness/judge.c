// judge.c -- reads a trace from its beginning to the first broken rule.
// SPDX-License-Identifier: MIT
#include "labs/harness/judge.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "labs/harness/model.h"

enum { CLIENTS = 6, SHOWN_MAX = 40 };

// A request since the last recovery.
struct entry {
    size_t step;       // That it is.
    size_t told_event; // Of the first reply that tells of it; 0: none.
    bool refused;      // It was not executed.
    enum model_effect effect;
    struct text reply; // Of a write: what it must be.
    size_t after;      // Of a read: it sees at least so many entries.
};

struct client {
    size_t waiting[256]; // Entries, first to last.
    size_t first, last;
    size_t sent;     // Entries up to its last one.
    struct text got; // No whole reply yet.
};

struct run {
    const struct schedule *schedule;
    const struct limits *limits;
    struct finding *finding;
    bool always;
    struct entry *entries;
    size_t count, capacity;
    struct client clients[CLIENTS + 1];
    struct model base;    // Before the first entry,
    struct model now;     // and after the last.
    struct model settled; // After `settled_count` of them, all answered.
    size_t settled_count;
    bool diverged; // A request was refused: replies are not foreseen.
    size_t floor_kill, floor_power;
    bool by_power; // A life since the last recovery ended by a power cut.
    bool reading;  // All that the store holds.
    struct text read;
    size_t event;
};

const char *rule_name(enum rule rule)
{
    static const char *const names[] = {
        [RULE_NONE] = "kept",       [RULE_ENDED] = "ended",
        [RULE_ENDLESS] = "endless", [RULE_REPLY] = "reply",
        [RULE_ERROR] = "error",     [RULE_SILENT] = "silent",
        [RULE_LOST] = "lost",       [RULE_NEVER] = "never",
        [RULE_REFUSED] = "refused", [RULE_UNSTOPPED] = "unstopped",
        [RULE_SIZE] = "size",
    };
    return names[rule];
}

void finding_deinit(struct finding *finding)
{
    text_deinit(&finding->happened);
    text_deinit(&finding->expected);
    text_deinit(&finding->got);
    *finding = (struct finding){0};
}

static void fail(struct run *run, enum rule rule, size_t step,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

static void fail(struct run *run, enum rule rule, size_t step,
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

static const char *step_text(const struct run *run, size_t step)
{
    return run->schedule->steps[step - 1];
}

static void show(struct text *text, struct bytes bytes)
{
    size_t size = bytes.size > SHOWN_MAX ? SHOWN_MAX : bytes.size;
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
    schedule_split(step_text(run, run->entries[index].step), &words);
    enum model_effect effect =
        model_execute(model, &words, 1, index + 1, reply);
    schedule_words_deinit(&words);
    return effect;
}

// Executes those from `first` to `last`, as far as they were executed.
static void execute_some(struct run *run, struct model *model, size_t first,
                         size_t last)
{
    struct text reply = {0};
    for (size_t i = first; i < last; i++) {
        if (!run->entries[i].refused)
            execute(run, model, i, &reply);
    }
    text_deinit(&reply);
}

static void note_request(struct run *run, struct bytes text)
{
    size_t client = trace_number(&text), step = trace_number(&text);
    if (client > CLIENTS || step < 1 || step > run->schedule->count) {
        fail(run, RULE_ENDED, 0, "the trace makes no sense");
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
static size_t reply_size(struct bytes bytes)
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
            size_t part = reply_size(rest);
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
        show(&run->finding->got, reply);
        fail(run, RULE_ERROR, entry->step, "`%s` was refused for no reason",
             step_text(run, entry->step));
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
    show(&run->finding->expected, text_bytes(expected));
    show(&run->finding->got, reply);
    fail(run, RULE_REPLY, entry->step, "`%s` was answered wrongly",
         step_text(run, entry->step));
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
    execute_some(run, &model, run->settled_count, entry->after);
    for (size_t i = entry->after; i <= run->count && !found; i++) {
        execute(run, &model, index, &expected);
        found =
            bytes_first_difference(text_bytes(&expected), reply) == SIZE_MAX;
        told = found ? model.read : 0;
        if (i < run->count)
            execute_some(run, &model, i, i + 1);
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

static void consume(struct text *text, size_t size)
{
    text->size -= size;
    memmove(text->data, text->data + size, text->size + 1);
}

static void note_bytes(struct run *run, struct bytes text)
{
    size_t number = trace_number(&text);
    if (number > CLIENTS)
        return;
    if (run->reading && number == CLIENTS) {
        trace_unescape(text, &run->read);
        return;
    }
    struct client *client = &run->clients[number];
    trace_unescape(text, &client->got);
    size_t size;
    while (client->got.size && (size = reply_size(text_bytes(&client->got)))) {
        struct bytes reply = {client->got.data, size};
        if (client->first == client->last)
            fail(run, RULE_REPLY, 0, "a reply came that nobody asked for");
        else
            note_reply(run,
                       &run->entries[client->waiting[client->first++ % 256]],
                       reply);
        consume(&client->got, size);
    }
}

static void forget_entries(struct run *run)
{
    for (size_t i = 0; i < run->count; i++)
        text_deinit(&run->entries[i].reply);
    for (size_t i = 0; i <= CLIENTS; i++)
        run->clients[i].sent = 0;
    run->count = 0;
    run->floor_kill = run->floor_power = 0;
    run->by_power = run->diverged = false;
}

// The store holds what the first `count` entries make: a new history begins.
static void set_base(struct run *run, size_t count)
{
    execute_some(run, &run->base, 0, count);
    for (size_t i = 0; i < run->base.count; i++)
        run->base.keys[i].last = 0;
    model_copy(&run->now, &run->base);
    model_copy(&run->settled, &run->base);
    run->settled_count = 0;
    forget_entries(run);
}

// Nothing is under way: a read has no need to be searched for further back.
static void note_settled(struct run *run)
{
    execute_some(run, &run->settled, run->settled_count, run->count);
    run->settled_count = run->count;
}

static void check_answered(struct run *run)
{
    for (size_t i = 0; i <= CLIENTS; i++) {
        struct client *client = &run->clients[i];
        if (client->first == client->last)
            continue;
        size_t step = run->entries[client->waiting[client->first % 256]].step;
        fail(run, RULE_SILENT, step, "`%s` was not answered in 20 s",
             step_text(run, step));
    }
    note_settled(run);
}

// ---- What a recovery brought

static void end_life(struct run *run, struct bytes how)
{
    bool stopped = bytes_first_difference(how, BYTES("stop")) == SIZE_MAX;
    bool unclean = bytes_first_difference(how, BYTES("unclean")) == SIZE_MAX;
    run->by_power |= bytes_first_difference(how, BYTES("power")) == SIZE_MAX;
    if (stopped)
        run->floor_kill = run->floor_power = run->count;
    if (unclean && !run->limits->errors)
        fail(run, RULE_UNSTOPPED, 0, "told to stop, the node does not");
    for (size_t i = 0; i <= CLIENTS; i++) {
        run->clients[i].first = run->clients[i].last = 0;
        run->clients[i].got.size = 0;
    }
}

// What was read, against a model: the first key that differs, or NULL.
static const struct model_key *
first_difference(const struct run *run, struct model *model, struct bytes *got)
{
    struct schedule_words keys;
    const struct model_key *wrong = NULL;
    struct bytes rest = text_bytes(&run->read);
    struct text expected = {0};
    const char *line = schedule_find(run->schedule, "keys");
    schedule_split(line ? line : "keys", &keys);
    for (size_t i = 1; i < keys.count && !wrong; i++) {
        struct model_key *key = model_key(model, keys.at[i]);
        size_t size = reply_size(rest);
        expected.size = 0;
        if (key->there)
            text_add_bulk(&expected, text_bytes(&key->value));
        else
            text_printf(&expected, "$-1\r\n");
        *got = (struct bytes){rest.data, size};
        if (bytes_first_difference(text_bytes(&expected), *got) != SIZE_MAX)
            wrong = key;
        rest.data += size, rest.size -= size;
    }
    text_deinit(&expected);
    schedule_words_deinit(&keys);
    return wrong;
}

// True when what was read is what the first entries make.
static bool is_state(const struct run *run, struct model *model)
{
    struct bytes got;
    return !first_difference(run, model, &got);
}

// The most entries that make what was read; SIZE_MAX: no first part does.
static size_t find_state(struct run *run)
{
    struct model model = {0};
    size_t found = SIZE_MAX;
    model_copy(&model, &run->base);
    for (size_t i = 0;; i++) {
        if (is_state(run, &model))
            found = i;
        if (i == run->count)
            break;
        execute_some(run, &model, i, i + 1);
    }
    model_deinit(&model);
    return found;
}

static void describe_difference(struct run *run, size_t count)
{
    struct model model = {0};
    struct bytes got;
    model_copy(&model, &run->base);
    execute_some(run, &model, 0, count);
    const struct model_key *key = first_difference(run, &model, &got);
    if (key) {
        struct finding *finding = run->finding;
        text_printf(&finding->expected, "%s = ", key->name.data);
        if (key->there)
            show(&finding->expected, text_bytes(&key->value));
        else
            text_printf(&finding->expected, "(nothing)");
        text_printf(&finding->got, "%s = ", key->name.data);
        if (got.size > 1 && got.data[0] == '$' && got.data[1] != '-') {
            const char *line = memchr(got.data, '\n', got.size);
            size_t front = (size_t)(line + 1 - got.data);
            show(&finding->got, (struct bytes){line + 1, got.size - front - 2});
        } else {
            text_printf(&finding->got, "(nothing)");
        }
    }
    model_deinit(&model);
}

// A disk that fails may keep a node from showing all that it holds.
static bool was_refused(const struct run *run)
{
    return run->read.size &&
           (run->read.data[0] == '-' || strstr(run->read.data, "\n-"));
}

// Upholds (J2), (J3).
static void verify(struct run *run)
{
    if (run->limits->errors && was_refused(run))
        return;
    size_t floor = run->by_power ? run->floor_power : run->floor_kill;
    size_t count = find_state(run);
    if (count == SIZE_MAX) {
        describe_difference(run, run->count);
        fail(run, RULE_NEVER, 0,
             "what came back is no state that the store was ever in");
        return;
    }
    if (count < floor) {
        const struct entry *lost = &run->entries[count];
        describe_difference(run, floor);
        fail(run, RULE_LOST, lost->step,
             "`%s` and what followed is gone, %zu of %zu requests came back",
             step_text(run, lost->step), count, run->count);
        run->finding->told_event = lost->told_event;
        return;
    }
    set_base(run, count);
}

// ---- The whole

static void note_line(struct run *run, const struct trace_line *line)
{
    struct bytes text = line->text;
    run->event = line->event;
    switch (line->kind) {
    case 'Q':
        note_request(run, text);
        break;
    case 'R':
        note_bytes(run, text);
        break;
    case 'S':
        run->finding->served++;
        break;
    case 'X':
        if (!run->limits->refusals)
            fail(run, RULE_REFUSED, 0, "the node does not start: %.*s",
                 (int)text.size, text.data);
        break;
    case 'K':
        run->reading = true;
        run->read.size = 0;
        break;
    case 'W':
        run->reading = false;
        verify(run);
        break;
    case 'D':
        run->reading = false;
        end_life(run, text);
        break;
    case 'Z':
        check_answered(run);
        break;
    case 'U': {
        size_t size = trace_number(&text), max = run->limits->size_max;
        if (max && size > max)
            fail(run, RULE_SIZE, 0,
                 "the files take %zu bytes, and %zu are the bound", size, max);
        break;
    }
    default:
        break;
    }
}

void judge(const struct schedule *schedule, const struct trace *trace,
           const struct limits *limits, struct finding *finding)
{
    struct run *run = calloc(1, sizeof *run);
    if (!run)
        abort();
    *finding = (struct finding){0};
    const char *node = schedule_find(schedule, "node");
    run->schedule = schedule;
    run->limits = limits;
    run->finding = finding;
    run->always = !node || strstr(node, "always");
    for (size_t i = 0; i < trace->count && !finding->rule; i++)
        note_line(run, &trace->lines[i]);
    run->event = trace->events;
    if (trace->end == TRACE_ENDED)
        fail(run, RULE_ENDED, 0, "the node ended its process");
    else if (trace->end == TRACE_ENDLESS)
        fail(run, RULE_ENDLESS, 0, "the run does not end: an endless loop?");
    else if (!finding->served && !limits->refusals)
        fail(run, RULE_REFUSED, 0, "the node never came to serve");
    forget_entries(run);
    free(run->entries);
    for (size_t i = 0; i <= CLIENTS; i++)
        text_deinit(&run->clients[i].got);
    model_deinit(&run->base);
    model_deinit(&run->now);
    model_deinit(&run->settled);
    text_deinit(&run->read);
    free(run);
}
