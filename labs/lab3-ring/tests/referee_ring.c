// referee_ring.c -- slots, tokens and owners.
// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/digest.h"
#include "labs/lab3-ring/tests/referee.h"

// Shares as multiples of the fair one. Of so many rings the mean of the largest
// is steady; of one it may be anything up to the other bound.
enum { RINGS_MIN = 8 };
static const double mean_max = 1.35, single_max = 2.0;
// What joins may take, as a multiple of its fair share.
static const double moved_max = 2.0;

static void word_of(char *word, size_t capacity, const char *step, int index)
{
    while (index-- > 0 && *step) {
        step += strcspn(step, " ");
        step += *step == ' ';
    }
    snprintf(word, capacity, "%.*s", (int)strcspn(step, " "), step);
}

// ---- Slots and tokens

static void judge_slot(struct referee *referee, struct bytes got)
{
    char word[256];
    struct text key = {0}, expected = {0}, story = {0};
    word_of(word, sizeof word, referee_step(referee), 1);
    trace_unescape(bytes_of(word), &key);
    struct bytes tag = model_tag(text_bytes(&key));
    text_printf(&expected, "%u %u ", model_crc16(text_bytes(&key)),
                model_slot(text_bytes(&key)));
    for (size_t i = 0; i < tag.size; i++) {
        unsigned char c = (unsigned char)tag.data[i];
        bool is_plain = c >= ' ' && c <= '~' && c != '\\';
        text_printf(&expected, is_plain ? "%c" : "\\x%02x", c);
    }
    if (bytes_first_difference(text_bytes(&expected), got) != SIZE_MAX) {
        text_printf(&story,
                    "of the key \"%s\": its CRC-16, its slot, and what of it "
                    "counts",
                    word);
        referee_fail_texts(referee, RULE_SLOT, story.data,
                           text_bytes(&expected), got);
    }
    text_deinit(&key);
    text_deinit(&expected);
    text_deinit(&story);
}

static void judge_token(struct referee *referee, struct bytes got)
{
    char id[64], index[16];
    struct text expected = {0}, story = {0};
    word_of(id, sizeof id, referee_step(referee), 1);
    word_of(index, sizeof index, referee_step(referee), 2);
    unsigned i = (unsigned)atoi(index);
    text_printf(&expected, "%016" PRIx64,
                model_token(id, i, referee->ring.bits));
    text_printf(&story,
                "token %u of %s is the first 8 bytes of SHA-256(\"%s/%u\"), "
                "big endian",
                i, id, id, i);
    if (bytes_first_difference(text_bytes(&expected), got) != SIZE_MAX)
        referee_fail_texts(referee, RULE_SLOT, story.data,
                           text_bytes(&expected), got);
    text_deinit(&expected);
    text_deinit(&story);
}

// ---- Owners

static int node_named(const struct model_ring *ring, struct bytes id)
{
    for (unsigned i = 0; i < ring->count; i++) {
        if (model_is(id, ring->ids[i]))
            return (int)i;
    }
    return -1;
}

// "12*n1 3*n2". False when it is not an owner for every slot.
static bool read_runs(const struct model_ring *ring, struct bytes text,
                      uint8_t owners[MODEL_SLOTS])
{
    size_t slot = 0;
    while (text.size) {
        size_t count = trace_number(&text), size = 0;
        if (!text.size || *text.data != '*')
            return false;
        text.data++, text.size--;
        while (size < text.size && text.data[size] != ' ')
            size++;
        int node = node_named(ring, (struct bytes){text.data, size});
        if (node < 0 || count > MODEL_SLOTS - slot)
            return false;
        memset(owners + slot, node, count);
        slot += count;
        size += size < text.size;
        text.data += size, text.size -= size;
    }
    return slot == MODEL_SLOTS;
}

static void judge_runs(struct referee *referee, struct bytes text)
{
    static uint8_t others[MODEL_SLOTS];
    struct referee_ring *ring = &referee->ring;
    bool is_first = ring->answers++ == 0;
    if (!read_runs(&ring->ring, text, is_first ? ring->owners : others)) {
        referee_fail(referee, RULE_OWNER,
                     "%s leaves slots without an owner among the nodes",
                     is_first ? "ring_owners" : "ring_token_of");
        return;
    }
    for (unsigned slot = 0; slot < MODEL_SLOTS && !is_first; slot++) {
        if (ring->owners[slot] == others[slot])
            continue;
        referee_fail(referee, RULE_OWNER,
                     "slot %u is %s's to ring_owners and %s's to "
                     "ring_token_of",
                     slot, ring->ring.ids[ring->owners[slot]],
                     ring->ring.ids[others[slot]]);
        return;
    }
}

void referee_ring_answer(struct referee *referee, struct bytes text)
{
    const char *step = referee_step(referee);
    if (!strncmp(step, "slot", 4))
        judge_slot(referee, text);
    else if (!strncmp(step, "token", 5))
        judge_token(referee, text);
    else if (!strncmp(step, "ring", 4))
        judge_runs(referee, text);
}

// ---- Whole rings

// Which token a slot belongs to, in words.
static void explain_owner(const struct referee_ring *at, unsigned slot,
                          unsigned owner, struct text *story)
{
    const struct model_ring *ring = &at->ring;
    uint64_t place = (uint64_t)slot << 50, least = UINT64_MAX;
    unsigned index = 0;
    for (unsigned i = 0; i < ring->weights[owner] * MODEL_TOKENS; i++) {
        uint64_t far = model_token(ring->ids[owner], i, at->bits) - place;
        if (far <= least)
            least = far, index = i;
    }
    uint64_t position = place + least;
    text_printf(story,
                "slot %u is at %016" PRIx64 "; the first token %s is %s/%u at "
                "%016" PRIx64,
                slot, place,
                position >= place ? "from there on"
                                  : "behind the end, where the ring begins,",
                ring->ids[owner], index, position);
    for (unsigned other = 0; other < ring->count; other++) {
        for (unsigned i = 0; i < ring->weights[other] * MODEL_TOKENS; i++) {
            if (other == owner ||
                model_token(ring->ids[other], i, at->bits) != position)
                continue;
            text_printf(story, ", where %s has one, too", ring->ids[other]);
            return;
        }
    }
}

static void judge_exactly(struct referee *referee)
{
    static uint8_t expected[MODEL_SLOTS];
    struct referee_ring *ring = &referee->ring;
    if (!ring->has_owners)
        return;
    model_ring_owners(&ring->ring, ring->bits, expected);
    for (unsigned slot = 0; slot < MODEL_SLOTS; slot++) {
        if (ring->owners[slot] == expected[slot])
            continue;
        struct text story = {0};
        explain_owner(ring, slot, expected[slot], &story);
        referee_fail_texts(referee, RULE_OWNER, story.data,
                           bytes_of(ring->ring.ids[expected[slot]]),
                           bytes_of(ring->ring.ids[ring->owners[slot]]));
        text_deinit(&story);
        return;
    }
}

// The first eight bytes of the SHA-256 of one byte a slot: its owner.
static void judge_golden(struct referee *referee, const char *hex)
{
    if (!referee->ring.has_owners)
        return;
    unsigned char sum[DIGEST_SIZE];
    char got[17];
    struct digest digest;
    digest_init(&digest);
    digest_update(&digest, referee->ring.owners, MODEL_SLOTS);
    digest_final(&digest, sum);
    digest_deinit(&digest);
    for (int i = 0; i < 8; i++)
        snprintf(got + 2 * i, 3, "%02x", sum[i]);
    if (strcmp(got, hex) != 0)
        referee_fail_texts(referee, RULE_OWNER,
                           "the owners of all slots, as a digest: every "
                           "machine and every program must find the same",
                           bytes_of(hex), bytes_of(got));
}

// The share of a node, by the one that its weight says.
static double share_of(const struct referee_ring *at, unsigned node)
{
    unsigned count = 0, weights = 0;
    for (unsigned slot = 0; slot < MODEL_SLOTS; slot++)
        count += at->owners[slot] == node;
    for (unsigned i = 0; i < at->ring.count; i++)
        weights += at->ring.weights[i];
    return (double)count * weights / MODEL_SLOTS / at->ring.weights[node];
}

static void judge_share(struct referee *referee)
{
    struct referee_ring *ring = &referee->ring;
    unsigned worst = 0;
    for (unsigned i = 1; i < ring->ring.count; i++) {
        if (share_of(ring, i) > share_of(ring, worst))
            worst = i;
    }
    double share = share_of(ring, worst);
    ring->worst_sum += share;
    ring->judged++;
    if (share > single_max)
        referee_fail(referee, RULE_SHARE,
                     "%s of %u nodes has %.1f times the share that its weight "
                     "says (its %u tokens should be spread over the ring)",
                     ring->ring.ids[worst], ring->ring.count, share,
                     ring->ring.weights[worst] * MODEL_TOKENS);
}

static void judge_even(struct referee *referee)
{
    struct referee_ring *ring = &referee->ring;
    if (ring->has_owners)
        judge_share(referee);
    double mean = ring->judged ? ring->worst_sum / ring->judged : 0;
    if (ring->judged >= RINGS_MIN && mean > mean_max)
        referee_fail(referee, RULE_SHARE,
                     "of %u rings the node with the most has, in the mean, "
                     "%.2f times its share; with 150 tokens a weight it is "
                     "some 1.1",
                     ring->judged, mean);
}

// ---- Two rings

static bool has(const struct model_ring *ring, const char *id)
{
    return node_named(ring, bytes_of(id)) >= 0;
}

static void judge_moved_count(struct referee *referee, unsigned moved)
{
    const struct model_ring *now = &referee->ring.ring;
    unsigned joined = 0, all = 0;
    for (unsigned i = 0; i < now->count; i++) {
        all += now->weights[i];
        if (!has(&referee->ring.before, now->ids[i]))
            joined += now->weights[i];
    }
    double fair = (double)MODEL_SLOTS * joined / all;
    if (joined && (moved == 0 || moved > moved_max * fair))
        referee_fail(referee, RULE_MOVE,
                     "what joined took %u slots; by its weight it should be "
                     "about %.0f",
                     moved, fair);
}

static void judge_joined(struct referee *referee)
{
    struct referee_ring *ring = &referee->ring;
    unsigned moved = 0;
    if (!ring->has_before)
        return;
    for (unsigned slot = 0; slot < MODEL_SLOTS; slot++) {
        const char *from = ring->before.ids[ring->owners_before[slot]];
        const char *to = ring->ring.ids[ring->owners[slot]];
        moved += strcmp(from, to) != 0;
        if (!strcmp(from, to) || !has(&ring->ring, from) ||
            !has(&ring->before, to))
            continue;
        referee_fail(referee, RULE_MOVE,
                     "slot %u moved from %s to %s, and both were there before "
                     "and after: it had no reason to",
                     slot, from, to);
        return;
    }
    judge_moved_count(referee, moved);
}

// ---- Steps

static void begin_ring(struct referee *referee, const char *nodes)
{
    struct referee_ring *ring = &referee->ring;
    ring->before = ring->ring;
    memcpy(ring->owners_before, ring->owners, sizeof ring->owners);
    model_ring_read(&ring->ring, nodes);
    ring->answers = 0;
    ring->has_before = ring->has_owners;
    ring->has_owners = true;
}

bool referee_ring_begin(struct referee *referee, const char *step)
{
    struct referee_ring *ring = &referee->ring;
    if (!strncmp(step, "seed", 4))
        ring->bits = 64;
    else if (!strncmp(step, "coarse ", 7))
        ring->bits = (unsigned)atoi(step + 7);
    else if (!strncmp(step, "ring ", 5))
        begin_ring(referee, step + 5);
    else if (!strcmp(step, "exactly"))
        judge_exactly(referee);
    else if (!strncmp(step, "golden ", 7))
        judge_golden(referee, step + 7);
    else if (!strcmp(step, "even"))
        judge_even(referee);
    else if (!strcmp(step, "joined"))
        judge_joined(referee);
    else if (strncmp(step, "slot", 4) != 0 && strncmp(step, "token", 5) != 0)
        return false;
    return true;
}
