"""Loops and recurrent layers in ONNX Runtime: `./dev bench loops`.

Recurrent layers of Keras, with and without a mask, against tf2onnx's file of the same model; and a loop of 1,000 steps that collects its
states against the ONNX Loop that one would write by hand. Medians of runs that take turns on one thread, as ratios: Flowport's over the
other's. A last column says whether the results are equal.
"""
import argparse
import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import run

BATCH, TIME, INPUTS, UNITS, STEPS = 8, 50, 32, 64, 1000

EXPORT = """
import sys, keras
from keras import layers
kind, masked, bidirectional, sequences, folder, inputs, units = eval(sys.argv[1])
x = keras.Input((None, inputs))
layer = getattr(layers, kind)(units, return_sequences=sequences)
layer = layers.Bidirectional(layer) if bidirectional else layer
model = keras.Model(x, layer(layers.Masking()(x) if masked else x))
model.export(folder, verbose=False)
"""

SCAN = """
import sys
import tensorflow as tf
steps, units, path = eval(sys.argv[1])

@tf.function(input_signature=[tf.TensorSpec([None, None, units], name="x")])
def call(x):
    def step(i, h, ys):
        h = tf.tanh(0.9 * h + x[i])
        return i + 1, h, ys.write(i, h)
    n = tf.shape(x)[0]
    start = tf.zeros([tf.shape(x)[1], units]), tf.TensorArray(tf.float32, n)
    return tf.while_loop(lambda i, *_: i < n, step, (0, *start))[2].stack()

graph = call.get_concrete_function().graph
open(path, "wb").write(graph.as_graph_def().SerializeToString())
print(graph.inputs[0].name, graph.outputs[0].name)
"""


def python(code, *arguments):
    return subprocess.run([sys.executable, "-c", code, repr(arguments)], check=True, capture_output=True, text=True).stdout


def convert(model, out, *flags):
    subprocess.run([run.FLOWPORT, "convert", str(model), "-o", str(out), "--quiet", *flags], check=True)


def compare(ours, theirs, feed, array):
    """(ratio, ours in ms, whether the results are equal)."""
    import numpy as np
    import onnxruntime

    np.save(feed, array)
    results = []
    for path in (ours, theirs):
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        results.append(session.run(None, {session.get_inputs()[0].name: array})[0])
    mine, other = run.latencies([ours, theirs], feed)
    return mine / other, mine, bool(np.allclose(*results, rtol=1e-4, atol=1e-5))


def handwritten(path):
    """y[t] = h = tanh(0.9 * h + x[t]), as somebody writes it who thinks in ONNX."""
    import onnx

    model = onnx.parser.parse_model(f"""
        <ir_version: 8, opset_import: ["": 18]>
        loop (float[N, B, {UNITS}] x) => (float[N, B, {UNITS}] y) <float decay = {{0.9}}, bool yes = {{1}}, int64 begin = {{0}}> {{
          shape = Shape(x)
          steps = Gather <axis = 0> (shape, begin)
          row = Shape <start = 1> (x)
          zeros = ConstantOfShape (row)
          last, y = Loop (steps, yes, zeros) <body = step (int64 i, bool go, float[B, {UNITS}] h) => (bool on, float[B, {UNITS}] next, float[B, {UNITS}] out) {{
            on = Identity (go)
            r = Gather <axis = 0> (x, i)
            d = Mul (h, decay)
            s = Add (d, r)
            next = Tanh (s)
            out = Identity (next)
          }}>
        }}""")
    onnx.checker.check_model(model)
    onnx.save(model, path)


def recurrent(folder, rng):
    for kind, masked, bidirectional, sequences in itertools.product(("LSTM", "GRU"), (False, True), (False, True), (False, True)):
        name = " ".join(filter(None, [kind, masked and "masked", bidirectional and "bidirectional", sequences and "sequences"]))
        model = folder / name.replace(" ", "_")
        python(EXPORT, kind, masked, bidirectional, sequences, str(model), INPUTS, UNITS)
        ours, theirs = f"{model}.onnx", f"{model}_tf2onnx.onnx"
        convert(model, ours)
        subprocess.run([sys.executable, "-m", "tf2onnx.convert", "--saved-model", str(model), "--output", theirs, "--opset", "18"],
                       check=True, capture_output=True)
        x = rng.standard_normal((BATCH, TIME, INPUTS)).astype("float32")
        if masked:
            x[:, -TIME // 5:] = 0
            x[0, 3] = 0
        yield name, compare(ours, theirs, str(folder / "x.npy"), x)


def scan(folder, rng):
    graph, ours, theirs = folder / "scan.pb", str(folder / "scan.onnx"), str(folder / "handwritten.onnx")
    given, result = python(SCAN, STEPS, UNITS, str(graph)).split()
    convert(graph, ours, "--inputs", given, "--outputs", result)
    handwritten(theirs)
    yield f"loop of {STEPS} steps", compare(ours, theirs, str(folder / "x.npy"), rng.standard_normal((STEPS, BATCH, UNITS)).astype("float32"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", help="write all numbers to this file")
    options = parser.parse_args()
    import numpy as np

    rng = np.random.default_rng(0)
    results = {}
    print(f"{'':<36} {'ms':>8} {'ratio':>6}  equal")
    with tempfile.TemporaryDirectory() as scratch:
        for name, (ratio, ms, equal) in itertools.chain(scan(pathlib.Path(scratch), rng), recurrent(pathlib.Path(scratch), rng)):
            results[name] = {"ratio": ratio, "ms": ms, "equal": equal}
            print(f"{name:<36} {ms:8.3f} {ratio:6.2f}  {'yes' if equal else 'NO'}", flush=True)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
