// check_report.c -- tells people how it stands with a directory.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/check_report.h"

#include <inttypes.h>

static void report_snapshot(FILE *out, const struct check_snapshot *snapshot)
{
    fprintf(out, "%s  ", snapshot->name);
    if (snapshot->result != SNAPSHOT_DONE) {
        fprintf(out, "%s: %s\n",
                snapshot->result == SNAPSHOT_INVALID ? "damaged"
                                                     : "cannot be read",
                snapshot->error);
        return;
    }
    uint64_t keys = 0;
    for (int type = 0; type < CHECK_TYPE_COUNT; type++)
        keys += snapshot->keys[type];
    fprintf(out, "sound; %" PRIu64 " keys", keys);
    const char *before = " (";
    for (int type = 0; type < CHECK_TYPE_COUNT; type++) {
        if (snapshot->keys[type] == 0)
            continue;
        fprintf(out, "%s%" PRIu64 " %s", before, snapshot->keys[type],
                check_type_names[type]);
        before = ", ";
    }
    fprintf(out, "%s, %" PRIu64 " bytes%s\n", keys ? ")" : "",
            snapshot->info.size,
            snapshot->info.compressed ? ", compressed" : "");
}

static void report_segment(FILE *out, const struct log_segment *segment)
{
    fprintf(out, "%s  ", segment->name);
    if (!segment->valid) {
        fprintf(out, "the header is not valid; %s\n",
                segment->headless ? "records follow it"
                                  : "no record follows it");
        return;
    }
    if (segment->records != 0)
        fprintf(out, "%" PRIu64 " records, LSN %" PRIu64 " to %" PRIu64,
                segment->records, segment->first_lsn, segment->last_lsn);
    else
        fprintf(out, "no records%s", segment->used ? "" : " in order");
    if (segment->found != 0)
        fprintf(out, "; %" PRIu64 " more behind a hole, up to LSN %" PRIu64,
                segment->found, segment->found_lsn);
    fprintf(out, "; %" PRIu64 " of %" PRIu64 " bytes; durable to LSN %" PRIu64,
            segment->used, segment->size, segment->durable);
    if (segment->wrong)
        fprintf(out, "; at byte %" PRIu64 " %s, but a snapshot covers it",
                segment->used, segment->wrong);
    fputc('\n', out);
}

void check_report_log(FILE *out, const struct check_health *health)
{
    const struct log_scan_result *log = health->log;
    switch (health->log_verdict) {
    case LOG_SCAN_CLEAN:
        fprintf(out, "sound, up to LSN %" PRIu64, log->last_lsn);
        return;
    case LOG_SCAN_GAP:
        fprintf(out, "%s begins too late: LSN %" PRIu64 " is wanted, behind %s",
                health->segments[0].name, health->snapshots.newest + 1,
                health->snapshots.newest ? "the newest snapshot"
                                         : "no snapshot");
        return;
    case LOG_SCAN_NEWER:
    case LOG_SCAN_IO:
        fprintf(out, "%s%s%s", log->file, *log->file ? ": " : "", log->reason);
        return;
    case LOG_SCAN_TORN:
    case LOG_SCAN_DAMAGED:
        break;
    }
    fprintf(out,
            "%s in %s at byte %" PRIu64 ", where LSN %" PRIu64 " is due: %s",
            health->log_verdict == LOG_SCAN_TORN ? "torn" : "damaged",
            log->file, log->offset, log->last_lsn + 1, log->reason);
}

// What that means to whoever wants to start a server.
static void report_advice(FILE *out, const struct check_health *health)
{
    uint64_t first, last;
    if (health->log_verdict == LOG_SCAN_TORN) {
        fputs("A crash leaves that. Nothing of it was ever said to be durable, "
              "and a server will cut it off.\n",
              out);
        return;
    }
    if (health->log_verdict == LOG_SCAN_DAMAGED ||
        health->log_verdict == LOG_SCAN_GAP) {
        fputs("No server will start on it. Restore the file, or give up what "
              "is behind that place: --repair.\n",
              out);
        if (check_health_missing(health, &first, &last))
            fprintf(out, "That would lose LSN %" PRIu64 " to %" PRIu64 ".\n",
                    first, last);
    }
}

void check_report_text(FILE *out, const struct check_health *health,
                       bool in_use)
{
    if (in_use)
        fputs("A server is using this directory: the end of the log moves.\n",
              out);
    for (size_t i = 0; i < health->snapshots.count; i++)
        report_snapshot(out, &health->snapshots.each[i]);
    for (size_t i = 0; i < health->segment_count; i++)
        report_segment(out, &health->segments[i]);
    if (health->segment_count == 0 && health->log_verdict == LOG_SCAN_CLEAN) {
        fputs("There is no log.\n", out);
        return;
    }
    fputs("The log is ", out);
    check_report_log(out, health);
    fputs(".\n", out);
    report_advice(out, health);
    if (!health->reaches_back)
        fprintf(out,
                "It does not reach back to the older snapshot, LSN %" PRIu64
                ": should the newer one be lost, that would not do.\n",
                health->snapshots.oldest);
}
