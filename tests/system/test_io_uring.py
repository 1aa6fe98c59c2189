"""Many clients in one round: the same replies with io_uring, without it, and
where it is forbidden."""
# SPDX-License-Identifier: MIT

import pathlib
import socket
import sys

import pytest

from resp import encode

CLIENTS = 100
NO_IO_URING = pathlib.Path(__file__).with_name("no_io_uring.py")
WARNING = "io_uring not to be had"


def serve_many_at_once(server):
    """Sends for all before it reads for any: their requests share rounds, and
    their replies batches."""
    clients = [server.connect() for _ in range(CLIENTS)]
    for turn in range(20):
        for number, client in enumerate(clients):
            client.send(encode("SET", f"key:{number}", f"{turn}:{number}") +
                        encode("GET", f"key:{number}") +
                        encode("ECHO", b"x" * (turn * number)))
        for number, client in enumerate(clients):
            assert client.read() == "OK"
            assert client.read() == f"{turn}:{number}".encode()
            assert client.read() == b"x" * (turn * number)
    for client in clients:
        client.close()


@pytest.mark.parametrize("setting", ["true", "false"])
def test_many_are_served_in_one_round(start_server, setting):
    server = start_server("--set", f"io_uring={setting}")
    serve_many_at_once(server)
    # One of them ends another one that the same round has read.
    with server.connect() as killer, server.connect() as victim:
        name = victim.command("CLIENT", "ID")
        victim.send(encode("PING"))
        killer.send(encode("CLIENT", "KILL", "ID", str(name)))
        assert killer.read() == 1
        assert victim.read_to_end() in (b"", b"+PONG\r\n")
    assert server.command("PING") == "PONG"


@pytest.mark.parametrize("setting", ["true", "false"])
def test_who_was_killed_is_gone_before_the_killer_hears_of_it(start_server,
                                                              setting):
    server = start_server("--set", f"io_uring={setting}")
    victims = [server.connect() for _ in range(CLIENTS)]
    assert all(victim.command("PING") == "PONG" for victim in victims)
    with server.connect() as killer:
        assert killer.command("CLIENT", "KILL", "TYPE", "normal",
                              "SKIPME", "yes") == CLIENTS
        # The last of them was killed a moment ago, if not later.
        for victim in reversed(victims):
            assert victim.socket.recv(1, socket.MSG_DONTWAIT) == b""
            victim.close()


def test_where_it_is_forbidden_a_server_says_so_and_serves(start_server):
    server = start_server(inside=[sys.executable, NO_IO_URING])
    assert WARNING in server.log()
    serve_many_at_once(server)


def test_what_was_not_wanted_is_not_missed(start_server):
    server = start_server("--set", "io_uring=false",
                          inside=[sys.executable, NO_IO_URING])
    assert WARNING not in server.log()
    assert server.command("PING") == "PONG"
