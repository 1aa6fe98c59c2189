"""Random set commands for the differential test."""
# SPDX-License-Identifier: MIT

from differential_compare import same_count, same_elements, scan_of

KEYS = ["s1", "s2", "s3", "s4"]
MEMBERS = ["0", "1", "-1", "2", "70000", "9223372036854775807",
           "-9223372036854775808", "9223372036854775808", "01", "", "a", "b",
           "x" * 100, "\r\n\0", "1.0"]
COMPARE = {
    "SMEMBERS": same_elements, "SINTER": same_elements,
    "SUNION": same_elements, "SDIFF": same_elements,
    # Whatever is random is asked for in numbers that make it certain, or else
    # followed by DEL.
    "SPOP": same_count, "SRANDMEMBER": same_count,
    "SSCAN": scan_of(same_elements),
}
STATE = ["SMEMBERS"]


def key_of(stream):
    return stream.choice(KEYS) if stream.likely(90) else stream.key()


def keys_of(stream):
    return [key_of(stream) for _ in range(stream.random.randint(1, 4))]


def member_of(stream):
    if stream.likely(60):
        return str(stream.random.randrange(-20, 20))
    return stream.choice(MEMBERS)


def members_of(stream):
    # Now and then enough integers for a table.
    if stream.random.randrange(40) == 0:
        first = stream.random.randrange(1000)
        count = stream.choice([200, 512, 513])
        return [str(first + i) for i in range(count)]
    return [member_of(stream) for _ in range(stream.random.randint(1, 5))]


def count_of(stream):
    return stream.choice(["0", "1", "2", "-1", "-3", "5", "1000",
                          "-9223372036854775808", "9223372036854775807",
                          "x", ""])


def random_of(stream):
    key = key_of(stream)
    options = stream.choice([[], [count_of(stream)], [count_of(stream)],
                             [count_of(stream), "1"]])
    # No reply that is without end.
    pop = ["SPOP", key, *options]
    return stream.choice([[["SRANDMEMBER", key, *options]],
                          [pop, ["DEL", key]]])


def scan(stream):
    options = []
    for _ in range(stream.choice([0, 1, 1, 2])):
        options += stream.choice([["MATCH", "*"], ["MATCH", "1*"],
                                  ["MATCH", "[ab]"], ["TYPE", "set"],
                                  ["COUNT", stream.integer()], ["bad"]])
    cursor = stream.choice(["0"] * 9 + ["x", " 0"])
    return ["SSCAN", key_of(stream), cursor, *options, "COUNT", "100000"]


def intercard(stream):
    keys = keys_of(stream)
    count = stream.choice([str(len(keys))] * 6 + ["0", "9", "x"])
    options = stream.choice([[], [], ["LIMIT", "0"], ["LIMIT", "2"],
                             ["limit", "-1"], ["LIMIT"], ["bad", "1"]])
    return ["SINTERCARD", count, *keys, *options]


def simple(stream):
    key = key_of(stream)
    operation = stream.choice(["SINTER", "SUNION", "SDIFF"])
    return stream.choice([
        ["SADD", key, *members_of(stream)],
        ["SADD", key, *members_of(stream)],
        ["SREM", key, *members_of(stream)],
        ["SISMEMBER", key, member_of(stream)],
        ["SMISMEMBER", key, *members_of(stream)],
        ["SMEMBERS", key], ["SCARD", key], ["TYPE", key],
        ["SMOVE", key, key_of(stream), member_of(stream)],
        [operation, *keys_of(stream)],
        [operation + "STORE", key, *keys_of(stream)],
        ["OBJECT", "ENCODING", stream.choice(KEYS)],
        ["COPY", stream.choice(KEYS), stream.choice(KEYS), "REPLACE"],
        ["DEL", key], scan(stream), intercard(stream),
    ])


def commands(stream):
    return random_of(stream) if stream.likely(8) else [simple(stream)]
