"""The instructor's tools: hand-in, batch, sandbox, Gradescope, Classroom.

A small tree with a grader of a few lines stands for a lab, so that the tools
are tested apart from the labs and in seconds.
"""
# SPDX-License-Identifier: MIT

import csv
import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import textwrap

import pytest

from conftest import ROOT

LABS = ROOT / "labs"
sys.path.insert(0, str(LABS / "tools"))
sys.path.insert(0, str(LABS / "gradescope"))

import handout  # noqa: E402
import submission as submissions  # noqa: E402
import tree as labs_tree  # noqa: E402
from results import convert  # noqa: E402
from submission import Submission  # noqa: E402

SANDBOX = LABS / "tools" / "sandbox"
IS_PERMITTED = subprocess.run([SANDBOX, "--try"]).returncode == 0
needs_namespaces = pytest.mark.skipif(
    not IS_PERMITTED, reason="this machine permits no namespaces")

LAB_YML = """\
lab: 9
title: Fake
tests:
  - name: first
    points: 60
  - name: second
    points: 40
handin:
  - src/one.c
  - src/two.c  # With a remark behind it.
"""
# Grades src/one.c, which says what the grader is to do.
GRADER = """#!/bin/bash
table() {
    echo " 9.first           $1/60   1/1 cases    0.0 s"
    echo " 9.second          $2/40   1/1 cases    0.0 s"
}
report() {
    cat >report.json <<END
{"lab": "9", "score": $(($1 + $2)), "score_max": 100, "partial": false,
 "tests": [{"name": "first", "points": $1, "points_max": 60, "cases": []},
           {"name": "second", "points": $2, "points_max": 40, "cases": []}]}
END
}
case $(cat src/one.c) in
good) table 60 40; report 60 40 ;;
half) table 60 0; report 60 0; exit 1 ;;
overfits)
    case "$*" in
    *"--seeds 7..9"*) table 60 0; report 60 0; exit 1 ;;
    *) table 60 40; report 60 40 ;;
    esac ;;
lies) table 0 0; report 60 40; exit 1 ;;
broken) exit 2 ;;
fault) exit 3 ;;
loops) echo " 9.first           60/60   1/1 cases    0.0 s"; sleep 3600 ;;
garbage)
    head -c 3000000 /dev/urandom
    echo '{"tests": 7' >report.json
    exit 1 ;;
writes) head -c 900000000 /dev/zero >big; table 0 0; report 0 0; exit 1 ;;
forks)
    setsid sleep 3600 &
    echo $! >/tmp/left
    table 60 40; report 60 40 ;;
looks) table 0 0; report 0 0; ls "$(cat src/two.c)" && exit 3; exit 1 ;;
*) table 0 0; report 0 0; exit 1 ;;
esac
"""


@pytest.fixture
def tree(tmp_path):
    tree = tmp_path / "tree"
    folder = tree / "labs" / "lab9-fake"
    folder.mkdir(parents=True)
    (tree / "src").mkdir()
    (folder / "lab.yml").write_text(LAB_YML)
    grader = tree / "labs" / "grade"
    grader.write_text(GRADER)
    grader.chmod(0o755)
    for name in ("one.c", "two.c"):
        (tree / "src" / name).write_text("stub")
    return tree


WANTED = ["src/one.c", "src/two.c"]


def hand_in(folder, name, one, **others):
    student = folder / name
    (student / "src").mkdir(parents=True)
    (student / "src" / "one.c").write_text(one)
    (student / "src" / "two.c").write_text(others.pop("two", "two"))
    for other, text in others.items():
        (student / f"{other}.txt").write_text(text)
    return student


def archive_of(path, members):
    """Members: name -> bytes, or a TarInfo without contents."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            if isinstance(content, tarfile.TarInfo):
                archive.addfile(content)
                continue
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def link_to(name, target, kind=tarfile.SYMTYPE):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


# ---- Starters


SOURCE = """\
// pot.c
#include "pot.h"

static const char handle[] = "left";

static int pot_lid(int pot)
{
    return pot + 1;
}

static int pot_steam(int pot)
{
    return pot - 1;
}

int pot_boil(int pot, const char *what)
{
    return pot_lid(pot) + pot_steam(pot) + handle[0] + what[0];
}

int pot_cool(int pot)
{
    return pot_steam(pot);
}
"""
BOIL = {"file": "pot.c", "function": "pot_boil", "task": "Boil it."}


def test_a_stub_tells_the_task_and_what_is_there_for_it():
    opened = handout.open_holes(SOURCE, [BOIL], "9")
    stub = labs_tree.Function(opened, "pot_boil").body
    assert stub == """\
    // Boil it.
    (void)pot;
    (void)what;
    (void)pot_lid; // There for you.
    (void)handle; // There for you.
    LAB_TODO("9: pot_boil");
"""
    assert labs_tree.Function(opened, "pot_cool").body == "    return pot_steam(pot);\n"


def test_a_starter_with_holes_compiles_without_a_warning(tmp_path):
    (tmp_path / "pot.h").write_text(
        "int pot_boil(int pot, const char *what);\nint pot_cool(int pot);\n")
    stub_header = tmp_path / handout.STUB_HEADER
    stub_header.parent.mkdir(parents=True)
    stub_header.write_text(handout.STUB)
    (tmp_path / "pot.c").write_text(handout.open_holes(SOURCE, [BOIL], "9"))
    done = subprocess.run(
        ["cc", "-Wall", "-Wextra", "-Werror", "-I.", "-c", "pot.c"],
        cwd=tmp_path, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr


def test_a_lab_has_the_holes_of_those_below_it_filled():
    first, second = labs_tree.lab_load(1), labs_tree.lab_load(2)
    assert labs_tree.holes_below(first) == []
    below = {hole["function"] for hole in labs_tree.holes_below(second)}
    assert below == {hole["function"] for hole in first["holes"]}


def test_objects_stand_in_for_what_is_not_to_be_read(tmp_path):
    """A layer is built from its sources, and from objects of lower/ where it
    has none; the student's own source wins."""
    for folder in ("common/mk", "common/pots", "lower/common/pots"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("layer.mk", "flags.mk"):
        (tmp_path / "common/mk" / name).write_bytes(
            (ROOT / "common/mk" / name).read_bytes())
    (tmp_path / "common/Makefile").write_text(
        "NAME := common\nBELOW :=\ninclude mk/layer.mk\n")
    (tmp_path / "common/pots/lid.c").write_text("int lid;\n")
    subprocess.run(["cc", "-x", "c", "-c", "-", "-o",
                    tmp_path / "lower/common/pots/pan.o"],
                   input="int given_pan;\n", text=True, check=True)

    def symbols():
        subprocess.run(["make", "-C", tmp_path / "common"], check=True,
                       capture_output=True, env=labs_tree.environment())
        return subprocess.run(["nm", tmp_path / "build/lib/common.a"],
                              text=True, capture_output=True).stdout

    assert "given_pan" in symbols() and "lid" in symbols()
    (tmp_path / "common/pots/pan.c").write_text("int own_pan;\n")
    assert "own_pan" in symbols() and "given_pan" not in symbols()


# ---- Hand-in


def run_handin(tree, *arguments):
    script = tree / "labs" / "handin"
    script.write_bytes((LABS / "handin").read_bytes())
    script.chmod(0o755)
    return subprocess.run([script, *arguments], text=True,
                          capture_output=True)


def test_hand_in_packs_the_files_of_the_lab_and_no_others(tree):
    (tree / "src" / "secret.c").write_text("not asked for")
    done = run_handin(tree, "9", "ada")
    assert done.returncode == 0, done.stderr
    with tarfile.open(tree / "handin" / "lab9-ada.tar.gz") as archive:
        assert archive.getnames() == WANTED
    assert "no hours.txt" in done.stdout


def test_hand_in_takes_the_hours(tree):
    (tree / "hours.txt").write_text("7.5\n")
    assert run_handin(tree, "9", "ada").returncode == 0
    handed_in = Submission(tree / "handin" / "lab9-ada.tar.gz", WANTED)
    assert (handed_in.hours, handed_in.notes) == (7.5, [])
    assert set(handed_in.files) == set(WANTED)


def make_missing(path):
    path.unlink()


def make_empty(path):
    path.write_text("")


def make_large(path):
    path.write_bytes(b"x" * (submissions.FILE_BYTES_MAX + 1))


def make_link(path):
    path.unlink()
    path.symlink_to("/etc/passwd")


@pytest.mark.parametrize("spoil, word", [
    (make_missing, "missing"), (make_empty, "empty"), (make_large, "larger"),
    (make_link, "link")])
def test_hand_in_says_what_is_wrong_and_writes_nothing(tree, spoil, word):
    spoil(tree / "src" / "two.c")
    done = run_handin(tree, "9", "ada")
    assert done.returncode == 1
    assert "src/two.c" in done.stderr and word in done.stderr
    assert not (tree / "handin").exists()


@pytest.mark.parametrize("arguments", [
    ["8", "ada"], ["9", "../ada"], ["../9", "ada"], ["9", "-ada"], []])
def test_hand_in_refuses_labs_and_names_that_are_none(tree, arguments):
    assert run_handin(tree, *arguments).returncode == 1
    assert not (tree / "handin").exists()


def test_hand_in_refuses_hours_that_are_no_number(tree):
    (tree / "hours.txt").write_text("too many")
    done = run_handin(tree, "9", "ada")
    assert done.returncode == 1 and "hours.txt" in done.stderr


# ---- Reading what was handed in


def test_an_archive_may_have_a_folder_around_it(tmp_path):
    path = archive_of(tmp_path / "ada.tar.gz",
                      {"lab9/src/one.c": b"1", "lab9/src/two.c": b"2"})
    handed_in = Submission(path, WANTED)
    assert handed_in.files == {"src/one.c": b"1", "src/two.c": b"2"}
    assert (handed_in.name, handed_in.notes) == ("ada", [])


def test_a_folder_may_be_flat(tmp_path):
    (tmp_path / "one.c").write_text("1")
    (tmp_path / "two.c").write_text("2")
    assert Submission(tmp_path, WANTED).files == {"src/one.c": b"1",
                                                  "src/two.c": b"2"}


def test_paths_that_climb_are_not_followed(tmp_path):
    path = archive_of(tmp_path / "eve.tar.gz", {
        "../src/one.c": b"climbs", "/src/two.c": b"climbs",
        "src/../src/one.c": b"climbs", "src/one.c": b"1"})
    handed_in = Submission(path, WANTED)
    assert handed_in.files == {"src/one.c": b"1"}
    assert any("climbs" in note for note in handed_in.notes)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["eve.tar.gz"]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE,
                                  tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_links_and_devices_in_archives_are_not_taken(tmp_path, kind):
    path = archive_of(tmp_path / "eve.tar.gz", {
        "src/one.c": link_to("src/one.c", "/etc/passwd", kind),
        "src/two.c": b"2"})
    handed_in = Submission(path, WANTED)
    assert handed_in.files == {"src/two.c": b"2"}
    assert "src/one.c: a link is not taken" in handed_in.notes


def test_links_and_pipes_in_folders_are_not_taken(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "one.c").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "src" / "two.c")
    handed_in = Submission(tmp_path, WANTED)
    assert handed_in.files == {}
    assert "src/one.c: a link is not taken" in handed_in.notes
    assert "src/two.c: no regular file" in handed_in.notes


def test_a_linked_folder_is_not_entered(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "one.c").write_text("somebody else's")
    student = tmp_path / "eve"
    student.mkdir()
    (student / "src").symlink_to(outside)
    assert Submission(student, WANTED).files == {}


def test_a_bomb_is_refused(tmp_path):
    path = archive_of(tmp_path / "eve.tar.gz",
                      {"src/one.c": bytes(submissions.ARCHIVE_BYTES_MAX)})
    handed_in = Submission(path, WANTED)
    assert handed_in.files == {}
    assert "the archive unpacks to too much" in handed_in.notes


def test_a_huge_member_is_refused_and_the_rest_taken(tmp_path):
    path = archive_of(tmp_path / "eve.tar.gz", {
        "src/one.c": bytes(submissions.FILE_BYTES_MAX + 1),
        "src/two.c": b"2"})
    handed_in = Submission(path, WANTED)
    assert handed_in.files == {"src/two.c": b"2"}
    assert "src/one.c: too large" in handed_in.notes


@pytest.mark.parametrize("spoil", [
    lambda data: b"", lambda data: b"no archive", lambda data: data[:40],
    lambda data: data[:-12] + b"x" * 12])
def test_what_is_no_archive_is_noted(tmp_path, spoil):
    path = archive_of(tmp_path / "eve.tar.gz", {"src/one.c": b"1" * 1000})
    path.write_bytes(spoil(path.read_bytes()))
    handed_in = Submission(path, WANTED)
    assert handed_in.files == {} and handed_in.notes


@pytest.mark.parametrize("text, hours", [
    ("11", 11), (" 7,5 h\n", 7.5), ("3 hours", 3), ("-3", None),
    ("1e9", None), ("lots", None), ("", None), ("99999", None)])
def test_hours_are_one_number(tmp_path, text, hours):
    (tmp_path / "hours.txt").write_text(text)
    assert Submission(tmp_path, WANTED).hours == hours


def test_the_digest_is_of_what_is_graded(tmp_path):
    student = hand_in(tmp_path, "ada", "good")
    before = Submission(student, WANTED).digest
    (student / "notes.txt").write_text("not graded")
    assert Submission(student, WANTED).digest == before
    (student / "src" / "two.c").write_text("other")
    assert Submission(student, WANTED).digest != before


# ---- Grading many


@pytest.fixture
def batch(tmp_path, tree):
    folder = tmp_path / "submissions"
    folder.mkdir()

    def run(*arguments):
        apart = [] if IS_PERMITTED else ["--no-sandbox"]
        return subprocess.run(
            [LABS / "batch", folder, "--lab", "9", "--tree", tree, "--out",
             tmp_path / "out", "--csv", tmp_path / "grades.csv", *apart,
             *arguments], text=True, capture_output=True)

    run.folder = folder
    run.out = tmp_path / "out"
    run.csv = tmp_path / "grades.csv"
    return run


def rows_of(batch):
    with open(batch.csv, newline="") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


def test_every_submission_has_a_line_and_a_report(batch):
    hand_in(batch.folder, "ada", "good", hours="11")
    hand_in(batch.folder, "bob", "half")
    hand_in(batch.folder, "dan", "broken")
    (batch.folder / "finn").mkdir()
    done = batch("--jobs", "2")
    assert done.returncode == 0, done.stderr
    rows = rows_of(batch)
    assert {name: row["total"] for name, row in rows.items()} == {
        "ada": "101", "bob": "60", "dan": "0", "finn": "0"}
    assert (rows["ada"]["score"], rows["ada"]["bonus"]) == ("100", "1")
    assert (rows["bob"]["first"], rows["bob"]["second"]) == ("60", "0")
    assert rows["dan"]["built"] == "no"
    assert "none of the lab's files" in rows["finn"]["note"]
    for name in rows:
        assert json.loads((batch.out / f"{name}.json").read_text())["graded"]
        assert name in (batch.out / f"{name}.txt").read_text()


def test_what_loops_keeps_what_it_had_and_stops_nobody(batch):
    hand_in(batch.folder, "ada", "good")
    hand_in(batch.folder, "lou", "loops")
    assert batch("--seconds", "10", "--jobs", "2").returncode == 0
    rows = rows_of(batch)
    assert rows["ada"]["total"] == "100"
    assert rows["lou"]["total"] == "60"
    assert "ended after 10 s" in rows["lou"]["note"]


@pytest.mark.parametrize("kind", ["lies", "fault", "garbage"])
def test_what_cannot_be_trusted_is_for_a_person_to_look_at(batch, kind):
    hand_in(batch.folder, "ada", "good")
    hand_in(batch.folder, "eve", kind)
    done = batch()
    assert done.returncode == 1
    rows = rows_of(batch)
    assert rows["ada"]["total"] == "100"
    assert rows["eve"]["total"] == "" and "look at" in rows["eve"]["note"]
    assert "look at eve" in done.stdout


def test_what_is_done_is_skipped_until_it_changes(batch):
    student = hand_in(batch.folder, "ada", "half")
    hand_in(batch.folder, "bob", "good")
    assert batch().stdout.count("done before") == 0
    assert batch().stdout.count("done before") == 2
    (student / "src" / "one.c").write_text("good")
    again = batch()
    assert again.stdout.count("done before") == 1
    assert rows_of(batch)["ada"]["total"] == "100"


def test_a_new_course_is_graded_anew(batch, tree):
    hand_in(batch.folder, "ada", "good")
    batch()
    with open(tree / "labs" / "grade", "a") as file:
        file.write("# Mended.\n")
    assert batch().stdout.count("done before") == 0


def test_what_was_not_graded_is_tried_again(batch):
    hand_in(batch.folder, "eve", "fault")
    batch()
    (batch.out / "eve.json").write_text("half a rep")
    assert batch().stdout.count("done before") == 0


def test_a_course_that_cannot_be_graded_begins_nothing(batch, tree):
    (tree / "src" / "one.c").write_text("broken")
    hand_in(batch.folder, "ada", "good")
    done = batch()
    assert done.returncode == 2
    assert "the starter itself" in done.stderr
    assert not batch.csv.exists()


def test_names_are_no_formulas_and_no_paths(batch):
    hand_in(batch.folder, "=1+2", "good")
    hand_in(batch.folder, "a b;c", "good")
    batch()
    assert set(rows_of(batch)) == {"_1_2", "a_b_c"}


@needs_namespaces
def test_nothing_of_a_submission_runs_on(batch):
    hand_in(batch.folder, "eve", "forks", two="unique-to-this-test")
    assert batch().returncode == 0
    commands = [path.read_bytes() for path in
                pathlib.Path("/proc").glob("[0-9]*/cwd/src/two.c")
                if path.is_file()]
    assert b"unique-to-this-test" not in commands


@needs_namespaces
def test_what_is_written_is_bounded(batch):
    hand_in(batch.folder, "eve", "writes")
    batch()
    assert rows_of(batch)["eve"]["total"] == "0"


@needs_namespaces
def test_a_submission_sees_neither_the_reference_nor_the_others(batch):
    for at, place in enumerate([ROOT, batch.folder, batch.out]):
        hand_in(batch.folder, f"eve{at}", "looks", two=str(place))
    batch()
    # The grader would have ended with 3 had it found the place.
    assert {row["total"] for row in rows_of(batch).values()} == {"0"}


@needs_namespaces
def test_the_sandbox_has_a_loopback_and_no_other_network(tmp_path):
    script = textwrap.dedent("""\
        import socket
        server = socket.create_server(("127.0.0.1", 0))
        socket.create_connection(server.getsockname(), 10).close()
        print(*(name for _, name in socket.if_nameindex() if name == "lo"))
        try:
            socket.create_connection(("192.0.2.1", 80), 10)
        except OSError as error:
            print(type(error).__name__)
        """)
    (tmp_path / "ask.py").write_text(script)
    done = subprocess.run([SANDBOX, tmp_path, "/dev/null", "/usr/bin/python3",
                           "ask.py"], text=True, capture_output=True)
    assert done.stdout.splitlines()[0] == "lo", done.stderr
    assert done.stdout.splitlines()[1] == "OSError"


@needs_namespaces
def test_the_sandbox_cannot_write_to_the_system(tmp_path):
    done = subprocess.run([SANDBOX, tmp_path, "/dev/null", "sh", "-c",
                           "touch /usr/x /etc/x || exit 9"],
                          text=True, capture_output=True)
    assert done.returncode == 9
    assert not pathlib.Path("/usr/x").exists()


# ---- Gradescope and Classroom


FORMATS = {"text", "html", "simple_format", "md", "ansi"}
VISIBILITIES = {"hidden", "after_due_date", "after_published", "visible"}
NUMBER = (int, float)
# https://gradescope-autograders.readthedocs.io/en/latest/specs/
TOP_FIELDS = {
    "score": NUMBER, "execution_time": NUMBER, "output": str,
    "output_format": FORMATS, "test_output_format": FORMATS,
    "test_name_format": FORMATS, "visibility": VISIBILITIES,
    "stdout_visibility": VISIBILITIES, "extra_data": dict, "tests": list,
    "leaderboard": list,
}
TEST_FIELDS = {
    "score": NUMBER, "max_score": NUMBER, "status": {"passed", "failed"},
    "name": str, "name_format": FORMATS, "number": str, "output": str,
    "output_format": FORMATS, "tags": list, "visibility": VISIBILITIES,
    "extra_data": dict,
}


def check_fields(found, fields):
    for name, value in found.items():
        allowed = fields[name]
        if isinstance(allowed, set):
            assert value in allowed, (name, value)
        else:
            assert isinstance(value, allowed), (name, value)
            assert not isinstance(value, bool), name


def check_results(results):
    check_fields(results, TOP_FIELDS)
    assert "score" not in results
    for test in results["tests"]:
        check_fields(test, TEST_FIELDS)
        assert "score" in test or "status" in test
    json.dumps(results)


REPORT = {
    "lab": "9", "score": 60, "score_max": 100, "partial": False,
    "tests": [
        {"name": "first", "points": 60, "points_max": 60, "cases": [
            {"name": "a", "verdict": "passed", "time_ms": 1, "story": ""}]},
        {"name": "second", "points": 0, "points_max": 40, "cases": [
            {"name": "b", "verdict": "failed", "time_ms": 1,
             "story": "  RULE  that\n"}]},
    ],
}


def test_every_test_has_its_points_and_its_story():
    results = convert(REPORT)
    check_results(results)
    assert [(test["score"], test["max_score"]) for test in results["tests"]
            ] == [(60, 60), (0, 40)]
    assert "RULE  that" in results["tests"][1]["output"]


def test_hidden_seeds_are_shown_after_the_due_date():
    results = convert(REPORT, hidden=REPORT)
    check_results(results)
    assert sum(test["max_score"] for test in results["tests"]) == 100
    assert sum(test["score"] for test in results["tests"]) == 60
    assert [test["visibility"] for test in results["tests"]] == [
        "visible", "visible", "after_due_date", "after_due_date"]


def test_what_did_not_build_has_no_hidden_half(batch):
    hand_in(batch.folder, "ada", "broken")
    batch()
    result = json.loads((batch.out / "ada.json").read_text())
    results = convert(result, hidden=result["report"])
    check_results(results)
    assert sum(test.get("max_score", 0) for test in results["tests"]) == 100
    assert sum(test.get("score", 0) for test in results["tests"]) == 0


def test_a_test_that_says_so_is_hidden():
    hidden = {**REPORT, "tests": [{**REPORT["tests"][0], "hidden": True}]}
    assert convert(hidden)["tests"][0]["visibility"] == "after_due_date"


@pytest.mark.parametrize("kind, total", [("good", 101), ("half", 61),
                                         ("broken", 1)])
def test_gradescope_gets_results_for_what_batch_graded(batch, kind, total):
    hand_in(batch.folder, "ada", kind, hours="3")
    batch()
    results = convert(json.loads((batch.out / "ada.json").read_text()))
    check_results(results)
    assert sum(test.get("score", 0) for test in results["tests"]) == total
    assert sum(test.get("max_score", 0) for test in results["tests"]) == 100
    assert results["tests"][0]["status"] == (
        "failed" if kind == "broken" else "passed")


def test_what_was_not_graded_gives_no_results(batch):
    hand_in(batch.folder, "ada", "fault")
    batch()
    with pytest.raises(SystemExit):
        convert(json.loads((batch.out / "ada.json").read_text()))


def autograder(tmp_path, tree):
    source = tmp_path / "autograder" / "source"
    source.mkdir(parents=True)
    (source / "lab").write_text("9\n")
    (source / "labs").symlink_to(LABS)
    (source / "starter").symlink_to(tree)
    (tmp_path / "autograder" / "submission").mkdir()
    return source


def run_autograder(tmp_path):
    done = subprocess.run(
        [LABS / "gradescope" / "run_autograder"], text=True,
        capture_output=True,
        env={**os.environ, "AUTOGRADER": str(tmp_path / "autograder")})
    written = tmp_path / "autograder" / "results" / "results.json"
    assert written.exists(), done.stdout + done.stderr
    results = json.loads(written.read_text())
    check_results(results)
    return results["tests"]


@pytest.mark.parametrize("form", ["folder", "flat", "archive"])
def test_run_autograder_writes_results_json(tmp_path, tree, form):
    autograder(tmp_path, tree)
    handed_in = tmp_path / "autograder" / "submission"
    hand_in(tmp_path, "work", "good")
    if form == "folder":
        (tmp_path / "work" / "src").rename(handed_in / "src")
    elif form == "flat":
        for path in (tmp_path / "work" / "src").iterdir():
            path.rename(handed_in / path.name)
    else:
        archive_of(handed_in / "lab9-ada.tar.gz",
                   {"src/one.c": b"good", "src/two.c": b"2"})
    tests = run_autograder(tmp_path)
    assert sum(test.get("score", 0) for test in tests) == 100


def test_hidden_seeds_are_half_of_the_points(tmp_path, tree):
    (autograder(tmp_path, tree) / "hidden").write_text("7..9\n")
    archive_of(tmp_path / "autograder" / "submission" / "lab9-ada.tar.gz",
               {"src/one.c": b"overfits", "src/two.c": b"2"})
    tests = run_autograder(tmp_path)
    assert [(test["score"], test["max_score"], test["visibility"])
            for test in tests if test["name"].startswith("9.")] == [
        (30, 30, "visible"), (20, 20, "visible"),
        (30, 30, "after_due_date"), (0, 20, "after_due_date")]


def test_classroom_reads_the_points_from_an_annotation(tmp_path):
    report = tmp_path / "report.json"
    report.write_text(json.dumps(REPORT))
    summary = tmp_path / "summary.md"
    done = subprocess.run(
        [LABS / "classroom" / "report.py", report], text=True,
        capture_output=True,
        env={**os.environ, "GITHUB_STEP_SUMMARY": str(summary)})
    assert done.returncode == 1
    line = done.stdout.splitlines()[1]
    title, _, points = line.partition("::{")
    assert title == "::notice title=Autograding report"
    assert json.loads("{" + points) == {"totalPoints": 60, "maxPoints": 100}
    assert "| second | 0/40 | b |" in summary.read_text()
