"""The published JSON Schema and the program agree: on every file of the project, and on one example of each mistake."""
import subprocess

import pytest

from configuration import schema_errors
from conftest import ROOT

EVERYTHING = """\
flowport: 1
defaults: { opset: 18, shape: ["x=1", "y=2"], quiet: true }
use: { Conv2D: org.flowport.nn }
targets:
  base: { ir: 8, opsets: { ai.onnx: 17 }, doc: d }
  small:
    parent: base
    deny: [{ op: Conv, domain: ai.onnx, types: [double], variable: T, opset: [13, 17], reason: r }]
ops:
  Abs: Abs
  Neg: [Neg]
  LeakyRelu:
    { to: LeakyRelu, attrs: { alpha: alpha }, when: { T: [float32, float64] }, opset: 13, priority: 2, complex: parts, doc: d }
  Conv2D: { to: Conv, attrs: { auto_pad: { from: padding, choices: { SAME: SAME_UPPER, VALID: VALID } } } }
  Elu: { to: Elu, drop: [T] }
  MyBlur:
    to: com.me::Blur@2
    inputs: [1, 0, x3, { value: [1, 2] }, { value: a }, { attr: scale, type: float16 }]
    outputs: 2
    attrs: { a: { from: b, as: ints, scale: 2, offset: -0.5 } }
    set: { alpha: 0.5, axes: [1, 2], mode: linear, names: [a, b] }
    const_inputs: { 2: { attr: sigma, as: float, scale: 1e-3 } }
    drop: []
    runtime: { library: libblur.so, registration: call it }
    optional: true
  MyOp:
    - { opset: [13, 17], body: "y = ReduceMax <axes = [1]> (image)", inputs: [image], outputs: [y] }
    - { opset: 18, body: "y = ReduceMax(x0, [1])", optional: true }
tf_ops:
  MyTwo: { inputs: ["x: T", "n: N * int32"], outputs: ["y: Tout"], attrs: ["T: {float, double} = DT_FLOAT", "N: int >= 1", "Tout: list(type)"] }
  MySink: {}
schemas:
  com.me::Sharp@2:
    inputs: [1, 3]
    outputs: 2
    attrs: { a: int, b: { kind: floats, required: true } }
    runtime: { library: libsharp.so, registration: call it }
  com.me::Sharp: { inputs: 1 }
nodes:
  - { name: "a/*", function: "*", op: Conv2D, use: org.flowport.nn, config: { depth: 3, name: x, on: true }, optional: true }
  - { op: Abs, to: Abs, attrs: {}, when: { T: float32 }, doc: d }
  - { op: Abs, body: "y = Abs(x)", opset: 13 }
"""

# Text, place and words of the program's complaint. Each is a mistake that a schema can see.
SEEN = [
    ("flowport: 2\n", "1:11", "version of the file's form"),
    ("use: {A: b}\n", "1:1", "needs the key 'flowport'"),
    ("flowport: 1\nplugin: []\n", "2:1", "did you mean 'plugins'?"),
    ("flowport: 1\nplugins: {}\n", "2:10", "'plugins' is a list"),
    ("flowport: 1\nplugins: [{config: {}}]\n", "2:11", "needs the key 'file'"),
    ("flowport: 1\nplugins: [{file: a.so, config: {a: [1]}}]\n", "2:36", "'a' is text, not a list"),
    ("flowport: 1\nuse: [a]\n", "2:6", "'use' is a map"),
    ("flowport: 1\nops: {Abs: {too: Abs}}\n", "2:13", "no key 'too'"),
    ("flowport: 1\nops: {Abs: {to: Abs, body: x}}\n", "2:12", "has 'to' and 'body'"),
    ("flowport: 1\nops: {Abs: {to: 'A b'}}\n", "2:17", "does not name an ONNX op"),
    ("flowport: 1\nops: {Abs: []}\n", "2:12", "has no entry"),
    ("flowport: 1\nops: {Abs: {to: Abs, opset: [13]}}\n", "2:29", "a lowest opset or a list"),
    ("flowport: 1\nops: {Abs: {body: 'y = Abs(x)', set: {a: 1}}}\n", "2:38", "belongs to 'to'"),
    ("flowport: 1\nops: {Abs: {to: Abs, inputs: [{}]}}\n", "2:31", "an item of 'inputs'"),
    ("flowport: 1\nops: {Abs: {to: Abs, inputs: [{value: 1, type: text}]}}\n", "2:48", "no element type"),
    ("flowport: 1\nops: {Abs: {to: Abs, complex: both}}\n", "2:31", "pairs or parts"),
    ("flowport: 1\nops: {Abs: {to: Abs, drop: T}}\n", "2:28", "'drop' is a list"),
    ("flowport: 1\nops: {Abs: {to: Abs, optional: 1}}\n", "2:32", "'optional' is true or false"),
    ("flowport: 1\nops: {Elu: {to: Elu, attrs: {alpha: {from: T, ofset: 1}}}}\n", "2:47", "did you mean 'offset'?"),
    ("flowport: 1\nops: {Elu: {to: Elu, attrs: {alpha: {from: T, as: number}}}}\n", "2:51", "no kind of attribute"),
    ("flowport: 1\nops: {Elu: {to: Elu, attrs: {alpha: {from: T, scale: big}}}}\n", "2:54", "'scale' is a number"),
    ("flowport: 1\nops: {Elu: {to: Elu, const_inputs: {0: {as: int}}}}\n", "2:40", "needs the key 'attr'"),
    ("flowport: 1\nops: {My: {to: com.me::A, runtime: {}}}\n", "2:36", "needs the key 'library'"),
    ("flowport: 1\ntf_ops: [Cube]\n", "2:9", "'tf_ops' is a map"),
    ("flowport: 1\ntf_ops: {Cube: {input: []}}\n", "2:17", "did you mean 'inputs'?"),
    ("flowport: 1\ntf_ops: {Cube: {inputs: 'x: T'}}\n", "2:25", "'inputs' is a list"),
    ("flowport: 1\nschemas: {Blur: {inputs: 1}}\n", "2:11", "a domain that is ONNX's own"),
    ("flowport: 1\nschemas: {'com.me::Blur': {}}\n", "2:27", "needs the key 'inputs'"),
    ("flowport: 1\nschemas: {'com.me::Blur': {inputs: [1]}}\n", "2:36", "a list of the least and the most"),
    ("flowport: 1\nschemas: {'com.me::Blur': {inputs: -1}}\n", "2:36", "'inputs' is"),
    ("flowport: 1\nschemas: {'com.me::Blur': {inputs: 1, attrs: {a: flots}}}\n", "2:50", "did you mean 'floats'"),
    ("flowport: 1\nschemas: {'com.me::Blur': {inputs: 1, attrs: {a: {required: true}}}}\n", "2:50", "needs the key 'kind'"),
    ("flowport: 1\nnodes: {}\n", "2:8", "'nodes' is a list"),
    ("flowport: 1\nnodes: [{name: a}]\n", "2:9", "does not say what is done"),
    ("flowport: 1\nnodes: [{use: a}]\n", "2:9", "does not say which nodes"),
    ("flowport: 1\nnodes: [{name: a, to: Abs}]\n", "2:9", "needs the op"),
    ("flowport: 1\nnodes: [{op: Abs, to: Abs, use: a}]\n", "2:9", "write two entries"),
    ("flowport: 1\nnodes: [{op: Abs, to: Abs, opset: x}]\n", "2:35", "'opset' is a whole number"),
    ("flowport: 1\ntargets: {t: {doc: x}}\n", "2:11", "neither its parent"),
    ("flowport: 1\ntargets: {t: {parent: onnx-21, deny: [{op: Conv}]}}\n", "2:39", "needs the key 'reason'"),
]

# Mistakes that only the program sees.
UNSEEN = [
    ("flowport: 1\nuse: {A: b}\nuse: {}\n", "3:1", "stands here for the second time"),
    ("flowport: 1\nuse: &a {A: b}\n", "2:6", "anchors are not supported"),
    ("flowport: 1\ndefaults: {opsett: 21}\n", "2:12", "did you mean 'opset'?"),
    ("flowport: 1\ndefaults: {opset: often}\n", "2:12", "opset"),
    ("flowport: 1\nops: {leaky_relu: LeakyRelu}\n", "2:7", "did you mean 'LeakyRelu'?"),
    ("flowport: 1\nops: {Abs: Abss}\n", "2:12", "ONNX has no op 'Abss'"),
    ("flowport: 1\nops: {Elu: {body: 'y = Elu <alpha = @alfa> (x)'}}\n", "2:29", "no attribute 'alfa'"),
    ("flowport: 1\ntf_ops: {Relu: {}}\n", "2:10", "TensorFlow has the op 'Relu' itself"),
    ("flowport: 1\ntf_ops: {Cube: {inputs: ['x: T', 'y: float']}}\n", "2:26", "'T' is no element type"),
    ("flowport: 1\ntf_ops: {Cube: {inputs: ['x: T'], attrs: ['T: typ']}}\n", "2:43", "did you mean 'type'"),
    ("flowport: 1\nschemas: {'com.me::Blur': {inputs: [3, 1]}}\n", "2:36", "goes from 3 to 1"),
    ("flowport: 1\nuse: {Abs: nobody}\n", "2:7", "which is not loaded"),
    ("flowport: 1\nuse: {Conv2D: org.flowport.math}\n", "2:7", "name one that handles it: org.flowport.nn"),
    ("flowport: 1\nnodes: [{name: a, use: org.flowport.nm}]\n", "2:9", "did you mean"),
    ("flowport: 1\nplugins: [{file: none.so}]\n", "2:11", "none.so"),
]


def refused(flowport, tmp_path, text, place, words):
    (tmp_path / "f.yaml").write_text(text)
    done = flowport("config", "--config", "f.yaml")
    assert done.returncode == 5, done.stdout
    assert f"f.yaml:{place}" in done.stderr
    assert words in done.stderr


@pytest.mark.parametrize("text, place, words", SEEN)
def test_both_refuse(flowport, tmp_path, text, place, words):
    refused(flowport, tmp_path, text, place, words)
    assert schema_errors(text)


@pytest.mark.parametrize("text, place, words", UNSEEN)
def test_the_program_refuses(flowport, tmp_path, text, place, words):
    refused(flowport, tmp_path, text, place, words)


def test_both_accept_everything_that_a_file_may_say(flowport, tmp_path):
    (tmp_path / "f.yaml").write_text(EVERYTHING)
    assert schema_errors(EVERYTHING) == []
    done = flowport("config", "--config", "f.yaml")
    assert done.returncode == 0, done.stderr
    assert schema_errors(done.stdout) == []


def yaml_files():
    """The configurations among the project's files, without those that are made to be bad."""
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z", "*.yaml", "*.yml"], capture_output=True, text=True, check=True).stdout
    files = [ROOT / name for name in listed.split("\0") if name]
    return [file for file in files if "flowport:" in file.read_text() and "fuzz" not in file.parts]


@pytest.mark.parametrize("file", yaml_files(), ids=lambda file: str(file.relative_to(ROOT)))
def test_the_schema_accepts_the_files_of_the_project(file):
    assert schema_errors(file.read_text()) == []


def test_there_are_files_of_the_project():
    assert len(yaml_files()) > 10
