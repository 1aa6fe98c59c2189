// history_text.h -- histories of a store of keys, written down as they happen:
//
//     "1> set x a", "2> get x, get y", "1<", "2< a -"
//
// Client 1 asks and gets no result that matters; client 2 gets "a" for x and
// nothing ("-") for y. "1!" has failed, "1?" has an unknown outcome, and so has
// what never returns. An empty value is "''". A microsecond passes each time.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_HISTORY_TEXT_H
#define VEGA_TESTS_HISTORY_TEXT_H

#include "common/sim/client_history.h"

struct client_history history_of(const char *const *events, size_t count);
#define HISTORY_OF(events)                                                     \
    history_of((events), sizeof(events) / sizeof *(events))

#endif
