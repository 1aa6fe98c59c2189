// check_report_json.c -- tells programs how it stands with a directory.
// SPDX-License-Identifier: MIT
#include <jansson.h>

#include "stage2-persistence/check_report.h"

static void set_integer(json_t *object, const char *name, uint64_t value)
{
    json_object_set_new(object, name, json_integer((json_int_t)value));
}

static json_t *json_of_snapshot(const struct check_snapshot *snapshot)
{
    json_t *object = json_object();
    bool sound = snapshot->result == SNAPSHOT_DONE;
    json_object_set_new(object, "file", json_string(snapshot->name));
    set_integer(object, "lsn", snapshot->lsn);
    json_object_set_new(object, "sound", json_boolean(sound));
    if (!sound) {
        json_object_set_new(object, "error", json_string(snapshot->error));
        return object;
    }
    set_integer(object, "bytes", snapshot->info.size);
    json_object_set_new(object, "compressed",
                        json_boolean(snapshot->info.compressed));
    json_t *keys = json_object();
    for (int type = 0; type < CHECK_TYPE_COUNT; type++)
        set_integer(keys, check_type_names[type], snapshot->keys[type]);
    json_object_set_new(object, "keys", keys);
    return object;
}

static json_t *json_of_segment(const struct log_segment *segment)
{
    json_t *object = json_object();
    json_object_set_new(object, "file", json_string(segment->name));
    set_integer(object, "bytes", segment->size);
    set_integer(object, "first_lsn", segment->first_lsn);
    json_object_set_new(object, "valid", json_boolean(segment->valid));
    if (!segment->valid) {
        json_object_set_new(object, "headless",
                            json_boolean(segment->headless));
        return object;
    }
    set_integer(object, "records", segment->records);
    set_integer(object, "last_lsn", segment->last_lsn);
    set_integer(object, "used", segment->used);
    set_integer(object, "durable", segment->durable);
    set_integer(object, "found", segment->found);
    set_integer(object, "found_lsn", segment->found_lsn);
    if (segment->wrong)
        json_object_set_new(object, "wrong", json_string(segment->wrong));
    return object;
}

static json_t *json_of_log(const struct check_health *health)
{
    static const char *const verdicts[] = {
        [LOG_SCAN_CLEAN] = "sound",     [LOG_SCAN_TORN] = "torn",
        [LOG_SCAN_DAMAGED] = "damaged", [LOG_SCAN_GAP] = "gap",
        [LOG_SCAN_NEWER] = "newer",     [LOG_SCAN_IO] = "unreadable",
    };
    const struct log_scan_result *log = health->log;
    json_t *object = json_object();
    json_object_set_new(object, "verdict",
                        json_string(verdicts[health->log_verdict]));
    set_integer(object, "records", log->records);
    set_integer(object, "last_lsn", log->last_lsn);
    set_integer(object, "durable", log->durable);
    json_object_set_new(object, "reaches_back",
                        json_boolean(health->reaches_back));
    if (log->verdict != LOG_SCAN_CLEAN) {
        json_object_set_new(object, "file", json_string(log->file));
        set_integer(object, "offset", log->offset);
        json_object_set_new(object, "reason", json_string(log->reason));
    }
    uint64_t first, last;
    if (check_health_missing(health, &first, &last))
        json_object_set_new(
            object, "missing",
            json_pack("[I, I]", (json_int_t)first, (json_int_t)last));
    return object;
}

void check_report_json(FILE *out, const struct check_health *health,
                       bool in_use)
{
    json_t *snapshots = json_array(), *segments = json_array();
    for (size_t i = 0; i < health->snapshots.count; i++)
        json_array_append_new(snapshots,
                              json_of_snapshot(&health->snapshots.each[i]));
    for (size_t i = 0; i < health->segment_count; i++)
        json_array_append_new(segments, json_of_segment(&health->segments[i]));

    json_t *all = json_object();
    bool sound = check_health_verdict(health) == CHECK_SOUND;
    json_object_set_new(all, "sound", json_boolean(sound));
    json_object_set_new(all, "in_use", json_boolean(in_use));
    json_object_set_new(all, "snapshots", snapshots);
    json_object_set_new(all, "segments", segments);
    json_object_set_new(all, "log", json_of_log(health));
    json_dumpf(all, out, JSON_INDENT(2));
    fputc('\n', out);
    json_decref(all);
}
