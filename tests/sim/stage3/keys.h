// keys.h -- the keys that clients of a simulated cluster use. Few, so that they
// meet; of two kinds: those whose slot stays where the ring has put it, and
// those with a tag, two a tag, whose slots move.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_SIM_STAGE3_KEYS_H
#define VEGA_TESTS_SIM_STAGE3_KEYS_H

enum { KEYS_TAGS = 3, KEYS_OF_TAG = 2, KEYS_PLAIN = 5, KEYS_COUNTERS = 2 };

static const char *const keys_tagged[KEYS_TAGS][KEYS_OF_TAG] = {
    {"{t0}a", "{t0}b"}, {"{t1}a", "{t1}b"}, {"{t2}a", "{t2}b"}};
static const char *const keys_plain[KEYS_PLAIN] = {"k0", "k1", "k2", "k3",
                                                   "k4"};
static const char *const keys_counters[KEYS_COUNTERS] = {"n0", "n1"};

#endif
