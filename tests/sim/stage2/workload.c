// workload.c -- what clients of a simulated node send.
// SPDX-License-Identifier: MIT
#include "tests/sim/stage2/workload.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/server/argv.h"

enum { WORKLOAD_KEYS = 8, WORKLOAD_VALUE_MAX = 6000 };

static const char *const writes[] = {
    "set %s %v",
    "set %s %v",
    "set %s %v px %p",
    "set %s %v keepttl",
    "setrange %s %i %m",
    "append %s %m",
    "getset %s %v",
    "getdel %s",
    "getex %s px %p",
    "mset %s %m %s %m %s %v",
    "msetnx %s %m %s %m",
    "setbit %s %i 1",
    "put %s %v",
    "psetex %s %p %m",
    "setnx %s %m",
    "incr %c",
    "decrby %c %i",
    "incrby %c %i",
    "incrbyfloat %c 0.1",
    "del %k",
    "del %k %k",
    "unlink %k",
    "delete %s",
    "rename %k %k",
    "renamenx %k %k",
    "copy %k %k replace",
    "pexpire %k %p",
    "pexpire %k %p nx",
    "expire %k 2",
    "persist %k",
    "rpush %l %m %m",
    "lpush %l %v",
    "rpush %l %m %m %m %m",
    "lpop %l",
    "rpop %l 2",
    "lset %l 0 %m",
    "linsert %l before %m %m",
    "lrem %l 1 %m",
    "ltrim %l 0 %i",
    "lmove %l %l left right",
    "lmpop 2 %l %l right",
    "rpoplpush %l %l",
    "lpushx %l %m",
    "hset %h %m %v",
    "hset %h %m %m %m %m",
    "hsetnx %h %m %m",
    "hdel %h %m %m",
    "hincrby %h %i %i",
    "hincrbyfloat %h n 1.5",
    "zadd %z %d %m",
    "zadd %z %d %m %d %m %d %m",
    "zincrby %z %d %m",
    "zrem %z %m",
    "zpopmin %z",
    "zpopmax %z 2",
    "zremrangebyrank %z 0 1",
    "zunionstore %z 2 %z %z",
    "zrangestore %z %z 0 3",
    "sadd %t %m",
    "sadd %t %i %i %i",
    "sadd %t %m %m %m %m",
    "srem %t %m",
    "spop %t",
    "spop %t 2",
    "smove %t %t %m",
    "sinterstore %t %t %t",
    "sunionstore %t %t %t",
    "batch put %s %v put %s %m delete %s get %s",
};

static const char *const reads[] = {
    "get %s",
    "get %s",
    "get %c",
    "mget %s %s %s",
    "strlen %s",
    "ttl %k",
    "exists %k %k",
    "type %k",
    "lrange %l 0 -1",
    "llen %l",
    "hgetall %h",
    "hlen %h",
    "hget %h %m",
    "zrange %z 0 -1 withscores",
    "zscore %z %m",
    "zcard %z",
    "smembers %t",
    "scard %t",
    "srandmember %t 2",
    "sismember %t %m",
    "dbsize",
    "pttl %k",
    "object encoding %k",
    "getrange %s 0 20",
};

static const char *const rare[] = {
    "flushall",
    "bgsave",
    "bgsave",
    "save",
    "bgrewriteaof",
    "lastsave",
    "waitaof 1 0 0",
    "waitaof 1 0 50",
    "waitaof 1 0 1000",
    "config set appendfsync always",
    "config set appendfsync everysec",
    "config set appendfsync no",
    "config set list-max-listpack-size %i",
    "config set hash-max-listpack-entries %i",
    "config set hash-max-listpack-value %i",
    "config set set-max-intset-entries %i",
    "config set zset-max-listpack-entries %i",
    "publish news %m",
    "publish news %v",
    "publish news %m",
    "info",
    "health",
    "blpop %l %l 0.02",
    "brpop %l 0.5",
    "blmove %l %l left left 0.1",
    "bzpopmin %z 0.05",
    "blpop %l 0",
};

#define PICK(random, of)                                                       \
    ((of)[random_below((random), sizeof(of) / sizeof *(of))])

// ---- Words

static void add_value(struct argv *argv, struct random *random)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    char value[WORKLOAD_VALUE_MAX];
    uint64_t kind = random_below(random, 20);
    uint64_t max = kind == 0 ? sizeof value : kind < 4 ? 400 : 30;
    size_t size = random_below(random, max);
    size_t start = random_below(random, sizeof letters - 1);
    for (size_t i = 0; i < size; i++)
        value[i] = letters[(start + i * i) % (sizeof letters - 1)];
    argv_add(argv, (struct slice){value, size});
}

static void add_key(struct argv *argv, struct random *random, char type)
{
    static const char types[] = "sclhzt";
    char key[16];
    if (type == 'k')
        type = types[random_below(random, sizeof types - 1)];
    int size = snprintf(key, sizeof key, "%c%d", type,
                        (int)random_below(random, WORKLOAD_KEYS));
    argv_add(argv, (struct slice){key, (size_t)size});
}

static void add_drawn(struct argv *argv, struct random *random, char what)
{
    char text[32];
    switch (what) {
    case 'v':
        add_value(argv, random);
        return;
    case 'm':
        snprintf(text, sizeof text, "m%d", (int)random_below(random, 25));
        break;
    case 'i':
        snprintf(text, sizeof text, "%d", (int)random_below(random, 40) + 1);
        break;
    case 'd':
        snprintf(text, sizeof text, "%g",
                 (double)random_below(random, 100) / 4);
        break;
    case 'p':
        snprintf(text, sizeof text, "%d", (int)random_below(random, 3000) + 1);
        break;
    default:
        add_key(argv, random, what);
        return;
    }
    argv_add(argv, slice_of(text));
}

static void encode(struct buffer *out, struct argv *argv)
{
    const struct slice *words = argv_slices(argv);
    buffer_printf(out, "*%" PRIu32 "\r\n", argv->count);
    for (uint32_t i = 0; i < argv->count; i++) {
        buffer_printf(out, "$%zu\r\n", words[i].size);
        buffer_append_slice(out, words[i]);
        buffer_append_text(out, "\r\n");
    }
}

void workload_request(struct buffer *out, struct random *random,
                      const char *words)
{
    struct argv argv = {0};
    while (*words) {
        size_t size = strcspn(words, " ");
        if (words[0] == '%' && size == 2)
            add_drawn(&argv, random, words[1]);
        else
            argv_add(&argv, (struct slice){words, size});
        words += size + (words[size] == ' ');
    }
    encode(out, &argv);
    argv_deinit(&argv);
}

// ---- Pipelines

static void burst_plain(struct buffer *out, struct random *random)
{
    uint64_t count = 1 + random_below(random, random_below(random, 5) ? 3 : 30);
    while (count-- > 0) {
        bool write = random_below(random, 3) > 0;
        workload_request(out, random,
                         write ? PICK(random, writes) : PICK(random, reads));
    }
}

static void burst_between(struct buffer *out, struct random *random,
                          const char *first, const char *last)
{
    workload_request(out, random, first);
    burst_plain(out, random);
    workload_request(out, random, last);
}

static void burst_transaction(struct buffer *out, struct random *random)
{
    switch (random_below(random, 6)) {
    case 0:
        workload_request(out, random, "watch %k %k");
        burst_between(out, random, "multi", "exec");
        break;
    case 1:
        burst_between(out, random, "begin", "commit");
        break;
    case 2:
        burst_between(out, random, "begin", "rollback");
        break;
    case 3:
        burst_between(out, random, "multi", "discard");
        break;
    default:
        burst_between(out, random, "multi", "exec");
        break;
    }
}

void workload_burst(struct buffer *out, struct random *random, bool resp3)
{
    uint64_t kind = random_below(random, 20);
    if (kind == 0 && resp3)
        workload_request(out, random, "subscribe news");
    else if (kind < 3)
        workload_request(out, random, PICK(random, rare));
    else if (kind < 7)
        burst_transaction(out, random);
    else
        burst_plain(out, random);
}
