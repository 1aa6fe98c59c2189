// kv_model.h -- a store of keys without concurrency, for linearizability.h: a
// register or a counter is a store of which one key is used.
//
// Commands of many keys and transactions are operations of several steps. A
// compare-and-set that succeeded is KV_EXPECT, KV_SET; one that was refused is
// a KV_GET of what it found, or has failed.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_KV_MODEL_H
#define VEGA_COMMON_KV_MODEL_H

#include "common/sim/linear_search.h"

// Values are bytes, numbers their decimals. A key that is not there has no
// value; to KV_INCREMENT it is 0, to KV_APPEND empty.
enum kv_kind {
    KV_GET,       // Its result is the value.
    KV_SET,       // To the argument; no argument: deletes. Any result is right.
    KV_SET_NEW,   // As KV_SET if the key is not there. "1" or "0".
    KV_DELETE,    // "1", or "0" when it was not there.
    KV_INCREMENT, // By the argument. The new number.
    KV_APPEND,    // The argument. The new size.
    KV_EXPECT,    // Cannot be where the value is not the argument. Any result.
    KV_KINDS,
};

extern const struct linear_model kv_model;

#endif
