"""Starting, refusing to start, rereading, stopping."""
# SPDX-License-Identifier: MIT

import json
import os
import re
import signal
import socket
import stat
import time

import pytest

from conftest import free_port
from resp import Client, Error, encode

STAGES = ["stage1", "stage2"]


def test_version_and_help(run_server):
    version = run_server("--version")
    assert version.returncode == 0
    assert re.match(r"vega-server .*\d", version.stdout)
    usage = run_server("--help")
    assert usage.returncode == 0
    for word in ("--port", "--bind", "--set", "--check-config", "-c"):
        assert word in usage.stdout


def test_an_unknown_flag_is_refused(run_server):
    run = run_server("--prot", "1")
    assert run.returncode == 2
    assert "--prot" in run.stdout


def test_it_says_where_it_listens(server):
    assert re.search(rf"listening.*127\.0\.0\.1.*{server.port}", server.log())


def test_a_port_in_use_names_the_flag(run_server):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        run = run_server("--port", other.getsockname()[1])
    assert run.returncode not in (0, -signal.SIGABRT)
    assert "--port" in run.stdout


@pytest.mark.parametrize("arguments", [
    ("--port", "0"), ("--bind", ""), ("--check-config", "--port", "0")])
def test_a_server_that_nobody_could_reach_is_refused(run_server, arguments):
    run = run_server(*arguments)
    assert run.returncode == 2
    assert "nothing to listen on" in run.stdout


def test_check_config_of_a_sound_file(run_server, tmp_path):
    path = tmp_path / "vega.yaml"
    path.write_text("port: 7000\nlog_level: warn\n")
    assert run_server("--check-config", "-c", path).returncode == 0


@pytest.mark.parametrize("text, place, words", [
    ("port: 7000\nprot: 1\n", "2:1", ["prot", "port"]),
    ("port: many\n", "1:7", ["port"]),
    ("port: 70000\n", "1:7", ["port", "65535"]),
    ("port: 1\nport: 2\n", "2:1", ["port"]),
    ("log_level: loud\n", "1:12", ["log_level", "warn"]),
    ("port: [1\n", "", []),
])
def test_a_bad_file_is_refused_with_its_place(run_server, tmp_path, text,
                                              place, words):
    path = tmp_path / "vega.yaml"
    path.write_text(text)
    for arguments in (("--check-config", "-c", path), ("-c", path)):
        run = run_server(*arguments)
        assert run.returncode == 2
        assert f"vega.yaml:{place}" in run.stdout
        for word in words:
            assert word in run.stdout


def test_a_missing_file_is_refused(run_server):
    run = run_server("-c", "nowhere.yaml")
    assert run.returncode == 2
    assert "nowhere.yaml" in run.stdout


def test_flags_beat_the_environment_and_that_the_file(start_server, tmp_path):
    path = tmp_path / "vega.yaml"
    path.write_text("timeout: 1s\nkeepalive: 1s\nclients_max: 11\n")
    server = start_server("-c", path, "--set", "timeout=3s",
                          VEGA_TIMEOUT="2s", VEGA_KEEPALIVE="2s")
    with server.connect() as client:
        assert client.command("CONFIG", "GET", "timeout")[1] == b"3"
        assert client.command("CONFIG", "GET", "tcp-keepalive")[1] == b"2"
        assert client.command("CONFIG", "GET", "maxclients")[1] == b"11"


def test_beyond_loopback_it_wants_a_password(run_server, start_server):
    run = run_server("--port", free_port(), "--bind", "0.0.0.0")
    assert run.returncode not in (0, -signal.SIGABRT)
    assert "requirepass" in run.stdout
    server = start_server("--bind", "0.0.0.0", VEGA_REQUIREPASS="secret")
    assert server.command("PING") == "NOAUTH Authentication required."


def test_a_name_that_is_no_address_is_said_so(run_server):
    run = run_server("--port", free_port(), "--bind", "nosuch.invalid")
    assert run.returncode not in (0, -signal.SIGABRT)
    assert "cannot resolve 'nosuch.invalid'" in run.stdout
    assert "requirepass" not in run.stdout


def test_a_password_from_the_environment(start_server):
    server = start_server(VEGA_REQUIREPASS="secret word")
    with server.connect() as client:
        assert client.command("GET", "k") == "NOAUTH Authentication required."
        wrong = client.command("AUTH", "guess")
        assert isinstance(wrong, Error)
        assert wrong == ("WRONGPASS invalid username-password pair or user is "
                         "disabled.")
        assert client.command("GET", "k") == "NOAUTH Authentication required."
        assert client.command("AUTH", "secret word") == "OK"
        assert client.command("GET", "k") is None
    with server.connect() as client:
        assert client.command("AUTH", "default", "secret word") == "OK"
    with server.connect() as client:
        greeting = client.command("HELLO", 3, "AUTH", "default", "secret word")
        assert greeting[b"proto"] == 3
    assert "secret" not in server.log()


def test_a_password_from_the_file(start_server, tmp_path):
    path = tmp_path / "vega.yaml"
    path.write_text("requirepass: from file\n")
    server = start_server("-c", path)
    with server.connect() as client:
        assert client.command("AUTH", "from file") == "OK"


def test_a_unix_socket(start_server, tmp_path):
    path = tmp_path / "vega.sock"
    server = start_server("--unix-socket", path)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o700
    with Client(path) as client:
        assert client.command("SET", "k", "v") == "OK"
    assert server.command("GET", "k") == b"v"
    assert server.stop() == 0
    assert not path.exists()


def test_a_stale_unix_socket_is_replaced(start_server, tmp_path):
    path = tmp_path / "vega.sock"
    start_server("--unix-socket", path).kill()
    assert path.exists()
    start_server("--unix-socket", path)
    with Client(path) as client:
        assert client.command("PING") == "PONG"


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.02)


def wait_for_sleeper(client):
    """Until the server has begun with somebody's DEBUG SLEEP."""
    wait_until(lambda: b"cmd=debug" in client.command("CLIENT", "LIST"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_was_accepted_is_finished(start_server, number):
    server = start_server("--debug-commands")
    with server.connect() as client, server.connect() as idle:
        client.send(encode("DEBUG", "SLEEP", "2") + encode("SET", "k", "v") +
                    encode("GET", "k"))
        wait_for_sleeper(idle)
        server.signal(number)
        assert [client.read() for _ in range(3)] == ["OK", "OK", b"v"]
        assert client.read_to_end() == b""
        assert idle.read_to_end() == b""
    assert server.wait() == 0
    with pytest.raises(ConnectionRefusedError):
        server.connect()


def refuses(server):
    """Who was in the listener's queue when that was closed is reset."""
    try:
        server.connect().close()
        return False
    except (ConnectionRefusedError, ConnectionResetError):
        return True


def test_a_stopping_server_accepts_nobody(start_server):
    server = start_server("--debug-commands")
    with server.connect() as client, server.connect() as other:
        client.send(encode("DEBUG", "SLEEP", "3"))
        wait_for_sleeper(other)
        server.signal(signal.SIGTERM)
        wait_until(lambda: refuses(server))
        assert server.process.poll() is None
        assert client.read() == "OK"
    assert server.wait() == 0


def test_a_client_that_reads_nothing_does_not_hold_up_the_end(start_server):
    server = start_server()
    server.command("SET", "big", b"x" * 1000000)
    with server.connect() as client:
        client.send(encode("GET", "big") * 100)
        time.sleep(0.2)
        server.signal(signal.SIGTERM)
        assert server.wait() == 0


def setting(server, name):
    return server.command("CONFIG", "GET", name)[1]


def wait_for_setting(server, name, value):
    wait_until(lambda: setting(server, name) == value)


def test_hangup_rereads_what_may_change(start_server, tmp_path):
    path = tmp_path / "vega.yaml"
    path.write_text("clients_max: 100\nbacklog: 20\n")
    server = start_server("-c", path)
    assert setting(server, "maxclients") == b"100"
    path.write_text("clients_max: 200\nbacklog: 30\n")
    server.signal(signal.SIGHUP)
    wait_for_setting(server, "maxclients", b"200")
    assert setting(server, "tcp-backlog") == b"20"
    assert "backlog" in server.log()

    # A broken file changes nothing and ends nobody.
    path.write_text("clients_max: 300\nnonsense: 1\n")
    server.signal(signal.SIGHUP)
    wait_until(lambda: "nonsense" in server.log())
    assert setting(server, "maxclients") == b"200"


def test_json_log_lines(start_server):
    server = start_server("--log-format", "json")
    server.stop()
    events = [json.loads(line) for line in server.log().splitlines()]
    assert events
    for event in events:
        assert {"time", "level", "event"} <= event.keys()


def test_a_silent_client_is_closed_after_the_timeout(start_server):
    server = start_server("--set", "timeout=1s")
    with server.connect() as client:
        start = time.monotonic()
        assert client.read_to_end() == b""
        assert time.monotonic() - start > 0.5


def test_a_deferred_reply_stops_nobody_and_keeps_its_place(start_server):
    server = start_server("--debug-commands")
    with server.connect() as sleeper, server.connect() as other:
        start = time.monotonic()
        sleeper.send(encode("SET", "a", "1") +
                     encode("DEBUG", "SLEEP", "2") + encode("GET", "a"))
        assert sleeper.read() == "OK"
        assert other.command("PING") == "PONG"
        assert time.monotonic() - start < 2
        assert sleeper.read() == "OK"
        assert time.monotonic() - start >= 2
        assert sleeper.read() == b"1"


def test_debug_is_off_unless_configured(server):
    answer = server.command("DEBUG", "SLEEP", "0")
    assert isinstance(answer, Error)
    assert "DEBUG" in answer
