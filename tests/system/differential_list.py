"""Random list commands for the differential test."""
# SPDX-License-Identifier: MIT

KEYS = ["l1", "l2", "l3", "l4"]
ELEMENTS = ["a", "b", "c", "1", "2", "", "\r\n\0", "x" * 127, "y" * 128,
            "z" * 3000, "w" * 9000]
ENDS = ["LEFT", "RIGHT", "left", "rIGHT"]
COMPARE = {}
STATE = ["LLEN"]


def key_of(stream):
    return stream.choice(KEYS) if stream.likely(95) else stream.key()


def keys_of(stream):
    return [key_of(stream) for _ in range(stream.random.randint(1, 3))]


def element_of(stream):
    # The long ones are last.
    kinds = [ELEMENTS[:6]] * 8 + [ELEMENTS]
    return stream.choice(stream.choice(kinds))


def elements_of(stream):
    # Now and then enough for several nodes.
    count = stream.random.randint(1, 5)
    if stream.random.randrange(60) == 0:
        count = stream.choice([500, 3000])
    return [element_of(stream) for _ in range(count)]


def index_of(stream):
    if stream.likely(10):
        return stream.integer()
    return str(stream.random.randrange(-30, 30))


def end_of(stream):
    return stream.choice(ENDS) if stream.likely(97) else "bad"


def pos_of(stream):
    options = []
    for _ in range(stream.choice([0, 1, 1, 2, 3])):
        options += stream.choice([["RANK", index_of(stream)],
                                  ["COUNT", index_of(stream)],
                                  ["MAXLEN", index_of(stream)],
                                  ["RANK"], ["bad", "1"]])
    return ["LPOS", key_of(stream), element_of(stream), *options]


def mpop_of(stream):
    keys = keys_of(stream)
    count = str(len(keys)) if stream.likely(90) else stream.integer()
    options = stream.choice([[], [], ["COUNT", index_of(stream)], ["COUNT"],
                             ["count", "2"], ["bad"]])
    return [count, *keys, end_of(stream), *options]


def timeout_of(stream):
    # Nobody is to wait long.
    return stream.choice(["0.001"] * 6 + ["0.01", "1e-3", "-1", "x", "", "nan",
                                          "inf", "1e400", " 1"])


def waiting_of(stream):
    timeout = timeout_of(stream)
    return stream.choice([
        [stream.choice(["BLPOP", "BRPOP"]), *keys_of(stream), timeout],
        ["BLMOVE", key_of(stream), key_of(stream), end_of(stream),
         end_of(stream), timeout],
        ["BRPOPLPUSH", key_of(stream), key_of(stream), timeout],
        ["BLMPOP", timeout, *mpop_of(stream)],
    ])


def commands(stream):
    key, other = key_of(stream), key_of(stream)
    push = [stream.choice(["LPUSH", "RPUSH"]), key, *elements_of(stream)]
    pop = [stream.choice(["LPOP", "RPOP"]), key]
    return [stream.choice([
        push, push, push,
        [stream.choice(["LPUSHX", "RPUSHX"]), key, *elements_of(stream)],
        pop, [*pop, index_of(stream)], [*pop, "1", "2"][:stream.choice([3, 4])],
        ["LRANGE", key, index_of(stream), index_of(stream)],
        ["LRANGE", key, "0", "-1"], ["LLEN", key],
        ["LINDEX", key, index_of(stream)], ["LINDEX", key, index_of(stream)],
        ["LSET", key, index_of(stream), element_of(stream)],
        ["LSET", key, index_of(stream), element_of(stream)],
        ["LINSERT", key, stream.choice(["BEFORE", "AFTER", "after", "bad"]),
         element_of(stream), element_of(stream)],
        ["LINSERT", key, stream.choice(["BEFORE", "AFTER"]),
         element_of(stream), element_of(stream)],
        ["LREM", key, index_of(stream), element_of(stream)],
        ["LTRIM", key, index_of(stream), index_of(stream)]
        if stream.likely(30) else ["LTRIM", key, "1", "-2"],
        pos_of(stream), pos_of(stream),
        ["LMOVE", key, other, end_of(stream), end_of(stream)],
        ["RPOPLPUSH", key, other], ["LMPOP", *mpop_of(stream)],
        waiting_of(stream), ["OBJECT", "ENCODING", stream.choice(KEYS)], ["TYPE", key],
        ["COPY", stream.choice(KEYS), stream.choice(KEYS), "REPLACE"],
        ["RENAME", stream.choice(KEYS), stream.choice(KEYS)],
    ])]
