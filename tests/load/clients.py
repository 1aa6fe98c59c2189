"""The connections of a load, all in one thread."""
# SPDX-License-Identifier: MIT

import selectors
import socket
import time

from families import CHANNELS, FAMILIES, wait
from resp import Error, encode

LEAVING = [b"", encode("BLPOP", "nobody", 0),
           encode("MULTI") + encode("SET", "bank:0", "lost"),
           encode("BEGIN") + encode("SET", "bank:0", "lost")]
SLOW_READ_BYTES = 2048


def parse(data, at):
    """The RESP2 reply at `at` and where it ends; None while it is incomplete.
    """
    end = data.find(b"\r\n", at)
    if end < 0:
        return None
    kind, head, at = data[at:at + 1], data[at + 1:end], end + 2
    if kind == b":":
        return int(head), at
    if kind == b"+":
        return head, at
    if kind == b"-":
        return Error(head.decode(errors="replace")), at
    if head == b"-1":
        return None, at
    if kind == b"$":
        end = at + int(head)
        return (data[at:end], end + 2) if end + 2 <= len(data) else None
    if kind != b"*":
        raise ValueError(f"no reply begins with {kind + head!r}")
    elements = []
    for _ in range(int(head)):
        element = parse(data, at)
        if element is None:
            return None
        elements.append(element[0])
        at = element[1]
    return elements, at


def errors_in(reply):
    if isinstance(reply, Error):
        yield reply
    elif isinstance(reply, list):
        for element in reply:
            yield from errors_in(element)


class Connection:
    """Bytes of one socket to replies."""

    def __init__(self, load, receive_bytes=None):
        self.load, self.data = load, b""
        self.socket = socket.socket()
        if receive_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF,
                                   receive_bytes)
        self.socket.settimeout(30)
        self.socket.connect(("127.0.0.1", load.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        load.selector.register(self.socket, selectors.EVENT_READ, self)

    def read(self):
        """Hands every complete reply to take()."""
        received = self.socket.recv(1 << 16)
        if not received:
            return self.lost("a connection was closed by the server")
        self.data += received
        at = 0
        while (reply := parse(self.data, at)) is not None:
            at = reply[1]
            self.take(reply[0])
        self.data = self.data[at:]

    def lost(self, why):
        self.load.fail(why)
        self.close()

    def close(self):
        self.load.selector.unregister(self.socket)
        self.socket.close()


class Worker(Connection):
    """Runs one family after another, or one for good."""

    def __init__(self, load, family=None):
        super().__init__(load)
        self.family = family
        self.begin()

    def begin(self):
        draw = self.load.draw
        one = self.family or draw.choices(*self.load.families)[0]
        self.name = one.__name__.strip("_")
        self.script = one(self.load, draw)
        self.send(None)

    def next_commands(self, replies):
        """None at the end of the script."""
        try:
            return self.script.send(replies)
        except StopIteration:
            return None

    def send(self, replies):
        self.commands = self.next_commands(replies)
        if self.commands is None:
            return False
        self.replies = []
        self.sent_at = time.monotonic()
        self.socket.sendall(b"".join(encode(*c) for c in self.commands))
        return True

    def take(self, reply):
        load = self.load
        if len(self.replies) == len(self.commands):
            return load.fail("a reply that nobody asked for")
        for error in errors_in(reply):
            load.note_error(self.commands[len(self.replies)], error)
        self.replies.append(reply)
        if len(self.replies) == len(self.commands):
            load.note(self.name, time.monotonic() - self.sent_at,
                      len(self.replies))
            self.go_on()

    def go_on(self):
        load, draw = self.load, self.load.draw
        if not self.family and load.running and draw.random() < load.churn:
            self.next_commands(self.replies)  # It learns of them.
            self.leave()
        elif self.send(self.replies):
            return
        elif load.running:
            self.begin()
        else:
            self.close()

    def leave(self):
        """In the middle of something, at times."""
        self.socket.sendall(self.load.draw.choice(LEAVING))
        self.close()
        self.load.reconnects += 1
        Worker(self.load)


class Subscriber(Connection):
    """Reads all that is published; nothing may be missing."""

    def __init__(self, load, **options):
        super().__init__(load, **options)
        self.confirmed = self.received = 0
        if load.draw.random() < 0.5:
            self.wanted = len(CHANNELS)
            self.socket.sendall(encode("SUBSCRIBE", *CHANNELS))
        else:
            self.wanted = 1
            self.socket.sendall(encode("PSUBSCRIBE", "news.*"))

    def take(self, message):
        if isinstance(message, Error):
            self.load.note_error(("SUBSCRIBE",), message)
        elif message[0] in (b"message", b"pmessage"):
            self.received += 1
        else:
            self.confirmed += 1


class SlowSubscriber(Subscriber):
    """Reads so little that the server must drop it, and comes back."""

    def __init__(self, load):
        super().__init__(load, receive_bytes=SLOW_READ_BYTES)
        load.selector.unregister(self.socket)
        self.socket.setblocking(False)

    def read_some(self):
        try:
            received = self.socket.recv(SLOW_READ_BYTES)
        except BlockingIOError:
            return True
        except ConnectionResetError:
            received = b""
        return received != b""


def create(load, connections):
    """All clients at the start of a load; how many of each kind."""
    listeners = max(2, connections // 100)
    waiters = max(4, connections // 25)
    slow = max(2, connections // 200) if load.mode == "stress" else 0
    load.subscribers = [Subscriber(load) for _ in range(listeners)]
    load.slow = [SlowSubscriber(load) for _ in range(slow)]
    load.poll_until(lambda: all(one.confirmed == one.wanted
                                for one in load.subscribers))
    load.listeners = listeners
    load.families = list(FAMILIES), list(FAMILIES.values())
    for _ in range(waiters):
        Worker(load, wait)
    workers = max(1, connections - listeners - waiters - slow)
    for _ in range(workers):
        Worker(load)
    return {"workers": workers, "waiting in blocking pops": waiters,
            "subscribers": listeners, "slow subscribers": slow}
