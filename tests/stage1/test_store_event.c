// test_store_event.c -- what the store and the families say of the life of
// keys, in Redis' words.
// SPDX-License-Identifier: MIT
#include <stdio.h>

#include "common/server/notify.h"
#include "tests/stage1/command_harness.h"
#include "tests/test.h"

static struct harness harness;
static struct buffer heard;
static int64_t wanted;

// "$set:k " and so on: the class' letter, the event, the key.
static void hear(void *context, enum notify_class class, const char *event,
                 struct slice key)
{
    const char *letters[] = {notify_letters[0], notify_letters[1]};
    size_t first = strlen(letters[0]);
    size_t bit = (size_t)__builtin_ctz(class);
    ck_assert_ptr_eq(context, &harness);
    buffer_printf(&heard, "%c%s:%.*s ",
                  bit < first ? letters[0][bit] : letters[1][bit - first],
                  event, SLICE_PRINT(key));
}

static void setup(int64_t classes)
{
    harness_init(&harness, 2);
    wanted = classes;
    store_on_event(harness.store, &wanted, hear, &harness);
}

static void teardown(void)
{
    buffer_deinit(&heard);
    harness_deinit(&harness);
}

static void expect_heard(const char *line, const char *events)
{
    struct buffer text = {0};
    buffer_append_slice(&text, buffer_slice(&heard));
    buffer_append_byte(&text, '\0');
    ck_assert_msg(!strcmp(text.data, events), "%s: heard '%s', not '%s'", line,
                  text.data, events);
    buffer_deinit(&text);
    buffer_clear(&heard);
}

// A line of "+1500" lets so many milliseconds pass.
static const struct {
    const char *line, *events;
} cases[] = {
    {"set k v", "$set:k "},
    {"put k v", "$set:k "},
    {"get k", ""},
    {"set k v nx", ""},
    {"set k v ex 100", "$set:k gexpire:k "},
    {"set k v keepttl", "$set:k "},
    {"set k v get", "$set:k "},
    {"setex k 10 v", "$set:k gexpire:k "},
    {"psetex k 10000 v", "$set:k gexpire:k "},
    {"setnx k v", ""},
    {"setnx new v", "$set:new "},
    {"getset k w", "$set:k "},
    {"mset a 1 b 2", "$set:a $set:b "},
    {"msetnx a 1 c 2", ""},
    {"msetnx c 1 d 2", "$set:c $set:d "},
    {"append k xyz", "$append:k "},
    {"setrange k 1 x", "$setrange:k "},
    {"setrange k 1 \"\"", ""},
    {"incr n", "$incrby:n "},
    {"decrby n 3", "$incrby:n "},
    {"incr k", ""},
    {"incrbyfloat f 1.5", "$incrbyfloat:f "},
    {"setbit bits 3 1", "$setbit:bits "},
    {"expire k 100", "gexpire:k "},
    {"expire k 50 gt", ""},
    {"persist k", "gpersist:k "},
    {"persist k", ""},
    {"getex k ex 100", "gexpire:k "},
    {"getex k persist", "gpersist:k "},
    {"getex k", ""},
    {"expire none 100", ""},
    {"rename a z", "grename_from:a grename_to:z "},
    {"rename z z", ""},
    {"renamenx z b", ""},
    {"copy z y", "gcopy_to:y "},
    {"copy z y", ""},
    {"expire z -1", "gdel:z "},
    {"getdel y", "gdel:y "},
    {"del b none n", "gdel:b gdel:n "},
    {"unlink f", "gdel:f "},
    {"set t v px 10", "$set:t gexpire:t "},
    {"+20", ""},
    {"exists t", "xexpired:t "},
    {"flushall", ""},
    {"rpush l a b c d", "lrpush:l "},
    {"lpushx l z", "llpush:l "},
    {"rpushx none z", ""},
    {"lpop l", "llpop:l "},
    {"lpop l 0", ""},
    {"lset l 0 x", "llset:l "},
    {"linsert l before x y", "llinsert:l "},
    {"linsert l before none y", ""},
    {"lrem l 0 y", "llrem:l "},
    {"lrem l 0 y", ""},
    {"ltrim l 0 -1", "lltrim:l "},
    {"lmove l m left right", "lrpush:m llpop:l "},
    {"rpoplpush m m", "llpush:m lrpop:m "},
    {"rpoplpush m l", "llpush:l lrpop:m gdel:m "},
    {"rpop l 10", "lrpop:l gdel:l "},
    {"rpush l a", "lrpush:l "},
    {"ltrim l 1 0", "lltrim:l gdel:l "},
    {"sadd s a b c", "ssadd:s "},
    {"sadd s a", ""},
    {"srem s a none", "ssrem:s "},
    {"srem s none", ""},
    {"smove s t b", "ssrem:s ssadd:t "},
    {"smove s t c", "ssrem:s gdel:s ssadd:t "},
    {"smove s t c", ""},
    {"sunionstore u t none", "ssunionstore:u "},
    {"sinterstore u t none", "gdel:u "},
    {"sdiffstore u none", ""},
    {"spop t", "sspop:t "},
    {"spop t 5", "sspop:t gdel:t "},
    {"hset h f 1 g 2", "hhset:h "},
    {"hmset h f 1", "hhset:h "},
    {"hsetnx h f 1", ""},
    {"hsetnx h i 1", "hhset:h "},
    {"hincrby h f 1", "hhincrby:h "},
    {"hincrbyfloat h f 1.5", "hhincrbyfloat:h "},
    {"hdel h none", ""},
    {"hdel h f g i", "hhdel:h gdel:h "},
    {"zadd z 1 a 2 b 3 c", "zzadd:z "},
    {"zadd z 1 a", ""},
    {"zadd z xx incr 1 a", "zzincr:z "},
    {"zincrby z 1 a", "zzincr:z "},
    {"zrem z c none", "zzrem:z "},
    {"zrem z none", ""},
    {"zpopmin z", "zzpopmin:z "},
    {"zpopmax z 5", "zzpopmax:z gdel:z "},
    {"zpopmin z", ""},
    {"zadd z 1 a 2 b 3 c 4 d 5 e", "zzadd:z "},
    {"zmpop 1 z max", "zzpopmax:z "},
    {"zrangestore y z 0 -1", "zzrangestore:y "},
    {"zunionstore x 1 y", "zzunionstore:x "},
    {"zinterstore w 2 x y", "zzinterstore:w "},
    {"zdiffstore w 2 x y", "gdel:w "},
    {"zdiffstore w 1 x", "zzdiffstore:w "},
    {"zremrangebyrank z 0 0", "zzremrangebyrank:z "},
    {"zremrangebyscore z 2 2", "zzremrangebyscore:z "},
    {"zremrangebyscore z 9 9", ""},
    {"zremrangebylex z - +", "zzremrangebylex:z gdel:z "},
};

TEST(families_say_what_their_commands_did)
{
    setup(~(int64_t)(NOTIFY_NEW | NOTIFY_MISS));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *line = cases[i].line;
        if (*line == '+')
            harness.now_ms += strtol(line, NULL, 10);
        else
            harness_run(&harness, line);
        expect_heard(line, cases[i].events);
    }
    teardown();
}

TEST(new_keys_and_misses_are_told_to_those_who_ask)
{
    setup(NOTIFY_NEW | NOTIFY_MISS);
    harness_run(&harness, "get k");
    expect_heard("get", "mkeymiss:k ");
    harness_run(&harness, "set k v");
    expect_heard("set", "nnew:k ");
    harness_run(&harness, "set k longer_than_before");
    expect_heard("set", "");
    harness_run(&harness, "mget k none");
    expect_heard("mget", "mkeymiss:none ");
    harness_run(&harness, "rename k l");
    expect_heard("rename", "nnew:l ");
    harness_run(&harness, "set k v");
    expect_heard("set", "nnew:k ");
    harness_run(&harness, "rename k l");
    expect_heard("rename over another", "nnew:l ");
    harness_run(&harness, "set k v");
    expect_heard("set", "nnew:k ");
    harness_run(&harness, "copy k l replace");
    expect_heard("copy over another", "nnew:l ");
    teardown();
}

TEST(what_expires_unseen_is_told_when_it_is_reclaimed)
{
    setup(NOTIFY_EXPIRED);
    harness_run(&harness, "set k v px 10");
    store_begin(harness.store, harness.now_ms + 20, 0);
    for (int i = 0; i < 100 && heard.size == 0; i++)
        store_tick(harness.store);
    expect_heard("tick", "xexpired:k ");
    harness.now_ms += 20;
    teardown();
}

TEST(a_key_of_any_type_is_deleted_with_one_word)
{
    setup(NOTIFY_GENERIC);
    harness_make_list(&harness, "lst");
    expect_heard("a list", "");
    harness_run(&harness, "del lst");
    expect_heard("del", "gdel:lst ");
    teardown();
}

TEST(what_is_evicted_is_told_as_that_alone)
{
    setup(NOTIFY_GENERIC | NOTIFY_EVICTED);
    harness_run(&harness, "set k v");
    struct key key = store_key(harness.store, SLICE("k"));
    ck_assert(store_evict(harness.store, key));
    expect_heard("evict", "eevicted:k ");
    ck_assert(!store_evict(harness.store, key));
    expect_heard("evict again", "");
    struct store_stats stats;
    store_stats(harness.store, &stats);
    ck_assert_uint_eq(stats.evicted, 1);
    store_reset_stats(harness.store);
    store_stats(harness.store, &stats);
    ck_assert_uint_eq(stats.evicted, 0);
    teardown();
}

TEST(the_classes_wanted_may_change_at_any_time)
{
    setup(0);
    harness_run(&harness, "set k v");
    expect_heard("set", "");
    wanted = NOTIFY_STRING;
    harness_run(&harness, "set k v");
    expect_heard("set", "$set:k ");
    wanted = 0;
    harness_run(&harness, "del k");
    expect_heard("del", "");
    teardown();
}
