#!/usr/bin/env python3
"""Adds up the JUnit files of a test run. Usage: sum_tests.py FOLDER SUITE...

Prints a line per suite and ends with "N passed, N failed". Fails when a test failed, when a suite has no result file, or
when a suite ran no test at all.
"""

import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def outcomes(path):
    passed, failed, skipped = 0, [], 0
    for case in ElementTree.parse(path).iter("testcase"):
        name = f"{case.get('classname', '')}.{case.get('name', '')}".lstrip(".")
        if case.find("failure") is not None or case.find("error") is not None:
            failed.append(name)
        elif case.find("skipped") is not None or case.get("status") == "notrun":
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def main():
    folder = pathlib.Path(sys.argv[1])
    total_passed, total_failed = 0, 0
    for suite in sys.argv[2:]:
        path = folder / f"{suite}.xml"
        if path.exists():
            passed, failed, skipped = outcomes(path)
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
