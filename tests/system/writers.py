"""Clients that write without pause, and remember what was acknowledged.

A writer's n-th operation is one atomic step of keys of its own, so that what
a server has afterwards says how far its history goes: that must be a prefix
which holds all that was acknowledged, and nothing that was never sent.
"""
# SPDX-License-Identifier: MIT

import threading

from resp import Closed, Error, encode

SLOTS = 50
BATCH = 20


def is_transaction(number):
    return number % 10 == 0


class Writer(threading.Thread):
    """Begins behind what the server has, and ends with its connection."""

    def __init__(self, server, name, padding=0):
        super().__init__()
        self.name = name
        self.padding = "x" * padding
        self.client = server.connect()
        self.acknowledged = self.sent = self.read_state(self.client)
        self.refused = []
        self.stopped = threading.Event()

    def key(self, part):
        return f"{self.name}:{part}"

    def request(self, number):
        if is_transaction(number):
            return (encode("MULTI") + encode("SET", self.key("count"), number) +
                    encode("RPUSH", self.key("tens"), number) + encode("EXEC"))
        return encode("MSET", self.key("count"), number,
                      self.key(number % SLOTS), number,
                      self.key("padding"), self.padding)

    def take_reply(self, number):
        replies = [self.client.read()
                   for _ in range(4 if is_transaction(number) else 1)]
        if isinstance(replies[-1], Error):
            self.refused.append(replies[-1])
        else:
            self.acknowledged = number

    def run(self):
        try:
            while not self.stopped.is_set() and not self.refused:
                batch = range(self.sent + 1, self.sent + 1 + BATCH)
                self.sent = batch[-1]
                self.client.send(b"".join(map(self.request, batch)))
                for number in batch:
                    self.take_reply(number)
        except (Closed, OSError):
            pass
        finally:
            self.client.close()

    def read_state(self, client):
        """How far the server's history of this writer goes. Fails if what it
        has is no prefix of that history."""
        last = int(client.command("GET", self.key("count")) or 0)
        tens = client.command("LRANGE", self.key("tens"), 0, -1)
        assert list(map(int, tens)) == list(range(10, last + 1, 10))
        found = client.command("MGET", *map(self.key, range(SLOTS)))
        latest = {number % SLOTS: number
                  for number in range(max(1, last - 2 * SLOTS), last + 1)
                  if not is_transaction(number)}
        for slot in range(SLOTS):
            expected = latest.get(slot)
            assert found[slot] == (expected and b"%d" % expected), slot
        return last

    def check(self, client):
        """Everything that was acknowledged is there."""
        last = self.read_state(client)
        assert self.acknowledged <= last <= self.sent, (
            f"{self.name}: acknowledged {self.acknowledged}, "
            f"found {last}, sent {self.sent}")


def start_writers(server, count=4, padding=0):
    writers = [Writer(server, f"w{i}", padding) for i in range(count)]
    for writer in writers:
        writer.start()
    return writers


def join_writers(writers):
    for writer in writers:
        writer.stopped.set()
    for writer in writers:
        writer.join(30)
        assert not writer.is_alive()


def check_writers(server, writers):
    with server.connect() as client:
        for writer in writers:
            writer.check(client)
