"""Keras layers and functions of tf.nn and tf.image, each exported as a SavedModel: with its own shapes and with unknown batch
and sizes, at the lowest, the default and the highest opset."""
import dataclasses
from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

import parity

ALL = []


@dataclasses.dataclass
class LayerCase:
    id: str
    make: Callable
    inputs: tuple
    dtypes: tuple
    options: dict


def layer(make, *shapes, dtypes=None, name=None, **options):
    """`make()` gives a layer or function of one or more tensors. A shape is a feed's; as the model's input its dims are unknown
    but those of `fixed`: (0-based) places counted from the end, by default the last. Options: static_only=reason, rtol, atol,
    low and high of the feeds."""
    number = sum(1 for other in ALL if other.id.rsplit("-", 1)[0] == name) + 1
    ALL.append(LayerCase(f"{name}-{number}", make, shapes, dtypes or ("float32",) * len(shapes), options))


def keras_layer(name, *args, on, **options):
    """A layer of keras.layers with its arguments, on feeds of the shapes `on`."""
    settings = {key: options.pop(key) for key in ("dtypes", "static_only", "rtol", "atol", "low", "high", "fixed") if key in options}
    layer(lambda: getattr(layers, name)(*args, **options), *on, name=name, **settings)


def function(call, *shapes, name, **settings):
    """A function of tensors."""
    layer(lambda: call, *shapes, name=name, **settings)


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
        keras_layer(f"{kind}Pooling{rank}D", on=[shape])
        keras_layer(f"{kind}Pooling{rank}D", 3, strides=2, padding="same", on=[shape])
        keras_layer(f"Global{kind}Pooling{rank}D", on=[shape])
        keras_layer(f"Global{kind}Pooling{rank}D", keepdims=True, on=[shape])
for rank, shape in ((1, (2, 12, 4)), (2, (2, 8, 12, 4))):
    for kind in ("Max", "Average"):
        if hasattr(layers, f"Adaptive{kind}Pooling{rank}D"):
            keras_layer(f"Adaptive{kind}Pooling{rank}D", 4, on=[shape], static_only="Keras needs the sizes")

# ---- shape
keras_layer("UpSampling1D", 3, on=[ONE_D])
for interpolation in ("nearest", "bilinear", "bicubic"):
    keras_layer("UpSampling2D", (2, 3), interpolation=interpolation, on=[TWO_D], atol=1e-2 if interpolation == "bicubic" else 1e-5)
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
keras_layer("Reshape", (4, 18, 4), on=[TWO_D], static_only="Keras needs the sizes")

# ---- preprocessing
for interpolation in ("bilinear", "nearest", "area", "lanczos3", "lanczos5"):
    keras_layer("Resizing", 5, 13, interpolation=interpolation, on=[TWO_D], atol=1e-4)
keras_layer("Resizing", 5, 13, interpolation="bicubic", on=[TWO_D], atol=1e-2)
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
for name in ("celu", "elu", "exponential", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh", "leaky_relu", "linear",
             "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink", "softmax", "softplus",
             "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "tanh", "tanh_shrink", "threshold"):
    if hasattr(keras.activations, name):
        function(getattr(keras.activations, name), (3, 6), name=f"activations.{name}", high=6.0, low=-6.0)
function(lambda x: keras.activations.gelu(x, approximate=True), (3, 6), name="activations.gelu")

# ---- merging
PAIR = [(2, 5, 4), (2, 5, 4)]


def merging(name, shapes, **options):
    layer(lambda: lambda *x: getattr(layers, name)(**options)(list(x)), *shapes, name=name)


for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"):
    merging(name, PAIR)
merging("Add", [(2, 5, 4), (2, 1, 4), (2, 5, 1)])
merging("Concatenate", PAIR, axis=1)
merging("Dot", PAIR, axes=2)
merging("Dot", [(2, 5, 4), (2, 4, 3)], axes=(2, 1))
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

# ---- tf.nn
function(lambda x: tf.nn.local_response_normalization(x, 2, 1.5, 0.2, 0.6), TWO_D, name="nn.lrn")
function(lambda x: tf.nn.lrn(x, depth_radius=1), (2, 3, 4, 7), name="nn.lrn")
function(lambda x: tf.nn.max_pool_with_argmax(x, 2, 2, "SAME"), TWO_D, name="nn.max_pool_with_argmax")
function(lambda x: tf.nn.dilation2d(x, tf.ones([3, 2, 4]), [1, 1, 1, 1], "SAME", "NHWC", [1, 2, 1, 1]), TWO_D, name="nn.dilation2d")
function(lambda x: tf.nn.erosion2d(x, tf.ones([3, 2, 4]), [1, 2, 2, 1], "VALID", "NHWC", [1, 1, 1, 1]), TWO_D, name="nn.erosion2d")
function(lambda x: tf.nn.depth_to_space(x, 2), TWO_D, name="nn.depth_to_space")
function(lambda x: tf.nn.space_to_depth(x, 2), (2, 8, 6, 3), name="nn.space_to_depth")
function(lambda x: tf.nn.moments(x, [1, 2]), TWO_D, name="nn.moments")
function(lambda x: tf.nn.l2_normalize(x, -1), (3, 5), name="nn.l2_normalize")
function(lambda x: tf.nn.crelu(x), (3, 5), name="nn.crelu")
function(lambda x: tf.nn.pool(x, [2, 3], "AVG", [1, 2], "SAME"), TWO_D, name="nn.pool")
function(lambda x: tf.nn.pool(x, [2, 2], "MAX", dilations=[2, 2]), TWO_D, name="nn.pool")
function(lambda x: tf.nn.convolution(x, tf.ones([3, 3, 4, 2]), dilations=[2, 2], padding="SAME"), TWO_D, name="nn.convolution")
function(lambda x: tf.nn.atrous_conv2d(x, tf.ones([3, 3, 4, 2]), 2, "VALID"), TWO_D, name="nn.atrous_conv2d")
function(lambda x: tf.nn.top_k(x, 3), (3, 6), name="nn.top_k")
function(lambda x: tf.nn.bias_add(x, tf.range(4.0)), TWO_D, name="nn.bias_add")
function(lambda x: tf.nn.avg_pool(x, 2, 2, "VALID"), THREE_D, name="nn.avg_pool")

# ---- tf.image
IMAGE = (2, 6, 5, 3)
for name, call in {
    "rgb_to_hsv": tf.image.rgb_to_hsv,
    "hsv_to_rgb": tf.image.hsv_to_rgb,
    "rgb_to_grayscale": tf.image.rgb_to_grayscale,
    "rgb_to_yuv": tf.image.rgb_to_yuv,
    "yuv_to_rgb": tf.image.yuv_to_rgb,
    "adjust_hue": lambda x: tf.image.adjust_hue(x, 0.3),
    "adjust_saturation": lambda x: tf.image.adjust_saturation(x, 0.4),
    "adjust_brightness": lambda x: tf.image.adjust_brightness(x, 0.1),
    "adjust_contrast": lambda x: tf.image.adjust_contrast(x, 0.4),
    "adjust_gamma": lambda x: tf.image.adjust_gamma(x, 2.2),
    "central_crop": lambda x: tf.image.central_crop(x, 0.6),
    "flip_left_right": tf.image.flip_left_right,
    "rot90": tf.image.rot90,
    "transpose": tf.image.transpose,
    "sobel_edges": tf.image.sobel_edges,
    "image_gradients": tf.image.image_gradients,
    "total_variation": tf.image.total_variation,
    "per_image_standardization": tf.image.per_image_standardization,
    "resize_with_pad": lambda x: tf.image.resize_with_pad(x, 7, 9),
    "resize_with_crop_or_pad": lambda x: tf.image.resize_with_crop_or_pad(x, 4, 8),
    "extract_patches": lambda x: tf.image.extract_patches(x, [1, 2, 2, 1], [1, 2, 1, 1], [1, 1, 1, 1], "SAME"),
    "crop_and_resize": lambda x: tf.image.crop_and_resize(x, [[0.1, 0.2, 0.9, 1.1], [0.8, 0.9, 0.1, 0.0]], [1, 0], [4, 3]),
    "extract_glimpse": lambda x: tf.image.extract_glimpse(x, [3, 4], tf.constant([[0.1, -0.2], [0.7, 0.9]]), noise="zero"),
    "draw_bounding_boxes": lambda x: tf.image.draw_bounding_boxes(x, [[[0.1, 0.2, 0.8, 0.9]]] * 2, [[1.0, 0.0, 0.0]]),
}.items():
    function(call, IMAGE, name=f"image.{name}", low=0.0, high=1.0)
for method in ("bilinear", "nearest", "area", "bicubic", "lanczos3", "gaussian", "mitchellcubic"):
    function(lambda x, m=method: tf.image.resize(x, [8, 3], m), IMAGE, name="image.resize", atol=1e-2 if method == "bicubic" else 1e-5)
    function(lambda x, m=method: tf.image.resize(x, [4, 3], m, antialias=True), IMAGE, name="image.resize", atol=1e-4)


def _boxes(x):
    """Boxes [n, 4] with corners in any order, and scores, from any numbers."""
    return tf.sigmoid(x[:, :4]), tf.sigmoid(x[:, 4])


function(lambda x: tf.image.non_max_suppression(*_boxes(x), 4, 0.3, 0.2), (9, 5), name="image.non_max_suppression")
function(lambda x: tf.image.non_max_suppression_padded(*_boxes(x), 12, 0.3, 0.2, pad_to_max_output_size=True), (9, 5),
         name="image.non_max_suppression_padded", static_only="TensorFlow needs the number of boxes")
function(lambda x: tf.image.non_max_suppression_with_scores(*_boxes(x), 4, 0.3, 0.2, 0.0), (9, 5), name="image.non_max_suppression_with_scores")
function(lambda x: tf.image.combined_non_max_suppression(tf.sigmoid(x)[:, :, None, :4], tf.sigmoid(x[:, :, 4:]), 3, 5, 0.4, 0.3), (2, 9, 7),
         name="image.combined_non_max_suppression")

# ---- keras.ops
function(lambda x: ops.image.affine_transform(x, np.float32([[1, 0.1, 0.5, 0.2, 0.9, -0.4, 0, 0]] * 2)), IMAGE, name="ops.image.affine_transform")
function(lambda x: ops.image.extract_patches(x, (2, 2)), IMAGE, name="ops.image.extract_patches")
function(lambda x: ops.conv(x, np.ones((3, 3, 2, 6), "float32"), padding="same"), TWO_D, name="ops.conv")


def _feed(shape, dtype, options, index):
    low, high = options.get("low", -2.0), options.get("high", 2.0)
    rng = np.random.default_rng([index, *shape])
    if dtype.startswith(("int", "uint")):
        return rng.integers(int(low) if dtype.startswith("int") else 0, int(high) if "high" in options else 250, shape).astype(dtype)
    return rng.uniform(low, high, shape).astype(dtype)


def _randomize(model):
    """New layers are full of zeros and ones, which hide mistakes: weights between 0.1 and 1."""
    rng = np.random.default_rng(7)
    for variable in model.variables:
        if tf.as_dtype(variable.dtype).is_floating:
            variable.assign(rng.uniform(0.1, 1.0, variable.shape))


def _export(case, shapes, folder):
    """A SavedModel of the case with inputs of these shapes; the function that TensorFlow runs."""
    made = case.make()
    if isinstance(made, keras.layers.Layer):
        made.build(shapes[0])
    module = tf.Module()
    specs = [tf.TensorSpec(shape, dtype, name=f"x{i}") for i, (shape, dtype) in enumerate(zip(shapes, case.dtypes))]
    if not isinstance(made, keras.layers.Layer):
        # Layers that a function holds make their variables on a first call.
        made(*[tf.constant(_feed(s, d, case.options, i)) for i, (s, d) in enumerate(zip(case.inputs, case.dtypes))])
    owned = [made] if isinstance(made, keras.layers.Layer) else [c.cell_contents for c in getattr(made, "__closure__", None) or ()]
    module.owned = [item for item in owned if isinstance(item, keras.layers.Layer)]
    for item in module.owned:
        _randomize(item)
    call = tf.function(lambda *x: {f"y{i}": t for i, t in enumerate(tf.nest.flatten(made(*x))) if t is not None}, input_signature=specs)
    module.call = call
    tf.saved_model.save(module, folder, signatures=call.get_concrete_function())
    return call


@pytest.mark.parametrize("kind", ["static", "dynamic"])
@pytest.mark.parametrize("case", ALL, ids=lambda case: case.id)
def test_layer(case, kind, tmp_path):
    if kind == "dynamic" and "static_only" in case.options:
        pytest.skip(case.options["static_only"])
    fixed = case.options.get("fixed", (-1,))
    shapes = [shape if kind == "static" else tuple(d if i - len(shape) in fixed else None for i, d in enumerate(shape)) for shape in case.inputs]
    feeds = [_feed(shape, dtype, case.options, i) for i, (shape, dtype) in enumerate(zip(case.inputs, case.dtypes))]
    keras.utils.set_random_seed(1)
    call = _export(case, shapes, tmp_path / "saved")
    expected = call(*map(tf.constant, feeds))
    for opset in parity.OPSETS:
        out = tmp_path / f"{opset}.onnx"
        parity.convert(tmp_path / "saved", out, "--opset", opset)
        actual = parity.run_onnx(out, {f"x{i}": value for i, value in enumerate(feeds)})
        assert sorted(actual) == sorted(expected)
        for name, value in expected.items():
            parity.assert_same(value, actual[name], case.options.get("rtol", 1e-4), case.options.get("atol", 1e-5))
