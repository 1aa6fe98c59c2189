"""zoo.py LAB [--only NAME]... [--part I/N]: plants each known bug into a copy
of the tree, grades it, and tells which test killed it.

A whole run writes KILLS.md beside lab.yml. It fails when a bug survives, when
the test that its file names does not catch it, when the text to replace is
gone, when a cheat scores, or when a test catches nothing. `--part 2/5` takes
every fifth of those that are not slow, from the second on, and of the tests
that which must catch it.
"""
# SPDX-License-Identifier: MIT

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import tree
from tree import LabError

GRADE_SECONDS_MAX = 900


def grade(directory, number, *options):
    """The exit status of labs/grade there, and its JSON if it got so far. Of a
    test with seeds the first that fails is enough."""
    path = pathlib.Path(directory) / "grade.json"
    path.unlink(missing_ok=True)
    run = subprocess.run(
        ["labs/grade", str(number), "--json", str(path), "--until-fail",
         *options], cwd=directory, env=tree.environment(),
        stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=GRADE_SECONDS_MAX)
    result = json.loads(path.read_text()) if path.exists() else None
    return run.returncode, result, run.stdout + run.stderr


def failed_tests(result):
    return [test["name"] for test in result["tests"]
            if test["points"] < test["points_max"]]


class Garden:
    """A copy of the tree in which one bug at a time is planted."""

    def __init__(self, number):
        self.number = number
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="vega-zoo-"))
        stages = tuple(tree.lab_load(number)["limits"]["stages"])
        tree.tree_copy(self.path, lambda name: name.startswith(
            ("common/", "labs/") + tuple(f"{stage}/" for stage in stages)))
        tree.build_copy(self.path)

    def remove(self):
        shutil.rmtree(self.path)

    def plant(self, bug):
        tree.plant(self.path, bug)

    def weed(self, bug):
        for change in bug["changes"]:
            path = self.path / change["file"]
            path.write_text((tree.ROOT / change["file"]).read_text())

    def grade_with(self, bug, *options):
        self.plant(bug)
        try:
            return grade(self.path, self.number, *options)
        finally:
            self.weed(bug)


def judge(bug, status, result, output):
    """What is wrong with the outcome, or None; and the tests that failed."""
    if status == 2 or result is None:
        return f"did not build or grade:\n{output}", []
    failed = failed_tests(result)
    if status == 3:
        return f"was the grader's own fault:\n{output}", failed
    if bug.get("cheat"):
        score = result["score"]
        return (f"scores {score}" if score else None), failed
    if not failed:
        return "survives", failed
    if bug["caught_by"] not in failed:
        return f"is not caught by {bug['caught_by']}", failed
    return None, failed


def try_one(garden, bug, named_only):
    only = ["-k", bug["caught_by"]] if named_only and "caught_by" in bug else []
    try:
        return judge(bug, *garden.grade_with(bug, *only))
    except LabError as error:
        return f"cannot be planted: {error}", []


def write_matrix(number, kills):
    names = [test["name"] for test in tree.tests_of(tree.lab_load(number))]
    lines = [f"# Lab {number}: who kills which bug", "",
             "Written by `make zoo`. X: the test that must; x: others that do.",
             "", "| bug | " + " | ".join(names) + " |",
             "|---" * (len(names) + 1) + "|"]
    for bug, failed in kills:
        cells = [" " if name not in failed else
                 "X" if name == bug.get("caught_by") else "x"
                 for name in names]
        lines.append(f"| {bug['name']} | " + " | ".join(cells) + " |")
    path = tree.lab_folder(number) / "KILLS.md"
    path.write_text("\n".join(lines) + "\n")


def choose(bugs, only, part):
    if only:
        return [bug for bug in bugs if bug["name"] in only]
    if part:
        first, of = map(int, part.split("/"))
        return [bug for bug in bugs if not bug.get("slow")][first % of::of]
    return bugs


def idle_tests(number, bugs):
    """Tests that no bug of the zoo is there for."""
    named = {bug.get("caught_by") for bug in bugs}
    return [test["name"] for test in tree.tests_of(tree.lab_load(number))
            if test["name"] not in named]


def try_all(garden, bugs, named_only):
    """Yields each bug, the tests that it failed, and what is wrong with that."""
    for bug in bugs:
        wrong, failed = try_one(garden, bug, named_only)
        print(f"{'FAIL' if wrong else 'ok  '}  {bug['name']:<24} "
              f"{' '.join(failed)}", flush=True)
        yield bug, failed, wrong


def run(garden, only=None, part=None):
    """True if nothing is wrong. The reference has been graded."""
    number = garden.number
    bugs = tree.zoo_load(number)
    chosen = choose(bugs, only, part)
    faults = [f"{name} catches nothing" for name in idle_tests(number, bugs)]
    kills = []
    for bug, failed, wrong in try_all(garden, chosen, part):
        kills.append((bug, failed))
        if wrong:
            faults.append(f"{bug['name']} {wrong}")
    if len(chosen) == len(bugs) and not faults:
        write_matrix(number, kills)
    for fault in faults:
        print(f"zoo: {fault}")
    print(f"{len(chosen)} of lab {number}'s {len(bugs)} bugs and cheats tried, "
          f"{len(faults)} faults", flush=True)
    return not faults


def check_reference(garden):
    status, result, output = grade(garden.path, garden.number)
    if status != 0 or result["score"] != 100:
        raise LabError(f"the reference does not score 100:\n{output}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lab")
    parser.add_argument("--only", action="append")
    parser.add_argument("--part")
    options = parser.parse_args()
    garden = Garden(options.lab)
    try:
        check_reference(garden)
        good = run(garden, options.only, options.part)
    except LabError as error:
        sys.exit(f"zoo: {error}")
    finally:
        garden.remove()
    sys.exit(not good)


if __name__ == "__main__":
    main()
