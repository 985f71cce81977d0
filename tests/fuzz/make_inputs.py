#!/usr/bin/env python3
"""Makes the bad inputs in inputs/: files that lie about sizes, counts, offsets and references. Needs nothing but Python.

What a fuzzer finds is added to the folders as found_*, by hand.
"""

import pathlib
import struct

ROOT = pathlib.Path(__file__).resolve().parent / "inputs"
GRAPH_PB, GRAPH_TEXT, SAVED_MODEL, CHECKPOINT = range(4)
FLOAT, INT32, STRING = 1, 3, 7
TABLE_MAGIC = 0xDB4775248B80FB57
HUGE = (1 << 62) + 1


def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field, value):
    return varint(field << 3) + varint(value)


def block(field, content):
    content = content.encode() if isinstance(content, str) else content
    return varint(field << 3 | 2) + varint(len(content)) + content


def attr(name, value):
    return block(5, block(1, name) + block(2, value))


def node(name, op, inputs=(), attrs=b""):
    return block(1, name) + block(2, op) + b"".join(block(3, each) for each in inputs) + attrs


def graph(*nodes, functions=()):
    library = block(2, b"".join(block(1, each) for each in functions)) if functions else b""
    return b"".join(block(1, each) for each in nodes) + library


def function(name, nodes, returns):
    signature = block(1, name) + block(3, block(1, "y") + number(3, FLOAT))
    return block(1, signature) + b"".join(block(3, each) for each in nodes) + block(4, block(1, "y") + block(2, returns))


def shape(*dims):
    return b"".join(block(2, number(1, dim)) for dim in dims)


def constant(dtype, dims, content):
    tensor = number(1, dtype) + block(2, shape(*dims)) + content
    return node("c", "Const", attrs=attr("dtype", number(6, dtype)) + attr("value", block(8, tensor)))


def saved_model(graph_def, extra=b""):
    return number(1, 1) + block(2, block(1, block(4, "serve")) + block(2, graph_def) + extra)


def checksum(data):
    """CRC-32C, masked as in TensorFlow's files."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def sealed(body):
    return body + b"\0" + checksum(body + b"\0")


def table_block(entries):
    body = b"".join(varint(0) + varint(len(key)) + varint(len(value)) + key + value for key, value in entries)
    return sealed(body + struct.pack("<II", 0, 1))


def index(entries, data=None, data_handle=None, footer_handles=None):
    data = data or table_block(entries)
    handle = data_handle or varint(0) + varint(len(data) - 5)
    directory = table_block([(b"\xff", handle)])
    handles = footer_handles or (varint(0) + varint(0) + varint(len(data)) + varint(len(directory) - 5))
    return data + directory + handles.ljust(40, b"\0")[:40] + struct.pack("<Q", TABLE_MAGIC)


def sized(content):
    return struct.pack(">H", len(content)) + content


def checkpoint(table, shard=b"\0" * 64):
    """A SavedModel whose only variable is restored from the key "v"."""
    names = block(8, number(1, STRING) + block(2, shape(1)) + block(8, "v"))
    slices = block(8, number(1, STRING) + block(2, shape(1)) + block(8, ""))
    string_constant = attr("dtype", number(6, STRING))
    graph_def = graph(
        node("v", "VarHandleOp", attrs=attr("dtype", number(6, FLOAT)) + attr("shape", block(7, shape(4)))),
        node("names", "Const", attrs=string_constant + attr("value", names)),
        node("slices", "Const", attrs=string_constant + attr("value", slices)),
        node("prefix", "Placeholder", attrs=string_constant),
        node("read", "RestoreV2", ["prefix", "names", "slices"], attr("dtypes", block(1, block(6, varint(FLOAT))))),
        node("assign", "AssignVariableOp", ["v", "read"], attr("dtype", number(6, FLOAT))),
        node("restore_all", "NoOp", ["^assign"]),
    )
    return sized(saved_model(graph_def, block(3, block(3, "restore_all")))) + sized(table) + shard


def entry(dtype=FLOAT, dims=(4,), shard=0, offset=0, size=16, more=b""):
    sizes = number(3, shard) + number(4, offset) + number(5, size)
    seal = varint(6 << 3 | 5) + checksum(b"\0" * 16)
    return number(1, dtype) + block(2, shape(*dims)) + sizes + seal + more


def variable_index(**options):
    return checkpoint(index([(b"", number(1, 1)), (b"v", entry(**options))]))


IDENTITY = node("y", "Identity", ["y"], attr("T", number(6, FLOAT)))
CALLS_ITSELF = function("f", [node("call", "f", [])], "call:y:0")

READ_MODEL = {
    "checkpoint_good": (CHECKPOINT, variable_index()),
    "pb_empty": (GRAPH_PB, b""),
    "pb_endless_varint": (GRAPH_PB, b"\x0a" + b"\xff" * 11),
    "pb_length_past_the_end": (GRAPH_PB, b"\x0a\x7fA"),
    "pb_length_overflows": (GRAPH_PB, b"\x0a" + varint((1 << 64) - 1) + b"A"),
    "pb_group": (GRAPH_PB, b"\x0b\x0b\x0b"),
    "pb_field_zero": (GRAPH_PB, b"\x02\x00"),
    "pb_self_loop": (GRAPH_PB, graph(IDENTITY)),
    "pb_cycle": (GRAPH_PB, graph(node("a", "Neg", ["b"]), node("b", "Neg", ["a"]))),
    "pb_same_name_twice": (GRAPH_PB, graph(node("a", "NoOp"), node("a", "NoOp"))),
    "pb_no_name": (GRAPH_PB, graph(node("", "NoOp"), node("a", "", [""]))),
    "pb_missing_input": (GRAPH_PB, graph(node("a", "Neg", ["none:3"]))),
    "pb_huge_output_index": (GRAPH_PB, graph(node("a", "NoOp"), node("b", "Neg", ["a:99999999999999999999"]))),
    "pb_negative_output_index": (GRAPH_PB, graph(node("a", "NoOp"), node("b", "Neg", ["a:-1", "^", "a:", ":0"]))),
    "pb_huge_input_count": (GRAPH_PB, graph(node("a", "Pack", ["a"], attr("N", number(3, 1 << 40))))),
    "pb_negative_output_count": (GRAPH_PB, graph(node("a", "Split", ["a"], attr("num_split", number(3, -7))))),
    "pb_huge_output_count": (GRAPH_PB, graph(node("a", "Split", ["a"], attr("num_split", number(3, 1 << 31))))),
    "pb_constant_size_overflows": (GRAPH_PB, graph(constant(FLOAT, [HUGE, HUGE, 4], block(4, b"\0" * 16)))),
    "pb_constant_negative_dim": (GRAPH_PB, graph(constant(FLOAT, [-5, 4], block(4, b"\0" * 16)))),
    "pb_constant_too_short": (GRAPH_PB, graph(constant(FLOAT, [100], block(4, b"\0" * 16)))),
    "pb_constant_too_long": (GRAPH_PB, graph(constant(FLOAT, [1], block(4, b"\0" * 16)))),
    "pb_constant_splat_of_a_petabyte": (GRAPH_PB, graph(constant(FLOAT, [1 << 48], block(5, b"\0" * 4)))),
    "pb_constant_too_many_values": (GRAPH_PB, graph(constant(INT32, [2], block(7, b"\1\2\3\4")))),
    "pb_constant_strings": (GRAPH_PB, graph(constant(STRING, [1 << 40], block(8, "a")))),
    "pb_constant_string_content": (GRAPH_PB, graph(constant(STRING, [2], block(4, b"\xff\xff\xff\xff\x0fa")))),
    "pb_constant_unknown_type": (GRAPH_PB, graph(constant(77, [2], block(4, b"\0" * 8)))),
    "pb_constant_without_value": (GRAPH_PB, graph(node("c", "Const"))),
    "pb_recursive_function": (GRAPH_PB, graph(node("a", "f"), functions=[CALLS_ITSELF])),
    "pb_function_twice": (GRAPH_PB, graph(functions=[CALLS_ITSELF, CALLS_ITSELF])),
    "pb_function_without_its_return": (GRAPH_PB, graph(node("a", "f"), functions=[function("f", [], "none:y:0")])),
    "pb_many_small_nodes": (GRAPH_PB, block(1, b"") * 2000),
    "text_deep": (GRAPH_TEXT, b"node { attr { value { func { " * 1000),
    "text_no_end_of_string": (GRAPH_TEXT, b'node { name: "a'),
    "text_bad_number": (GRAPH_TEXT, b'node { name: "a" attr { key: "N" value { i: 99999999999999999999 } } }'),
    "text_not_utf8": (GRAPH_TEXT, b'node { name: "\xff\xfe" op: "NoOp" }'),
    "text_unknown_field": (GRAPH_TEXT, b'node { name: "a" op: "NoOp" nmae: "b" }'),
    "saved_model_empty": (SAVED_MODEL, b""),
    "saved_model_without_graph": (SAVED_MODEL, number(1, 1)),
    "saved_model_two_with_equal_tags": (SAVED_MODEL, saved_model(graph()) + saved_model(graph())),
    "saved_model_signature_names_nothing": (
        SAVED_MODEL,
        saved_model(graph(), block(5, block(1, "s") + block(2, block(2, block(1, "y") + block(2, block(1, "none:0")))))),
    ),
    "saved_model_restore_op_missing": (SAVED_MODEL, saved_model(graph(), block(3, block(3, "restore_all")))),
    "saved_model_of_the_future": (SAVED_MODEL, number(1, 99)),
    "checkpoint_empty": (CHECKPOINT, checkpoint(b"")),
    "checkpoint_magic_only": (CHECKPOINT, checkpoint(b"\0" * 40 + struct.pack("<Q", TABLE_MAGIC))),
    "checkpoint_footer_past_the_end": (
        CHECKPOINT,
        checkpoint(index([(b"", b"")], footer_handles=varint(HUGE) + varint(HUGE) + varint(HUGE))),
    ),
    "checkpoint_index_in_itself": (CHECKPOINT, checkpoint(index([], footer_handles=varint(0) * 2 + varint(0) + varint(8)))),
    "checkpoint_block_past_the_end": (CHECKPOINT, checkpoint(index([], data_handle=varint(4) + varint((1 << 63) - 1)))),
    "checkpoint_shared_prefix_of_nothing": (
        CHECKPOINT,
        checkpoint(index([], data=sealed(b"\x7f\x01\x01aa" + struct.pack("<II", 0, 1)))),
    ),
    "checkpoint_block_of_restarts_only": (CHECKPOINT, checkpoint(index([], data=sealed(struct.pack("<I", 1 << 30))))),
    "checkpoint_restart_past_the_end": (CHECKPOINT, checkpoint(index([], data=sealed(struct.pack("<II", 9999, 1))))),
    "checkpoint_keys_out_of_order": (CHECKPOINT, checkpoint(index([(b"b", entry()), (b"a", entry()), (b"a", entry())]))),
    "checkpoint_offset_past_the_end": (CHECKPOINT, variable_index(offset=1000)),
    "checkpoint_offset_overflows": (CHECKPOINT, variable_index(offset=-16)),
    "checkpoint_size_is_not_that_of_the_shape": (CHECKPOINT, variable_index(size=12)),
    "checkpoint_shape_overflows": (CHECKPOINT, variable_index(dims=(HUGE, 4))),
    "checkpoint_no_such_shard": (CHECKPOINT, variable_index(shard=7)),
    "checkpoint_negative_shard": (CHECKPOINT, variable_index(shard=-1)),
    "checkpoint_strings": (CHECKPOINT, variable_index(dtype=STRING, dims=(1 << 40,))),
    "checkpoint_slices_of_nothing": (CHECKPOINT, variable_index(more=block(7, block(1, number(1, HUGE) + number(2, HUGE))))),
    "checkpoint_million_shards": (CHECKPOINT, checkpoint(index([(b"", number(1, 1 << 30))]))),
}


def mapping(text):
    return ("flowport: 1\nops:\n" + text).encode()


def body(text):
    return mapping("  MyOp:\n    body: |\n      " + text + "\n")


CONFIGURATION = {
    "empty": b"",
    "zero_bytes": b"\0" * 64,
    "not_utf8": b"flowport: 1\nops:\n  \xff\xfe: {to: Neg}\n",
    "tabs": b"flowport: 1\nops:\n\tRsqrt: {to: Neg}\n",
    "wrong_version": b"flowport: 99999999999999999999\n",
    "key_twice": b"flowport: 1\nflowport: 1\n",
    "unknown_key": b"flowport: 1\nopps: {}\n",
    "list_for_map": b"- flowport\n- 1\n",
    "two_documents": b"flowport: 1\n---\nflowport: 1\n",
    "alias_bomb": b"a: &a [x, x, x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\nflowport: *c\n",
    "alias_to_itself": b"flowport: &a [*a]\n",
    "tags": b"!!binary flowport: !!python/object 1\n",
    "deep_lists": b"flowport: " + b"[" * 5000,
    "deep_maps": b"{a: " * 5000,
    "deep_blocks": b"".join(b" " * i + b"- \n" for i in range(300)),
    "endless_quote": b"flowport: \"1",
    "mapping_to_nothing": mapping("  Rsqrt: {to: }\n"),
    "mapping_to_unknown_op": mapping("  Rsqrt: {to: Nge}\n"),
    "mapping_without_way": mapping("  Rsqrt: {}\n"),
    "mapping_input_out_of_range": mapping("  Rsqrt: {to: Neg, inputs: [99999999999999999999, -1, x:0]}\n"),
    "mapping_opset_upside_down": mapping("  Rsqrt: {to: Neg, opset: [28, 13]}\n"),
    "mapping_opset_not_a_number": mapping("  Rsqrt: {to: Neg, opset: nan}\n"),
    "body_empty": body(""),
    "body_no_output": body("y = Neg(x)"),
    "body_uses_itself": body("y = Neg(y)"),
    "body_deep_calls": body("y = " + "Neg(" * 5000),
    "body_deep_lists": body("y = Constant <value = " + "[" * 5000),
    "body_huge_number": body("y = Add(x, " + "9" * 5000 + ")"),
    "body_huge_exponent": body("y = Add(x, 1e999999999)"),
    "body_open_string": body('y = Constant <value_string = "a'),
    "body_unknown_attribute": body("y = Neg <axis = 1> (x)"),
    "body_reference_to_nothing": body("y = Neg(@none)"),
    "attrs_out_of_range": mapping("  Elu: {to: Elu, attrs: {alpha: {from: T, scale: 1e999, offset: nan, as: graph}}}\n"),
    "attrs_of_each_kind": mapping("".join(
        f"  My{kind}: {{to: com.me::A, runtime: {{library: l}}, attrs: {{a: {{from: b, as: {kind}, scale: 2}}}}}}\n"
        for kind in ("int", "float", "string", "ints", "floats", "strings", "tensor"))),
    "const_inputs_of_a_list": mapping("  ConcatV2: {to: Concat, const_inputs: {99: {attr: axis}, axis: {attr: axis, as: ints}}}\n"),
    "drop_of_everything": mapping("  XlaReduce: {to: com.me::A, drop: [], runtime: {library: l}}\n  Mine: {to: com.me::B, drop: [[a]]}\n"),
    "constant_of_no_type": mapping("  Neg: {to: Sub, inputs: [{value: [], type: string}, {attr: T, type: int4}, {}]}\n"),
    "defaults_of_each_form": b"flowport: 1\ndefaults: {opset: [], shape: [[1], {a: b}, x], none: }\n",
    "nodes_not_a_list": b"flowport: 1\nnodes: {name: a}\n",
    "nodes_without_anything": b"flowport: 1\nnodes: [{}, [], a, {name: }, {op: Neg}, {use: a}]\n",
    "nodes_with_everything": b"flowport: 1\nnodes: [{name: '[', function: '\\', op: Neg, use: a, config: {a: [b]}, optional: x, to: Neg, body: y}]\n",
    "nodes_of_entries": b"flowport: 1\nnodes:\n  - {op: Neg, to: Nge}\n  - {op: negate, body: 'y = Neg(x'}\n  - {name: a, to: Neg}\n",
    "plugin_without_file": b"flowport: 1\nplugins:\n  - {}\n  - {file: [a, b]}\n",
    "target_is_its_own_parent": b"flowport: 1\ntargets:\n  a: {parent: a}\n  b: {parent: c}\n  c: {parent: b}\n",
}


def elf(phoff=64, phentsize=56, phnum=1, segments=b"", machine=62, kind=3, ident=b"\x7fELF\2\1\1", shoff=0, shentsize=64, shnum=0, shstrndx=0):
    header = ident.ljust(16, b"\0") + struct.pack(
        "<HHIQQQIHHHHHH", kind, machine, 1, 0, phoff, shoff, 0, 64, phentsize, phnum, shentsize, shnum, shstrndx)
    return header + segments


def segment(offset=0, size=120, kind=1):
    return struct.pack("<IIQQQQQQ", kind, 5, offset, 0, 0, size, size, 4096)


def sections(*contents, **header):
    """An ELF file with the sections (name, content or (offset, size)), the table of their names first."""
    names = b"\0"
    offsets = []
    for name, _ in contents:
        offsets.append(len(names))
        names += name.encode() + b"\0"
    start = 64 + 2 * 56
    rows = [struct.pack("<IIQQQQIIQQ", 0, 3, 0, 0, start, len(names), 0, 0, 1, 0)]
    body = names
    for offset, (_, content) in zip(offsets, contents):
        at, size = content if isinstance(content, tuple) else (start + len(body), len(content))
        rows.append(struct.pack("<IIQQQQIIQQ", offset, 1, 0, 0, at, size, 0, 0, 1, 0))
        body += b"" if isinstance(content, tuple) else content
    header = {"shoff": start + len(body), "shnum": len(rows), **header}
    return elf(phnum=2, segments=segment() + segment(kind=2), **header) + body + b"".join(rows)


LAST = (1 << 64) - 1
MANIFEST = b"flowport\t1\t1\t1\t0\nplugin\tcom.example\t1.0\tMIT\t\tx\nhandler\tOp\tOp\t\t13\t0\t-1\t0\t3\t\t\n\0"
TAGS = struct.pack("<6Q", 1, 1, 29, 1 << 60, 0, 0)  # DT_NEEDED, DT_RUNPATH behind the table's end, DT_NULL
SYMBOL = struct.pack("<IBBHQQ", 1, 0x12, 0, 7, 0, 0)
PLUGIN_FILE = {
    "manifest": sections((".flowport.manifest", MANIFEST)),
    "manifest_of_a_later_form": sections((".flowport.manifest", MANIFEST.replace(b"flowport\t1", b"flowport\t2"))),
    "manifest_of_tabs": sections((".flowport.manifest", b"handler" + b"\t" * 1000)),
    "manifest_with_huge_numbers": sections((".flowport.manifest", MANIFEST.replace(b"13", b"9" * 40))),
    "manifest_past_the_end": sections((".flowport.manifest", (1 << 40, 100))),
    "manifest_overflows": sections((".flowport.manifest", (LAST - 1, LAST))),
    "linkage": sections((".dynstr", b"\0libx.so\0"), (".dynsym", SYMBOL * 3 + b"cut"), (".dynamic", TAGS)),
    "linkage_without_texts": sections((".dynstr", b""), (".dynsym", SYMBOL), (".dynamic", TAGS)),
    "section_table_past_the_end": sections(shoff=1 << 30),
    "section_table_overflows": sections(shoff=LAST - 8),
    "section_names_of_no_section": sections(shstrndx=0xFFFE),
    "more_sections_than_the_file_has": sections(shnum=0xFFFF),
    "empty": b"",
    "text": b"#!/bin/sh\n" * 20,
    "magic_only": b"\x7fELF",
    "header_cut_short": elf()[:63],
    "good_header": elf(segments=segment()),
    "no_segments": elf(phnum=0),
    "segment_table_past_the_end": elf(phoff=1 << 20, segments=segment()),
    "segment_table_overflows": elf(phoff=LAST - 8, segments=segment()),
    "more_segments_than_the_file_has": elf(phnum=0xFFFF, segments=segment()),
    "segments_of_no_size": elf(phentsize=0, phnum=0xFFFE, segments=segment()),
    "segment_past_the_end": elf(segments=segment(offset=100, size=1 << 30)),
    "segment_overflows": elf(segments=segment(offset=LAST - 1, size=LAST)),
    "wrong_machine": elf(machine=183, segments=segment()),
    "an_executable": elf(kind=2, segments=segment()),
    "other_word_size": elf(ident=b"\x7fELF\1\1\1", segments=segment()),
    "other_byte_order": elf(ident=b"\x7fELF\2\2\1", segments=segment()),
}

# Entries that the target puts into a table with right checksums.
TABLE_PLAIN, TABLE_SNAPPY = 0, 1
RESTARTS = struct.pack("<II", 0, 1)


def table_input(body, compression=TABLE_PLAIN, shard=b"\0" * 16):
    return struct.pack(">H", len(body)) + bytes([compression]) + body + shard


def raw_block(*entries):
    return table_block(entries)[:-5]


ROW = b"\0v\0\1\1\2"
SLICES = block(7, block(1, number(2, 1)) + block(1, b"")) + block(7, block(1, number(1, 1) + number(2, 2)) + block(1, b""))
TENSORFLOW_TABLE = {
    "good": table_input(raw_block((b"", number(1, 1)), (b"v", entry()))),
    "slices": table_input(
        raw_block(
            (b"", number(1, 1)),
            (ROW + b"\x80\x81\x80\x7f", entry(dims=(1, 2), size=8)),
            (ROW + b"\x81\x82\x80\x7f", entry(dims=(2, 2), offset=8)),
            (b"v", entry(dims=(3, 2), size=24, more=SLICES)),
        ),
        shard=b"\0" * 24,
    ),
    "snappy_literal": table_input(varint(4) + b"\x0cabcd", TABLE_SNAPPY),
    "snappy_copy_before_the_start": table_input(varint(8) + b"\x0cabcd\x01\x09", TABLE_SNAPPY),
    "snappy_of_a_terabyte": table_input(varint(1 << 40) + b"\x0cabcd", TABLE_SNAPPY),
    "keys_of_shared_prefixes": table_input(b"\0\1\0a" + b"\1\1\0a" * 1000 + RESTARTS),
    "no_restarts": table_input(b""),
}

TARGETS = {
    "read_model": {name: bytes([kind]) + content for name, (kind, content) in READ_MODEL.items()},
    "configuration": CONFIGURATION,
    "plugin_file": PLUGIN_FILE,
    "tensorflow_table": TENSORFLOW_TABLE,
}


def main():
    for target, inputs in TARGETS.items():
        folder = ROOT / target
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            if not old.name.startswith("found_"):
                old.unlink()
        for name, content in inputs.items():
            (folder / name).write_bytes(content)


if __name__ == "__main__":
    main()
