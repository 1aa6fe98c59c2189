// test_model.c -- tests of labs/harness/model.c: it answers as Redis does.
// SPDX-License-Identifier: MIT
#include "labs/harness/model.h"

#include "tests/test.h"

static void expect(struct model *model, const char *request, const char *reply)
{
    struct schedule_words words;
    struct text got = {0};
    schedule_split(request, &words);
    model_execute(model, &words, 0, 1, &got);
    ck_assert_str_eq(got.data, reply);
    schedule_words_deinit(&words);
    text_deinit(&got);
}

TEST(it_answers_as_a_store_does)
{
    struct model model = {0};
    expect(&model, "set a 1", "+OK\r\n");
    expect(&model, "incr a", ":2\r\n");
    expect(&model, "append a xy", ":3\r\n");
    expect(&model, "get a", "$3\r\n2xy\r\n");
    expect(&model, "mset a 5 b 6", "+OK\r\n");
    expect(&model, "dbsize", ":2\r\n");
    expect(&model, "del a", ":1\r\n");
    expect(&model, "del a", ":0\r\n");
    expect(&model, "get a", "$-1\r\n");
    expect(&model, "append a z", ":1\r\n");
    expect(&model, "flushall", "+OK\r\n");
    expect(&model, "dbsize", ":0\r\n");
    model_deinit(&model);
}

TEST(a_read_tells_of_the_last_write_of_its_key)
{
    struct model model = {0};
    struct schedule_words words;
    struct text reply = {0};
    const char *const requests[] = {"set a 1", "set b 1", "del c", "get a"};
    for (size_t i = 0; i < 4; i++) {
        schedule_split(requests[i], &words);
        model_execute(&model, &words, 0, i + 1, &reply);
        schedule_words_deinit(&words);
    }
    ck_assert_uint_eq(model.read, 1);
    schedule_split("get c", &words); // Which was never there.
    model_execute(&model, &words, 0, 9, &reply);
    ck_assert_uint_eq(model.read, 0);
    schedule_words_deinit(&words);
    text_deinit(&reply);
    model_deinit(&model);
}
