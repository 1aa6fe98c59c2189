"""tables.py LAB [--check]: writes what README.md and HINTS.md take from lab.yml
and the zoo, and the course page's numbers of all labs. With --check it only
says whether they are up to date.
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
        waits = (f" (not yet: it waits for {test['waits']}, and the others "
                 "are scaled to 100)" if "waits" in test else "")
        rows.append(f"| {test['name']} | {test['points']} | "
                    f"{one_line(test['checks'])}{waits} | "
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


# ---- The course page


def kills(number):
    """Of bugs and of cheats: those that KILLS.md has as caught, and all."""
    lines = (tree.lab_folder(number) / "KILLS.md").read_text().splitlines()
    caught = {line.split("|")[1].strip() for line in lines
              if re.search(r"\| [Xx] \|", line)}
    bugs, cheats = [], []
    for change in tree.zoo_load(number):
        (cheats if change.get("cheat") else bugs).append(change["name"])
    return [f"{len(caught.intersection(names))} of {len(names)}"
            if names else "" for names in (bugs, cheats)]


def numbers_of(lab):
    """A column of the table."""
    number = lab["lab"]
    holes, others = lab["holes"], (tree.lab_folder(number) / "alt").glob("*")
    seeds = sum(test.get("seeds", 0) for test in lab["tests"])
    return [f"lab {number}", len(holes) or "",
            sum(map(body_lines, holes)) or 1, lab["hours"], *kills(number),
            len(list(others)) or "", f"{seeds:,}" if seeds else ""]


def numbers_table():
    names = ["", "functions to write", "lines of the reference's", "hours",
             "bugs killed, of those planted", "cheats that score 0",
             "other solutions that score 100", "seeds of all tests"]
    columns = [names, *(numbers_of(lab) for lab in tree.labs_load())]
    rows = ["| " + " | ".join(map(str, row)) + " |" for row in zip(*columns)]
    return [rows[0], "|---" * len(columns) + "|", *rows[1:]]


# ---- Files


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
    for test in tree.tests_of(lab):
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
    page = tree.ROOT / "labs" / "README.md"
    return {folder / "README.md": readme,
            folder / "HINTS.md": hints(number, lab),
            page: replace(page.read_text(), "numbers", numbers_table())}


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
