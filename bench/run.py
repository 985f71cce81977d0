"""Flowport against tf2onnx and OpenVINO on the same models in one run: `./dev bench [MODEL...]`.

For each model (Keras applications with random weights, exported once as SavedModel) and each converter: whole-process wall time (the
best of several), largest resident memory, nodes and Transposes of the result, and ONNX Runtime's latency on it (median). OpenVINO's time
is that of read_model + save_model inside a process that has already imported it. Ratios are Flowport's value over the other's.
Only ratios of one run mean something; the machine is whatever it is.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

FLOWPORT = os.environ.get("FLOWPORT", "flowport")
DEFAULT = ["MobileNetV2", "ResNet50", "EfficientNetB0"]

EXPORT = """
import sys, keras, numpy as np
keras.utils.set_random_seed(1)
model = getattr(keras.applications, sys.argv[1])(weights=None)
model.export(sys.argv[2], verbose=False)
shape = [1] + [d or 224 for d in model.input_shape[1:]]
np.save(sys.argv[3], np.random.default_rng(0).uniform(0, 1, shape).astype("float32"))
"""

OPENVINO = """
import sys, time, resource, openvino
core = openvino.Core()
start = time.perf_counter()
model = core.read_model(sys.argv[1])
openvino.save_model(model, sys.argv[2], compress_to_fp16=False)
print(time.perf_counter() - start)
"""


def timed(command, repeats):
    """Best wall time in seconds, and the largest resident size in MB, of `command` in a process of its own."""
    best, peak, out = float("inf"), 0, ""
    for _ in range(repeats):
        start = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        out, err = child.communicate()
        best = min(best, time.perf_counter() - start)
        if child.returncode != 0:
            raise RuntimeError(f"{command[0]} failed:\n{err[-2000:]}")
        measured = subprocess.run(["/usr/bin/time", "-f", "%M", *command], capture_output=True, text=True, check=True) if peak == 0 else None
        if measured:
            peak = int(measured.stderr.strip().splitlines()[-1]) / 1024
    return best, peak, out


def describe(path):
    """(nodes, Transposes) of an ONNX file."""
    import onnx

    graph = onnx.load(path, load_external_data=False).graph
    return len(graph.node), sum(n.op_type == "Transpose" for n in graph.node)


def latencies(paths, feed):
    """Median latency in ms of each ONNX file on one thread. They take turns, so that what the machine does besides hits all alike."""
    import numpy as np
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    sessions = [onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"]) for path in paths]
    feeds = [{session.get_inputs()[0].name: np.load(feed)} for session in sessions]
    times = [[] for _ in paths]
    for turn in range(62):
        order = range(len(paths)) if turn % 2 == 0 else reversed(range(len(paths)))
        for i in order:
            start = time.perf_counter()
            sessions[i].run(None, feeds[i])
            if turn > 1:  # the first two warm up
                times[i].append((time.perf_counter() - start) * 1000)
    return [statistics.median(each) for each in times]


def bench(name, folder):
    model, feed = folder / name, str(folder / f"{name}.npy")
    subprocess.run([sys.executable, "-c", EXPORT, name, str(model), feed], check=True, capture_output=True)
    weights = (model / "variables" / "variables.data-00000-of-00001").stat().st_size / 2**20
    ours, theirs = str(folder / "flowport.onnx"), str(folder / "tf2onnx.onnx")
    rows = {"weights MB": weights}
    seconds, peak, _ = timed([FLOWPORT, "convert", str(model), "-o", ours, "--quiet"], 5)
    rows["flowport"] = {"s": seconds, "MB": peak, **dict(zip(("nodes", "transposes"), describe(ours)))}
    seconds, peak, _ = timed([sys.executable, "-m", "tf2onnx.convert", "--saved-model", str(model), "--output", theirs, "--opset", "18"], 1)
    rows["tf2onnx"] = {"s": seconds, "MB": peak, **dict(zip(("nodes", "transposes"), describe(theirs)))}
    rows["flowport"]["ms"], rows["tf2onnx"]["ms"] = latencies([ours, theirs], feed)
    runs = [timed([sys.executable, "-c", OPENVINO, str(model), str(folder / "openvino.xml")], 1) for _ in range(3)]
    rows["openvino"] = {"s": min(float(out) for _, _, out in runs), "MB": runs[0][1]}
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=DEFAULT, help="names in keras.applications")
    parser.add_argument("--json", help="write all numbers to this file")
    options = parser.parse_args()
    results = {}
    print(f"{'model':<16} {'time s':>8} {'/openvino':>10} {'tf2onnx/':>9} {'MB':>6} {'limit':>6} {'nodes':>6} {'/tf2onnx':>9} {'T':>3} {'latency/tf2onnx':>16}")
    with tempfile.TemporaryDirectory() as scratch:
        for name in options.models:
            r = results[name] = bench(name, pathlib.Path(scratch))
            f, t, o = r["flowport"], r["tf2onnx"], r["openvino"]
            print(f"{name:<16} {f['s']:8.3f} {f['s'] / o['s']:10.2f} {t['s'] / f['s']:9.0f} {f['MB']:6.0f} {100 + 0.3 * r['weights MB']:6.0f} "
                  f"{f['nodes']:6d} {f['nodes'] / t['nodes']:9.2f} {f['transposes']:3d} {f['ms'] / t['ms']:16.2f}", flush=True)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
