// fuzz_vbp.c -- decodes whatever comes; what was a frame, encoded again, must
// be the bytes that it was decoded from, and no prefix of them a frame. Nor is
// any of them believed to be a greeting of who knows the secret.
// SPDX-License-Identifier: MIT
#include <stdint.h>

#include "common/base/check.h"
#include "common/net/peer_greeting.h"
#include "common/wire/vbp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BODY_MAX = 4096 };

static void greet(const struct vbp_frame *frame)
{
    struct peer_greeting greeting = {.dialer = 1, .listener = 2};
    struct slice secret = SLICE("nobody guesses this");
    check(peer_greeting_take_answer(&greeting, secret, frame) != PEER_RIGHT);
    check(peer_greeting_take_proof(&greeting, secret, frame) != PEER_RIGHT);
    bool is_call = peer_greeting_take_call(&greeting, frame);
    check(is_call == (frame->type == VBP_HELLO &&
                      frame->body.size == PEER_CALL_BODY_SIZE));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = {(const char *)data, size};
    struct buffer again = {0};
    for (;;) {
        struct slice start = rest;
        struct vbp_frame frame = {0};
        enum vbp_status status = vbp_decode(&rest, BODY_MAX, &frame);
        if (status != VBP_OK) {
            check(rest.data == start.data);
            check(rest.size == start.size);
            check(!frame.body.data);
            break;
        }
        check(frame.body.size <= BODY_MAX);
        greet(&frame);
        buffer_clear(&again);
        check(vbp_encode(&again, &frame));
        struct slice taken = {start.data, start.size - rest.size};
        check(slice_equal(buffer_slice(&again), taken));

        taken.size--;
        check(vbp_decode(&taken, BODY_MAX, &frame) == VBP_PARTIAL);
    }
    buffer_deinit(&again);
    return 0;
}
