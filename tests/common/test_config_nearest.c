// test_config_nearest.c -- which key a wrong one was meant to be.
// SPDX-License-Identifier: MIT
#include "tests/test.h"

#include "common/config/config_private.h"
#include "tests/common/config_rows.h"

static const struct {
    const char *written, *meant; // NULL: no idea.
} slips[] = {
    {"prot", "port"},          // Two swapped.
    {"por", "port"},           // One left out.
    {"ports", "port"},         // One too many.
    {"pork", "port"},          // One wrong.
    {"PORT", "port"},          // Another case.
    {"heap-max", "heap_max"},  //
    {"heapmax", "heap_max"},   //
    {"passwrod", "password"},  //
    {"adresses", "addresses"}, //
    {"chatty", "verbose"},     // Redis' name.
    {"MaxHeap", "heap_max"},   //
    {"heapsize", "heap_max"},  // Redis' old name.
    {"p", NULL},               // Too far from anything.
    {"", NULL},                //
    {"xyzzy", NULL},           //
    {"replication", NULL},     //
};

TEST_FOR(a_slip_finds_the_key_that_was_meant,
         (int)(sizeof slips / sizeof *slips))
{
    struct test_settings settings;
    struct config *config = test_config_create(&settings);
    const struct config_row *row =
        config_nearest(config, slice_of(slips[_i].written));
    if (slips[_i].meant) {
        ck_assert_msg(row, "%s", slips[_i].written);
        ck_assert_str_eq(row->key, slips[_i].meant);
    } else {
        ck_assert_msg(!row, "%s", slips[_i].written);
    }
    config_destroy(config);
}

TEST(a_key_longer_than_any_slip_is_nobodys)
{
    struct test_settings settings;
    struct config *config = test_config_create(&settings);
    char text[1000];
    memset(text, 'p', sizeof text);
    for (size_t size = 30; size <= sizeof text; size++)
        ck_assert_ptr_null(config_nearest(config, (struct slice){text, size}));
    config_destroy(config);
}
