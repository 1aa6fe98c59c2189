// vbp.h -- VBP, the binary frame protocol that nodes speak with one another.
//
// A frame is a type, a request id that its answer repeats, and a body of any
// bytes, under one checksum. Answers may come in any order: the id says whose
// they are. vbp.c states the bytes.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_VBP_H
#define VEGA_COMMON_VBP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buffer.h"
#include "common/base/slice.h"

enum {
    VBP_VERSION = 1,
    VBP_HEADER_SIZE = 20,
};

enum vbp_type {
    VBP_HELLO = 1, // Who speaks, and with whom. The answer is of the same type.
    VBP_MESSAGE = 2, // One message of env_peer_send. No answer; request is 0.
    VBP_PROOF = 3,   // Of who spoke first, that it knows the secret. No answer.
    VBP_QUESTION = 4, // Of a guest; its answer repeats the request id.
    VBP_ANSWER = 5,
};

struct vbp_frame {
    uint8_t type; // enum vbp_type, or one of a later version's.
    uint64_t request;
    struct slice body;
};

enum vbp_status {
    VBP_OK,
    VBP_PARTIAL, // What is there is the beginning of a frame, or nothing.
    VBP_INVALID, // It is none: close the connection, there is no next frame.
};

// Reads one frame from the front of `input`. On VBP_OK sets *frame, whose body
// lies in the input, and moves `input` past it; otherwise touches neither. A
// body of more than `body_max` bytes is invalid as soon as its size is read.
enum vbp_status vbp_decode(struct slice *input, uint32_t body_max,
                           struct vbp_frame *frame);

// Appends the frame, whole or (false) not at all when `out` has no room for
// it. The body must be of less than 4 GiB.
bool vbp_encode(struct buffer *out, const struct vbp_frame *frame);

#endif
