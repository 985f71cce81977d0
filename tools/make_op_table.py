#!/usr/bin/env python3
"""Writes core/tensorflow/op_table.inc: the arguments, type attributes and attribute defaults of all TensorFlow ops.

    python tools/make_op_table.py core/tensorflow/op_table.inc

Needs a pip-installed TensorFlow (the version it ran with stands in the first line of the result).
One entry a line, sorted by name: {"Name"sv, R"pb(the rest of the OpDef in protobuf's text format)pb"sv}.
"""

import sys

import tensorflow as tf
from google.protobuf import text_format
from tensorflow.core.framework import op_def_pb2
from tensorflow.python.framework import op_def_registry  # noqa: F401  (loads the registry)
from tensorflow.python.client import pywrap_tf_session


def all_ops() -> op_def_pb2.OpList:
    buffer = pywrap_tf_session.TF_GetAllOpList()
    return op_def_pb2.OpList.FromString(pywrap_tf_session.TF_GetBuffer(buffer))


def keep_what_is_read(op: op_def_pb2.OpDef) -> op_def_pb2.OpDef:
    kept = op_def_pb2.OpDef(is_stateful=op.is_stateful)
    for source, target in ((op.input_arg, kept.input_arg), (op.output_arg, kept.output_arg)):
        for arg in source:
            target.add(name=arg.name, type=arg.type, type_attr=arg.type_attr, number_attr=arg.number_attr,
                       type_list_attr=arg.type_list_attr, is_ref=arg.is_ref)
    for attr in op.attr:
        kept_attr = kept.attr.add(name=attr.name, type=attr.type)
        if attr.HasField("default_value"):
            kept_attr.default_value.CopyFrom(attr.default_value)
    return kept


def entry(op: op_def_pb2.OpDef) -> str:
    text = text_format.MessageToString(keep_what_is_read(op), as_one_line=True)
    text = text.replace(": ", ":").replace(" { ", "{").replace(" } ", "}").replace(" }", "}")
    if text_format.Parse(text, op_def_pb2.OpDef()) != keep_what_is_read(op):
        sys.exit(f"{op.name}: the text does not read back")
    if ')pb"' in text:
        sys.exit(f'{op.name}: the text holds )pb", which ends a raw string')
    return f'{{"{op.name}"sv, R"pb({text})pb"sv}},'


def main() -> None:
    ops = sorted(all_ops().op, key=lambda op: op.name.encode())
    with open(sys.argv[1], "w", encoding="ascii") as out:
        out.write(f"// Made by tools/make_op_table.py with TensorFlow {tf.__version__}. Do not edit.\n")
        out.writelines(entry(op) + "\n" for op in ops)


if __name__ == "__main__":
    main()
