"""Runs a converted model and compares with what TensorFlow computed (expected.npz).

usage: compare.py MODEL.onnx [LIBRARY.so]

With a library of kernels the model runs in ONNX Runtime, else in onnx's reference implementation with the op in Python."""
import pathlib
import sys

import numpy as np


def in_onnxruntime(model, library, x):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.register_custom_ops_library(library)
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return dict(zip([output.name for output in session.get_outputs()], session.run(None, {"x": x})))


def in_reference(model, x):
    from onnx.reference import ReferenceEvaluator
    from onnx.reference.op_run import OpRun

    class Collatz(OpRun):
        op_domain = "com.example"

        def _run(self, n, limit):
            steps = np.zeros_like(n)
            for _ in range(limit):
                going = n > 1
                steps += going
                n = np.where(going, np.where(n % 2 == 0, n // 2, 3 * n + 1), n)
            return (steps,)

    session = ReferenceEvaluator(model, new_ops=[Collatz])
    return dict(zip(session.output_names, session.run(None, {"x": x})))


def main(model, library=None):
    expected = np.load(pathlib.Path(__file__).parent / "expected.npz")
    actual = in_onnxruntime(model, str(pathlib.Path(library).resolve()), expected["x"]) if library else in_reference(model, expected["x"])
    for name in ("y", "steps"):
        assert actual[name].dtype == expected[name].dtype
        np.testing.assert_allclose(actual[name], expected[name], rtol=1e-6)
    print("equal to TensorFlow in", "ONNX Runtime" if library else "onnx.reference")


if __name__ == "__main__":
    main(*sys.argv[1:])
