"""maxmemory, and the truth of what INFO says about memory."""
# SPDX-License-Identifier: MIT

import json
import time

import pytest

from resp import Error, encode

MB = 1024 * 1024
OOM = "OOM command not allowed when used memory > 'maxmemory'."


def info(server, section):
    text = server.command("INFO", section).decode()
    lines = [line for line in text.split("\r\n") if ":" in line]
    return dict(line.split(":", 1) for line in lines)


def used_memory(server):
    return int(info(server, "memory")["used_memory"])


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)


def set_many(server, count, value, prefix="key", batch=1000):
    """Pipelined; the replies."""
    replies = []
    with server.connect(30) as client:
        for start in range(0, count, batch):
            end = min(start + batch, count)
            client.send(b"".join(encode("SET", f"{prefix}:{i}", value)
                                 for i in range(start, end)))
            replies += [client.read() for _ in range(start, end)]
    return replies


def set_fast(server, prefix, count, value_bytes):
    """Sets `count` keys by pipelined MSETs of 1000, as fast as may be."""
    prefix, value = prefix.encode(), b"x" * value_bytes
    row = (b"$%d\r\n%s%%010d\r\n" % (len(prefix) + 10, prefix) +
           b"$%d\r\n%s\r\n" % (value_bytes, value))
    with server.connect(60) as client:
        for start in range(0, count, 10_000):
            for first in range(start, start + 10_000, 1000):
                client.send(b"*2001\r\n$4\r\nMSET\r\n" + b"".join(
                    [row % i for i in range(first, first + 1000)]))
            assert {client.read() for _ in range(10)} == {"OK"}


def settled(server):
    """Resident and used bytes once they stand still: a table that still grows
    has finished growing then."""
    last = (0, 0)
    for _ in range(100):
        now = server.resident_bytes(), used_memory(server)
        if all(abs(a - b) < MB / 4 for a, b in zip(now, last)):
            return now
        last = now
        time.sleep(0.2)
    pytest.fail(f"memory does not come to rest at {now}")


# Some 250 MB each: huge pages and what the allocator keeps in reserve come to
# a few MB, which must not matter.
@pytest.mark.parametrize("value_bytes,count", [
    (8, 4_000_000), (100, 1_500_000), (1000, 250_000)])
def test_used_memory_grows_as_resident_memory_does(start_server, value_bytes,
                                                   count):
    server = start_server()
    if "jemalloc" not in info(server, "memory")["mem_allocator"]:
        pytest.skip("only jemalloc tells")
    set_fast(server, "warm", 10_000, value_bytes)
    resident, used = settled(server)
    set_fast(server, "key", count, value_bytes)
    assert server.command("DBSIZE") == count + 10_000
    resident_now, used_now = settled(server)
    assert used_now - used == pytest.approx(resident_now - resident, rel=0.10)


def fill_fast(server, key, name, count, element):
    """Commands of 1000 elements each, as fast as may be."""
    with server.connect(60) as client:
        for start in range(0, count, 10_000):
            for first in range(start, start + 10_000, 1000):
                client.send(encode(name, key, *[
                    word for i in range(first, first + 1000)
                    for word in element(i)]))
            assert not any(isinstance(client.read(), Error) for _ in range(10))


# Some 100 MB each, for the same reason.
@pytest.mark.parametrize("name,length,count,element", [
    ("HSET", "HLEN", 2_000_000, lambda i: ("field:%08d" % i, "value:%d" % i)),
    ("SADD", "SCARD", 2_000_000, lambda i: ("member:%08d" % i,)),
    ("ZADD", "ZCARD", 1_000_000, lambda i: (i % 1000, "member:%08d" % i)),
    ("RPUSH", "LLEN", 1_000_000, lambda i: ("element:%050d" % i,)),
])
def test_used_memory_grows_as_resident_memory_does_in_large_values(
        start_server, name, length, count, element):
    server = start_server()
    if "jemalloc" not in info(server, "memory")["mem_allocator"]:
        pytest.skip("only jemalloc tells")
    fill_fast(server, "warm", name, 10_000, element)
    resident, used = settled(server)
    fill_fast(server, "huge", name, count, element)
    assert server.command(length, "huge") == count
    resident_now, used_now = settled(server)
    assert used_now - used > 60 * MB
    assert used_now - used == pytest.approx(resident_now - resident, rel=0.10)
    # The count of one value tells the same.
    assert server.command("MEMORY", "USAGE", "huge") == pytest.approx(
        used_now - used, rel=0.10)


def test_the_buffers_of_clients_count(start_server):
    server = start_server()
    if "jemalloc" not in info(server, "memory")["mem_allocator"]:
        pytest.skip("only jemalloc tells")
    server.command("SET", "big", "x" * (8 * MB))
    before = used_memory(server)
    with server.connect() as slow:
        slow.send(20 * encode("GET", "big"))
        wait_until(lambda: used_memory(server) > before + 4 * MB)


def test_memory_is_given_back_in_the_count_when_keys_go(start_server):
    server = start_server()
    before = used_memory(server)
    set_many(server, 50_000, "x" * 100)
    assert used_memory(server) > before + 50_000 * 100
    server.command("FLUSHALL")
    wait_until(lambda: used_memory(server) < before + MB)


def test_without_eviction_writes_are_refused_and_the_rest_goes_on(
        start_server):
    server = start_server("--maxmemory", "20MB")
    replies = set_many(server, 30_000, "x" * 1000)
    refused = [reply for reply in replies if isinstance(reply, Error)]
    assert refused and all(str(reply) == OOM for reply in refused)
    # The last few may fit again: the buffers of the connection shrink.
    assert replies[0] == "OK" and len(refused) > 5000
    assert used_memory(server) < 21 * MB
    with server.connect() as client:
        assert client.command("GET", "key:0") == b"x" * 1000
        # The buffers of the connection that is gone have made a little room.
        more = (client.command("SET", f"more:{i}", "x" * 1000)
                for i in range(5000))
        assert any(str(reply) == OOM for reply in more)
        client.command("MULTI")
        assert str(client.command("SET", "k", "v")) == OOM
        assert "EXECABORT" in str(client.command("EXEC"))
        assert client.command("DEL", "key:0") == 1
        assert client.command("FLUSHALL") == "OK"
        assert client.command("SET", "k", "v") == "OK"
    assert info(server, "stats")["evicted_keys"] == "0"


def test_integers_are_shared_while_no_use_of_theirs_must_be_known(server):
    server.command("SET", "k", "1")
    assert server.command("OBJECT", "REFCOUNT", "k") == 2**31 - 1
    server.command("CONFIG", "SET", "maxmemory", "100MB")
    for policy, count in (("allkeys-lru", 1), ("volatile-lfu", 1),
                          ("volatile-ttl", 2**31 - 1),
                          ("allkeys-random", 2**31 - 1)):
        server.command("CONFIG", "SET", "maxmemory-policy", policy)
        assert server.command("OBJECT", "REFCOUNT", "k") == count, policy
    server.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru",
                   "maxmemory", "0")
    assert server.command("OBJECT", "REFCOUNT", "k") == 2**31 - 1


def test_a_transaction_that_no_longer_fits_is_refused_as_a_whole(server):
    with server.connect() as client:
        client.command("SET", "there", "before")  # Sanitizers begin at 0.
        client.command("MULTI")
        assert client.command("SET", "k", "v") == "QUEUED"
        server.command("CONFIG", "SET", "maxmemory", "1")
        assert str(client.command("EXEC")) == (
            "EXECABORT Transaction discarded because of: " + OOM)
    server.command("CONFIG", "SET", "maxmemory", "0")
    assert server.command("GET", "k") is None


@pytest.mark.parametrize("policy", ["allkeys-lru", "allkeys-lfu",
                                    "allkeys-random"])
def test_memory_stays_within_its_bound(start_server, policy):
    server = start_server("--maxmemory", "50MB", "--set",
                          f"maxmemory_policy={policy}")
    count = 300_000 if not server.is_sanitized() else 150_000
    replies = set_many(server, count, "x" * 400)
    assert set(replies) == {"OK"}
    memory = info(server, "memory")
    assert int(memory["used_memory"]) <= 50 * MB + 64 * 1024
    assert int(memory["used_memory_peak"]) <= 51 * MB
    assert memory["maxmemory"] == str(50 * MB)
    assert memory["maxmemory_human"] == "50.00M"
    assert memory["maxmemory_policy"] == policy
    server.command("CONFIG", "SET", "maxmemory", "0")  # INFO evicts, too.
    evicted = int(info(server, "stats")["evicted_keys"])
    assert evicted + server.command("DBSIZE") == count
    if not server.is_sanitized():
        assert server.resident_bytes() < 75 * MB


def test_what_is_evicted_is_told_as_that_alone(start_server):
    server = start_server("--maxmemory", "4MB", "--set",
                          "maxmemory_policy=allkeys-random")
    server.command("CONFIG", "SET", "notify-keyspace-events", "EA")
    with server.connect() as listener:
        listener.command("PSUBSCRIBE", "__keyevent@0__:[de]*")
        set_many(server, 10_000, "x" * 1000)
        evicted = int(info(server, "stats")["evicted_keys"])
        assert evicted > 0
        # The server goes on evicting by itself for a while: at least so many.
        messages = [listener.read() for _ in range(evicted)]
        listener.send(encode("PING"))
        while messages[-1] != [b"pong", b""]:
            messages.append(listener.read())
        assert {message[2] for message in messages[:-1]} == {
            b"__keyevent@0__:evicted"}


def test_a_volatile_policy_keeps_the_rest_and_then_refuses(start_server):
    server = start_server("--maxmemory", "10MB", "--set",
                          "maxmemory_policy=volatile-lru")
    with server.connect() as client:
        for i in range(1000):
            client.command("SET", f"passing:{i}", "x" * 1000, "EX", "1000")
    replies = set_many(server, 15_000, "x" * 1000, "lasting")
    kept = replies.count("OK")
    assert kept < 15_000 and str(replies[-1]) == OOM
    assert info(server, "stats")["evicted_keys"] == "1000"
    assert server.command("DBSIZE") == kept


def test_a_limit_too_small_for_anything_refuses(server):
    server.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    server.command("SET", "k", "v")
    server.command("CONFIG", "SET", "maxmemory", "1")
    reply = server.command("SET", "k2", "x" * 100)
    if info(server, "memory")["used_memory"] == "0":
        assert reply == "OK"  # The store was empty, and nothing else counts.
    else:
        assert str(reply) == OOM
    assert server.command("GET", "k") is None


def test_a_lower_limit_is_reached_without_writes(server):
    set_many(server, 50_000, "x" * 100)
    server.command("CONFIG", "SET", "maxmemory-policy", "allkeys-random")
    server.command("CONFIG", "SET", "maxmemory", str(4 * MB))
    # INFO itself needs a few KB at the moment when it looks.
    limit = 4 * MB + 64 * 1024
    wait_until(lambda: used_memory(server) <= limit)
    assert server.command("DBSIZE") > 1000


def test_flushall_makes_room_at_once(start_server):
    server = start_server("--maxmemory", "20MB")
    set_many(server, 100_000, "x" * 100)
    with server.connect() as client:
        client.command("FLUSHALL")
        assert client.command("SET", "k", "v") == "OK"
    assert set(set_many(server, 50_000, "x" * 100)) == {"OK"}


def test_frequencies_are_kept_under_lfu_alone(server):
    def freq(key):
        return server.command("OBJECT", "FREQ", key)

    server.command("SET", "k", "v")
    assert "An LFU maxmemory policy is not selected" in str(freq("k"))
    server.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu")
    server.command("CONFIG", "SET", "lfu-log-factor", "0")
    server.command("SET", "new", "v")
    assert freq("new") == 5
    for _ in range(3):
        server.command("GET", "new")
    assert freq("new") == 8
    assert "An LFU maxmemory policy is selected" in str(
        server.command("OBJECT", "IDLETIME", "new"))
    server.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    server.command("GET", "new")
    assert server.command("OBJECT", "IDLETIME", "new") == 0


def test_stats_tell_of_the_limit(start_server):
    server = start_server("--maxmemory", "4MB", "--set",
                          "maxmemory_policy=allkeys-random")
    set_many(server, 50_000, "x" * 100)
    storage = json.loads(server.command("STATS"))["storage"]
    assert storage["memory_bytes_max"] == 4 * MB
    assert storage["data_bytes"] <= storage["memory_bytes"] <= 5 * MB
    assert storage["policy"] == "allkeys-random"
    assert storage["evictions"] + storage["keys"] == 50_000


@pytest.mark.parametrize("setting,limit,fill,small,large", [
    ("hash-max-listpack-entries", "3", lambda i: ("HSET", "k", i, "v"),
     b"listpack", b"hashtable"),
    ("set-max-intset-entries", "3", lambda i: ("SADD", "k", i),
     b"intset", b"hashtable"),
    ("zset-max-listpack-entries", "3", lambda i: ("ZADD", "k", i, i),
     b"listpack", b"skiplist"),
    ("hash-max-listpack-value", "3", lambda i: ("HSET", "k", "f", 10 ** i),
     b"listpack", b"hashtable"),
    ("zset-max-listpack-value", "3", lambda i: ("ZADD", "k", i, 10 ** i),
     b"listpack", b"skiplist"),
])
def test_encodings_change_where_the_settings_say(server, setting, limit, fill,
                                                 small, large):
    assert server.command("CONFIG", "SET", setting, limit) == "OK"
    for i in range(3):
        server.command(*fill(i))
    assert server.command("OBJECT", "ENCODING", "k") == small
    server.command(*fill(3))
    assert server.command("OBJECT", "ENCODING", "k") == large
    # What there is stays as it is until it is written to.
    server.command("CONFIG", "SET", setting, "100")
    assert server.command("OBJECT", "ENCODING", "k") == large


def test_what_redis_tools_ask_for_is_answered(server):
    def get(key):
        return server.command("CONFIG", "GET", key)

    assert get("save") == [b"save", b""]
    assert get("appendonly") == [b"appendonly", b"no"]
    assert server.command("CONFIG", "SET", "save", "") == "OK"
    assert isinstance(server.command("CONFIG", "SET", "save", "60 1"), Error)
    assert isinstance(server.command("CONFIG", "SET", "appendonly", "yes"),
                      Error)
    server.command("CONFIG", "SET", "maxmemory", "100mb")
    assert get("maxmemory") == [b"maxmemory", str(100 * MB).encode()]
