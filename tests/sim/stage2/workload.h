// workload.h -- what clients of a simulated node send.
// SPDX-License-Identifier: MIT
#ifndef VEGA_TESTS_SIM_STAGE2_WORKLOAD_H
#define VEGA_TESTS_SIM_STAGE2_WORKLOAD_H

#include "common/base/buffer.h"
#include "common/base/random.h"
#include "common/base/slice.h"

// Appends one request, made of words separated by blanks. Some stand for
// something that is drawn:
//
//     %s %c %l %h %z %t   one of a few keys of a type: string, counter, list,
//                         hash, sorted set, set
//     %k                  any of them
//     %v %m               a value: some bytes, now and then many; a small one
//     %i %d %p            a small integer; a score; milliseconds
void workload_request(struct buffer *out, struct random *random,
                      const char *words);

// Appends a pipeline of one or more requests. `resp3`: of a client that can
// subscribe and go on.
void workload_burst(struct buffer *out, struct random *random, bool resp3);

#endif
