// test_redaction.c -- which arguments of a request are secrets.
// SPDX-License-Identifier: MIT
#include "common/server/redaction.h"

#include "common/server/command.h"
#include "common/server/request.h"
#include "tests/test.h"

static const struct {
    const char *name;  // Of the command.
    const char *line;  // Its request.
    const char *shown; // What others see, with '*' for a secret.
} cases[] = {
    {"auth", "auth pw", "auth *"},
    {"auth", "AUTH u pw", "AUTH * *"},
    {"get", "get auth", "get auth"},
    {"get", "get auth k", "get auth k"},
    {"client|auth", "client auth x", "client auth x"},
    {"hello", "hello 3", "hello 3"},
    {"hello", "hello 3 auth u pw", "hello 3 auth * *"},
    {"hello", "hello 3 AUTH u", "hello 3 AUTH *"},
    {"hello", "hello 3 AUTH", "hello 3 AUTH"},
    {"hello", "hello 3 setname me auth u pw setname x",
     "hello 3 setname me auth * * setname x"},
    {"hello", "hello 3 setname auth AUTH u pw",
     "hello 3 setname auth AUTH * *"},
    {"config|set", "config set timeout 5 requirepass pw",
     "config set timeout 5 requirepass *"},
    {"config|set", "config set RequirePass pw timeout 5",
     "config set RequirePass * timeout 5"},
    {"config|set", "config set timeout requirepass",
     "config set timeout "
     "requirepass"},
    {"config|get", "config get requirepass x", "config get requirepass x"},
};

TEST_FOR(nobody_else_sees_a_secret, sizeof cases / sizeof *cases)
{
    struct slice argv[16];
    const struct command command = {.name = "x", .full_name = cases[_i].name};
    struct request request = {.command = &command, .argv = argv};
    for (const char *text = cases[_i].line; *text;) {
        size_t size = strcspn(text, " ");
        argv[request.argc++] = (struct slice){text, size};
        text += size + (text[size] == ' ');
    }
    struct redaction redaction = redaction_of(&request);
    struct buffer shown = {0};
    for (uint32_t i = 0; i < request.argc; i++) {
        struct slice argument = redaction_argument(&redaction, i);
        bool secret = slice_equal(argument, SLICE("(redacted)"));
        buffer_append_text(&shown, i ? " " : "");
        buffer_append_slice(&shown, secret ? SLICE("*") : argument);
    }
    ck_assert_msg(slice_equal(buffer_slice(&shown), slice_of(cases[_i].shown)),
                  "%.*s", SLICE_PRINT(buffer_slice(&shown)));
    buffer_deinit(&shown);
}
