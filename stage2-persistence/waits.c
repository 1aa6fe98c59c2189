// waits.c -- clients that wait for the disk.
// SPDX-License-Identifier: MIT
#include "stage2-persistence/waits.h"

#include <stdlib.h>

#include "common/base/memory.h"

struct wait {
    struct list_link link;
    struct parked *parked;
    uint64_t position;
};

void waits_init(struct waits *waits)
{
    list_init(&waits->waiting);
}

static void wait_left(struct parked *parked)
{
    struct wait *wait = parked->owner;
    list_remove(&wait->link);
    free(wait);
}

void waits_add(struct waits *waits, struct session *session,
               struct request *request, uint64_t position, int64_t timeout_ms,
               void (*answer)(struct parked *parked))
{
    struct parked *parked = session_park(session, request, timeout_ms, answer);
    if (!parked)
        return;
    struct wait *wait = xmalloc(sizeof *wait);
    *wait = (struct wait){.parked = parked, .position = position};
    list_push_back(&waits->waiting, &wait->link);
    parked->owner = wait;
    parked->left = wait_left;
}

void waits_reach(struct waits *waits, uint64_t position)
{
    list_for_each_safe (link, &waits->waiting) {
        struct wait *wait = container_of(link, struct wait, link);
        struct parked *parked = wait->parked;
        if (wait->position > position)
            continue;
        parked->expired(parked);
        session_unpark(parked);
    }
}
