"""vega-playground, driven by a pipe as its prompt would be by hands."""
# SPDX-License-Identifier: MIT

import fcntl
import os
import pathlib
import pty
import re
import shutil
import signal
import subprocess
import termios
import threading

import pytest

from conftest import environment_of, server_path, wait_for
from resp import Client

SECONDS_MAX = 60


def build():
    return server_path().parents[1]


def is_alive(pid):
    """A zombie is dead; only nobody has looked."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"


def take_terminal():
    fcntl.ioctl(0, termios.TIOCSCTTY)  # So that Ctrl-C there is for us.


class Playground:
    """`terminal`: its prompt is on one, of its own, not at a pipe."""

    def __init__(self, directory, *arguments, terminal=False):
        self.temporary = directory / "tmp"
        self.temporary.mkdir(exist_ok=True)
        self.output, output = pty.openpty() if terminal else os.pipe()
        own_input, self.input = ((output, self.output) if terminal else
                                 os.pipe())
        self.process = subprocess.Popen(
            [build() / "common" / "vega-playground", *arguments],
            cwd=directory, stdin=own_input, stdout=output, stderr=output,
            start_new_session=terminal,
            preexec_fn=take_terminal if terminal else None,
            env=environment_of({"TMPDIR": str(self.temporary),
                                "TERM": "dumb"}))
        for end in {own_input, output}:
            os.close(end)
        self.said = ""
        self.pids = set()
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        try:
            while piece := os.read(self.output, 4096):
                self.said += piece.decode().replace("\r", "")
        except OSError:
            pass  # The last writer has closed the terminal.

    def type(self, text):
        os.write(self.input, text.encode())

    def order(self, *lines, until):
        """What it says to these lines, up to the pattern."""
        start = len(self.said)
        self.type("".join(line + "\n" for line in lines))
        return self.wait_for(until, start)

    def wait_for(self, pattern, start=0):
        wait_for(lambda: re.search(pattern, self.said[start:]) or
                 self.process.poll() is not None)
        assert re.search(pattern, self.said[start:]), self.said
        return self.said[start:]

    def status(self):
        """{"n1": (port, pid, state, keys, notes)}"""
        text = self.order("status", "help", until=r"quit +ends all nodes")
        rows = re.findall(r"^(n\d+) +127\.0\.0\.1:(\d+) +(\S+) (\w+) +(\S+) +"
                          r"\S+(.*)$", text, re.MULTILINE)
        self.pids |= {int(row[2]) for row in rows if row[2] != "-"}
        return {row[0]: (int(row[1]), row[2], row[3], row[4], row[5].strip())
                for row in rows}

    def ready(self):
        self.wait_for("Type status, help or quit")
        return self.status()

    def wait(self):
        code = self.process.wait(SECONDS_MAX)
        self.reader.join(5)
        return code

    def left(self):
        """What it has left behind: processes and directories."""
        return ([pid for pid in self.pids if is_alive(pid)],
                list(self.temporary.iterdir()))

    def quit(self):
        self.type("quit\n")
        return self.wait()

    def close_input(self):
        os.close(self.input)
        self.input = None

    def close(self):
        self.process.kill()
        self.wait()
        for end in {self.input, self.output} - {None}:
            os.close(end)
        wait_for(lambda: not self.left()[0])


@pytest.fixture
def start(tmp_path):
    started = []

    def start_one(*arguments, **options):
        started.append(Playground(tmp_path, *arguments, **options))
        return started[-1]

    yield start_one
    for one in started:
        one.close()
    shutil.rmtree(tmp_path)


def client(port, *words):
    done = subprocess.run(
        [build() / "stage3" / "vega-client", "-p", str(port), *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=SECONDS_MAX, check=False)
    return done.stdout


def ask(port, *words):
    with Client(("127.0.0.1", port), 10) as connection:
        return connection.command(*words)


def states(status):
    return {node: row[2] for node, row in status.items()}


def test_nodes_are_killed_paused_cut_and_brought_back(start):
    playground = start("--stage", "3", "--nodes", "3")
    status = playground.ready()
    assert states(status) == dict.fromkeys(("n1", "n2", "n3"), "running")
    said = playground.said
    assert re.search(r"Stage 3, 3 nodes, in \S+/vega-playground-", said), said
    port = int(re.search(r"stage3/vega-client -p (\d+)\n", said)[1])
    assert f"redis-cli -c -p {port}\n" in said
    words = [word for i in range(60) for word in (f"key:{i}", str(i))]
    assert client(port, "mset", *words) == "OK\n"

    playground.order("cut n1 | 2,3", until="")
    status = playground.status()
    assert states(status) == dict.fromkeys(("n1", "n2", "n3"), "cut")
    assert status["n1"][4].startswith("cut from n2,n3")
    assert status["n2"][4].startswith("cut from n1")
    assert ask(status["n1"][0], "FAULT", "LIST") == [b"n2", b"n3"]
    assert ask(status["n2"][0], "FAULT", "LIST") == [b"n1"]

    # A node that was away learns of the cut again.
    playground.order("kill n1", until="n1 is dead")
    status = playground.status()
    assert status["n1"][1:4] == ("-", "dead", "-")
    playground.order("restart n1", until="n1 runs again")
    assert ask(status["n1"][0], "FAULT", "LIST") == [b"n2", b"n3"]

    wait_for(lambda: "hears nothing of n1" in playground.status()["n2"][4])
    playground.order("heal", until="")
    wait_for(lambda: not any(row[4] for row in playground.status().values()))
    assert set(states(playground.status()).values()) == {"running"}
    assert sum(int(row[3]) for row in playground.status().values()) == 60
    assert client(port, "mget", "key:7", "key:59") == "7\n59\n"

    playground.order("pause 2", until="n2 stands still")
    status = playground.status()
    assert status["n2"][2] == "paused"
    stat = pathlib.Path(f"/proc/{status['n2'][1]}/stat").read_text()
    assert stat.rsplit(")", 1)[1].split()[0] == "T"
    playground.order("resume 2", until="n2 goes on")
    assert playground.status()["n2"][2] == "running"

    said = playground.order("load 1", until=r"(?s)(load at n\d: .*){3}")
    rates = re.findall(r"load at n(\d): (\d+) requests/s, .* 0 errors", said)
    assert {number for number, _ in rates} == {"1", "2", "3"}, said
    assert all(int(rate) > 0 for _, rate in rates)

    assert "ready" in playground.order("logs n3 100", until="ready program")
    assert playground.quit() == 0, playground.said
    assert playground.left() == ([], [])


def test_who_dies_is_told_with_its_log(start):
    playground = start("--nodes", "2")
    victim = int(playground.ready()["n2"][1])
    before = len(playground.said)
    os.kill(victim, signal.SIGKILL)
    said = playground.wait_for("ready program", before)
    assert f"n2 (pid {victim}) died: Killed; the last lines of " in said
    assert playground.status()["n2"][2] == "dead"
    playground.order("kill n2", until="n2 is dead already")
    assert playground.quit() == 1  # There was an order that could not be done.
    assert playground.left() == ([], [])


def test_who_cannot_start_is_told_with_its_log(start, tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "vega-data-n2").write_text("no directory")
    playground = start("--nodes", "2", "--dir", "here")
    assert playground.wait() == 1
    assert re.search(r"n2 \(pid \d+\) ended with exit code 2; the last lines "
                     r"of .*/n2.log:\nvega-server: cannot use vega-data-n2",
                     playground.said), playground.said
    assert "no cluster came up" in playground.said


def test_a_load_ends_before_the_input_does(start):
    playground = start("--stage", "1")
    playground.order("load 1", until="load at 1 node")
    playground.close_input()
    assert playground.wait() == 0
    assert re.search(r"load at n1: [1-9]\d* requests/s, ", playground.said)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM,
                                    signal.SIGHUP])
def test_a_signal_ends_all(start, number):
    playground = start("--nodes", "2")
    playground.ready()
    playground.order("pause n1", until="n1 stands still")
    playground.process.send_signal(number)
    assert playground.wait() == 0
    assert playground.left() == ([], [])


def test_kill_9_leaves_no_process(start):
    playground = start("--nodes", "2")
    playground.ready()
    playground.order("pause n1", "load 60", until="load at 1 node for 60 s")
    playground.process.kill()
    playground.wait()
    wait_for(lambda: not playground.left()[0])


def test_the_end_of_input_ends_it(start):
    playground = start("--stage", "2", terminal=True)
    playground.wait_for("playground> $")
    playground.type("\4")  # Ctrl-D.
    assert playground.wait() == 0
    assert "Stage 2, 1 node, in " in playground.said
    assert list(playground.temporary.iterdir()) == []


def test_a_directory_is_kept_and_taken_up_again(start, tmp_path):
    playground = start("--nodes", "2", "--dir", "here")
    port = playground.ready()["n1"][0]
    assert client(port, "mset", "a", "1", "b", "2", "c", "3") == "OK\n"
    second = start("--dir", "here")
    assert second.wait() == 2
    assert "here: another playground is using it" in second.said
    assert playground.quit() == 0
    assert playground.left()[0] == []
    assert (tmp_path / "here" / "n2.log").exists()

    other = start("--nodes", "3", "--dir", "here")
    assert other.wait() == 2
    assert "has data of 2 nodes" in other.said
    playground = start("--dir", "here")
    status = playground.ready()
    assert sum(int(row[3]) for row in status.values()) == 3
    assert client(status["n2"][0], "mget", "a", "b", "c") == "1\n2\n3\n"
    assert playground.quit() == 0


def test_a_file_of_somebody_else_is_left_alone(start, tmp_path):
    (tmp_path / "here").mkdir()
    theirs = tmp_path / "here" / "cluster.yaml"
    theirs.write_text("nodes: []\n")
    playground = start("--dir", "here")
    assert playground.wait() == 2
    assert "is somebody else's" in playground.said
    assert theirs.read_text() == "nodes: []\n"


@pytest.mark.parametrize("arguments, told", [
    (["--nodes", "0"], "--nodes 0: a number from 1 to 32 is needed"),
    (["--stage", "1", "--nodes", "2"], "stage 1 is one node"),
    (["--stage", "5"], "stage5/vega-server: is not built"),
    (["more"], "more: no such option"),
])
def test_what_cannot_be_is_refused(start, arguments, told):
    playground = start(*arguments)
    assert playground.wait() == 2
    assert told in playground.said


def test_nothing_to_cut_where_there_is_one_node(start):
    playground = start("--stage", "1")
    assert list(states(playground.ready())) == ["n1"]
    playground.order("heal", until="a node alone has no network to cut")
    playground.order("kill n2", until="n1 is the only one")
    playground.order("restart n1", until="n1 runs again")
    assert playground.quit() == 1


def test_a_terminal_is_told_at_once_and_ctrl_c_ends_it(start):
    playground = start("--stage", "2", terminal=True)
    said = playground.order("status", until=r"n1 .* running(?s:.*)> $")
    pid = int(re.search(r"n1 +\S+ +(\d+) running", said)[1])
    playground.pids.add(pid)
    playground.type("hal")  # What is typed stays typed.
    os.kill(pid, signal.SIGKILL)
    playground.wait_for(rf"n1 \(pid {pid}\) died: Killed(?s:.*)> hal")
    playground.order("f", until="there is no 'half' here")
    playground.order("restart n1", until="n1 runs again")
    playground.order("kill n1", until="n1 is dead")
    playground.type("\3")  # Ctrl-C.
    assert playground.wait() == 1
    assert playground.left() == ([], [])
