// interactive.h -- BEGIN, COMMIT, ROLLBACK: a transaction whose commands run,
// and answer, one by one.
//
// Optimistic: nobody waits for it and it waits for nobody. Its session's
// commands run against an overlay (overlay.h); COMMIT applies them all at one
// instant, or answers -CONFLICT and applies nothing. Serializable: every
// version that was read, of absent keys too, is still the key's at that
// instant, so that all might as well have run then.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_INTERACTIVE_H
#define VEGA_STAGE1_INTERACTIVE_H

#include "common/server/request.h"
#include "common/server/session.h"
#include "stage1-singlenode/store.h"

// After this a transaction is rolled back by itself.
enum { INTERACTIVE_MS_MAX = 60 * 1000 };

void begin_serve(struct session *session, struct request *request);
void commit_serve(struct session *session, struct request *request);
void rollback_serve(struct session *session, struct request *request);

// `run` of BEGIN: a command of the transaction that the request's session is
// in. It comes down the stack, because that is the way to the store, as
// something that only reads.
void interactive_run(struct store *store, struct request *request);

#endif
