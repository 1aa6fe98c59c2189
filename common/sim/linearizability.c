// linearizability.c -- divides a history into objects, has each of them
// searched, and tells of the first one that failed.
//
// Of a broken object the smallest beginning is found by halving: once a
// beginning has no order, no longer one has. What had not returned by its end
// counts as unknown there, with any result.
// SPDX-License-Identifier: MIT
#include "common/sim/linearizability.h"

#include <inttypes.h>

#include "common/base/list.h"
#include "common/base/map.h"
#include "common/base/memory.h"

enum {
    LINEAR_STORY_PREFIX = 12, // So many operations of the beginning are told,
    LINEAR_STORY_ORDER = 6,   // and of the order that goes as far as any.
};

// ---- Objects

// A key, and the sets of keys that were touched together: each knows another
// one of its set, and the last one itself (Tarjan's union-find).
struct linear_key {
    struct map_link link;
    size_t parent;
};

struct linear_objects {
    struct map map;
    struct hash_secret secret;
    struct linear_key *keys; // As many as there are steps, at most.
    size_t key_count;
    // Operations by object: those of object k are from starts[k] on, and as
    // many as there are before starts[k + 1].
    const struct client_operation **operations;
    size_t *starts; // For each key; of one that is no root there are none.
};

static size_t linear_root(struct linear_objects *objects, size_t key)
{
    while (objects->keys[key].parent != key) {
        size_t parent = objects->keys[key].parent;
        objects->keys[key].parent = objects->keys[parent].parent;
        key = parent;
    }
    return key;
}

static size_t linear_key_of(struct linear_objects *objects, struct slice name)
{
    struct map_link *link = map_find(&objects->map, name);
    if (link)
        return (size_t)(container_of(link, struct linear_key, link) -
                        objects->keys);
    struct linear_key *key = &objects->keys[objects->key_count];
    *key =
        (struct linear_key){.link.name = name, .parent = objects->key_count++};
    map_insert(&objects->map, &key->link);
    return key->parent;
}

static void linear_join(struct linear_objects *objects,
                        const struct client_operation *operation)
{
    size_t first = linear_key_of(objects, operation->steps[0].key);
    for (size_t i = 1; i < operation->count; i++) {
        size_t key = linear_key_of(objects, operation->steps[i].key);
        objects->keys[linear_root(objects, key)].parent =
            linear_root(objects, first);
    }
}

// Sorts the operations into their objects, in the order of invocation.
static void linear_sort(struct linear_objects *objects,
                        const struct client_history *history)
{
    size_t *ends = xcalloc(objects->key_count + 1, sizeof *ends);
    objects->starts = xcalloc(objects->key_count + 1, sizeof *ends);
    for (size_t i = 0; i < history->count; i++) {
        size_t key =
            linear_key_of(objects, history->operations[i].steps[0].key);
        objects->starts[linear_root(objects, key) + 1]++;
    }
    for (size_t i = 0; i < objects->key_count; i++) {
        objects->starts[i + 1] += objects->starts[i];
        ends[i] = objects->starts[i];
    }
    for (size_t i = 0; i < history->count; i++) {
        size_t key =
            linear_key_of(objects, history->operations[i].steps[0].key);
        objects->operations[ends[linear_root(objects, key)]++] =
            &history->operations[i];
    }
    free(ends);
}

static void linear_objects_init(struct linear_objects *objects,
                                const struct client_history *history)
{
    size_t steps = 0;
    for (size_t i = 0; i < history->count; i++)
        steps += history->operations[i].count;
    *objects = (struct linear_objects){
        .keys = xcalloc(steps + 1, sizeof *objects->keys),
        .operations = xcalloc(history->count + 1, sizeof(void *))};
    hash_secret_derive(&objects->secret, SLICE("linearizability"));
    map_init(&objects->map, &objects->secret);
    for (size_t i = 0; i < history->count; i++)
        linear_join(objects, &history->operations[i]);
    linear_sort(objects, history);
}

static void linear_objects_deinit(struct linear_objects *objects)
{
    map_deinit(&objects->map);
    free(objects->keys);
    free(objects->operations);
    free(objects->starts);
}

// ---- The smallest beginning

static const struct client_operation *
linear_operation_at(const struct linear_problem *problem, uint64_t returned)
{
    for (size_t i = 0; i < problem->count; i++) {
        if (problem->operations[i]->returned == returned)
            return problem->operations[i];
    }
    return NULL;
}

static int linear_compare_returns(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

// Lets problem->until be the first return at which it is broken, which it is at
// its end.
static void linear_halve(struct linear_problem *problem,
                         struct linear_report *report)
{
    uint64_t *returns = xcalloc(problem->count + 1, sizeof *returns);
    size_t count = 0;
    for (size_t i = 0; i < problem->count; i++) {
        if (problem->operations[i]->outcome == CLIENT_OK)
            returns[count++] = problem->operations[i]->returned;
    }
    qsort(returns, count, sizeof *returns, linear_compare_returns);
    report->is_smallest = true;
    size_t fine = 0, broken = count; // So many returns are, or are not.
    while (broken - fine > 1) {
        size_t middle = fine + (broken - fine) / 2;
        problem->until = returns[middle - 1];
        struct linear_answer answer = {0};
        linear_search(problem, &answer);
        report->steps += answer.steps;
        if (answer.verdict == LINEAR_UNDECIDED)
            report->is_smallest = false;
        if (answer.verdict == LINEAR_BROKEN)
            broken = middle;
        else
            fine = middle;
    }
    problem->until = returns[broken - 1];
    free(returns);
}

// ---- The story

static void linear_tell_operation(const struct linear_problem *problem,
                                  const struct client_operation *operation,
                                  const char *mark, struct buffer *story)
{
    struct client_operation seen = *operation;
    if (seen.returned > problem->until)
        seen.outcome = CLIENT_UNKNOWN; // It had not returned then.
    buffer_append_text(story, "    ");
    client_operation_describe(&seen, problem->model->names, story);
    buffer_printf(story, "%s\n", mark);
}

static void linear_tell_key(const struct linear_problem *problem,
                            struct buffer *story)
{
    struct slice key = problem->operations[0]->steps[0].key;
    buffer_printf(story, "key %.*s", SLICE_PRINT(key));
    for (size_t i = 0; i < problem->count; i++) {
        if (problem->operations[i]->count > 1) {
            buffer_append_text(story, ", joined with others");
            return;
        }
    }
}

// The last operations of the beginning, by their invocation.
static void linear_tell_prefix(const struct linear_problem *problem,
                               struct linear_report *report)
{
    for (size_t i = 0; i < problem->count; i++)
        report->prefix += problem->operations[i]->invoked <= problem->until;
    buffer_printf(&report->story, "  %s that is broken: %zu of %zu operations",
                  report->is_smallest ? "the smallest beginning"
                                      : "a beginning",
                  report->prefix, problem->count);
    size_t first = report->prefix > LINEAR_STORY_PREFIX
                       ? report->prefix - LINEAR_STORY_PREFIX
                       : 0;
    buffer_append_text(&report->story, first ? ", of which the last\n" : "\n");
    for (size_t i = first; i < report->prefix; i++) {
        const struct client_operation *operation = problem->operations[i];
        linear_tell_operation(problem, operation,
                              operation == report->culprit ? "  <-- no order"
                                                           : "",
                              &report->story);
    }
}

static void linear_tell_order(const struct linear_problem *problem,
                              struct linear_report *report)
{
    struct linear_answer answer = {.wants_order = true};
    linear_search(problem, &answer);
    size_t first = answer.order_count > LINEAR_STORY_ORDER
                       ? answer.order_count - LINEAR_STORY_ORDER
                       : 0;
    buffer_append_text(&report->story,
                       answer.order_count
                           ? "  an order that goes as far as any ends with\n"
                           : "  nothing can be first in an order\n");
    for (size_t i = first; i < answer.order_count; i++)
        linear_tell_operation(problem, answer.order[i], "", &report->story);
    report->steps += answer.steps;
    free(answer.order);
}

static void linear_tell_broken(struct linear_problem *problem,
                               struct linear_report *report)
{
    linear_halve(problem, report);
    report->culprit = linear_operation_at(problem, problem->until);
    buffer_clear(&report->story);
    buffer_append_text(&report->story, "not linearizable: ");
    linear_tell_key(problem, &report->story);
    buffer_append_byte(&report->story, '\n');
    linear_tell_prefix(problem, report);
    linear_tell_order(problem, report);
}

static void linear_tell_undecided(const struct linear_problem *problem,
                                  const struct linear_answer *answer,
                                  struct linear_report *report)
{
    size_t unknown = 0;
    for (size_t i = 0; i < problem->count; i++)
        unknown += problem->operations[i]->outcome == CLIENT_UNKNOWN;
    buffer_append_text(&report->story, "undecided: ");
    linear_tell_key(problem, &report->story);
    buffer_printf(&report->story,
                  ": %zu operations, %zu of unknown outcome, given up after "
                  "%" PRIu64 " steps\n",
                  problem->count, unknown, answer->steps);
}

void linearizability_check(const struct client_history *history,
                           const struct linear_model *model,
                           const struct linear_limits *limits,
                           struct linear_report *report)
{
    *report = (struct linear_report){.verdict = LINEAR_OK};
    struct linear_objects objects;
    linear_objects_init(&objects, history);
    for (size_t i = 0; i < objects.key_count; i++) {
        struct linear_problem problem = {
            .model = model,
            .operations = objects.operations + objects.starts[i],
            .count = objects.starts[i + 1] - objects.starts[i],
            .until = UINT64_MAX,
            .limits = *limits,
        };
        struct linear_answer answer = {0};
        if (problem.count == 0)
            continue;
        linear_search(&problem, &answer);
        report->objects++;
        report->steps += answer.steps;
        if (answer.verdict == LINEAR_BROKEN) {
            report->verdict = LINEAR_BROKEN;
            linear_tell_broken(&problem, report);
            break;
        }
        if (answer.verdict == LINEAR_UNDECIDED && !report->story.size) {
            report->verdict = LINEAR_UNDECIDED;
            linear_tell_undecided(&problem, &answer, report);
        }
    }
    linear_objects_deinit(&objects);
}

void linear_report_deinit(struct linear_report *report)
{
    buffer_deinit(&report->story);
}
