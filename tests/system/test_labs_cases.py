"""The grader of lab 1 against servers of a few lines, and its words on them.

Each makes one mistake, and the words are judged: would they lead to it?
"""
# SPDX-License-Identifier: MIT

import subprocess
import textwrap

import pytest

from conftest import ROOT, build_grader

LAB = ROOT / "labs" / "lab1-server" / "lab.yml"
GRADER = ROOT / "build" / "labs" / "grader-1"


@pytest.fixture(scope="module", autouse=True)
def built():
    build_grader(1)


@pytest.fixture
def grade(tmp_path):
    """Grades a case with a server that does `body` with each `client`."""
    def run(case, body, *more):
        server = tmp_path / "server"
        server.write_text(textwrap.dedent("""\
            #!/usr/bin/python3
            import socket, sys, threading
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", int(sys.argv[2])))
            listener.listen()
            def serve(client):
            """) + textwrap.indent(textwrap.dedent(body), "    ") + "\n" +
            textwrap.dedent("""\
            while True:
                threading.Thread(target=serve, args=[listener.accept()[0]],
                                 daemon=True).start()
            """))
        server.chmod(0o755)
        return subprocess.run(
            [GRADER, "--server", server, "--foreign", LAB, *more, case],
            capture_output=True, text=True, timeout=120).stdout
    return run


def test_a_server_that_never_answers_is_asked_why(grade):
    printed = grade("pipeline/in_order", "threading.Event().wait()", "-k")
    assert "does not answer its first PING" in printed
    assert "does it wait in accept(2)" in printed
    assert "LIKELY" not in printed


REFUSES = r"""
while data := client.recv(65536):
    if data.endswith(b"PING\r\n"):
        client.sendall(b"+PONG\r\n")
    else:
        client.sendall(b"-ERR Protocol error: ")
        client.sendall(b"expected '$', got 'l'\r\n")
"""


def test_a_wrong_reply_is_told_to_the_end_of_its_line(grade):
    printed = grade("frame_split/half_stays_half", REFUSES, "-k")
    assert (r"GOT       -ERR Protocol error: expected '$', got 'l'\r\n"
            in printed)
    words = " ".join(printed.split())
    assert "*at moves on although bytes are missing" in words


def test_a_replay_shows_what_is_sent_and_received(grade):
    printed = grade("frame_split/half_stays_half", REFUSES, "-v", "--replay")
    told = [line.split(maxsplit=1)[1] for line in printed.splitlines()
            if line.startswith("  c")]
    assert told[:3] == [r"> *2\r\n$4\r\nECHO\r\n$5\r\nhe",
                        r"> *1\r\n$4\r\nPING\r\n", r"< +PONG\r\n"]
    assert any(line.startswith("< -ERR Protoc") for line in told)
