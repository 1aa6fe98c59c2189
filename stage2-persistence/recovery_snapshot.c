// recovery_snapshot.c -- the first half of a start: a snapshot into the store.
//
// The newest one that is sound. One that is not is passed over, for the log
// reaches back to the one before it; one that cannot be read is not.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/recovery_private.h"

enum { RECOVERY_ENTRIES = 4096 }; // Between two looks at the clock.

static enum recovery_step recovery_open_snapshot(struct recovery *self);

static void recovery_close_snapshot(struct recovery *self)
{
    snapshot_reader_destroy(self->reader);
    self->reader = NULL;
}

static enum recovery_step recovery_snapshot_done(struct recovery *self)
{
    const struct snapshot *snapshot = snapshot_reader_info(self->reader);
    self->result.snapshot_lsn = snapshot->lsn;
    self->result.now_ms = snapshot->now_ms;
    self->snapshot_size = snapshot->size;
    log_info(self->world.log, "snapshot loaded",
             LOG_INT_OF("lsn", (int64_t)snapshot->lsn),
             LOG_INT_OF("keys", (int64_t)snapshot->key_count));
    recovery_close_snapshot(self);
    recovery_open_log(self);
    return RECOVERY_MORE;
}

static enum recovery_step recovery_load(struct recovery *self)
{
    char name[SNAPSHOT_NAME_SIZE];
    snapshot_format_name(name, self->snapshots[self->snapshot_next], false);
    const char *error = snapshot_reader_error(self->reader);
    switch (snapshot_read_some(self->reader, RECOVERY_ENTRIES)) {
    case SNAPSHOT_MORE:
        return RECOVERY_MORE;
    case SNAPSHOT_DONE:
        return recovery_snapshot_done(self);
    case SNAPSHOT_NEWER:
        return recovery_fail(self,
                             "%s was written by a newer version of VegaDB (%s);"
                             " this one cannot read it",
                             name, error);
    case SNAPSHOT_IO:
        // The next start may be able to read it, and would find a log that went
        // on without it, at times that may lie before its own.
        return recovery_fail(self,
                             "%s; try again, or move it away to go on with the "
                             "snapshot before it",
                             error);
    case SNAPSHOT_INVALID:
        break;
    }
    // The log reaches back to the older one, if there is one.
    log_error(self->world.log, "snapshot refused", LOG_TEXT_OF("file", name),
              LOG_TEXT_OF("reason", error));
    recovery_close_snapshot(self);
    store_reset(self->world.store);
    self->snapshot_next++;
    self->phase = recovery_open_snapshot;
    return RECOVERY_MORE;
}

static enum recovery_step recovery_open_snapshot(struct recovery *self)
{
    if (self->snapshot_next == self->snapshot_count) {
        recovery_open_log(self);
        return RECOVERY_MORE;
    }
    char name[SNAPSHOT_NAME_SIZE];
    snapshot_format_name(name, self->snapshots[self->snapshot_next], false);
    enum status status;
    self->reader = snapshot_reader_create(self->world.env, name,
                                          self->world.store, &status);
    if (!self->reader)
        return recovery_fail(self, "cannot open %s: %s", name,
                             status_name(status));
    self->phase = recovery_load;
    return RECOVERY_MORE;
}

static void recovery_see_name(void *context, const char *name)
{
    struct recovery *self = context;
    uint64_t lsn;
    bool draft;
    if (!snapshot_parse_name(name, &lsn, &draft) || draft ||
        self->snapshot_count == RECOVERY_SNAPSHOTS_MAX)
        return;
    size_t at = self->snapshot_count++; // By insertion, newest first.
    while (at > 0 && self->snapshots[at - 1] < lsn) {
        self->snapshots[at] = self->snapshots[at - 1];
        at--;
    }
    self->snapshots[at] = lsn;
}

enum recovery_step recovery_list(struct recovery *self)
{
    enum status status =
        env_disk_list(self->world.env, recovery_see_name, self);
    if (status != STATUS_OK)
        return recovery_fail(self, "cannot list the data directory: %s",
                             status_name(status));
    self->phase = recovery_open_snapshot;
    return RECOVERY_MORE;
}
