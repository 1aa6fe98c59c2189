"""handout.py LAB DESTINATION [--lower ref]: the tree that a student begins with.

Copies this tree without the stages above the lab, replaces the bodies of the
functions that lab.yml names by stubs (or plants a bug), and leaves out what
would tell: the zoo, the alternatives, the tests of internals, the other labs.
With --lower ref the files that earlier labs leave to be written are objects.
"""
# SPDX-License-Identifier: MIT

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

import tree
from tree import LabError

STUB_HEADER = "common/base/lab_todo.h"
STUB = """\
// lab_todo.h -- what stands in the place of a function that is yours to write.
// SPDX-License-Identifier: MIT
#ifndef VEGA_COMMON_LAB_TODO_H
#define VEGA_COMMON_LAB_TODO_H

#include <stdio.h>
#include <stdlib.h>

// Says which one was called, and ends the process.
#define LAB_TODO(what)                                                         \\
    do {                                                                       \\
        fprintf(stderr, "not written yet: " what "\\n");                        \\
        exit(70);                                                              \\
    } while (0)

#endif
"""
MAKEFILE = """\
# The front door of lab {lab}. `make help` says what there is.
#
#: make        build the server: build/{stage}/vega-server
#: make grade  what your tree scores (ONLY=TEST or TEST/CASE: a part of it)
#: make handin STUDENT=name   what is submitted, checked and packed
#: make setup  install what the build needs (Debian)
#: make clean  remove all that was built
.PHONY: all help grade handin setup clean
all:
	@$(MAKE) --no-print-directory -C {folder}

help:
	@sed -n 's/^#: //p' Makefile

grade:
	@labs/grade {lab} $(if $(ONLY),-k $(ONLY))

handin:
	@labs/handin {lab} $(STUDENT)

setup:
	@common/mk/install build

clean:
	rm -rf build
"""
# Of the tree's top, and of labs/, what a student gets.
TOP = ("common", "LICENSE", ".clang-format", ".gitignore")
HIDDEN = ("zoo", "alt", "INSTRUCTOR.md", "KILLS.md")


def is_wanted(name, lab):
    parts = pathlib.PurePath(name).parts
    if parts[0] in lab["limits"]["stages"] or parts[0] in TOP:
        return True
    if parts[0] != "labs":
        return False
    if parts[1] in ("harness", "grade", "handin", "hint", "replay"):
        return True
    mine = parts[1].startswith(f"lab{lab['lab']}-")
    return mine and parts[2] not in HIDDEN


def wrap(words, width):
    line = ""
    for word in words:
        if line and len(line) + 1 + len(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}".strip()
    yield line


def stub_of(hole, function, given, number):
    lines = [f"    // {line}" for line in wrap(hole["task"].split(), 73)]
    lines += [f"    (void){name};" for name in function.parameters]
    lines += [f"    (void){name}; // There for you." for name in given]
    lines.append(f'    LAB_TODO("{number}: {hole["function"]}");')
    return "\n".join(lines) + "\n"


def add_include(text):
    """Behind the file's own header."""
    line = f'#include "{STUB_HEADER}"\n'
    return re.sub(r'^(#include "[^"]+"\n)', lambda m: m.group(1) + line, text,
                  count=1, flags=re.M)


def given_to(holes, text):
    """By hole: what of the file nothing mentions any more without its body.
    The stub mentions it, so that no compiler complains, and a student knows."""
    bodies = {hole["function"]: tree.Function(text, hole["function"]).body
              for hole in holes}
    left = text
    for body in bodies.values():
        left = left.replace(body, "")
    left = re.sub(r"//.*", "", left)
    given = {name: [] for name in bodies}
    for name in tree.static_names(text):
        users = [hole for hole, body in bodies.items()
                 if tree.mentions(body, name)]
        if users and len(re.findall(rf"\b{name}\b", left)) == 1:
            given[users[0]].append(name)
    return given


def open_holes(text, holes, number):
    given = given_to(holes, text)
    for hole in holes:
        function = tree.Function(text, hole["function"])
        stub = stub_of(hole, function, given[hole["function"]], number)
        text = text[:function.start] + stub + text[function.end:]
    return add_include(text)


def hide_lower(lab, destination):
    """Objects in the place of what earlier labs leave to be written."""
    with tempfile.TemporaryDirectory(prefix="vega-lower-") as build:
        for source in sorted({hole["file"] for hole in tree.holes_below(lab)}):
            made = pathlib.Path(build) / "obj" / source.replace(".c", ".o")
            layer = pathlib.PurePath(source).parts[0]
            run = subprocess.run(
                ["make", "--no-print-directory", "-C", tree.ROOT / layer,
                 f"BUILD={build}", "CFLAGS=-g0", made],
                env=tree.environment(), capture_output=True, text=True)
            if run.returncode != 0:
                raise LabError(f"{source} does not build:\n{run.stderr}")
            (destination / source).unlink()
            target = destination / "lower" / source.replace(".c", ".o")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(made.read_bytes())


def make(number, destination, lower=None):
    lab = tree.lab_load(number)
    destination = pathlib.Path(destination)
    if destination.exists() and any(destination.iterdir()):
        raise LabError(f"{destination} is not empty")
    tree.tree_copy(destination, lambda name: is_wanted(name, lab))
    for file in sorted({hole["file"] for hole in lab["holes"]}):
        holes = [hole for hole in lab["holes"] if hole["file"] == file]
        path = destination / file
        path.write_text(open_holes(path.read_text(), holes, number))
    if lab["holes"]:
        (destination / STUB_HEADER).write_text(STUB)
    for bug in tree.planted(lab):
        tree.plant(destination, bug)
    if lower == "ref":
        hide_lower(lab, destination)
    folder = lab["limits"]["stages"][-1]
    (destination / "Makefile").write_text(MAKEFILE.format(
        lab=number, folder=folder, stage=folder.split("-")[0]))
    handout = (tree.lab_folder(number) / "README.md").read_text()
    (destination / "README.md").write_text(handout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lab")
    parser.add_argument("destination")
    parser.add_argument("--lower", choices=["ref"])
    options = parser.parse_args()
    try:
        make(options.lab, options.destination, options.lower)
    except LabError as error:
        sys.exit(f"handout: {error}")
    print(f"Lab {options.lab} is in {options.destination}: begin with its "
          "README.md")


if __name__ == "__main__":
    main()
