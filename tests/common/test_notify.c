// test_notify.c -- keyspace notifications: which, and as what.
// SPDX-License-Identifier: MIT
#include "common/server/notify.h"

#include "tests/common/session_harness.h"
#include "tests/test.h"

static struct harness harness;
static struct client client, other;

static void setup(const char *wanted)
{
    harness_init(&harness);
    client_open(&client, &harness);
    client_open(&other, &harness);
    client_send(&other, "psubscribe *\r\n");
    client_take(&other);
    harness_set(&harness, "notify_keyspace_events", wanted);
    notify_event(&harness.server, NOTIFY_LIST, "lpush", SLICE("k"));
}

static void teardown(void)
{
    client_close(&client);
    client_close(&other);
    harness_deinit(&harness);
}

#define KEYSPACE                                                               \
    "*4\r\n$8\r\npmessage\r\n$1\r\n*\r\n$16\r\n__keyspace@0__:k\r\n"           \
    "$5\r\nlpush\r\n"
#define KEYEVENT                                                               \
    "*4\r\n$8\r\npmessage\r\n$1\r\n*\r\n$20\r\n__keyevent@0__:lpush\r\n"       \
    "$1\r\nk\r\n"

static const struct {
    const char *wanted, *heard;
} cases[] = {
    {"\"\"", ""},        {"l", ""},
    {"KE", ""},          {"KEA", KEYSPACE KEYEVENT},
    {"Kl", KEYSPACE},    {"El", KEYEVENT},
    {"KEg$shzxetd", ""}, {"KEnm", ""},
};

TEST_FOR(an_event_is_told_to_the_channels_wanted, sizeof cases / sizeof *cases)
{
    setup(cases[_i].wanted);
    client_expect(&other, cases[_i].heard);
    teardown();
}

static const struct {
    const char *given, *shown;
} settings[] = {
    {"", ""},
    {"KEA", "AKE"},
    {"xKl", "lxK"},
    {"En", "nE"},
    {"KEg$lshzxetd", "AKE"},
    {"AKEmn", "AnKEm"},
    {"ggg", "g"},
    {"gA", "A"},
};

TEST_FOR(the_setting_is_shown_in_one_order, sizeof settings / sizeof *settings)
{
    struct buffer line = {0};
    setup("\"\"");
    buffer_printf(&line, "config set notify-keyspace-events \"%s\"\r\n%c",
                  settings[_i].given, '\0');
    client_send(&client, line.data);
    client_expect(&client, "+OK\r\n");
    buffer_clear(&line);
    buffer_printf(&line,
                  "*2\r\n$22\r\nnotify-keyspace-events\r\n$%zu\r\n%s\r\n%c",
                  strlen(settings[_i].shown), settings[_i].shown, '\0');
    client_send(&client, "config get notify-keyspace-events\r\n");
    client_expect(&client, line.data);
    buffer_deinit(&line);
    teardown();
}

TEST(a_letter_without_a_meaning_is_refused_and_nothing_changes)
{
    setup("KEl");
    client_send(&client, "config set notify-keyspace-events KEq\r\n");
    client_expect(&client,
                  "-ERR CONFIG SET failed (possibly related to argument "
                  "'notify-keyspace-events') - Invalid event class character. "
                  "Use 'Ag$lshzxetdnKEm'.\r\n");
    client_send(&client, "config set notify-keyspace-events \"K\\x00\"\r\n");
    ck_assert_int_eq(client_take(&client)[0], '-');
    client_send(&client, "config get notify-keyspace-events\r\n");
    client_expect(&client, "*2\r\n$22\r\nnotify-keyspace-events\r\n$3\r\n"
                           "lKE\r\n");
    teardown();
}
