// subject_ring.c -- steps that ask the ring and the slots.
//
//     slot KEY                CRC, slot and tag of a key; \xNN is a byte
//     token ID I              where a token is
//     coarse BITS             of digests to come only so many bits count
//     ring n1:1 n2:2          the owners of all slots, from ring_owners and
//                             from ring_token_of
//
// With few bits tokens meet each other, and slots, all the time.
// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/base/digest.h"
#include "common/base/memory.h"
#include "labs/lab3-ring/subject/subject.h"
#include "labs/lab3-ring/subject/world.h"
#include "stage3-sharding/ring.h"
#include "stage3-sharding/slot.h"

static unsigned digest_bits = 64;

// The linker puts it in the place of digest_final.
void __real_digest_final(struct digest *digest, unsigned char sum[DIGEST_SIZE]);
void __wrap_digest_final(struct digest *digest, unsigned char sum[DIGEST_SIZE]);
void __wrap_digest_final(struct digest *digest, unsigned char sum[DIGEST_SIZE])
{
    __real_digest_final(digest, sum);
    uint64_t mask = model_mask(digest_bits);
    for (int byte = 0; byte < 8; byte++)
        sum[byte] &= (unsigned char)(mask >> (56 - 8 * byte));
}

// ---- Slots

static size_t unescape(const char *text, char *bytes)
{
    size_t size = 0;
    while (*text) {
        char hex[3] = "";
        if (text[0] == '\\' && text[1] == 'x' && text[2] && text[3]) {
            memcpy(hex, text + 2, 2);
            bytes[size++] = (char)strtoul(hex, NULL, 16);
            text += 4;
        } else {
            bytes[size++] = *text++;
        }
    }
    return size;
}

// The key lies before memory that nobody may read.
static void ask_slot(const struct subject_words *words)
{
    static char *page;
    size_t page_size = (size_t)sysconf(_SC_PAGESIZE);
    if (!page) {
        page = mmap(NULL, 2 * page_size, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        check(page != MAP_FAILED);
        check(mprotect(page + page_size, page_size, PROT_NONE) == 0);
    }
    char bytes[1024];
    size_t size = unescape(subject_word(words, 1), bytes);
    char *data = page + page_size - size;
    memcpy(data, bytes, size);
    struct slice key = {data, size}, tag = slot_tag(key);
    fprintf(world->out, "A %zu %u %u ", world->step, slot_crc16(key),
            slot_of_key(key));
    world_put_escaped(tag);
}

// ---- Rings

// "12*n1 3*n2": so many slots in a row.
static void put_runs(const struct ring_node *nodes,
                     const uint32_t owners[SLOT_COUNT], uint32_t count)
{
    for (uint32_t first = 0, end; first < SLOT_COUNT; first = end) {
        end = first + 1;
        while (end < SLOT_COUNT && owners[end] == owners[first])
            end++;
        fprintf(world->out, " %u*%s", end - first,
                owners[first] < count ? nodes[owners[first]].id : "?");
    }
    fputc('\n', world->out);
}

static uint32_t read_nodes(const struct subject_words *words,
                           struct ring_node nodes[SUBJECT_WORDS_MAX])
{
    for (size_t i = 1; i < words->count; i++) {
        char *colon = strchr(words->at[i], ':');
        check(colon);
        *colon = '\0';
        nodes[i - 1] =
            (struct ring_node){words->at[i], (uint32_t)atoi(colon + 1)};
    }
    return (uint32_t)words->count - 1;
}

static void ask_ring(const struct subject_words *words)
{
    static uint32_t owners[SLOT_COUNT];
    struct ring_node nodes[SUBJECT_WORDS_MAX];
    uint32_t count = read_nodes(words, nodes);
    struct ring ring;
    ring_init(&ring, nodes, count);
    memset(owners, 0xff, sizeof owners);
    ring_owners(&ring, owners);
    fprintf(world->out, "A %zu", world->step);
    put_runs(nodes, owners, count);
    for (uint32_t slot = 0; slot < SLOT_COUNT; slot++)
        owners[slot] = ring_token_of(&ring, (uint16_t)slot)->node;
    fprintf(world->out, "A %zu", world->step);
    put_runs(nodes, owners, count);
    ring_deinit(&ring);
}

bool subject_ring_step(const struct subject_words *words)
{
    const char *what = words->at[0];
    if (!strcmp(what, "seed")) {
        digest_bits = 64;
    } else if (!strcmp(what, "coarse")) {
        digest_bits = (unsigned)subject_number(words, 1);
    } else if (!strcmp(what, "slot")) {
        world_event("--", "slot %s", subject_word(words, 1));
        ask_slot(words);
    } else if (!strcmp(what, "token")) {
        world_event("--", "token %s/%s", subject_word(words, 1),
                    subject_word(words, 2));
        fprintf(world->out, "A %zu %016" PRIx64 "\n", world->step,
                ring_token_position(subject_word(words, 1),
                                    (uint32_t)subject_number(words, 2)));
    } else if (!strcmp(what, "ring")) {
        world_event("--", "ring %s", words->text);
        ask_ring(words);
    } else {
        return false;
    }
    return true;
}
