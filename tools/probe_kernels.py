#!/usr/bin/env python3
"""Measures which element types ONNX Runtime's CPU kernels lack although ONNX's schemas allow them.

For every op of ai.onnx (control flow left out), every opset from 13 on, every type variable of the op's schema and every
element type that the schema allows for it, a model of one node is loaded, the other variables held at a type that works.
A model that does not load for want of a kernel is a denial; any other error is a fault of this script and ends it.

    probe_kernels.py OUT.hpp        writes the table that plugins/builtin/targets is built from
    probe_kernels.py --op Resize    prints what is found for one op

Needs onnx and onnxruntime.
"""

import argparse
import itertools
import math
import pathlib
import re
import sys
import textwrap
import typing

import onnx
import onnxruntime as ort
from onnx import TensorProto, defs, helper

FIRST_OPSET = 13
LAST_OPSET = defs.onnx_opset_version()
IR_VERSIONS = {row[2]: row[1] for row in helper.VERSION_TABLE}

# Bodies, not types, decide about these; or their values are sequences and optionals, which no TensorFlow op becomes.
LEFT_OUT = {
    "If", "Loop", "Scan", "SequenceMap", "Constant", "ImageDecoder", "Optional", "OptionalGetElement", "OptionalHasElement",
    "SequenceAt", "SequenceConstruct", "SequenceEmpty", "SequenceErase", "SequenceInsert", "SequenceLength",
    "ConcatFromSequence", "SplitToSequence", "TfIdfVectorizer", "MaxRoiPool",
}  # fmt: skip

TYPE_NAMES = {
    "float": TensorProto.FLOAT, "uint8": TensorProto.UINT8, "int8": TensorProto.INT8, "uint16": TensorProto.UINT16,
    "int16": TensorProto.INT16, "int32": TensorProto.INT32, "int64": TensorProto.INT64, "string": TensorProto.STRING,
    "bool": TensorProto.BOOL, "float16": TensorProto.FLOAT16, "double": TensorProto.DOUBLE, "uint32": TensorProto.UINT32,
    "uint64": TensorProto.UINT64, "bfloat16": TensorProto.BFLOAT16,
}  # fmt: skip
NAME_OF = {number: name for name, number in TYPE_NAMES.items()}

# Tried in this order to find types at which the op loads.
PREFERRED = ["float", "int64", "int32", "bool", "uint8", "int8", "string", "double", "float16"]

# Attributes that a node needs beside those with defaults.
ATTRIBUTES = {
    "AveragePool": {"kernel_shape": [2, 2]},
    "BitShift": {"direction": "LEFT"},
    "Concat": {"axis": 0},
    "DepthToSpace": {"blocksize": 2},
    "Einsum": {"equation": "ij,jk->ik"},
    "GRU": {"hidden_size": 2},
    "GroupNormalization": {"num_groups": 1},
    "LRN": {"size": 3},
    "LSTM": {"hidden_size": 2},
    "LinearAttention": {"kv_num_heads": 1, "q_num_heads": 1},
    "LpPool": {"kernel_shape": [2, 2]},
    "MaxPool": {"kernel_shape": [2, 2]},
    "MaxUnpool": {"kernel_shape": [2, 2]},
    "RNN": {"hidden_size": 2},
    "RandomNormal": {"shape": [2]},
    "RandomUniform": {"shape": [2]},
    "RegexFullMatch": {"pattern": "a"},
    "SpaceToDepth": {"blocksize": 2},
    "Upsample": {"mode": "nearest"},
}  # fmt: skip

# Variables of outputs that only an attribute decides: the attribute.
DECIDED_BY = {
    ("Cast", "T2"): "to",
    ("BitCast", "T2"): "to",
    ("EyeLike", "T2"): "dtype",
    ("Bernoulli", "T2"): "dtype",
    ("RandomNormal", "T"): "dtype",
    ("RandomUniform", "T"): "dtype",
    ("RandomNormalLike", "T2"): "dtype",
    ("RandomUniformLike", "T2"): "dtype",
    ("Multinomial", "T2"): "dtype",
    ("BlackmanWindow", "T2"): "output_datatype",
    ("HammingWindow", "T2"): "output_datatype",
    ("HannWindow", "T2"): "output_datatype",
    ("MelWeightMatrix", "T3"): "output_datatype",
    ("ConstantOfShape", "T2"): "value",
}  # fmt: skip

# Optional inputs that exclude others.
WITHOUT = {"Resize": {"sizes", "roi"}}

# Ops whose type variables have nothing to do with each other: what is left of them works in every combination, as many as
# possible, or as many as possible of the variable named here. Variables of other ops are meant to have one type, or one of
# them has an element type of its own.
INDEPENDENT = {"EyeLike": "", "OneHot": "T3", "RandomNormalLike": "", "RandomUniformLike": ""}

# What ONNX Runtime says when it lacks a kernel; and when the body that it puts in the place of an op does not check.
NO_KERNEL = re.compile(r"NOT_IMPLEMENTED|Could not find an implementation")
BAD_BODY = re.compile(r"Type Error: Type .*of operator \((\w+)\)|Type Error: Type parameter .* of Optype \((\w+)\)")

Types = dict[str, int]


def element_types(schema: defs.OpSchema) -> dict[str, list[int]]:
    """The tensor element types that the schema allows, by type variable."""
    found = {}
    for constraint in schema.type_constraints:
        names = [re.fullmatch(r"tensor\((\w+)\)", text) for text in constraint.allowed_type_strs]
        types = [TYPE_NAMES[m[1]] for m in names if m and m[1] in TYPE_NAMES]
        if types:
            found[constraint.type_param_str] = types
    return found


def type_of(text: str, types: Types) -> int:
    concrete = re.fullmatch(r"tensor\((\w+)\)", text)
    return TYPE_NAMES[concrete[1]] if concrete else types[text]


def model_of(schema: defs.OpSchema, opset: int, types: Types, with_optional: bool) -> onnx.ModelProto:
    inputs, names = [], []
    for i, formal in enumerate(schema.inputs):
        is_left_out = formal.option == defs.OpSchema.FormalParameterOption.Optional and (
            not with_optional or formal.name in WITHOUT.get(schema.name, set())
        )
        if is_left_out:
            names.append("")
            continue
        copies = 2 if formal.option == defs.OpSchema.FormalParameterOption.Variadic else 1
        for copy in range(copies):
            name = f"x{i}_{copy}"
            inputs.append(helper.make_tensor_value_info(name, type_of(formal.type_str, types), None))
            names.append(name)
    while names and not names[-1]:
        names.pop()

    outputs, output_names = [], []
    for i, formal in enumerate(schema.outputs):
        if formal.option == defs.OpSchema.FormalParameterOption.Optional:
            break
        outputs.append(helper.make_tensor_value_info(f"y{i}", type_of(formal.type_str, types), None))
        output_names.append(f"y{i}")

    attributes = {
        name: value for name, value in ATTRIBUTES.get(schema.name, {}).items() if name in schema.attributes
    }
    for variable, dtype in types.items():
        attribute = DECIDED_BY.get((schema.name, variable))
        if attribute == "value":
            zero = helper.make_tensor("value", dtype, [1], [b"" if dtype == TensorProto.STRING else 0])
            attributes[attribute] = zero
        elif attribute and attribute in schema.attributes:
            attributes[attribute] = dtype
    node = helper.make_node(schema.name, names, output_names, **attributes)
    return helper.make_model(
        helper.make_graph([node], "probe", inputs, outputs),
        opset_imports=[helper.make_opsetid("", opset)],
        ir_version=IR_VERSIONS[opset],
    )


class Probe:
    def __init__(self) -> None:
        self.options = ort.SessionOptions()
        self.options.log_severity_level = 4
        self.options.intra_op_num_threads = 1
        self.options.inter_op_num_threads = 1
        self.options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        self.sessions = 0

    def loads(self, schema: defs.OpSchema, opset: int, types: Types, with_optional: bool) -> bool | str:
        """True: it loads. False: there is no kernel. Else the error."""
        self.sessions += 1
        model = model_of(schema, opset, types, with_optional)
        try:
            ort.InferenceSession(model.SerializeToString(), self.options, providers=["CPUExecutionProvider"])
        except Exception as error:  # noqa: BLE001 (ONNX Runtime has many exception classes)
            text = str(error)
            in_body = BAD_BODY.search(text)
            if NO_KERNEL.search(text) or (in_body and (in_body[1] or in_body[2]) != schema.name):
                return False
            return text
        return True

    def base(self, schema: defs.OpSchema, opset: int, allowed: dict[str, list[int]]) -> tuple[Types, bool] | None:
        """Types at which the op loads, and whether with its optional inputs; None where it loads at none."""
        order = [TYPE_NAMES[name] for name in PREFERRED]
        ranked = [sorted(types, key=lambda t: order.index(t) if t in order else 99) for types in allowed.values()]
        answers: list[bool | str] = []
        for with_optional in (True, False):
            for combination in itertools.islice(itertools.product(*ranked), 200):
                types = dict(zip(allowed, combination))
                answers.append(self.loads(schema, opset, types, with_optional))
                if answers[-1] is True:
                    return types, with_optional
        if False in answers:
            return None
        raise SystemExit(f"{schema.name} at opset {opset}: {answers[-1]}")

    def denials(self, name: str, opset: int) -> dict[str, int]:
        """Bits of the element types that have no kernel, by type variable; {"": 0} where the op has none at all."""
        schema = defs.get_schema(name, opset, "")
        allowed = element_types(schema)
        base = self.base(schema, opset, allowed)
        if base is None:
            return {"": 0}
        types, with_optional = base
        if name in INDEPENDENT:
            return self.denials_of_independent(schema, opset, allowed, with_optional)
        found = {}
        for variable, choices in allowed.items():
            mask = 0
            for dtype in choices:
                # Alone, and together with the other variables that may have this type.
                alone = {**types, variable: dtype}
                together = {v: dtype if dtype in allowed[v] else t for v, t in alone.items()}
                answers = [self.loads(schema, opset, choice, with_optional) for choice in (alone, together)]
                if True in answers:
                    continue
                if False not in answers:
                    raise SystemExit(f"{name} at opset {opset}, {variable} = {NAME_OF[dtype]}: {answers}")
                mask |= 1 << dtype
            if mask:
                found[variable] = mask
        return found

    def denials_of_independent(
        self, schema: defs.OpSchema, opset: int, allowed: dict[str, list[int]], with_optional: bool
    ) -> dict[str, int]:
        """Of the sets of types that work in every combination, what the largest leaves out."""
        working = {
            combination
            for combination in itertools.product(*allowed.values())
            if self.loads(schema, opset, dict(zip(allowed, combination)), with_optional) is True
        }
        variables = list(allowed)
        widest = INDEPENDENT[schema.name] or variables[-1]
        at = variables.index(widest)
        others = [sorted({c[i] for c in working}) for i in range(len(variables)) if i != at]
        best: tuple[tuple[int, int], list[set[int]]] = ((0, 0), [])
        for chosen in itertools.product(*(subsets(types) for types in others)):
            wide = {
                dtype
                for dtype in allowed[widest]
                if all((*c[:at], dtype, *c[at:]) in working for c in itertools.product(*chosen))
            }
            combinations = len(wide) * math.prod(map(len, chosen))
            score = (len(wide) if INDEPENDENT[schema.name] else 0, combinations)
            if score > best[0]:
                best = score, [*map(set, chosen[:at]), wide, *map(set, chosen[at:])]
        denied = {v: sum(1 << t for t in allowed[v] if t not in kept) for v, kept in zip(variables, best[1])}
        return {variable: mask for variable, mask in denied.items() if mask}


def subsets(types: list[int]) -> list[tuple[int, ...]]:
    """All but the empty one."""
    return [s for size in range(1, len(types) + 1) for s in itertools.combinations(types, size)]


def op_names() -> list[str]:
    names = {schema.name for schema in defs.get_all_schemas() if schema.domain == ""}
    return sorted(names - LEFT_OUT)


def has_schema(name: str, opset: int) -> bool:
    try:
        return not defs.get_schema(name, opset, "").deprecated
    except defs.SchemaError:
        return False


class Row(typing.NamedTuple):
    """What holds for one type variable of an op from one opset to another."""

    op: str
    variable: str  # empty: the variable of the first input, or the op as such
    mask: int  # 0: the op as such
    first: int  # 0: from the beginning
    last: int  # 0: to the end


def rows_of(probe: Probe, op: str) -> list[Row]:
    opsets = [opset for opset in range(FIRST_OPSET, LAST_OPSET + 1) if has_schema(op, opset)]
    by_variable: dict[str, dict[int, int]] = {}
    for opset in opsets:
        schema = defs.get_schema(op, opset, "")
        first_variable = schema.inputs[0].type_str if schema.inputs else ""
        for variable, mask in probe.denials(op, opset).items():
            name = "" if variable == first_variable else variable
            by_variable.setdefault(name, {})[opset] = mask
    rows = []
    for variable, masks in sorted(by_variable.items()):
        for mask, group in itertools.groupby(opsets, key=masks.get):
            if mask is None:
                continue
            held = list(group)
            first = 0 if held[0] == opsets[0] else held[0]
            last = 0 if held[-1] == LAST_OPSET else held[-1]
            rows.append(Row(op, variable, mask, first, last))
    return rows


HEAD = """// Made by tools/probe_kernels.py with ONNX Runtime {ort} and onnx {onnx}: do not edit.
// What ONNX Runtime's CPU kernels cannot take although ONNX's schemas allow it, for opsets {first} to {last} of ai.onnx.
#pragma once

#include <flowport/plugin.hpp>

namespace kernels {{

enum : std::uint64_t {{
{bits}
}};

inline constexpr const char* kNoType = "ONNX Runtime's CPU provider has no kernel of this op for this element type";
inline constexpr const char* kNoOp = "ONNX Runtime's CPU provider has no kernel for this op at this opset";
inline constexpr const char* kNoComplex = "ONNX Runtime has no complex tensors";

// clang-format off
inline constexpr flowport_denial kDenials[] = {{
    {{"", nullptr, std::uint64_t{{1}} << FLOWPORT_COMPLEX64 | std::uint64_t{{1}} << FLOWPORT_COMPLEX128, kNoComplex, nullptr, 0, 0, 0}},
"""
TAIL = """};
// clang-format on

}  // namespace kernels
"""


def constant(dtype: int) -> str:
    return "k" + NAME_OF[dtype].capitalize()


def text_of(row: Row) -> str:
    variable = f'"{row.variable}"' if row.variable else "nullptr"
    if not row.mask:
        return f'    {{"", "{row.op}", 0, kNoOp, nullptr, {row.first}, {row.last}, 0}},\n'
    types = " | ".join(constant(dtype) for dtype in sorted(NAME_OF) if row.mask >> dtype & 1)
    line = f'    {{"", "{row.op}", {types}, kNoType, {variable}, {row.first}, {row.last}, 0}},'
    return textwrap.fill(line, 120, subsequent_indent="     ", break_on_hyphens=False) + "\n"


def table_of(rows: list[Row]) -> str:
    bits = "\n".join(
        f"  {constant(dtype)} = std::uint64_t{{1}} << FLOWPORT_{NAME_OF[dtype].upper()}," for dtype in sorted(NAME_OF)
    )
    head = HEAD.format(ort=ort.__version__, onnx=onnx.__version__, first=FIRST_OPSET, last=LAST_OPSET, bits=bits)
    return head + "".join(text_of(row) for row in rows) + TAIL


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", nargs="?", type=pathlib.Path, help="table to write")
    parser.add_argument("--op", action="append", help="only this op, printed")
    arguments = parser.parse_args()
    if bool(arguments.out) == bool(arguments.op):
        parser.error("give either a file to write or --op")
    probe = Probe()
    rows = [row for op in arguments.op or op_names() for row in rows_of(probe, op)]
    if arguments.op:
        print("".join(text_of(row) for row in rows), end="")
    else:
        arguments.out.write_text(table_of(rows), encoding="utf-8")
    print(f"{len(rows)} rows from {probe.sessions} sessions", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
