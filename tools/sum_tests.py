#!/usr/bin/env python3
"""Adds up the JUnit files of a test run. Usage: sum_tests.py [--complete] FOLDER SUITE...

Prints a line per suite and ends with "N passed, N failed". Fails when a test failed, when a suite has no result file, or
when a suite ran no test at all. With --complete a test that was skipped since the machine lacks something ("no clang++ here")
failed.
"""

import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree


LACKS = re.compile(r"\bno \S+ here\b")


def lack_of(case):
    """What the machine lacks, so that the test was skipped; None where it was not, or for another reason."""
    skipped = case.find("skipped")
    found = None if skipped is None else LACKS.search(skipped.get("message", ""))
    return found and found.group()


def outcomes(path, is_complete):
    passed, failed, skipped = 0, [], 0
    for case in ElementTree.parse(path).iter("testcase"):
        name = f"{case.get('classname', '')}.{case.get('name', '')}".lstrip(".")
        if case.find("failure") is not None or case.find("error") is not None:
            failed.append(name)
        elif is_complete and (lack := lack_of(case)):
            failed.append(f"{name}: {lack}")
        elif case.find("skipped") is not None or case.get("status") == "notrun":
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--complete"]
    is_complete = len(arguments) < len(sys.argv) - 1
    folder = pathlib.Path(arguments[0])
    total_passed, total_failed = 0, 0
    for suite in arguments[1:]:
        path = folder / f"{suite}.xml"
        if path.exists():
            passed, failed, skipped = outcomes(path, is_complete)
            note = f", {skipped} skipped" if skipped else ""
        else:
            passed, failed, note = 0, [f"{suite}: the suite ended without results"], ""
        if not passed and not failed:
            failed = [f"{suite}: no test ran"]
        print(f"{suite}: {passed} passed, {len(failed)} failed{note}")
        for name in failed:
            print(f"  FAILED {name}")
        total_passed += passed
        total_failed += len(failed)
    print(f"{total_passed} passed, {total_failed} failed")
    return 1 if total_failed else 0


if __name__ == "__main__":
    sys.exit(main())
