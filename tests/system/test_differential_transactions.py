"""The same random transactions to Redis and to vega-server; equal replies.

WATCH, a change, MULTI, commands, and one of the ways to end it; also all of
these where they do not belong. The commands are those of test_differential.py
whose replies can be compared byte by byte.

SEED=n repeats a run, COMMANDS=n sets its length.
"""
# SPDX-License-Identifier: MIT

import os
import random
import time

import pytest

from test_differential import (  # pylint: disable=unused-import
    COMPARE, Connection, PIPELINE, SECONDS_MAX, Stream, check_batch,
    check_state, redis_port)

STAGES = ["stage1", "stage2"]
COMMANDS = int(os.environ.get("COMMANDS", 20000))
# Replies that are each server's own. A SET whose time has passed leaves
# remains that DBSIZE counts until someone looks.
NOT_QUEUED = {"OBJECT", "DBSIZE", "GETEX", *COMPARE}
ABOVE = [["PING"], ["PING", "text"], ["ECHO", "text"], ["SELECT", "0"],
         ["SELECT", "1"], ["CLIENT", "GETNAME"], ["CLIENT", "SETNAME", "me"],
         ["UNWATCH"], ["WAIT", "0", "0"], ["WAIT", "1", "0"]]
MISPLACED = [["MULTI"], ["WATCH", "a"], ["SET", "a"], ["NOSUCHCOMMAND"],
             ["MULTI", "x"], ["WATCH"], ["DISCARD", "x"]]
ENDS = [["EXEC"]] * 8 + [["DISCARD"], ["EXEC", "x"]]


class Transactions(Stream):
    def queued(self):
        """One whose reply depends on the keys alone."""
        while True:
            command = self.choice([self.simple, self.set, self.number_command,
                                   self.part, self.bitcount])()
            name = command[0].upper()
            if name not in NOT_QUEUED and (name != "SET" or len(command) < 5):
                return command

    def change(self):
        """One that comes between WATCH and MULTI."""
        key = self.any_key()
        return self.choice([
            ["SET", key, self.value()], ["DEL", key], ["GET", key],
            ["APPEND", key, "x"], ["INCR", key], ["PERSIST", key],
            ["EXPIRE", key, "100000000"], ["RENAME", key, self.key()],
            ["MSET", *self.pairs()], ["SETNX", key, self.value()],
            ["FLUSHALL"], ["UNWATCH"], ["WATCH", *self.keys()],
        ])

    def transaction(self):
        if self.likely(60):
            yield ["WATCH", *self.keys()]
        if self.likely(40):
            yield self.change()
        yield ["MULTI"]
        for _ in range(self.random.randrange(6)):
            if self.likely(4):
                yield self.choice(MISPLACED)
            yield self.choice(ABOVE) if self.likely(15) else self.queued()
        yield self.choice(ENDS)

    def commands(self):
        while True:
            if self.likely(5):
                yield self.choice([["EXEC"], ["DISCARD"], ["UNWATCH"],
                                   ["EXEC", "x"], ["DISCARD", "x"]])
            yield self.queued()
            yield from self.transaction()


@pytest.mark.parametrize("protocol", ["2", "3"])
def test_random_transactions_get_the_replies_of_redis(server, redis_port,
                                                      protocol):
    seed = os.environ.get("SEED", str(random.SystemRandom().randrange(2**32)))
    context = f"SEED={seed} RESP{protocol}"
    print(context)
    pair = [Connection(redis_port), Connection(server.port)]
    stream = Transactions(int(seed)).commands()
    history = []
    deadline = time.monotonic() + SECONDS_MAX
    for connection in pair:
        connection.call("HELLO", protocol)
    while len(history) < COMMANDS:
        assert time.monotonic() < deadline, f"over {SECONDS_MAX} s"
        check_batch(pair, [next(stream) for _ in range(PIPELINE)], history,
                    context)
    for connection in pair:
        connection.call("RESET")
    check_state(pair, history, context)
    for connection in pair:
        connection.close()
