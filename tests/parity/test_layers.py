"""Keras layers, each exported as a SavedModel: with its own shapes at the default opset, and with unknown batch and sizes at the
lowest, the default and the highest one."""
import dataclasses
from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import parity

ALL = []


@dataclasses.dataclass
class LayerCase:
    id: str
    make: Callable
    inputs: tuple
    dtypes: tuple
    options: dict


def layer(make, *shapes, dtypes=None, name, **options):
    """`make()` gives a layer, or a function of Keras tensors that calls some. A shape is a feed's; as the model's input its dims
    are unknown but those of `fixed`: places from the end, by default the last. Options: static_only=reason, rtol, atol, low and
    high of the feeds."""
    number = sum(1 for other in ALL if other.id.rsplit("-", 1)[0] == name) + 1
    ALL.append(LayerCase(f"{name}-{number}", make, shapes, dtypes or ("float32",) * len(shapes), options))


def keras_layer(name, *args, on, **options):
    """A layer of keras.layers with its arguments, on feeds of the shapes `on`."""
    settings = {key: options.pop(key) for key in ("dtypes", "static_only", "rtol", "atol", "low", "high", "fixed") if key in options}
    layer(lambda: getattr(layers, name)(*args, **options), *on, name=name, **settings)


# ---- convolutions
ONE_D, TWO_D, THREE_D = (2, 11, 4), (2, 9, 8, 4), (1, 6, 7, 5, 4)
for rank, shape in ((1, ONE_D), (2, TWO_D), (3, THREE_D)):
    for padding in ("valid", "same"):
        keras_layer(f"Conv{rank}D", 6, 3, padding=padding, on=[shape])
        keras_layer(f"Conv{rank}D", 6, 3, strides=2, padding=padding, activation="relu", on=[shape])
        keras_layer(f"Conv{rank}DTranspose", 3, 3, strides=2, padding=padding, on=[shape])
    keras_layer(f"Conv{rank}D", 6, 2, dilation_rate=2, padding="same", on=[shape])
    keras_layer(f"Conv{rank}DTranspose", 3, 2, strides=3, padding="valid", use_bias=False, on=[shape])
for rank, shape in ((1, ONE_D), (2, TWO_D)):
    keras_layer(f"Conv{rank}D", 6, 3, groups=2, padding="same", on=[shape])
    keras_layer(f"DepthwiseConv{rank}D", 3, depth_multiplier=2, padding="same", on=[shape])
    keras_layer(f"DepthwiseConv{rank}D", 3, strides=2, padding="valid", on=[shape])
    keras_layer(f"SeparableConv{rank}D", 5, 3, strides=2, padding="same", on=[shape])
    keras_layer(f"SeparableConv{rank}D", 5, 3, on=[shape])
keras_layer("Conv1D", 6, 3, padding="causal", on=[ONE_D])
keras_layer("Conv1D", 6, 3, padding="causal", dilation_rate=2, on=[ONE_D])
keras_layer("Conv1DTranspose", 3, 3, strides=2, output_padding=1, on=[ONE_D])
keras_layer("Conv2DTranspose", 3, 3, strides=2, padding="same", output_padding=1, on=[TWO_D])
keras_layer("Conv2DTranspose", 3, (3, 2), strides=(2, 1), padding="valid", activation="relu", on=[TWO_D])
keras_layer("Conv2D", 6, (3, 2), dilation_rate=(2, 3), on=[TWO_D])
keras_layer("DepthwiseConv2D", 3, dilation_rate=2, padding="same", on=[TWO_D])

# ---- pools
for rank, shape in ((1, ONE_D), (2, TWO_D), (3, THREE_D)):
    for kind in ("Max", "Average"):
        keras_layer(f"{kind}Pooling{rank}D", 2, on=[shape])
        keras_layer(f"{kind}Pooling{rank}D", 3, strides=2, padding="same", on=[shape])
        keras_layer(f"Global{kind}Pooling{rank}D", on=[shape])
        keras_layer(f"Global{kind}Pooling{rank}D", keepdims=True, on=[shape])
for rank, shape in ((1, (2, 12, 4)), (2, (2, 8, 12, 4))):
    for kind in ("Max", "Average"):
        if hasattr(layers, f"Adaptive{kind}Pooling{rank}D"):
            keras_layer(f"Adaptive{kind}Pooling{rank}D", 4, on=[shape], fixed=range(-rank - 1, 0))

# ---- shape
keras_layer("UpSampling1D", 3, on=[ONE_D])
keras_layer("UpSampling2D", (2, 3), on=[TWO_D])
for interpolation in ("bilinear", "bicubic"):  # for which TensorFlow needs the sizes
    keras_layer("UpSampling2D", (2, 3), interpolation=interpolation, on=[TWO_D], fixed=(-1, -2, -3))
keras_layer("UpSampling3D", (1, 2, 3), on=[THREE_D])
keras_layer("Cropping1D", (1, 2), on=[ONE_D])
keras_layer("Cropping2D", ((1, 2), (0, 3)), on=[TWO_D])
keras_layer("Cropping3D", 1, on=[THREE_D])
keras_layer("ZeroPadding1D", (1, 2), on=[ONE_D])
keras_layer("ZeroPadding2D", ((1, 2), (0, 3)), on=[TWO_D])
keras_layer("ZeroPadding3D", 1, on=[THREE_D])
keras_layer("Permute", (3, 1, 2), on=[TWO_D])
keras_layer("RepeatVector", 3, on=[(2, 5)])
keras_layer("Flatten", on=[TWO_D])
keras_layer("Flatten", data_format="channels_first", on=[TWO_D])
keras_layer("Reshape", (-1, 4), on=[TWO_D])
keras_layer("Reshape", (4, 18, 4), on=[TWO_D], fixed=(-1, -2, -3))

# ---- preprocessing
for interpolation in ("bilinear", "nearest", "area", "lanczos3", "lanczos5"):
    keras_layer("Resizing", 5, 13, interpolation=interpolation, on=[TWO_D], atol=1e-4)
keras_layer("Resizing", 5, 13, interpolation="bicubic", on=[TWO_D], atol=1e-4)
keras_layer("Resizing", 5, 13, crop_to_aspect_ratio=True, on=[TWO_D])
keras_layer("Resizing", 5, 13, pad_to_aspect_ratio=True, on=[TWO_D])
keras_layer("Resizing", 5, 13, antialias=True, on=[TWO_D], atol=1e-4)
keras_layer("Rescaling", 1 / 127.5, offset=-1, on=[TWO_D])
keras_layer("Rescaling", 1 / 127.5, on=[TWO_D], dtypes=("uint8",))
keras_layer("Normalization", mean=[1, 2, 3, 4], variance=[1, 2, 3, 4], on=[TWO_D])
keras_layer("Normalization", mean=0.5, variance=2.0, invert=True, axis=None, on=[TWO_D])
keras_layer("CenterCrop", 5, 4, on=[TWO_D])
keras_layer("CenterCrop", 5, 4, on=[(2, 3, 8, 4)])
keras_layer("Discretization", bin_boundaries=[-1.0, 0.0, 0.5], on=[(3, 4)])
keras_layer("Discretization", bin_boundaries=[-1.0, 0.5], output_mode="one_hot", on=[(3, 1)])
for mode in ("one_hot", "multi_hot", "count"):
    keras_layer("CategoryEncoding", 6, output_mode=mode, on=[(3, 1) if mode == "one_hot" else (3, 4)], dtypes=("int32",), low=0, high=6)
keras_layer("RandomFlip", on=[TWO_D])
keras_layer("Dropout", 0.5, on=[(3, 4)])
keras_layer("GaussianNoise", 0.5, on=[(3, 4)])
keras_layer("SpatialDropout2D", 0.5, on=[TWO_D])

# ---- normalisation
keras_layer("BatchNormalization", on=[TWO_D])
keras_layer("BatchNormalization", on=[(3, 5)])
keras_layer("BatchNormalization", scale=False, center=False, on=[THREE_D])
keras_layer("BatchNormalization", axis=1, on=[(2, 3, 4, 5)], fixed=(-3,))
keras_layer("LayerNormalization", on=[TWO_D])
keras_layer("LayerNormalization", axis=[1, 2], on=[(2, 5, 6)], fixed=(-1, -2))
keras_layer("LayerNormalization", scale=False, on=[(3, 5)])
keras_layer("GroupNormalization", 2, on=[TWO_D])
keras_layer("GroupNormalization", -1, on=[TWO_D])
keras_layer("UnitNormalization", on=[TWO_D])
keras_layer("RMSNormalization", on=[TWO_D])
layer(lambda: layers.SpectralNormalization(layers.Conv2D(3, 3)), TWO_D, name="SpectralNormalization")

# ---- activations
keras_layer("PReLU", on=[(3, 5)])
keras_layer("PReLU", shared_axes=[1, 2], on=[TWO_D])
keras_layer("LeakyReLU", on=[(3, 5)])
keras_layer("ELU", on=[(3, 5)])
keras_layer("ReLU", 1.0, 0.1, 0.2, on=[(3, 5)])
keras_layer("ReLU", 6.0, on=[(3, 5)])
keras_layer("Softmax", on=[(3, 5)])
keras_layer("Softmax", axis=1, on=[(3, 5, 2)])


def activations(x):
    """Every function of keras.activations."""
    names = ("celu", "elu", "exponential", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh", "leaky_relu", "linear",
             "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink", "softmax", "softplus",
             "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "tanh", "tanh_shrink")
    results = [getattr(keras.activations, name)(x) for name in names]
    return [*results, keras.activations.gelu(x, approximate=True), keras.activations.threshold(x, 0.5, -1.0)]


layer(lambda: layers.Lambda(activations), (3, 6), name="activations", low=-6.0, high=6.0)

# ---- merging
PAIR = [(2, 5, 4), (2, 5, 4)]


def merging(name, shapes, fixed=(-1,), **options):
    layer(lambda: lambda *x: getattr(layers, name)(**options)(list(x)), *shapes, name=name, fixed=fixed)


for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"):
    merging(name, PAIR)
merging("Add", [(2, 5, 4), (2, 1, 4), (2, 5, 1)])
merging("Concatenate", PAIR, axis=1)
merging("Dot", PAIR, axes=2)
merging("Dot", [(2, 5, 4), (2, 4, 3)], axes=(2, 1), fixed=(-1, -2))
merging("Dot", [(2, 4), (2, 4)], axes=1, normalize=True)

# ---- attention
QUERY, KEY = (2, 5, 8), (2, 7, 8)


def attention(make, *shapes, name, **call):
    """The layer called with its feeds by position, and with settings."""
    layer(lambda: (lambda block: lambda *x: block(*x, **call))(make()), *shapes, name=name)


attention(lambda: layers.MultiHeadAttention(2, 4), QUERY, KEY, name="MultiHeadAttention")
attention(lambda: layers.MultiHeadAttention(2, 4, value_dim=3, output_shape=5), QUERY, KEY, name="MultiHeadAttention")
attention(lambda: layers.MultiHeadAttention(2, 4), QUERY, QUERY, name="MultiHeadAttention", use_causal_mask=True)
layer(lambda: (lambda block: lambda q, k, m: block(q, k, attention_mask=m > 0))(layers.MultiHeadAttention(2, 4)), QUERY, KEY, (2, 5, 7),
      name="MultiHeadAttention")
attention(lambda: layers.GroupQueryAttention(4, 4, 2), QUERY, KEY, name="GroupQueryAttention")
attention(lambda: layers.GroupQueryAttention(4, 4, 2), QUERY, QUERY, name="GroupQueryAttention", use_causal_mask=True)
for kind in ("Attention", "AdditiveAttention"):
    layer(lambda kind=kind: (lambda block: lambda q, k: block([q, k]))(getattr(layers, kind)()), QUERY, KEY, name=kind)
    layer(lambda kind=kind: (lambda block: lambda q, k: block([q, k], use_causal_mask=True))(getattr(layers, kind)()), QUERY, QUERY, name=kind)
layer(lambda: (lambda block: lambda q, k, m: block([q, k], mask=[None, m > 0]))(layers.Attention(score_mode="concat", use_scale=True)),
      QUERY, KEY, (2, 7), name="Attention")

# ---- dense, embedding, masks
keras_layer("Dense", 3, activation="relu", on=[(2, 5)])
keras_layer("Dense", 3, on=[(2, 5, 4)])
keras_layer("Dense", 3, use_bias=False, on=[TWO_D])
keras_layer("EinsumDense", "abc,cd->abd", output_shape=(None, 6), bias_axes="d", on=[(2, 5, 4)])
keras_layer("EinsumDense", "...x,xy->...y", output_shape=6, on=[(2, 5, 4)])
keras_layer("Embedding", 10, 4, on=[(2, 5)], dtypes=("int32",), low=0, high=10)
layer(lambda: keras.Sequential([layers.Embedding(10, 4, mask_zero=True), layers.GlobalAveragePooling1D()]), (2, 5), dtypes=("int32",),
      name="Embedding", low=0, high=3)
layer(lambda: keras.Sequential([layers.Masking(0.0), layers.GlobalAveragePooling1D()]), (2, 5, 3), name="Masking")
layer(lambda: layers.TimeDistributed(layers.Dense(3)), (2, 5, 4), name="TimeDistributed")
keras_layer("ActivityRegularization", on=[(2, 5)])
keras_layer("Identity", on=[(2, 5)])


def _feed(shape, dtype, options, index):
    low, high = options.get("low", -2.0), options.get("high", 2.0)
    rng = np.random.default_rng([index, *shape])
    if dtype.startswith(("int", "uint")):
        return rng.integers(int(low) if dtype.startswith("int") else 0, int(high) if "high" in options else 250, shape).astype(dtype)
    return rng.uniform(low, high, shape).astype(dtype)


def _export(case, shapes, folder):
    """Saves the case as a model with inputs of these shapes; gives the function that TensorFlow runs."""
    inputs = [keras.Input(batch_shape=shape, dtype=dtype) for shape, dtype in zip(shapes, case.dtypes)]
    model = keras.Model(inputs, case.make()(*inputs))
    # New layers are full of zeros and ones, which hide mistakes.
    rng = np.random.default_rng(7)
    for variable in model.variables:
        if tf.as_dtype(variable.dtype).is_floating:
            variable.assign(rng.uniform(0.1, 1.0, variable.shape))
    specs = [tf.TensorSpec(shape, dtype, name=f"x{i}") for i, (shape, dtype) in enumerate(zip(shapes, case.dtypes))]

    def call(*x):
        return {f"y{i}": tensor for i, tensor in enumerate(tf.nest.flatten(model(list(x), training=False)))}

    module = tf.Module()
    module.state = [variable.value for variable in model.variables]
    module.call = tf.function(call, input_signature=specs, autograph=False)
    tf.saved_model.save(module, folder, signatures=module.call.get_concrete_function())
    return module.call


@pytest.mark.parametrize("kind", ["static", "dynamic"])
@pytest.mark.parametrize("case", ALL, ids=lambda case: case.id)
def test_layer(case, kind, tmp_path):
    if kind == "dynamic" and "static_only" in case.options:
        pytest.skip(case.options["static_only"])
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    fixed = case.options.get("fixed", (-1,))
    shapes = [shape if kind == "static" else tuple(d if i - len(shape) in fixed else None for i, d in enumerate(shape)) for shape in case.inputs]
    feeds = [_feed(shape, dtype, case.options, i) for i, (shape, dtype) in enumerate(zip(case.inputs, case.dtypes))]
    call = _export(case, shapes, tmp_path / "saved")
    expected = call(*map(tf.constant, feeds))
    for opset in parity.OPSETS if kind == "dynamic" else parity.OPSETS[1:2]:
        out = tmp_path / f"{opset}.onnx"
        parity.convert(tmp_path / "saved", out, "--opset", opset)
        actual = parity.run_onnx(out, {f"x{i}": value for i, value in enumerate(feeds)})
        assert sorted(actual) == sorted(expected)
        for name, value in expected.items():
            parity.assert_same(value, actual[name], case.options.get("rtol", 1e-4), case.options.get("atol", 1e-5))
