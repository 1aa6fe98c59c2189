"""The console examples of the READMEs do what they show.

A line that begins with "$ " is a command; what follows is what a terminal
shows. "..." stands for any text in a line, and alone for any lines. Commands
are run as they are written, in an empty folder where vega-server and
vega-client are, on a terminal. One thing is moved: port 6379, which somebody
else may have, by small programs that stand before the real ones. A server
stays until the end of its file.
"""
# SPDX-License-Identifier: MIT

import os
import pathlib
import pty
import re
import shutil
import subprocess
import threading
import time

import pytest

from conftest import ROOT, free_port, server_path

FILES = [path for path in sorted(ROOT.rglob("*.md"))
         if "build" not in path.parts and "```console\n" in path.read_text()]

# What stands before each program; {real} is the program, {port} the free port.
MOVED = {
    "./vega-server": 'exec {real} --port {port} "$@"',
    "./vega-client": 'exec {real} -p {port} "$@"',
    "redis-cli": 'exec {real} -p {port} "$@"',
    "redis-benchmark": 'exec {real} -p {port} "$@"',
    "nc": 'exec {real} $(echo " $*" | sed "s/ 6379/ {port}/")',
    "build/vega-playground": 'exec {real} "$@"',
}


def examples(path):
    """(line number, command, expected output) of every example."""
    found = []
    inside = False
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith("```"):
            inside = line == "```console"
        elif inside and line.startswith("$ "):
            found.append((number, line[2:], []))
        elif inside:
            found[-1][2].append(line)
    return [(number, command, "".join(line + "\n" for line in lines))
            for number, command, lines in found]


def matches(expected, shown):
    pattern = ""
    for line in expected.splitlines():
        if line == "...":
            pattern += r"(?:.*\n)*"
        else:
            pattern += ".*".join(map(re.escape, line.split("..."))) + r"\n"
    return re.fullmatch(pattern, shown) is not None


class Terminal:
    """A command on a terminal of its own, and what it showed so far."""

    def __init__(self, command, directory, environment):
        self.shown = b""
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            ["bash", "-c", command], cwd=directory, env=environment,
            stdin=subprocess.DEVNULL, stdout=slave, stderr=slave)
        os.close(slave)
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        try:
            while piece := os.read(self.master, 4096):
                self.shown += piece
        except OSError:
            pass  # The last writer has closed the terminal.

    def text(self):
        return self.shown.decode().replace("\r", "")

    def finish(self, seconds=30):
        try:
            self.process.wait(seconds)
        finally:
            self.process.kill()
            self.process.wait()
            self.reader.join(5)
            os.close(self.master)
        return self.text()


def real_program(name):
    word = name.split("/")[-1]
    if name.startswith("./"):
        return server_path().with_name(word)
    if name.startswith("build/"):
        return server_path().parents[1] / "common" / word
    return shutil.which(word)


@pytest.fixture
def place(tmp_path):
    """A folder with the programs moved to a free port: (folder, environment)"""
    port = free_port()
    programs = tmp_path / "bin"
    folder = tmp_path / "vegadb"
    programs.mkdir()
    folder.mkdir()
    (folder / "build").mkdir()
    for name, line in MOVED.items():
        script = (folder if "/" in name else programs) / name
        real = real_program(name)
        script.write_text("#!/bin/sh\n" + line.format(real=real, port=port))
        script.chmod(0o755)
    environment = {"PATH": f"{programs}:{os.environ['PATH']}",
                   "HOME": str(tmp_path), "TERM": "xterm", "LC_ALL": "C.UTF-8"}
    yield folder, environment
    shutil.rmtree(folder / "vega-data", ignore_errors=True)


def is_server(command):
    return command.startswith("./vega-server") and not re.search(
        r"--(check-config|help|version)", command)


def wait_for(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


@pytest.mark.parametrize("path", FILES,
                         ids=lambda path: str(path.relative_to(ROOT)))
def test_examples_show_what_happens(path, place):
    servers = []
    try:
        for number, command, expected in examples(path):
            terminal = Terminal(command, *place)
            if is_server(command):
                servers.append(terminal)
                wait_for(lambda: matches(expected, terminal.text()))
                shown = terminal.text()
            else:
                shown = terminal.finish()
            assert matches(expected, shown), (
                f"{path.name}:{number}: $ {command}\n"
                f"--- expected\n{expected}--- shown\n{shown}")
    finally:
        for server in servers:
            server.process.terminate()
            server.finish()


def test_there_are_examples():
    assert ROOT / "README.md" in FILES


def test_a_wrong_example_would_be_seen():
    assert matches("OK\n", "OK\n")
    assert matches("a ... c\n...\nz\n", "a b c\nd\ne\nz\n")
    assert not matches("OK\n", "OK")
    assert not matches("OK\n", "OK\nmore\n")
    assert not matches("a.c\n", "abc\n")
