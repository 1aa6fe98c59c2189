"""Disks that fail and disks that are full: what is refused, what goes on, and
what the server says of it.

Failures come from outside, by libfiu before the C library; the full disk is a
small file system in a namespace of its own, which needs root.
"""
# SPDX-License-Identifier: MIT

import errno
import os
import pathlib
import shutil
import subprocess
import time

import pytest

from conftest import Server, server_path
from resp import Closed, Error
from writers import check_writers, join_writers, start_writers

STAGES = ["stage2"]
SMALL = ["--set", "log_segment_size=1MB", "--set", "save=",
         "--set", "snapshot_log_size=0"]
MB = 1024 * 1024


def wait_until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


# ---- A disk that fails


def fiu_libraries(stage):
    """What fiu-run -x would load; but AddressSanitizer must come first."""
    libraries = ["/usr/lib/fiu/fiu_run_preload.so",
                 "/usr/lib/fiu/fiu_posix_preload.so"]
    if b"__asan_init" in server_path(stage).read_bytes():
        libraries.insert(0, subprocess.check_output(
            ["gcc", "-print-file-name=libasan.so"], text=True).strip())
    return " ".join(libraries)


class FailingServer(Server):
    """A server whose calls of the C library can be made to fail."""

    def __init__(self, stage, directory, *arguments):
        self.control = directory / "fiu"
        # A thread of libfiu would take the signal, and the process end by it.
        super().__init__(
            stage, directory, *arguments,
            inside=["env", "--block-signal=TERM", "FIU_ENABLE=",
                    f"FIU_CTRL_FIFO={self.control}",
                    f"LD_PRELOAD={fiu_libraries(stage)}"])

    def tell(self, command):
        subprocess.run(["fiu-ctrl", "-f", self.control, "-c", command,
                        str(self.process.pid)], check=True, timeout=20)

    def fail(self, point, error=errno.EIO):
        """From now on all calls of that kind, as after an error of the
        device: "sync/fdatasync"."""
        self.tell(f"enable name=posix/io/{point},failinfo={error}")

    def mend(self, point):
        self.tell(f"disable name=posix/io/{point}")


@pytest.fixture
def failing(stage, tmp_path):
    """failing("--fsync", "always") -> FailingServer"""
    servers = []

    def start(*words):
        servers.append(FailingServer(stage, tmp_path, *SMALL, *words))
        return servers[-1]
    yield start
    for server in servers:
        if server.process.poll() is None:
            server.kill()


def write_until_it_fails(server):
    """The reply that a write gets whose record meets the failure, if any comes
    before the server closes."""
    with server.connect() as client:
        try:
            return client.command("SET", "doubtful", "new")
        except Closed:
            return None


@pytest.mark.parametrize("point", ["sync/fdatasync", "rw/pwrite"])
def test_after_a_failure_nothing_is_said_that_may_be_untrue(
        failing, start_server, point):
    server = failing("--fsync", "always")
    assert server.command("MSET", "safe", 1, "doubtful", "old") == "OK"
    server.fail(point)
    assert write_until_it_fails(server).startswith("UNKNOWN outcome")

    with server.connect() as client:
        # Writes are refused, and have no effect.
        reply = client.command("SET", "safe", 2)
        assert isinstance(reply, Error) and reply.startswith("MISCONF ")
        assert "restarted" in reply
        # What is durable is read on, what is not, and what would tell of it,
        # is not.
        assert client.command("GET", "safe") == b"1"
        assert client.command("GET", "doubtful").startswith("UNKNOWN outcome")
        assert client.command("DBSIZE").startswith("UNKNOWN outcome")
        assert client.command("BGSAVE").startswith("MISCONF ")
        assert client.command("WAITAOF", 1, 0, 0) == [0, 0]
        assert client.command("PING") == "PONG"
        assert client.command("HEALTH").startswith("readonly: ")
        assert client.info("log_state") == "failed"
        assert client.info("aof_last_write_status") == "err"
        assert client.info("log_error")
    assert "the log has failed; writes are refused" in server.log()

    # A disk that works again is believed after a restart only.
    server.mend(point)
    assert server.command("SET", "safe", 2).startswith("MISCONF ")
    server.kill()
    again = start_server(*SMALL)
    assert again.command("GET", "safe") == b"1"
    assert again.command("GET", "doubtful") in (b"old", b"new")
    assert again.command("SET", "safe", 2) == "OK"


@pytest.mark.parametrize("policy", ["everysec", "no"])
def test_a_write_that_fails_is_no_secret_under_other_policies(
        failing, start_server, policy):
    server = failing("--fsync", policy)
    assert server.command("SET", "safe", 1) == "OK"
    server.fail("rw/pwrite")
    assert write_until_it_fails(server).startswith("UNKNOWN outcome")
    assert server.command("SET", "safe", 2).startswith("MISCONF ")
    server.kill()
    assert start_server(*SMALL).command("GET", "safe") == b"1"


def test_a_sync_that_fails_under_everysec_ends_the_writing(failing):
    server = failing("--fsync", "everysec")
    with server.connect() as client:
        assert client.command("SET", "k", 0) == "OK"
        assert client.command("WAITAOF", 1, 0, 0) == [1, 0]
        server.fail("sync/fdatasync")
        assert client.command("SET", "k", 1) == "OK"
        wait_until(lambda: client.info("log_state") == "failed")
        assert client.command("SET", "k", 2).startswith("MISCONF ")


def test_what_was_acknowledged_before_a_failure_is_kept(failing, start_server):
    server = failing("--fsync", "always")
    writers = start_writers(server)
    wait_until(lambda: all(w.acknowledged > 100 for w in writers))
    server.fail("sync/fdatasync")
    join_writers(writers)
    server.kill()
    check_writers(start_server(*SMALL), writers)


def test_writes_that_are_done_in_pieces_are_whole(failing, start_server):
    server = failing("--fsync", "always")
    server.tell("enable name=posix/io/rw/pwrite/reduce")
    with server.connect() as client:
        for i in range(40):
            assert client.command("SET", f"k{i}", str(i) * 5000) == "OK"
        assert client.command("SAVE") == "OK"
        assert client.command("SET", "last", 1) == "OK"
    server.kill()
    again = start_server(*SMALL)
    assert again.command("DBSIZE") == 41
    assert again.command("GET", "k39") == b"39" * 5000


def test_a_log_that_cannot_have_its_next_file_fails(failing, start_server):
    server = failing("--fsync", "always")
    server.fail("sync/fsync")  # Of directories; files have fdatasync.
    with server.connect() as client:
        count, refusal = set_until_refused(client)
        assert refusal.startswith(("MISCONF ", "UNKNOWN outcome")), refusal
        wait_until(lambda: client.command("HEALTH").startswith("readonly: "))
    server.kill()
    assert start_server(*SMALL).command("DBSIZE") >= count


def test_a_server_whose_log_failed_ends_when_it_is_told(failing):
    server = failing("--fsync", "always")
    server.fail("sync/fdatasync")
    write_until_it_fails(server)
    server.signal(15)
    assert server.wait() == 0


# ---- A disk that is full


class SmallDisk:
    """A tmpfs of 8 MB that only processes started in it see, and this one by
    way of /proc."""

    def __init__(self, path):
        path.mkdir()
        self.path = path
        self.holder = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c",
             'mount -t tmpfs -o size=8m,mode=700 none "$0" && echo mounted && '
             "exec sleep 600", path],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.mounted = self.holder.stdout.readline() == "mounted\n"
        self.inside = pathlib.Path(f"/proc/{self.holder.pid}/root{path}")

    def close(self):
        self.holder.kill()
        self.holder.wait()

    def fill(self):
        """Leaves no space at all."""
        with open(self.inside / "ballast", "ab", buffering=0) as file:
            for size in (1 << 16, 1 << 12):
                try:
                    while file.write(bytes(size)):
                        pass
                except OSError as error:
                    assert error.errno == errno.ENOSPC

    def clear(self):
        (self.inside / "ballast").unlink()


@pytest.fixture
def small_disk(tmp_path):
    if os.geteuid() != 0 or not shutil.which("nsenter"):
        pytest.skip("a file system of its own needs root")
    disk = SmallDisk(tmp_path / "disk")
    if not disk.mounted:
        disk.close()
        pytest.skip("no file system of its own can be mounted here")
    yield disk
    disk.close()


@pytest.fixture
def start_on_disk(stage, small_disk, tmp_path):
    servers = []

    def start(*words):
        servers.append(Server(
            stage, tmp_path, *SMALL, *words,
            "--data-dir", small_disk.path / "data",
            inside=["nsenter", f"--mount=/proc/{small_disk.holder.pid}/ns/mnt"]))
        return servers[-1]
    yield start
    for server in servers:
        if server.process.poll() is None:
            server.kill()


def set_until_refused(client, first=0):
    """(how many were acknowledged in all, the refusal)"""
    number = first
    while True:
        reply = client.command("SET", f"k{number}", "x" * 50_000)
        if reply != "OK":
            return number, reply
        number += 1
        assert number < first + 1000


def test_a_full_disk_refuses_writes_until_there_is_space(small_disk,
                                                         start_on_disk):
    server = start_on_disk()
    with server.connect() as client:
        assert client.command("SET", "first", 1) == "OK"
        small_disk.fill()
        count, refusal = set_until_refused(client)
        assert isinstance(refusal, Error)
        assert refusal.startswith("MISCONF the log has no space: "), refusal
        assert client.command("GET", f"k{count}") is None
        assert client.command("GET", "first") == b"1"
        assert client.command("DBSIZE") == count + 1
        assert client.command("HEALTH").startswith("readonly: no space")
        assert client.info("log_state") == "full"

        small_disk.clear()
        wait_until(lambda: client.command("SET", "again", 1) == "OK")
        wait_until(lambda: client.command("HEALTH").startswith("ok"))
        assert client.info("log_state") == "ok"
        more, _ = set_until_refused(client, count)
        assert more > count
    server.kill()
    again = start_on_disk()
    with again.connect() as client:
        assert client.command("DBSIZE") == more + 2
        assert client.command("STRLEN", f"k{more - 1}") == 50_000


def test_a_start_needs_no_space(small_disk, start_on_disk):
    """The end of the log is written once more before it is trusted."""
    server = start_on_disk()
    with server.connect() as client:
        assert client.command("SET", "k0", "x" * 50_000) == "OK"
        small_disk.fill()
        count, _ = set_until_refused(client, 1)
    server.kill()
    small_disk.fill()
    again = start_on_disk()
    with again.connect() as client:
        assert client.command("DBSIZE") == count
        assert client.command("STRLEN", f"k{count - 1}") == 50_000
        count, refusal = set_until_refused(client, count)
        assert refusal.startswith("MISCONF the log has no space: "), refusal
        assert client.command("HEALTH").startswith("readonly: no space")
        small_disk.clear()
        wait_until(lambda: client.command("SET", "again", 1) == "OK")
    again.kill()
    assert start_on_disk().command("DBSIZE") == count + 1


def test_a_log_leaves_a_small_disk_room_for_snapshots(small_disk,
                                                      start_on_disk):
    """With the schedule that it has by itself: 512 MB of log on 8 MB."""
    server = start_on_disk("--set", "snapshot_log_size=512MB")
    with server.connect() as client:
        for i in range(300):
            assert client.command(
                "SET", f"k{i % 3}", str(i % 10) * 50_000) == "OK"
            if i % 10 == 9:  # So that the disk is not faster than the schedule.
                time.sleep(0.12)
                wait_until(
                    lambda: client.info("rdb_bgsave_in_progress") == "0")
    server.kill()
    assert start_on_disk().command("GET", "k0") == b"7" * 50_000
