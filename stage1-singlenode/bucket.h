// bucket.h -- one cache line of a dict: seven tags and seven pointers.
//
//      0  u8[7]  tags     one byte of each entry's hash
//      7  u8     bits     0-6: the slot holds an entry; 7: chained
//      8  [7]    slots    pointers to entries; when chained, the last one
//                         points to a child bucket instead
//
// Slots fill from 0 up without gaps. Only the dict includes this.
// SPDX-License-Identifier: MIT
#ifndef VEGA_STAGE1_BUCKET_H
#define VEGA_STAGE1_BUCKET_H

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

struct entry;

enum {
    BUCKET_SIZE = 64, // Bytes: a cache line.
    BUCKET_SLOTS = 7,
    BUCKET_LAST = BUCKET_SLOTS - 1,
    BUCKET_PRESENT = 0x7f, // The bits that say which slots hold entries.
    BUCKET_CHAINED = 0x80,
};

struct bucket {
    uint8_t tags[BUCKET_SLOTS];
    uint8_t bits;
    union {
        struct entry *entry;
        struct bucket *child;
    } slots[BUCKET_SLOTS];
};

_Static_assert(sizeof(struct bucket) == BUCKET_SIZE, "a bucket is one line");

// The slots whose tag is `tag`, as bits, whether they hold an entry or not.
// Bit 7 is meaningless. This one runs anywhere.
static inline unsigned bucket_compare_portable(const struct bucket *bucket,
                                               uint8_t tag)
{
    unsigned equal = 0;
    for (unsigned i = 0; i < BUCKET_SLOTS; i++)
        equal |= (unsigned)(bucket->tags[i] == tag) << i;
    return equal;
}

// The same by one comparison where the processor has it. The eighth byte that
// comes along is `bits`.
static inline unsigned bucket_compare(const struct bucket *bucket, uint8_t tag)
{
#if defined(__SSE2__)
    __m128i tags = _mm_loadl_epi64((const __m128i *)(const void *)bucket);
    __m128i equal = _mm_cmpeq_epi8(tags, _mm_set1_epi8((char)tag));
    return (unsigned)_mm_movemask_epi8(equal);
#elif defined(__aarch64__)
    static const uint8_t weights[8] = {1, 2, 4, 8, 16, 32, 64, 128};
    uint8x8_t equal = vceq_u8(vld1_u8(bucket->tags), vdup_n_u8(tag));
    return vaddv_u8(vand_u8(equal, vld1_u8(weights)));
#else
    return bucket_compare_portable(bucket, tag);
#endif
}

// The slots that hold an entry with this tag, as bits.
static inline unsigned bucket_match(const struct bucket *bucket, uint8_t tag)
{
    return bucket_compare(bucket, tag) & bucket->bits & BUCKET_PRESENT;
}

static inline unsigned bucket_count(const struct bucket *bucket)
{
    // Without gaps, the first zero bit is the count.
    return (unsigned)__builtin_ctz(~(bucket->bits & (unsigned)BUCKET_PRESENT));
}

static inline struct bucket *bucket_child(const struct bucket *bucket)
{
    return bucket->bits & BUCKET_CHAINED ? bucket->slots[BUCKET_LAST].child
                                         : NULL;
}

// Puts an entry into the first free slot; there must be one.
static inline void bucket_put(struct bucket *bucket, struct entry *entry,
                              uint8_t tag)
{
    unsigned slot = bucket_count(bucket);
    bucket->tags[slot] = tag;
    bucket->slots[slot].entry = entry;
    bucket->bits |= (uint8_t)(1u << slot);
}

// The entries of the chain that begins with the bucket.
static inline size_t chain_count(const struct bucket *bucket)
{
    size_t count = 0;
    for (; bucket; bucket = bucket_child(bucket))
        count += bucket_count(bucket);
    return count;
}

static inline void chain_scan(const struct bucket *bucket,
                              void (*each)(void *context, struct entry *entry),
                              void *context)
{
    for (; bucket; bucket = bucket_child(bucket)) {
        for (unsigned i = 0; i < bucket_count(bucket); i++)
            each(context, bucket->slots[i].entry);
    }
}

// The i-th entry of the chain, from 0; it must exist.
static inline struct entry *chain_entry(const struct bucket *bucket, size_t i)
{
    for (; i >= bucket_count(bucket); bucket = bucket_child(bucket))
        i -= bucket_count(bucket);
    return bucket->slots[i].entry;
}

#endif
