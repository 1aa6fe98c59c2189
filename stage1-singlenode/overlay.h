// overlay.h -- what a transaction of BEGIN sees: the store, with its own writes
// over it, which nobody else sees.
//
// A small store of its own: a key that a command names is copied into it
// first, and its version noted; then the command runs on the copies. Commands
// that changed something are logged. COMMIT compares the versions and runs the
// log on the real store: on what the copies were made of, so that everything
// comes out as it did here.
//
// Time stands still inside: a lifetime that is set begins with COMMIT.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_OVERLAY_H
#define VEGA_STAGE1_OVERLAY_H

#include "common/base/hash.h"
#include "common/server/argv.h"
#include "common/server/request.h"
#include "stage1-singlenode/store.h"

// Copies and log may take this much; a command beyond it is refused.
#define OVERLAY_SIZE_MAX ((size_t)64 * 1024 * 1024)

struct overlay {
    struct store *copies; // What the transaction sees of the keys it named.
    struct store *known;  // Those keys, absent ones too. (As a set.)
    struct argv versions; // Of what was read: key and version, in turn.
    struct argv log;      // seed, argc, arguments; and again.
    uint32_t log_count;   // Commands in it.
    int64_t now_ms;
};

void overlay_init(struct overlay *overlay, const struct hash_secret *secret,
                  int64_t now_ms);
void overlay_deinit(struct overlay *overlay);

// Runs the command that request->argv says, against the overlay, which learns
// from `store` what it does not know yet. The request has not changed `store`.
void overlay_run(struct overlay *overlay, struct store *store,
                 struct request *request);

// Appends what COMMIT must validate and do, in the form of flat.h.
void overlay_flatten(struct overlay *overlay, struct argv *flat);

#endif
