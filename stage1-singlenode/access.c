// access.c -- how recently, or how often, an entry was used.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/access.h"

enum {
    MINUTE_MS = 60 * 1000,
    RECENCY_MASK = 0xffffff,
    MINUTES_MASK = 0xffff,
};

static uint32_t load(const struct entry *entry)
{
    return entry->access[0] | (uint32_t)entry->access[1] << 8 |
           (uint32_t)entry->access[2] << 16;
}

// Most uses of a hot key change nothing; they leave the line of memory clean.
static void save(struct entry *entry, uint32_t bits)
{
    if (load(entry) == bits)
        return;
    entry->access[0] = (uint8_t)bits;
    entry->access[1] = (uint8_t)(bits >> 8);
    entry->access[2] = (uint8_t)(bits >> 16);
}

static uint32_t recency_clock(int64_t now_ms)
{
    return (uint32_t)(now_ms / ACCESS_TICK_MS) & RECENCY_MASK;
}

static uint32_t frequency_clock(int64_t now_ms)
{
    return (uint32_t)(now_ms / MINUTE_MS) & MINUTES_MASK;
}

static uint32_t raise_count(struct access *access, uint32_t count)
{
    if (count == ACCESS_COUNT_MAX)
        return count;
    double above = count > ACCESS_NEW ? (double)(count - ACCESS_NEW) : 0;
    double odds = 1 / (above * (double)access->log_factor + 1);
    return count + (random_unit(&access->random) < odds);
}

void access_note(struct access *access, struct entry *entry, int64_t now_ms)
{
    if (!access->frequency) {
        save(entry, recency_clock(now_ms));
        return;
    }
    uint32_t count = ACCESS_NEW;
    if (load(entry) != 0)
        count = raise_count(access, access_count(access, entry, now_ms));
    save(entry, frequency_clock(now_ms) << 8 | count);
}

int64_t access_idle_ms(const struct entry *entry, int64_t now_ms)
{
    uint32_t ticks = (recency_clock(now_ms) - load(entry)) & RECENCY_MASK;
    return (int64_t)ticks * ACCESS_TICK_MS;
}

uint8_t access_count(const struct access *access, const struct entry *entry,
                     int64_t now_ms)
{
    uint32_t bits = load(entry), count = bits & ACCESS_COUNT_MAX;
    int64_t minutes = (frequency_clock(now_ms) - (bits >> 8)) & MINUTES_MASK;
    if (access->decay_minutes == 0)
        return (uint8_t)count;
    int64_t lost = minutes / access->decay_minutes;
    return (uint8_t)(lost < count ? count - lost : 0);
}
