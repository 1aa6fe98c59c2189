"""What the tools of the labs share: labs, trees of files, functions in C."""
# SPDX-License-Identifier: MIT

import os
import pathlib
import re
import shutil
import subprocess

import yaml

from grading import relocate

ROOT = pathlib.Path(__file__).resolve().parents[2]
MADE = (".git", "build", "out", "vega-data", "__pycache__")


class LabError(Exception):
    """What the user of a tool has to know, and no trace of calls."""


def lab_folder(number):
    found = list((ROOT / "labs").glob(f"lab{number}-*"))
    if len(found) != 1:
        raise LabError(f"there is no lab {number}")
    return found[0]


def lab_load(number):
    return yaml.safe_load((lab_folder(number) / "lab.yml").read_text())


def tests_of(lab):
    """Those that can be run: not what waits for a part that is built later."""
    return [test for test in lab["tests"] if "waits" not in test]


def labs_load():
    """All labs, the first one first."""
    return [lab_load(folder.name[3:].split("-")[0])
            for folder in sorted((ROOT / "labs").glob("lab?*-*"))]


def holes_below(lab):
    """What the labs below this one leave to be written, and this one has
    complete."""
    mine = {hole["file"] for hole in lab["holes"]}
    holes = []
    for other in labs_load():
        if str(other["lab"]) < str(lab["lab"]):
            holes += [hole for hole in other["holes"]
                      if hole["file"] not in mine]
    return holes


def environment():
    """Ours without what a make above this one handed down."""
    return {name: value for name, value in os.environ.items()
            if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "VARIANT",
                            "BUILD")}


def change_load(path):
    """A change of the tree, as zoo/ and alt/ hold them, with its name."""
    change = yaml.safe_load(path.read_text())
    change["name"] = path.stem
    return change


def zoo_load(number):
    """The bugs and cheats of a lab, in the order of their names."""
    folder = lab_folder(number) / "zoo"
    return [change_load(path) for path in sorted(folder.glob("*.yml"))]


def tree_files():
    """The files of this tree, tracked or about to be; also without git."""
    if (ROOT / ".git").exists():
        names = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, check=True, capture_output=True, text=True).stdout
        return [name for name in names.splitlines() if (ROOT / name).exists()]
    return [str(path.relative_to(ROOT)) for path in ROOT.rglob("*")
            if path.is_file() and
            path.relative_to(ROOT).parts[0] not in MADE]


def tree_copy(destination, wanted=lambda name: True):
    for name in tree_files():
        if not wanted(name):
            continue
        target = pathlib.Path(destination) / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target, follow_symlinks=False)


def build_copy(destination):
    """What this tree has built, for a copy of it: make then builds only where
    the two differ. Nothing is copied where nothing was built."""
    for name in ("obj", "lib", "see", "flags"):
        made = ROOT / "build" / name
        target = pathlib.Path(destination) / "build" / name
        if made.is_dir():
            shutil.copytree(made, target, symlinks=True)
        elif made.exists():
            shutil.copy2(made, target)
    relocate(pathlib.Path(destination) / "build", str(ROOT), str(destination))


def plant(root, change):
    """Makes a change in the tree at `root`; each text must be there once."""
    for step in change["changes"]:
        path = pathlib.Path(root) / step["file"]
        text = path.read_text()
        if text.count(step["old"]) != 1:
            raise LabError(
                f"{change['name']}: its text is {text.count(step['old'])} "
                f"times in {step['file']}, not once")
        path.write_text(text.replace(step["old"], step["new"]))


def planted(lab):
    """The bugs that the starter of a lab has from the beginning."""
    names = lab.get("planted", [])
    return [bug for bug in zoo_load(lab["lab"]) if bug["name"] in names]


def opened_files(lab):
    """The files in which a starter differs from the reference."""
    files = {hole["file"] for hole in lab["holes"]}
    for bug in planted(lab):
        files.update(step["file"] for step in bug["changes"])
    return sorted(files)


def static_names(text):
    """What a C source defines for itself alone: functions and variables."""
    functions = re.findall(r"^static [^\n;={}]*?\b(\w+)\([^;{}]*\)\n{", text,
                           re.M)
    variables = re.findall(r"^static const [^\n;({}]*?\b(\w+)(?:\[\w*\])* =",
                           text, re.M)
    return functions + variables


def mentions(text, name):
    return re.search(rf"\b{name}\b", text) is not None


class Function:
    """The definition of a function in a C source laid out by clang-format:
    it begins in column 0, and its braces stand there alone."""

    def __init__(self, text, name):
        match = re.search(
            rf"^[a-z][^\n;={{}}]*\b{name}\(([^;{{}}]*)\)\n{{\n(.*?)^}}\n",
            text, re.M | re.S)
        if not match:
            raise LabError(f"there is no function {name}")
        self.start, self.end = match.start(2), match.end(2)
        self.body = match.group(2)
        parts = [part.strip() for part in match.group(1).split(",")]
        self.parameters = [re.search(r"(\w+)(?:\[\w*\])*$", part).group(1)
                           for part in parts if part != "void"]
