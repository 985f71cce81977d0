#!/usr/bin/env python3
"""Checks the rules of the house that a compiler does not: which room includes which, heavy headers, the size of files.

Prints one line per offence and fails when there is one.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MOST_LINES = 500

# A room may include itself and the rooms named here: those below it on the picture in docs/architecture.md.
FORMATS = {"base", "onnx", "tensorflow"}
REGISTRY = FORMATS | {"registry"}
SESSION = REGISTRY | {"config", "host"}
MAY_INCLUDE = {
    "base": set(),
    "onnx": {"base"},
    "tensorflow": {"base"},
    "registry": FORMATS,
    "config": REGISTRY,
    "host": REGISTRY | {"config"},
    "convert": SESSION,
    "recognize": SESSION | {"convert"},
    "optimize": SESSION,
    "write": SESSION,
    "report": SESSION | {"convert", "optimize", "write"},
    "cli": SESSION | {"convert", "recognize", "optimize", "write", "report"},
}
HEAVY = re.compile(r"google/protobuf/|.*\.pb\.h$|onnx/(defs|shape_inference|common|checker|onnx)[-_/.]|yaml-cpp/|boost/|nlohmann/")
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')


def tracked(*patterns):
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns]
    names = subprocess.run(command, check=True, capture_output=True).stdout.decode().split("\0")
    return [pathlib.PurePosixPath(name) for name in names if name and (ROOT / name).is_file()]


def includes(path):
    for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1)


def check_core(path):
    room = path.parts[1]
    if room not in MAY_INCLUDE:
        yield f"{path}: there is no room '{room}'"
        return
    for number, header in includes(path):
        other = header.split("/")[0]
        in_core = (ROOT / "core" / header).exists()
        if in_core and other != room and other not in MAY_INCLUDE[room]:
            yield f"{path}:{number}: the room '{room}' may not include '{header}'"
        if path.suffix == ".h" and HEAVY.match(header) and not in_core:
            yield f"{path}:{number}: '{header}' is heavy: include it in a .cpp file"


def check_plugin(path):
    for number, header in includes(path):
        inside = (ROOT / path.parent / header).resolve().is_relative_to(ROOT / "plugins")
        if "/" in header and not header.startswith("flowport/") and not inside:
            yield f"{path}:{number}: a plugin uses nothing but sdk/, not '{header}'"


def check_size(path):
    lines = (ROOT / path).read_bytes().count(b"\n")
    if lines > MOST_LINES:
        yield f"{path}: {lines} lines; a file of more than {MOST_LINES} has two subjects"


def main():
    offences = []
    for path in tracked("core/*.h", "core/*.cpp"):
        offences += check_core(path)
    for path in tracked("plugins/*.hpp", "plugins/*.h", "plugins/*.cpp"):
        offences += check_plugin(path)
    for path in tracked("*.h", "*.hpp", "*.cpp", "*.py", "meson.build", "*/meson.build", "dev"):
        offences += check_size(path)
    for offence in offences:
        print(offence)
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
