#!/usr/bin/python3
"""results.py REPORT.json [--hidden HIDDEN.json]: results.json for Gradescope.

REPORT.json is what labs/batch leaves for a student, or what `labs/grade --json`
writes. Every test has its points and there is no score on top, so that
Gradescope adds them up. HIDDEN.json is a report of the same tests on seeds that
students do not know: each test's points are then shared equally by the two, and
the hidden half is shown after the due date. A test of a report that says
"hidden": true is treated likewise. What did not build, or had to be ended, has
no halves.

The format: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""
# SPDX-License-Identifier: MIT

import argparse
import json
import sys

OUTPUT_CHARACTERS_MAX = 20000


def output_of(test):
    """The stories of the cases that failed."""
    failed = [case for case in test.get("cases", [])
              if case["verdict"] != "passed"]
    if not failed:
        return f"{len(test.get('cases', []))} cases passed"
    return "\n".join(f"{case['name']}\n{case['story']}"
                     for case in failed)[:OUTPUT_CHARACTERS_MAX]


def entry(lab, number, test, share, hidden):
    return {
        "name": f"{lab}.{test['name']}" + (" (hidden seeds)" if hidden else ""),
        "number": number,
        "score": test["points"] * share,
        "max_score": test["points_max"] * share,
        "output": output_of(test),
        "output_format": "text",
        "visibility": "after_due_date" if hidden else "visible",
    }


def informational(name, status, output):
    return {"name": name, "status": status, "output": output,
            "output_format": "text", "visibility": "visible"}


def without_report(result):
    """Of what did not build, or had to be ended."""
    return [{"name": f"{result['lab']}.{name}", "number": str(at),
             "score": result["points"][name], "max_score": points_max,
             "output": result["note"], "output_format": "text",
             "visibility": "visible"}
            for at, (name, points_max)
            in enumerate(result["points_max"].items(), 1)]


def scale(tests):
    """Some tests may wait for what is built later: the others make 100."""
    total = sum(test["max_score"] for test in tests)
    for test in tests if total not in (0, 100) else []:
        test["score"] = round(test["score"] * 100 / total, 2)
        test["max_score"] = round(test["max_score"] * 100 / total, 2)
    return tests


def convert(result, hidden=None):
    """`result` is a report, or batch's with the report inside."""
    if not result.get("graded", True):
        raise SystemExit(f"not graded: {result['note']}")
    report = result.get("report", result)
    hidden = hidden if hidden and "tests" in hidden else None
    share = 0.5 if hidden else 1
    entries = []
    if "tests" in report:
        for at, test in enumerate(report["tests"], 1):
            entries.append(entry(report["lab"], str(at), test, share,
                                 test.get("hidden", False)))
        for at, test in enumerate(hidden["tests"] if hidden else [], 1):
            entries.append(entry(report["lab"], f"{at}.1", test, share, True))
    elif "points" in result:
        entries = without_report(result)
    scale(entries)
    if "printed" in result:
        entries.insert(0, informational(
            "build", "passed" if result["built"] else "failed",
            result["note"] or "built"))
        entries.append({"name": "hours.txt", "score": result["bonus"],
                        "max_score": 0, "output_format": "text",
                        "output": "one point beyond the 100 for saying how "
                                  "many hours it took",
                        "visibility": "visible"})
    output = (result.get("printed") or "")[:OUTPUT_CHARACTERS_MAX]
    return {
        "output": output,
        "output_format": "text",
        "execution_time": result.get("seconds", 0),
        "stdout_visibility": "hidden",
        "tests": entries,
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report")
    parser.add_argument("--hidden")
    options = parser.parse_args()
    with open(options.report) as file:
        result = json.load(file)
    hidden = None
    if options.hidden:
        with open(options.hidden) as file:
            hidden = json.load(file)
            hidden = hidden.get("report", hidden)
    json.dump(convert(result, hidden), sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
