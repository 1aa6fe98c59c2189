"""What a server says of a data directory that it cannot use, or cannot trust.

Whatever it refuses it leaves as it was, and says what to do, with exit code 2.
"""
# SPDX-License-Identifier: MIT

import os
import re

import pytest

from conftest import free_port
from log_format import (MARK, Segment, header, record, segment_name, snapshot,
                        snapshot_name)

STAGES = ["stage2"]
REFUSED = 2
SOMEBODY = 65534


def contents(directory):
    return {path.name: path.read_bytes() for path in directory.iterdir()
            if path.exists()}


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "vega-data"
    path.mkdir()
    return path


@pytest.fixture
def refusal(data, run_server):
    """refusal() -> what the server says; it must refuse, and touch nothing."""
    def run():
        before = contents(data)
        done = run_server("--port", "0", "--set", "unix_socket=vega.sock",
                          "--data-dir", data)
        assert done.returncode == REFUSED, done.stdout
        assert contents(data) == before
        return done.stdout
    return run


# ---- The directory


def test_a_directory_has_one_server(start_server, run_server):
    server = start_server()
    done = run_server("--port", "0", "--set", "unix_socket=vega.sock",
                      "--data-dir", server.data)
    assert done.returncode == REFUSED
    assert done.stdout == (
        f"vega-server: {server.data} is used by another server (process "
        f"{server.process.pid}): stop that one, or choose another directory "
        "with --data-dir\n")
    assert server.command("SET", "k", "v") == "OK"
    server.kill()
    assert start_server().command("GET", "k") == b"v"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give things away")
def test_a_directory_of_another_user_is_refused(data, refusal):
    os.chown(data, SOMEBODY, SOMEBODY)
    assert re.fullmatch(
        rf"vega-server: {data} belongs to user {SOMEBODY}, and this server "
        r"runs as user 0: run it as the owner, change the owner, or choose "
        r"another directory with --data-dir\n", refusal())


def test_a_directory_that_cannot_be_made_is_refused(tmp_path, run_server):
    done = run_server("--port", free_port(),
                      "--data-dir", tmp_path / "no" / "where")
    assert done.returncode == REFUSED
    assert "the directory above it does not exist" in done.stdout


def test_a_file_in_place_of_the_directory_is_refused(tmp_path, run_server):
    path = tmp_path / "file"
    path.write_text("")
    done = run_server("--port", free_port(), "--data-dir", path)
    assert done.returncode == REFUSED
    assert f"cannot use {path}: File exists" in done.stdout or (
        f"cannot use {path}: Not a directory" in done.stdout)


# ---- Its files


def test_a_log_of_a_newer_version_is_refused(data, refusal):
    (data / segment_name(1)).write_bytes(header(7, 1, version=2) + bytes(100))
    said = refusal()
    assert segment_name(1) in said
    assert "newer version" in said


def test_a_snapshot_of_a_newer_version_is_refused(data, refusal):
    (data / snapshot_name(3)).write_bytes(snapshot(3, {b"k": b"v"}, version=9))
    said = refusal()
    assert snapshot_name(3) in said
    assert "newer version" in said


def test_a_file_that_cannot_be_opened_is_refused(data, refusal):
    """A link to itself: that stops root too."""
    (data / segment_name(1)).symlink_to(segment_name(1))
    said = refusal()
    assert segment_name(1) in said and "cannot" in said


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(data, refusal):
    path = Segment(1).add_sets(3).write(data)
    path.chmod(0)
    try:
        said = refusal()
    finally:
        path.chmod(0o600)
    assert f"cannot read {path.name}" in said


def test_damage_is_refused_by_file_byte_and_record(data, refusal):
    log = Segment(1).add_sets(10).add(kind=MARK, durable=10)
    log.bytes[log.at[6] + 50] ^= 1
    log.write(data)
    said = refusal()
    assert re.search(rf"the log is damaged: {segment_name(1)}, byte "
                     rf"{log.at[6]}: record 6: the checksum is wrong; LSNs up "
                     r"to 10 were durable\.", said)
    assert "'vega-check --repair'" in said


def test_every_byte_of_a_durable_record_counts(data, refusal):
    log = Segment(1).add_sets(3).add(kind=MARK, durable=3)
    for at in range(log.at[2], log.at[3], 7):
        damaged = bytearray(log.bytes)
        damaged[at] ^= 0x10
        (data / segment_name(1)).write_bytes(damaged + bytes(1000))
        assert f"byte {log.at[2]}: record 2" in refusal()


def test_a_file_of_no_bytes_is_refused(data, refusal):
    """A segment has its header before it has its name."""
    Segment(1).add_sets(10).write(data)
    (data / segment_name(11)).touch()
    assert (f"{segment_name(11)}, byte 0: record 11: the header is not valid"
            in refusal())
    (data / segment_name(11)).unlink()
    (data / segment_name(1)).write_bytes(b"")
    assert (f"{segment_name(1)}, byte 0: record 1: the header is not valid"
            in refusal())


def test_a_missing_file_is_refused(data, refusal):
    Segment(11).add_sets(10).write(data)
    said = refusal()
    assert f"a file is missing before {segment_name(11)}" in said


def test_a_record_that_nobody_understands_is_refused(data, refusal):
    log = Segment(1).add(b"SET", b"k", b"v").add(b"NOSUCH", b"k")
    log.write(data)
    assert (f"{segment_name(1)}, byte {log.at[2]}: record 2 is nothing that "
            "this version can execute") in refusal()


def test_a_record_of_a_later_stage_is_refused(data, refusal):
    log = Segment(1).add(b"SET", b"k", b"v").add(b"vote", kind=16)
    log.write(data)
    assert "record 2 is of kind 16, which belongs to a later stage" in refusal()


# ---- What it makes do with


def test_a_torn_tail_is_cut_off(data, start_server):
    log = Segment(1).add_sets(10)
    log.bytes[log.at[9] + 50] ^= 1
    log.write(data)
    server = start_server()
    assert server.command("DBSIZE") == 8
    assert "log cut where a crash left a hole" in server.log()
    assert server.command("SET", "new", 1) == "OK"
    server.kill()
    again = start_server()
    assert again.command("DBSIZE") == 9
    assert again.command("GET", "k9") is None


def test_a_log_that_was_cut_at_any_byte_of_its_end_starts(data, start_server):
    log = Segment(1).add_sets(3)
    for size in range(log.at[3] - 5, len(log.bytes), 9):
        (data / segment_name(1)).write_bytes(log.bytes[:size])
        server = start_server()
        assert server.command("DBSIZE") == (2 if size >= log.at[3] else 1)
        server.kill()
        for path in data.iterdir():
            path.unlink()


def test_the_older_snapshot_stands_in_for_a_damaged_one(data, start_server):
    Segment(3).add_sets(4).write(data)
    (data / snapshot_name(2)).write_bytes(snapshot(2, {b"a": b"1", b"b": b"2"}))
    # It was taken later than what the log is to bring again.
    newer = bytearray(snapshot(5, {b"wrong": b"wrong"},
                               now_ms=1_700_000_060_000))
    newer[-1] ^= 1
    (data / snapshot_name(5)).write_bytes(newer)
    server = start_server()
    assert server.command("GET", "a") == b"1"
    assert server.command("GET", "k6") == b"v6"
    assert server.command("DBSIZE") == 6
    assert f"snapshot refused file={snapshot_name(5)}" in server.log()


def test_a_damaged_snapshot_whose_log_is_gone_is_refused(data, refusal):
    Segment(6).add_sets(2).write(data)
    newer = bytearray(snapshot(5, {b"k": b"v"}))
    newer[-1] ^= 1
    (data / snapshot_name(5)).write_bytes(newer)
    said = refusal()
    assert f"snapshot refused file={snapshot_name(5)}" in said
    assert "the log does not reach back to record 1" in said


@pytest.mark.parametrize("older", [False, True])
def test_a_damaged_snapshot_that_the_log_does_not_reach_is_refused(
        data, refusal, older):
    """What it held is nowhere else: to start without would forget it."""
    newer = bytearray(snapshot(9, {b"k": b"v"}))
    newer[-1] ^= 1
    (data / snapshot_name(9)).write_bytes(newer)
    if older:
        (data / snapshot_name(2)).write_bytes(snapshot(2, {b"k": b"old"}))
        Segment(3).add_sets(4).write(data)
    assert (f"{snapshot_name(9)} is not sound, and the log ends at record "
            f"{6 if older else 0}") in refusal()


def test_files_of_others_are_left_alone(data, start_server):
    (data / "README").write_text("mine")
    Segment(1).add_sets(1).write(data)
    assert start_server().command("DBSIZE") == 1
    assert (data / "README").read_text() == "mine"


def test_the_clock_does_not_go_back(data, start_server):
    """What had expired when it was last looked at stays so, whatever the wall
    clock says now."""
    future = 4_000_000_000_000
    (data / segment_name(1)).write_bytes(
        header(9, 1) + record(9, 1, b"SET", b"k", b"v", b"PXAT",
                              b"%d" % (future + 1000), now_ms=future) +
        record(9, 2, b"SET", b"l", b"v", now_ms=future + 2000) + bytes(500))
    server = start_server()
    assert server.command("GET", "k") is None
    assert server.command("GET", "l") == b"v"
