// ledger.c -- who has which slot at which epoch, by the book.
// SPDX-License-Identifier: MIT
#include "tests/sim/stage3/ledger.h"

void ledger_init(struct ledger *ledger, const struct topology *list)
{
    *ledger = (struct ledger){0};
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++)
        ledger->base[slot] = list->slots[slot].owner;
}

void ledger_move_deinit(struct ledger_move *move)
{
    for (size_t k = 0; k < KEYS_OF_TAG; k++)
        buffer_deinit(&move->values[k].bytes);
}

void ledger_deinit(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->count; i++)
        ledger_move_deinit(&ledger->moves[i]);
}

uint16_t ledger_owner(const struct ledger *ledger, uint16_t slot,
                      uint64_t epoch)
{
    if (epoch == 1)
        return ledger->base[slot];
    for (size_t i = 0; i < ledger->count; i++) {
        const struct ledger_move *move = &ledger->moves[i];
        if (move->slot == slot && move->epoch == epoch)
            return move->to;
    }
    return LEDGER_NOBODY;
}

uint64_t ledger_epoch(const struct ledger *ledger, uint16_t slot)
{
    uint64_t epoch = 1;
    for (size_t i = 0; i < ledger->count; i++) {
        if (ledger->moves[i].slot == slot)
            epoch = ledger->moves[i].epoch;
    }
    return epoch;
}

bool ledger_had(const struct ledger *ledger, uint16_t slot, uint16_t node)
{
    for (uint64_t epoch = ledger_epoch(ledger, slot); epoch > 0; epoch--) {
        if (ledger_owner(ledger, slot, epoch) == node)
            return true;
    }
    for (size_t t = 0; t < KEYS_TAGS; t++) {
        if (ledger->tried[t] >> node & 1 &&
            slot_of_key(slice_of(keys_tagged[t][0])) == slot)
            return true;
    }
    return false;
}
