"""The same random commands to Redis and to vega-server; equal replies.

Strings, keys and lifetimes, and the types of FAMILIES, with hostile arguments
among them, in both protocols, compared byte by byte. Replies that cannot be
equal are compared as far as they must be; COMPARE below and in the families is
the whole list of these exceptions.
What VegaDB has alone (PUT, DELETE, KEYS without a pattern) is not sent.

SEED=n repeats a run, COMMANDS=n sets its length.
"""
# SPDX-License-Identifier: MIT

import os
import random
import shutil
import socket
import subprocess
import time

import pytest

import differential_hash
import differential_list
import differential_set
from conftest import free_port
from differential_compare import (near, same_count, same_elements, same_kind,
                                  scan_of)
from differential_zset import (LEX_KEYS, ZSET_KEYS, ZsetStream,
                               without_zero_sign)
from resp import encode

# Each has KEYS of its own, commands(stream), COMPARE, and the commands that
# read the STATE to compare at the end.
FAMILIES = [differential_hash, differential_list, differential_set]

STAGES = ["stage1", "stage2"]
COMMANDS = int(os.environ.get("COMMANDS", 200000))
COMMANDS_ABOVE = min(COMMANDS, 20000)  # What is below the other stages is known.
PIPELINE = 50
SECONDS_MAX = 240

KEYS = ["a", "b", "c", "key:1", "key:2", "", "k\r\n\0", "x" * 300]
# OBJECT is asked about these alone. Redis remembers of a string that it came
# from INCRBYFLOAT, or that SETBIT looked at it; VegaDB does not, so those do
# not write here, nor does anything that moves values between keys.
OBJECT_KEYS = ["o1", "o2", "o3"]
INTEGERS = ["0", "1", "-1", "2", "7", "10", "100", "9999", "10000"]
EDGES = [
    "9223372036854775807", "-9223372036854775808", "9223372036854775808",
    "-9223372036854775809", "9223372036854775", "99999999999999999999",
    "4294967296", "536870912", "-9223372036854775807", "18446744073709551615",
]
NOT_INTEGERS = ["", " 1", "1 ", "+1", "01", "-0", "1.0", "1e3", "x", "0x10",
                "nan", "--1", "1\0"]
FLOATS = ["0.1", "3.14", "-2.5", "1e5", "5.0e-3", "0x10", "1e17", "1e-20",
          "-0", "1.", ".5", "3.0000000000000000000001", "100000000.75"]
NOT_FLOATS = ["inf", "-inf", "nan", "1e5000", "1..2", "", " 1", "1 ", "abc"]
STRINGS = ["", "v", "hello", "x" * 44, "x" * 45, "\0\r\n\xff", "y" * 1000]
# Not "**": Redis finds the empty key by "*" only.
PATTERNS = ["*", "?", "a", "[ab]", "[^a]", "key:*", "*1", "k\\*", "[", "a**",
            "", "o?", "[a-c]", "x*x", "[z-a]"]


class Connection:
    """Sends commands and reads whole replies as the bytes that they are."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")

    def send(self, commands):
        self.socket.sendall(b"".join(
            encode(*[argument.encode("latin1") for argument in command])
            for command in commands))

    def read(self):
        """One reply: (type, value, bytes); aggregates hold such replies."""
        line = self.file.readline()
        assert line.endswith(b"\r\n"), f"reply cut off: {line!r}"
        kind, size = line[:1], line[1:-2]
        if kind in b"$=" and int(size) >= 0:
            rest = self.file.read(int(size) + 2)
            return kind, rest[:-2], line + rest
        if kind in b"*~>%" and int(size) >= 0:
            count = int(size) * (2 if kind == b"%" else 1)
            items = [self.read() for _ in range(count)]
            return kind, items, line + b"".join(i[2] for i in items)
        return kind, size, line

    def call(self, *command):
        self.send([command])
        return self.read()

    def close(self):
        self.file.close()
        self.socket.close()


@pytest.fixture
def redis_port(tmp_path):
    path = shutil.which("redis-server")
    if not path:
        pytest.skip("redis-server is not installed")
    port = free_port()
    # One database, as VegaDB has, so that COPY ... DB answers the same.
    process = subprocess.Popen(
        [path, "--port", str(port), "--bind", "127.0.0.1", "--save", "",
         "--appendonly", "no", "--databases", "1"],
        cwd=tmp_path, stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


# ---- Commands


class Stream:
    """Random commands from one seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.choice = self.random.choice

    def likely(self, percent):
        return self.random.randrange(100) < percent

    def key(self):
        return self.choice(KEYS)

    def any_key(self):
        return self.choice(KEYS + OBJECT_KEYS)

    def keys(self):
        return [self.any_key() for _ in range(self.random.randint(1, 4))]

    def integer(self):
        kinds = [INTEGERS] * 8 + [EDGES] * 2 + [NOT_INTEGERS]
        return self.choice(self.choice(kinds))

    def number(self):
        kinds = [FLOATS] * 6 + [INTEGERS] * 2 + [NOT_FLOATS]
        return self.choice(self.choice(kinds))

    def value(self):
        return self.choice(self.choice([STRINGS, INTEGERS, EDGES, FLOATS,
                                        NOT_INTEGERS]))

    def offset(self, end):
        """Near, or just not allowed: nothing here makes a huge string."""
        near = str(self.random.randrange(200))
        return self.choice([near] * 8 + [end, "-1", "x", "",
                                         "9223372036854775807"])

    def time(self, absolute, seconds):
        """Far away, or past, or senseless: both servers see the same time,
        but not at the same moment. No two far ones are equal in practice."""
        if self.likely(25):
            return self.choice(EDGES[:6] + NOT_INTEGERS + ["0", "-1", "1"]
                               if absolute else
                               EDGES[:6] + NOT_INTEGERS + ["0", "-1"])
        far = self.random.randrange(10**6, 10**11)
        if absolute:
            far += 2 * 10**12  # In 2033.
        return str(far // 1000 if seconds else far)

    def lifetime(self):
        word = self.choice(["EX", "PX", "EXAT", "PXAT", "ex", "pXaT"])
        absolute, seconds = "AT" in word.upper(), word.upper()[0] == "E"
        return [word, self.time(absolute, seconds)]

    def set(self):
        options = []
        for _ in range(self.choice([0, 0, 1, 1, 2, 3])):
            options += self.choice([["NX"], ["XX"], ["GET"], ["KEEPTTL"],
                                    ["nx"], ["bad"], ["PERSIST"], ["EX"],
                                    self.lifetime(), self.lifetime()])
        return ["SET", self.any_key(), self.value(), *options]

    def getex(self):
        options = self.choice([[], [], ["PERSIST"], ["NX"], ["EX"],
                               ["PERSIST", *self.lifetime()],
                               self.lifetime(), self.lifetime()])
        return ["GETEX", self.any_key(), *options]

    def expire(self):
        name = self.choice(["EXPIRE", "PEXPIRE", "EXPIREAT", "PEXPIREAT"])
        # No line end at the end: Redis drops it from its complaint.
        words = ["NX", "XX", "GT", "LT", "gt", "lt", "bad", "b\r\nad"]
        count = self.choice([0, 0, 0, 1, 1, 2])
        at = self.time("AT" in name, not name.startswith("P"))
        return [name, self.any_key(), at,
                *[self.choice(words) for _ in range(count)]]

    def pairs(self):
        count = self.random.randint(1, 3)
        return [argument for _ in range(count)
                for argument in (self.any_key(), self.value())]

    def copy(self):
        options = []
        for _ in range(self.choice([0, 0, 1, 2])):
            options += self.choice([["REPLACE"], ["DB", self.integer()],
                                    ["DB", "0"], ["DB"], ["bad"]])
        return ["COPY", self.any_key(), self.key(), *options]

    def scan(self):
        options = []
        for _ in range(self.choice([0, 1, 1, 2])):
            options += self.choice([["MATCH", self.choice(PATTERNS)],
                                    ["TYPE", self.choice(["string", "STRING",
                                                          "list", "bad"])],
                                    ["COUNT", self.integer()], ["MATCH"],
                                    ["bad", "1"]])
        # Last, and enough for everything: one call is a whole turn.
        if self.likely(85):
            options += ["COUNT", "100000"]
        cursor = self.choice(["0"] * 9 + ["", "x", " 0", "-", *EDGES[2:6:3]])
        return ["SCAN", cursor, *options]

    def bitcount(self):
        unit = self.choice([[], ["BIT"], ["BYTE"], ["bad"]])
        positions = [str(self.random.randrange(-100, 100)) for _ in "12"]
        if self.likely(15):
            positions = [self.integer(), self.integer()]
        return self.choice([["BITCOUNT", self.any_key()],
                            ["BITCOUNT", self.any_key(), *positions, *unit],
                            ["BITCOUNT", self.any_key(), positions[0]]])

    def object(self):
        name = self.choice(["ENCODING", "REFCOUNT", "FREQ", "IDLETIME",
                            "encoding", "bad"])
        return ["OBJECT", name, self.choice(OBJECT_KEYS)]

    def memory(self):
        options = self.choice([[], ["SAMPLES", self.integer()], ["SAMPLES"],
                               ["bad", "1"]])
        return ["MEMORY", "USAGE", self.any_key(), *options]

    def simple(self):
        key, other = self.any_key(), self.key()
        return self.choice([
            ["GET", key], ["GET", key], ["STRLEN", key], ["TYPE", key],
            ["GETDEL", key], ["PERSIST", key], ["TTL", key], ["PTTL", key],
            ["EXPIRETIME", key], ["PEXPIRETIME", key], ["TTL", key],
            ["DEL", *self.keys()], ["UNLINK", *self.keys()],
            ["EXISTS", *self.keys()], ["TOUCH", *self.keys()],
            ["MGET", *self.keys()], ["MSET", *self.pairs()],
            ["MSETNX", *self.pairs()], ["GETSET", key, self.value()],
            ["SETNX", key, self.value()], ["APPEND", key, self.value()],
            ["SETEX", key, self.time(False, True), self.value()],
            ["PSETEX", key, self.time(False, False), self.value()],
            ["RENAME", key, other], ["RENAMENX", key, other], ["DBSIZE"],
            ["RANDOMKEY"], ["KEYS", self.choice(PATTERNS)],
            ["NOSUCHCOMMAND", key, self.value()], ["SET", key, self.value()],
        ])

    def number_command(self):
        key = self.any_key()
        return self.choice([
            ["INCR", key], ["DECR", key], ["INCRBY", key, self.integer()],
            ["DECRBY", key, self.integer()],
            ["INCRBYFLOAT", self.key(), self.number()],
            ["SET", key, self.choice(INTEGERS + EDGES[:2] + FLOATS)],
        ])

    def part(self):
        key = self.any_key()
        return self.choice([
            ["SETRANGE", key, self.offset("536870912"), self.choice(STRINGS)],
            ["GETRANGE", key, self.integer(), self.integer()],
            ["SUBSTR", key, self.integer(), self.integer()],
            ["SETBIT", self.key(), self.offset("4294967296"),
             self.choice(["0", "1", "2"])],
            ["GETBIT", key, self.offset("4294967296")],
        ])

    def flush(self):
        words = self.choice([[], ["ASYNC"], ["sync"], ["bad"], ["ASYNC", "x"]])
        return [self.choice(["FLUSHALL", "FLUSHDB"]), *words]

    def spoil(self, command):
        """Takes an argument away, adds one, or changes the name's case."""
        way = self.random.randrange(3)
        if way == 0 and len(command) > 1 and command[0] != "KEYS":
            return command[:-1]
        if way == 1:
            return command + [self.value()]
        return [command[0].swapcase(), *command[1:]]

    def commands(self):
        return (command for command in self.drawn()
                if not never_ends(command))

    def drawn(self):
        makers = ([self.simple] * 40 + [self.set] * 16 + [self.expire] * 10 +
                  [self.number_command] * 14 + [self.part] * 10 +
                  [self.getex] * 5 + [self.copy] * 4 + [self.scan] * 2 +
                  [self.bitcount] * 4 + [self.object] * 4 + [self.memory] * 2 +
                  [ZsetStream(self).command] * 60)
        while True:
            command = self.choice(makers)()
            if self.random.randrange(1000) == 0:
                command = self.flush()
            if self.likely(4):
                command = self.spoil(command)
            yield command
            if self.likely(40):
                yield from self.choice(FAMILIES).commands(self)
            # A SET whose time has passed leaves remains that DBSIZE counts
            # until someone looks.
            if command[0].upper() == "SET" and len(command) > 3:
                yield ["EXISTS", command[1]]


def never_ends(command):
    """Redis goes on and on when it is asked for so many random elements."""
    return (command[0].upper() in ("HRANDFIELD", "SRANDMEMBER", "ZRANDMEMBER")
            and "-9223372036854775807" in command)


# ---- Comparison


def same_zscan(redis, vega):
    # The sign of a zero is left out; see differential_zset.py.
    if redis[0] != b"*" or vega[0] != b"*":
        return redis[2] == vega[2]
    one, two = (sorted(without_zero_sign(item[2]) for item in reply[1][1][1])
                for reply in (redis, vega))
    whole = redis[1][0][1] == b"0" == vega[1][0][1]
    return one == two or not whole


COMPARE = {
    "TTL": near(2),
    "EXPIRETIME": near(2),
    "PTTL": near(5000),
    "PEXPIRETIME": near(5000),
    "KEYS": same_elements,
    "SCAN": scan_of(same_elements),
    "ZSCAN": same_zscan,
    "ZRANDMEMBER": same_count,
    "RANDOMKEY": same_kind,
    "MEMORY": same_kind,
    "OBJECT IDLETIME": same_kind,
}
for family in FAMILIES:
    COMPARE.update(family.COMPARE)


def agrees(command, redis, vega):
    name = command[0].upper()
    if name == "OBJECT" and len(command) > 1:
        name += " " + command[1].upper()
    compare = COMPARE.get(name)
    # A cursor other than 0 begins in the middle of each server's own order.
    if name == "SCAN" and len(command) > 1 and command[1] not in ("0", ""):
        compare = same_kind
    if compare:
        return compare(redis, vega)
    if name.startswith("Z"):
        return without_zero_sign(redis[2]) == without_zero_sign(vega[2])
    return redis[2] == vega[2]


def explain(context, history, redis, vega):
    """The last commands that named the same keys lead to the difference."""
    command = history[-1]
    keys = KEYS + OBJECT_KEYS + ZSET_KEYS + LEX_KEYS
    keys += [key for family in FAMILIES for key in family.KEYS]
    about = set(command[1:]) & set(keys)
    before = [c for c in history if about & set(c[1:]) or "FLUSH" in c[0]]
    lines = [context, *[f"  {c!r:.200}" for c in before[-12:]],
             f"command: {command!r}", f"redis:   {redis[2]!r:.500}",
             f"vega:    {vega[2]!r:.500}"]
    pytest.fail("\n".join(lines), pytrace=False)


def check_batch(pair, batch, history, context):
    for connection in pair:
        connection.send(batch)
    for command in batch:
        redis, vega = (connection.read() for connection in pair)
        history.append(command)
        if not agrees(command, redis, vega):
            explain(context, history, redis, vega)


def check_state(pair, history, context):
    names = [item[1] for item in pair[0].call("KEYS", "*")[1]]
    batch = [["KEYS", "*"], ["DBSIZE"]]
    for name in map(lambda name: name.decode("latin1"), names):
        batch += [["GET", name], ["TYPE", name], ["PTTL", name],
                  ["ZRANGE", name, "0", "-1", "WITHSCORES"]]
        batch += [[read, name] for f in FAMILIES for read in f.STATE]
    check_batch(pair, batch, history, context)


@pytest.mark.parametrize("protocol", ["2", "3"])
def test_random_commands_get_the_replies_of_redis(stage, server, redis_port,
                                                  protocol):
    seed = os.environ.get("SEED", str(random.SystemRandom().randrange(2**32)))
    context = f"SEED={seed} RESP{protocol}"
    print(context)
    pair = [Connection(redis_port), Connection(server.port)]
    stream = Stream(f"{seed}/{protocol}").commands()
    count = COMMANDS if stage == "stage1" else COMMANDS_ABOVE
    deadline = time.monotonic() + SECONDS_MAX
    try:
        for connection in pair:
            assert connection.call("HELLO", protocol)[0] in (b"*", b"%")
        history = []
        while len(history) < count:
            assert time.monotonic() < deadline, f"over {SECONDS_MAX} s"
            batch = [next(stream) for _ in range(PIPELINE)]
            check_batch(pair, batch, history, context)
        check_state(pair, history, context)
    finally:
        for connection in pair:
            connection.close()
