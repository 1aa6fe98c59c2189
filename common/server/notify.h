// notify.h -- keyspace notifications: what happens to keys, as messages.
//
// An event "lpush" of key "k" is published as
//
//     __keyspace@0__:k       lpush       when K is among the classes wanted
//     __keyevent@0__:lpush   k           when E is
//
// https://redis.io/docs/latest/develop/use/keyspace-notifications/
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_NOTIFY_H
#define VEGA_COMMON_NOTIFY_H

#include "common/base/slice.h"

// Each is the bit of its letter in notify_letters.
enum notify_class {
    NOTIFY_GENERIC = 1 << 0,   // g: DEL, EXPIRE, RENAME, ...
    NOTIFY_STRING = 1 << 1,    // $
    NOTIFY_LIST = 1 << 2,      // l
    NOTIFY_SET = 1 << 3,       // s
    NOTIFY_HASH = 1 << 4,      // h
    NOTIFY_ZSET = 1 << 5,      // z
    NOTIFY_EXPIRED = 1 << 6,   // x
    NOTIFY_EVICTED = 1 << 7,   // e
    NOTIFY_STREAM = 1 << 8,    // t: never happens here.
    NOTIFY_MODULE = 1 << 9,    // d: nor does this.
    NOTIFY_NEW = 1 << 10,      // n: a key came to be.
    NOTIFY_KEYSPACE = 1 << 11, // K
    NOTIFY_KEYEVENT = 1 << 12, // E
    NOTIFY_MISS = 1 << 13,     // m: a read of a key that is not there.
};

// The letters that 'A' stands for, then the others; NULL. For a row of
// CONFIG_LETTERS.
extern const char *const notify_letters[];

// Publishes the event if the settings of `server`, a struct server *, want its
// class. Has the form that the store calls.
void notify_event(void *server, enum notify_class class, const char *event,
                  struct slice key);

#endif
