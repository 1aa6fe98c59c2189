"""Five nodes of stage 3 as one cluster, and the cluster clients of Redis: one
file that serves all nodes, flags alone, a node's death and return."""
# SPDX-License-Identifier: MIT

import re
import signal
import subprocess

import pytest
import redis
from redis.cluster import ClusterNode, RedisCluster

from clusters import (  # pylint: disable=unused-import
    Node, start_cluster, start_from_file, write_file)
from conftest import free_port, server_path, wait_for
from resp import Client

STAGES = ["stage3"]
NODES = 5
SECONDS_MAX = 30


@pytest.fixture
def cluster(start_cluster, tmp_path):
    """Five nodes of one file, which must be alive and end well."""
    cluster = start_from_file(start_cluster, tmp_path, NODES)
    yield cluster
    for node in cluster.nodes:
        assert node.process.poll() is None, node.log()
        node.process.send_signal(signal.SIGTERM)
    for node in cluster.nodes:
        assert node.process.wait(SECONDS_MAX) == 0, node.log()


def cli(cluster, *words):
    return subprocess.run(
        ["redis-cli", "-p", str(cluster.nodes[0].port), *words],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=120, check=False)


@pytest.fixture
def db(cluster):
    with RedisCluster(startup_nodes=[
            ClusterNode("127.0.0.1", node.port)
            for node in cluster.nodes]) as connection:
        yield connection


def test_all_nodes_of_a_file_have_one_map(cluster):
    maps = [node.ask("CLUSTER", "SLOTS") for node in cluster.nodes]
    assert all(one == maps[0] for one in maps)
    assert sum(last - first + 1 for first, last, _ in maps[0]) == 16384
    assert len({owner[1] for _, _, owner in maps[0]}) == NODES


def test_redis_cli_follows_moved_to_every_node(cluster):
    for node in cluster.nodes:
        key = cluster.key_of(node)
        assert cli(cluster, "-c", "set", key, node.id).stdout == "OK\n"
        assert cli(cluster, "-c", "get", key).stdout == node.id + "\n"
        assert node.ask("GET", key) == node.id.encode()
        assert node.ask("DBSIZE") == 1  # Nothing strayed.


def test_redis_cli_finds_nothing_wrong_with_the_cluster(cluster):
    checked = cli(cluster, "--cluster", "check",
                  f"127.0.0.1:{cluster.nodes[1].port}")
    assert checked.returncode == 0, checked.stdout
    assert "All nodes agree about slots configuration" in checked.stdout
    assert "All 16384 slots covered" in checked.stdout


def test_redis_benchmark_spreads_its_load(cluster):
    done = subprocess.run(
        ["redis-benchmark", "--cluster", "-p", str(cluster.nodes[0].port),
         "-q", "-n", "5000", "-t", "set,get"], stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=120, check=True).stdout
    assert f"Cluster has {NODES} master nodes" in done
    assert re.search(r"SET: [1-9][0-9.]* requests per second", done), done
    assert re.search(r"GET: [1-9][0-9.]* requests per second", done), done


def test_python_redis_reaches_all_keys(cluster, db):
    for i in range(200):
        assert db.set(f"k{i}", i)
    assert [db.get(f"k{i}") for i in range(200)] == [
        str(i).encode() for i in range(200)]
    assert db.mget_nonatomic([f"k{i}" for i in range(10)]) == [
        str(i).encode() for i in range(10)]
    assert db.mset({"{t}a": 1, "{t}b": 2})
    assert db.mget("{t}a", "{t}b") == [b"1", b"2"]
    with pytest.raises(redis.exceptions.RedisClusterException):
        db.mget("k0", "k1")
    counts = [node.ask("DBSIZE") for node in cluster.nodes]
    assert sum(counts) == 202 and min(counts) > 10


def test_transactions_lie_within_a_slot(cluster):
    node = cluster.nodes[2]
    key = cluster.key_of(node)
    with node_client(node) as client:
        assert client.command("MULTI") == "OK"
        assert client.command("SET", key, 1) == "QUEUED"
        assert client.command("INCR", "{" + key + "}b") == "QUEUED"
        assert client.command("EXEC") == ["OK", 1]
        assert client.command("BATCH", "PUT", key, 2, "GET", key) == [
            "OK", b"2"]
        other = cluster.key_of(cluster.nodes[0])
        assert client.command("BATCH", "PUT", key, 2, "GET", other).startswith(
            "CROSSSLOT ")


def node_client(node):
    return Client(("127.0.0.1", node.port))


def test_a_dead_node_s_keys_are_back_when_it_is(cluster, db):
    victim = cluster.nodes[3]
    key, other = cluster.key_of(victim), cluster.key_of(cluster.nodes[1])
    assert db.set(key, "kept") and db.set(other, 0)
    victim.kill()

    assert db.incr(other) == 1  # Nobody else is concerned.
    asked = cluster.nodes[0]
    assert asked.ask("GET", key).startswith(("MOVED ", "CLUSTERDOWN "))
    wait_for(lambda: asked.ask("GET", key) ==
             "CLUSTERDOWN Hash slot not served")
    assert asked.cluster_info("cluster_state") == "ok"
    assert int(asked.cluster_info("cluster_slots_fail")) > 2000
    assert b"master,fail" in asked.ask("CLUSTER", "NODES")
    assert asked.ask("HEALTH").startswith("degraded: node n4 is silent")
    with pytest.raises((redis.exceptions.RedisError,
                        redis.exceptions.RedisClusterException)):
        db.get(key)
    assert db.incr(other) == 2

    victim.start()
    wait_for(lambda: str(asked.ask("GET", key)).startswith("MOVED "))
    wait_for(lambda: victim.ask("GET", key) == b"kept")
    assert db.get(key) == b"kept"
    assert db.incr(other) == 3
    slot = victim.ask("CLUSTER", "KEYSLOT", key)
    assert victim.ask("CLUSTER", "COUNTKEYSINSLOT", slot) == 1
    assert victim.ask("CLUSTER", "GETKEYSINSLOT", slot, 9) == [key.encode()]


def vega_client(cluster, *words, stdin=None):
    path = server_path("stage3").with_name("vega-client")
    return subprocess.run(
        [path, "-p", str(cluster.nodes[0].port), *words], input=stdin,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=60, check=False)


def test_our_client_takes_commands_apart_that_many_nodes_have_to_do(cluster):
    keys = [cluster.key_of(node) for node in cluster.nodes]
    pairs = [word for i, key in enumerate(keys) for word in (key, f"v{i}")]
    assert vega_client(cluster, "mset", *pairs).stdout == "OK\n"
    assert [node.ask("DBSIZE") for node in cluster.nodes] == [1] * NODES
    assert vega_client(cluster, "mget", *keys, "none").stdout.split("\n") == [
        *(f"v{i}" for i in range(NODES)), "", ""]
    assert vega_client(cluster, "exists", *keys, "none").stdout == f"{NODES}\n"
    batch = [word for key in keys for word in ("GET", key, "DELETE", key)]
    assert vega_client(cluster, "batch", *batch).stdout.split() == [
        word for i in range(NODES) for word in (f"v{i}", "1")]
    assert [node.ask("DBSIZE") for node in cluster.nodes] == [0] * NODES


def test_our_client_keeps_the_order_of_a_pipeline_over_all_nodes(cluster):
    lines = "".join(f"SET key:{i} {i}\nINCR key:{i}\n" for i in range(300))
    assert vega_client(cluster, stdin=lines).stdout == "".join(
        f"OK\n{i + 1}\n" for i in range(300))
    assert min(node.ask("DBSIZE") for node in cluster.nodes) > 20


def test_our_client_sends_no_key_to_another_node_than_its_own(cluster):
    victim = cluster.nodes[4]
    key, other = cluster.key_of(victim), cluster.key_of(cluster.nodes[2])
    assert vega_client(cluster, "set", key, "kept").returncode == 0
    victim.kill()
    gone = vega_client(cluster, "get", key)
    assert gone.returncode == 2
    assert f"cannot connect to 127.0.0.1:{victim.port}" in gone.stdout
    assert vega_client(cluster, "set", other, "1").stdout == "OK\n"
    assert vega_client(cluster, "mget", key, other).returncode == 2
    victim.start()
    wait_for(lambda: vega_client(cluster, "get", key).stdout == "kept\n")


def test_who_does_not_know_the_secret_is_no_peer(start_server, tmp_path):
    ports = [free_port() for _ in range(2)]
    for name, secret in ("ours", "sixteen bytes at least"), (
            "theirs", "sixteen other bytes too"):
        (tmp_path / name).write_text(secret)
        (tmp_path / name).chmod(0o600)
    ours, theirs = (
        start_server("--node-id", f"n{i + 1}", "--peer-port", str(ports[i]),
                     "--peers", f"n{2 - i}@127.0.0.1:{ports[1 - i]}",
                     "--set", f"cluster_secret_file={tmp_path / name}",
                     "--data-dir", str(tmp_path / f"data-{name}"))
        for i, name in enumerate(("ours", "theirs")))
    wait_for(lambda: "secret" in ours.log() and "secret" in theirs.log())
    assert ours.command("GET", "a").startswith("CLUSTERDOWN ")


def test_shard_channels_are_where_their_slot_is(cluster):
    node = cluster.nodes[4]
    channel = cluster.key_of(node)
    assert cluster.nodes[0].ask("SPUBLISH", channel, "x").startswith("MOVED ")
    with node_client(node) as listener:
        assert listener.command("SSUBSCRIBE", channel) == [
            b"ssubscribe", channel.encode(), 1]
        assert node.ask("SPUBLISH", channel, "hello") == 1
        assert listener.read() == [b"smessage", channel.encode(), b"hello"]


def test_flags_alone_make_the_same_cluster(start_cluster, tmp_path):
    def arguments(i, ports, peer_ports):
        others = ",".join(f"n{j + 1}@127.0.0.1:{peer_ports[j]}"
                          for j in range(len(ports)) if j != i)
        return ("--node-id", f"n{i + 1}", "--port", str(ports[i]),
                "--peer-port", str(peer_ports[i]), "--peers", others,
                "--data-dir", f"vega-data-{i}", "--weight", str(1 + i % 2))

    cluster = start_cluster(arguments, 3)
    maps = [node.ask("CLUSTER", "SLOTS") for node in cluster.nodes]
    assert all(one == maps[0] for one in maps)
    shares = [sum(last - first + 1 for first, last, owner in maps[0]
                  if owner[1] == node.port) for node in cluster.nodes]
    assert sum(shares) == 16384
    assert shares[1] > 1.5 * max(shares[0], shares[2])
    key = cluster.key_of(cluster.nodes[2])
    assert cli(cluster, "-c", "set", key, "x").stdout == "OK\n"


def test_a_seed_names_the_others(start_cluster):
    def arguments(i, ports, peer_ports):
        me = ("--node-id", f"n{i + 1}", "--port", str(ports[i]),
              "--peer-port", str(peer_ports[i]),
              "--data-dir", f"vega-data-{i}")
        if i == 0:  # It begins before the seed is there.
            return *me, "--seed", f"127.0.0.1:{peer_ports[1]}"
        others = ",".join(f"n{j + 1}@127.0.0.1:{peer_ports[j]}"
                          for j in range(len(ports)) if j != i)
        return *me, "--peers", others

    cluster = start_cluster(arguments, 3)
    assert "list learned from the seed" in cluster.nodes[0].log()
    maps = [node.ask("CLUSTER", "SLOTS") for node in cluster.nodes]
    assert all(one == maps[0] for one in maps)
    key = cluster.key_of(cluster.nodes[0])
    assert cli(cluster, "-c", "set", key, "x").stdout == "OK\n"


def test_a_seed_that_does_not_know_the_node_is_an_error(
        start_server, run_server):
    peer_port = free_port()
    start_server("--node-id", "n1", "--peer-port", peer_port, "--peers",
                 "n2@127.0.0.1:1")
    refused = run_server("--node-id", "n9", "--port", free_port(), "--peer-port",
                         free_port(), "--data-dir", "other", "--seed",
                         f"127.0.0.1:{peer_port}")
    assert refused.returncode == 2
    assert (f"the seed 127.0.0.1:{peer_port} has no node n9 in its list"
            in refused.stdout)


def test_a_seed_that_is_not_there_is_waited_for_until_the_end(tmp_path):
    node = Node(server_path("stage3"), tmp_path, 1, (
        "--node-id", "n1", "--port", str(free_port()), "--peer-port",
        str(free_port()), "--seed", "127.0.0.1:1"), 0)
    try:
        wait_for(lambda: 'no list from the seed yet seed=127.0.0.1:1 '
                 'reason="not reached"' in node.log())
        node.process.send_signal(signal.SIGTERM)
        assert node.process.wait(SECONDS_MAX) == 0
        assert not (tmp_path / "vega-data").exists()
    finally:
        node.kill()


def test_without_anything_it_is_a_cluster_of_one(server):
    assert server.command("SET", "a", 1) == "OK"
    assert server.command("SET", "b", 2) == "OK"
    assert server.command("MGET", "a", "b").startswith("CROSSSLOT ")
    assert b"cluster_state:ok" in server.command("CLUSTER", "INFO")
    [[first, last, [_, port, *_]]] = server.command("CLUSTER", "SLOTS")
    assert (first, last, port) == (0, 16383, server.port)


def test_a_taken_peer_port_is_named(server, run_server):
    refused = run_server("--port", free_port(), "--peer-port", server.port,
                         "--peers", "n2@127.0.0.1:1", "--data-dir", "other")
    assert refused.returncode == 2
    assert ("cannot listen for other nodes at "
            f"127.0.0.1:{server.port}: Address already in use"
            ) in refused.stdout


@pytest.mark.parametrize("text, told", [
    ("nodes:\n  - id: n1\n", "cluster.yaml:2:5: nodes: address is missing"),
    ("nodes:\n  - {id: n1, address: \"127.0.0.1:1\"}\n"
     "  - {id: n1, address: \"127.0.0.1:2\"}\n",
     "cluster.yaml:3:10: nodes: id 'n1' is another one's already"),
    ("nodes:\n  - {id: n9, address: \"127.0.0.1:1\"}\n",
     "there is no node n1: nodes has n9; say which one this is with --node"),
])
def test_a_bad_map_is_refused(run_server, tmp_path, text, told):
    (tmp_path / "cluster.yaml").write_text(text)
    refused = run_server("-c", "cluster.yaml", "--node", "n1")
    assert refused.returncode == 2
    assert told in refused.stdout


def test_what_is_cut_is_silent_until_it_is_healed(start_cluster, tmp_path):
    def arguments(i, ports, peer_ports):
        if i == 0:
            write_file(tmp_path, ports, peer_ports)
        return ("-c", "cluster.yaml", "--node", f"n{i + 1}",
                "--fault-commands")

    first, second, third = start_cluster(arguments, 3).nodes
    assert first.ask("FAULT", "CUT", "n2") == "OK"
    assert first.ask("FAULT", "LIST") == [b"n2"]
    assert first.ask("HEALTH") == (
        "degraded: FAULT has cut node n2 off from this one")
    for one, other in (first, "n1"), (second, "n2"):
        wait_for(lambda: b"master,fail" in one.ask("CLUSTER", "NODES"))
        assert len(one.ask("CLUSTER", "LINKS")) == 1
    assert b"fail" not in third.ask("CLUSTER", "NODES")
    assert second.ask("HEALTH").startswith("degraded: node n1 is silent")
    assert first.ask("FAULT", "HEAL") == "OK"
    for node in first, second:
        wait_for(lambda: len(node.ask("CLUSTER", "LINKS")) == 2)
        assert node.ask("HEALTH").startswith("ok")


def test_there_is_no_fault_command_unless_it_is_configured(server):
    assert server.command("FAULT", "LIST").startswith(
        "ERR unknown command 'FAULT'")
    assert server.command("COMMAND", "INFO", "FAULT") == [None]
