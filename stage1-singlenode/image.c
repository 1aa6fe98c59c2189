// image.c -- the integers and strings that images are made of.
// SPDX-License-Identifier: MIT
#include "stage1-singlenode/image.h"

#include "common/base/check.h"
#include "common/base/codec.h"

enum {
    COUNT_SIZE_MAX = 10, // Bytes of a LEB128 of 64 bits.
    COUNT_BITS = 7,      // Of the value in each of them;
    COUNT_MORE = 128,    // and what says that another one follows.
};

// ---- Writing

void image_put_u8(struct image_writer *writer, uint8_t value)
{
    buffer_append_byte(&writer->block, (char)value);
}

void image_put_u64(struct image_writer *writer, uint64_t value)
{
    char bytes[sizeof value];
    put_u64(bytes, value);
    buffer_append(&writer->block, bytes, sizeof bytes);
}

void image_put_count(struct image_writer *writer, uint64_t value)
{
    buffer_reserve(&writer->block, COUNT_SIZE_MAX);
    char *at = writer->block.data + writer->block.size;
    for (; value >= COUNT_MORE; value >>= COUNT_BITS)
        *at++ = (char)(value | COUNT_MORE);
    *at++ = (char)value;
    writer->block.size = (size_t)(at - writer->block.data);
}

void image_put_double(struct image_writer *writer, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    image_put_u64(writer, bits);
}

void image_put_bytes(struct image_writer *writer, struct slice bytes)
{
    image_put_count(writer, bytes.size);
    buffer_append_slice(&writer->block, bytes);
}

void image_flush(struct image_writer *writer)
{
    if (writer->block.size > 0 && writer->status == STATUS_OK)
        writer->status = writer->full(writer, buffer_slice(&writer->block));
    buffer_clear(&writer->block);
}

void image_end_part(struct image_writer *writer)
{
    if (writer->block.size >= IMAGE_BLOCK_SIZE)
        image_flush(writer);
}

// ---- Reading

void image_refuse(struct image_reader *reader)
{
    reader->invalid = true;
    reader->block = SLICE("");
}

void image_begin_part(struct image_reader *reader)
{
    while (reader->block.size == 0 && !reader->invalid) {
        if (!reader->next || !reader->next(reader))
            image_refuse(reader);
    }
}

// The next `size` bytes, or NULL when there are not as many.
static const char *take(struct image_reader *reader, size_t size)
{
    const char *at = reader->block.data;
    if (size > reader->block.size) {
        image_refuse(reader);
        return NULL;
    }
    reader->block.data += size;
    reader->block.size -= size;
    return at;
}

uint8_t image_get_u8(struct image_reader *reader)
{
    const char *at = take(reader, sizeof(uint8_t));
    return at ? (uint8_t)*at : 0;
}

uint64_t image_get_u64(struct image_reader *reader)
{
    const char *at = take(reader, sizeof(uint64_t));
    return at ? get_u64(at) : 0;
}

// There is one way to write a number: neither bits beyond the 64th nor a last
// byte that adds nothing.
uint64_t image_get_count(struct image_reader *reader)
{
    struct slice block = reader->block;
    uint64_t value = 0;
    for (size_t i = 0; i < block.size && i < COUNT_SIZE_MAX; i++) {
        uint8_t byte = (uint8_t)block.data[i];
        value |= (uint64_t)(byte & (COUNT_MORE - 1)) << (i * COUNT_BITS);
        if (byte & COUNT_MORE)
            continue;
        if ((byte == 0 && i > 0) || (i == COUNT_SIZE_MAX - 1 && byte > 1))
            break;
        take(reader, i + 1);
        return value;
    }
    image_refuse(reader);
    return 0;
}

double image_get_double(struct image_reader *reader)
{
    uint64_t bits = image_get_u64(reader);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

struct slice image_get_bytes(struct image_reader *reader)
{
    uint64_t size = image_get_count(reader);
    if (size > IMAGE_BYTES_MAX) {
        image_refuse(reader);
        return (struct slice){0};
    }
    const char *at = take(reader, (size_t)size);
    return (struct slice){at, at ? (size_t)size : 0};
}

size_t image_get_count_of(struct image_reader *reader, size_t size_min)
{
    check(size_min > 0);
    uint64_t count = image_get_count(reader);
    uint64_t left = reader->block.size;
    left += reader->rest < UINT64_MAX - left ? reader->rest : UINT64_MAX - left;
    if (count <= left / size_min)
        return (size_t)count;
    image_refuse(reader);
    return 0;
}
