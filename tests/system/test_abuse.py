"""Clients that are slow, silent, rude or mad cost bounded memory, and nobody
else waits."""
# SPDX-License-Identifier: MIT

import contextlib
import random
import resource
import socket
import struct
import threading
import time

import pytest

from resp import encode

MB = 1024 * 1024


class Bystander(threading.Thread):
    """Somebody else, who works meanwhile, and measures how long the server
    worked for others before it replied. (On the wall it may be longer: the
    machine is not ours alone.)"""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server = server
        self.client = server.connect(timeout=30)
        self.slowest = 0.0
        self.count = 0
        self.ended = threading.Event()

    def run(self):
        while not self.ended.is_set():
            start = self.server.cpu_seconds()
            assert self.client.command("SET", "bystander", "x") == "OK"
            self.slowest = max(self.slowest, self.server.cpu_seconds() - start)
            self.count += 1
            time.sleep(0.001)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join(30)
        self.client.close()
        assert self.count > 0


def reset(client):
    """Closes by RST instead of FIN, as a vanished machine would."""
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             struct.pack("ii", 1, 0))
    client.close()


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)


def test_a_client_that_sends_byte_by_byte(server):
    request = encode("SET", "dripped", "v" * 20)
    with contextlib.ExitStack() as stack:
        bystander = stack.enter_context(Bystander(server))
        clients = [stack.enter_context(server.connect()) for _ in range(50)]
        for i in range(len(request)):
            for client in clients:
                client.send(request[i:i + 1])
            time.sleep(0.005)
        for client in clients:
            assert client.read() == "OK"
    assert bystander.slowest < 1


def test_a_large_argument_in_small_portions_is_not_parsed_over_and_over(
        server):
    value = b"x" * (8 * MB)
    request = encode("SET", "large", value)
    with server.connect() as client:
        start = server.cpu_seconds()
        for at in range(0, len(request), 4096):
            client.send(request[at:at + 4096])
        assert client.read() == "OK"
        assert server.cpu_seconds() - start < 5
        assert client.command("STRLEN", "large") == len(value)


def test_a_client_that_never_reads(server):
    value = b"x" * (256 * 1024)
    server.command("SET", "big", value)
    gets = 1000
    before = server.resident_bytes()
    with server.connect() as greedy, Bystander(server) as bystander:
        greedy.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        greedy.send(encode("GET", "big") * gets)
        time.sleep(1)
        if not server.is_sanitized():
            assert server.resident_bytes() - before < 32 * MB
        assert bystander.slowest < 1
        # It was only slow: every reply is still there, in order.
        for _ in range(gets):
            assert greedy.read() == value


def test_a_hundred_clients_that_never_read(server):
    server.command("SET", "big", b"x" * MB)
    before = server.resident_bytes()
    with contextlib.ExitStack() as stack:
        bystander = stack.enter_context(Bystander(server))
        for _ in range(100):
            client = stack.enter_context(server.connect())
            client.send(encode("GET", "big") * 100)
        time.sleep(1)
        if not server.is_sanitized():
            assert server.resident_bytes() - before < 512 * MB
        assert bystander.slowest < 2
    wait_until(lambda: server.command("CLIENT", "LIST").count(b"\n") <= 2)
    if not server.is_sanitized():
        wait_until(lambda: server.resident_bytes() - before < 128 * MB)


def test_a_client_above_the_output_limit_is_closed(start_server):
    server = start_server("--set", "output_buffer_limits=normal 1MB 0 0",
                          "--set", "output_buffer_soft=16KB")
    server.command("SET", "big", b"x" * (2 * MB))
    with server.connect() as client:
        client.send(encode("GET", "big"))
        assert len(client.read_to_end()) < 2 * MB
    assert server.command("PING") == "PONG"


def test_resets_in_the_middle_of_a_command(server):
    request = encode("SET", "half", "v" * 1000)
    with Bystander(server) as bystander:
        for i in range(300):
            client = server.connect()
            client.send(request * 3 + request[:i * len(request) // 300])
            reset(client)
    assert bystander.slowest < 1
    wait_until(lambda: server.command("CLIENT", "LIST").count(b"\n") == 1)
    assert server.command("GET", "half") in (None, b"v" * 1000)


def test_a_reset_while_the_reply_is_owed(start_server):
    server = start_server("--debug-commands")
    for _ in range(20):
        client = server.connect()
        client.send(encode("DEBUG", "SLEEP", "0.1") + encode("SET", "k", "v"))
        reset(client)
    time.sleep(0.3)
    assert server.command("PING") == "PONG"
    assert server.stop() == 0


def test_ten_thousand_idle_connections(start_server):
    wanted = 10000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < wanted + 200:
        pytest.skip(f"the hard limit of open files is {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted + 200, hard))
    idle = []
    try:
        server = start_server("--set", f"clients_max={wanted + 50}")
        before = server.resident_bytes()
        for _ in range(wanted):
            idle.append(socket.create_connection(server.address, 10))
        with server.connect() as client:
            assert int(client.info("connected_clients")) == wanted + 1
        if not server.is_sanitized():
            assert server.resident_bytes() - before < wanted * 4096
        with Bystander(server) as bystander:
            time.sleep(0.5)
        assert bystander.slowest < 0.5
        # They are alive: each of a sample is answered.
        for connection in idle[::100]:
            connection.sendall(b"PING\r\n")
            assert connection.recv(100) == b"+PONG\r\n"
    finally:
        for connection in idle:
            connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    wait_until(lambda: server.command("CLIENT", "LIST").count(b"\n") == 1)
    assert server.stop() == 0


def test_one_client_too_many_is_told_so(start_server):
    server = start_server("--set", "clients_max=5")
    with contextlib.ExitStack() as stack:
        for _ in range(5):
            client = stack.enter_context(server.connect())
            assert client.command("PING") == "PONG"
        with server.connect() as sixth:
            assert sixth.read_to_end() == (
                b"-ERR max number of clients reached\r\n")
        assert client.command("PING") == "PONG"
    wait_until(lambda: server.command("PING") == "PONG")


TOO_LONG = b"1" * 70000


@pytest.mark.parametrize("request_bytes, error", [
    (b"*1048577\r\n", b"invalid multibulk length"),
    (b"*one\r\n", b"invalid multibulk length"),
    (b"*1\r\n$536870913\r\n", b"invalid bulk length"),
    (b"*1\r\n$-1\r\n", b"invalid bulk length"),
    (b"*1\r\n$\r\n", b"invalid bulk length"),
    (b"*1\r\n:1\r\n", b"expected '$', got ':'"),
    (b"*1\r\n\r\n", b"expected '$', got '\r'"),
    (b"*" + TOO_LONG, b"invalid multibulk length"),
    (b"*1\r\n$" + TOO_LONG, b"invalid bulk length"),
    (TOO_LONG, b"too big inline request"),
    (b"SET 'k\r\n", b"unbalanced quotes in request"),
    (b'SET "k"v\r\n', b"unbalanced quotes in request"),
], ids=lambda value: value[:24].decode())
def test_a_broken_request_is_named_and_ends_the_connection(
        server, request_bytes, error):
    with server.connect() as client:
        client.send(b"PING\r\n" + request_bytes)
        expected = b"+PONG\r\n-ERR Protocol error: " + error.replace(
            b"\r", b" ") + b"\r\n"
        assert client.read_to_end() == expected
    assert server.command("PING") == "PONG"


@pytest.mark.parametrize("request_bytes", [
    b"*4611686018427387904\r\n", b"*1\r\n$4611686018427387904\r\n",
    b"*1\r\n$-9223372036854775808\r\n", b"*1\r\n$99999999999999999999\r\n"])
def test_an_absurd_length_ends_the_connection(server, request_bytes):
    with server.connect() as client:
        client.send(request_bytes)
        assert client.read_to_end().startswith(b"-ERR Protocol error: ")
    assert server.command("PING") == "PONG"


def test_a_length_alone_reserves_nothing(server):
    before = server.resident_bytes()
    with contextlib.ExitStack() as stack:
        for _ in range(100):
            client = stack.enter_context(server.connect())
            client.send(b"*1048576\r\n$536870912\r\nbegun")
        assert server.command("PING") == "PONG"
        if not server.is_sanitized():
            assert server.resident_bytes() - before < 16 * MB


def test_a_stranger_may_not_send_much(start_server):
    server = start_server(VEGA_REQUIREPASS="secret")
    for request, error in ((b"*11\r\n", b"unauthenticated multibulk length"),
                           (b"*1\r\n$16385\r\n",
                            b"unauthenticated bulk length")):
        with server.connect() as client:
            client.send(request)
            assert client.read_to_end() == (
                b"-ERR Protocol error: " + error + b"\r\n")


@pytest.mark.parametrize("reads", ["meanwhile", "afterwards"])
def test_a_pipeline_of_a_hundred_thousand(server, reads):
    count = 100000
    data = encode("INCR", "n") * count
    with server.connect(timeout=30) as client:
        sender = threading.Thread(target=client.send, args=(data,))
        sender.start()
        if reads == "afterwards":
            sender.join()
        expected = b"".join(b":%d\r\n" % (i + 1) for i in range(count))
        assert client.read_bytes(len(expected)) == expected
        sender.join()


def mutated(generator):
    """A pipeline of sound requests with a few bytes wrong."""
    words = ["SET", "GET", "INCR", "MSET", "EXPIRE", "SCAN", "HELLO", "k", "v",
             "1", "-1", "EX", "3", "MATCH", "*", "\x00", "x" * 300]
    data = bytearray(b"".join(
        encode(*generator.choices(words, k=generator.randint(1, 6)))
        for _ in range(generator.randint(1, 20))))
    for _ in range(generator.randint(0, 4)):
        at = generator.randrange(len(data))
        action = generator.randrange(3)
        if action == 0:
            data[at] = generator.randrange(256)
        elif action == 1:
            del data[at:at + generator.randint(1, 8)]
        else:
            data[at:at] = generator.choice(
                (b"\r\n", b"*", b"$", b"-", b"9999999999", b"\0"))
        data = data or bytearray(b"*")
    return bytes(data)


def noise(generator):
    return generator.randbytes(generator.randint(1, 2000))


@pytest.mark.parametrize("make", [mutated, noise])
def test_random_bytes(server, make):
    generator = random.Random(20)
    with Bystander(server) as bystander:
        for _ in range(400):
            with server.connect() as client:
                try:
                    client.send(make(generator))
                    client.socket.shutdown(socket.SHUT_WR)
                    client.read_to_end()
                except ConnectionError:
                    pass  # It may close in the middle of garbage.
    assert bystander.slowest < 1
    assert server.command("PING") == "PONG"
