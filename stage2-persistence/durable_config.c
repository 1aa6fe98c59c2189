// durable_config.c -- the settings that a node of stage 2 adds.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/durable_config.h"

#include <stddef.h>

#include "stage2-persistence/aof.h"
#include "stage2-persistence/snapshot_schedule.h"

#define FIELD(name) .offset = offsetof(struct durable_settings, name)
#define MB (INT64_C(1) << 20)

static const char *const only_yes[] = {"yes", NULL};
// In the order of enum aof_policy; the third is never found by its name.
static const char *const as_sync_writes[] = {"true", "false", "false", NULL};

static bool is_schedule(const char *text)
{
    struct snapshot_schedule schedule;
    return snapshot_schedule_parse(text, &schedule);
}

const struct config_row durable_config_rows[] = {
    {
        .key = "data_dir",
        .type = CONFIG_TEXT,
        .fallback = "vega-data",
        FIELD(data_dir),
        .flag = "--data-dir",
        .section = "Persistence",
        .help = "Folder of the log; made when it is missing. One server has it "
                "at a time.",
        .redis_name = "dir",
    },
    {
        .key = "snapshot_path",
        .type = CONFIG_TEXT,
        .fallback = "",
        FIELD(snapshot_path),
        .flag = "--snapshot-path",
        .section = "Persistence",
        .help = "Folder of the snapshots, on another disk perhaps; empty: "
                "data_dir.",
    },
    {
        .key = "fsync",
        .type = CONFIG_CHOICE,
        .flags = CONFIG_RUNTIME,
        .fallback = "always",
        .choices = aof_policy_names,
        FIELD(fsync),
        .flag = "--fsync",
        .section = "Persistence",
        .help = "What a reply promises. always: nothing that anyone was shown "
                "is lost, whatever fails but the disk itself. everysec: "
                "nothing is lost when the process dies, about a second when "
                "the machine does. no: the system decides how much that is. "
                "sync_writes is another name of this: true is always, false is "
                "everysec.",
        .redis_name = "appendfsync",
    },
    {
        .key = "sync_writes",
        .type = CONFIG_CHOICE,
        .flags = CONFIG_RUNTIME | CONFIG_ALIAS,
        .fallback = "true",
        .choices = as_sync_writes,
        FIELD(fsync),
        .section = "Persistence",
        .help = "Another way to say fsync: true is always, false is everysec.",
    },
    {
        .key = "log_segment_size",
        .type = CONFIG_SIZE,
        .fallback = "32MB",
        .min = MB,
        .max = 4096 * MB,
        FIELD(log_segment_size),
        .section = "Persistence",
        .help = "Size of one file of the log. Files are made ahead, so that a "
                "full disk refuses a write before it happens.",
    },
    {
        .key = "save",
        .type = CONFIG_TEXT,
        .flags = CONFIG_RUNTIME,
        .fallback = "3600 1",
        .accepts = is_schedule,
        .allowed = "pairs of seconds and changes, each from 1, or nothing",
        .redis_allowed = "Invalid save parameters",
        FIELD(save),
        .section = "Persistence",
        .help = "When to take a snapshot: after so many seconds with at least "
                "so many changes; several pairs are possible. Empty: only by "
                "snapshot_log_size.",
        .redis_name = "save",
    },
    {
        .key = "snapshot_log_size",
        .type = CONFIG_SIZE,
        .flags = CONFIG_RUNTIME,
        .fallback = "512MB",
        .max = 1024 * 1024 * 1024 * MB,
        FIELD(snapshot_log_size),
        .section = "Persistence",
        .help = "Take a snapshot when the log since the last one has grown "
                "larger than this, or than half of what the disk has left, and "
                "than that snapshot: it bounds disk use and the time to start. "
                "0: never for its size.",
        .redis_name = "auto-aof-rewrite-min-size",
    },
    {
        .key = "snapshot_compress",
        .type = CONFIG_BOOL,
        .flags = CONFIG_RUNTIME,
        .fallback = "false",
        FIELD(snapshot_compress),
        .section = "Persistence",
        .help = "LZ4 for snapshots: smaller, and slower to write and load.",
        .redis_name = "rdbcompression",
    },
    {
        .key = "appendonly",
        .type = CONFIG_CHOICE,
        .flags = CONFIG_RUNTIME,
        .fallback = "yes",
        .choices = only_yes,
        FIELD(appendonly),
        .section = "Persistence",
        .help = "For Redis' tools, which ask: there is always a log.",
        .redis_name = "appendonly",
    },
    {0},
};
