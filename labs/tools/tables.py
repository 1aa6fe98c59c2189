"""tables.py LAB [--check]: writes what README.md and HINTS.md take from lab.yml
and the zoo. With --check it only says whether they are up to date.
"""
# SPDX-License-Identifier: MIT

import re
import sys

import tree
from tree import LabError


def one_line(text):
    return " ".join(text.split()).replace("|", "\\|")


def tests_table(lab):
    rows = ["| test | points | checks | mostly fails because of |",
            "|---|---|---|---|"]
    for test in lab["tests"]:
        rows.append(f"| {test['name']} | {test['points']} | "
                    f"{one_line(test['checks'])} | "
                    f"{one_line(test['likely'])} |")
    return rows


def body_lines(hole):
    text = (tree.ROOT / hole["file"]).read_text()
    return tree.Function(text, hole["function"]).body.count("\n")


def holes_table(lab, sizes):
    rows = ["| file | function | lines |", "|---|---|---|"]
    for hole, size in zip(lab["holes"], sizes):
        rows.append(f"| `{hole['file']}` | `{hole['function']}` | {size} |")
    rows += ["", f"The reference solution takes {sum(sizes)} lines; plan "
             f"{lab['hours']} hours."]
    return rows


def replace(text, name, rows):
    pattern = rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
    made, count = re.subn(pattern, lambda match: match.group(1) +
                          "\n".join(rows) + "\n" + match.group(2), text,
                          flags=re.S)
    if count != 1:
        raise LabError(f"README.md has no place for {name}")
    return made


def hints(number, lab):
    lines = [f"# Lab {number}: hints", "",
             "Three for each known bug, from a nudge to nearly the answer: "
             "read one, think,",
             "and only then the next. `labs/hint " + str(number) + ".TEST` "
             "shows them one at a time.", ""]
    for test in lab["tests"]:
        lines += [f"## {test['name']}", ""]
        for bug in tree.zoo_load(number):
            if bug.get("caught_by") != test["name"]:
                continue
            lines += [f"### {bug['seen_as']}", ""]
            lines += [f"{i}. {one_line(hint)}"
                      for i, hint in enumerate(bug["hints"], 1)]
            lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def make(number):
    """What the two files should hold, by path."""
    lab = tree.lab_load(number)
    folder = tree.lab_folder(number)
    readme = (folder / "README.md").read_text()
    readme = replace(readme, "tests", tests_table(lab))
    if lab["holes"]:
        sizes = [body_lines(hole) for hole in lab["holes"]]
        readme = replace(readme, "holes", holes_table(lab, sizes))
    return {folder / "README.md": readme,
            folder / "HINTS.md": hints(number, lab)}


def main():
    number, check = sys.argv[1], "--check" in sys.argv[2:]
    stale = False
    for path, text in make(number).items():
        if path.exists() and path.read_text() == text:
            continue
        stale = True
        if check:
            print(f"{path.relative_to(tree.ROOT)} is not what lab.yml and the "
                  f"zoo say: run labs/tools/tables.py {number}")
        else:
            path.write_text(text)
    sys.exit(stale and check)


if __name__ == "__main__":
    main()
