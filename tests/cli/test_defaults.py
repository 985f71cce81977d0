"""`defaults:` of configuration files: what flags are when the command line does not give them."""
import json
import re

import pytest

from graphs import FLOAT, node, placeholder


@pytest.fixture
def graph(tmp_path):
    (tmp_path / "g.pbtxt").write_text(placeholder() + node("y", "Relu", "x", T=FLOAT) + node("z", "Neg", "x", T=FLOAT))


@pytest.fixture
def convert(flowport, tmp_path, graph):
    """Converts by a configuration with these defaults; gives the process and the report."""

    def run(defaults, *flags):
        (tmp_path / "c.yaml").write_text("flowport: 1\ndefaults:\n" + "".join(f"  {line}\n" for line in defaults.splitlines()))
        done = flowport("convert", "g.pbtxt", "--config", "c.yaml", "--report", "r.json", *flags)
        return done, json.loads((tmp_path / "r.json").read_text()) if (tmp_path / "r.json").exists() else None

    return run


def test_every_kind_of_flag(convert, tmp_path):
    done, report = convert("opset: 18\noutput: out.onnx\noutputs: y:0\nshape: ['x=N,4']\nno-provenance: true\nquiet: true")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert report["target"]["opsets"]["ai.onnx"] == 18
    assert report["model"]["inputs"] == [{"name": "x", "type": "float[N,4]"}]
    assert [o["name"] for o in report["model"]["outputs"]] == ["y:0"]
    assert b"flowport.tf_node" not in (tmp_path / "out.onnx").read_bytes()


def test_the_command_line_wins(convert):
    done, report = convert("opset: 18\noutputs: y:0\nshape: ['x=N,4']", "-o", "out.onnx", "--opset", 17, "--outputs", "z:0", "--shape", "x=M,4")
    assert done.returncode == 0, done.stderr
    assert report["target"]["opsets"]["ai.onnx"] == 17
    assert report["model"]["inputs"][0]["type"] == "float[M,4]"
    assert [o["name"] for o in report["model"]["outputs"]] == ["z:0"]


def test_the_later_file_wins(convert, tmp_path):
    (tmp_path / "later.yaml").write_text("flowport: 1\ndefaults: { opset: 17 }\n")
    done, report = convert("opset: 18\noutputs: y:0", "-o", "out.onnx", "--config", "later.yaml")
    assert done.returncode == 0, done.stderr
    assert report["target"]["opsets"]["ai.onnx"] == 17
    assert [o["name"] for o in report["model"]["outputs"]] == ["y:0"]


@pytest.mark.parametrize("line, what", [
    ("opset: often", "c.yaml:3"),
    ("opsett: 18", "--opset"),
    ("config: other.yaml", "--config"),
    ("no-provenance: perhaps", "c.yaml:3"),
])
def test_a_mistake_has_its_place(convert, tmp_path, line, what):
    done, _ = convert(line, "-o", "out.onnx")
    assert done.returncode == 5
    assert what in done.stderr
    assert not (tmp_path / "out.onnx").exists()


def test_other_commands_take_what_they_have(flowport, tmp_path, graph):
    (tmp_path / "c.yaml").write_text("flowport: 1\ndefaults: { opset: 18, external-data: always, outputs: 'y:0' }\n")
    assert "onnx-18" in flowport("check", "g.pbtxt", "--config", "c.yaml").stdout
    assert flowport("explain", "Relu", "--config", "c.yaml").stdout.startswith("Relu at onnx-18")
    told = flowport("config", "--config", "c.yaml").stdout
    assert re.search(r"^  opset: 18  # c.yaml:2$", told, re.M)
    assert "target: onnx-18" in told


def test_report_tells_whose_place_a_mapping_took(flowport, tmp_path, graph):
    (tmp_path / "c.yaml").write_text("flowport: 1\nops:\n  Neg: { body: 'y = Sub(CastLike(0, x), x)' }\n")
    done = flowport("convert", "g.pbtxt", "--config", "c.yaml", "--report", "r.json", "-o", "out.onnx")
    assert done.returncode == 0, done.stderr
    (override,) = json.loads((tmp_path / "r.json").read_text())["conversion"]["overrides"]
    assert override["op"] == "Neg"
    assert override["winner"].startswith("c.yaml/Neg") and override["winner"].endswith("(user mapping)")
    assert override["loser"].startswith("mappings/math.yaml/Neg") and override["loser"].endswith("(builtin)")
