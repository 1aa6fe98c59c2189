"""labs/grade on the sources of earlier labs: the reference's, or one's own.

The grader of a small tree prints the sources that it was built from.
"""
# SPDX-License-Identifier: MIT

import shutil
import subprocess

import pytest

from conftest import ROOT, environment_of_make

SANDBOX = ROOT / "labs" / "tools" / "sandbox"
STAGES = ("stage1-low", "stage2-high")
FAULT = 3
GRADER = """\
TOP := $(abspath ../..)
all:
\t@mkdir -p $(TOP)/build/labs
\t@(echo '#!/bin/sh'; \\
\tfor file in $(TOP)/common/a.c $(TOP)/stage*/a.c; do \\
\techo "echo `cat $$file`"; done) >$(TOP)/build/labs/grader-$(LAB)
\t@chmod +x $(TOP)/build/labs/grader-$(LAB)
"""


@pytest.fixture
def tree(tmp_path):
    tree = tmp_path / "tree"
    for number, stages in (("8", STAGES[:1]), ("9", STAGES)):
        folder = tree / "labs" / f"lab{number}-fake"
        folder.mkdir(parents=True)
        (folder / "lab.yml").write_text(
            f"limits:\n  stages: [{', '.join(stages)}]\n")
    shutil.copy(ROOT / "labs" / "grade", tree / "labs")
    write(tree / "labs" / "harness", Makefile=GRADER)
    write(tree / "common", **{"a.c": "common"})
    for stage in STAGES:
        write(tree / stage, **{"a.c": stage, "Makefile": "all: ;\n"})
    return tree


def write(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)


def grade(tree, *arguments):
    return subprocess.run([tree / "labs" / "grade", *arguments], text=True,
                          capture_output=True, env=environment_of_make())


def sources_of(done):
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")[:3]


def test_the_lower_layers_are_the_trees_own(tree):
    write(tree / "mine" / "common", **{"a.c": "mine"})
    for arguments in ([], ["--lower", "ref"]):
        assert sources_of(grade(tree, "9", *arguments)) == ["common", *STAGES]


@pytest.mark.skipif(subprocess.run([SANDBOX, "--try"]).returncode != 0,
                    reason="this machine permits no namespaces")
def test_the_same_goes_for_what_is_graded_in_the_sandbox(tree):
    done = subprocess.run([SANDBOX, tree, "/dev/null", "labs/grade", "9"],
                          text=True, capture_output=True)
    assert sources_of(done) == ["common", *STAGES]


def test_ones_own_stand_in_when_asked_for_and_change_nothing(tree):
    write(tree / "mine" / "common", **{"a.c": "mine"})
    write(tree / "mine" / STAGES[0], **{"a.c": "mine-too"})
    done = grade(tree, "9", "--lower", "mine")
    assert sources_of(done) == ["mine", "mine-too", STAGES[1]]
    assert "counts for nothing" in done.stdout
    assert sources_of(grade(tree, "9")) == ["common", *STAGES]


def test_a_whole_tree_of_an_earlier_lab_gives_its_lower_layers(tree, tmp_path):
    for layer in ("common", *STAGES):
        write(tmp_path / "lab8" / layer, **{"a.c": "older",
                                            "Makefile": "$(error older)"})
    done = grade(tree, "9", "--lower", tmp_path / "lab8")
    assert sources_of(done) == ["older", "older", STAGES[1]]


@pytest.mark.parametrize("lab, folder, word", [
    ("9", "mine", "no folder"), ("9", "elsewhere", "no folder"),
    ("9", "labs", "no sources"), ("8", "common", "no lab is below")])
def test_what_cannot_stand_in_is_refused(tree, lab, folder, word):
    lower = folder if folder == "mine" else tree / folder
    done = grade(tree, lab, "--lower", lower)
    assert done.returncode == FAULT
    assert word in done.stderr
