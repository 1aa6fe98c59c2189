// cluster_tools.c -- the words that vega-client of stage 3 answers itself.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/cluster_tools.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "stage3-sharding/cluster_doctor.h"
#include "stage3-sharding/cluster_nodes.h"
#include "stage3-sharding/cluster_status.h"
#include "stage3-sharding/cluster_visit.h"
#include "stage3-sharding/explain.h"
#include "stage3-sharding/keys_moved.h"
#include "stage3-sharding/router.h"

// ---- What they share

// The words behind a tool's name, and what they ask for.
struct tool {
    const struct cli_options *options;
    const char *file; // Of the nodes, or NULL.
    bool is_json;
    struct cluster_view view;
    struct buffer text;
};

static enum cli_exit tool_fail(const char *name, const char *why)
{
    fflush(stdout);
    fprintf(stderr, "vega-client: %s: %s\n", name, why);
    return CLI_FAILURE;
}

// The options that every tool takes; *at moves past what one has used. False
// for any other word.
static bool tool_take(struct tool *tool, const struct words *words, size_t *at)
{
    bool is_file =
        words_match(words, *at, "-c") || words_match(words, *at, "--cluster");
    if (words_match(words, *at, "--json"))
        tool->is_json = true;
    else if (is_file && *at + 1 < words->count)
        tool->file = words->argv[++*at];
    else
        return false;
    ++*at;
    return true;
}

static void tool_init(struct tool *tool, const struct cli_options *options)
{
    *tool = (struct tool){
        .options = options,
        .file = options->cluster_file,
        .is_json = options->format == CLI_FORMAT_JSON,
    };
    cluster_view_init(&tool->view);
}

// Prints the text that has come together.
static void tool_end(struct tool *tool)
{
    if (tool->text.size)
        fwrite(tool->text.data, 1, tool->text.size, stdout);
    cluster_view_deinit(&tool->view);
    buffer_deinit(&tool->text);
}

// Asks all nodes. On false it was said why.
static bool tool_visit(struct tool *tool, const char *name)
{
    char problem[VIEW_TEXT_MAX];
    struct config_error error;
    struct topology list;
    topology_init(&list);
    bool good =
        !tool->file || cluster_nodes_read_file(&list, tool->file, &error);
    if (!good)
        tool_fail(name, error.text);
    if (good) {
        cluster_view_know(&tool->view, &list);
        good = cluster_visit(&tool->view, &tool->options->server, problem);
        if (!good)
            tool_fail(name, problem);
    }
    topology_deinit(&list);
    return good;
}

// Taken.
static void tool_print_json(json_t *json)
{
    json_dumpf(json, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    putchar('\n');
    json_decref(json);
}

// For tools that take nothing but the options of all.
static bool tool_begin(struct tool *tool, const char *name,
                       const struct cli_options *options,
                       const struct words *words)
{
    size_t at = 0;
    tool_init(tool, options);
    while (at < words->count && tool_take(tool, words, &at))
        ;
    if (at == words->count)
        return tool_visit(tool, name);
    tool_fail(name, "it takes --json and -c FILE, and nothing else");
    return false;
}

// ---- cluster status

static enum cli_exit status_run(const struct cli_options *options,
                                const struct words *words)
{
    struct tool tool;
    enum cli_exit result = CLI_FAILURE;
    if (tool_begin(&tool, "cluster status", options, words)) {
        uint16_t answered = cluster_view_answered(&tool.view);
        result = answered == tool.view.topology.count ? CLI_DONE : CLI_ERROR;
        if (tool.is_json)
            tool_print_json(cluster_status_json(&tool.view));
        else
            cluster_status_text(&tool.view, &tool.text);
    }
    tool_end(&tool);
    return result;
}

// ---- cluster doctor

static enum cli_exit doctor_run(const struct cli_options *options,
                                const struct words *words)
{
    struct tool tool;
    struct findings findings = {0};
    enum cli_exit result = CLI_FAILURE;
    if (tool_begin(&tool, "cluster doctor", options, words)) {
        cluster_doctor_examine(&tool.view, &findings);
        bool is_wrong = findings_count(&findings, FINDING_WRONG) > 0;
        result = is_wrong ? CLI_ERROR : CLI_DONE;
        if (tool.is_json)
            tool_print_json(findings_json(&findings));
        else
            findings_text(&findings, &tool.text);
    }
    findings_deinit(&findings);
    tool_end(&tool);
    return result;
}

// ---- explain

static enum cli_exit explain_print(struct tool *tool, struct slice key)
{
    struct explanation explanation;
    explain_key(&tool->view.topology, key, &explanation);
    if (tool->is_json)
        tool_print_json(explain_json(&tool->view.topology, &explanation));
    else
        explain_text(&tool->view.topology, &explanation, &tool->text);
    return explain_agrees(&explanation) ? CLI_DONE : CLI_ERROR;
}

// The key comes first: anything may be one, also "--json".
static enum cli_exit explain_run(const struct cli_options *options,
                                 const struct words *words)
{
    struct tool tool;
    enum cli_exit result = CLI_FAILURE;
    size_t at = 1;
    tool_init(&tool, options);
    while (at < words->count && tool_take(&tool, words, &at))
        ;
    if (at != words->count)
        tool_fail("explain", "one key is needed; then --json and -c FILE may "
                             "follow");
    else if (tool_visit(&tool, "explain"))
        result = explain_print(&tool,
                               (struct slice){words->argv[0], words->sizes[0]});
    tool_end(&tool);
    return result;
}

// ---- cluster keys-moved

// A change as it was asked for.
struct change {
    enum keys_change change;
    struct slice text;
};

// False for any other word.
static bool change_take(const struct words *words, size_t *at,
                        struct change *change)
{
    static const char *const flags[] = {
        [KEYS_ADD] = "--add",
        [KEYS_REMOVE] = "--remove",
        [KEYS_WEIGHT] = "--weight",
    };
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        if (!words_match(words, *at, flags[i]) || *at + 1 == words->count)
            continue;
        *change = (struct change){
            (enum keys_change)i, {words->argv[*at + 1], words->sizes[*at + 1]}};
        *at += 2;
        return true;
    }
    return false;
}

// Exact counts of the slots that move, and of no others: some thousand short
// questions in one pipeline. False when a node did not tell.
static bool moved_count(struct tool *tool, struct keys_moved *moved)
{
    bool wanted[SLOT_COUNT], good = true;
    for (uint16_t i = 0; i < moved->today->count; i++) {
        if (keys_moved_from(moved, i, wanted) == 0)
            continue;
        moved->counted[i] = cluster_visit_count(
            &tool->view, &tool->options->server, i, wanted, moved->keys);
        good &= moved->counted[i];
    }
    return good;
}

static enum cli_exit moved_print(struct tool *tool, struct keys_moved *moved)
{
    keys_moved_plan(moved);
    bool counted = moved_count(tool, moved);
    if (tool->is_json)
        tool_print_json(keys_moved_json(moved));
    else
        keys_moved_text(moved, &tool->text);
    return counted ? CLI_DONE : CLI_ERROR;
}

static enum cli_exit moved_apply(struct tool *tool,
                                 const struct change *changes, size_t count)
{
    static const char name[] = "cluster keys-moved";
    char why[VIEW_TEXT_MAX];
    if (!tool_visit(tool, name))
        return CLI_FAILURE;
    if (!topology_is_complete(&tool->view.topology))
        return tool_fail(name, "the nodes have not all heard of each other "
                               "yet: see cluster doctor");
    struct keys_moved *moved = xmalloc(sizeof *moved);
    keys_moved_init(moved, &tool->view.topology);
    enum cli_exit result = CLI_DONE;
    for (size_t i = 0; i < count && result == CLI_DONE; i++) {
        if (!keys_moved_change(moved, changes[i].change, changes[i].text, why))
            result = tool_fail(name, why);
    }
    if (result == CLI_DONE)
        result = moved_print(tool, moved);
    keys_moved_deinit(moved);
    free(moved);
    return result;
}

static enum cli_exit moved_run(const struct cli_options *options,
                               const struct words *words)
{
    struct tool tool;
    enum cli_exit result;
    struct change *changes = xcalloc(words->count + 1, sizeof *changes);
    size_t count = 0, at = 0;
    tool_init(&tool, options);
    while (at < words->count) {
        if (change_take(words, &at, &changes[count]))
            count++;
        else if (!tool_take(&tool, words, &at))
            break;
    }
    if (at == words->count && count > 0)
        result = moved_apply(&tool, changes, count);
    else
        result = tool_fail("cluster keys-moved",
                           "a change is needed: --add ID, --add ID=WEIGHT, "
                           "--remove ID, --weight ID=WEIGHT");
    free(changes);
    tool_end(&tool);
    return result;
}

const struct cli_tool cluster_tools[] = {
    {"cluster status", "[--json] [-c FILE]",
     "Asks all nodes: slots, keys, memory, load, health", status_run},
    {"cluster doctor", "[--json] [-c FILE]",
     "Says what is wrong (exit 1), and what can fail next", doctor_run},
    {"cluster keys-moved", "CHANGE ... [--json] [-c FILE]",
     "Tells what --add ID[=WEIGHT], --remove ID, --weight ID=WEIGHT would move",
     moved_run},
    {"explain", "KEY [--json] [-c FILE]",
     "Goes from a key to its node: tag, CRC-16, slot, ring, owner",
     explain_run},
    {0},
};

struct route *cluster_route_of_file(const struct vega_options *options,
                                    const char *path)
{
    struct config_error error;
    struct topology list;
    struct route *route = NULL;
    topology_init(&list);
    if (cluster_nodes_read_file(&list, path, &error))
        route = router_create_for(options, &list);
    else
        fprintf(stderr, "vega-client: %s\n", error.text);
    topology_deinit(&list);
    return route;
}
