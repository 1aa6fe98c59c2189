"""CONTRIBUTING.md is true to the code: its worked example builds and answers."""
# SPDX-License-Identifier: MIT

import re
import shutil
import socket
import subprocess
import textwrap
import time

import pytest

from conftest import ROOT, environment_of_make, free_port


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server that has REVERSE, made as the steps say."""
    tree = tmp_path_factory.mktemp("tree")
    for part in ("common", "stage1-singlenode"):
        shutil.copytree(ROOT / part, tree / part)
    text = (ROOT / "CONTRIBUTING.md").read_text()
    text = text[text.index("## Add a command"):text.index("## Style")]
    pieces = re.findall(r"   ```c\n(.*?)   ```\n", text, re.DOTALL)
    assert len(pieces) == 2
    stage = tree / "stage1-singlenode"
    (stage / "commands_reverse.c").write_text(
        "\n".join(textwrap.dedent(piece) for piece in pieces))
    for name, after, line in (
            ("commands.h", "// Each ends with a row without a name.\n",
             "extern const struct command commands_reverse[];\n"),
            ("commands.c", "{\n",
             "    command_table_add(table, commands_reverse);\n")):
        source = (stage / name).read_text()
        assert source.count(after) == 1
        (stage / name).write_text(source.replace(after, after + line))
    done = subprocess.run(["make", "-j2", "-C", "stage1-singlenode",
                           "CFLAGS=-O0 -g0"], cwd=tree, text=True,
                          env=environment_of_make(),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == 0, done.stderr

    port = free_port()
    process = subprocess.Popen([tree / "build" / "stage1" / "vega-server",
                                "--port", str(port)],
                               stderr=subprocess.DEVNULL)
    yield port
    process.terminate()
    assert process.wait(30) == 0


def ask(port, text):
    """Sends inline commands; all that comes back."""
    for _ in range(500):
        try:
            with socket.create_connection(("127.0.0.1", port), 5) as connection:
                connection.sendall(text)
                connection.shutdown(socket.SHUT_WR)
                return b"".join(iter(lambda: connection.recv(4096), b""))
        except ConnectionRefusedError:
            time.sleep(0.02)
    raise TimeoutError("the server does not listen")


def test_the_worked_example_answers(server):
    assert ask(server, b"SET k abc\r\nREVERSE k\r\nREVERSE none\r\n") == (
        b"+OK\r\n$3\r\ncba\r\n$0\r\n\r\n")


def test_its_row_does_the_rest(server):
    assert b"wrong number of arguments for 'reverse'" in ask(
        server, b"REVERSE\r\n")
    assert ask(server, b"COMMAND GETKEYS REVERSE k\r\n") == (
        b"*1\r\n$1\r\nk\r\n")


def test_the_tests_that_it_names_exist():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    tests = "".join(path.read_text() for path in
                    (ROOT / "tests" / "system").glob("test_*.py"))
    words = re.findall(r"pytest-3 tests/system -k (\w+)", text)
    assert len(words) == 2
    for word in words:
        assert re.search(rf"def test_\w*{word}", tests), word
    for name in re.findall(r"ONLY=(\w+)", text):
        assert list((ROOT / "tests").glob(f"*/{name}.c")), name
