"""What was acknowledged survives the end of the process, whenever that comes.

ROUNDS=300 kills the server that often; SEED=n repeats the moments, as far as
the machine lets them be repeated.
"""
# SPDX-License-Identifier: MIT

import os
import pathlib
import random
import signal
import time

import pytest

from resp import encode
from writers import check_writers, join_writers, start_writers

STAGES = ["stage2"]
ROUNDS = int(os.environ.get("ROUNDS", 10))
SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(2**32)))
POLICIES = ["always", "everysec", "no"]
MB = 1024 * 1024
SMALL = ["--set", "log_segment_size=1MB", "--set", "save="]


def wait_until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def children_of(process):
    path = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(word) for word in path.read_text().split()]


def lives(pid):
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(") ")[2][0] not in "ZX"


def size_of(path):
    try:
        return path.stat().st_size
    except OSError:  # It has another name by now.
        return 0


# ---- kill -9


def kill_while_loading(start_server, rng):
    """A crash on the way up leaves as much as there was."""
    server = start_server(*SMALL, wait="LOADING")
    time.sleep(rng.random() * 0.02)
    server.kill()


def test_kill_loses_nothing_that_was_acknowledged(start_server):
    """While writers write under every policy, segments change, snapshots are
    written, and while the server loads."""
    print(f"SEED={SEED}")
    rng = random.Random(SEED)
    writers = []
    for number in range(ROUNDS):
        policy = POLICIES[number % 3]
        server = start_server(*SMALL, "--fsync", policy, "--set",
                              "snapshot_log_size=3MB")
        check_writers(server, writers)
        writers = start_writers(server, padding=2000)
        wait_until(lambda: all(w.acknowledged > 0 for w in writers))
        time.sleep(rng.random() * 0.4)
        if rng.random() < 0.5:
            server.command("BGSAVE")
            time.sleep(rng.random() * 0.01)
        server.kill()
        join_writers(writers)
        if rng.random() < 0.3:
            kill_while_loading(start_server, rng)
    check_writers(start_server(*SMALL), writers)


def test_a_changed_policy_holds_for_what_follows(start_server):
    server = start_server(*SMALL, "--fsync", "no")
    writers = start_writers(server)
    for policy in POLICIES * 4:
        assert server.command("CONFIG", "SET", "fsync", policy) == "OK"
        with server.connect() as client:
            assert client.info("log_fsync") == policy
        time.sleep(0.02)
    server.kill()
    join_writers(writers)
    check_writers(start_server(*SMALL), writers)


def test_a_snapshot_under_way_dies_with_the_server(start_server):
    server = start_server()
    with server.connect() as client:
        for i in range(200):
            client.command("SET", f"k{i}", "x" * 100_000)
        assert client.command("BGSAVE") == "Background saving started"
        # Once it has written it is held, so that it is under way for certain.
        # (The file is there before the child is.)
        wait_until(lambda: any(map(size_of,
                                   server.data.glob("*.snapshot.draft"))) or
                   list(server.data.glob("*.snapshot")))
        child = children_of(server.process)
        for pid in child:
            os.kill(pid, signal.SIGSTOP)
    server.kill()
    try:
        wait_until(lambda: not any(map(lives, child)))
    finally:
        for pid in filter(lives, child):
            os.kill(pid, signal.SIGKILL)
    again = start_server()
    assert again.command("DBSIZE") == 200
    wait_until(lambda: not list(again.data.glob("*.snapshot.draft")))
    assert len(child) <= 1


# ---- SIGTERM


@pytest.mark.parametrize("policy", POLICIES)
def test_a_server_that_is_told_to_end_keeps_everything(start_server, policy):
    server = start_server(*SMALL, "--fsync", policy)
    writers = start_writers(server)
    wait_until(lambda: all(w.acknowledged > 0 for w in writers))
    time.sleep(0.1)
    assert server.stop() == 0
    join_writers(writers)
    again = start_server(*SMALL)
    check_writers(again, writers)
    # A clean end leaves nothing that is only perhaps there.
    assert "log cut" not in again.log()


# ---- Loading


def fill_slowly(server, records=2_500):
    """A log that takes a while to execute: unions of sets."""
    with server.connect() as client:
        client.command("SADD", "one", *range(500))
        client.command("SADD", "two", *range(250, 750))
        batch = encode("SUNIONSTORE", "all", "one", "two")
        for _ in range(records // 500):
            client.send(batch * 500)
            assert [client.read() for _ in range(500)] == [750] * 500


def test_a_server_that_loads_says_how_far_it_is(start_server):
    server = start_server("--fsync", "no", "--set", "save=")
    fill_slowly(server)
    server.kill()
    server = start_server(wait="LOADING")
    questions = [["PING"], ["GET", "k"], ["SET", "k", "v"],
                 ["CONFIG", "GET", "port"], ["INFO", "persistence"]]
    seen = []
    with server.connect() as client:
        while True:
            # Answered at once, so at one stage of the loading.
            client.send(b"".join(encode(*words) for words in questions))
            *refused, config, info = [client.read() for _ in questions]
            assert config[0] == b"port"
            info = dict(line.split(":", 1) for line in info.decode().split()
                        if ":" in line)
            if info["loading"] == "0":
                break
            for reply in refused:
                assert reply.startswith("LOADING VegaDB is loading the dataset")
            seen.append((int(info["loading_loaded_bytes"]),
                         int(info["loading_total_bytes"])))
        assert client.command("SCARD", "all") == 750
    assert seen == sorted(seen)
    assert len({done for done, total in seen if 0 < done < total}) > 1


# ---- Disk use


def disk_use(directory):
    return sum(path.stat().st_size for path in directory.iterdir())


def test_disk_use_is_bounded(start_server):
    """By two snapshots and the log since the older one."""
    server = start_server(*SMALL, "--fsync", "everysec", "--set",
                          "snapshot_log_size=4MB")
    with server.connect() as client:
        for i in range(13):
            for _ in range(4):
                client.send(b"".join(
                    encode("SET", f"k{j}", str(i % 10) * 10_000)
                    for j in range(105)))
                assert [client.read() for _ in range(105)] == ["OK"] * 105
            wait_until(lambda: int(client.info("rdb_saves")) > i)
            assert disk_use(server.data) < 20 * MB
    wait_until(lambda: len(list(server.data.glob("*.snapshot"))) == 2)
    wait_until(lambda: "00000000000000000001.log" not in
               os.listdir(server.data))
    server.kill()
    again = start_server(*SMALL)
    assert again.command("GET", "k104") == b"2" * 10_000
