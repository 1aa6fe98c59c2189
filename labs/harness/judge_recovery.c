// judge_recovery.c -- what came back, against all that was ever there.
// SPDX-License-Identifier: MIT
#include "labs/harness/judge_private.h"

#include <stdint.h>
#include <string.h>

void judge_end_life(struct run *run, struct bytes how)
{
    bool stopped = bytes_first_difference(how, BYTES("stop")) == SIZE_MAX;
    bool unclean = bytes_first_difference(how, BYTES("unclean")) == SIZE_MAX;
    run->by_power |= bytes_first_difference(how, BYTES("power")) == SIZE_MAX;
    if (stopped)
        run->floor_kill = run->floor_power = run->count;
    if (unclean && !run->limits->errors)
        judge_fail(run, RULE_UNSTOPPED, 0, "told to stop, the node does not");
    for (size_t i = 0; i <= JUDGE_CLIENTS; i++) {
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
        size_t size = judge_reply_size(rest);
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
        judge_execute(run, &model, i, i + 1);
    }
    model_deinit(&model);
    return found;
}

static void describe_difference(struct run *run, size_t count)
{
    struct model model = {0};
    struct bytes got;
    model_copy(&model, &run->base);
    judge_execute(run, &model, 0, count);
    const struct model_key *key = first_difference(run, &model, &got);
    if (key) {
        struct finding *finding = run->finding;
        text_printf(&finding->expected, "%s = ", key->name.data);
        if (key->there)
            judge_show(&finding->expected, text_bytes(&key->value));
        else
            text_printf(&finding->expected, "(nothing)");
        text_printf(&finding->got, "%s = ", key->name.data);
        if (got.size > 1 && got.data[0] == '$' && got.data[1] != '-') {
            const char *line = memchr(got.data, '\n', got.size);
            size_t front = (size_t)(line + 1 - got.data);
            judge_show(&finding->got,
                       (struct bytes){line + 1, got.size - front - 2});
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
void judge_recovery(struct run *run)
{
    if (run->limits->errors && was_refused(run))
        return;
    size_t floor = run->by_power ? run->floor_power : run->floor_kill;
    size_t count = find_state(run);
    if (count == SIZE_MAX) {
        describe_difference(run, run->count);
        judge_fail(run, RULE_NEVER, 0,
                   "what came back is no state that the store was ever in");
        return;
    }
    if (count < floor) {
        const struct entry *lost = &run->entries[count];
        describe_difference(run, floor);
        judge_fail(
            run, RULE_LOST, lost->step,
            "`%s` and what followed is gone, %zu of %zu requests came back",
            judge_step(run, lost->step), count, run->count);
        run->finding->told_event = lost->told_event;
        return;
    }
    judge_begin_at(run, count);
}
