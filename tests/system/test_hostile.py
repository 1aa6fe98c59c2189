"""Every command with random and hostile arguments: the server survives, and
every request gets one well-formed reply.

SEED=n repeats a run, REQUESTS=n sets how many each command gets.
"""
# SPDX-License-Identifier: MIT

import os
import random

import pytest

from resp import encode

SEED = int(os.environ.get("SEED", random.randrange(1 << 32)))
REQUESTS = int(os.environ.get("REQUESTS", 300))

# These end the connection or the server, change who may speak or when replies
# come: their own tests see to them. (WAIT may be told to wait for ever, and
# has no flag that says so, as in Redis 7.0.)
LEFT_OUT = {"wait", "quit", "shutdown", "monitor", "subscribe", "psubscribe",
            "ssubscribe", "unsubscribe", "punsubscribe", "sunsubscribe",
            "hello", "auth", "reset",
            "client|reply", "client|kill"}

KEYS = [b"string", b"list", b"set", b"hash", b"zset", b"number", b"absent",
        b"", b"\x00\xff\r\n", b"{tag}k"]
NUMBERS = [b"0", b"1", b"-1", b"2", b"10", b"-10", b"1000", b"00", b"+1", b"1.5",
           b"9223372036854775807", b"-9223372036854775808", b"-0",
           b"-9000000000000",
           b"9223372036854775808", b"4294967296", b"1e400", b"nan", b"inf",
           b"-inf", b"(1", b"[a", b"-", b"+", b"(inf", b"0x10", b" 1", b"1 "]
WORDS = [b"EX", b"PX", b"EXAT", b"PXAT", b"NX", b"XX", b"GT", b"LT", b"GET",
         b"KEEPTTL", b"MATCH", b"COUNT", b"TYPE", b"LIMIT", b"WITHSCORES",
         b"WITHVALUES", b"BYSCORE", b"BYLEX", b"REV", b"LEFT", b"RIGHT",
         b"BEFORE", b"AFTER", b"WEIGHTS", b"AGGREGATE", b"SUM", b"MIN", b"MAX",
         b"REPLACE", b"DB", b"RANK", b"MAXLEN", b"INCR", b"CH", b"BIT", b"BYTE",
         b"PUT", b"DELETE", b"ASYNC", b"SYNC", b"HELP", b"*", b"[a-", b"\\",
         b"maxmemory-policy", b"x" * 300, b"a" * 20000]


def random_argument(rng):
    return rng.choice(rng.choice((KEYS, KEYS, NUMBERS, WORDS)))


def fill(client):
    for request in (["SET", "string", "text"], ["SET", "number", "41"],
                    ["RPUSH", "list", "a", "b", "1"],
                    ["SADD", "set", "a", "1", "2"],
                    ["HSET", "hash", "a", "1", "b", "x"],
                    ["ZADD", "zset", "1", "a", "2", "b"]):
        client.command(*request)


def names_of_commands(server):
    """Full names with '|', of commands that answer at once."""
    with server.connect() as client:
        for row in client.command("COMMAND"):
            name, flags, subcommands = row[0], row[2], row[9]
            if "blocking" in flags:
                continue
            names = [sub[0] for sub in subcommands] or [name]
            yield from (full.decode() for full in names)


@pytest.mark.parametrize("protocol", (2, 3))
def test_no_arguments_hurt(server, protocol):
    rng = random.Random(SEED)
    print(f"SEED={SEED}")
    for name in sorted(set(names_of_commands(server)) - LEFT_OUT):
        with server.connect(timeout=60) as client:
            client.command("HELLO", protocol)
            for _ in range(REQUESTS):
                if rng.random() < 0.02:
                    fill(client)
                words = name.encode().split(b"|")
                words += [random_argument(rng)
                          for _ in range(rng.randrange(9))]
                client.send(encode(*words) + encode("ECHO", "marker"))
                client.read()
                reply = client.read()
                assert reply in (b"marker", "QUEUED"), (name, words)
        assert server.command("PING") == "PONG", name
