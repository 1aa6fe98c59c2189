// durable_layer.c -- the layer of stage 2: what was answered is not lost.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/durable_layer.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/check.h"
#include "common/base/memory.h"
#include "common/server/command.h"
#include "stage2-persistence/durable_info.h"
#include "stage2-persistence/may_write.h"

enum {
    DURABLE_LOAD_SLICE_US = 10 * 1000, // Then clients hear how far it is.
};

static struct durable_layer *durable_of(struct layer *layer)
{
    return container_of(layer, struct durable_layer, layer);
}

// ---- Requests

static void durable_append(struct durable_layer *self,
                           const struct request *request)
{
    check(self->reserved); // Upholds (D2).
    struct record record = {
        .kind = RECORD_COMMAND,
        .now_ms = request->now_ms,
        .seed = request->seed,
    };
    self->server->gate.made =
        aof_append(self->aof, &record, request->argv, request->argc);
    snapshots_changed(self->snapshots, 1, self->reserved);
}

// The store has executed the request; what it did is not visible yet.
static void durable_executed(struct completion *completion,
                             struct request *request)
{
    struct durable_layer *self =
        container_of(completion, struct durable_layer, completion);
    if (request->flags & REQUEST_CHANGED)
        durable_append(self, request);
    self->reserved = 0;
    request_complete(request);
}

static void durable_execute(struct durable_layer *self, struct request *request,
                            size_t reserved)
{
    self->reserved = reserved;
    request_push(request, &self->completion);
    self->layer.below->submit(self->layer.below, request);
}

static void durable_refuse(struct request *request, const char *error)
{
    reply_error(&request->reply, "%s", error);
    request_complete(request);
}

// The log does not take it: says why.
static void durable_refuse_write(struct durable_layer *self,
                                 struct request *request)
{
    const char *reason = aof_error(self->aof);
    if (self->state == DURABLE_FAILED)
        reply_error(&request->reply,
                    "MISCONF Errors writing to the log: %s. Writes are refused "
                    "until the server is restarted; reads of what is durable "
                    "go on.",
                    reason);
    else
        reply_error(&request->reply,
                    "MISCONF the log has no space: %s. Writes are refused "
                    "until there is some; reads go on.",
                    reason);
    request_complete(request);
}

// Executes a request that may write, or refuses it. False, and nothing was
// done, when the log has no room yet.
static bool durable_try_write(struct durable_layer *self,
                              struct request *request)
{
    size_t size = record_size(request->argv, request->argc);
    if (size == 0 || self->state == DURABLE_STOPPING) {
        durable_refuse(request,
                       size ? "ERR the server is stopping"
                            : "ERR the request is too large for the log");
        return true;
    }
    switch (aof_reserve(self->aof, size)) {
    case AOF_READY:
        if (aof_is_late(self->aof))
            return false;
        durable_execute(self, request, size);
        return true;
    case AOF_WAIT:
        return false;
    case AOF_FULL:
    case AOF_FAILED:
        durable_refuse_write(self, request);
        return true;
    }
    check(false);
    return true;
}

// The same for any request.
static bool durable_try(struct durable_layer *self, struct request *request)
{
    if (may_write(self->server->commands, request))
        return durable_try_write(self, request);
    if (self->state == DURABLE_FAILED && doubt_concerns(&self->doubt, request))
        durable_refuse(request, "UNKNOWN outcome of the last writes of this "
                                "key: the log failed");
    else
        durable_execute(self, request, 0);
    return true;
}

// True if the request must not overtake one that waits. Upholds (D3).
static bool durable_is_behind(const struct durable_layer *self,
                              const struct request *request)
{
    return !durable_queue_is_empty(&self->queue) &&
           (may_write(self->server->commands, request) ||
            durable_queue_holds(request->origin));
}

static void durable_submit(struct layer *layer, struct request *request)
{
    struct durable_layer *self = durable_of(layer);
    if (!self->aof)
        durable_refuse(request, "LOADING VegaDB is loading the dataset");
    else if ((durable_is_behind(self, request) ||
              !durable_try(self, request)) &&
             !durable_queue_push(&self->queue, request))
        durable_refuse(request, "MISCONF too many writes wait for the disk; "
                                "this one was refused");
}

// The log has room again, or has failed: what waits goes on, in order.
static void durable_drain(struct durable_layer *self)
{
    server_update_now(self->server);
    while (!durable_queue_is_empty(&self->queue)) {
        struct request *request = durable_queue_take(&self->queue);
        request->now_ms = self->server->now_ms; // It never goes back.
        if (!durable_try(self, request)) {
            durable_queue_return(&self->queue, request);
            break;
        }
    }
}

// ---- The log

// Upholds (D1).
static uint64_t durable_safe(const struct durable_layer *self)
{
    return aof_policy(self->aof) == AOF_ALWAYS ? aof_durable(self->aof)
                                               : aof_written(self->aof);
}

static struct durable_layer *durable_of_aof(struct aof_owner *owner)
{
    return container_of(owner, struct durable_layer, aof_owner);
}

static void durable_advanced(struct aof_owner *owner)
{
    struct durable_layer *self = durable_of_aof(owner);
    gate_reach(&self->server->gate, durable_safe(self));
    waits_reach(&self->log_waits, aof_durable(self->aof));
    snapshots_log_durable(self->snapshots, aof_durable(self->aof));
}

static void durable_ready(struct aof_owner *owner)
{
    durable_drain(durable_of_aof(owner));
}

static void durable_doubt(void *context, const struct record *record)
{
    struct durable_layer *self = context;
    if (record->kind != RECORD_COMMAND)
        return;
    struct slice *argv = xcalloc(record->argc, sizeof *argv);
    struct slice body = record->body;
    for (uint32_t i = 0; i < record->argc; i++)
        argv[i] = record_argument(&body);
    doubt_add(&self->doubt, argv, record->argc);
    free(argv);
}

static void durable_failed(struct aof_owner *owner)
{
    struct durable_layer *self = durable_of_aof(owner);
    self->state = DURABLE_FAILED;
    aof_each_unsafe(self->aof, durable_doubt, self);
    // What was written under another policy is not among these. Until now it
    // could be shown, for no more was promised of it than that it survives the
    // process; from the change on nothing may that a power cut takes back, and
    // of which keys that is nobody has kept a list.
    if (aof_policy(self->aof) == AOF_ALWAYS &&
        aof_durable(self->aof) < self->careless_lsn)
        self->doubt.everything = true;
    log_error(self->server->log, "the log has failed; writes are refused",
              LOG_TEXT_OF("error", aof_error(self->aof)),
              LOG_INT_OF("durable_lsn", (int64_t)aof_durable(self->aof)),
              LOG_INT_OF("end_lsn", (int64_t)aof_end(self->aof)));
    gate_break(&self->server->gate,
               "UNKNOWN outcome: the log failed before this was durable");
    waits_reach(&self->log_waits, UINT64_MAX); // They see what is durable.
    snapshots_log_failed(self->snapshots);
    durable_drain(self);
}

// ---- Snapshots

static struct durable_layer *durable_of_snapshots(struct snapshots_owner *owner)
{
    return container_of(owner, struct durable_layer, snapshots_owner);
}

static void durable_describe(struct snapshots_owner *owner,
                             struct snapshot *snapshot)
{
    struct durable_layer *self = durable_of_snapshots(owner);
    snapshot->lsn = aof_end(self->aof);
    snapshot->now_ms = store_now_ms(self->store);
    aof_rotate(self->aof); // What it covers shall not share a file.
}

static uint64_t durable_sync_log(struct snapshots_owner *owner)
{
    struct durable_layer *self = durable_of_snapshots(owner);
    aof_sync(self->aof);
    return aof_durable(self->aof);
}

// It may take over from the log before it.
static void durable_snapshot_ended(struct snapshots_owner *owner)
{
    struct durable_layer *self = durable_of_snapshots(owner);
    struct snapshots_stats stats;
    snapshots_stats(self->snapshots, &stats);
    aof_trim(self->aof, snapshots_needed_lsn(self->snapshots));
    waits_reach(&self->snapshot_waits, stats.started);
}

static bool durable_tick(struct layer *layer, int64_t now_ms)
{
    (void)now_ms;
    struct durable_layer *self = durable_of(layer);
    if (self->state == DURABLE_SERVING)
        snapshots_tick(self->snapshots);
    return false;
}

// ---- Loading

static void durable_serve(struct durable_layer *self)
{
    const struct recovery_result *result = recovery_result(self->recovery);
    struct server *server = self->server;
    struct aof_options options = {
        .segment_size = (uint64_t)self->settings->log_segment_size,
        .policy = (enum aof_policy)self->settings->fsync,
    };
    log_info(server->log, "data loaded",
             LOG_INT_OF("keys", (int64_t)store_count(self->store)),
             LOG_INT_OF("snapshot_lsn", (int64_t)result->snapshot_lsn),
             LOG_INT_OF("records", (int64_t)result->records),
             LOG_INT_OF("next_lsn", (int64_t)result->start.next_lsn));
    server_raise_now(server, result->now_ms);
    self->aof = aof_create(server->env, server->log, &options, &result->start,
                           &self->aof_owner);
    self->snapshots =
        snapshots_create(server->env, server->log, self->store,
                         result->snapshot_lsn, &self->snapshots_owner);
    snapshots_changed(self->snapshots, result->records, result->record_size);
    server->gate.made = server->gate.reached = result->start.durable;
    recovery_destroy(self->recovery);
    self->recovery = NULL;
    self->state = DURABLE_SERVING;
    server->loading.active = false;
    durable_layer_apply(self);
    self->loaded(self->context);
}

static void durable_load(struct env_timer *timer)
{
    struct durable_layer *self =
        container_of(timer, struct durable_layer, load_timer);
    struct server *server = self->server;
    switch (recovery_run(self->recovery, DURABLE_LOAD_SLICE_US)) {
    case RECOVERY_MORE:
        recovery_progress(self->recovery, &server->loading.done,
                          &server->loading.total);
        env_timer_start(server->env, timer, 0);
        break;
    case RECOVERY_DONE:
        durable_serve(self);
        break;
    case RECOVERY_FAILED:
        log_error(server->log, "cannot use the data directory",
                  LOG_TEXT_OF("reason", recovery_error(self->recovery)));
        self->state = DURABLE_UNUSABLE;
        server->stopping = true; // See program.h.
        break;
    }
}

// ---- For the node

void durable_layer_init(struct durable_layer *self, struct server *server,
                        struct layer *below, struct store *store,
                        const struct durable_settings *settings,
                        void (*loaded)(void *context), void *context)
{
    *self = (struct durable_layer){
        .layer =
            {
                .name = "durable",
                .below = below,
                .prepare = layer_prepare_below,
                .submit = durable_submit,
                .tick = durable_tick,
                .info = durable_info,
                .stats = durable_stats,
                .health = durable_health,
            },
        .server = server,
        .store = store,
        .settings = settings,
        .load_timer = {.fire = durable_load},
        .loaded = loaded,
        .context = context,
        .aof_owner = {durable_advanced, durable_ready, durable_failed},
        .completion = {.done = durable_executed},
        .snapshots_owner =
            {
                .describe = durable_describe,
                .sync_log = durable_sync_log,
                .ended = durable_snapshot_ended,
            },
    };
    durable_queue_init(&self->queue);
    waits_init(&self->log_waits);
    waits_init(&self->snapshot_waits);
    doubt_init(&self->doubt, server->commands, store_secret(store));
    self->recovery = recovery_create(&(struct recovery_world){
        server->env, server->log, store, below, server->commands});
    server->loading.active = true;
    env_timer_start(server->env, &self->load_timer, 0);
}

void durable_layer_deinit(struct durable_layer *self)
{
    env_timer_stop(self->server->env, &self->load_timer);
    if (self->recovery)
        recovery_destroy(self->recovery);
    if (self->snapshots)
        snapshots_destroy(self->snapshots);
    if (self->aof)
        aof_destroy(self->aof);
    durable_queue_deinit(&self->queue);
    doubt_deinit(&self->doubt);
}

void durable_layer_stop(struct durable_layer *self)
{
    if (self->state == DURABLE_LOADING)
        self->state = DURABLE_STOPPED;
    if (self->state == DURABLE_SERVING) {
        self->state = DURABLE_STOPPING;
        aof_stop(self->aof);
    }
    if (self->snapshots)
        snapshots_stop(self->snapshots);
}

bool durable_layer_is_stopped(const struct durable_layer *self)
{
    if (!self->aof)
        return self->state != DURABLE_LOADING;
    return snapshots_is_stopped(self->snapshots) &&
           (self->state == DURABLE_FAILED || aof_is_stopped(self->aof));
}

void durable_layer_apply(struct durable_layer *self)
{
    const struct durable_settings *settings = self->settings;
    enum aof_policy policy = (enum aof_policy)settings->fsync;
    if (!self->aof)
        return;
    struct gate *gate = &self->server->gate;
    if (aof_policy(self->aof) != policy)
        self->careless_lsn = aof_end(self->aof);
    aof_set_policy(self->aof, policy);
    // From `always` on nobody is shown what is written and not yet synced. Of a
    // log that has failed nothing will be, and nobody would hear anything more.
    if (policy == AOF_ALWAYS && self->state != DURABLE_FAILED &&
        gate->reached > aof_durable(self->aof))
        gate->reached = aof_durable(self->aof);
    gate_reach(gate, durable_safe(self));
    snapshots_apply(self->snapshots, settings->save,
                    (uint64_t)settings->snapshot_log_size,
                    settings->snapshot_compress);
}

struct durable_layer *durable_layer_of(const struct server *server)
{
    struct layer *layer = server->stack;
    while (layer && layer->submit != durable_submit)
        layer = layer->below;
    check(layer);
    return durable_of(layer);
}
