"""Runs a converted model in ONNX Runtime on the sample and compares with what TensorFlow gave.

    pip install onnxruntime numpy
    python compare.py digits.onnx
"""
import pathlib
import sys

import numpy as np
import onnxruntime


def main(path):
    sample = np.load(pathlib.Path(__file__).parent / "sample.npz")
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    (probabilities,) = session.run(None, {name: sample["image"]})
    difference = float(np.abs(probabilities - sample["probabilities"]).max())
    print("digits on the images ", sample["digit"])
    print("digits by the model  ", probabilities.argmax(axis=1))
    print(f"largest difference from TensorFlow: {difference:.1e}")
    return 0 if difference < 1e-5 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
