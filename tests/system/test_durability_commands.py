"""The commands and settings of stage 2, in the words that Redis' clients know;
those of WAITAOF are Redis 7.2's."""
# SPDX-License-Identifier: MIT

import threading
import time

import pytest
import redis

from resp import Error

STAGES = ["stage2"]


def wait_until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def save_is_over(client):
    return client.info("rdb_bgsave_in_progress") == "0"


# ---- Snapshots


GOLDEN = [
    (["SAVE"], "OK"),
    (["BGSAVE"], "Background saving started"),
    (["BGSAVE", "SCHEDULE"], "Background saving started"),
    (["BGSAVE", "NOW"], Error("ERR syntax error")),
    (["SAVE", "x"], Error("ERR wrong number of arguments for 'save' command")),
    (["BGREWRITEAOF"], "Background append only file rewriting started"),
    (["LASTSAVE", "x"],
     Error("ERR wrong number of arguments for 'lastsave' command")),
    (["WAITAOF", 1, 0, 0], [1, 0]),
    (["WAITAOF", 0, 0, 0], [1, 0]),
    (["WAITAOF", 1, 1, 20], [1, 0]),
    (["WAITAOF", 2, 0, 0],
     Error("ERR value is out of range, value must between 0 and 1")),
    (["WAITAOF", "x", 0, 0],
     Error("ERR value is not an integer or out of range")),
    (["WAITAOF", 1, -1, 0],
     Error("ERR value is out of range, must be positive")),
    (["WAITAOF", 1, 0, -1], Error("ERR timeout is negative")),
    (["WAITAOF", 1, 0, "x"],
     Error("ERR timeout is not an integer or out of range")),
    (["WAITAOF", 1, 0],
     Error("ERR wrong number of arguments for 'waitaof' command")),
]


@pytest.mark.parametrize("words, reply", GOLDEN,
                         ids=lambda value: " ".join(map(str, value)))
def test_replies(server, words, reply):
    with server.connect() as client:
        assert client.command("SET", "k", "v") == "OK"
        said = client.command(*words)
        assert said == reply and isinstance(said, type(reply))


def test_a_second_snapshot_waits_or_is_refused(server):
    with server.connect() as client:
        for i in range(100):
            client.command("SET", f"k{i}", "x" * 100_000)
        # In one piece, so that the first one is certainly under way.
        with client.socket.makefile("wb") as file:
            for words in ("BGSAVE", "BGSAVE", "SAVE", "BGSAVE SCHEDULE",
                          "BGREWRITEAOF"):
                file.write(words.encode() + b"\r\n")
        assert [client.read() for _ in range(5)] == [
            "Background saving started",
            "ERR Background save already in progress",
            "ERR Background save already in progress",
            "Background saving scheduled",
            "Background append only file rewriting scheduled"]
        wait_until(lambda: client.info("rdb_saves") == "2" and
                   save_is_over(client))


def test_save_answers_when_the_snapshot_is_there(server):
    with server.connect() as client:
        assert client.command("SET", "k", "v") == "OK"
        assert client.command("SAVE") == "OK"
        assert len(list(server.data.glob("*.snapshot"))) == 1
        assert client.info("rdb_changes_since_last_save") == "0"
        assert abs(client.command("LASTSAVE") - time.time()) < 5
        assert client.info("rdb_last_bgsave_status") == "ok"


def test_others_are_served_while_a_client_saves(server):
    with server.connect() as saver, server.connect() as other:
        saver.send(b"SAVE\r\n")
        assert other.command("PING") == "PONG"
        assert saver.read() == "OK"


def test_saves_in_a_transaction(server):
    with server.connect() as client:
        assert client.command("MULTI") == "OK"
        assert client.command("SAVE") == (
            "ERR Command not allowed inside a transaction")
        assert client.command("DISCARD") == "OK"
        client.command("MULTI")
        client.command("SET", "k", "v")
        client.command("WAITAOF", 1, 0, 0)
        client.command("BGSAVE")
        assert client.command("EXEC")[0] == "OK"
        wait_until(lambda: save_is_over(client))
        assert client.info("rdb_saves") == "1"


def test_a_snapshot_by_time_and_changes(start_server):
    server = start_server("--set", "save=1 3 1000 1")
    with server.connect() as client:
        client.command("SET", "a", 1)
        client.command("SET", "b", 1)
        time.sleep(1.5)
        assert client.info("rdb_saves") == "0"
        client.command("SET", "c", 1)
        wait_until(lambda: client.info("rdb_saves") == "1")
        assert client.info("rdb_changes_since_last_save") == "0"


def test_a_compressed_snapshot_is_smaller_and_loads(start_server):
    server = start_server()
    sizes = []
    with server.connect() as client:
        for i in range(1000):
            client.command("SET", f"key:{i}", "the same again " * 10)
        for value in ("no", "yes"):
            assert client.command("CONFIG", "SET", "rdbcompression",
                                  value) == "OK"
            client.command("SET", "last", value)
            assert client.command("SAVE") == "OK"
            sizes.append(max(path.stat().st_size for path in
                             server.data.glob("*.snapshot"))
                         if value == "no" else
                         min(path.stat().st_size for path in
                             server.data.glob("*.snapshot")))
    assert sizes[1] < sizes[0] / 2
    server.kill()
    again = start_server()
    assert again.command("DBSIZE") == 1001
    assert again.command("GET", "last") == b"yes"


# ---- WAITAOF


@pytest.mark.parametrize("policy", ["always", "everysec", "no"])
def test_waitaof_answers_when_all_is_synced(start_server, policy):
    server = start_server("--fsync", policy)
    with server.connect() as client:
        for i in range(20):
            assert client.command("SET", f"k{i}", "v") == "OK"
        assert client.command("WAITAOF", 1, 0, 0) == [1, 0]
        assert client.info("log_durable_lsn") == client.info("log_lsn")


def test_waitaof_for_replicas_ends_by_its_timeout(server):
    with server.connect() as client:
        begin = time.monotonic()
        assert client.command("WAITAOF", 0, 1, 300) == [1, 0]
        assert time.monotonic() - begin >= 0.29


def test_a_client_that_waits_for_ever_may_leave(server):
    with server.connect() as client:
        client.send(b"WAITAOF 1 1 0\r\n")
        with server.connect() as other:
            wait_until(lambda: other.info("blocked_clients") == "1")
            client.close()
            wait_until(lambda: other.info("blocked_clients") == "0")


# ---- Settings


def test_the_policy_has_three_names(server):
    with server.connect() as client:
        for name, value, policy in (("appendfsync", "everysec", "everysec"),
                                    ("fsync", "no", "no"),
                                    ("sync_writes", "true", "always"),
                                    ("sync-writes", "false", "everysec")):
            assert client.command("CONFIG", "SET", name, value) == "OK"
            assert client.info("log_fsync") == policy
            assert client.command("CONFIG", "GET", "appendfsync") == [
                b"appendfsync", policy.encode()]


def test_a_file_that_contradicts_itself_is_refused(run_server, tmp_path):
    path = tmp_path / "vega.yaml"
    path.write_text("fsync: always\nsync_writes: false\n")
    done = run_server("-c", path)
    assert done.returncode == 2
    assert (f"{path}:2:14: sync_writes is the same setting as fsync, which is "
            "set already") in done.stdout


def test_what_the_tools_of_redis_ask_for(server):
    with server.connect() as client:
        assert client.command("CONFIG", "GET", "appendonly") == [
            b"appendonly", b"yes"]
        assert client.command("CONFIG", "GET", "save") == [b"save", b"3600 1"]
        assert client.command("CONFIG", "GET", "dir") == [
            b"dir", str(server.data).encode()]
        assert isinstance(client.command("CONFIG", "SET", "appendonly", "no"),
                          Error)


def test_snapshots_on_another_disk(start_server, tmp_path):
    place = tmp_path / "snapshots"
    server = start_server("--snapshot-path", place)
    server.command("SET", "k", "v")
    assert server.command("SAVE") == "OK"
    assert len(list(place.glob("*.snapshot"))) == 1
    assert not list(server.data.glob("*.snapshot"))
    server.kill()
    again = start_server("--snapshot-path", place)
    assert again.command("GET", "k") == b"v"
    assert "snapshot loaded" in again.log()


# ---- A client library


def test_a_client_library(server):
    db = redis.Redis(port=server.port)
    assert db.set("k", "v")
    assert db.save()
    assert db.bgsave()
    wait_until(lambda: db.info("persistence")["rdb_bgsave_in_progress"] == 0)
    assert db.bgrewriteaof()
    assert abs(db.lastsave().timestamp() - time.time()) < 5
    said = db.info("persistence")
    assert said["aof_enabled"] == 1
    assert said["log_state"] == "ok"
    assert said["rdb_last_bgsave_status"] == "ok"


def test_all_types_come_back_as_they_were(start_server):
    server = start_server()
    db = redis.Redis(port=server.port)

    def fill(prefix):
        db.set(prefix + "string", b"\x00\xff\r\n")
        db.set(prefix + "later", 1, px=1_000_000)
        db.set(prefix + "soon", 1, px=1)
        db.rpush(prefix + "list", *range(300))
        db.sadd(prefix + "ints", *range(20))
        db.sadd(prefix + "set", "a", "b", "c" * 100)
        db.hset(prefix + "hash", mapping={f"f{i}": i for i in range(600)})
        db.zadd(prefix + "zset", {f"m{i}": i / 3 for i in range(200)})

    def state():
        return {key: (db.object("encoding", key), db.dump_all(key))
                for key in sorted(db.keys())}

    def dump_all(key):
        kind = db.type(key)
        return {b"string": lambda: db.get(key),
                b"list": lambda: db.lrange(key, 0, -1),
                b"set": lambda: sorted(db.smembers(key)),
                b"hash": lambda: db.hgetall(key),
                b"zset": lambda: db.zrange(key, 0, -1, withscores=True),
                }[kind]()
    db.dump_all = dump_all

    fill("a:")
    assert db.save()
    fill("b:")
    expires = db.pexpiretime("b:later") if hasattr(db, "pexpiretime") else None
    time.sleep(0.01)
    before = state()
    assert len(before) == 14
    server.kill()
    server = start_server()
    db = redis.Redis(port=server.port)
    db.dump_all = dump_all
    assert state() == before
    if expires:
        assert db.pexpiretime("b:later") == expires


def test_writes_wait_while_a_client_blocks_on_a_list(start_server):
    """A pop that was woken is in the log once."""
    server = start_server()
    with server.connect() as waiting, server.connect() as client:
        popped = []
        thread = threading.Thread(
            target=lambda: popped.append(waiting.command("BLPOP", "l", 0)))
        thread.start()
        wait_until(lambda: client.info("blocked_clients") == "1")
        assert client.command("RPUSH", "l", "a", "b") == 2
        thread.join(10)
        assert popped == [[b"l", b"a"]]
    server.kill()
    assert start_server().command("LRANGE", "l", 0, -1) == [b"b"]
