"""Nodes of stage 3 as one cluster on this machine, for the tests of several
files."""
# SPDX-License-Identifier: MIT

import re
import shutil
import subprocess

import pytest

from conftest import environment_of, free_port, server_path, wait_for
from resp import Client, Closed


class Node:
    def __init__(self, path, directory, number, arguments, port):
        self.command = [path, *arguments]
        self.directory = directory
        self.id = f"n{number}"
        self.port = port
        self.log_path = directory / f"{self.id}.log"
        self.start()

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.directory, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env=environment_of({}))

    def ask(self, *words):
        """The reply; None while the node does not answer."""
        try:
            with Client(("127.0.0.1", self.port), 10) as client:
                return client.command(*words)
        except (OSError, Closed):
            return None

    def cluster_info(self, field):
        text = self.ask("CLUSTER", "INFO")
        return text and re.search(rf"{field}:(\S+)", text.decode())[1]

    def kill(self):
        self.process.kill()
        self.process.wait()

    def log(self):
        return self.log_path.read_text(errors="replace")


def draw_ports(count):
    ports = set()
    while len(ports) < count:
        ports.add(free_port())
    return list(ports)


class Cluster:
    """Nodes n1, n2 and so on. Ports are drawn again when one is taken meanwhile."""

    def __init__(self, directory, make_arguments, count):
        for _ in range(5):
            ports = draw_ports(2 * count)
            self.nodes = [
                Node(server_path("stage3"), directory, i + 1,
                     make_arguments(i, ports[:count], ports[count:]),
                     ports[i])
                for i in range(count)]
            ready = False
            try:
                ready = self.wait_until_ready()
            finally:
                if not ready:
                    self.end()
            if ready:
                return
        pytest.fail("no ports are free")

    def dead(self):
        return [node for node in self.nodes if node.process.poll() is not None]

    def is_ready(self):
        return all(
            node.cluster_info("cluster_state") == "ok" and
            node.ask("DBSIZE") == 0 and
            node.ask("CLUSTER", "NODES").count(b" connected ") ==
            len(self.nodes)
            for node in self.nodes)

    def wait_until_ready(self):
        """False: a port was taken meanwhile, and its node ended."""
        wait_for(lambda: self.dead() or self.is_ready())
        for node in self.dead():
            assert "in use" in node.log(), node.log()
        return not self.dead()

    def owner_of(self, key):
        slot = self.nodes[0].ask("CLUSTER", "KEYSLOT", key)
        for first, last, owner in self.nodes[0].ask("CLUSTER", "SLOTS"):
            if first <= slot <= last:
                return next(n for n in self.nodes if n.port == owner[1])
        raise AssertionError(f"nobody has slot {slot}")

    def key_of(self, node):
        return next(f"key:{i}" for i in range(1000)
                    if self.owner_of(f"key:{i}") is node)

    def end(self):
        for node in self.nodes:
            if node.process.poll() is None:
                node.kill()


def write_file(directory, ports, peer_ports):
    lines = ["fsync: everysec", "log_segment_size: 1MB",
             "cluster_secret: what all of them know", "nodes:"]
    for i, (port, peer_port) in enumerate(zip(ports, peer_ports), 1):
        lines += [f"  - id: n{i}", f"    address: 127.0.0.1:{port}",
                  f"    peer_address: 127.0.0.1:{peer_port}"]
    (directory / "cluster.yaml").write_text("\n".join(lines) + "\n")


def start_from_file(start_cluster, directory, count):
    """All of them with one file, cluster.yaml, which names them all."""
    def arguments(i, ports, peer_ports):
        if i == 0:  # The others read it already.
            write_file(directory, ports, peer_ports)
        return "-c", "cluster.yaml", "--node", f"n{i + 1}"

    return start_cluster(arguments, count)


@pytest.fixture
def start_cluster(tmp_path):
    clusters = []

    def start(make_arguments, count):
        clusters.append(Cluster(tmp_path, make_arguments, count))
        return clusters[-1]

    yield start
    for cluster in clusters:
        cluster.end()
    for data in tmp_path.glob("vega-data*"):
        shutil.rmtree(data)
