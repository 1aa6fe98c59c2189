// overlay.c -- what a transaction of BEGIN sees.
//
// Invariants
// (O1) Of a key in `known`, `copies` has what the store had when it was learnt,
//      changed by the log. Either its version is in `versions`, or the log
//      began by overwriting it without a look.
// (O2) A command names every key that it reads or writes. One whose keys can't
//      be told counts every argument as a key: that may find a conflict where
//      there is none, but misses none.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/overlay.h"

#include "common/base/check.h"
#include "common/server/command.h"
#include "common/server/flat.h"
#include "stage1-singlenode/object.h"
#include "stage1-singlenode/transaction.h"

void overlay_init(struct overlay *overlay, const struct hash_secret *secret,
                  int64_t now_ms)
{
    *overlay = (struct overlay){
        .copies = store_create(secret),
        .known = store_create(secret),
        .now_ms = now_ms,
    };
}

void overlay_deinit(struct overlay *overlay)
{
    store_destroy(overlay->copies);
    store_destroy(overlay->known);
    argv_deinit(&overlay->versions);
    argv_deinit(&overlay->log);
}

static size_t overlay_size(const struct overlay *overlay)
{
    struct store_stats copies, known;
    store_stats(overlay->copies, &copies);
    store_stats(overlay->known, &known);
    return copies.entry_memory + copies.object_memory + known.entry_memory +
           overlay->versions.bytes.size + overlay->log.bytes.size;
}

// A step of one command through its keys.
struct visit {
    struct overlay *overlay;
    struct store *store;
    const struct request *step;
    size_t size; // What the copies to come will take.
};

static void each_key(struct visit *visit,
                     void (*each)(void *visit, uint32_t position))
{
    const struct request *step = visit->step;
    if (request_keys(step, each, visit))
        return;
    for (uint32_t i = 1; i < step->argc; i++) // (O2)
        each(visit, i);
}

static bool is_known(const struct overlay *overlay, struct slice name)
{
    return store_peek(overlay->known, store_key(overlay->known, name));
}

static void note_known(struct overlay *overlay, struct slice name)
{
    store_set_string(overlay->known, store_key(overlay->known, name), SLICE(""),
                     ENTRY_NO_EXPIRY);
}

static void measure_key(void *context, uint32_t position)
{
    struct visit *visit = context;
    struct slice name = visit->step->argv[position];
    if (is_known(visit->overlay, name))
        return;
    const struct entry *entry =
        store_peek(visit->store, store_key(visit->store, name));
    visit->size += name.size;
    if (entry)
        visit->size += store_entry_memory(visit->store, entry);
}

static void copy_key(struct store *to, struct slice name,
                     const struct entry *entry)
{
    struct key key = store_key(to, name);
    int64_t expires_ms = entry_expires_ms(entry);
    if (!(entry->flags & ENTRY_OBJECT)) {
        store_set_string(to, key, entry_string(entry), expires_ms)->flags |=
            entry->flags & ENTRY_RAW;
        return;
    }
    const struct object *object = entry_object(entry);
    store_put_object(to, key, object->type->copy(object))->encoding =
        entry->encoding;
    if (expires_ms != ENTRY_NO_EXPIRY)
        store_set_expiry(to, key, expires_ms);
}

static void learn_key(void *context, uint32_t position)
{
    struct visit *visit = context;
    struct overlay *overlay = visit->overlay;
    struct slice name = visit->step->argv[position];
    if (is_known(overlay, name))
        return;
    note_known(overlay, name);
    const struct entry *entry =
        store_find(visit->store, store_key(visit->store, name));
    argv_add(&overlay->versions, name);
    argv_add_integer(&overlay->versions, entry ? (int64_t)entry->version : 0);
    if (entry)
        copy_key(overlay->copies, name, entry);
}

static void own_key(void *context, uint32_t position)
{
    struct visit *visit = context;
    note_known(visit->overlay, visit->step->argv[position]);
}

// A command that overwrites its keys whatever they hold, and whose reply says
// nothing of that, has read nothing: two such never conflict.
static bool is_blind(const struct request *step)
{
    static const char *const names[] = {"set", "put", "mset", "setex",
                                        "psetex"};
    static const char *const looks[] = {"nx", "xx", "get", "keepttl"};
    bool blind = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        blind |= !strcmp(step->command->full_name, names[i]);
    if (strcmp(step->command->full_name, "set") != 0)
        return blind;
    for (uint32_t i = 3; i < step->argc; i++) {
        for (size_t j = 0; j < sizeof looks / sizeof *looks; j++)
            blind &= !slice_is(step->argv[i], looks[j]);
    }
    return blind;
}

static bool has_room(struct visit *visit)
{
    each_key(visit, measure_key);
    for (uint32_t i = 0; i < visit->step->argc; i++)
        visit->size += visit->step->argv[i].size;
    return overlay_size(visit->overlay) + visit->size <= OVERLAY_SIZE_MAX;
}

void overlay_run(struct overlay *overlay, struct store *store,
                 struct request *request)
{
    const struct command *found;
    struct request step = {
        .command = command_resolve(request->command->table, request->argv,
                                   request->argc, &found),
        .argv = request->argv,
        .argc = request->argc,
        .flags = REQUEST_NO_WAIT,
        .now_ms = overlay->now_ms,
        .seed = request->seed,
        .reply = request->reply,
        .reply_start = request->reply.out->size,
    };
    struct visit visit = {overlay, store, &step, 0};
    check(step.command && step.command->run);
    if (!has_room(&visit)) {
        reply_error(&request->reply, "ERR transaction is too large");
        return;
    }
    bool blind = is_blind(&step);
    if (!blind)
        each_key(&visit, learn_key);
    store_begin(overlay->copies, step.now_ms, step.seed);
    step.command->run(overlay->copies, &step);
    request->reply = step.reply;
    if (!(step.flags & REQUEST_CHANGED))
        return;
    // Only now: one that was refused has overwritten nothing. (O1)
    if (blind)
        each_key(&visit, own_key);
    flat_add_command(&overlay->log, step.seed, step.argv, step.argc);
    overlay->log_count++;
}

void overlay_flatten(struct overlay *overlay, struct argv *flat)
{
    flat_begin(flat, SLICE("COMMIT"), &overlay->versions);
    flat_begin_commands(flat, overlay->log_count);
    argv_add_all(flat, argv_slices(&overlay->log), overlay->log.count);
}
