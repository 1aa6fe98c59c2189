"""Real processes for the system tests.

Tests of a server are run with stage 1's, or with those that their module names
in STAGES; VEGA_SERVER names one to test instead of them all. Every server
listens on a free port, lives and keeps its data in a directory of its own, and
ends with its test.
"""
# SPDX-License-Identifier: MIT

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

import pytest

from resp import Client, Closed

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Far more than it takes: the machine may be slow.
START_SECONDS_MAX = 30
STOP_SECONDS_MAX = 30
PORTS_MAX = 5


def server_path(stage=None):
    """The server of "stage2", say, or of the newest stage."""
    if "VEGA_SERVER" in os.environ:
        return pathlib.Path(os.environ["VEGA_SERVER"]).resolve()
    variant = os.environ.get("VARIANT", "release")
    build = ROOT / "build" / ("" if variant == "release" else variant)
    built = sorted(build.glob(f"{stage or 'stage?'}/vega-server"))
    if not built:
        pytest.exit(f"there is no {build}/stage*/vega-server: run make", 2)
    return built[-1]


def pytest_generate_tests(metafunc):
    if "stage" in metafunc.fixturenames:
        stages = getattr(metafunc.module, "STAGES", ["stage1"])
        if "VEGA_SERVER" in os.environ:
            stages = [server_path().parent.name]
        metafunc.parametrize("stage", stages)


def keeps_data(stage):
    return stage != "stage1"


def environment_of(variables):
    """Ours without VEGA_*, which would configure the server, and `variables`.
    """
    ours = {name: value for name, value in os.environ.items()
            if not name.startswith("VEGA_")}
    return {**ours, **variables}


def environment_of_make():
    """Ours without what a make above this test handed down."""
    return {name: value for name, value in os.environ.items()
            if name not in ("MAKEFLAGS", "MAKELEVEL", "VARIANT", "BUILD")}


def build_grader(lab):
    """The grader of a lab; returns its path."""
    subprocess.run(["make", "--no-print-directory", "-j2", "-C",
                    ROOT / "labs" / "harness", f"LAB={lab}", "grader"],
                   check=True, stdout=subprocess.DEVNULL,
                   env=environment_of_make())
    return ROOT / "build" / "labs" / f"grader-{lab}"


def wait_for(what, seconds=60):
    """Until what() is true; returns it. Fails when it never is."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
    return found


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One process and how to reach it. `inside`: a command that starts it."""

    def __init__(self, stage, directory, *arguments, wait="PONG",
                 inside=(), **environment):
        self.path = server_path(stage)
        self.directory = directory
        self.data = directory / "vega-data"
        if keeps_data(stage) and "--data-dir" not in arguments:
            arguments += ("--data-dir", self.data)
        self.log_path = directory / "server.log"
        for _ in range(PORTS_MAX):
            self.port = free_port()
            self.address = ("127.0.0.1", self.port)
            with open(self.log_path, "ab") as log:
                log_start = log.tell()
                self.process = subprocess.Popen(
                    [*inside, self.path, "--port", str(self.port),
                     *map(str, arguments)],
                    cwd=directory, stdin=subprocess.DEVNULL, stdout=log,
                    stderr=log, env=environment_of(environment))
            if self.wait_until_it_answers(wait):
                return
            # A port that was free a moment ago may be somebody's by now.
            assert "Address already in use" in self.log()[log_start:], (
                self.log())
        pytest.fail("no port is free: " + self.log())

    def wait_until_it_answers(self, reply="PONG"):
        """False: it ended. With LOADING it answers also while it loads."""
        # The kernel accepts before the server is ready: ask for a reply.
        end = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < end:
            if self.process.poll() is not None:
                return False
            try:
                with self.connect(1) as client:
                    said = client.command("PING")
                if reply == "LOADING" or not said.startswith("LOADING"):
                    return True
                time.sleep(0.01)
            except (OSError, Closed):
                time.sleep(0.01)
        self.kill()
        pytest.fail("the server does not answer: " + self.log())

    def connect(self, timeout=30):
        return Client(self.address, timeout)

    def command(self, *arguments):
        """The reply to one request on a connection of its own."""
        with self.connect() as client:
            return client.command(*arguments)

    def log(self):
        return self.log_path.read_text(errors="replace")

    def resident_bytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) * 1024

    def cpu_seconds(self):
        """What it has worked so far: unlike the time on the wall it does not
        depend on what else the machine does."""
        stat = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text()
        user, system = stat.rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def is_sanitized(self):
        """AddressSanitizer multiplies memory: its bounds are not ours."""
        return b"__asan_init" in self.path.read_bytes()

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        """The exit code of a server that is ending."""
        return self.process.wait(STOP_SECONDS_MAX)

    def stop(self):
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def start_server(stage, tmp_path):
    """start_server("--flag", ..., VARIABLE="value") -> Server"""
    servers = []

    def start(*arguments, **options):
        servers.append(Server(stage, tmp_path, *arguments, **options))
        return servers[-1]

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.kill()
        shutil.rmtree(server.data, ignore_errors=True)


@pytest.fixture
def server(start_server):
    """A server on its defaults, which must be alive and well at the end."""
    one = start_server()
    yield one
    assert one.process.poll() is None, one.log()
    assert one.stop() == 0, one.log()


@pytest.fixture
def run_server(stage, tmp_path):
    """Runs the server until it ends by itself: for what it refuses."""
    def run(*arguments, **environment):
        return subprocess.run(
            [server_path(stage), *map(str, arguments)], cwd=tmp_path,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=START_SECONDS_MAX,
            env=environment_of(environment), check=False)
    return run
