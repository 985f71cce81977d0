"""flowport config: the merged configuration with origins. Rules for nodes, from the file to the report."""
import json

import pytest

from configuration import load, schema_errors
from graphs import FLOAT, node, placeholder

FIRST = """\
flowport: 1
defaults: { opset: 18, outputs: "y:0", shape: ["x=N,4"] }
use: { Conv2D: org.flowport.nn, Relu: mappings/nn.yaml }
ops:
  Neg: Neg
  MyOp: { body: "y = Clip(x0, , 6)", doc: "clips, at 6: see [1] # no comment" }
nodes: [{ name: a/*, op: Neg, to: Abs, optional: true }]
"""
SECOND = """\
flowport: 1
defaults: { opset: 17, quiet: true }
use: { Relu: first.yaml }
ops:
  Neg: { to: Neg, when: { T: [float32, float64] } }
  Relu: { to: Relu, doc: "1" }
nodes: [{ op: Neg, use: mappings/math.yaml, optional: true }]
"""


@pytest.fixture
def files(tmp_path):
    (tmp_path / "first.yaml").write_text(FIRST)
    (tmp_path / "second.yaml").write_text(SECOND.replace("first.yaml", "second.yaml"))
    (tmp_path / "g.pbtxt").write_text(placeholder() + node("a/n", "Neg", "x", T=FLOAT) + node("y", "Relu", "a/n", T=FLOAT))
    return ["--config", "first.yaml", "--config", "second.yaml"]


def settings(flowport, *arguments):
    done = flowport("config", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return told, {(s["section"], s.get("key")): s for s in told["settings"]}


def test_values_and_origins(flowport, files):
    told, by_key = settings(flowport, *files, "--opset", 19)

    def setting(section, key):
        return by_key[section, key]["value"], by_key[section, key]["origin"]

    assert told["target"] == {"id": "onnx-19", "opset": 19, "ir": told["target"]["ir"]}
    assert setting("defaults", "opset") == (19, "command line")
    assert setting("defaults", "quiet") == (True, "second.yaml:2")
    assert setting("defaults", "shape") == (["x=N,4"], "first.yaml:2")
    assert setting("defaults", "external-data") == ("auto", "built-in default")
    assert setting("defaults", "no-optimize") == (False, "built-in default")
    assert ("defaults", "report") not in by_key
    assert setting("use", "Relu") == ("second.yaml", "second.yaml:3")
    assert [s["origin"] for s in told["settings"] if s.get("key") == "Neg"] == ["first.yaml:5", "second.yaml:5"]
    assert setting("ops", "Relu")[0] == {"to": "Relu", "doc": "1"}
    assert [s["origin"] for s in told["settings"] if s["section"] == "nodes"] == ["first.yaml:7", "second.yaml:7"]


def test_a_target_brings_its_opset(flowport, files, tmp_path):
    (tmp_path / "first.yaml").write_text("flowport: 1\n")
    (tmp_path / "second.yaml").write_text("flowport: 1\n")
    _, by_key = settings(flowport, *files, "--target", "onnx-17")
    assert ("defaults", "opset") not in by_key
    _, by_key = settings(flowport, *files)
    assert by_key["defaults", "opset"]["origin"] == "built-in default"


def test_what_is_printed_is_a_configuration_that_says_the_same(flowport, files, tmp_path):
    # Two entries for one op in one file must not overlap; in two files they only must not tie.
    (tmp_path / "second.yaml").write_text((tmp_path / "second.yaml").read_text().replace("{ to: Neg, when", "{ to: Neg, priority: 3, when"))
    printed = flowport("config", *files).stdout.replace("second.yaml", "merged.yaml", 1)
    printed = printed.replace('Relu: "second.yaml"', "Relu: merged.yaml").replace("Relu: second.yaml", "Relu: merged.yaml")
    assert schema_errors(printed) == []
    (tmp_path / "merged.yaml").write_text(printed)
    again = flowport("config", "--config", "merged.yaml")
    assert again.returncode == 0, again.stderr

    def values(text):
        return load(text)

    assert values(again.stdout) == values(printed)


def convert(flowport, tmp_path, *arguments):
    done = flowport("convert", "g.pbtxt", "--outputs", "y:0", "-o", "g.onnx", "--report", "r.json", *arguments)
    return done, json.loads((tmp_path / "r.json").read_text())


def test_a_rule_for_a_node_is_in_the_report(flowport, files, tmp_path):
    (tmp_path / "n.yaml").write_text("flowport: 1\nnodes: [{ name: a/*, op: Neg, to: Abs }]\n")
    done, report = convert(flowport, tmp_path, "--config", "n.yaml")
    assert done.returncode == 0, done.stderr
    (override,) = report["conversion"]["overrides"]
    assert override["winner"] == "n.yaml/nodes[0] (user mapping)"
    assert override["loser"] == "mappings/math.yaml/Neg (builtin)"


@pytest.mark.parametrize("rule, where, words", [
    ("nodes: [{ name: b/*, op: Neg, to: Abs }]", "n.yaml:2:9", "nodes of that op: a/n"),
    ("nodes: [{ name: x, use: mappings/math.yaml }]", "n.yaml:2:9", "run by the core itself (Placeholder)"),
    ("ops: { Negg: Neg }", "n.yaml:2:8", "did you mean 'Neg'?"),
    ("ops: { Identity: Identity }", "n.yaml:2:8", "never asked"),
])
def test_what_concerns_nothing_is_an_error(flowport, files, tmp_path, rule, where, words):
    (tmp_path / "n.yaml").write_text(f"flowport: 1\n{rule}\n")
    done, _ = convert(flowport, tmp_path, "--config", "n.yaml")
    assert done.returncode == 5
    assert where in done.stderr and words in done.stderr
    assert not (tmp_path / "g.onnx").exists()


def test_a_shared_file_serves_models_that_lack_its_ops(flowport, files, tmp_path):
    (tmp_path / "n.yaml").write_text("flowport: 1\nops: { Rsqrt: { body: 'y = Reciprocal(Sqrt(x))' }, Ours: { to: Abs, optional: true } }\n")
    done, _ = convert(flowport, tmp_path, "--config", "n.yaml")
    assert done.returncode == 0, done.stderr
