// client_history.c -- operations of clients, as they were seen from outside.
// SPDX-License-Identifier: MIT
#include "common/sim/client_history.h"

#include <inttypes.h>

#include "common/base/check.h"
#include "common/base/memory.h"

// Of a value, so much is shown.
enum { CLIENT_WORDS_MAX = 24 };

void client_history_deinit(struct client_history *history)
{
    for (size_t i = 0; i < history->count; i++) {
        free(history->operations[i].steps);
        free(history->operations[i].asked);
        free(history->operations[i].answered);
    }
    free(history->operations);
    *history = (struct client_history){0};
}

static struct client_operation *
client_history_add(struct client_history *history)
{
    if (history->count == history->capacity) {
        history->capacity = 2 * history->capacity + 64;
        history->operations =
            xrealloc(history->operations,
                     history->capacity * sizeof *history->operations);
    }
    return &history->operations[history->count++];
}

// Lets `slice` show a copy of its bytes at *at, and moves *at behind them.
static void client_copy(struct slice *slice, char **at)
{
    if (!slice->data)
        return;
    memcpy(*at, slice->data, slice->size);
    slice->data = *at;
    *at += slice->size;
}

size_t client_history_invoke(struct client_history *history, uint32_t client,
                             int64_t now_us, const struct client_step *steps,
                             size_t count)
{
    check(count > 0);
    struct client_operation *operation = client_history_add(history);
    *operation = (struct client_operation){.client = client,
                                           .invoked = ++history->events,
                                           .returned = UINT64_MAX,
                                           .invoked_us = now_us,
                                           .count = count};
    size_t size = 1; // So that an empty value has an address, too.
    for (size_t i = 0; i < count; i++)
        size += steps[i].key.size + steps[i].argument.size;
    char *at = operation->asked = xmalloc(size);
    operation->steps = xcalloc(count, sizeof *steps);
    for (size_t i = 0; i < count; i++) {
        struct client_step *step = &operation->steps[i];
        *step = steps[i];
        step->result = (struct slice){0};
        client_copy(&step->key, &at);
        client_copy(&step->argument, &at);
    }
    return history->count - 1;
}

void client_history_return(struct client_history *history, size_t index,
                           int64_t now_us, enum client_outcome outcome,
                           const struct slice *results)
{
    check(index < history->count);
    struct client_operation *operation = &history->operations[index];
    check(operation->returned == UINT64_MAX);
    check(!results == (outcome != CLIENT_OK));
    operation->returned_us = now_us;
    operation->outcome = outcome;
    if (outcome != CLIENT_UNKNOWN)
        operation->returned = ++history->events;
    if (!results)
        return;
    size_t size = 1;
    for (size_t i = 0; i < operation->count; i++)
        size += results[i].size;
    char *at = operation->answered = xmalloc(size);
    for (size_t i = 0; i < operation->count; i++) {
        operation->steps[i].result = results[i];
        client_copy(&operation->steps[i].result, &at);
    }
}

// ---- Words

static void client_describe_value(struct slice value, struct buffer *words)
{
    if (!value.data) {
        buffer_append_text(words, "nothing");
        return;
    }
    buffer_append_byte(words, '"');
    for (size_t i = 0; i < value.size && i < CLIENT_WORDS_MAX; i++) {
        unsigned char byte = (unsigned char)value.data[i];
        if (byte < ' ' || byte > '~')
            buffer_printf(words, "\\x%02x", byte);
        else
            buffer_append_byte(words, (char)byte);
    }
    buffer_append_text(words, value.size > CLIENT_WORDS_MAX ? "...\"" : "\"");
}

static void client_describe_steps(const struct client_operation *operation,
                                  const char *const *names,
                                  struct buffer *words)
{
    for (size_t i = 0; i < operation->count; i++) {
        const struct client_step *step = &operation->steps[i];
        buffer_printf(words, "%s%s %.*s", i ? ", " : "", names[step->kind],
                      SLICE_PRINT(step->key));
        if (step->argument.data) {
            buffer_append_byte(words, ' ');
            client_describe_value(step->argument, words);
        }
        if (operation->outcome == CLIENT_OK) {
            buffer_append_text(words, " -> ");
            client_describe_value(step->result, words);
        }
    }
}

void client_operation_describe(const struct client_operation *operation,
                               const char *const *names, struct buffer *words)
{
    buffer_printf(words, "c%" PRIu32 "  ", operation->client);
    client_describe_steps(operation, names, words);
    if (operation->outcome == CLIENT_FAILED)
        buffer_append_text(words, " -> failed");
    buffer_printf(words, "  [%.3f, ", (double)operation->invoked_us / 1000);
    if (operation->outcome == CLIENT_UNKNOWN)
        buffer_append_text(words, "unknown outcome]");
    else
        buffer_printf(words, "%.3f] ms", (double)operation->returned_us / 1000);
}

void client_history_check_invariants(const struct client_history *history)
{
    uint64_t before = 0;
    for (size_t i = 0; i < history->count; i++) {
        const struct client_operation *operation = &history->operations[i];
        check(operation->invoked > before);
        check(operation->returned > operation->invoked);
        bool is_known = operation->outcome != CLIENT_UNKNOWN;
        check(is_known == (operation->returned != UINT64_MAX));
        if (is_known)
            check(operation->returned <= history->events);
        before = operation->invoked;
    }
}
