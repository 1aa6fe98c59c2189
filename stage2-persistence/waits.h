// waits.h -- clients that wait for the disk: WAITAOF for a position of the log,
// SAVE for a snapshot.
//
// They are parked above the stack, as those who wait for a key are.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_WAITS_H
#define VEGA_STAGE2_WAITS_H

#include <stdint.h>

#include "common/base/list.h"
#include "common/server/session.h"

struct waits {
    struct list_link waiting; // In order of arrival.
};

void waits_init(struct waits *waits);

// Parks the request until `position` is reached or `timeout_ms` passed (0: no
// limit); then `answer` writes its reply. In a transaction the time is up at
// once.
void waits_add(struct waits *waits, struct session *session,
               struct request *request, uint64_t position, int64_t timeout_ms,
               void (*answer)(struct parked *parked));

// Answers all that wait for this or less.
void waits_reach(struct waits *waits, uint64_t position);

#endif
