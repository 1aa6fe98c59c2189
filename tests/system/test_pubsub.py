"""Publishing, listening and watching, by real clients: redis-py, redis-cli,
and subscribers that do not read."""
# SPDX-License-Identifier: MIT

import re
import socket
import subprocess
import time

import pytest
import redis

STAGES = ["stage1", "stage2"]

SECONDS_MAX = 30


@pytest.fixture
def db(server):
    with redis.Redis(port=server.port) as connection:
        yield connection


def wait_until(condition):
    end = time.monotonic() + SECONDS_MAX
    while not condition():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.01)


def next_message(pubsub):
    message = pubsub.get_message(timeout=SECONDS_MAX)
    assert message, "no message came"
    return message["type"], message["channel"], message["data"]


def test_redis_py_subscribes_and_gets_what_is_published(db):
    with db.pubsub() as listener:
        listener.subscribe("news", "sport")
        listener.psubscribe("n*")
        assert [next_message(listener)[2] for _ in range(3)] == [1, 2, 3]
        assert db.publish("news", b"\x00\r\n") == 2
        assert next_message(listener) == ("message", b"news", b"\x00\r\n")
        assert next_message(listener) == ("pmessage", b"news", b"\x00\r\n")
        assert db.pubsub_channels() == [b"news", b"sport"]
        assert db.pubsub_numsub("news", "x") == [(b"news", 1), (b"x", 0)]
        assert db.pubsub_numpat() == 1
        listener.ping()
        assert listener.get_message(timeout=SECONDS_MAX)["type"] == "pong"
        listener.unsubscribe()
        assert {next_message(listener)[0] for _ in range(2)} == {"unsubscribe"}
        assert db.publish("sport", "x") == 0
    wait_until(lambda: db.pubsub_numpat() == 0)


def test_a_subscriber_that_disconnects_is_forgotten(db, server):
    listener = server.connect()
    listener.command("SUBSCRIBE", "a")
    assert db.publish("a", "x") == 1
    listener.close()
    wait_until(lambda: db.publish("a", "x") == 0)
    assert db.pubsub_channels() == []


def test_messages_of_one_publisher_come_in_order_to_all(db, server):
    listeners = [server.connect() for _ in range(200)]
    for i, listener in enumerate(listeners):
        if i % 2:
            listener.command("HELLO", 3)
        listener.command("SUBSCRIBE", "a")
    pipe = db.pipeline(transaction=False)
    for number in range(100):
        pipe.publish("a", number)
    assert pipe.execute() == [200] * 100
    for listener in listeners:
        got = [listener.read() for _ in range(100)]
        assert got == [[b"message", b"a", b"%d" % n] for n in range(100)]
        listener.close()


def test_redis_cli_prints_messages(db, server):
    with subprocess.Popen(
            ["redis-cli", "-p", str(server.port), "subscribe", "a"],
            stdout=subprocess.PIPE, text=True) as cli:
        wait_until(lambda: db.publish("a", "hello") == 1)
        lines = [cli.stdout.readline().strip() for _ in range(6)]
        cli.terminate()
    assert lines == ["subscribe", "a", "1", "message", "a", "hello"]


def test_redis_cli_monitors(db, server):
    with subprocess.Popen(["redis-cli", "-p", str(server.port), "monitor"],
                          stdout=subprocess.PIPE, text=True) as cli:
        assert cli.stdout.readline() == "OK\n"
        db.set("k", "a b")
        pipe = db.pipeline()
        pipe.set("x", 1).get("x").execute()
        words = []
        while len(words) < 5:
            line = cli.stdout.readline()
            assert re.match(r'^\d+\.\d{6} \[0 127\.0\.0\.1:\d+\] "', line)
            words.append(line.split("] ", 1)[1].strip())
        cli.terminate()
    assert words == ['"SET" "k" "a b"', '"MULTI"', '"SET" "x" "1"',
                     '"GET" "x"', '"EXEC"']


def test_the_life_of_keys_is_told_to_who_asks(db):
    db.config_set("notify-keyspace-events", "KEA")
    assert db.config_get("notify-keyspace-events") == {
        "notify-keyspace-events": "AKE"}
    with db.pubsub() as listener:
        listener.psubscribe("__key*__:*")
        next_message(listener)
        db.set("k", "v", px=20)
        assert [next_message(listener)[1:] for _ in range(6)] == [
            (b"__keyspace@0__:k", b"set"), (b"__keyevent@0__:set", b"k"),
            (b"__keyspace@0__:k", b"expire"), (b"__keyevent@0__:expire", b"k"),
            # Nobody looks: the server finds out by itself.
            (b"__keyspace@0__:k", b"expired"),
            (b"__keyevent@0__:expired", b"k")]
        db.config_set("notify-keyspace-events", "")
        db.set("k", "v")
        db.publish("__keyend__:", "x")
        assert next_message(listener)[1] == b"__keyend__:"


def test_events_of_a_transaction_never_stand_inside_its_reply(server):
    with server.connect() as client:
        client.command("CONFIG", "SET", "notify-keyspace-events", "E$")
        client.command("HELLO", 3)
        client.command("PSUBSCRIBE", "*")
        for words in ("MULTI", "SET a 1", "PUBLISH c m", "GET a"):
            client.command(*words.split())
        assert client.command("EXEC") == ["OK", 1, b"1"]
        assert client.read() == [b"pmessage", b"*", b"__keyevent@0__:set",
                                 b"a"]
        assert client.read() == [b"pmessage", b"*", b"c", b"m"]


def deaf_client(server, *words):
    """A connection whose small receive buffer nobody empties."""
    client = server.connect()
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.command(*words)
    return client


@pytest.mark.parametrize("words", [("SUBSCRIBE", "a"), ("MONITOR",)])
def test_who_does_not_read_is_dropped_with_bounded_memory(start_server, words):
    server = start_server("--set",
                          "output_buffer_limits=pubsub 4MB 0 0")
    with redis.Redis(port=server.port) as db:
        before = server.resident_bytes()
        deaf = deaf_client(server, *words)
        dropped = "client_output_buffer_limit_disconnections"
        message = b"m" * 65536
        for _ in range(2000): # 125 MB
            db.publish("a", message)
            if db.info("stats")[dropped]:
                break
        assert db.info("stats")[dropped] == 1
        if not server.is_sanitized():
            # A buffer of 4 MB doubles by copying, which takes 12, and pages
            # come in pieces of 2 MB.
            assert server.resident_bytes() - before < 24 << 20
        assert db.publish("a", "x") == 0
        assert len(db.client_list()) == 1
        assert "output_buffer_limits exceeded" in server.log()
        deaf.close()
    assert server.stop() == 0
