"""vega-client as its users meet it: one shot, piped, at the prompt, as a load.
"""
# SPDX-License-Identifier: MIT

import json
import os
import pty
import re
import select
import shutil
import signal
import stat
import subprocess
import time

import pytest

from conftest import environment_of, free_port, server_path

CLIENT = server_path().parent / "vega-client"
SECONDS_MAX = 30


def run(*arguments, stdin=b"", **environment):
    environment.setdefault("HOME", "/nonexistent")
    return subprocess.run([CLIENT, *map(str, arguments)], input=stdin,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=SECONDS_MAX, check=False,
                          env=environment_of(environment))


@pytest.fixture
def client(server):
    """client("get", "k") -> the completed process"""
    def run_here(*arguments, **options):
        return run("-p", server.port, *arguments, **options)
    return run_here


def output(done):
    assert done.returncode == 0, done.stderr
    return done.stdout


# One shot

def test_one_shot_prints_the_reply_and_exits(client):
    assert output(client("put", "star", "Vega")) == b"OK\n"
    assert output(client("get", "star")) == b"Vega\n"
    assert output(client("delete", "star")) == b"1\n"
    assert output(client("get", "star")) == b"\n"


def test_host_and_port_may_lead(server):
    done = run("127.0.0.1", server.port, "put", "k", "v")
    assert output(done) == b"OK\n"
    assert output(run("localhost", server.port, "get", "k")) == b"v\n"


def test_replies_are_labelled_when_that_is_wanted(client):
    client("mset", "a", "1", "b", "x y")
    assert output(client("--no-raw", "get", "b")) == b'"x y"\n'
    assert output(client("--no-raw", "strlen", "b")) == b"(integer) 3\n"
    assert output(client("--no-raw", "get", "c")) == b"(nil)\n"
    assert output(client("--no-raw", "mget", "a", "c")) == \
        b'1) "1"\n2) (nil)\n'
    assert output(client("-3", "--no-raw", "config", "get", "port")) \
        .startswith(b'1# "port" => "')


def test_json_is_json(client):
    client("set", "k", 'a "b"\n')
    assert json.loads(output(client("--json", "get", "k"))) == 'a "b"\n'
    assert json.loads(output(client("--json", "mget", "k", "no"))) == \
        ['a "b"\n', None]
    assert list(json.loads(output(client("--json", "config", "get", "port")))) \
        == ["port"]
    done = client("--json", "incr", "k")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"].startswith("ERR value is not")


def test_an_error_reply_exits_with_1(client):
    done = client("nosuchcommand", "x")
    assert done.returncode == 1
    assert done.stdout.startswith(b"ERR unknown command 'nosuchcommand'")


def test_no_server_exits_with_2_and_says_how_to_start_one():
    port = free_port()
    done = run("-p", port, "ping")
    assert done.returncode == 2
    assert done.stdout == b""
    assert f"127.0.0.1:{port}".encode() in done.stderr
    assert f"vega-server --port {port}".encode() in done.stderr


def test_how_to_start_a_server_elsewhere_is_not_said():
    done = run("-h", "not:a:host", "ping")
    assert done.returncode == 2
    assert done.stderr.startswith(
        b"vega-client: cannot connect to not:a:host:6379: ")
    assert b"Start one" not in done.stderr


@pytest.mark.parametrize("arguments, said", [
    (["-p", "0"], b"-p 0: a port is a number from 1 to 65535"),
    (["-p"], b"-p: needs a value"),
    (["--user"], b"--user: needs a value"),
    (["--nosuch"], b"--nosuch: no such option"),
    (["-Z"], b"-Z: no such option"),
    (["--json=yes"], b"--json=yes: takes no value"),
    (["bench", "--ops"], b"bench: --ops: needs a value"),
    (["bench", "--ratio", "x"], b"bench: --ratio: 'x' is not allowed\n"
                                b"  --ratio S:G        sets to gets (1:9)\n"),
])
def test_a_wrong_option_is_named_with_what_is_wrong(arguments, said):
    done = run(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert b"--help" in done.stderr


def test_help_and_version():
    assert b"Usage: vega-client" in output(run("--help"))
    assert re.match(rb"vega-client \d+\.\d+\.\d+\n", output(run("--version")))
    assert b"--pipeline" in output(run("bench", "--help"))


def test_the_last_argument_may_be_standard_input(client):
    value = bytes(range(256)) * 100
    assert output(client("-x", "set", "k", stdin=value)) == b"OK\n"
    assert output(client("get", "k")) == value + b"\n"


def test_a_command_is_repeated_at_an_interval(client):
    start = time.monotonic()
    done = client("-r", 3, "-i", "0.1", "incr", "n")
    assert output(done) == b"1\n2\n3\n"
    assert time.monotonic() - start >= 0.2


@pytest.fixture
def guarded(start_server):
    """A server that wants the password "secret"."""
    server = start_server()
    assert server.command("CONFIG", "SET", "requirepass", "secret") == "OK"
    return server


def test_passwords(guarded):
    port = guarded.port
    assert run("-p", port, "get", "k").returncode == 1
    assert output(run("-p", port, "-a", "secret", "ping")) == b"PONG\n"
    assert output(run("-p", port, "ping", VEGA_PASSWORD="secret")) == b"PONG\n"
    assert output(run("-p", port, "ping", REDISCLI_AUTH="secret")) == b"PONG\n"
    assert output(run("-p", port, "-3", "--user", "default", "-a", "secret",
                      "ping")) == b"PONG\n"
    done = run("-p", port, "-a", "wrong", "ping")
    assert done.returncode == 2
    assert b"WRONGPASS" in done.stderr


def test_a_unix_socket(start_server, tmp_path):
    path = tmp_path / "socket"
    start_server("--set", f"unix_socket={path}")
    assert output(run("-s", path, "ping")) == b"PONG\n"
    done = run("-s", tmp_path / "none", "ping")
    assert done.returncode == 2
    assert str(tmp_path / "none").encode() in done.stderr


# Piped

def test_lines_of_standard_input_are_commands(client):
    done = client(stdin=b'set k "a\\nb"\n\nget k\n  incr n\nincr n')
    assert output(done) == b"OK\na\nb\n1\n2\n"


def test_lines_go_on_after_errors_and_tell_by_the_exit_code(client):
    done = client(stdin=b'set k x\nincr k\nget "k\nget k\n')
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0] == b"OK" and lines[1].startswith(b"ERR value")
    assert lines[2] == b"x"
    assert b'get "k' in done.stderr


def test_quit_ends_the_lines(client):
    assert output(client(stdin=b"incr n\nquit\nincr n\n")) == b"1\n"


def test_a_hundred_thousand_lines_are_a_pipeline(client):
    lines = b"".join(b"set key:%d %d\n" % (i, i) for i in range(100_000))
    assert output(client(stdin=lines)).count(b"OK\n") == 100_000
    assert output(client("dbsize")) == b"100000\n"


def test_a_slow_writer_gets_each_reply_at_once(server):
    process = subprocess.Popen([CLIENT, "-p", str(server.port)],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for number in range(1, 4):
        process.stdin.write(b"incr n\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"%d\n" % number
    process.stdin.close()
    assert process.wait(SECONDS_MAX) == 0
    process.stdout.close()


def resp(*words):
    return b"*%d\r\n" % len(words) + b"".join(
        b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


def test_pipe_sends_resp_and_counts(client):
    requests = b"".join(resp(b"SET", b"k%d" % i, b"\r\n" * 50)
                        for i in range(50_000))
    done = client("--pipe", stdin=requests)
    assert output(done).endswith(b"errors: 0, replies: 50000\n")
    assert output(client("strlen", "k49999")) == b"100\n"


def test_pipe_prints_errors_and_exits_with_1(client):
    done = client("--pipe", stdin=resp(b"SET", b"k") + resp(b"GET", b"k"))
    assert done.returncode == 1
    assert done.stdout.endswith(b"errors: 1, replies: 2\n")
    assert b"wrong number of arguments for 'set'" in done.stderr


def test_pipe_says_when_the_server_hangs_up(client):
    done = client("--pipe", stdin=resp(b"PING") + b"*1\r\n$x\r\n")
    assert done.returncode == 2
    assert b"closed the connection" in done.stderr


# At the prompt

class Terminal:
    """vega-client on a pseudo-terminal."""

    def __init__(self, home, *arguments):
        self.seen = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            # libedit never frees the names of functions that it was given.
            os.execve(CLIENT, [str(CLIENT), *map(str, arguments)],
                      environment_of({"HOME": str(home), "TERM": "xterm",
                                      "ASAN_OPTIONS": "detect_leaks=0"}))

    def wait_for(self, text):
        """Everything up to `text`, which must come."""
        end = time.monotonic() + SECONDS_MAX
        while text not in self.seen:
            ready, _, _ = select.select([self.fd], [], [], 0.1)
            try:
                if ready:
                    self.seen += os.read(self.fd, 65536).decode()
            except OSError:
                pytest.fail(f"ended before {text!r}: {self.seen!r}")
            assert time.monotonic() < end, f"no {text!r} in {self.seen!r}"
        before, self.seen = self.seen.split(text, 1)
        return before

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def enter(self, line, *expected):
        self.type(line + "\r")
        for text in expected:
            self.wait_for(text)
        return self.wait_for("> ")

    def wait_for_exit(self):
        end = time.monotonic() + SECONDS_MAX
        while time.monotonic() < end:
            try:  # What nobody reads would keep it from ending.
                if select.select([self.fd], [], [], 0.05)[0]:
                    os.read(self.fd, 65536)
            except OSError:
                pass
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
        return None

    def close(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)


@pytest.fixture
def open_terminal(tmp_path):
    terminals = []

    def start(*arguments):
        terminals.append(Terminal(tmp_path, *arguments))
        return terminals[-1]

    yield start
    for terminal in terminals:
        terminal.close()


@pytest.fixture
def terminal(server, open_terminal):
    one = open_terminal("-p", server.port)
    one.wait_for(f"vega 127.0.0.1:{server.port}> ")
    return one


@pytest.mark.parametrize("farewell", ["quit\r", "EXIT\r", "\x04"])
def test_the_prompt_labels_replies_and_says_goodbye(terminal, farewell):
    terminal.enter("PUT star Vega", "OK\r\n")
    terminal.enter("get star", '"Vega"\r\n')
    terminal.enter("strlen star", "(integer) 4\r\n")
    terminal.enter("incr star", "(error) ERR value is not an integer")
    terminal.enter('get "star', "Invalid argument(s)")
    terminal.type(farewell)
    assert terminal.wait_for_exit() == 0


def test_tab_completes_and_shows_arguments(terminal):
    terminal.type("STRL\t")
    terminal.wait_for("EN ")
    terminal.enter("nosuch", "(integer) 0")
    terminal.type("config \t")
    terminal.wait_for("resetstat")
    terminal.wait_for("> ")
    terminal.type("g\tport")
    terminal.enter("", '"port"')
    terminal.type("getrange \t")
    terminal.wait_for("GETRANGE key start end\r\n")
    terminal.wait_for("> ")
    terminal.type("\x03")
    terminal.wait_for("> ")
    assert "OK" not in terminal.enter("ping", "PONG")


def test_help(terminal):
    terminal.enter("help", "@string", "append", "HELP command")
    terminal.enter("help getrange", "GETRANGE key start end", "summary:",
                   "group: string")
    terminal.enter("help config get", "CONFIG GET")
    terminal.enter("HELP @string", "GETRANGE key start end")
    terminal.enter("help nosuch", "No help on nosuch.")


def test_the_history_is_kept_without_secrets_and_for_its_owner(
        server, terminal, open_terminal, tmp_path):
    terminal.enter("put remembered 1", "OK")
    terminal.enter("auth forgotten")
    terminal.enter("HELLO 3 AUTH default forgotten")
    terminal.enter("config set requirepass ''", "OK")
    terminal.type("quit\r")
    assert terminal.wait_for_exit() == 0
    path = tmp_path / ".vega_history"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text()
    assert "remembered" in text
    assert "forgotten" not in text and "requirepass" not in text

    again = open_terminal("-p", server.port)
    again.wait_for("> ")
    again.type("\x12remem")
    again.wait_for("put remembered 1")
    again.enter("", "OK")


def test_the_prompt_reconnects_by_itself(start_server, open_terminal):
    server = start_server()
    terminal = open_terminal("-p", server.port)
    terminal.wait_for("> ")
    terminal.enter("ping", "PONG")
    server.stop()
    said = terminal.enter("ping", "cannot connect to 127.0.0.1")
    assert "(not connected)" in said
    again = subprocess.Popen(
        [server.path, "--port", str(server.port)], cwd=server.directory,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, env=environment_of({}))
    try:
        end = time.monotonic() + SECONDS_MAX
        while run("-p", server.port, "ping").returncode != 0:
            assert time.monotonic() < end
        terminal.enter("ping", "PONG")
    finally:
        again.terminate()
        again.wait(SECONDS_MAX)


def drop_clients(server):
    """Closes all connections but the asking one, and waits until they are."""
    with server.connect() as admin:
        admin.command("AUTH", "secret")
        assert admin.command("CLIENT", "KILL", "TYPE", "normal",
                             "SKIPME", "yes") >= 1
        end = time.monotonic() + SECONDS_MAX
        while admin.command("CLIENT", "LIST").count(b"\n") > 1:
            assert time.monotonic() < end
            time.sleep(0.01)


@pytest.mark.parametrize("words", ["auth secret", "AUTH default secret",
                                   "hello 2 auth default secret"])
def test_a_typed_password_is_for_the_next_connection_too(
        guarded, open_terminal, words):
    terminal = open_terminal("-p", guarded.port)
    terminal.wait_for("> ")
    terminal.enter("put k v", "NOAUTH")
    terminal.enter("auth wrong", "WRONGPASS")
    terminal.enter(words)
    terminal.enter("put k v", "OK")
    drop_clients(guarded)
    terminal.enter("put k w", "OK")
    # Refused, it is forgotten, and another one can be typed.
    with guarded.connect() as admin:
        admin.command("AUTH", "secret")
        admin.command("CONFIG", "SET", "requirepass", "other")
        admin.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    terminal.enter("get k", "WRONGPASS")
    terminal.enter("auth other", "OK")
    terminal.enter("get k", '"w"')


def test_the_prompt_shows_transactions(terminal):
    def state():
        return "(TX)" in terminal.enter("ping")

    for begin, end in (("multi", "exec"), ("MULTI", "discard"),
                       ("begin", "commit"), ("BEGIN 1", "rollback"),
                       ("begin", "reset")):
        assert not state()
        terminal.enter("commit", "ERR")
        terminal.enter(begin, "OK")
        assert state()
        terminal.enter("commit x" if end == "exec" else end + " x", "ERR")
        if end != "exec":
            assert state()
        terminal.enter(end)
    assert not state()


@pytest.mark.parametrize("begin", ["multi", "begin"])
def test_the_prompt_tells_of_a_lost_transaction(server, terminal, begin):
    terminal.enter(begin, "OK")
    assert "(TX)" in terminal.enter("put k v", "QUEUED" if begin == "multi"
                                    else "OK")
    drop_clients(server)
    # The command after the loss is not done outside of the transaction.
    said = terminal.enter("put k w", "transaction is lost")
    assert said.endswith(f"vega 127.0.0.1:{server.port}")
    terminal.enter("get k", "(nil)")


def test_who_listens_is_told_how_to_stop(server, terminal):
    terminal.type("subscribe news\r")
    terminal.wait_for("Ctrl-C")
    terminal.wait_for("(integer) 1")
    server.command("PUBLISH", "news", "a star")
    terminal.wait_for('"a star"')


def test_benchmark_at_the_prompt(terminal):
    terminal.enter("benchmark 1000 mine: 10", "1000 in", "throughput", "p99")
    terminal.enter("benchmark", "Usage: BENCHMARK")


# As a load

def bench(client, *arguments):
    return json.loads(output(client("bench", "--json", *arguments)))


def test_bench_reports_what_it_did(client):
    report = bench(client, "--ops", 20_000, "--pipeline", 16, "--keys", 1000,
                   "--preload", "--ratio", "1:1", "--threads", 2)
    assert report["ops"] == 20_000
    assert report["errors"] == 0 and report["misses"] == 0
    assert report["ops_per_second"] > 1000
    latency = report["latency_us"]
    assert 0 < latency["p50"] <= latency["p95"] <= latency["p99"] \
        <= latency["p99_9"] <= latency["max"]
    assert output(client("dbsize")) == b"1000\n"


def test_bench_writes_keys_and_values_of_the_given_sizes(client):
    bench(client, "--ops", 0, "--preload", "--keys", 10, "--prefix", "p:",
          "--key-size", 8, "--value-size", 100)
    assert output(client("strlen", "p:000009")) == b"100\n"
    assert output(client("dbsize")) == b"10\n"


def test_bench_without_data_counts_misses(client):
    report = bench(client, "--ops", 1000, "--ratio", "0:1")
    assert report["misses"] == 1000


def test_bench_touches_few_keys_when_zipfian(client):
    bench(client, "--ops", 5000, "--ratio", "1:0", "--keys", 5000,
          "--distribution", "zipfian:0.99", "--pipeline", 16)
    zipfian = int(output(client("dbsize")))
    client("flushall")
    bench(client, "--ops", 5000, "--ratio", "1:0", "--keys", 5000,
          "--pipeline", 16)
    assert 100 < zipfian < int(output(client("dbsize"))) * 0.8


def test_an_open_loop_keeps_its_rate(client):
    for _ in range(5):
        report = bench(client, "--rate", 2000, "--seconds", 1,
                       "--connections", 5)
        assert report["ops"] <= 2010
        assert report["ops_per_second"] < 2300
        if report["ops"] > 1500:
            return
    pytest.fail("not even once: a busy machine would not be the reason")


def wait_for_work(server):
    """Until a bench has begun."""
    end = time.monotonic() + SECONDS_MAX
    while server.command("DBSIZE") == 0:
        assert time.monotonic() < end
        time.sleep(0.02)


def test_an_open_loop_counts_the_wait_for_a_server_that_stood_still(server):
    process = subprocess.Popen(
        [CLIENT, "-p", str(server.port), "bench", "--json", "--rate", "500",
         "--seconds", "2.5", "--connections", "5"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    wait_for_work(server)
    server.signal(signal.SIGSTOP)
    time.sleep(1)
    server.signal(signal.SIGCONT)
    report = json.loads(process.communicate(timeout=SECONDS_MAX)[0])
    # 1 s of 2.5 s: a closed loop would have seen 5 slow requests.
    assert report["latency_us"]["max"] > 500_000
    assert report["latency_us"]["p95"] > 300_000


def test_bench_with_errors_exits_with_1(guarded):
    done = run("-p", guarded.port, "bench", "--ops", 100, "--json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert report["errors"] == 100
    assert report["first_error"].startswith("NOAUTH")
    assert run("-p", guarded.port, "-a", "secret", "bench", "--ops",
               100).returncode == 0


def test_bench_without_a_server_exits_with_2():
    done = run("-p", free_port(), "bench")
    assert done.returncode == 2
    assert b"cannot connect" in done.stderr


def test_bench_survives_a_server_that_dies(start_server):
    server = start_server()
    process = subprocess.Popen(
        [CLIENT, "-p", str(server.port), "bench", "--json", "--seconds", "20"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    wait_for_work(server)
    server.kill()
    report = json.loads(process.communicate(timeout=SECONDS_MAX)[0])
    assert process.returncode == 1
    assert report["errors"] > 0


def test_ctrl_c_ends_a_bench_with_its_report(server):
    process = subprocess.Popen(
        [CLIENT, "-p", str(server.port), "bench", "--seconds", "20"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    wait_for_work(server)
    process.send_signal(signal.SIGINT)
    text = process.communicate(timeout=SECONDS_MAX)[0]
    assert process.returncode == 0
    assert b"throughput" in text


def test_progress_is_shown_each_second(client):
    done = client("bench", "--seconds", "2.5", "--progress")
    assert output(done)
    assert re.search(rb"\d\.\d s +\d+ requests", done.stderr)


@pytest.mark.skipif(not shutil.which("memcached"), reason="no memcached")
def test_bench_speaks_to_memcached():
    port = free_port()
    words = ["memcached", "-p", str(port), "-l", "127.0.0.1", "-U", "0"]
    if os.geteuid() == 0:
        words += ["-u", "nobody"]
    peer = subprocess.Popen(words)
    try:
        end = time.monotonic() + SECONDS_MAX
        command = ["-p", port, "bench", "--protocol", "memcached", "--json",
                   "--preload", "--keys", 500, "--ops", 5000, "--pipeline", 8]
        while (done := run(*command)).returncode == 2:
            assert time.monotonic() < end
            time.sleep(0.05)
        report = json.loads(output(done))
        assert report["ops"] == 5000
        assert report["errors"] == 0 and report["misses"] == 0
    finally:
        peer.terminate()
        peer.wait(SECONDS_MAX)
