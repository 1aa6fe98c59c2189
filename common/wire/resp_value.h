// resp_value.h -- takes replies apart that this program wrote (reply.h).
//
// For whoever finds the reply of a lower layer in its hands. Bytes from outside
// go through the parsers that trust nobody; here malformed ones are a bug.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_RESP_VALUE_H
#define VEGA_COMMON_RESP_VALUE_H

#include "common/base/slice.h"

// Moves `rest` past the line at its front, and returns what that says behind
// its first byte: "3" of "*3\r\n".
struct slice resp_take_header(struct slice *rest);

// Moves `rest` past the whole value at its front, elements included, and
// returns it.
struct slice resp_take_value(struct slice *rest);

#endif
