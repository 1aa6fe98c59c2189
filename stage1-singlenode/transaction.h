// transaction.h -- transactions at the store: what EXEC, COMMIT and WATCH do
// when they have come down the stack.
//
// By then a transaction is one request (common/server/flat.h): versions that
// must hold, and commands. It runs like any command, alone and to its end, and
// like any it is a function of the store, its argv, now and the seed.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_TRANSACTION_H
#define VEGA_STAGE1_TRANSACTION_H

#include "common/server/request.h"
#include "stage1-singlenode/store.h"

// WATCH key...: an array of the versions of the keys; 0 for an absent one.
void transaction_versions(struct store *store, struct request *request);

// EXEC in its flat form: an array of the replies of its commands, or a null
// array if a version does not hold.
void transaction_exec(struct store *store, struct request *request);

// COMMIT in its flat form: OK, or -CONFLICT if a version does not hold.
void transaction_commit(struct store *store, struct request *request);

// Runs one command as a part of `request`: with its time, on its account, which
// is told so. The reply goes behind what request->reply has.
void transaction_step(struct store *store, struct request *request,
                      uint64_t seed, const struct slice *argv, uint32_t argc);

// Of a live key, otherwise 0.
uint64_t transaction_version(struct store *store, struct slice key);

#endif
