// session_guarantees.c -- every later operation of a session beside every
// earlier one of the same key.
// SPDX-License-Identifier: MIT
#include "common/sim/session_guarantees.h"

#include <inttypes.h>

#include "common/base/check.h"
#include "common/base/list.h"
#include "common/base/memory.h"

// ---- Versions by their values

// Which operation wrote it.
struct session_write {
    struct map_link link;
    struct buffer name; // Key and value.
    const struct client_operation *operation;
};

static bool session_writes(const struct linear_model *model,
                           const struct client_step *step)
{
    return !model->only_reads(step->kind);
}

// What a step left behind or saw.
static struct slice session_value(const struct linear_model *model,
                                  const struct client_step *step)
{
    return session_writes(model, step) ? step->argument : step->result;
}

static void session_name(struct buffer *name, struct slice key,
                         struct slice value)
{
    buffer_append(name, &key.size, sizeof key.size);
    buffer_append_slice(name, key);
    buffer_append_slice(name, value);
}

static const struct client_operation *
session_writer(const struct session_values *values, struct slice key,
               struct slice value)
{
    struct buffer name = {0};
    session_name(&name, key, value);
    struct map_link *link = map_find(&values->map, buffer_slice(&name));
    buffer_deinit(&name);
    return link ? container_of(link, struct session_write, link)->operation
                : NULL;
}

static bool session_value_is_older(const struct session_versions *versions,
                                   const struct client_step *later,
                                   const struct client_step *earlier)
{
    const struct session_values *values =
        container_of(versions, struct session_values, versions);
    struct slice old = session_value(values->model, later);
    struct slice new = session_value(values->model, earlier);
    if (!new.data || !old.data)
        return new.data && !old.data;
    const struct client_operation *first =
        session_writer(values, later->key, old);
    const struct client_operation *second =
        session_writer(values, earlier->key, new);
    return first && second && first->returned < second->invoked;
}

void session_values_init(struct session_values *values,
                         const struct client_history *history,
                         const struct linear_model *model)
{
    size_t steps = 0, count = 0;
    for (size_t i = 0; i < history->count; i++)
        steps += history->operations[i].count;
    *values = (struct session_values){
        .versions.is_older = session_value_is_older,
        .model = model,
        .writes = xcalloc(steps + 1, sizeof *values->writes)};
    hash_secret_derive(&values->secret, SLICE("session guarantees"));
    map_init(&values->map, &values->secret);
    for (size_t i = 0; i < history->count; i++) {
        const struct client_operation *operation = &history->operations[i];
        for (size_t j = 0; j < operation->count; j++) {
            const struct client_step *step = &operation->steps[j];
            struct session_write *write = &values->writes[count];
            if (!session_writes(model, step))
                continue;
            write->operation = operation;
            session_name(&write->name, step->key, step->argument);
            write->link.name = buffer_slice(&write->name);
            check(!map_find(&values->map, write->link.name));
            map_insert(&values->map, &write->link);
            count++;
        }
    }
}

void session_values_deinit(struct session_values *values)
{
    size_t count = values->map.count;
    map_deinit(&values->map);
    for (size_t i = 0; i < count; i++)
        buffer_deinit(&values->writes[i].name);
    free(values->writes);
}

// ---- The check

struct session_check {
    const struct linear_model *model;
    const struct session_versions *versions;
    struct session_report *report;
};

static const char *session_guarantee(const struct linear_model *model,
                                     const struct client_step *earlier,
                                     const struct client_step *later)
{
    if (session_writes(model, later))
        return session_writes(model, earlier) ? "monotonic writes"
                                              : "writes follow reads";
    return session_writes(model, earlier) ? "read your writes"
                                          : "monotonic reads";
}

// True when they agree.
static bool session_compare(struct session_check *check,
                            const struct client_operation *earlier,
                            const struct client_operation *later)
{
    for (size_t i = 0; i < earlier->count; i++) {
        for (size_t j = 0; j < later->count; j++) {
            const struct client_step *before = &earlier->steps[i];
            const struct client_step *after = &later->steps[j];
            if (!slice_equal(before->key, after->key) ||
                !check->versions->is_older(check->versions, after, before))
                continue;
            check->report->broken =
                session_guarantee(check->model, before, after);
            check->report->earlier = earlier;
            check->report->later = later;
            return false;
        }
    }
    return true;
}

static void session_tell(struct session_check *check)
{
    struct session_report *report = check->report;
    const char *const *names = check->model->names;
    buffer_printf(&report->story, "%s: broken in the session of c%" PRIu32 "\n",
                  report->broken, report->later->client);
    buffer_append_text(&report->story, "    ");
    client_operation_describe(report->earlier, names, &report->story);
    buffer_append_text(&report->story, "\n    ");
    client_operation_describe(report->later, names, &report->story);
    buffer_append_text(&report->story, "  <-- an older version\n");
}

void session_guarantees_check(const struct client_history *history,
                              const struct linear_model *model,
                              const struct session_versions *versions,
                              struct session_report *report)
{
    *report = (struct session_report){.kept = true};
    struct session_check check = {model, versions, report};
    for (size_t i = 0; i < history->count && report->kept; i++) {
        const struct client_operation *later = &history->operations[i];
        if (later->outcome != CLIENT_OK)
            continue;
        for (size_t j = 0; j < i && report->kept; j++) {
            const struct client_operation *earlier = &history->operations[j];
            if (earlier->client == later->client &&
                earlier->outcome == CLIENT_OK &&
                earlier->returned < later->invoked)
                report->kept = session_compare(&check, earlier, later);
        }
    }
    if (!report->kept)
        session_tell(&check);
}

void session_report_deinit(struct session_report *report)
{
    buffer_deinit(&report->story);
}
