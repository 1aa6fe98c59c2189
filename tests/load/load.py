#!/usr/bin/python3
"""Mixed load on one server, with a report at the end.

    make load-test                 60 s of it; SECONDS=300 for longer
    make stress-test               120 s, with memory pressure and churn

All families of commands over 1,000 connections, pipelines, keys that expire
and connections that come and go. Commands stay with keys of their own type, so
that no error is expected; -OOM would be one. Exit: 0 all answers were good,
1 there were errors.

Times are those that a client saw: from sending a pipeline to its last reply,
queueing in this single-threaded generator included. STATS has the server's.
"""
# SPDX-License-Identifier: MIT

import argparse
import json
import os
import pathlib
import random
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "system"))
from resp import Client, encode  # noqa: E402

SERVER = ROOT / "vega-server"
KEYS = 20_000
PIPELINE_MAX = 16
REPLY_SECONDS_MAX = 30
CHURN = {"load": 0.005, "stress": 0.1}  # Chance to leave after a pipeline.


def string_commands(key, draw):
    value = "v" * draw.randrange(1, 400)
    return draw.choice([
        ("SET", key, value), ("GET", key), ("GET", key), ("STRLEN", key),
        ("SET", key, value, "PX", draw.randrange(1, 3000)),
        ("GETRANGE", key, 0, 20), ("EXPIRE", key, 60), ("TTL", key)])


def counter_commands(key, draw):
    return draw.choice([("INCR", key), ("DECRBY", key, 3), ("GET", key)])


def list_commands(key, draw):
    return draw.choice([
        ("RPUSH", key, "a" * draw.randrange(60), "b"), ("LPUSH", key, "c"),
        ("LPOP", key), ("RPOP", key), ("LRANGE", key, 0, 9), ("LLEN", key),
        ("LTRIM", key, 0, 99), ("PEXPIRE", key, 5000)])


def set_commands(key, draw):
    member = draw.randrange(200)
    return draw.choice([
        ("SADD", key, member, "m%d" % member), ("SREM", key, member),
        ("SISMEMBER", key, member), ("SCARD", key), ("SPOP", key),
        ("SRANDMEMBER", key)])


def hash_commands(key, draw):
    field = "f%d" % draw.randrange(100)
    return draw.choice([
        ("HSET", key, field, "h" * draw.randrange(80)), ("HGET", key, field),
        ("HDEL", key, field), ("HLEN", key), ("HMGET", key, field, "f1")])


def zset_commands(key, draw):
    member = "z%d" % draw.randrange(200)
    return draw.choice([
        ("ZADD", key, f"{draw.random():.4f}", member), ("ZREM", key, member),
        ("ZSCORE", key, member), ("ZRANGE", key, 0, 9), ("ZCARD", key),
        ("ZPOPMIN", key)])


def server_commands(key, draw):
    return draw.choice([
        ("PING",), ("DBSIZE",), ("EXISTS", key), ("SCAN", 0, "COUNT", 10),
        ("DEL", "s:" + key), ("UNLINK", "l:" + key), ("TYPE", "h:" + key)])


# Prefix, how often, commands.
FAMILIES = [("s:", 8, string_commands), ("c:", 2, counter_commands),
            ("l:", 3, list_commands), ("S:", 3, set_commands),
            ("h:", 3, hash_commands), ("z:", 3, zset_commands),
            ("x:", 1, server_commands)]
WEIGHTS = [weight for _, weight, _ in FAMILIES]


def draw_command(draw):
    prefix, _, family = draw.choices(FAMILIES, WEIGHTS)[0]
    return family(prefix + str(draw.randrange(KEYS)), draw)


def skip_reply(data, at):
    """The end of the RESP2 reply at `at` and whether it is an error; None
    while it is incomplete."""
    end = data.find(b"\r\n", at)
    if end < 0:
        return None
    kind, head, at = data[at:at + 1], data[at + 1:end], end + 2
    if kind == b"$" and head != b"-1":
        at += int(head) + 2
        return (at, False) if at <= len(data) else None
    for _ in range(max(0, int(head)) if kind == b"*" else 0):
        inner = skip_reply(data, at)
        if inner is None:
            return None
        at = inner[0]
    return at, kind == b"-"


class Connection:
    """One client: sends a pipeline, waits for its replies, and again."""

    def __init__(self, load):
        self.load = load
        self.socket = socket.create_connection(("127.0.0.1", load.port), 10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        load.selector.register(self.socket, selectors.EVENT_READ, self)
        self.send()

    def send(self):
        draw = self.load.draw
        count = draw.choice((1, 1, 4, PIPELINE_MAX))
        self.commands = [draw_command(draw) for _ in range(count)]
        self.answered, self.data = 0, b""
        self.sent_at = time.monotonic()
        self.socket.sendall(b"".join(encode(*c) for c in self.commands))

    def read(self):
        received = self.socket.recv(1 << 16)
        if not received:
            self.load.fail("a connection was closed by the server")
            return self.close()
        self.data += received
        at = 0
        while self.answered < len(self.commands):
            reply = skip_reply(self.data, at)
            if reply is None:
                break
            if reply[1]:
                line = self.data[at:reply[0]].decode(errors="replace").strip()
                self.load.fail(f"{self.commands[self.answered][:3]}: {line}")
            at = reply[0]
            self.answered += 1
        self.data = self.data[at:]
        if self.answered == len(self.commands):
            self.finish()

    def finish(self):
        load = self.load
        load.times.append(time.monotonic() - self.sent_at)
        load.requests += self.answered
        if self.data:
            load.fail("a reply that nobody asked for")
        if not load.running:
            self.close()
        elif load.draw.random() < load.churn:
            self.close()
            load.reconnects += 1
            Connection(load)
        else:
            self.send()

    def close(self):
        self.load.selector.unregister(self.socket)
        self.socket.close()


class Load:
    def __init__(self, port, options):
        self.port = port
        self.draw = random.Random(options.seed)
        self.churn = CHURN[options.mode]
        self.selector = selectors.DefaultSelector()
        self.requests = self.reconnects = 0
        self.times, self.errors = [], []
        self.running = True
        self.error_count = 0

    def fail(self, text):
        self.error_count += 1
        if len(self.errors) < 10:
            self.errors.append(text)

    def run(self, connections, seconds):
        """Elapsed seconds, to the last reply."""
        started = time.monotonic()
        for _ in range(connections):
            Connection(self)
        while self.selector.get_map():
            now = time.monotonic() - started
            self.running = now < seconds
            if now > seconds + REPLY_SECONDS_MAX:
                self.fail(f"{len(self.selector.get_map())} connections still "
                          f"wait for replies")
                break
            for key, _ in self.selector.select(1):
                try:
                    key.data.read()
                except OSError as error:
                    self.fail(f"a connection broke: {error}")
                    key.data.close()
        return time.monotonic() - started


def resident_mb(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def start_server(port, log, directory):
    plain = {name: value for name, value in os.environ.items()
             if not name.startswith("VEGA_")}  # Those configure servers.
    process = subprocess.Popen(
        [os.environ.get("VEGA_SERVER", SERVER), "--port", str(port), "--set",
         "log_level=warn"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        cwd=directory, env=plain)
    for _ in range(500):
        try:
            with Client(("127.0.0.1", port), 1) as client:
                client.command("PING")
            return process
        except OSError:
            time.sleep(0.02)
    process.kill()
    log.seek(0)
    sys.exit("the server does not answer: " + log.read().decode())


def limit_memory(client, megabytes):
    """Evictions, if this server knows maxmemory."""
    found = client.command("CONFIG", "GET", "maxmemory")
    if not found:
        return "no maxmemory here"
    client.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    reply = client.command("CONFIG", "SET", "maxmemory", f"{megabytes}mb")
    return f"{megabytes} MB, allkeys-lru: {reply}"


def report(load, seconds, before, after, stats, limit):
    times = sorted(load.times) or [0]

    def percentile(percent):
        return 1000 * times[min(len(times) - 1, len(times) * percent // 100)]

    print(f"requests      {load.requests} in {seconds:.1f} s: "
          f"{load.requests / seconds:.0f} a second")
    print(f"pipelines     p50 {percentile(50):.1f} ms, p95 "
          f"{percentile(95):.1f} ms, p99 {percentile(99):.1f} ms, max "
          f"{1000 * times[-1]:.1f} ms, as clients saw it")
    slowest = sorted(stats["commands"].items(),
                     key=lambda item: -item[1]["since_start"]["p99.9_us"])[:5]
    for name, command in slowest:
        took = command["since_start"]
        print(f"  {name:<12}p50 {took['p50_us']} us, p99.9 "
              f"{took['p99.9_us']} us, max {took['max_us']} us, "
              f"executing, {took['count']} times")
    print(f"reconnects    {load.reconnects}")
    print(f"memory        {before:.1f} MB at start, {after:.1f} MB at end "
          f"(limit: {limit})")
    print(f"storage       {json.dumps(stats['storage'])}")
    print(f"errors        {load.error_count}")
    for error in load.errors:
        print(f"  {error}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("mode", choices=("load", "stress"))
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    seconds = options.seconds or {"load": 60, "stress": 120}[options.mode]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryFile() as log, \
            tempfile.TemporaryDirectory() as directory:
        process = start_server(port, log, directory)
        try:
            before = resident_mb(process)
            load = Load(port, options)
            with Client(("127.0.0.1", port)) as client:
                limit = limit_memory(client, 16) \
                    if options.mode == "stress" else "none"
                elapsed = load.run(options.connections, seconds)
                stats = json.loads(client.command("STATS"))
            report(load, elapsed, before, resident_mb(process), stats, limit)
            process.send_signal(signal.SIGTERM)
            if process.wait(30) != 0:
                load.fail("the server did not end well")
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    return 1 if load.error_count else 0


if __name__ == "__main__":
    sys.exit(main())
