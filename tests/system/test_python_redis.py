"""redis-py, the client library that most programs in Python use."""
# SPDX-License-Identifier: MIT

import threading
import time

import pytest
import redis

STAGES = ["stage1", "stage2"]


@pytest.fixture
def db(server):
    with redis.Redis(port=server.port) as connection:
        yield connection


def test_strings(db):
    assert db.set("k", "v") is True
    assert db.get("k") == b"v"
    assert db.get("none") is None
    assert db.set("k", "w", nx=True) is None
    assert db.set("k", "w", xx=True, get=True) == b"v"
    assert db.append("k", "xyz") == 4
    assert db.strlen("k") == 4
    assert db.getrange("k", 1, -2) == b"xy"
    assert db.setrange("k", 1, b"\x00\xff") == 4
    assert db.get("k") == b"w\x00\xffz"
    assert db.getset("k", "new") == b"w\x00\xffz"
    assert db.getdel("k") == b"new"
    assert not db.exists("k")


def test_numbers(db):
    assert db.incr("n") == 1
    assert db.incrby("n", 41) == 42
    assert db.decr("n", 2) == 40
    assert db.incrbyfloat("n", 0.5) == 40.5
    with pytest.raises(redis.ResponseError, match="not an integer"):
        db.incr("n")


def test_bits(db):
    assert db.setbit("b", 7, 1) == 0
    assert db.getbit("b", 7) == 1
    assert db.bitcount("b") == 1


def test_many_at_once(db):
    assert db.mset({"a": 1, "b": 2, "c": 3}) is True
    assert db.mget("a", "none", "c") == [b"1", None, b"3"]
    assert db.msetnx({"c": 4, "d": 5}) is False
    assert db.exists("a", "b", "d") == 2
    assert db.delete("a", "b", "none") == 2
    assert db.unlink("c") == 1
    assert db.dbsize() == 0


def test_expiry(db):
    db.set("k", "v", ex=100)
    assert 0 < db.ttl("k") <= 100
    assert db.expire("k", 5, gt=True) is False
    assert db.pexpire("k", 50_000, lt=True) is True
    assert 0 < db.pttl("k") <= 50_000
    assert db.persist("k") is True
    assert db.ttl("k") == -1
    assert db.ttl("none") == -2
    assert db.expireat("k", int(time.time()) + 10) is True
    assert db.getex("k", px=20) == b"v"
    time.sleep(0.05)
    assert db.get("k") is None
    assert db.dbsize() == 0


def test_keys(db):
    db.mset({f"key:{i}": i for i in range(500)})
    assert len(db.keys("key:1*")) == 111
    assert set(db.scan_iter("key:*", count=50)) == {
        b"key:%d" % i for i in range(500)}
    assert db.randomkey().startswith(b"key:")
    assert db.rename("key:1", "renamed") is True
    assert db.renamenx("renamed", "key:2") is False
    assert db.copy("renamed", "copied") is True
    assert db.type("copied") == b"string"
    assert db.object("encoding", "copied") in (b"int", b"embstr")
    assert db.memory_usage("copied") > 0
    assert db.touch("copied", "none") == 1
    assert db.flushdb() is True
    assert db.keys() == []


def test_a_pipeline_answers_in_order(db):
    with db.pipeline(transaction=False) as pipe:
        for i in range(1000):
            pipe.set(f"k{i}", i)
            pipe.get(f"k{i}")
        answers = pipe.execute()
    assert answers[::2] == [True] * 1000
    assert answers[1::2] == [b"%d" % i for i in range(1000)]


def test_an_error_in_a_pipeline_is_only_its_own(db):
    db.set("text", "x")
    with db.pipeline(transaction=False) as pipe:
        pipe.incr("text").incr("number")
        first, second = pipe.execute(raise_on_error=False)
    assert isinstance(first, redis.ResponseError)
    assert second == 1


def test_the_connection_has_a_name(server, db):
    assert db.ping() is True
    assert db.echo("hello") == b"hello"
    assert db.client_setname("tester") is True
    assert db.client_getname() == "tester"
    number = db.client_id()
    with redis.Redis(port=server.port, client_name="other") as other:
        names = {each["name"]: each for each in other.client_list()}
        assert names["tester"]["id"] == str(number)
        assert "other" in names
        assert other.client_kill_filter(_id=number) == 1
    assert db.ping() is True  # On a new connection.
    assert db.client_id() != number


def test_server_facts(server, db):
    info = db.info()
    assert info["redis_version"].startswith("7.")
    assert info["tcp_port"] == server.port
    assert info["process_id"] == server.process.pid
    assert db.config_get("port") == {"port": str(server.port)}
    assert db.config_set("timeout", 100) is True
    assert db.config_get("timeout") == {"timeout": "100"}
    assert abs(db.time()[0] - time.time()) < 5
    assert db.command_count() == len(db.command())
    assert db.command()["get"]["arity"] == 2
    with pytest.raises(redis.ResponseError, match="out of range"):
        db.select(1)


def test_threads_share_a_pool(db):
    def count():
        for _ in range(500):
            db.incr("n")

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert db.get("n") == b"4000"


def test_large_and_binary_values(db):
    value = bytes(range(256)) * 40000
    db.set(b"\x00\r\n", value)
    assert db.get(b"\x00\r\n") == value
