// durable_info.c -- what INFO, STATS and HEALTH tell of log and snapshots.
//
// Fields that Redis has are called as there; our own begin with log_ or
// snapshot_.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/durable_info.h"

#include <jansson.h>

#include "common/server/info.h"
#include "stage2-persistence/durable_layer.h"

typedef unsigned long long number;

static const char *durable_state_name(const struct durable_layer *self)
{
    static const char *const names[] = {
        [DURABLE_LOADING] = "loading", [DURABLE_UNUSABLE] = "unusable",
        [DURABLE_SERVING] = "ok",      [DURABLE_FAILED] = "failed",
        [DURABLE_STOPPING] = "ok",     [DURABLE_STOPPED] = "ok",
    };
    return names[self->state];
}

static void info_of_snapshots(const struct durable_layer *self,
                              struct info *info)
{
    struct snapshots_stats stats;
    snapshots_stats(self->snapshots, &stats);
    int64_t now_ms = self->server->now_ms;
    long long running_s =
        stats.running ? (long long)(now_ms - stats.running_since_ms) / 1000
                      : -1;
    const char *status = stats.last_failed ? "err" : "ok";
    info_field(info, "rdb_changes_since_last_save", "%llu",
               (number)stats.changes);
    info_field(info, "rdb_bgsave_in_progress", "%d", stats.running);
    info_field(info, "rdb_last_save_time", "%lld",
               (long long)stats.last_saved_ms / 1000);
    info_field(info, "rdb_last_bgsave_status", "%s", status);
    info_field(info, "rdb_last_bgsave_time_sec", "%lld",
               (long long)stats.last_duration_ms < 0
                   ? -1
                   : (long long)stats.last_duration_ms / 1000);
    info_field(info, "rdb_current_bgsave_time_sec", "%lld", running_s);
    info_field(info, "rdb_saves", "%llu", (number)stats.finished);
    info_field(info, "current_save_keys_processed", "%llu",
               (number)stats.progress);
    info_field(info, "current_save_keys_total", "%llu", (number)stats.total);
    info_field(info, "aof_rewrite_in_progress", "%d", stats.running);
    info_field(info, "aof_rewrite_scheduled", "%d", stats.scheduled);
    info_field(info, "aof_last_bgrewrite_status", "%s", status);
    info_field(info, "snapshot_last_lsn", "%llu", (number)stats.last_lsn);
    info_field(info, "snapshot_fork_us", "%lld", (long long)stats.fork_us);
    if (stats.last_failed)
        info_field(info, "snapshot_error", "%s",
                   snapshots_error(self->snapshots));
}

static void info_of_log(const struct durable_layer *self, struct info *info)
{
    struct aof_stats stats;
    aof_stats(self->aof, &stats);
    bool failed = *aof_error(self->aof);
    info_field(info, "aof_enabled", "1");
    info_field(info, "aof_last_write_status", "%s", failed ? "err" : "ok");
    info_field(info, "aof_current_size", "%llu", (number)stats.size);
    info_field(info, "aof_base_size", "0");
    info_field(info, "aof_buffer_length", "%llu", (number)stats.unwritten);
    info_field(info, "aof_pending_bio_fsync", "%d", stats.syncing);
    info_field(info, "aof_delayed_fsync", "%llu", (number)stats.syncs_late);
    info_field(info, "log_state", "%s",
               stats.full ? "full" : durable_state_name(self));
    if (failed)
        info_field(info, "log_error", "%s", aof_error(self->aof));
    info_field(info, "log_fsync", "%s",
               aof_policy_names[aof_policy(self->aof)]);
    info_field(info, "log_lsn", "%llu", (number)aof_end(self->aof));
    info_field(info, "log_written_lsn", "%llu", (number)aof_written(self->aof));
    info_field(info, "log_durable_lsn", "%llu", (number)aof_durable(self->aof));
    info_field(info, "log_oldest_lsn", "%llu", (number)stats.oldest_lsn);
    info_field(info, "log_disk_size", "%llu", (number)stats.disk_size);
    info_field(info, "log_segments", "%llu", (number)stats.segments);
    info_field(info, "log_groups", "%llu", (number)stats.groups);
    info_field(info, "log_syncs", "%llu", (number)stats.syncs);
    info_field(info, "log_sync_us_last", "%llu", (number)stats.sync_us_last);
    info_field(info, "log_sync_us_max", "%llu", (number)stats.sync_us_max);
}

void durable_info(struct layer *layer, struct info *info)
{
    const struct durable_layer *self = (struct durable_layer *)layer;
    info_section(info, "Persistence", false);
    if (!self->aof)
        return;
    info_of_snapshots(self, info);
    info_of_log(self, info);
}

void durable_stats(struct layer *layer, json_t *object)
{
    const struct durable_layer *self = (struct durable_layer *)layer;
    if (!self->aof)
        return;
    struct aof_stats log;
    struct snapshots_stats snapshots;
    aof_stats(self->aof, &log);
    snapshots_stats(self->snapshots, &snapshots);
    json_object_set_new(
        object, "persistence",
        json_pack(
            "{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:b, s:I, s:I}", //
            "state", durable_state_name(self), "error", aof_error(self->aof),
            "fsync", aof_policy_names[aof_policy(self->aof)], "lsn",
            (json_int_t)aof_end(self->aof), "durable_lsn",
            (json_int_t)aof_durable(self->aof), "log_disk_bytes",
            (json_int_t)log.disk_size, "syncs", (json_int_t)log.syncs,
            "sync_us_max", (json_int_t)log.sync_us_max, "snapshot_running",
            snapshots.running, "snapshot_lsn", (json_int_t)snapshots.last_lsn,
            "snapshot_saved_ms", (json_int_t)snapshots.last_saved_ms));
}

void durable_health(struct layer *layer, struct health *health)
{
    const struct durable_layer *self = (struct durable_layer *)layer;
    struct aof_stats stats;
    if (!self->aof)
        return;
    aof_stats(self->aof, &stats);
    if (*snapshots_error(self->snapshots))
        health_note(health, HEALTH_DEGRADED,
                    "the log grows, for the last snapshot failed: %s",
                    snapshots_error(self->snapshots));
    if (self->state == DURABLE_FAILED)
        health_note(health, HEALTH_READONLY, "%s", aof_error(self->aof));
    else if (stats.full)
        health_note(health, HEALTH_READONLY, "no space for the log: %s",
                    aof_error(self->aof));
}
