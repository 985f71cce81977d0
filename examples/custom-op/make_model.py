"""Builds kernels.cc against the TensorFlow of this Python, and saves a model with its two ops (saved_model/) and what TensorFlow
computes with it (expected.npz)."""
import os
import pathlib
import subprocess

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf

HERE = pathlib.Path(__file__).parent
LIBRARY = HERE / "kernels.so"


class Model(tf.Module):
    def __init__(self, ops):
        super().__init__()
        self.ops = ops

    @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32, "x")])
    def __call__(self, x):
        y = self.ops.cube(x=x)
        n = tf.cast(tf.round(tf.abs(y)), tf.int64) + 1
        return {"y": y, "steps": self.ops.collatz(n=n, limit=50)}


def main():
    flags = [*tf.sysconfig.get_compile_flags(), "-shared", "-fPIC"]
    subprocess.run(["c++", *flags, HERE / "kernels.cc", "-o", LIBRARY, *tf.sysconfig.get_link_flags()], check=True)
    model = Model(tf.load_op_library(str(LIBRARY)))
    tf.saved_model.save(model, str(HERE / "saved_model"))
    x = np.linspace(-9, 9, 24, dtype=np.float32).reshape(6, 4)
    np.savez(HERE / "expected.npz", x=x, **{name: value.numpy() for name, value in model(x).items()})


if __name__ == "__main__":
    main()
