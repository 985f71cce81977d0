"""`flowport explain`: candidates in order, rules for some nodes, declarations of ops; as text and as JSON."""
import json

import pytest

CONFIG = """flowport: 1
tf_ops:
  Halve: { inputs: ["x: T"], outputs: ["y: T"], attrs: ["T: type"] }
ops:
  Softmax: { to: Softmax, set: { axis: -1 }, opset: [13, 17], doc: of old }
nodes:
  - { name: "encoder/*", op: Softmax, use: mappings/nn.yaml }
  - { name: "*", config: { exact: true } }
  - { function: "main/*", op: Halve, body: "y = Mul(x, CastLike(0.5, x))" }
"""


@pytest.fixture
def explained(flowport, tmp_path):
    (tmp_path / "c.yaml").write_text(CONFIG)

    def explain(op, *options):
        done = flowport("explain", op, "--config", "c.yaml", *options)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return explain


def test_rules_for_nodes_are_told_in_their_order(explained):
    lines = explained("Softmax").splitlines()
    assert lines[:7] == [
        "Softmax at onnx-21",
        "  * nodes '*'",
        "      source  c.yaml:8:5",
        "      option  exact=true",
        "  * nodes 'encoder/*'",
        "      source  c.yaml:7:5",
        "      why     only mappings/nn.yaml may convert them",
    ]
    assert "  - c.yaml:5" in "\n".join(lines)


def test_a_rule_alone_converts_an_op(explained, flowport):
    told = explained("Halve")
    assert "is Halve(x: T) -> (y: T); T: type, declared by c.yaml:3:3" in told
    assert "  * nodes in functions 'main/*'\n      source  c.yaml:9:5\n      why     this mapping is asked before all others" in told
    assert flowport("explain", "Halve").returncode == 3


def test_json(explained):
    told = json.loads(explained("Softmax", "--json", "--opset", "17"))
    assert (told["op"], told["target"], told["core"], told["declaration"]) == ("Softmax", "onnx-17", False, None)
    assert [(each["name"], each["use"], each["options"]) for each in told["nodes"]] == [
        ("*", "", {"exact": "true"}),
        ("encoder/*", "mappings/nn.yaml", {}),
    ]
    first, *others = told["candidates"]
    assert (first["owner"], first["layer"], first["opset_max"], first["fits"]) == ("c.yaml", "user mapping", 17, True)
    assert first["source"].startswith("c.yaml:5") and first["doc"] == "of old" and "wins" in first["why"]
    assert others and all(each["why"].startswith("lost") for each in others if each["fits"])
    declared = json.loads(explained("Halve", "--json"))
    assert declared["declaration"] == {"text": "Halve(x: T) -> (y: T); T: type", "by": "c.yaml:3:3"}
    assert [each["mapping"] for each in declared["nodes"]] == [True, False]
    assert json.loads(explained("While", "--json"))["core"] is True
