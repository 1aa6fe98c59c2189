#!/usr/bin/python3
"""VegaDB beside Redis and memcached, on one machine, in one run.

    make bench                     the table, in about six minutes
    make bench BENCH=--quick       a smoke test of it: figures are rough
    make bench BENCH=--json        the same as JSON
    make bench BENCH=--readme      also replaces the block in README.md

All servers are loaded by the same client (vega-client bench), run without
persistence, and are pinned to core 0, the client to core 1. The systems take
turns in every round, so that a slow minute of the machine hits all of them; a
figure is the median of the rounds. Believe them in this order: ratios of CPU
time an operation, CPU time an operation, ratios of throughput, throughput.
"""
# SPDX-License-Identifier: MIT

import argparse
import collections
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
CLIENT = BUILD / "stage1" / "vega-client"
SERVER = BUILD / "stage1" / "vega-server"

KEY_BYTES = 16
CONNECTIONS = 50
PIPELINES = (1, 16, 64)
OPERATIONS = ("set", "get")

# Value bytes -> number of keys. Large values get fewer: three servers hold
# their keys at the same time.
FULL = {64: 1_000_000, 1024: 200_000}
QUICK = {64: 100_000, 1024: 20_000}

# How many operations a run has, by pipeline depth: about two seconds of the
# slowest system.
RUN_OPS = {1: 150_000, 16: 800_000, 64: 1_200_000}

SYSTEMS = ("vega", "redis", "memcached")
TITLES = {"vega": "VegaDB", "redis": "Redis", "memcached": "memcached"}

Figures = collections.namedtuple("Figures", "ops_per_second p99_us cpu_us")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def pin(core):
    """Runs in the child before exec. One core only: no pinning."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(0, {cores[core]})


class Peer:
    """One server process, from start to stop."""

    def __init__(self, name, directory):
        self.name = name
        self.port = free_port()
        port = str(self.port)
        command = {
            "vega": [SERVER, "--port", port, "--set", "log_level=warn"],
            "redis": ["redis-server", "--port", port, "--bind", "127.0.0.1",
                      "--save", "", "--appendonly", "no", "--dir", directory,
                      "--loglevel", "warning"],
            "memcached": ["memcached", "-t", "1", "-m", "4096", "-p", port,
                          "-l", "127.0.0.1", "-U", "0", "-c", "1024"]
                         + (["-u", "nobody"] if os.geteuid() == 0 else []),
        }[name]
        self.process = subprocess.Popen(
            [str(word) for word in command], preexec_fn=lambda: pin(0),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.wait_until_it_listens()

    def wait_until_it_listens(self):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        self.stop()
        sys.exit(f"bench: {self.name} does not listen on port {self.port}")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def cpu_ns(self):
        """CPU time of all its threads; the kernel counts it in ns."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task")
        return sum(int((task / "schedstat").read_text().split()[0])
                   for task in tasks.iterdir())

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) * 1024
        raise RuntimeError("no VmRSS")

    def client(self, *options):
        """One run of the load generator; its report as a dict."""
        command = [
            CLIENT, "-h", "127.0.0.1", "-p", self.port, "bench", "--json",
            "--threads", 1, "--connections", CONNECTIONS,
            "--protocol", "memcached" if self.name == "memcached" else "resp",
            *options]
        done = subprocess.run(
            [str(word) for word in command], preexec_fn=lambda: pin(-1),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(f"bench: {' '.join(map(str, command))}\n{done.stderr}")
        report = json.loads(done.stdout)
        if report.get("errors"):
            sys.exit(f"bench: {self.name} answered errors: {done.stdout}")
        return report

    def preload(self, keys, value_bytes):
        """Fills it; resident bytes that an entry takes."""
        before = self.resident_bytes()
        self.client("--preload", "--ops", 0, "--pipeline", 64,
                    "--keys", keys, "--value-size", value_bytes)
        time.sleep(0.5)  # Tables that still grow finish growing.
        return (self.resident_bytes() - before) / keys

    def measure(self, operation, pipeline, keys, value_bytes, ops):
        before = self.cpu_ns()
        report = self.client(
            "--ops", ops, "--pipeline", pipeline, "--keys", keys,
            "--value-size", value_bytes, "--distribution", "uniform",
            "--ratio", "1:0" if operation == "set" else "0:1")
        cpu_us = (self.cpu_ns() - before) / 1000 / ops
        return Figures(report["ops_per_second"], report["latency_us"]["p99"],
                       cpu_us)


def medians(runs):
    return Figures(*(statistics.median(column) for column in zip(*runs)))


def run_value_size(value_bytes, keys, options, say):
    """All cells of one value size: {(operation, pipeline): {name: Figures}},
    and resident bytes an entry by name."""
    peers = []
    with tempfile.TemporaryDirectory() as directory:
        try:
            for name in options.systems:
                peers.append(Peer(name, directory))
            resident = {}
            for peer in peers:
                resident[peer.name] = peer.preload(keys, value_bytes)
            runs = collections.defaultdict(
                lambda: {name: [] for name in options.systems})
            for number in range(options.rounds):
                for pipeline in PIPELINES:
                    for operation in OPERATIONS:
                        say(f"{value_bytes} B, round {number + 1} of "
                            f"{options.rounds}, P={pipeline} {operation}")
                        turn = number % len(peers)
                        for peer in peers[turn:] + peers[:turn]:
                            runs[operation, pipeline][peer.name].append(
                                peer.measure(operation, pipeline, keys,
                                             value_bytes,
                                             options.run_ops[pipeline]))
            cells = {cell: {name: medians(found) for name, found in by.items()}
                     for cell, by in runs.items()}
            return cells, resident
        finally:
            for peer in peers:
                peer.stop()


def version_of(name):
    command = {"vega": [str(SERVER), "--version"],
               "redis": ["redis-server", "--version"],
               "memcached": ["memcached", "-V"]}[name]
    words = subprocess.run(command, stdout=subprocess.PIPE, text=True,
                           check=True).stdout.split()
    numbers = [word.removeprefix("v=") for word in words
               if re.match(r"(v=)?\d+\.\d", word)]
    return f"{TITLES[name]} {numbers[0] if numbers else '?'}"


def processor():
    with open("/proc/cpuinfo") as info:
        for line in info:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def table(result):
    """The text table of a result, as a list of lines."""
    systems = result["systems"]
    others = [name for name in systems if name != "vega"]
    lines = [
        ", ".join(result["versions"]),
        f"{result['processor']}, {result['cores']} cores, "
        f"Linux {result['kernel']}; server on one core, client on another",
        f"{CONNECTIONS} connections, keys of {KEY_BYTES} B, "
        f"medians of {result['rounds']} rounds",
        "",
        "CPU = server CPU time an operation; x = Redis' CPU time / VegaDB's",
        "",
    ]
    head = f"{'':17}"
    units = f"{'value    P  op':17}"
    for name in systems:
        head += f" |{TITLES[name]:^23}"
        units += f" |{'kop/s':>8}{'p99 us':>8}{'CPU us':>7}"
    head += " |"
    units += " |     x"
    lines += [head.rstrip(" |"), units, "-" * len(units)]
    for row in result["rows"]:
        line = f"{row['value_bytes']:>5} {row['pipeline']:>4}  "
        line += f"{row['operation'].upper():5}"
        for name in systems:
            figures = row[name]
            line += (f" |{figures['ops_per_second'] / 1000:>8.0f}"
                     f"{figures['p99_us']:>8.0f}{figures['cpu_us']:>7.2f}")
        ratio = row.get("cpu_ratio_to_redis")
        lines.append(line + (f" | {ratio:>4.1f}x" if ratio else " |"))
    lines.append("")
    for value_bytes, resident in result["resident_bytes_per_entry"].items():
        figures = ", ".join(f"{TITLES[name]} {resident[name]:.0f}"
                            for name in ["vega"] * ("vega" in systems) + others)
        lines.append(f"resident bytes an entry of {KEY_BYTES} + {value_bytes} "
                     f"B: {figures}")
    return [line.rstrip() for line in lines]


def collect(options, say):
    started = time.monotonic()
    result = {
        "systems": options.systems,
        "versions": [version_of(name) for name in options.systems],
        "processor": processor(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "rounds": options.rounds,
        "connections": CONNECTIONS,
        "rows": [],
        "resident_bytes_per_entry": {},
        "keys": options.keys,
    }
    for value_bytes, keys in options.keys.items():
        cells, resident = run_value_size(value_bytes, keys, options, say)
        result["resident_bytes_per_entry"][str(value_bytes)] = resident
        for (operation, pipeline), by_name in cells.items():
            row = {"value_bytes": value_bytes, "pipeline": pipeline,
                   "operation": operation}
            for name, figures in by_name.items():
                row[name] = figures._asdict()
            if "vega" in by_name and "redis" in by_name:
                vega, redis = by_name["vega"], by_name["redis"]
                row["cpu_ratio_to_redis"] = redis.cpu_us / vega.cpu_us
                row["throughput_ratio_to_redis"] = (
                    vega.ops_per_second / redis.ops_per_second)
            result["rows"].append(row)
    result["seconds"] = round(time.monotonic() - started)
    return result


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            sys.exit(f"bench: {program} is missing; run: make bench")


def say(what):
    """What is going on, for who watches."""
    if sys.stderr.isatty():
        print(f"\r\033[K{what}", end="", file=sys.stderr, flush=True)


def publish(options, result, lines, mark):
    """Prints a result as it was asked for; --readme: and replaces the block
    of that name in README.md."""
    print(json.dumps(result, indent=2) if options.json else "\n".join(lines))
    if not options.readme:
        return
    path = ROOT / "README.md"
    before, rest = path.read_text().split(f"<!-- {mark} -->\n", 1)
    after = rest.split(f"<!-- /{mark} -->", 1)[1]
    path.write_text(f"{before}<!-- {mark} -->\n```text\n" + "\n".join(lines)
                    + f"\n```\n<!-- /{mark} -->{after}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--quick", action="store_true",
                        help="one short round on few keys; rough figures")
    parser.add_argument("--json", action="store_true",
                        help="print JSON instead of the table")
    parser.add_argument("--readme", action="store_true",
                        help="put the table into README.md too")
    parser.add_argument("--rounds", type=int, help="default 3")
    parser.add_argument("--systems", default=",".join(SYSTEMS),
                        help="of " + ",".join(SYSTEMS))
    options = parser.parse_args()
    options.systems = options.systems.split(",")
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.keys = QUICK if options.quick else FULL
    options.run_ops = {depth: ops // 10 if options.quick else ops
                       for depth, ops in RUN_OPS.items()}

    for name in options.systems:
        if name not in SYSTEMS:
            parser.error(f"{name} is none of {', '.join(SYSTEMS)}")
        need({"vega": SERVER, "redis": "redis-server"}.get(name, name))

    result = collect(options, say)
    say("")
    publish(options, result, table(result), "bench")


if __name__ == "__main__":
    main()
