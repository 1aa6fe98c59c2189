// aof_private.h -- the log from inside: what aof.c (records and groups),
// aof_segments.c (the turn from one segment to the next, and what becomes of
// the old ones) and aof_spares.c (the files for segments to come) share.
//
// Whatever happens (the end of a round, a completion of the disk, a timer)
// ends in aof_handle: it begins all that can be begun now, then tells the
// owner what has changed. Public functions only note what is wanted and defer
// the rest to the end of the round, so that no callback comes from inside them.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_AOF_PRIVATE_H
#define VEGA_STAGE2_AOF_PRIVATE_H

#include "common/base/buffer.h"
#include "stage2-persistence/aof.h"
#include "stage2-persistence/segment.h"

enum {
    AOF_NAME_SIZE = 48,
    AOF_ERROR_SIZE = 256,
    AOF_SPARES_KEPT = 2, // So many segments of before become spares.
    // Room for these, one that was made meanwhile, and one of a special size.
    AOF_SPARES_MAX = AOF_SPARES_KEPT + 2,
};

// A file that takes records.
struct aof_segment {
    struct env_file *file; // NULL: not open.
    char name[AOF_NAME_SIZE];
    uint64_t size; // Bytes of the file; 0: there is none.
    uint64_t first_lsn;
    uint64_t end;     // Offset of the record to come,
    uint64_t written; // and of the write to come; records between are in memory
    uint32_t salt;
};

// A file that takes no more.
struct aof_closed {
    uint64_t first_lsn;
    uint64_t size; // Bytes of the file,
    uint64_t end;  // and where its records end.
};

// How far the turn to a new segment is. See aof_segments.c.
enum aof_turn {
    AOF_TURN_NONE,
    AOF_TURN_CLOSING, // What belongs to the old one is written and synced;
    AOF_TURN_HEADER,  // the header of the new one is written
    AOF_TURN_SYNCING, // and synced;
    AOF_TURN_NAMING,  // the names are, after the rename.
    AOF_TURN_STATES,
};

// How far a new spare is. See aof_spares.c.
enum aof_making {
    AOF_MAKING_NONE,
    AOF_MAKING_ZEROS,   // A piece is written,
    AOF_MAKING_SYNCING, // or what was written so far synced.
    AOF_MAKING_PAUSED,  // The next piece is not needed yet.
    AOF_MAKING_NAMING,  // All is there; the names are synced.
    AOF_MAKING_RETRY,   // It failed; the timer runs.
    AOF_MAKING_STATES,
};

struct aof_spare {
    uint64_t number; // In its name.
    uint64_t size;
    enum {
        AOF_SPARE_NAMED,   // Found or renamed, and that is not on disk yet;
        AOF_SPARE_SYNCING, // the names are synced.
        AOF_SPARE_READY,
    } state;
};

struct aof {
    struct env *env;
    struct logger *log;
    struct aof_owner *owner;
    struct aof_options options;

    // ---- aof.c: records and groups
    enum aof_policy policy;
    struct env_task task; // At the end of a round.
    // Records in memory, in the order of their LSNs. `flying` and `rest` belong
    // to `current`, `gathering` to the segment that aof_tail names.
    struct buffer flying; // The write under way; empty: none.
    struct buffer rest;   // While a turn is closing `current`.
    struct buffer gathering;
    uint64_t end, written, durable; // LSNs; durable <= written <= end.
    uint64_t submitted;             // Last LSN of all writes begun.
    uint64_t term, vote;
    int64_t now_ms; // Of the last record.
    size_t mark_size;
    bool marked; // The last record is a mark, or nothing came since the start.
    struct env_io write, sync;
    bool syncing;
    uint64_t syncing_lsn;     // What the sync under way will make durable.
    int64_t syncing_since_us; // Age of the oldest record that it covers.
    int64_t sync_began_us;
    int64_t unsynced_since_us; // Of the oldest one that no sync covers; 0: none
    uint64_t sync_wanted;      // LSN up to which a sync was asked for.
    bool sync_due;             // The second is over.
    struct env_timer sync_timer;
    int64_t appended_us; // End of the last round that appended.
    struct env_timer idle_timer;
    bool idle_timer_runs;
    bool stopping, stopped;

    // ---- aof_segments.c
    struct aof_segment current; // first_lsn is known also before it stands.
    struct aof_segment next;    // During a turn.
    enum aof_turn turn;
    struct env_io turn_io;
    char header[SEGMENT_HEADER_SIZE];
    bool rotating;             // A turn was asked for.
    struct aof_closed *closed; // Owned; the oldest first.
    size_t closed_count, closed_capacity;
    uint64_t trim_lsn;

    // ---- aof_spares.c
    struct aof_spare spares[AOF_SPARES_MAX];
    size_t spare_count;
    struct env_io names_io; // For spares that were found or recycled.
    bool names_syncing;
    bool names_changed; // Since that sync began.
    enum aof_making making;
    struct env_io making_io;
    struct env_file *draft;
    uint64_t draft_number;
    uint64_t draft_made, draft_size; // Bytes; so far, and of the whole.
    uint64_t number;                 // Of the last spare.
    char *zeros;                     // A piece of them; owned.
    struct buffer found;  // While the directory is listed: their names.
    uint64_t wanted_size; // Somebody waits for a spare of that size; 0: nobody.
    struct env_timer retry_timer;
    bool full; // The last attempt to make one failed.

    // ---- What the owner is to be told
    bool failed;
    bool tell_failed, tell_advanced, tell_ready;
    bool waiting; // aof_reserve answered `waiting_room` for `waiting_size`.
    size_t waiting_size;
    enum aof_room waiting_room;
    char error[AOF_ERROR_SIZE];

    uint64_t groups, syncs, syncs_late;
    uint64_t sync_us_last, sync_us_max;
    size_t pending; // Operations of the disk whose `done` is to come.
    bool destroyed; // Freed when the last of them has.
};

// ---- aof.c
void aof_handle(struct aof *aof);
// Begins an operation. Its `done` calls aof_io_ended first, and returns when
// that is false: then the log is gone.
void aof_submit(struct aof *aof, struct env_io *io,
                void (*begin)(struct env *env, struct env_io *io));
bool aof_io_ended(struct aof *aof);
// The end of the log, for good: "cannot `verb` `name`: `status`".
void aof_fail(struct aof *aof, const char *verb, const char *name,
              enum status status);

// ---- aof_segments.c
// Where the next record goes.
static inline struct aof_segment *aof_tail(struct aof *aof)
{
    return aof->turn == AOF_TURN_NONE ? &aof->current : &aof->next;
}
// Whether a record of `size` bytes has room there, and a mark behind it.
static inline bool aof_segment_takes(const struct aof *aof,
                                     const struct aof_segment *segment,
                                     size_t size)
{
    return segment->end + size + aof->mark_size <= segment->size;
}
// Reads from the directory what there is.
void aof_segments_init(struct aof *aof);
void aof_segments_deinit(struct aof *aof);
// Begins what can be begun now.
void aof_segments_step(struct aof *aof);
// Turns to a spare that takes a record of `size` bytes; one is ready.
void aof_turn_begin(struct aof *aof, size_t size);
void aof_segments_count(const struct aof *aof, struct aof_stats *stats);
void aof_segments_check(const struct aof *aof);

// ---- aof_spares.c
void aof_spares_init(struct aof *aof);
void aof_spares_deinit(struct aof *aof);
// First, for every name in the directory; the others are passed over. Then
// aof_spares_adopt: what is a spare's is one again, or removed.
void aof_spares_see(struct aof *aof, const char *name);
void aof_spares_adopt(struct aof *aof);
void aof_spares_step(struct aof *aof);
// No spare takes a record of `size` bytes: makes haste to have one.
void aof_spares_want(struct aof *aof, size_t size);
// The smallest one that is ready and takes a record of `size` bytes; NULL.
struct aof_spare *aof_spares_find(struct aof *aof, size_t size);
// It is the caller's to use: no longer in the list.
void aof_spares_take(struct aof *aof, struct aof_spare *spare);
// Makes the segment `name` of `size` bytes a spare, or removes it. False when
// neither could be done.
bool aof_spares_recycle(struct aof *aof, const char *name, uint64_t size);
void aof_spare_format_name(char name[AOF_NAME_SIZE], uint64_t number);
void aof_spares_count(const struct aof *aof, struct aof_stats *stats);
void aof_spares_check(const struct aof *aof);

#endif
