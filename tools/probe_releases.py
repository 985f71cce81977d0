#!/usr/bin/env python3
"""Measures what releases of ONNX Runtime take: opsets, IR version, and the CPU kernels that they lack.

    probe_releases.py OUT.json RELEASE=PYTHON:FOLDER...

FOLDER has the packages of that release (pip install --target FOLDER --no-deps onnxruntime==RELEASE, and numpy beside it in further
folders, ':' between them), PYTHON is an interpreter that they are for. This script itself needs onnx and onnxruntime: it makes the
models, and the release's own interpreter only loads them. What was measured is written as JSON, which
tools/make_onnxruntime_targets.py turns into configs/targets/onnxruntime.yaml.
"""

import argparse
import json
import os
import pathlib
import struct
import subprocess
import sys

import onnx
import probe_kernels
from onnx import TensorProto, defs, helper

WORKER = """
import json, os, struct, sys
out = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
import onnxruntime as ort
options = ort.SessionOptions()
options.log_severity_level = 4
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
source = sys.stdin.buffer
while True:
    head = source.read(4)
    if len(head) < 4:
        break
    model = source.read(struct.unpack("<I", head)[0])
    try:
        ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        answer = None
    except Exception as error:
        answer = str(error)
    out.write(json.dumps(answer) + chr(10))
    out.flush()
"""


# Loads only where the machine has the locale en_US.
LEFT_OUT = {"StringNormalizer"}


class Release(probe_kernels.Probe):
    """Asks another interpreter's onnxruntime. What does not load for whatever reason is not taken."""

    def __init__(self, python: str, folders: str) -> None:
        self.command = [python, "-c", WORKER]
        self.environment = {**os.environ, "PYTHONPATH": folders}
        self.sessions = 0
        self.worker: subprocess.Popen | None = None

    def error_of(self, model: onnx.ModelProto) -> str | None:
        """What the release says when it loads the model; None where it takes it."""
        self.sessions += 1
        if self.worker is None:
            self.worker = subprocess.Popen(
                self.command, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        data = model.SerializeToString()
        try:
            self.worker.stdin.write(struct.pack("<I", len(data)) + data)
            self.worker.stdin.flush()
            line = self.worker.stdout.readline()
        except BrokenPipeError:
            line = b""
        if not line:
            self.worker.wait()
            self.worker = None
            return "the process ended"
        return json.loads(line)

    def loads(self, schema: defs.OpSchema, opset: int, types: probe_kernels.Types, with_optional: bool) -> bool | str:
        return self.error_of(probe_kernels.model_of(schema, opset, types, with_optional)) is None

    def close(self) -> None:
        if self.worker is not None:
            self.worker.stdin.close()
            self.worker.wait()


def tiny(domain: str, opset: int, ir: int, op: str = "Relu") -> onnx.ModelProto:
    """A model of one node of `domain`."""
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [2])
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, [2])
    attributes = {"scale": [2.0], "offset": [0.0]} if domain else {"to": TensorProto.FLOAT} if op == "Cast" else {}
    node = helper.make_node("Scaler" if domain else op, ["x"], ["y"], domain=domain, **attributes)
    imports = [helper.make_opsetid("", 13 if domain else opset)]
    if domain:
        imports.append(helper.make_opsetid(domain, opset))
    return helper.make_model(helper.make_graph([node], "g", [value], [result]), opset_imports=imports, ir_version=ir)


def highest(release: Release, models: dict[int, list[onnx.ModelProto]]) -> int:
    """The highest version all of whose models load."""
    return max(version for version, those in models.items() if all(release.error_of(model) is None for model in those))


def measure(release: Release) -> dict:
    # A release may know an opset before it has its kernels: 1.15 has no Cast and no Identity of opset 19.
    opsets = range(12, probe_kernels.LAST_OPSET + 1)
    opset = highest(release, {n: [tiny("", n, 6, op) for op in ("Relu", "Cast", "Identity")] for n in opsets})
    found: dict = {
        "opset": opset,
        "ml": highest(release, {n: [tiny("ai.onnx.ml", n, 6)] for n in range(1, 7)}),
        "ir": highest(release, {n: [tiny("", 12, n)] for n in range(3, 20)}),
        "denials": {},
    }
    for op in probe_kernels.op_names():
        if op in LEFT_OUT or not probe_kernels.has_schema(op, opset):
            continue
        denials = release.denials(op, opset)
        schema = defs.get_schema(op, opset, "")
        first = schema.inputs[0].type_str if schema.inputs else ""
        rows = {"" if variable == first else variable: mask for variable, mask in denials.items()}
        if rows:
            found["denials"][op] = rows
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("releases", nargs="+", metavar="RELEASE=PYTHON:FOLDER")
    arguments = parser.parse_args()
    found = json.loads(arguments.out.read_text()) if arguments.out.exists() else {}
    for item in arguments.releases:
        name, _, place = item.partition("=")
        python, _, folders = place.partition(":")
        release = Release(python, folders)
        row = {"package": name, **measure(release)}
        release.close()
        found[name.rsplit(".", 1)[0]] = row
        print(
            f"{name}: opset {row['opset']}, ml {row['ml']}, IR {row['ir']}, {len(row['denials'])} ops with denials, "
            f"{release.sessions} sessions",
            file=sys.stderr,
            flush=True,
        )
        arguments.out.write_text(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
