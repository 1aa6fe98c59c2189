#!/usr/bin/python3
"""The price of durability: log and snapshots beside Redis, in one run.

    tests/bench/bench_log.py              three tables, in about six minutes
    tests/bench/bench_log.py --quick      a smoke test of it: rough figures
    tests/bench/bench_log.py --json       the same as JSON
    tests/bench/bench_log.py --readme     also replaces the block in README.md
    tests/bench/bench_log.py --parts log  of log, snapshot, replay

log: SETs under each policy. snapshot: how long it takes to write one and to
load it, and the longest time that a client had to wait meanwhile. replay: how
long a server takes to start on a log of SETs.

Servers run on core 0, the client on core 1, and the systems take turns in every
round. A ratio is the median of the ratios of the rounds, so believe it before
any time. Neither side rewrites its log meanwhile. The data lie on a real disk
(--dir chooses), for a sync of a tmpfs costs nothing.
"""
# SPDX-License-Identifier: MIT

import argparse
import collections
import contextlib
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bench  # noqa: E402

DURABLE = bench.BUILD / "stage2" / "vega-server"
PARTS = ("log", "snapshot", "replay")
VALUE_BYTES = 64
KEYS = 100_000  # That the SETs of the first part hit.
PIPELINES = (1, 16)
SLICE_OPS = {1: 40_000, 16: 300_000}
POLICIES = ("always", "everysec", "no")


class Server(bench.Peer):
    """A server with a directory, which can be killed and started again."""

    def __init__(self, name, directory, policy):
        self.name = name
        self.port = bench.free_port()
        port = str(self.port)
        os.makedirs(directory, exist_ok=True)
        self.directory = pathlib.Path(directory)
        log = "no" if policy is None else "yes"
        self.command = {
            "base": [bench.SERVER, "--port", port, "--set", "log_level=warn"],
            "vega": [DURABLE, "--port", port, "--data-dir", directory,
                     "--fsync", policy or "no", "--set", "log_level=warn",
                     "--set", "save=", "--set", "snapshot_log_size=0"],
            "redis": ["redis-server", "--port", port, "--bind", "127.0.0.1",
                      "--save", "", "--appendonly", log, "--dir", directory,
                      "--appendfsync", policy or "no",
                      "--auto-aof-rewrite-percentage", "0",
                      "--loglevel", "warning"],
        }[name]
        self.start()
        self.wait_until_it_answers()

    def start(self):
        self.process = subprocess.Popen(
            [str(word) for word in self.command],
            preexec_fn=lambda: bench.pin(0), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL)

    def wait_until_it_answers(self):
        """Until PING is answered by PONG: not by -LOADING."""
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError):
                with Line(self.port) as line:
                    while line.call("PING") != b"+PONG\r\n":
                        time.sleep(0.005)
                    return
            time.sleep(0.005)
        self.stop()
        sys.exit(f"bench: {self.name} does not serve on port {self.port}")

    def restart(self, how):
        """Ends it by that signal; seconds from its start until it serves."""
        self.process.send_signal(how)
        self.process.wait(60)
        began = time.monotonic()
        self.start()
        self.wait_until_it_answers()
        return time.monotonic() - began

    def fill(self, keys):
        self.client("--preload", "--ops", 0, "--pipeline", 64, "--keys", keys,
                    "--value-size", VALUE_BYTES)


class Line:
    """A connection; for replies of one line."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def call(self, text):
        self.socket.sendall(text.encode() + b"\r\n")
        reply = b""
        while not reply.endswith(b"\n"):
            got = self.socket.recv(4096)
            if not got:
                raise ConnectionResetError
            reply += got
        return reply


@contextlib.contextmanager
def servers(options, wanted):
    """Starts {title: (name, policy)}, yields {title: Server}, stops them."""
    running = {}
    with tempfile.TemporaryDirectory(dir=options.dir) as directory:
        try:
            for title, (name, policy) in wanted.items():
                place = os.path.join(directory, title.replace(" ", "-"))
                running[title] = Server(name, place, policy)
            yield running
        finally:
            for server in running.values():
                server.stop()


def turns(titles, number):
    """The systems in the order of that round."""
    titles = list(titles)
    turn = number % len(titles)
    return titles[turn:] + titles[:turn]


def ratio(runs, above, below, field):
    """Median over the rounds of above/below."""
    return statistics.median(
        field(a) / field(b) for a, b in zip(runs[above], runs[below]))


# ---- The log

def run_log(options, say):
    wanted = {"base no log": ("base", None)}
    for name in ("vega", "redis"):
        for policy in POLICIES:
            wanted[f"{name} {policy}"] = (name, policy)
    rows = []
    with servers(options, wanted) as running:
        for server in running.values():
            server.fill(KEYS)
        runs = {depth: collections.defaultdict(list) for depth in PIPELINES}
        for number in range(options.rounds):
            for depth in PIPELINES:
                for title in turns(running, number):
                    say(f"log, round {number + 1} of {options.rounds}, "
                        f"P={depth} {title}")
                    ops = SLICE_OPS[depth] // (10 if options.quick else 1)
                    if title.endswith(("everysec", "no", "log")):
                        ops *= 3  # A second must pass, so that it syncs.
                    runs[depth][title].append(running[title].measure(
                        "set", depth, KEYS, VALUE_BYTES, ops))
        for depth, by_title in runs.items():
            rows += log_rows(depth, by_title)
    return rows


def log_rows(depth, runs):
    rows = []
    for policy in POLICIES:
        vega, redis = f"vega {policy}", f"redis {policy}"
        row = {"policy": policy, "pipeline": depth}
        for key, title in (("vega", vega), ("redis", redis),
                           ("no_log", "base no log")):
            row[key] = bench.medians(runs[title])._asdict()
        row["throughput_ratio_to_redis"] = ratio(
            runs, vega, redis, lambda run: run.ops_per_second)
        row["cpu_ratio_to_redis"] = ratio(
            runs, redis, vega, lambda run: run.cpu_us)
        row["throughput_ratio_to_no_log"] = ratio(
            runs, vega, "base no log", lambda run: run.ops_per_second)
        rows.append(row)
    return rows


def log_table(rows):
    lines = [
        "SETs of 16 + 64 B; x = VegaDB's throughput / Redis', CPU x = Redis' "
        "CPU time /",
        "VegaDB's, of no log = throughput / that of stage 1, which has no log",
        "",
        f"{'policy      P':14} |{'VegaDB':^24}|{'Redis':^24}|",
        f"{'':14} |" + f"{'kop/s':>8}{'p99 us':>8}{'CPU us':>7} |" * 2
        + "     x  CPU x  of no log",
    ]
    lines.append("-" * len(lines[-1]))
    for row in rows:
        line = f"{row['policy']:8} {row['pipeline']:>5} |"
        for name in ("vega", "redis"):
            figures = row[name]
            line += (f"{figures['ops_per_second'] / 1000:>8.0f}"
                     f"{figures['p99_us']:>8.0f}{figures['cpu_us']:>7.2f} |")
        lines.append(line + f"{row['throughput_ratio_to_redis']:>5.1f}x"
                     f"{row['cpu_ratio_to_redis']:>6.1f}x"
                     f"{row['throughput_ratio_to_no_log']:>9.0%}")
    return lines


# ---- Snapshots

class Pinger(threading.Thread):
    """Asks again and again; the longest answer in seconds."""

    def __init__(self, port):
        super().__init__()
        self.line = Line(port)
        self.longest = 0.0
        self.ended = False

    def run(self):
        bench.pin(-1)
        while not self.ended:
            began = time.monotonic()
            self.line.call("PING")
            self.longest = max(self.longest, time.monotonic() - began)
            time.sleep(0.0002)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ended = True
        self.join()
        self.line.socket.close()


def last_save_ended(line):
    """LASTSAVE has the precision of a second; INFO knows what runs."""
    line.socket.sendall(b"INFO persistence\r\n")
    text = b""
    while b"rdb_bgsave_in_progress:" not in text or not text.endswith(b"\r\n"):
        text += line.socket.recv(65536)
    return b"rdb_bgsave_in_progress:0" in text


def longest_stall(server):
    """Seconds a client waited at most during BGSAVE, and in a like time
    without one."""
    with Line(server.port) as line:
        with Pinger(server.port) as pinger:
            began = time.monotonic()
            line.call("BGSAVE")
            while not last_save_ended(line):
                time.sleep(0.05)
            took = time.monotonic() - began
        with Pinger(server.port) as idle:
            time.sleep(took)
        return pinger.longest, idle.longest


def size_of_snapshot(server):
    found = [path.stat().st_size for path in server.directory.iterdir()
             if path.name.endswith((".snapshot", ".rdb"))]
    return max(found)


def measure_snapshot(server):
    result = {}
    with Line(server.port) as line:
        began = time.monotonic()
        reply = line.call("SAVE")
        result["save_seconds"] = time.monotonic() - began
    if reply != b"+OK\r\n":
        sys.exit(f"bench: {server.name} answered SAVE: {reply}")
    result["bytes"] = size_of_snapshot(server)
    result["stall_seconds"], result["idle_seconds"] = longest_stall(server)
    result["load_seconds"] = server.restart(signal.SIGTERM)
    return result


def run_snapshot(options, say):
    keys = 1_000_000 if options.quick else 5_000_000
    # With `save` empty Redis saves nothing when it is stopped.
    wanted = {"vega": ("vega", "no"), "redis": ("redis", None)}
    runs = collections.defaultdict(list)
    with servers(options, wanted) as running:
        for title, server in running.items():
            say(f"snapshot: filling {title}")
            server.fill(keys)
        for number in range(options.rounds):
            for title in turns(running, number):
                say(f"snapshot, round {number + 1} of {options.rounds} {title}")
                runs[title].append(measure_snapshot(running[title]))
    row = {"keys": keys}
    for title, found in runs.items():
        row[title] = {field: statistics.median(run[field] for run in found)
                      for field in found[0]}
        row[title]["stall_seconds_max"] = max(run["stall_seconds"]
                                              for run in found)
    for field in ("save_seconds", "load_seconds"):
        row[field + "_ratio"] = ratio(runs, "redis", "vega",
                                      lambda run, field=field: run[field])
    return row


def snapshot_table(row):
    vega, redis = row["vega"], row["redis"]
    lines = [
        f"{row['keys'] // 1_000_000} M keys of 16 + 64 B"
        f"{'VegaDB':>21}{'Redis':>12}",
        f"{'snapshot written in':28}{vega['save_seconds']:>10.2f} s"
        f"{redis['save_seconds']:>10.2f} s"
        f"{row['save_seconds_ratio']:>7.1f}x",
        f"{'loaded in':28}{vega['load_seconds']:>10.2f} s"
        f"{redis['load_seconds']:>10.2f} s"
        f"{row['load_seconds_ratio']:>7.1f}x",
        f"{'its size':28}{vega['bytes'] / 1e6:>9.0f} MB"
        f"{redis['bytes'] / 1e6:>9.0f} MB",
        f"{'longest answer meanwhile':28}{vega['stall_seconds'] * 1e3:>9.1f} ms"
        f"{redis['stall_seconds'] * 1e3:>9.1f} ms",
        f"{'and of all rounds':28}{vega['stall_seconds_max'] * 1e3:>9.1f} ms"
        f"{redis['stall_seconds_max'] * 1e3:>9.1f} ms",
        f"{'and without a snapshot':28}{vega['idle_seconds'] * 1e3:>9.1f} ms"
        f"{redis['idle_seconds'] * 1e3:>9.1f} ms",
    ]
    return lines


# ---- Replay

def run_replay(options, say):
    records = 100_000 if options.quick else 1_000_000
    wanted = {"vega": ("vega", "no"), "redis": ("redis", "no")}
    runs = collections.defaultdict(list)
    with servers(options, wanted) as running:
        for title, server in running.items():
            say(f"replay: filling {title}")
            server.fill(records)
        for number in range(options.rounds):
            for title in turns(running, number):
                say(f"replay, round {number + 1} of {options.rounds} {title}")
                runs[title].append(running[title].restart(signal.SIGKILL))
    row = {"records": records}
    for title, found in runs.items():
        row[title] = {"seconds": statistics.median(found)}
    row["ratio"] = ratio(runs, "redis", "vega", lambda run: run)
    return row


def replay_table(row):
    return [f"{'log of %.1f M SETs replayed in' % (row['records'] / 1e6):28}"
            f"{row['vega']['seconds']:>9.2f} s"
            f"{row['redis']['seconds']:>10.2f} s{row['ratio']:>7.1f}x"]


# ---- All

RUNS = {"log": run_log, "snapshot": run_snapshot, "replay": run_replay}
TABLES = {"log": log_table, "snapshot": snapshot_table, "replay": replay_table}


def file_system(directory):
    """The type of the file system that the data lie on."""
    return subprocess.run(["findmnt", "-n", "-o", "FSTYPE", "-T", directory],
                          text=True, stdout=subprocess.PIPE,
                          check=True).stdout.strip()


def collect(options, say):
    result = {
        "versions": [bench.version_of("vega"), bench.version_of("redis")],
        "processor": bench.processor(),
        "cores": os.cpu_count(),
        "kernel": bench.platform.release(),
        "file_system": file_system(options.dir),
        "rounds": options.rounds,
        "connections": bench.CONNECTIONS,
    }
    for part in options.parts:
        result[part] = RUNS[part](options, say)
    return result


def table(result):
    lines = [
        ", ".join(result["versions"]) + f"; data on {result['file_system']}",
        f"{result['processor']}, {result['cores']} cores, "
        f"Linux {result['kernel']}; server on one core, client on another",
        f"{result['connections']} connections, medians of {result['rounds']} "
        "rounds",
    ]
    for part in PARTS:
        if part in result:
            lines += [""] + TABLES[part](result[part])
    return [line.rstrip() for line in lines]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--quick", action="store_true",
                        help="one short round on few keys; rough figures")
    parser.add_argument("--json", action="store_true",
                        help="print JSON instead of the tables")
    parser.add_argument("--readme", action="store_true",
                        help="put the tables into README.md too")
    parser.add_argument("--rounds", type=int, help="default 5")
    parser.add_argument("--parts", default=",".join(PARTS),
                        help="of " + ",".join(PARTS))
    parser.add_argument("--dir", default=tempfile.gettempdir(),
                        help="where the data go; default %(default)s")
    options = parser.parse_args()
    options.parts = options.parts.split(",")
    options.rounds = options.rounds or (1 if options.quick else 5)
    for part in options.parts:
        if part not in PARTS:
            parser.error(f"{part} is none of {', '.join(PARTS)}")
    if file_system(options.dir) in ("tmpfs", "ramfs"):
        sys.exit(f"bench: {options.dir} is no disk; choose one with --dir")
    bench.need(bench.SERVER, DURABLE, bench.CLIENT, "redis-server")
    result = collect(options, bench.say)
    bench.say("")
    bench.publish(options, result, table(result), "bench-log")


if __name__ == "__main__":
    main()
