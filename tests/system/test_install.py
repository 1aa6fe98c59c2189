"""make install, and a program that uses what it installed."""
# SPDX-License-Identifier: MIT

import os
import shutil
import socket
import subprocess
import time

import pytest

from conftest import ROOT, environment_of_make


def run(*words, **options):
    options.setdefault("env", environment_of_make())
    return subprocess.run([str(word) for word in words], timeout=300,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, **options)


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    path = tmp_path_factory.mktemp("prefix")
    done = run("make", "--no-print-directory", "install", f"PREFIX={path}",
               cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture
def port(prefix, tmp_path):
    """Of the installed server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = probe.getsockname()[1]
    server = subprocess.Popen([prefix / "bin" / "vega-server",
                               "--port", str(number)], cwd=tmp_path,
                              stderr=subprocess.DEVNULL)
    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", number)).close()
            break
        except OSError:
            time.sleep(0.02)
    yield number
    server.terminate()
    assert server.wait(30) == 0
    shutil.rmtree(tmp_path / "vega-data", ignore_errors=True)


@pytest.fixture
def hello(prefix, tmp_path):
    """tests/examples/hello.c, built as its header says."""
    environment = {**os.environ,
                   "PKG_CONFIG_PATH": str(prefix / "lib" / "pkgconfig")}
    flags = run("pkg-config", "--cflags", "--libs", "vega", env=environment)
    assert flags.returncode == 0, flags.stderr
    done = run("gcc", "-std=c17", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
               ROOT / "tests" / "examples" / "hello.c", "-o",
               tmp_path / "hello", *flags.stdout.split())
    assert done.returncode == 0, done.stderr
    return tmp_path / "hello"


def test_the_example_of_libvega_runs(hello, port):
    done = run(hello, port)
    assert done.stdout.splitlines() == [
        "OK", "hello", "error: ERR value is not an integer or out of range",
        "1", "nothing", "1000 stored"]
    assert done.returncode == 0


def test_the_example_says_that_nobody_answers(hello):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # Bound, but it does not listen.
        done = run(hello, taken.getsockname()[1])
    assert done.returncode == 1
    assert "Connection refused" in done.stderr


def test_the_library_shows_only_its_own_names(prefix):
    done = run("nm", "-g", "--defined-only", prefix / "lib" / "libvega.a")
    names = [line.split()[2] for line in done.stdout.splitlines()
             if len(line.split()) == 3]
    assert "vega_connect" in names
    assert all(name.startswith("vega_") for name in names)


def test_destdir_comes_before_the_prefix(tmp_path):
    done = run("make", "--no-print-directory", "install",
               f"DESTDIR={tmp_path}", "PREFIX=/usr", cwd=ROOT)
    assert done.returncode == 0, done.stderr
    for program in ("vega-server", "vega-client", "vega-check"):
        assert os.access(tmp_path / "usr" / "bin" / program, os.X_OK)
    pc = (tmp_path / "usr" / "lib" / "pkgconfig" / "vega.pc").read_text()
    assert "prefix=/usr\n" in pc
