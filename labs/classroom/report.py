#!/usr/bin/python3
"""report.py REPORT.json: a grade for GitHub's pages, from `labs/grade --json`.

Prints the annotations from which GitHub Classroom reads points, writes a table
into the summary of the run (GITHUB_STEP_SUMMARY), and fails if a test did.
"""
# SPDX-License-Identifier: MIT

import json
import os
import sys


def annotations(report):
    points = {"totalPoints": report["score"], "maxPoints": report["score_max"]}
    return [f"::notice title=Autograding complete::Points "
            f"{report['score']}/{report['score_max']}",
            f"::notice title=Autograding report::{json.dumps(points)}"]


def first_failed(test):
    for case in test["cases"]:
        if case["verdict"] != "passed":
            return case["name"]
    return ""


def table(report):
    lines = [f"## Lab {report['lab']}: {report['score']} of "
             f"{report['score_max']}", "",
             "| test | points | first case that failed |", "|---|---|---|"]
    lines += [f"| {test['name']} | {test['points']}/{test['points_max']} | "
              f"{first_failed(test)} |" for test in report["tests"]]
    return lines


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    with open(sys.argv[1]) as file:
        report = json.load(file)
    print("\n".join(annotations(report)))
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        with open(summary, "a") as file:
            file.write("\n".join(table(report)) + "\n")
    sys.exit(report["score"] < report["score_max"])


if __name__ == "__main__":
    main()
