// fuzz_vbp.c -- decodes whatever comes; what was a frame, encoded again, must
// be the bytes that it was decoded from, and no prefix of them a frame.
// SPDX-License-Identifier: MIT
#include <stdint.h>

#include "common/base/check.h"
#include "common/wire/vbp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BODY_MAX = 4096 };

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
