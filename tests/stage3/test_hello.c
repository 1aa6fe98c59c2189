// test_hello.c -- the bytes of a greeting.
// SPDX-License-Identifier: MIT
#include "stage3-sharding/hello.h"

#include "tests/test.h"

static struct topology topology;
static struct buffer message;

static void setup(void)
{
    topology_init(&topology);
    topology_add(&topology, SLICE("n1"));
    topology_add(&topology, SLICE("n2"));
    topology.self = 0;
    topology.nodes[0].weight = 3;
    topology.nodes[0].client = (struct topology_address){"db1", 0x1b59};
    for (uint16_t slot = 2; slot < 5; slot++)
        topology_learn(&topology, slot, 0, 1);
    topology_learn(&topology, 5, 1, 0x0102030405060708);
    topology.digest = UINT64_C(0x1122334455667788);
    hello_encode(&topology, true, &message);
}

static void teardown(void)
{
    buffer_deinit(&message);
    topology_deinit(&topology);
}

TEST(the_bytes_are_those_that_are_documented)
{
    setup();
    ck_assert(slice_equal(buffer_slice(&message),
                          SLICE("\x01\x01\x59\x1b\x03\x00\x00\x00"
                                "\x88\x77\x66\x55\x44\x33\x22\x11"
                                "\x02\x00\x00\x00\x02n1\x03"
                                "db1"
                                "\x02\x00\x04\x00\xb8\x8b\x6b\x67"
                                "\x01\x00\x00\x00\x00\x00\x00\x00"
                                "\x05\x00\x05\x00\x3d\xa9\x80\x04"
                                "\x08\x07\x06\x05\x04\x03\x02\x01")));
    teardown();
}

TEST(what_was_said_is_what_is_heard)
{
    setup();
    struct hello hello;
    struct hello_range range;
    ck_assert(hello_decode(buffer_slice(&message), &hello));
    ck_assert(slice_equal(hello.id, SLICE("n1")));
    ck_assert_uint_eq(hello.weight, 3);
    ck_assert_str_eq(hello.client.host, "db1");
    ck_assert(hello.digest == topology.digest);
    ck_assert_uint_eq(hello.client.port, 7001);
    ck_assert(hello_next_range(&hello.ranges, &range));
    ck_assert_uint_eq(range.first, 2);
    ck_assert_uint_eq(range.last, 4);
    ck_assert_uint_eq(range.owner, topology.nodes[0].number);
    ck_assert_uint_eq(range.epoch, 1);
    ck_assert(hello_next_range(&hello.ranges, &range));
    ck_assert_uint_eq(range.owner, topology.nodes[1].number);
    ck_assert_uint_eq(range.epoch, 0x0102030405060708);
    ck_assert(!hello_next_range(&hello.ranges, &range));
    teardown();
}

TEST(a_part_of_a_greeting_is_none_and_neither_is_one_with_more_behind_it)
{
    setup();
    struct hello hello;
    struct slice whole = buffer_slice(&message);
    for (size_t size = 0; size < whole.size; size++)
        ck_assert(!hello_decode((struct slice){whole.data, size}, &hello));
    buffer_append_byte(&message, 0);
    ck_assert(!hello_decode(buffer_slice(&message), &hello));
    teardown();
}

// Offset of a byte, and what makes the greeting wrong there.
static const struct {
    size_t offset;
    char byte;
} wrong[] = {
    {0, 2},     // Another kind.
    {1, 2},     // Another version.
    {16, 1},    // Fewer ranges than there are,
    {16, 3},    // and more.
    {20, 0},    // No id,
    {21, '/'},  // and a bad one.
    {24, '\0'}, // A host cut short.
    {27, 5},    // A range that ends before it begins;
    {30, 64},   // one beyond the last slot;
    {35, 0},    // one without an epoch.
};

TEST_FOR(what_cannot_be_is_refused, sizeof wrong / sizeof *wrong)
{
    setup();
    struct hello hello;
    message.data[wrong[_i].offset] = wrong[_i].byte;
    ck_assert(!hello_decode(buffer_slice(&message), &hello));
    teardown();
}

TEST(ranges_may_be_left_out)
{
    setup();
    struct hello hello;
    struct hello_range range;
    buffer_clear(&message);
    hello_encode(&topology, false, &message);
    ck_assert(hello_decode(buffer_slice(&message), &hello));
    ck_assert(hello.digest == topology.digest);
    ck_assert(!hello_next_range(&hello.ranges, &range));
    teardown();
}

TEST(port_and_weight_are_from_1_on)
{
    setup();
    struct hello hello;
    memset(message.data + 2, 0, 2);
    ck_assert(!hello_decode(buffer_slice(&message), &hello));
    memset(message.data + 2, 1, 2);
    ck_assert(hello_decode(buffer_slice(&message), &hello));
    message.data[4] = 0;
    ck_assert(!hello_decode(buffer_slice(&message), &hello));
    message.data[4] = RING_WEIGHT_MAX + 1;
    ck_assert(!hello_decode(buffer_slice(&message), &hello));
    teardown();
}
