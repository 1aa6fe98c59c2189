#!/usr/bin/python3
"""Mixed load on one server, with a report at the end.

    make load-test                 60 s of it; SECONDS=300 for longer
    make stress-test               120 s, with memory pressure and churn
    tests/load/load.py load --server build/stage1/vega-server

All families of commands (families.py) over 1,000 connections (clients.py):
pipelines, transactions, blocking pops, pub/sub, keys that expire, connections
that come and go. The stress has little memory, under one policy after another,
and subscribers too slow to be kept. Data lies in a temporary directory.

What is expected, or it exits 1: no errors but the kinds in ACCEPTED; transfers
keep the sum of the accounts, what is pushed is popped once, and subscribers
miss nothing (as far as nothing was evicted or refused); after FLUSHALL memory
comes back; the server ends well.

Times are those that a client saw: from sending a pipeline to its last reply,
queueing in this single-threaded generator included. STATS has the server's.
"""
# SPDX-License-Identifier: MIT

import argparse
import collections
import json
import os
import pathlib
import random
import resource
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "system"), str(ROOT / "tests" / "load")]
import clients  # noqa: E402
import families  # noqa: E402
from resp import Client, Closed  # noqa: E402

REPLY_SECONDS_MAX = 60
SETTLE_SECONDS_MAX = 60
MB = 1024 * 1024
CHURN = {"load": 0.005, "stress": 0.1}  # Chance to leave after a pipeline.
SECONDS = {"load": 60, "stress": 120}
ACCEPTED = {"load": {"CONFLICT"}, "stress": {"CONFLICT", "OOM", "EXECABORT"}}
STRESS_MEMORY_MB = 32
STRESS_POLICIES = ["allkeys-lru", "noeviction", "volatile-ttl", "allkeys-lfu",
                   "volatile-lru", "allkeys-random"]
STRESS_TURN_SECONDS_MAX = 5  # For each policy.
SLOW_READ_SECONDS = 0.1
SLOW_CERTAIN_SECONDS = 60  # A slow subscriber has been dropped by then.


class Load:
    """What the clients share, and the loop that runs them."""

    def __init__(self, port, mode, seed):
        self.port, self.mode = port, mode
        self.draw = random.Random(seed)
        self.churn = CHURN[mode]
        self.message_bytes_max = {"load": 200, "stress": 8000}[mode]
        self.selector = selectors.DefaultSelector()
        self.running = True
        self.requests = self.reconnects = self.published = self.names = 0
        self.listeners = 0
        self.times = collections.defaultdict(list)
        self.expected = collections.Counter()
        self.waits = collections.Counter()
        self.sent, self.pushed, self.popped = set(), set(), []
        self.failures, self.failure_count = [], 0
        self.slow = []

    def fail(self, text):
        self.failure_count += 1
        if len(self.failures) < 10:
            self.failures.append(text)

    def count(self, kind):
        self.expected[kind] += 1

    def note_error(self, command, error):
        kind = error.split(" ", 1)[0]
        if kind in ACCEPTED[self.mode]:
            self.count(kind)
        else:
            self.fail(f"{command[:3]}: {error}")

    def note(self, family, seconds, requests):
        self.requests += requests
        if family != "wait":
            self.times[family].append(seconds)

    def next_name(self):
        self.names += 1
        return b"%d" % self.names

    def poll(self):
        for key, _ in self.selector.select(0.05):
            try:
                key.data.read()
            except OSError as error:
                key.data.lost(f"a connection broke: {error}")

    def poll_until(self, condition):
        end = time.monotonic() + REPLY_SECONDS_MAX
        while not condition():
            if time.monotonic() > end:
                return False
            self.poll()
        return True

    def read_slowly(self):
        for i, one in enumerate(self.slow):
            if not one.read_some():
                one.socket.close()
                self.slow[i] = clients.SlowSubscriber(self)

    def run(self, seconds, each_turn):
        """Elapsed seconds, to the last reply."""
        started = time.monotonic()
        slow_at = turn_at = started
        turn = min(STRESS_TURN_SECONDS_MAX, seconds / len(STRESS_POLICIES))
        while (now := time.monotonic()) < started + seconds:
            self.poll()
            if now >= slow_at:
                self.read_slowly()
                slow_at = now + SLOW_READ_SECONDS
            if now >= turn_at:
                each_turn()
                turn_at = now + turn
        self.running = False
        if not self.poll_until(lambda: len(self.selector.get_map()) ==
                               len(self.subscribers)):
            waiting = len(self.selector.get_map()) - len(self.subscribers)
            self.fail(f"{waiting} connections still wait for replies")
        return time.monotonic() - started


class Server:
    """One process in a directory of its own."""

    def __init__(self, path, directory, settings):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        plain = {name: value for name, value in os.environ.items()
                 if not name.startswith("VEGA_")}  # Those configure servers.
        self.path, self.log_path = path, pathlib.Path(directory) / "log"
        self.process = subprocess.Popen(
            [path, "--port", str(self.port), "--log-level", "warn",
             "--log-file", self.log_path,
             *[word for one in settings for word in ("--set", one)]],
            stdin=subprocess.DEVNULL, cwd=directory, env=plain)
        self.wait_until_it_answers()

    def wait_until_it_answers(self):
        for _ in range(1000):
            if self.process.poll() is not None:
                break
            try:
                with self.connect(1) as client:
                    client.command("PING")
                return
            except (OSError, Closed):
                time.sleep(0.02)
        self.kill()
        sys.exit("the server does not answer: " + self.log_path.read_text())

    def connect(self, timeout=30):
        return Client(("127.0.0.1", self.port), timeout)

    def resident(self):
        path = pathlib.Path(f"/proc/{self.process.pid}/status")
        return int(path.read_text().split("VmRSS:")[1].split()[0]) * 1024

    def memory(self, client):
        """Resident and used bytes."""
        return self.resident(), int(client.info("used_memory"))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60) == 0

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


# What must be true at the end.

def check_accounts(load, client):
    total = sum(int(client.command("GET", f"bank:{i}") or 0)
                for i in range(families.ACCOUNTS))
    wanted = families.ACCOUNTS * families.ACCOUNT_START
    if load.mode == "load" and total != wanted:
        load.fail(f"the accounts hold {total} instead of {wanted}")


def check_queues(load, client):
    popped = set(load.popped)
    left = set()
    for i in range(families.QUEUES):
        left.update(client.command("LRANGE", f"q:{i}", 0, -1),
                    client.command("ZRANGE", f"zq:{i}", 0, -1))
    if len(popped) != len(load.popped) or popped & left:
        load.fail("something was popped twice")
    if not popped | left <= load.sent:
        load.fail("something was popped that nobody pushed")
    if load.mode == "load" and load.pushed != popped | left:
        load.fail(f"{len(load.pushed - popped - left)} of what was pushed "
                  f"was lost")
    if not load.waits["woken"]:
        load.fail("no blocking pop was woken")


def check_subscribers(load):
    load.poll_until(lambda: all(one.received >= load.published
                                for one in load.subscribers))
    for one in load.subscribers:
        if one.received != load.published:
            load.fail(f"a subscriber got {one.received} of {load.published} "
                      f"messages")


def check_dropped(load, client, seconds):
    dropped = int(client.info("client_output_buffer_limit_disconnections"))
    load.expected["dropped slow subscribers"] += dropped
    if load.mode == "load" and dropped:
        load.fail(f"{dropped} subscribers were dropped")
    if load.slow and not dropped and seconds >= SLOW_CERTAIN_SECONDS:
        load.fail("no slow subscriber was dropped")


def flush(load, server, client, before):
    """Waits until memory is back; what it is then."""
    client.command("CONFIG", "SET", "maxmemory", 0)
    client.command("CONFIG", "RESETSTAT")  # Times take memory a command.
    if client.command("FLUSHALL") != "OK":
        load.fail("FLUSHALL was refused")
    sanitized = b"__asan_init" in pathlib.Path(server.path).read_bytes()
    end = time.monotonic() + SETTLE_SECONDS_MAX
    while True:
        after = server.memory(client)
        # Buffers of the log and the allocator keep some, whatever the data.
        back = (after[1] < before[1] + 16 * MB and
                (sanitized or after[0] < before[0] + 32 * MB))
        if back or time.monotonic() > end:
            break
        time.sleep(0.2)
    if not back:
        load.fail("memory does not come back after FLUSHALL")
    return after


# The report.

def show_times(load):
    print(f"  {'family':<9}{'pipelines':>10}{'p50 ms':>9}{'p95':>9}"
          f"{'p99':>9}{'p99.9':>9}{'max':>9}")
    everything = [one for times in load.times.values() for one in times]
    for family, times in [("all", everything), *sorted(load.times.items())]:
        times = sorted(times) or [0]
        points = [1000 * times[int(len(times) * share)]
                  for share in (.5, .95, .99, .999)]
        print(f"  {family:<9}{len(times):>10}" + "".join(
            f"{one:9.1f}" for one in [*points, 1000 * times[-1]]))


def show_commands(stats):
    slowest = sorted(stats["commands"].items(),
                     key=lambda item: -item[1]["since_start"]["p99.9_us"])[:5]
    print("executing, on the server, the slowest commands")
    for name, command in slowest:
        took = command["since_start"]
        print(f"  {name:<12}p50 {took['p50_us']} us, p99.9 "
              f"{took['p99.9_us']} us, max {took['max_us']} us, "
              f"{took['count']} times")


def report(load, options, kinds, seconds, stats, memory):
    print(f"{options.mode} of {options.server}, seed {options.seed}")
    print("clients       " + ", ".join(
        f"{count} {kind}" for kind, count in kinds.items() if count))
    print(f"requests      {load.requests} in {seconds:.1f} s: "
          f"{load.requests / seconds:.0f} a second; "
          f"{load.reconnects} reconnects")
    show_times(load)
    show_commands(stats)
    print(f"waits         {load.waits['woken']} woken, "
          f"{load.waits['timed out']} timed out; {len(load.pushed)} pushed")
    print(f"messages      {load.published} published, each to "
          f"{load.listeners} subscribers")
    for when, (resident, used) in memory.items():
        print(f"memory        {resident / MB:7.1f} MB resident, "
              f"{used / MB:7.1f} MB used {when}")
    print(f"storage       {json.dumps(stats['storage'])}")
    print("expected      " + (", ".join(
        f"{kind}: {count}" for kind, count in sorted(load.expected.items())
        if count) or "nothing"))
    print(f"failures      {load.failure_count}")
    for failure in load.failures:
        print(f"  {failure}")


def run(options, seconds, server):
    """The load on a server that has just begun; how many failures."""
    load = Load(server.port, options.mode, options.seed)
    with server.connect() as client:
        memory = {"at start": server.memory(client)}
        for i in range(families.ACCOUNTS):
            client.command("SET", f"bank:{i}", families.ACCOUNT_START)
        policies = iter(STRESS_POLICIES * (1 + int(seconds)))

        def each_turn():
            if options.mode == "stress":
                client.command("CONFIG", "SET", "maxmemory-policy",
                               next(policies), "maxmemory",
                               f"{STRESS_MEMORY_MB}mb")

        kinds = clients.create(load, options.connections)
        elapsed = load.run(seconds, each_turn)
        memory["at the end"] = server.memory(client)
        stats = json.loads(client.command("STATS"))
        check_subscribers(load)
        check_accounts(load, client)
        check_queues(load, client)
        check_dropped(load, client, seconds)
        for one in [*load.subscribers, *load.slow]:
            one.socket.close()
        memory["after FLUSHALL"] = flush(load, server, client,
                                         memory["at start"])
    if not server.stop():
        load.fail("the server did not end well")
    report(load, options, kinds, elapsed, stats, memory)
    return load.failure_count


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("mode", choices=("load", "stress"))
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--server", type=pathlib.Path, default=pathlib.Path(
        os.environ.get("VEGA_SERVER", ROOT / "vega-server")),
        help="default: the newest stage's")
    parser.add_argument("--set", action="append", default=[],
                        metavar="KEY=VALUE", help="a setting of the server")
    options = parser.parse_args()
    options.server = options.server.resolve()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if options.mode == "stress":
        options.set.append("output_buffer_limits=pubsub 1MB 0 0")
    with tempfile.TemporaryDirectory() as directory:
        server = Server(options.server, directory, options.set)
        try:
            failures = run(options, options.seconds or SECONDS[options.mode],
                           server)
        finally:
            server.kill()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
