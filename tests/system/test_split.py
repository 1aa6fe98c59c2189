"""Where a request is cut into portions never shows in the replies."""
# SPDX-License-Identifier: MIT

import re
import time

import pytest

from resp import encode

STAGES = ["stage1", "stage2"]

# Each is sent to an empty store, whole and then in two parts at every byte.
CORPUS = {
    "set and get": encode("SET", "key", "value") + encode("GET", "key"),
    "binary": encode("SET", b"\r\n\x00", b"$-1\r\n") +
              encode("GET", b"\r\n\x00"),
    "empty strings": encode("SET", "", "") + encode("GET", ""),
    "many keys": encode("MSET", "a", 1, "b", 2) + encode("MGET", "a", "b", "c"),
    "options": encode("SET", "k", "v", "EX", 100, "NX") + encode("TTL", "k"),
    "inline": b"SET k v\r\nGET k\r\n",
    "inline with quotes": b'SET "a b" \'c d\'\r\nGET "a\\x20b"\r\n',
    "bare newlines": b"SET k v\nGET k\n",
    "empty lines": b"\r\n\r\nPING\r\n\n" + encode("PING"),
    "empty array": b"*0\r\n*-1\r\n" + encode("PING"),
    "mixed": b"PING\r\n" + encode("ECHO", "x") + b"PING\r\n",
    "unknown": encode("NOSUCH", "argument", "other"),
    "wrong number": encode("GET") + encode("PING"),
    "wrong kind": encode("SET", "k", "text") + encode("INCR", "k"),
    "protocol 3": encode("HELLO", 3) + encode("GET", "none") +
                  encode("CONFIG", "GET", "port"),
    "vega's words": encode("PUT", "k", "v") + encode("DELETE", "k", "l"),
    "quit": encode("SET", "k", "v") + encode("QUIT") + encode("GET", "k"),
    "bad length": encode("PING") + b"*1\r\n$x\r\nPING\r\n",
    "bad count": encode("PING") + b"*x\r\n",
    "no dollar": encode("PING") + b"*1\r\nPING\r\n",
    "bad quotes": b'PING\r\nGET "k\r\n',
}
# After these the server closes.
ENDS = {"quit", "bad length", "bad count", "no dollar", "bad quotes"}


END = encode("ECHO", "that was all")
END_REPLY = b"$12\r\nthat was all\r\n"


def read_all(client):
    """What comes back until the reply to END."""
    while not client.received.endswith(END_REPLY):
        client.more()
    return client.received


def replies(server, barrier, name, *parts):
    """All that comes back from an empty store."""
    assert barrier.command("FLUSHALL") == "OK"
    with server.connect() as client:
        for part in parts[:-1]:
            client.send(part)
            # A round trip of somebody else: by now that part has been read.
            barrier.command("PING")
        if name in ENDS:
            client.send(parts[-1])
            return client.read_to_end()
        client.send(parts[-1] + END)
        return read_all(client)


def comparable(data):
    """Without the number of the connection, which HELLO tells."""
    return re.sub(rb"\$2\r\nid\r\n:\d+", b"", data)


@pytest.mark.parametrize("name", CORPUS)
def test_every_split_gives_the_same_replies(server, name):
    request = CORPUS[name]
    with server.connect() as barrier:
        whole = comparable(replies(server, barrier, name, request))
        assert whole != END_REPLY
        for at in range(1, len(request)):
            split = replies(server, barrier, name, request[:at], request[at:])
            assert comparable(split) == whole, at


@pytest.mark.parametrize("portion", [1, 2, 7, 1000])
def test_the_whole_corpus_in_portions(server, portion):
    data = b"".join(request for name, request in CORPUS.items()
                    if name not in ENDS) + END

    def run(size):
        server.command("FLUSHALL")
        with server.connect() as client:
            for at in range(0, len(data), size):
                client.send(data[at:at + size])
                time.sleep(0.0002)
            return comparable(read_all(client))

    assert run(portion) == run(len(data))
