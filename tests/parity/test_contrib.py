"""The contributed packs: what they fill in for targets that have their domain, and that nothing else ever uses it."""
import numpy as np
import onnx
import pytest
import tensorflow as tf

import parity
import test_ops
from cases import F, I, Case, const, feed

WORDS = ["a b  c;d", " d", "", "é;ü", "a\tb\x0bc", ";; ", "日本 語", "a.b*c]d\\e^f-g"]
PACK = "org.flowport.ort_contrib"


def strings(*items):
    return feed(list(items), object)


def case(op, pinned=False, refused=None, refused_at=parity.OPSETS, **args):
    return Case(op, args, {"pinned": pinned, "refused": refused, "refused_at": refused_at if refused else ()}, 0)


MATRICES = F(2, 3, 4, 4)
BOXES = feed([[0, 0, 1, 1], [0.2, 0.9, 0.8, -0.3], [-0.5, 0.1, 1.5, 0.6]], "float32")
PLACES = feed([1, 0, 1], "int32")
CASES = [
    *[case("StringSplit", input=strings(*WORDS), delimiter=const(delimiter, object)) for delimiter in (" ;", ".*]\\^-", "\t\x0b ")],
    # ONNX says the split at one character from opset 20 on.
    case("StringSplit", input=strings(*WORDS), delimiter=const(";", object)),
    case("StringSplit", input=strings("", ""), delimiter=const(" ;", object)),
    case("StringSplit", input=strings(), delimiter=const(" ;", object)),
    case("StringSplit", input=strings("aéb"), delimiter=const("é", object), refused="split"),
    case("StringSplit", input=strings("ab"), delimiter=const("", object), refused="split into bytes"),
    case("StringSplit", input=strings("a,,b"), delimiter=const(",;", object), skip_empty=False, refused="split|Tokenizer drops"),
    case("StringSplitV2", input=strings(*WORDS), sep=const("", object)),
    case("StringSplitV2", input=strings(), sep=const("", object)),
    case("StringSplitV2", input=strings("a,,b"), sep=const(",", object), refused="Tokenizer drops empty tokens", refused_at=(13,)),
    *[case("MatrixInverse", pinned=True, input=MATRICES, adjoint=adjoint) for adjoint in (False, True)],
    case("MatrixInverse", pinned=True, input=F(3, 3, dtype="float64")),
    *[case("CropAndResize", pinned=True, image=F(2, 7, 5, 3), boxes=BOXES, box_ind=PLACES, crop_size=const([4, 3]), method=method,
           extrapolation_value=0.5) for method in ("bilinear", "nearest")],
    case("CropAndResize", pinned=True, image=I(2, 7, 5, 3), boxes=BOXES, box_ind=PLACES, crop_size=const([1, 1])),
]


def target(opset, tmp_path):
    """Flags for a target of that opset that has com.microsoft."""
    config = tmp_path / f"target{opset}.yaml"
    config.write_text(f"flowport: 1\ntargets:\n  test-{opset}:\n    parent: onnx-{opset}\n    opsets: {{ com.microsoft: 1 }}\n")
    return ["--config", config, "--target", f"test-{opset}"]


def frozen(case, kind, tmp_path):
    """The case's graph, its inputs and outputs by name, and the values of both."""
    function = test_ops._function(case)
    arrays = [item.value for item in test_ops._feeds(case)]
    expected = [np.asarray(t) for t in tf.nest.flatten(tf.function(function)(*map(tf.constant, arrays)))]
    graph = tmp_path / "graph.pb"
    inputs, outputs = parity.freeze(function, [test_ops._spec(a, kind) for a in arrays], graph)
    return graph, dict(zip(inputs, arrays)), dict(zip(outputs, expected))


def domains(path):
    return {each.domain for each in onnx.load(path).opset_import}


@pytest.mark.parametrize("kind", ["static", "dynamic"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.op)
def test_op(case, kind, tmp_path):
    graph, feeds, expected = frozen(case, kind, tmp_path)
    flags = ["--inputs", ",".join(feeds), "--outputs", ",".join(expected)]
    if case.options["pinned"]:
        flags += ["--use", f"{case.op}={PACK}"]
    for opset in parity.OPSETS:
        out = tmp_path / f"{opset}.onnx"
        if opset in case.options["refused_at"]:
            with pytest.raises(parity.Refused, match=case.options["refused"]):
                parity.convert(graph, out, *target(opset, tmp_path), *flags)
            continue
        parity.convert(graph, out, *target(opset, tmp_path), *flags)
        actual = parity.run_onnx(out, feeds)
        for name, value in expected.items():
            parity.assert_same(value, actual[name], rtol=1e-4 if case.op == "MatrixInverse" else 1e-5)


def test_the_domain_is_used_only_where_the_target_has_it(tmp_path):
    graph, feeds, expected = frozen(CASES[0], "static", tmp_path)
    flags = ["--inputs", ",".join(feeds), "--outputs", ",".join(expected)]
    with pytest.raises(parity.Refused):
        parity.convert(graph, tmp_path / "plain.onnx", "--opset", 13, *flags)
    parity.convert(graph, tmp_path / "contrib.onnx", *target(13, tmp_path), *flags)
    assert "com.microsoft" in domains(tmp_path / "contrib.onnx")


def test_what_is_built_in_comes_first(tmp_path):
    graph, feeds, expected = frozen(Case("MatrixInverse", {"input": MATRICES}, {}, 0), "static", tmp_path)
    flags = ["--inputs", ",".join(feeds), "--outputs", ",".join(expected)]
    parity.convert(graph, tmp_path / "out.onnx", *target(21, tmp_path), *flags)
    assert "com.microsoft" not in domains(tmp_path / "out.onnx")
