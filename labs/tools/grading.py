"""One submission: a tree of its own, the grader in a sandbox, a result.

The files handed in are laid over a copy of the starter tree. That was built
once before, so that a copy compiles no more than those files.
"""
# SPDX-License-Identifier: MIT

import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import yaml

TOOLS = pathlib.Path(__file__).resolve().parent
SANDBOX = TOOLS / "sandbox"
# What the tree is called in there.
INSIDE = "/vega"
PRINTED_BYTES_MAX = 256 * 1024
# Exit statuses of labs/grade.
PASSED, FAILED, NOT_BUILT = 0, 1, 2
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8"}


class BatchError(Exception):
    """Why nothing can be begun."""


# ---- The tree that submissions are laid over


class Base:
    """The starter, built once, with the lab's description."""

    def __init__(self, options, work):
        self.options = options
        self.tree = work / "base"
        if options.tree:
            shutil.copytree(options.tree, self.tree, symlinks=True)
            # What it has built counts here, too.
            relocate(self.tree / "build", str(options.tree.resolve()),
                     str(self.tree))
        else:
            make_starter(options.lab, self.tree)
        found = list(self.tree.glob(f"labs/lab{options.lab}-*/lab.yml"))
        if len(found) != 1:
            raise BatchError(f"there is no lab {options.lab}")
        self.lab = yaml.safe_load(found[0].read_text())
        self.tests = {test["name"]: test["points"]
                      for test in self.lab["tests"] if "waits" not in test}
        self.digest = digest_of(self.tree, options.seeds)
        self.sandboxed = not options.no_sandbox
        if self.sandboxed and subprocess.run([SANDBOX, "--try"]).returncode:
            raise BatchError(
                "this machine does not permit namespaces to this user, so "
                "nothing would keep a submission from your files; as another "
                "user, or in a container that is thrown away, --no-sandbox")

    def command(self):
        seeds = ["--seeds", self.options.seeds] if self.options.seeds else []
        return ["labs/grade", self.options.lab, "--json", "report.json", *seeds]

    def build(self):
        """Grades the empty starter: the objects made are every submission's,
        and a course that does not build is not the students' fault."""
        run = run_command(self.command(), self.tree, self.options.seconds)
        if run.status not in (PASSED, FAILED):
            raise BatchError("the starter itself cannot be graded:\n" +
                             run.printed)

    def copy(self, destination):
        shutil.copytree(self.tree, destination, symlinks=True)
        (destination / "report.json").unlink(missing_ok=True)
        seen = INSIDE if self.sandboxed else str(destination)
        relocate(destination / "build", str(self.tree), seen)


def make_starter(lab, tree):
    done = subprocess.run(
        [sys.executable, TOOLS / "handout.py", lab, tree],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise BatchError("no starter: " + done.stdout)


def digest_of(tree, seeds):
    digest = hashlib.sha256(repr(seeds).encode())
    for path in sorted(tree.rglob("*")):
        if path.is_file() and path.relative_to(tree).parts[0] != "build":
            name = str(path.relative_to(tree)).encode()
            digest.update(name + b"\0" + path.read_bytes())
    return digest.hexdigest()


def relocate(build, old, new):
    """What make left names the place where it was made; so that it is not made
    again, the copy is to name its own. Times stay."""
    for path in build.rglob("*"):
        if path.is_symlink():
            target = os.readlink(path)
            path.unlink()
            path.symlink_to(target.replace(old, new, 1))
        elif path.suffix in (".d", ".list") or path.name == "flags":
            times = path.stat()
            path.write_text(path.read_text().replace(old, new))
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


# ---- Running


class Run:
    def __init__(self, status, printed, in_time):
        self.status, self.printed, self.in_time = status, printed, in_time


running = set()  # Process groups, by their first process.


def end_all():
    """For when the batch is interrupted."""
    for group in list(running):
        os.killpg(group, signal.SIGKILL)


def run_command(command, directory, seconds):
    """To its end or that of its time; then its process group is ended too."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, cwd=directory, env=ENVIRONMENT, stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        running.add(process.pid)
        try:
            status, in_time = process.wait(seconds), True
        except subprocess.TimeoutExpired:
            status, in_time = None, False
        finally:
            running.discard(process.pid)
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
        output.seek(0)
        printed = output.read(PRINTED_BYTES_MAX).decode("utf-8", "replace")
    return Run(status, printed, in_time)


def run_submission(base, tree):
    if not base.sandboxed:
        return run_command(base.command(), tree, base.options.seconds)
    return run_command([SANDBOX, tree, tree / "report.json", *base.command()],
                       tree, base.options.seconds)


# ---- From a run to a grade


def points_printed(printed, lab):
    """The lines of the table: all that is left of a run that was ended."""
    found = re.findall(rf"^ *{re.escape(str(lab))}\.(\w+) +(\d+)/\d+ ", printed,
                       re.M)
    return {name: int(points) for name, points in found}


def read_report(path):
    try:
        report = json.loads(path.read_text("utf-8", "replace"))
        points = {test["name"]: test["points"] for test in report["tests"]}
        return points, report
    except (OSError, ValueError, KeyError, TypeError):
        return {}, {}


def judge(base, run, tree):
    """Points by test, the grader's report, whether it was built, notes."""
    lab, notes = base.options.lab, []
    printed = points_printed(run.printed, lab)
    points, report = read_report(tree / "report.json")
    if not run.in_time:
        notes.append(f"ended after {base.options.seconds} s; what was not "
                     "tested by then has 0")
        points, report = printed, {}
    elif run.status == NOT_BUILT:
        notes.append("did not build")
        return {}, {}, False, notes
    elif run.status not in (PASSED, FAILED):
        notes.append(f"the grader failed (status {run.status}): look at it")
        return None, report, True, notes
    elif not report or points != printed:
        # Both come from one process: somebody else wrote to one of them.
        notes.append("what was reported is not what was printed: look at it")
        return None, report, True, notes
    return points, report, True, notes


def grade(base, submission, work):
    start = time.monotonic()
    with tempfile.TemporaryDirectory(dir=work, prefix="run-") as place:
        tree = pathlib.Path(place) / "tree"
        base.copy(tree)
        for name, data in submission.files.items():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_bytes(data)
        run = run_submission(base, tree)
        points, report, built, notes = judge(base, run, tree)
    bonus = 1 if submission.hours else 0
    graded = points is not None
    # Of 100, also when some tests wait for what is built later.
    score = (sum(points.values()) * 100 // sum(base.tests.values())
             if graded else None)
    return {
        "name": submission.name,
        "lab": base.options.lab,
        "graded": graded,
        "score": score,
        "bonus": bonus,
        "total": score + bonus if graded else None,
        "points": {name: (points or {}).get(name, 0) for name in base.tests},
        "points_max": base.tests,
        "built": built,
        "hours": submission.hours,
        "seconds": round(time.monotonic() - start, 1),
        "note": "; ".join(submission.notes + notes),
        "submission": submission.digest,
        "course": base.digest,
        "printed": run.printed,
        "report": report,
    }
