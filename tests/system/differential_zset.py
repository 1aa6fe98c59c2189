"""Random commands on sorted sets, for test_differential.py.

BYLEX is asked of sets whose scores are all equal; of others Redis leaves open
what it answers. Whether a score of zero keeps its sign depends on how Redis
encodes the set, so that sign is not compared.
"""
# SPDX-License-Identifier: MIT

ZSET_KEYS = ["z1", "z2", "z3", "z4"]
LEX_KEYS = ["zl1", "zl2"]
MEMBERS = ["a", "b", "c", "d", "e", "", "\0\r\n", "m" * 64, "m" * 65, "17"]
SCORES = ["0", "-0", "1", "2", "3", "-1", "1.5", "0.1", "1e3", "inf", "-inf", "+inf",
          "3.0000000000000004", "1e17", "123456789012", "-0.25", "5e-324",
          "4503599627370497", "0x10"]
NOT_SCORES = ["nan", "", "x", "1e400", " 1", "1 ", "-nan", "1..2"]
BOUNDS = ["0", "1", "2", "(1", "(2", "-inf", "+inf", "(inf", "(-inf", "1.5",
          "3", "1e3"]
NOT_BOUNDS = ["(", "", "x", "((1", "nan", " 1", "[1", "1 ", "1e400"]
LEX_BOUNDS = ["-", "+", "[a", "(a", "[c", "(c", "[", "(", "[m", "(zz", "[e",
              "[17"]
NOT_LEX_BOUNDS = ["", "a", "-a", "++", "1"]


def without_zero_sign(reply):
    return reply.replace(b"$2\r\n-0\r\n", b"$1\r\n0\r\n").replace(
        b",-0\r\n", b",0\r\n")


class ZsetStream:
    """Random commands drawn through the Stream of the test."""

    def __init__(self, stream):
        self.stream = stream
        self.choice = stream.choice
        self.likely = stream.likely

    def key(self):
        if self.likely(6):
            return self.stream.any_key()
        return self.choice(ZSET_KEYS)

    def member(self):
        if self.likely(50):
            return self.choice(MEMBERS)
        return f"m{self.stream.random.randrange(200)}"

    def members(self):
        return [self.member() for _ in range(self.choice([1, 1, 2, 3]))]

    def score(self):
        return self.choice(NOT_SCORES if self.likely(3) else SCORES)

    def zadd(self):
        options = [self.choice(["NX", "XX", "GT", "LT", "CH", "INCR", "nx"])
                   for _ in range(self.choice([0, 0, 0, 1, 1, 2, 3]))]
        pairs = [argument for _ in range(self.choice([1, 1, 1, 2, 3, 6]))
                 for argument in (self.score(), self.member())]
        return ["ZADD", self.key(), *options, *pairs]

    def rank(self):
        if self.likely(10):
            return self.stream.integer()
        return str(self.stream.random.randrange(-12, 12))

    def bound(self):
        return self.choice(NOT_BOUNDS if self.likely(6) else BOUNDS)

    def lex_bound(self):
        return self.choice(NOT_LEX_BOUNDS if self.likely(6) else LEX_BOUNDS)

    def limit(self):
        return self.choice([[], [], ["LIMIT", self.rank(), self.rank()],
                            ["LIMIT", "0", self.rank()],
                            ["limit", "1", "-1"], ["LIMIT", "1"]])

    def scores(self):
        return self.choice([[], ["WITHSCORES"], ["withscores"]])

    def lex(self):
        key = self.choice(LEX_KEYS)
        one, two = self.lex_bound(), self.lex_bound()
        return self.choice([
            ["ZADD", key, "0", self.member(), "0", self.member()],
            ["ZADD", key, "0", self.member()],
            ["ZRANGEBYLEX", key, one, two, *self.limit()],
            ["ZREVRANGEBYLEX", key, one, two, *self.limit()],
            ["ZLEXCOUNT", key, one, two],
            ["ZRANGE", key, one, two, "BYLEX", *self.limit()],
            ["ZRANGE", key, one, two, "BYLEX", "REV", *self.limit()],
            ["ZRANGE", key, one, two, "BYLEX", *self.scores()],
            ["ZRANGESTORE", "z4", key, one, two, "BYLEX", *self.limit()],
            ["ZREMRANGEBYLEX", key, one, two],
        ])

    def range(self):
        key = self.key()
        ranks, bounds = [self.rank(), self.rank()], [self.bound(),
                                                     self.bound()]
        return self.choice([
            ["ZRANGE", key, *ranks, *self.scores(), *self.limit()],
            ["ZRANGE", key, *ranks, "REV", *self.scores()],
            ["ZRANGE", key, *bounds, "BYSCORE", *self.limit(), *self.scores()],
            ["ZRANGE", key, *bounds, "REV", "BYSCORE", *self.scores(),
             *self.limit()],
            ["ZREVRANGE", key, *ranks, *self.scores()],
            ["ZRANGEBYSCORE", key, *bounds, *self.scores(), *self.limit()],
            ["ZREVRANGEBYSCORE", key, *bounds, *self.limit(), *self.scores()],
            ["ZRANGESTORE", self.key(), key, *ranks],
            ["ZRANGESTORE", self.key(), key, *bounds, "BYSCORE",
             *self.limit()],
            ["ZRANGESTORE", self.key(), key, *ranks, "REV"],
            ["ZCOUNT", key, *bounds],
            ["ZREMRANGEBYRANK", key, *ranks],
            ["ZREMRANGEBYSCORE", key, *bounds],
        ])

    def sources(self):
        count = self.choice([1, 2, 2, 3])
        keys = [self.choice([self.key, self.key, lambda: "zs"])()
                for _ in range(count)]
        said = str(count)
        if self.likely(4):
            said = self.choice(["0", "-1", "x", "9"])
        return [said, *keys], count

    def weights(self, count):
        options = []
        if self.likely(30):
            weights = ["1", "2", "0.5", "inf", "0", "-1", "-inf"]
            options += ["WEIGHTS", *[self.choice(weights)
                                     for _ in range(count)]]
        if self.likely(30):
            options += ["AGGREGATE", self.choice(["SUM", "MIN", "MAX", "min",
                                                  "bad"])]
        if self.likely(3):
            options += [self.choice(["WEIGHTS", "AGGREGATE", "bad", "LIMIT"])]
        return options

    def combine(self):
        sources, count = self.sources()
        to = self.key()
        return self.choice([
            ["ZUNION", *sources, *self.weights(count), *self.scores()],
            ["ZINTER", *sources, *self.weights(count), *self.scores()],
            ["ZDIFF", *sources, *self.scores()],
            ["ZUNIONSTORE", to, *sources, *self.weights(count)],
            ["ZINTERSTORE", to, *sources, *self.weights(count)],
            ["ZDIFFSTORE", to, *sources],
            ["ZINTERCARD", *sources],
            ["ZINTERCARD", *sources, "LIMIT", self.rank()],
            ["SADD", "zs", *self.members()], ["SADD", "zs", "17", "3"],
        ])

    def pop(self):
        count = self.choice([[], ["COUNT", self.rank()], ["COUNT", "2"]])
        end = self.choice(["MIN", "MAX", "max", "bad"])
        sources, _ = self.sources()
        return self.choice([
            ["ZPOPMIN", self.key()], ["ZPOPMAX", self.key()],
            ["ZPOPMIN", self.key(), self.rank()],
            ["ZPOPMAX", self.key(), self.rank()],
            ["ZMPOP", *sources, end, *count],
        ])

    def random(self):
        count = self.choice(["0", "1", "-1", "3", "-7", "1000", "x",
                             "-9223372036854775808", "9223372036854775807"])
        key = self.key()
        return self.choice([
            ["ZRANDMEMBER", key], ["ZRANDMEMBER", key, count],
            ["ZRANDMEMBER", key, count, "WITHSCORES"],
            ["ZSCAN", key, "0", "COUNT", "100000"],
            ["ZSCAN", key, "0", "MATCH", "m1*", "COUNT", "100000"],
            ["ZSCAN", key, "0", "COUNT", self.stream.integer()],
            ["ZSCAN", key, self.choice(["x", "0"]), "bad", "1"],
            ["OBJECT", "ENCODING", self.choice(ZSET_KEYS)],
        ])

    def simple(self):
        key = self.key()
        return self.choice([
            ["ZSCORE", key, self.member()], ["ZRANK", key, self.member()],
            ["ZREVRANK", key, self.member()], ["ZCARD", key],
            ["ZMSCORE", key, *self.members()],
            ["ZINCRBY", key, self.score(), self.member()],
            ["ZREM", key, *self.members()], ["ZREM", key, *self.members()],
            ["DEL", key], ["TYPE", key],
            ["COPY", self.choice(ZSET_KEYS), self.choice(ZSET_KEYS)],
            ["RENAME", self.choice(ZSET_KEYS), self.choice(ZSET_KEYS)],
        ])

    def command(self):
        makers = ([self.zadd] * 10 + [self.range] * 7 + [self.combine] * 4 +
                  [self.lex] * 3 + [self.pop] * 2 + [self.random] * 2 +
                  [self.simple] * 6)
        return self.choice(makers)()
