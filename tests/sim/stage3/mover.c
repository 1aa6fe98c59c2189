// mover.c -- slots change their owners, by hand.
// SPDX-License-Identifier: MIT
#include "tests/sim/stage3/mover.h"

#include <inttypes.h>

#include "common/base/check.h"
#include "common/server/command.h"
#include "stage3-sharding/slot.h"

// Nothing waits in it, and it can be spoken to.
static bool mover_may_use(const struct member *member)
{
    return member_serves(member) && !member->stops &&
           !member->process->paused &&
           durable_queue_is_empty(&member->durable->queue);
}

static void mover_read(const struct member *member, struct ledger_move *move)
{
    struct store *store = member->durable->store;
    for (size_t k = 0; k < KEYS_OF_TAG; k++) {
        struct slice name = slice_of(keys_tagged[move->tag][k]);
        struct entry *entry = store_peek(store, store_key(store, name));
        struct ledger_value *value = &move->values[k];
        value->exists = entry != NULL;
        if (entry)
            buffer_append_slice(&value->bytes, entry_string(entry));
    }
}

static void mover_submit(struct member *member, const struct slice *argv,
                         uint32_t argc)
{
    struct server *server = member->server;
    internal_requests_submit(&member->hands,
                             command_find(server->commands, argv[0]), argv,
                             argc, server->now_ms);
}

static void mover_write(struct member *member, struct ledger_move *move)
{
    for (size_t k = 0; k < KEYS_OF_TAG; k++) {
        const struct ledger_value *value = &move->values[k];
        struct slice set[] = {SLICE("set"), slice_of(keys_tagged[move->tag][k]),
                              buffer_slice(&value->bytes)};
        struct slice del[] = {SLICE("del"), set[1]};
        if (value->exists)
            mover_submit(member, set, 3);
        else
            mover_submit(member, del, 2);
    }
    move->lsn = aof_end(member->durable->aof);
    move->is_written = true;
}

static void mover_teach(struct member *member, const struct ledger_move *move)
{
    topology_learn(&member->map, move->slot, move->to, move->epoch);
}

bool mover_move(struct mover *mover, size_t tag, uint16_t to, uint64_t told)
{
    struct ledger *ledger = mover->ledger;
    uint16_t slot = slot_of_key(slice_of(keys_tagged[tag][0]));
    uint64_t epoch = ledger_epoch(ledger, slot);
    uint16_t from = ledger_owner(ledger, slot, epoch);
    struct member *old = &mover->members[from], *new = &mover->members[to];
    if (from == to || ledger->count == LEDGER_MOVES_MAX ||
        !mover_may_use(old) || !mover_may_use(new) ||
        !topology_is_own(&old->map, slot))
        return false;
    struct ledger_move *move = &ledger->moves[ledger->count];
    *move = (struct ledger_move){
        .slot = slot, .from = from, .to = to, .epoch = epoch + 1, .tag = tag};
    mover_read(old, move);
    mover_write(new, move);
    // The log is full: then they come later, and the slot stays where it is.
    if (!mover_may_use(new)) {
        ledger->tried[tag] |= UINT64_C(1) << to;
        ledger_move_deinit(move);
        return false;
    }
    ledger->count++;
    for (size_t i = 0; i < mover->count; i++) {
        bool tell = i == from || told >> i & 1;
        if (tell && member_is_alive(&mover->members[i]))
            mover_teach(&mover->members[i], move);
    }
    return true;
}

void mover_tell(const struct mover *mover, struct member *member)
{
    struct ledger *ledger = mover->ledger;
    for (size_t i = 0; i < ledger->count; i++) {
        struct ledger_move *move = &ledger->moves[i];
        if (move->from == member->index || move->to == member->index)
            mover_teach(member, move);
        if (move->to == member->index && !move->is_safe)
            move->is_written = false; // Perhaps.
    }
}

// Also of a process that has just died: what left it before was safe.
static void mover_look_at(struct mover *mover, struct ledger_move *move)
{
    struct member *member = &mover->members[move->to];
    if (move->is_safe || !member->process || !member->durable->aof)
        return;
    if (!move->is_written && member_serves(member))
        mover_write(member, move);
    const struct aof *aof = member->durable->aof;
    uint64_t safe =
        aof_policy(aof) == AOF_ALWAYS ? aof_durable(aof) : aof_written(aof);
    move->is_safe = move->is_written && safe >= move->lsn;
}

void mover_look(struct mover *mover)
{
    for (size_t i = 0; i < mover->ledger->count; i++)
        mover_look_at(mover, &mover->ledger->moves[i]);
}
