"""Random hash commands for the differential test."""
# SPDX-License-Identifier: MIT

from differential_compare import (same_count, same_elements, same_pairs,
                                  scan_of)

KEYS = ["h1", "h2", "h3"]
FIELDS = ["f", "g", "", "n", "m", "\r\n\0", "x" * 64]
COMPARE = {
    "HGETALL": same_pairs, "HKEYS": same_elements, "HVALS": same_elements,
    "HRANDFIELD": same_count, "HSCAN": scan_of(same_pairs),
}
STATE = ["HGETALL"]


def key_of(stream):
    return stream.choice(KEYS) if stream.likely(90) else stream.key()


def field_of(stream):
    if stream.random.randrange(300) == 0:
        return "y" * 65
    if stream.likely(30):
        return "f" + str(stream.random.randrange(20))
    return stream.choice(FIELDS)


def fields_of(stream):
    return [field_of(stream) for _ in range(stream.random.randint(1, 4))]


def value_of(stream):
    # Long ones make it a table for good, so they are rare.
    value = stream.value()
    return value if len(value) <= 64 or stream.likely(3) else value[:64]


def pairs_of(stream):
    # Now and then enough fields for a table.
    if stream.random.randrange(60) == 0:
        count = stream.choice([200, 512, 513])
        return [word for i in range(count) for word in (f"f{i}", str(i))]
    count = stream.random.randint(1, 4)
    return [word for _ in range(count)
            for word in (field_of(stream), value_of(stream))]


def random_of(stream):
    count = stream.choice(["0", "1", "3", "-1", "-3", "1000", "x",
                           "-9223372036854775808", "9223372036854775807",
                           "4611686018427387903"])
    options = stream.choice([[], [count], [count, "WITHVALUES"],
                             [count, "withvalues"], [count, "bad"],
                             [count, "WITHVALUES", "x"]])
    return ["HRANDFIELD", key_of(stream), *options]


def scan(stream):
    options = []
    for _ in range(stream.choice([0, 1, 1, 2])):
        options += stream.choice([["MATCH", "*"], ["MATCH", "f1*"],
                                  ["MATCH", "[gn]"], ["NOVALUES"],
                                  ["COUNT", stream.integer()], ["bad"]])
    cursor = stream.choice(["0"] * 9 + ["x", " 0"])
    return ["HSCAN", key_of(stream), cursor, *options, "COUNT", "100000"]


def commands(stream):
    key, field = key_of(stream), field_of(stream)
    return [stream.choice([
        ["HSET", key, *pairs_of(stream)], ["HSET", key, *pairs_of(stream)],
        ["HMSET", key, *pairs_of(stream)],
        ["HSETNX", key, field, value_of(stream)],
        ["HGET", key, field], ["HMGET", key, *fields_of(stream)],
        ["HDEL", key, *fields_of(stream)], ["HEXISTS", key, field],
        ["HLEN", key], ["HSTRLEN", key, field], ["HKEYS", key],
        ["HVALS", key], ["HGETALL", key], ["TYPE", key],
        ["HINCRBY", key, stream.choice("nm"), stream.integer()],
        ["HINCRBYFLOAT", key, stream.choice("nm"), stream.number()],
        ["OBJECT", "ENCODING", stream.choice(KEYS)],
        ["COPY", stream.choice(KEYS), stream.choice(KEYS), "REPLACE"],
        random_of(stream), random_of(stream), scan(stream),
    ] + ([["DEL", key]] if stream.likely(30) else []))]
