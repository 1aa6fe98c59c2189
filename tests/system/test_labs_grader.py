"""The grader of lab 2 against subjects that cheat, and what it leaves behind.

A script of a few lines stands for the program in which a student's node runs:
what it may say, and that nothing of it is believed.
"""
# SPDX-License-Identifier: MIT

import json
import subprocess
import textwrap

import pytest

from conftest import ROOT, build_grader

LAB = ROOT / "labs" / "lab2-durable" / "lab.yml"
GRADER = ROOT / "build" / "labs" / "grader-2"
SEEDS = 2


@pytest.fixture(scope="module", autouse=True)
def built():
    build_grader(2)


@pytest.fixture
def grade(tmp_path):
    """Grades torn_tail with a subject whose answer to a schedule is `body`."""
    def run(body, *more):
        subject = tmp_path / "subject"
        subject.write_text(textwrap.dedent("""\
            #!/usr/bin/python3
            import os, sys
            nonce, steps = "", []
            for line in sys.stdin:
                if line.startswith("nonce "):
                    nonce = line.split()[1]
                elif line != "run\\n":
                    steps.append(line.rstrip())
                else:
            """) + textwrap.indent(textwrap.dedent(body), " " * 8) +
            "        sys.stdout.flush()\n        steps = []\n")
        subject.chmod(0o755)
        report = tmp_path / "report.json"
        done = subprocess.run(
            [GRADER, "--server", "/bin/false", "--subject", subject,
             "--out", tmp_path / "out", "--json", report, LAB,
             "-k", "torn_tail/seeds", "--seeds", f"1..{SEEDS}", *more],
            capture_output=True, text=True, timeout=120)
        test, = json.loads(report.read_text())["tests"]
        return done.returncode, test, done.stdout
    return run


# Serves, reads nothing, and is there at the end.
HONEST = """
    print("E       0.001 ms  --    serves")
    print("S")
    print("F", nonce, 0)
"""


def test_a_run_that_keeps_the_rules_has_its_points(grade):
    status, test, printed = grade(HONEST)
    assert (status, test["points"]) == (0, 15)
    assert test["cases"][0]["seeds_passed"] == SEEDS
    assert "determinism ok" in printed


@pytest.mark.parametrize("body", [
    "os._exit(0)",
    "print('ok'); print('passed'); sys.stdout.flush(); os._exit(0)",
    "print('S'); print('F', '0' * 32, 0); sys.stdout.flush(); os._exit(0)",
    "print('S'); print('F  0'); sys.stdout.flush(); os._exit(0)",
    "print('F', nonce, 0)",
    "os.abort()",
    "os.fork(); print('S'); print('F', nonce, 0)",
], ids=["exit_0", "prints_ok", "guesses", "no_nonce", "no_node", "aborts",
        "forks"])
def test_who_cheats_has_nothing(grade, body):
    status, test, _ = grade(body)
    assert (status, test["points"]) == (1, 0)


def test_a_run_that_differs_from_the_other_is_told_with_its_event(grade):
    status, test, printed = grade("""
        print("E       0.001 ms  --    serves")
        print("S")
        print("E       0.002 ms  --   ", os.getpid())
        print("F", nonce, 0)
    """)
    assert (status, test["points"]) == (1, 0)
    assert "first divergence at event 2" in printed
    assert "determinism BROKEN" in printed
    assert not test["cases"][0]["deterministic"]


def test_a_run_that_does_not_end_is_begun_once(grade, tmp_path):
    """By both processes, and not again for the story."""
    runs = tmp_path / "runs"
    status, test, printed = grade(f"""
        open("{runs}", "a").write("run\\n")
        sys.stdout.write(("E " + "x" * 65000 + "\\n") * 1100)
    """)
    assert (status, test["points"]) == (1, 0)
    assert "an endless loop?" in printed
    assert len(runs.read_text().splitlines()) <= 2


# Tells of a write, and loses it at the next power cut, when there was one.
LOSES = r"""
    if "log" in steps:
        print("info segment begun", file=sys.stderr)
    print("E       0.001 ms  --    serves")
    print("S")
    sent = [i for i, step in enumerate(steps) if step[2:6] == " set"]
    if sent and "power" in steps:
        who = steps[sent[0]][1]
        print("E       0.002 ms  c1    > set")
        print("Q", who, sent[0] + 1)
        print("E       0.003 ms  node  write a.log 0+9 #00000001  ok")
        print("E       0.004 ms  c1    < +OK")
        print("R", who, "+OK\\x0d\\x0a")
        print("E       0.005 ms  node  power cut")
        print("E       0.005 ms  disk  lost: write a.log 0+9 #00000001")
        print("D power")
        print("E       0.006 ms  --    serves")
        print("S")
        print("K")
        print("R 6", "$-1\\x0d\\x0a" * 12)
        print("W")
    print("F", nonce, 0)
"""


def test_a_loss_is_told_small_and_with_a_picture(grade):
    status, test, printed = grade(LOSES)
    story = printed[printed.index("\nx 2.torn_tail"):].strip().splitlines()
    assert status == 1 and test["points"] == 0
    assert "is gone" in printed and "to 6," in printed
    assert "write a.log 0+9           LOST" in printed
    assert "c1 < +OK                <- first wrong step" in printed
    end = next(i for i, line in enumerate(story) if "REPLAY" in line)
    assert end < 25
    assert [line for line in story[:end] if len(line) >= 80] == []


def test_what_is_kept_of_a_failure_goes_when_the_test_passes(grade, tmp_path):
    grade(LOSES)
    kept, = (tmp_path / "out").iterdir()
    assert kept.name.startswith("2.torn_tail-")
    assert {path.name for path in kept.iterdir()} == {
        "schedule", "trace", "diagram.html", "history.html", "node.log"}
    assert "LOST" in (kept / "diagram.html").read_text()
    history = (kept / "history.html").read_text()
    assert 'href="diagram.html#e' in history and "+OK" in history
    assert "life over: power" in history
    assert (kept / "node.log").read_text() == "info segment begun\n"
    grade(HONEST)
    assert not (tmp_path / "out").exists()


def test_a_replay_tells_the_same_story_and_more(grade, tmp_path):
    _, test, printed = grade(LOSES)
    seed = str(test["cases"][0]["failed_seed"])
    page = tmp_path / "page.html"
    done = subprocess.run(
        [GRADER, "--server", "/bin/false", "--subject", tmp_path / "subject",
         LAB, "--replay", "torn_tail", "--seeds", seed, "--until", "3",
         "--html", page], capture_output=True, text=True, timeout=60)
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert lines[2].split()[:3] == ["3", "0.003", "ms"]
    assert "<- first wrong step" in done.stdout
    assert done.stdout.split("EXPECTED")[1].splitlines()[0] in printed
    assert "<table>" in page.read_text()


def test_until_fail_stops_at_the_first_seed(grade):
    _, test, _ = grade("os._exit(0)", "--until-fail")
    assert test["cases"][0]["failed_seed"] == 1
