"""Inline commands, as a person types them into nc."""
# SPDX-License-Identifier: MIT

import subprocess


def nc(server, text):
    """What nc prints when `text` is piped into it. -N: ends with its input."""
    return subprocess.run(
        ["nc", "-N", "127.0.0.1", str(server.port)], input=text, timeout=30,
        stdout=subprocess.PIPE, check=True).stdout


def test_put_get_delete(server):
    assert nc(server, b"PUT a 1\r\nGET a\r\nDELETE a\r\nGET a\r\n") == (
        b"+OK\r\n$1\r\n1\r\n:1\r\n$-1\r\n")


def test_a_line_may_end_with_a_bare_newline(server):
    assert nc(server, b"PUT a 1\nGET a\n") == b"+OK\r\n$1\r\n1\r\n"


def test_empty_lines_are_no_requests(server):
    assert nc(server, b"\r\n\n   \r\nPING\r\n") == b"+PONG\r\n"


def test_quotes_and_escapes(server):
    assert nc(server, b'SET k "two words\\x00\\n"\r\nGET k\r\n') == (
        b"+OK\r\n$11\r\ntwo words\x00\n\r\n")
    assert nc(server, b"ECHO 'it\\'s \\n'\r\n") == b"$7\r\nit's \\n\r\n"


def test_unbalanced_quotes_end_the_connection(server):
    assert nc(server, b'SET k "open\r\nPING\r\n') == (
        b"-ERR Protocol error: unbalanced quotes in request\r\n")


def test_quit_says_ok_and_closes(server):
    assert nc(server, b"QUIT\r\nPING\r\n") == b"+OK\r\n"


def test_inline_and_arrays_mix(server):
    assert nc(server, b"*2\r\n$4\r\nECHO\r\n$1\r\nx\r\nPING\r\n"
                      b"*1\r\n$4\r\nPING\r\n") == (
        b"$1\r\nx\r\n+PONG\r\n+PONG\r\n")


def test_what_the_last_bytes_complete_is_answered_after_half_a_close(server):
    assert nc(server, b"SET k v\r\nGET k\r\nGET unfin") == b"+OK\r\n$1\r\nv\r\n"
