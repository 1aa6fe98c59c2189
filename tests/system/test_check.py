"""vega-check, on logs and snapshots that were written by hand."""
# SPDX-License-Identifier: MIT

import fcntl
import json
import os
import re
import subprocess
import time

import pytest

from conftest import ROOT, environment_of, free_port
from log_format import (MARK, Segment, header, segment_name, snapshot,
                        snapshot_name)

STAGES = ["stage2"]

SOUND, UNSOUND, UNREADABLE = 0, 1, 2
LOAD_SECONDS_MAX = 60


def run_check(*words):
    variant = os.environ.get("VARIANT", "release")
    build = ROOT / "build" / ("" if variant == "release" else variant)
    return subprocess.run([build / "stage2" / "vega-check", *words],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, text=True, timeout=60,
                          env=environment_of({}))


def report(directory, *words):
    """The exit code, and what --json says."""
    done = run_check("--json", *words, directory)
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def kept_files(directory):
    return sorted(path.name for path in directory.glob("*.cut-*"))


def contents(directory):
    return {path.name: path.read_bytes() for path in directory.iterdir()}


@pytest.fixture
def damaged(tmp_path):
    """Three segments of ten; in the second one LSN 14 is damaged. The headers
    say what was durable."""
    Segment(1).add_sets(10).write(tmp_path)
    second = Segment(11).add_sets(10)
    second.bytes[second.at[14] + 60] ^= 1
    second.write(tmp_path)
    Segment(21).add_sets(10).write(tmp_path)
    return tmp_path


# ---- What it says


def test_a_sound_log_is_described(tmp_path):
    first = Segment(1).add_sets(10)
    first.write(tmp_path)
    Segment(11).add_sets(5, durable=10).add(kind=MARK, durable=15).write(
        tmp_path, zeros=0)
    code, said = report(tmp_path)
    assert code == SOUND
    assert said["sound"] and not said["in_use"]
    assert said["snapshots"] == []
    assert said["log"] == {"verdict": "sound", "records": 16, "last_lsn": 16,
                           "durable": 15, "reaches_back": True}
    assert said["segments"][0] == {
        "file": segment_name(1), "valid": True, "bytes": len(first.bytes) + 1000,
        "used": len(first.bytes), "first_lsn": 1, "last_lsn": 10,
        "records": 10, "durable": 0, "found": 0, "found_lsn": 0}
    assert said["segments"][1]["durable"] == 15

    text = run_check(tmp_path)
    assert text.returncode == SOUND
    assert "10 records, LSN 1 to 10" in text.stdout
    assert "The log is sound, up to LSN 16." in text.stdout


def test_an_empty_directory_is_sound(tmp_path):
    code, said = report(tmp_path)
    assert code == SOUND
    assert said["segments"] == [] and said["log"]["last_lsn"] == 0
    assert run_check(tmp_path).stdout == "There is no log.\n"


def test_a_torn_tail_is_told_from_damage(tmp_path):
    tail = Segment(1).add_sets(10, durable=5)
    tail.bytes[-1] ^= 1
    tail.bytes[tail.at[7]] ^= 1
    tail.write(tmp_path)
    code, said = report(tmp_path)
    assert code == UNSOUND
    log = said["log"]
    assert log["verdict"] == "torn" and log["last_lsn"] == 6
    assert (log["file"], log["offset"]) == (segment_name(1), tail.at[7])
    assert said["segments"][0]["found"] == 2
    assert said["segments"][0]["found_lsn"] == 9
    assert "a server will cut it off" in run_check(tmp_path).stdout


def test_damage_is_named_by_file_byte_and_lsn(damaged):
    code, said = report(damaged)
    assert code == UNSOUND
    log = said["log"]
    assert log["verdict"] == "damaged" and log["last_lsn"] == 13
    assert log["file"] == segment_name(11)
    assert log["offset"] == Segment(11).add_sets(10).at[14]
    assert log["reason"] == ("the checksum is wrong; LSNs up to 20 were "
                             "durable")
    assert log["missing"] == [14, 30]
    text = run_check(damaged).stdout
    assert re.search(rf"damaged in {segment_name(11)} at byte \d+, where LSN "
                     r"14 is due: the checksum is wrong", text)
    assert "That would lose LSN 14 to 30." in text


def test_every_byte_of_a_durable_log_is_looked_at(tmp_path):
    whole = Segment(1).add(b"SET", b"k", b"v").add(kind=MARK, durable=1)
    for at in [*range(56), *range(4096, whole.at[2])]:
        changed = Segment(1)
        changed.bytes = bytearray(whole.bytes)
        changed.bytes[at] ^= 0xff
        changed.write(tmp_path)
        code, said = report(tmp_path)
        assert code == UNSOUND, at
        assert said["log"]["verdict"] == "damaged", at


def test_snapshots_are_read_whole(tmp_path):
    strings = {b"a": b"1", b"bb": b"two", b"": b""}
    Segment(1).add_sets(30).write(tmp_path)
    file = snapshot(20, strings)
    (tmp_path / snapshot_name(20)).write_bytes(file)
    code, said = report(tmp_path)
    assert code == SOUND
    assert said["snapshots"] == [
        {"file": snapshot_name(20), "lsn": 20, "sound": True,
         "bytes": len(file), "compressed": False,
         "keys": {"string": 3, "list": 0, "set": 0, "zset": 0, "hash": 0}}]
    assert ("sound; 3 keys (3 string)" in run_check(tmp_path).stdout)

    for at in range(0, len(file), 7):
        changed = bytearray(file)
        changed[at] ^= 4
        (tmp_path / snapshot_name(20)).write_bytes(changed)
        code, said = report(tmp_path)
        assert code == UNSOUND, at
        assert not said["snapshots"][0]["sound"]
        assert said["log"]["verdict"] == "sound"
    assert "damaged: " in run_check(tmp_path).stdout


def test_snapshots_may_be_elsewhere(tmp_path):
    log, snapshots = tmp_path / "log", tmp_path / "snapshots"
    log.mkdir(), snapshots.mkdir()
    Segment(21).add_sets(3).write(log)
    (snapshots / snapshot_name(20)).write_bytes(snapshot(20, {b"k": b"v"}))
    code, said = report(log, "--snapshots", snapshots)
    assert code == SOUND
    assert said["snapshots"][0]["lsn"] == 20
    code, said = report(log)
    assert code == UNSOUND
    assert said["log"]["verdict"] == "gap"


def test_a_log_must_reach_back_to_the_older_snapshot_too(tmp_path):
    for lsn in (10, 25):
        (tmp_path / snapshot_name(lsn)).write_bytes(snapshot(lsn, {}))
    Segment(1).add_sets(8).write(tmp_path)
    Segment(11).add_sets(10).write(tmp_path)
    Segment(21).add_sets(10).write(tmp_path)
    code, said = report(tmp_path)
    assert code == SOUND  # 9 and 10 are covered by both.
    assert said["segments"][0]["wrong"] == "there is no valid record"
    (tmp_path / segment_name(11)).unlink()
    code, said = report(tmp_path)
    assert code == UNSOUND
    assert said["log"]["verdict"] == "sound"
    assert not said["log"]["reaches_back"]
    assert "does not reach back to the older" in run_check(tmp_path).stdout


# ---- What it does not read


def test_a_newer_format_is_not_guessed_at(tmp_path):
    Segment(1).add_sets(3).write(tmp_path)
    (tmp_path / segment_name(4)).write_bytes(header(1, 4, version=9))
    code, said = report(tmp_path)
    assert code == UNREADABLE
    assert said["log"]["verdict"] == "newer"
    assert "version 9" in run_check(tmp_path).stdout
    before = contents(tmp_path)
    assert run_check("--repair", tmp_path).returncode == UNREADABLE
    assert contents(tmp_path) == before


def test_a_newer_snapshot_is_not_guessed_at(tmp_path):
    (tmp_path / snapshot_name(4)).write_bytes(snapshot(4, {}, version=2))
    assert report(tmp_path)[0] == UNREADABLE


def test_what_cannot_be_opened_is_said(tmp_path):
    done = run_check(tmp_path / "none")
    assert done.returncode == UNREADABLE
    assert "none: No such file or directory" in done.stderr
    assert not (tmp_path / "none").exists()
    assert run_check("--repair", tmp_path / "none").returncode == UNREADABLE
    assert not (tmp_path / "none").exists()
    (tmp_path / segment_name(1)).symlink_to(segment_name(1))
    assert report(tmp_path)[0] == UNREADABLE


@pytest.mark.parametrize("words", [
    [], ["a", "b"], ["--wrong", "."], ["--json", "--dump", "."],
    ["--snapshots"]])
def test_wrong_usage_is_refused(words):
    done = run_check(*words)
    assert done.returncode == UNREADABLE
    assert "Usage: vega-check" in done.stderr
    assert done.stdout == ""


def test_help_and_version():
    assert "--repair" in run_check("--help").stdout
    assert run_check("--version").stdout.startswith("vega-check ")


def test_looking_changes_nothing(damaged):
    before = contents(damaged)
    for words in ([], ["--json"], ["--dump"]):
        run_check(*words, damaged)
    assert contents(damaged) == before


# ---- --dump


def test_records_are_printed_as_commands(tmp_path):
    Segment(1).add(b"SET", b"k", b"a \"b\"\r\n\x00\xff", now_ms=1_234).add(
        kind=MARK, durable=1, now_ms=1_700_000_000_007).add(
        b"X", kind=77, now_ms=-1).write(tmp_path)
    done = run_check("--dump", tmp_path)
    assert done.returncode == SOUND and done.stderr == ""
    assert done.stdout.splitlines() == [
        r'1 1970-01-01T00:00:01.234Z "SET" "k" "a \"b\"\r\n\x00\xff"',
        "2 2023-11-14T22:13:20.007Z MARK durable=1",
        '3 1969-12-31T23:59:59.999Z KIND 77 "X"']


def test_a_dump_ends_where_the_log_does(damaged):
    done = run_check("--dump", damaged)
    assert done.returncode == UNSOUND
    lines = done.stdout.splitlines()
    assert len(lines) == 13
    assert lines[-1].endswith('"SET" "k13" "v13"')
    assert "the log is damaged in" in done.stderr


# ---- --repair


def test_a_repair_keeps_the_valid_prefix_and_all_that_it_cuts(damaged):
    before = contents(damaged)
    done = run_check("--repair", damaged)
    assert done.returncode == SOUND, done.stdout
    assert "Lost are LSN 14 to 30, as far as can be known." in done.stdout
    assert "The log is sound, up to LSN 13." in done.stdout

    after = contents(damaged)
    assert after[segment_name(1)] == before[segment_name(1)]
    cut = Segment(11).add_sets(3).bytes
    assert after[segment_name(11)] == cut
    assert segment_name(21) not in after
    kept = kept_files(damaged)
    assert [name.split(".cut-")[0] for name in kept] == [segment_name(11),
                                                         segment_name(21)]
    for name in kept:
        assert after[name] == before[name.split(".cut-")[0]]
        assert name in done.stdout
    assert len(after) == 4

    again = run_check("--repair", damaged)
    assert again.returncode == SOUND
    assert again.stdout == "There is nothing to cut.\n"
    assert contents(damaged) == after


def test_a_lost_header_takes_its_segment(tmp_path):
    Segment(1).add_sets(10).write(tmp_path)
    second = Segment(11).add_sets(10)
    second.bytes[12] ^= 1
    second.write(tmp_path)
    code, said = report(tmp_path)
    assert code == UNSOUND
    assert said["segments"][1] == {
        "file": segment_name(11), "valid": False, "headless": True,
        "first_lsn": 11, "bytes": len(second.bytes) + 1000}
    done = run_check("--repair", tmp_path)
    assert done.returncode == SOUND
    assert "Lost are LSN 11 to 11" in done.stdout
    assert not (tmp_path / segment_name(11)).exists()
    assert report(tmp_path)[1]["log"]["last_lsn"] == 10


def test_a_torn_tail_may_be_cut_too(tmp_path):
    tail = Segment(1).add_sets(10)
    tail.bytes[-1] ^= 1
    tail.write(tmp_path)
    done = run_check("--repair", tmp_path)
    assert done.returncode == SOUND
    assert "Nothing is known to be lost." in done.stdout
    path = tmp_path / segment_name(1)
    assert path.read_bytes() == tail.bytes[:tail.at[10]]


def test_void_records_do_not_come_back(tmp_path):
    # Torn once at 6, cut by going on in a new segment: 6 to 10 are void.
    old = Segment(1).add_sets(10)
    old.write(tmp_path)
    new = Segment(6).add(b"SET", b"k6", b"other")
    new.write(tmp_path)
    assert report(tmp_path)[1]["log"]["last_lsn"] == 6
    new.bytes[0] ^= 1
    new.write(tmp_path)
    log = report(tmp_path)[1]["log"]
    assert log["verdict"] == "damaged" and log["last_lsn"] == 5
    done = run_check("--repair", tmp_path)
    assert done.returncode == SOUND
    assert "Lost are LSN 6 to 6" in done.stdout
    path = tmp_path / segment_name(1)
    assert path.read_bytes() == old.bytes[:old.at[6]]


def test_nothing_of_a_log_below_the_snapshot_is_left(tmp_path):
    segment = Segment(1).add_sets(30)
    segment.bytes[segment.at[5] + 60] ^= 1
    segment.write(tmp_path)
    (tmp_path / snapshot_name(20)).write_bytes(snapshot(20, {}))
    done = run_check("--repair", tmp_path)
    assert done.returncode == SOUND
    assert "Lost are LSN 21 to 30" in done.stdout
    assert len(kept_files(tmp_path)) == 1
    assert not (tmp_path / segment_name(1)).exists()


def test_a_gap_behind_a_snapshot_cuts_the_whole_log(tmp_path):
    (tmp_path / snapshot_name(20)).write_bytes(snapshot(20, {}))
    Segment(26).add_sets(5).write(tmp_path)
    Segment(31).add_sets(5).write(tmp_path)
    code, said = report(tmp_path)
    assert code == UNSOUND and said["log"]["verdict"] == "gap"
    done = run_check("--repair", tmp_path)
    assert done.returncode == SOUND
    assert "Lost are LSN 21 to 35" in done.stdout
    assert len(kept_files(tmp_path)) == 2


def test_a_repair_does_not_leave_nothing(tmp_path):
    Segment(26).add_sets(5).write(tmp_path)
    before = contents(tmp_path)
    done = run_check("--repair", tmp_path)
    assert done.returncode == UNSOUND
    assert "--snapshots" in done.stderr
    assert contents(tmp_path) == before


def test_a_repair_is_refused_while_a_server_holds_the_directory(damaged):
    before = contents(damaged)
    directory = os.open(damaged, os.O_RDONLY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        done = run_check("--repair", damaged)
        assert done.returncode == UNREADABLE
        assert "a server is using it" in done.stderr
        assert contents(damaged) == before
        code, said = report(damaged)
        assert code == UNSOUND and said["in_use"]
        assert "A server is using this" in run_check(damaged).stdout
    finally:
        os.close(directory)
    assert run_check("--repair", damaged).returncode == SOUND


def test_a_repair_that_was_broken_off_is_finished(damaged):
    # As after a crash behind the first step.
    (damaged / "repair.draft").write_bytes(b"half")
    (damaged / f"{segment_name(11)}.cut-20200101T000000").write_bytes(b"half")
    assert run_check("--repair", damaged).returncode == SOUND
    assert not (damaged / "repair.draft").exists()


# ---- And the server


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "data"
    path.mkdir(mode=0o700)
    return path


@pytest.fixture
def start_on(start_server):
    """start_on(directory) -> a server that has loaded it"""
    def start(directory):
        server = start_server("--data-dir", directory)
        end = time.monotonic() + LOAD_SECONDS_MAX
        while str(server.command("DBSIZE")).startswith("LOADING"):
            assert time.monotonic() < end, server.log()
            time.sleep(0.02)
        return server
    return start


def test_a_server_reads_what_was_written_by_hand(data, start_on):
    (data / snapshot_name(10)).write_bytes(snapshot(10, {b"k10": b"v10"}))
    Segment(11).add_sets(10).write(data)
    server = start_on(data)
    assert server.command("DBSIZE") == 11
    assert server.command("MGET", "k10", "k11", "k20") == [b"v10", b"v11",
                                                           b"v20"]


def test_what_a_server_wrote_is_sound(data, start_on):
    server = start_on(data)
    assert server.command("SET", "k", "a\r\nb") == "OK"
    assert server.command("RPUSH", "l", "x", "y") == 2
    assert server.command("SAVE") == "OK"
    assert server.command("SET", "k", "later") == "OK"
    assert report(data)[1]["in_use"]
    assert run_check("--repair", data).returncode == UNREADABLE
    server.kill()
    code, said = report(data)
    assert code == SOUND
    assert said["snapshots"][0]["keys"] == {"string": 1, "list": 1, "set": 0,
                                            "zset": 0, "hash": 0}
    lines = run_check("--dump", data).stdout
    assert r'"SET" "k" "a\r\nb"' in lines and '"RPUSH" "l" "x" "y"' in lines


def test_a_server_refuses_damage_and_starts_on_a_repair(data, start_on,
                                                        run_server):
    Segment(1).add_sets(10).write(data)
    second = Segment(11).add_sets(10)
    second.bytes[second.at[14] + 60] ^= 1
    second.write(data)
    Segment(21).add_sets(10).write(data)
    refused = run_server("--port", free_port(), "--data-dir", data)
    assert refused.returncode != 0
    for word in (segment_name(11), str(second.at[14]), "14", "--repair"):
        assert word in refused.stdout

    assert run_check("--repair", data).returncode == SOUND
    server = start_on(data)
    assert server.command("DBSIZE") == 13
    assert server.command("GET", "k13") == b"v13"
    assert server.command("SET", "k14", "new") == "OK"
    server.kill()
    assert report(data)[0] == SOUND
    server = start_on(data)
    assert server.command("GET", "k14") == b"new"
