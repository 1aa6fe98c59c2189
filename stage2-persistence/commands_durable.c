// commands_durable.c -- SAVE, BGSAVE, LASTSAVE, BGREWRITEAOF, WAITAOF.
//
// There is one kind of snapshot, so that SAVE, BGSAVE and BGREWRITEAOF do the
// same; they differ in when they answer and in what they say.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/commands_durable.h"

#include "common/server/server.h"
#include "common/server/session.h"
#include "stage2-persistence/durable_layer.h"

static const char in_progress[] = "ERR Background save already in progress";
static const char log_failed[] =
    "MISCONF the log has failed, and what it lost would be in a snapshot";

static struct durable_layer *durable_of(const struct session *session)
{
    return durable_layer_of(session->server);
}

// Starts a snapshot, or says why not.
static bool save_starts(struct durable_layer *durable, struct request *request)
{
    if (durable->state == DURABLE_FAILED)
        reply_error(&request->reply, "%s", log_failed);
    else if (!snapshots_start(durable->snapshots, SNAPSHOTS_ASKED))
        reply_error(&request->reply, "%s", in_progress);
    else
        return true;
    return false;
}

static void save_answer(struct parked *parked)
{
    struct durable_layer *durable = durable_of(parked->session);
    struct snapshots_stats stats;
    snapshots_stats(durable->snapshots, &stats);
    if (stats.last_failed)
        reply_error(&parked->request->reply, "ERR the snapshot failed: %s",
                    snapshots_error(durable->snapshots));
    else
        reply_ok(&parked->request->reply);
}

static void save_serve(struct session *session, struct request *request)
{
    struct durable_layer *durable = durable_of(session);
    struct snapshots_stats stats;
    if (!save_starts(durable, request))
        return;
    snapshots_stats(durable->snapshots, &stats);
    waits_add(&durable->snapshot_waits, session, request, stats.started, 0,
              save_answer);
}

static void bgsave_serve(struct session *session, struct request *request)
{
    struct durable_layer *durable = durable_of(session);
    bool schedule =
        request->argc == 2 && slice_is(request->argv[1], "schedule");
    struct snapshots_stats stats;
    if (request->argc > 1 && !schedule) {
        reply_error(&request->reply, "ERR syntax error");
        return;
    }
    snapshots_stats(durable->snapshots, &stats);
    if (schedule && stats.running && durable->state == DURABLE_SERVING) {
        snapshots_schedule(durable->snapshots);
        reply_status(&request->reply, "Background saving scheduled");
    } else if (save_starts(durable, request)) {
        reply_status(&request->reply, "Background saving started");
    }
}

static void rewrite_serve(struct session *session, struct request *request)
{
    struct durable_layer *durable = durable_of(session);
    struct snapshots_stats stats;
    snapshots_stats(durable->snapshots, &stats);
    if (stats.running && durable->state == DURABLE_SERVING) {
        snapshots_schedule(durable->snapshots);
        reply_status(&request->reply,
                     "Background append only file rewriting scheduled");
    } else if (save_starts(durable, request)) {
        reply_status(&request->reply,
                     "Background append only file rewriting started");
    }
}

static void lastsave_serve(struct session *session, struct request *request)
{
    struct snapshots_stats stats;
    snapshots_stats(durable_of(session)->snapshots, &stats);
    reply_integer(&request->reply, stats.last_saved_ms / 1000);
}

// How many have all of it synced: this node, and replicas, which stage 2 has
// none of.
static void waitaof_answer(struct parked *parked)
{
    struct durable_layer *durable = durable_of(parked->session);
    uint64_t lsn = parked->request->seed; // See waitaof_serve.
    reply_array(&parked->request->reply, 2);
    reply_integer(&parked->request->reply,
                  aof_durable(durable->aof) >= lsn ? 1 : 0);
    reply_integer(&parked->request->reply, 0);
}

static bool waitaof_parse(struct request *request, int64_t *local,
                          int64_t *replicas, int64_t *timeout_ms)
{
    if (!slice_to_int64(request->argv[1], local) ||
        !slice_to_int64(request->argv[2], replicas))
        reply_error(&request->reply,
                    "ERR value is not an integer or out of range");
    else if (*local < 0 || *local > 1)
        reply_error(&request->reply,
                    "ERR value is out of range, value must between 0 and 1");
    else if (*replicas < 0)
        reply_error(&request->reply,
                    "ERR value is out of range, must be positive");
    else if (!slice_to_int64(request->argv[3], timeout_ms))
        reply_error(&request->reply,
                    "ERR timeout is not an integer or out of range");
    else if (*timeout_ms < 0)
        reply_error(&request->reply, "ERR timeout is negative");
    else
        return true;
    return false;
}

static void waitaof_serve(struct session *session, struct request *request)
{
    struct durable_layer *durable = durable_of(session);
    int64_t local, replicas, timeout_ms;
    if (!waitaof_parse(request, &local, &replicas, &timeout_ms))
        return;
    // All that this client has written is before the log's present end. The
    // command draws nothing at random, so its seed can carry that.
    request->seed = aof_end(durable->aof);
    bool reached = replicas == 0 &&
                   (local == 0 || aof_durable(durable->aof) >= request->seed);
    struct parked at_once = {.session = session, .request = request};
    if (reached || durable->state == DURABLE_FAILED) {
        waitaof_answer(&at_once);
        return;
    }
    aof_sync(durable->aof);
    uint64_t position = replicas == 0 ? request->seed : UINT64_MAX;
    waits_add(&durable->log_waits, session, request, position, timeout_ms,
              waitaof_answer);
}

enum { SAVING = COMMAND_ADMIN | COMMAND_NOSCRIPT };

// Name, arity, flags; keys; summary, arguments; group, since.
static const struct command commands_durable[] = {
    {"save", 1, SAVING | COMMAND_NO_MULTI, 0, 0, 0,
     "Takes a snapshot, and answers when it is on disk", "", "server", "1.0.0",
     .serve = save_serve},
    {"bgsave", -1, SAVING, 0, 0, 0,
     "Takes a snapshot; with SCHEDULE also when one is being taken",
     "[SCHEDULE]", "server", "1.0.0", .serve = bgsave_serve},
    {"bgrewriteaof", 1, SAVING, 0, 0, 0,
     "Shortens the log: takes a snapshot, which makes what is before it "
     "superfluous",
     "", "server", "1.0.0", .serve = rewrite_serve},
    {"lastsave", 1, COMMAND_FAST | COMMAND_STALE, 0, 0, 0,
     "Returns when the last snapshot was finished, in seconds since 1970", "",
     "server", "1.0.0", .serve = lastsave_serve,
     .tips = "nondeterministic_output"},
    {"waitaof", 4, COMMAND_BLOCKING | COMMAND_NOSCRIPT, 0, 0, 0,
     "Waits until all that this client wrote is synced, and returns how many "
     "have it so: this server, and replicas",
     "numlocal numreplicas timeout", "generic", "7.2.0",
     .serve = waitaof_serve},
    {0},
};

void durable_add_commands(struct command_table *table)
{
    command_table_add(table, commands_durable);
}
