// log_tail.h -- makes the end of a log that was read back safe to go on from.
//
// Above the highest durable mark nothing is certain: a power cut may have left
// any part of it, and what the page cache shows of it may not be what the disk
// holds, for a sync may have failed. So whatever is valid up there is copied to
// new files, which are synced and take the old ones' places, and what is behind
// the cut goes. A crash on the way leaves the old or the new, and recovery
// decides the same again. Where there is no space for a copy the file itself is
// written once more, with the bytes that it has.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE2_LOG_TAIL_H
#define VEGA_STAGE2_LOG_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/env/env.h"
#include "stage2-persistence/log_scan.h"

// `scan` has ended clean or torn. False with `error` filled when the disk
// fails.
bool log_tail_secure(struct env *env, const struct log_scan *scan, char *error,
                     size_t error_size);

#endif
