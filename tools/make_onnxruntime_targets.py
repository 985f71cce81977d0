#!/usr/bin/env python3
"""Writes configs/targets/onnxruntime.yaml from what tools/probe_releases.py measured.

    make_onnxruntime_targets.py MEASURED.json OUT.yaml

Each release has the limits of the target `onnxruntime-cpu` (plugins/builtin/targets/kernels.hpp, of the newest release) and those
that it alone has: a release's entry lists what kernels.hpp does not.
"""

import argparse
import json
import pathlib
import re
import sys
import textwrap

import onnx
from onnx import TensorProto

ROOT = pathlib.Path(__file__).resolve().parent.parent
KERNELS = ROOT / "plugins/builtin/targets/kernels.hpp"
ROW = re.compile(r'\{"",\s*"(\w+)",\s*([\w\s|]+?),\s*kNo\w+,\s*(nullptr|"\w+"),\s*(\d+),\s*(\d+),\s*0\}')
NAMES = {number: name.lower() for name, number in TensorProto.DataType.items()}

HEAD = """\
# Made by tools/make_onnxruntime_targets.py: do not edit.
# ONNX Runtime releases, CPU execution provider. Source: measured with tools/probe_releases.py on the package of each release (the
# last patch of each minor). The opsets are the highest official ones that have their kernels, the IR version is the highest that the release loads, and
# the denials are the kernels that it lacks where the release that `onnxruntime-cpu` was measured with has them. Left out, since
# bodies and not types decide: If, Loop, Scan, sequence ops; and StringNormalizer, which needs a locale to load.
flowport: 1
targets:
"""


def base_denials(opset: int) -> dict[tuple[str, str], int]:
    found = {}
    for op, mask, variable, first, last in ROW.findall(KERNELS.read_text()):
        if (int(first) and opset < int(first)) or (int(last) and opset > int(last)):
            continue
        bits = 0
        for name in re.findall(r"k(\w+)", mask):
            bits |= 1 << TensorProto.DataType.Value(name.upper())
        found[op, "" if variable == "nullptr" else variable.strip('"')] = bits
    return found


def rows_of(release: dict) -> dict[tuple[int, str], list[str]]:
    """Ops by what is denied: element types (0: all) of a variable."""
    base = base_denials(release["opset"])
    groups: dict[tuple[int, str], list[str]] = {}
    for op, variables in sorted(release["denials"].items()):
        for variable, mask in variables.items():
            known = base.get((op, variable))
            if known == 0 or base.get((op, "")) == 0:
                continue
            if mask == 0:
                groups.setdefault((0, ""), []).append(op)
            elif mask & ~(known or 0):
                groups.setdefault((mask & ~(known or 0), variable), []).append(op)
    return groups


def entry_of(ops: list[str], mask: int, variable: str) -> str:
    names = "[" + ", ".join(ops) + "]" if len(ops) > 1 else ops[0]
    line = f"      - {{ op: {names}"
    if mask:
        types = ", ".join(NAMES[bit] for bit in range(1, 64) if mask >> bit & 1)
        line += f", types: [{types}]"
    if variable:
        line += f", variable: {variable}"
    line += ", reason: no kernel in this release }"
    return textwrap.fill(line, 130, subsequent_indent=" " * 10, break_on_hyphens=False, break_long_words=False)


def target_of(name: str, release: dict) -> str:
    lines = [
        f"  onnxruntime-{name}:",
        "    parent: onnxruntime-cpu",
        f"    ir: {release['ir']}",
        f"    opsets: {{ ai.onnx: {release['opset']}, ai.onnx.ml: {release['ml']} }}",
        f"    doc: ONNX Runtime {name}, CPU",
        f"    source: onnxruntime {release['package']}, each kernel measured",
    ]
    rows = rows_of(release)
    if rows:
        lines.append("    deny:")
        lines += [entry_of(ops, mask, variable) for (mask, variable), ops in sorted(rows.items(), key=lambda r: r[1])]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("measured", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    arguments = parser.parse_args()
    releases = json.loads(arguments.measured.read_text())
    ordered = sorted(releases.items(), key=lambda item: [int(part) for part in item[0].split(".")])
    arguments.out.write_text(HEAD + "".join(target_of(name, release) for name, release in ordered), encoding="utf-8")
    print(f"{len(ordered)} releases, onnx {onnx.__version__}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
