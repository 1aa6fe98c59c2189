"""STATS, SLOWLOG and HEALTH of a real process, on real clocks."""
# SPDX-License-Identifier: MIT

import json

from resp import encode

ELEMENTS = 200_000


def times_of(server, command, span="since_start"):
    return json.loads(server.command("STATS"))["commands"][command][span]


def test_the_document_is_json_in_both_protocols(server):
    with server.connect() as client:
        first = json.loads(client.command("STATS"))
        client.command("HELLO", 3)
        second = json.loads(client.command("STATS"))
    assert first.keys() == second.keys()
    assert first["address"] == f"127.0.0.1:{server.port}"
    assert first["storage"]["keys"] == 0
    assert first["network"]["connections"] >= 1


def test_pipelined_requests_are_all_timed(server):
    with server.connect() as client:
        client.send(encode("SET", "key", "value") * 1000)
        for _ in range(1000):
            assert client.read() == "OK"
    for span in ("since_start", "recent"):
        times = times_of(server, "set", span)
        assert times["count"] == 1000
        assert 0 < times["mean_us"] <= times["max_us"]
        assert times["p50_us"] <= times["p95_us"] <= times["p99_us"] \
            <= times["p99.9_us"] <= times["max_us"]
        assert 0 < times["seconds"] < 100


def test_a_slow_command_is_in_the_log_and_quick_ones_are_not(server):
    with server.connect() as client:
        client.command("CONFIG", "SET", "slowlog-log-slower-than", 2000)
        for first in range(0, ELEMENTS, 10_000):
            client.command("RPUSH", "long", *range(first, first + 10_000))
        client.command("SLOWLOG", "RESET")
        client.send(encode("PING") + encode("LRANGE", "long", 0, -1) +
                    encode("PING"))
        assert client.read() == "PONG"
        assert len(client.read()) == ELEMENTS
        assert client.read() == "PONG"
        names = [entry[3][0] for entry in client.command("SLOWLOG", "GET")]
    assert b"LRANGE" in names
    assert times_of(server, "lrange")["max_us"] >= 2000


def test_a_sleeper_counts_as_slow_but_not_as_work(start_server):
    server = start_server("--debug-commands")
    with server.connect() as client:
        client.command("CONFIG", "SET", "slowlog-log-slower-than", 900_000,
                       "latency-monitor-threshold", 900)
        client.command("DEBUG", "SLEEP", "1")
        (entry,) = client.command("SLOWLOG", "GET")
        assert entry[2:4] == [1_000_000, [b"DEBUG", b"SLEEP", b"1"]]
        assert client.command("LATENCY", "LATEST")[0][2:] == [1000, 1000]
    assert times_of(server, "debug|sleep")["max_us"] < 900_000


def test_health_is_ok(server):
    assert server.command("HEALTH").split(":")[0] == "ok"
