// aof_private.h -- the log from inside: what its five files share.
//
//     aof.c           records into memory; what the owner is told
//     aof_groups.c    from memory to the disk: writes and syncs
//     aof_segments.c  the turn from one file to the next; old ones go
//     aof_spares.c    files for segments to come, some of old segments
//     aof_making.c    and others new
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

enum { AOF_NAME_SIZE = 48, AOF_ERROR_SIZE = 256, AOF_SPARES_MAX = 4 };

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

// How far a new spare is. See aof_making.c.
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

    struct env_task task; // At the end of a round.

    // ---- aof_groups.c
    enum aof_policy policy;
    // Records in memory, in the order of their LSNs. `flying` and `rest` belong
    // to `current`, `gathering` to the segment that aof_tail names.
    struct buffer unsynced; // Under `always`: written, the sync is under way.
    struct buffer flying;   // The write under way; empty: none.
    struct buffer rest;     // While a turn is closing `current`.
    struct buffer gathering;
    uint64_t end, written, durable; // LSNs; durable <= written <= end.
    uint64_t submitted;             // Last LSN of all writes begun.
    struct env_io write, sync;
    bool syncing;
    uint64_t syncing_lsn;     // What the sync under way will make durable.
    int64_t syncing_since_us; // Age of the oldest record that it covers.
    int64_t sync_began_us;
    uint64_t group_min;           // Records for which a small group waits,
    int64_t group_until_us;       // and until when.
    struct env_timer group_timer; // Runs until then.
    int64_t unsynced_since_us; // Of the oldest one that no sync covers; 0: none
    uint64_t sync_wanted;      // LSN up to which a sync was asked for.
    bool sync_due;             // The second is over.
    struct env_timer sync_timer;
    bool late; // The oldest record that is not synced has waited too long;
    struct env_timer late_timer; // runs until then.
    uint64_t groups, syncs, syncs_late;
    uint64_t sync_us_last, sync_us_max;

    // ---- aof.c
    uint64_t term, vote;
    int64_t now_ms; // Of the last record.
    size_t mark_size;
    bool marked; // The last record is a mark, or nothing came since the start.
    bool appended;       // Since the last step, or
    int64_t appended_us; // then.
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
    bool names_changed;  // Since that sync began.
    uint64_t number;     // Of the last spare.
    struct buffer found; // Names, each with its 0, while the directory is read.

    // ---- aof_making.c
    enum aof_making making;
    struct env_io making_io;
    struct env_file *draft;
    uint64_t draft_number;
    uint64_t draft_made, draft_size; // Bytes; so far, and of the whole.
    char *zeros;                     // A piece of them; owned.
    uint64_t wanted_size; // Somebody waits for a spare of that size; 0: nobody.
    uint64_t full_size;   // One of that size could not be made; 0: none such.
    struct env_timer retry_timer;

    // ---- What the owner is to be told
    bool failed;
    bool tell_failed, tell_advanced, tell_ready;
    bool waiting; // aof_reserve answered `waiting_room` for `waiting_size`.
    size_t waiting_size;
    enum aof_room waiting_room;
    char error[AOF_ERROR_SIZE];

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

// ---- aof_groups.c
void aof_groups_init(struct aof *aof);
void aof_groups_deinit(struct aof *aof);
// Something was appended since the last time, at the latest at `now_us`.
void aof_groups_note(struct aof *aof, int64_t now_us);
void aof_groups_step(struct aof *aof);
size_t aof_groups_unwritten(const struct aof *aof);
void aof_groups_check(const struct aof *aof);

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
void aof_spares_add(struct aof *aof, struct aof_spare spare);
// The smallest one that is ready and takes a record of `size` bytes; NULL.
struct aof_spare *aof_spares_find(struct aof *aof, size_t size);
// Whether a file of that size, at least, is there or will soon be ready.
bool aof_spares_have(const struct aof *aof, uint64_t size);
// It is the caller's to use: no longer in the list.
void aof_spares_take(struct aof *aof, struct aof_spare *spare);
// A file of that size is ready: somebody's wish is granted, and there is space.
void aof_spares_relieved(struct aof *aof, uint64_t size);
// Makes the segment `name` of `size` bytes a spare, or removes it. False when
// neither could be done.
bool aof_spares_recycle(struct aof *aof, const char *name, uint64_t size);
enum status aof_spares_remove_file(struct aof *aof, const char *name);
void aof_spare_format_name(char name[AOF_NAME_SIZE], uint64_t number);
void aof_spares_count(const struct aof *aof, struct aof_stats *stats);
void aof_spares_check(const struct aof *aof);

// ---- aof_making.c
void aof_making_init(struct aof *aof);
void aof_making_deinit(struct aof *aof);
void aof_making_step(struct aof *aof);
// No spare takes a record of `size` bytes: makes haste to have one. False when
// that was tried, and failed, and has not been tried again with success.
bool aof_making_want(struct aof *aof, size_t size);
void aof_making_check(const struct aof *aof);

#endif
