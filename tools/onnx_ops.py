#!/usr/bin/env python3
"""Writes sdk/include/flowport/testing/onnx_ops.inc: what FakeHost checks emitted nodes against, from the onnx package.

A row for each version of an op from the lowest opset that Flowport writes on: name, domain, first opset, whether it was taken out
there, least and most inputs and outputs, then the slots and attributes as text. A slot is its type variable (or "-"), ":", the
bits of its element types in hexadecimal (0: no tensor), then "?" where it is optional and "*" where it repeats. An attribute is
its name, ":", its kind (FLOWPORT_ATTR_*), then "!" where it must be given.
"""

import pathlib
import sys

import onnx

LOWEST = {"": 13, "ai.onnx.ml": 1}
KINDS = {"INT": 1, "FLOAT": 2, "STRING": 3, "INTS": 4, "FLOATS": 5, "STRINGS": 6, "TENSOR": 7, "GRAPH": 10}
NAMES = {
    f"tensor({name})": number
    for name, number in {
        "float": 1, "uint8": 2, "int8": 3, "uint16": 4, "int16": 5, "int32": 6, "int64": 7, "string": 8, "bool": 9,
        "float16": 10, "double": 11, "uint32": 12, "uint64": 13, "complex64": 14, "complex128": 15, "bfloat16": 16,
    }.items()
}  # fmt: skip
MANY = 2**31 - 1


def slot_text(slot):
    bits = sum(1 << NAMES[name] for name in slot.types if name in NAMES)
    # Types of another kind (sequences, 4-bit floats) may come too: those are not judged.
    option = onnx.defs.OpSchema.FormalParameterOption
    suffix = {option.Optional: "?", option.Variadic: "*" if slot.is_homogeneous else "+"}.get(slot.option, "")
    variable = "-" if slot.type_str.startswith(("tensor", "seq", "optional")) else slot.type_str
    return f"{variable}:{bits:x}{suffix}"


def rows():
    schemas = [s for s in onnx.defs.get_all_schemas_with_history() if s.domain in LOWEST]
    by_name = {}
    for schema in schemas:
        by_name.setdefault((schema.domain, schema.name), []).append(schema)
    for (domain, name), versions in sorted(by_name.items()):
        versions.sort(key=lambda s: s.since_version)
        old = [s for s in versions if s.since_version <= LOWEST[domain]]
        for s in old[-1:] + [s for s in versions if s.since_version > LOWEST[domain]]:
            attributes = " ".join(
                f"{a.name}:{KINDS.get(a.type.name, 0)}{'!' if a.required else ''}" for _, a in sorted(s.attributes.items())
            )
            yield (
                f'{{"{name}", "{domain}", {s.since_version}, {int(s.deprecated)}, {s.min_input}, {min(s.max_input, MANY)}, '
                f'{s.min_output}, {min(s.max_output, MANY)}, "{" ".join(map(slot_text, s.inputs))}", '
                f'"{" ".join(map(slot_text, s.outputs))}", "{attributes}"}},'
            )


if __name__ == "__main__":
    text = "// Written by tools/onnx_ops.py.\n" + "\n".join(rows()) + "\n"
    if sys.argv[1:] == ["--print"]:
        print(text, end="")
    else:
        root = pathlib.Path(__file__).resolve().parent.parent
        (root / "sdk/include/flowport/testing/onnx_ops.inc").write_text(text, encoding="utf-8")
