#!/usr/bin/python3
"""Five nodes beside a Redis Cluster of five, and beside one node, in one run.

    tests/bench/bench_cluster.py            the table, in about four minutes
    tests/bench/bench_cluster.py --quick    a smoke test of it: rough figures
    tests/bench/bench_cluster.py --json     the same as JSON
    tests/bench/bench_cluster.py --readme   also the block in README.md

All nodes of all systems keep a log that is synced once a second, and are
pinned to core 0, the client to core 1. The systems take turns in every round;
a ratio is the median of the ratios of the rounds. CPU time is that of all
nodes.

Beside a Redis Cluster, redis-benchmark --cluster loads all nodes. But five
that share a core also pay for taking turns on it, which tells nothing of
clusters of machines. So beside one node, both get the same requests, for keys
of slots that the first of the five has: what is added is the look at the slot,
and the links.
"""
# SPDX-License-Identifier: MIT

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bench  # noqa: E402

SERVER = bench.BUILD / "stage3" / "vega-server"
NODES = 5
VALUE_BYTES = 64
KEYS = 100_000
RUN_OPS = {1: 60_000, 16: 400_000, 64: 800_000}
ONE_TIMES = {1: 1, 16: 2, 64: 3}  # So many times as many, of one node.
SYSTEMS = {"vega": NODES, "vega_one": 1, "redis": NODES, "redis_one": 1}


class Node(bench.Peer):
    """One process of a cluster, of which it has the port that it was given."""

    def __init__(self, name, port, command):
        self.name, self.port = name, port
        self.process = subprocess.Popen(
            [str(word) for word in command], preexec_fn=lambda: bench.pin(0),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


class Cluster:
    """All nodes of a system, ready to be loaded."""

    def __init__(self, name, directory):
        self.name = name
        self.directory = pathlib.Path(directory) / name
        self.directory.mkdir()
        ports = [bench.free_port() for _ in range(2 * SYSTEMS[name])]
        self.ports, self.peer_ports = ports[::2], ports[1::2]
        start = self.vega if name.startswith("vega") else self.redis
        self.nodes = []
        try:
            for index in range(SYSTEMS[name]):
                self.nodes.append(Node(name, self.ports[index], start(index)))
            for node in self.nodes:
                node.wait_until_it_listens()
            if name == "redis":
                self.join()
            elif name == "redis_one":
                self.redis_cli("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
            self.wait_until_all_is_served()
            self.tag = self.find_tag()
        except BaseException:
            self.stop()
            raise

    def vega(self, index):
        peers = ",".join(
            f"n{other + 1}@127.0.0.1:{port}"
            for other, port in enumerate(self.peer_ports) if other != index)
        return [SERVER, "--port", self.ports[index], "--peer-port",
                self.peer_ports[index], "--node-id", f"n{index + 1}",
                "--peers", peers, "--data-dir", self.directory / str(index),
                "--fsync", "everysec", "--set", "log_level=warn"]

    def redis(self, index):
        folder = self.directory / str(index)
        folder.mkdir()
        return ["redis-server", "--port", self.ports[index], "--bind",
                "127.0.0.1", "--cluster-enabled", "yes", "--cluster-port",
                self.peer_ports[index], "--save", "", "--appendonly", "yes",
                "--appendfsync", "everysec", "--dir", folder, "--loglevel",
                "warning", "--auto-aof-rewrite-percentage", "0"]

    def redis_cli(self, *words):
        return subprocess.run(
            [str(word) for word in ("redis-cli", "-p", self.ports[0], *words)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout

    def join(self):
        self.redis_cli("--cluster", "create", "--cluster-yes",
                       *(f"127.0.0.1:{port}" for port in self.ports))

    def wait_until_all_is_served(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            said = self.redis_cli("CLUSTER", "INFO")
            if ("cluster_state:ok" in said and
                    "cluster_slots_assigned:16384" in said):
                return
            time.sleep(0.1)
        sys.exit(f"bench: {self.name} does not serve all slots:\n{said}")

    def stop(self):
        for node in self.nodes:
            node.stop()

    def cpu_ns(self):
        return sum(node.cpu_ns() for node in self.nodes)

    def find_tag(self):
        """One whose slot the first node has."""
        for number in range(10 * NODES):
            if self.redis_cli("SET", f"{{{number}}}", "1").startswith("OK"):
                return f"{{{number}}}"
        sys.exit(f"bench: the first node of {self.name} has no slots")

    def measure_one(self, operation, pipeline, ops):
        """CPU us of all nodes for an operation of the first."""
        before = self.cpu_ns()
        self.nodes[0].client(
            "--ops", ops, "--pipeline", pipeline, "--keys", KEYS,
            "--value-size", VALUE_BYTES, "--prefix", self.tag,
            "--ratio", "1:0" if operation == "set" else "0:1")
        return (self.cpu_ns() - before) / 1000 / ops

    def measure_all(self, operation, pipeline, ops):
        command = ["redis-benchmark", "--cluster", "-p", self.ports[0], "-c",
                   bench.CONNECTIONS, "-P", pipeline, "-t", operation, "-n",
                   ops, "-r", KEYS, "-d", VALUE_BYTES, "--csv"]
        before = self.cpu_ns()
        done = subprocess.run(
            [str(word) for word in command], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
            preexec_fn=lambda: bench.pin(-1))
        cpu_us = (self.cpu_ns() - before) / 1000 / ops
        rows = [line.replace('"', "").split(",")
                for line in done.stdout.splitlines()]
        found = [row for row in rows if row[0].lower() == operation]
        if done.returncode != 0 or len(found) != 1:
            sys.exit(f"bench: {self.name}: {done.stdout}{done.stderr}")
        return {"ops_per_second": float(found[0][1]),
                "p99_us": float(found[0][6]) * 1000, "cpu_us": cpu_us}


def run_round(clusters, operation, pipeline, ops):
    """Figures of all nodes, and CPU us of an operation of the first, by
    system."""
    shared, alone = {}, {}
    for cluster in clusters:
        if len(cluster.nodes) > 1:
            shared[cluster.name] = cluster.measure_all(operation, pipeline,
                                                       ops)
    for cluster in clusters:
        alone[cluster.name] = cluster.measure_one(operation, pipeline,
                                                  ops * ONE_TIMES[pipeline])
    return shared, alone


def run_cell(clusters, operation, pipeline, options):
    """The row of one depth and one command."""
    rounds = []
    for number in range(options.rounds):
        turn = number % len(clusters)
        rounds.append(run_round(clusters[turn:] + clusters[:turn], operation,
                                pipeline, options.run_ops[pipeline]))

    def median(value):
        return statistics.median(value(*run) for run in rounds)

    row = {"pipeline": pipeline, "operation": operation}
    for name in ("vega", "redis"):
        row[name] = {figure: median(lambda shared, _: shared[name][figure])
                     for figure in ("ops_per_second", "p99_us", "cpu_us")}
        row[name]["cpu_of_one_node"] = median(
            lambda _, alone: alone[name] / alone[f"{name}_one"])
    row["cpu_ratio_to_redis"] = median(
        lambda shared, _: shared["redis"]["cpu_us"] / shared["vega"]["cpu_us"])
    return row


def collect(options, say):
    rows = []
    with tempfile.TemporaryDirectory(dir=options.dir) as directory:
        clusters = []
        try:
            for name in SYSTEMS:
                clusters.append(Cluster(name, directory))
            for cluster in clusters:  # Unmeasured: tables grow to their size.
                run_round([cluster], "set", 16, options.run_ops[16])
            for pipeline in options.run_ops:
                for operation in bench.OPERATIONS:
                    say(f"P={pipeline} {operation}")
                    rows.append(run_cell(clusters, operation, pipeline,
                                         options))
        finally:
            for cluster in clusters:
                cluster.stop()
    return {"nodes": NODES, "rounds": options.rounds, "rows": rows}


def table(result):
    lines = [
        f"{NODES} nodes on one core, the client on another; log synced each "
        f"second; medians of {result['rounds']} rounds",
        "CPU = server CPU time an operation, over all nodes; x = Redis' / "
        "VegaDB's",
        "of one = CPU of five nodes of which one is loaded / CPU of one node",
        "",
        f"{'':9} |{'VegaDB':^25}|{'Redis':^25}|{'':7}|{'of one':^15}".rstrip(),
        f"{'  P  op':9} |" + f"{'kop/s':>8}{'p99 us':>8}{'CPU us':>8} |" * 2
        + f"{'x':>6} |{'VegaDB':>8}{'Redis':>7}",
    ]
    lines.append("-" * len(lines[-1]))
    for row in result["rows"]:
        line = f"{row['pipeline']:>3}  {row['operation'].upper():4} |"
        for name in ("vega", "redis"):
            figures = row[name]
            line += (f"{figures['ops_per_second'] / 1000:>8.0f}"
                     f"{figures['p99_us']:>8.0f}{figures['cpu_us']:>8.2f} |")
        line += f"{row['cpu_ratio_to_redis']:>5.1f}x |"
        for name in ("vega", "redis"):
            line += f"{row[name]['cpu_of_one_node']:>6.2f}x"
        lines.append(line)
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--quick", action="store_true",
                        help="one short round; rough figures")
    parser.add_argument("--json", action="store_true",
                        help="print JSON instead of the table")
    parser.add_argument("--readme", action="store_true",
                        help="put the table into README.md too")
    parser.add_argument("--rounds", type=int, help="default 3")
    parser.add_argument("--dir", default=os.environ.get("TMPDIR", "/var/tmp"),
                        help="where the data lie; default /var/tmp")
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.run_ops = {depth: ops // 10 if options.quick else ops
                       for depth, ops in RUN_OPS.items()}
    bench.need(SERVER, "redis-server", "redis-benchmark", "redis-cli")
    result = collect(options, bench.say)
    bench.say("")
    bench.publish(options, result, table(result), "bench-cluster")


if __name__ == "__main__":
    main()
