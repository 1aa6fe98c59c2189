"""What vega-client of stage 3 says of a cluster: cluster status, cluster
doctor, explain, cluster keys-moved, and -c cluster.yaml."""
# SPDX-License-Identifier: MIT

import json
import subprocess

import pytest

from clusters import (  # pylint: disable=unused-import
    start_cluster, start_from_file)
from conftest import environment_of, free_port, server_path, wait_for

STAGES = ["stage3"]
NODES = 3
KEYS = 300


@pytest.fixture
def cluster(start_cluster, tmp_path):
    """Three nodes of one file; some may have been killed at the end."""
    return start_from_file(start_cluster, tmp_path, NODES)


def run(*words, stage="stage3", stdin=None, directory=None):
    path = server_path(stage).with_name("vega-client")
    return subprocess.run(
        [path, *map(str, words)], input=stdin, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        cwd=directory, env=environment_of({"HOME": "/nonexistent"}))


@pytest.fixture
def client(cluster, tmp_path):
    """client("cluster", "status"): over one of the nodes."""
    def run_here(*words, node=0, **options):
        return run("-p", cluster.nodes[node].port, *words, **options)
    return run_here


def fill(client):
    lines = "".join(f"SET key:{i} {i}\n" for i in range(KEYS))
    assert client(stdin=lines).stdout == "OK\n" * KEYS


def slots_of(cluster, node):
    return sum(last - first + 1
               for first, last, owner in cluster.nodes[0].ask(
                   "CLUSTER", "SLOTS")
               if owner[1] == node.port)


def test_status_lists_every_node(cluster, client):
    fill(client)
    shown = client("cluster", "status", node=1)
    assert shown.returncode == 0, shown.stderr
    heads, *rows, _ = [line.split() for line in shown.stdout.splitlines()]
    assert heads == ["id", "address", "slots", "keys", "memory", "ops/s",
                     "p99", "epoch", "health"]
    assert [row[:4] for row in rows] == [
        [node.id, f"127.0.0.1:{node.port}", str(slots_of(cluster, node)),
         str(node.ask("DBSIZE"))] for node in cluster.nodes]
    assert all(row[-2:] == ["1", "ok"] for row in rows)


def test_status_is_json_on_demand(cluster, client, tmp_path):
    fill(client)
    for told in (client("CLUSTER", "STATUS", "--json"),
                 client("--json", "cluster", "status"),
                 run("-c", "cluster.yaml", "cluster", "status", "--json",
                     directory=tmp_path)):
        assert told.returncode == 0, told.stderr
        status = json.loads(told.stdout)
        assert [node["id"] for node in status["nodes"]] == [
            node.id for node in cluster.nodes]
        assert status["all"]["slots"] == 16384
        assert status["all"]["keys"] == KEYS
        assert all(node["p99_us"] > 0 and node["memory_bytes"] > 0
                   for node in status["nodes"])


def test_doctor_sees_a_node_die(cluster, client, tmp_path):
    well = client("cluster", "doctor")
    assert well.returncode == 0, well.stdout + well.stderr
    assert well.stdout.startswith("Nothing is wrong.\nWhat can fail next:\n")
    assert "there is one copy of each slot" in well.stdout

    victim = cluster.nodes[1]
    victim.kill()
    at_once = client("cluster", "doctor")
    assert at_once.returncode == 1
    assert "n2 " in at_once.stdout

    wait_for(lambda: b"fail" in cluster.nodes[0].ask("CLUSTER", "NODES") and
             b"fail" in cluster.nodes[2].ask("CLUSTER", "NODES"))
    told = client("cluster", "doctor", "--json")
    assert told.returncode == 1
    [wrong] = json.loads(told.stdout)["wrong"]
    assert wrong["kind"] == "node_silent"
    assert f"its {slots_of(cluster, victim)} slots" in wrong["text"]
    assert wrong["text"].startswith("n2 is silent (cannot connect to "
                                    f"127.0.0.1:{victim.port}")

    status = client("cluster", "status")
    assert status.returncode == 1
    assert "2 of 3 nodes answer" in status.stdout
    # Over the dead node itself nobody is reached, but the file names others.
    assert client("cluster", "doctor", node=1).returncode == 2
    assert run("-c", "cluster.yaml", "cluster", "doctor",
               directory=tmp_path).returncode == 1


def test_explain_agrees_with_the_nodes(cluster, client):
    for key in ("star", "{star}:planets", "a b", ""):
        told = client("explain", key, "--json")
        assert told.returncode == 0, told.stderr
        said = json.loads(told.stdout)
        slot = cluster.nodes[0].ask("CLUSTER", "KEYSLOT", key)
        owner = cluster.owner_of(key)
        assert said["slot"] == slot
        assert said["by_map"] == said["by_ring"] == {
            "id": owner.id, "address": f"127.0.0.1:{owner.port}"}
        for node in cluster.nodes:
            if node is not owner:
                assert node.ask("GET", key) == (
                    f"MOVED {slot} {said['by_map']['address']}")
    told = client("explain", "{star}:planets").stdout
    assert '"{star}:planets", of which only the tag counts: "star"' in told
    assert "slot           15279" in told
    assert "0xeebc000000000000, slot << 50" in told


def test_keys_moved_counts_the_keys_that_would_move(cluster, client):
    fill(client)
    told = client("cluster", "keys-moved", "--remove", "n2", "--json")
    assert told.returncode == 0, told.stderr
    plan = json.loads(told.stdout)
    leaving = cluster.nodes[1]
    assert {move["from"] for move in plan["moves"]} == {"n2"}
    assert plan["all"] == {"slots": slots_of(cluster, leaving),
                           "keys": leaving.ask("DBSIZE")}
    assert plan["optimum_slots"] == pytest.approx(16384 / 3)

    plan = json.loads(client("cluster", "keys-moved", "--add", "n4",
                             "--json").stdout)
    assert [(move["from"], move["to"]) for move in plan["moves"]] == [
        (node.id, "n4") for node in cluster.nodes]
    assert plan["optimum_slots"] == 16384 / 4
    assert 0 < plan["all"]["keys"] < KEYS / 2
    shown = client("cluster", "keys-moved", "--weight", "n2=2")
    assert shown.stdout.startswith("from  to  slots  keys\nn1    n2 ")
    assert shown.stdout.endswith("Nothing was changed.\n")
    assert sum(node.ask("DBSIZE") for node in cluster.nodes) == KEYS

    for words in ([], ["--add", "n1"], ["--remove", "n9"], ["--add"],
                  ["--weight", "n1"], ["--what"]):
        refused = client("cluster", "keys-moved", *words)
        assert refused.returncode == 2
        assert refused.stderr.startswith("vega-client: cluster keys-moved: ")
        assert not refused.stdout


def test_a_file_is_as_good_as_an_address(cluster, tmp_path):
    def from_file(*words, **options):
        return run("-c", "cluster.yaml", *words, directory=tmp_path, **options)

    keys = [cluster.key_of(node) for node in cluster.nodes]
    for key in keys:
        assert from_file("set", key, key).stdout == "OK\n"
    assert from_file("mget", *keys).stdout.split() == keys
    assert [node.ask("DBSIZE") for node in cluster.nodes] == [1] * NODES
    cluster.nodes[0].kill()
    assert from_file("get", keys[1]).stdout == keys[1] + "\n"
    assert from_file("get", keys[0]).returncode == 2


def test_other_words_of_cluster_are_the_servers(cluster, client):
    assert client("cluster", "info").stdout.startswith("cluster_state:ok")
    assert client("cluster", "nodes").stdout.count("master") == NODES
    assert client("cluster", "statu").stdout.startswith("ERR unknown sub")
    help_text = client("--help").stdout
    for name in ("cluster status", "cluster doctor", "cluster keys-moved",
                 "explain KEY", "-c, --cluster FILE"):
        assert name in help_text


def test_lower_stages_have_none_of_it():
    assert "cluster" not in run("--help", stage="stage1").stdout
    asked = run("-p", free_port(), "cluster", "status", stage="stage2")
    assert asked.returncode == 2
    assert "cannot connect" in asked.stderr
    refused = run("-c", "cluster.yaml", "get", "k", stage="stage2")
    assert refused.returncode == 2
    assert "this one knows a single server" in refused.stderr


@pytest.mark.parametrize("text, told", [
    ("port: 7001\n", "it lists no nodes of a cluster"),
    ("nodes:\n  - {id: n1}\n", "bad.yaml:2:5: nodes: address is missing"),
])
def test_a_bad_file_is_refused(tmp_path, text, told):
    (tmp_path / "bad.yaml").write_text(text)
    for words in (["get", "k"], ["cluster", "status"]):
        refused = run("-c", "bad.yaml", *words, directory=tmp_path)
        assert refused.returncode == 2
        assert told in refused.stderr
