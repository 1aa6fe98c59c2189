// vbp.c -- the frames of the binary protocol.
//
// All integers are little-endian:
//
//      0  u32  size      bytes of the body
//      4  u8   version   1
//      5  u8   type      what the body means
//      6  u16  reserved  0
//      8  u64  request   repeated by the answer; 0: none is expected
//     16  u32  crc       CRC-32C of bytes 0 to 15 and of the body
//     20       body
//
// A frame is valid if and only if (1) version and reserved are as above, (2)
// size is within the receiver's limit, (3) all of it is present and (4) crc
// matches. The first two are judged as soon as the header is there, before
// anybody makes room for a body. A size that was damaged on its way, but is
// within the limit, is found out by (4) when so many bytes have come.
// SPDX-License-Identifier: MIT
#include "common/wire/vbp.h"

#include "common/base/check.h"
#include "common/base/codec.h"
#include "common/base/crc32c.h"

enum {
    VBP_AT_SIZE = 0,
    VBP_AT_VERSION = 4,
    VBP_AT_TYPE = 5,
    VBP_AT_RESERVED = 6,
    VBP_AT_REQUEST = 8,
    VBP_AT_CRC = 16,
};

static uint32_t vbp_crc(const char *header, struct slice body)
{
    return crc32c(crc32c(0, header, VBP_AT_CRC), body.data, body.size);
}

enum vbp_status vbp_decode(struct slice *input, uint32_t body_max,
                           struct vbp_frame *frame)
{
    if (input->size < VBP_HEADER_SIZE)
        return VBP_PARTIAL;
    const char *header = input->data;
    uint32_t size = get_u32(header + VBP_AT_SIZE);
    if (header[VBP_AT_VERSION] != VBP_VERSION ||
        get_u16(header + VBP_AT_RESERVED) != 0 || size > body_max)
        return VBP_INVALID;
    if (input->size - VBP_HEADER_SIZE < size)
        return VBP_PARTIAL;

    struct slice body = {header + VBP_HEADER_SIZE, size};
    if (vbp_crc(header, body) != get_u32(header + VBP_AT_CRC))
        return VBP_INVALID;
    frame->type = (uint8_t)header[VBP_AT_TYPE];
    frame->request = get_u64(header + VBP_AT_REQUEST);
    frame->body = body;
    input->data = body.data + size;
    input->size -= VBP_HEADER_SIZE + (size_t)size;
    return VBP_OK;
}

bool vbp_encode(struct buffer *out, const struct vbp_frame *frame)
{
    check(frame->body.size <= UINT32_MAX);
    if (!buffer_reserve(out, VBP_HEADER_SIZE + frame->body.size))
        return false;
    char header[VBP_HEADER_SIZE];
    put_u32(header + VBP_AT_SIZE, (uint32_t)frame->body.size);
    header[VBP_AT_VERSION] = VBP_VERSION;
    header[VBP_AT_TYPE] = (char)frame->type;
    put_u16(header + VBP_AT_RESERVED, 0);
    put_u64(header + VBP_AT_REQUEST, frame->request);
    put_u32(header + VBP_AT_CRC, vbp_crc(header, frame->body));
    buffer_append(out, header, VBP_HEADER_SIZE);
    buffer_append_slice(out, frame->body);
    return true;
}
