"""redis-cli in both protocols and its modes; its help from COMMAND DOCS."""
# SPDX-License-Identifier: MIT

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

import pytest

from resp import encode


def cli(server, *arguments, data=b""):
    """What redis-cli prints for people, whatever standard output is."""
    return subprocess.run(
        ["redis-cli", "-p", str(server.port), "--no-raw",
         *map(str, arguments)], input=data, timeout=60,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        check=False).stdout.decode()


@pytest.mark.parametrize("protocol", ["-2", "-3"])
def test_replies_of_every_kind(server, protocol):
    assert cli(server, protocol, "set", "k", "v") == "OK\n"
    assert cli(server, protocol, "get", "k") == '"v"\n'
    assert cli(server, protocol, "get", "none") == "(nil)\n"
    assert cli(server, protocol, "incr", "n") == "(integer) 1\n"
    assert cli(server, protocol, "mget", "k", "n", "none") == (
        '1) "v"\n2) "1"\n3) (nil)\n')
    assert cli(server, protocol, "incr", "k") == (
        "(error) ERR value is not an integer or out of range\n")
    assert cli(server, protocol, "nosuch", "a").startswith(
        "(error) ERR unknown command 'nosuch', with args beginning with: 'a'")


def test_resp3_has_maps(server):
    answer = cli(server, "-3", "config", "get", "port")
    assert answer == f'1# "port" => "{server.port}"\n'
    assert '"proto" => (integer) 3' in cli(server, "hello", "3")


def test_json(server):
    assert cli(server, "--json", "mget", "none").strip() == "[null]"


def test_pipe_loads_many_requests(server):
    requests = b"".join(encode("SET", f"key:{i}", "x" * (i % 100))
                        for i in range(10000))
    said = cli(server, "--pipe", data=requests)
    assert "errors: 0, replies: 10000" in said
    assert server.command("DBSIZE") == 10000


def test_pipe_takes_inline_commands_too(server):
    said = cli(server, "--pipe", data=b"SET a 1\r\nSET b 2\r\nINCR a\r\n")
    assert "errors: 0, replies: 3" in said
    assert server.command("MGET", "a", "b") == [b"2", b"2"]


def test_scan_finds_each_key_once(server):
    with server.connect() as client:
        for i in range(1000):
            client.send(encode("SET", f"user:{i}", i))
            client.send(encode("SET", f"other:{i}", i))
        for _ in range(2000):
            assert client.read() == "OK"
    lines = cli(server, "--scan", "--pattern", "user:*").split()
    assert sorted(line.strip('"') for line in lines) == sorted(
        f"user:{i}" for i in range(1000))


@pytest.mark.parametrize("mode", ["--bigkeys", "--memkeys"])
def test_walks_over_the_key_space(server, mode):
    with server.connect() as client:
        client.command("SET", "small", "x")
        client.command("SET", "large", "x" * 100000)
    said = cli(server, mode)
    assert "large" in said
    assert "Sampled 2 keys in the keyspace!" in said
    assert "rror" not in said


def test_stat_prints_lines(server):
    server.command("SET", "k", "v")
    with subprocess.Popen(
            ["redis-cli", "-p", str(server.port), "--stat", "-i", "0.05"],
            stdout=subprocess.PIPE, text=True) as process:
        try:
            lines = [process.stdout.readline() for _ in range(5)]
        finally:
            process.kill()
    assert "keys" in lines[1] and "mem" in lines[1]
    fields = lines[4].split()
    assert fields[0] == "1"  # Keys.
    assert int(fields[2]) >= 1  # Clients.


def test_command_docs_describe_every_command(server):
    with server.connect() as client:
        client.command("HELLO", 3)
        docs = client.command("COMMAND", "DOCS")
        names = set(client.command("COMMAND", "LIST"))
        assert client.command("COMMAND", "COUNT") == len(docs)
    assert {b"get", b"put", b"config"} <= docs.keys()
    assert b"config|get" in docs[b"config"][b"subcommands"]
    assert docs.keys() == {name for name in names if b"|" not in name}
    for name, doc in docs.items():
        assert doc[b"summary"], name
        assert doc[b"group"], name
        assert doc[b"since"], name


class Terminal:
    """redis-cli on a terminal of its own."""

    def __init__(self, server, home):
        self.shown = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ,
                        struct.pack("HHHH", 50, 200, 0, 0))
            os.environ.update(HOME=str(home), TERM="xterm")
            os.execvp("redis-cli", ["redis-cli", "-p", str(server.port)])

    def type(self, text):
        os.write(self.fd, text.encode())

    def wait_for(self, text, seconds=30):
        """Reads until `text` was shown; returns what led there."""
        end = time.monotonic() + seconds
        while text not in self.shown:
            left = end - time.monotonic()
            assert left > 0, f"no {text!r} in {self.shown!r}"
            if select.select([self.fd], [], [], left)[0]:
                self.shown += os.read(self.fd, 65536).decode(errors="replace")
        before, self.shown = self.shown.split(text, 1)
        return before

    def end(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def test_help_and_hints_come_from_command_docs(server, tmp_path):
    terminal = Terminal(server, tmp_path)
    try:
        terminal.wait_for("> ")
        # PUT is VegaDB's own word: redis-cli can know it from the server only.
        terminal.type("help PUT\r")
        assert "key value" in terminal.wait_for("group:")
        terminal.wait_for("> ")
        # A hint appears behind the cursor, before anything is sent.
        terminal.type("SETEX k ")
        terminal.wait_for("seconds value")
        terminal.type("9 v\r")
        terminal.wait_for("OK")
    finally:
        terminal.end()
    assert server.command("TTL", "k") == 9
