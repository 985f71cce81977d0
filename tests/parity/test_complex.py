"""Complex tensors beyond single ops: variables, control flow, the model's inputs and outputs, and spectra."""
import json

import numpy as np
import tensorflow as tf

import parity


def check(function, arrays, tmp_path, opsets=parity.OPSETS, shapes=None, **tolerance):
    specs = [tf.TensorSpec(shape, array.dtype) for array, shape in zip(arrays, shapes or [a.shape for a in arrays])]
    expected = tf.nest.flatten(tf.function(function)(*map(tf.constant, arrays)))
    inputs, outputs = parity.freeze(function, specs, tmp_path / "graph.pb")
    for opset in opsets:
        out = tmp_path / f"{opset}.onnx"
        parity.convert(tmp_path / "graph.pb", out, "--inputs", ",".join(inputs), "--outputs", ",".join(outputs), "--opset", opset)
        actual = parity.run_onnx(out, dict(zip(inputs, arrays)))
        for name, value in zip(outputs, expected):
            parity.assert_same(value, actual[name], **tolerance)


def numbers(*dims):
    rng = np.random.default_rng(1)
    return (rng.normal(size=dims) + 1j * rng.normal(size=dims)).astype("complex64")


def test_while_and_cond(tmp_path):
    def mandelbrot(c):
        def step(i, z):
            return i + 1, z * z + c

        count, z = tf.while_loop(lambda i, z: (i < 5) & (tf.reduce_max(tf.abs(z)) < 2.0), step, (0, tf.zeros_like(c)))
        return count, tf.cond(tf.math.real(z[0]) > 0.0, lambda: tf.math.conj(z), lambda: z * tf.complex(0.0, 1.0))

    check(mandelbrot, [numbers(4) * np.complex64(0.3)], tmp_path)


def test_variables(tmp_path):
    module = tf.Module()
    module.weight = tf.Variable(numbers(3, 2))
    module.wide = tf.Variable(numbers(4).astype("complex128"))

    @tf.function(input_signature=[tf.TensorSpec([None, 3], "complex64", "x")])
    def serve(x):
        return {"y": x @ module.weight, "rows": tf.gather(module.wide, [2, 0]), "shape": tf.shape(module.wide)}

    tf.saved_model.save(module, tmp_path / "model", signatures=serve)
    report = tmp_path / "report.json"
    parity.convert(tmp_path / "model", tmp_path / "model.onnx", "--report", report)
    x = numbers(5, 3)
    actual = parity.run_onnx(tmp_path / "model.onnx", {"x": x})
    for name, value in serve(tf.constant(x)).items():
        parity.assert_same(value, actual[name])
    told = " ".join(warning["text"] for warning in json.loads(report.read_text())["warnings"])
    for name in ("input 'x'", "output 'y'", "output 'rows'"):
        assert f"{name} is complex" in told
    assert "'shape'" not in told


def test_short_time_spectra(tmp_path):
    def spectra(signal):
        stft = tf.signal.stft(signal, frame_length=40, frame_step=10, fft_length=48)
        mel = tf.signal.linear_to_mel_weight_matrix(8, 25, 16000)
        return tf.abs(stft) @ mel, tf.math.angle(stft[..., 1:5]), tf.signal.inverse_stft(stft, 40, 10, 48)

    signal = np.random.default_rng(2).normal(size=(2, 200)).astype("float32")
    check(spectra, [signal], tmp_path, atol=1e-4)
    check(spectra, [signal], tmp_path, shapes=[[None, 200]], atol=1e-4)


def test_convolution_by_fourier_transform(tmp_path):
    def convolve(image, kernel):
        size = [16, 16]
        return tf.signal.irfft2d(tf.signal.rfft2d(image, size) * tf.signal.rfft2d(kernel, size), size)

    rng = np.random.default_rng(3)
    check(convolve, [rng.normal(size=(2, 12, 12)).astype("float32"), rng.normal(size=(5, 5)).astype("float32")], tmp_path, atol=1e-4)
