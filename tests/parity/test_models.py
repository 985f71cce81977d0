"""Whole models: keras.applications and other nets with random weights, as SavedModels at the lowest, the default and the highest
opset; a few as frozen graph and as checkpoint."""
import collections

import keras
import numpy as np
import onnx
import pytest
import tensorflow as tf
from keras import layers

import parity


def application(name, size, **options):
    def build():
        return getattr(keras.applications, name)(weights=None, input_shape=(size, size, 3), **options)

    return build


def transformer():
    """A Transformer encoder with a causal mask, embeddings and exact GELU."""
    length, width = 16, 32
    tokens = keras.Input((length,), dtype="int32", name="tokens")
    positions = layers.Embedding(length, width)(keras.ops.arange(length))
    x = layers.Embedding(100, width)(tokens) + positions
    for _ in range(2):
        attended = layers.MultiHeadAttention(4, width // 4)(x, x, use_causal_mask=True)
        x = layers.LayerNormalization(epsilon=1e-6)(x + attended)
        hidden = layers.Dense(64, activation=lambda t: keras.activations.gelu(t, approximate=False))(x)
        x = layers.LayerNormalization(epsilon=1e-6)(x + layers.Dense(width)(hidden))
    return keras.Model(tokens, layers.Dense(10)(layers.GlobalAveragePooling1D()(x)))


def mlp():
    return keras.Sequential([keras.Input((20,)), layers.Normalization(mean=0.5, variance=2.0), layers.Dense(32, activation="relu"),
                             layers.UnitNormalization(), layers.Dense(16, activation="tanh"), layers.Dense(3)])


def unet(size=None):
    """Encoder and decoder with transposed convolutions, dilation and PReLU."""
    image = keras.Input((size, size, 3))
    x = layers.Rescaling(1 / 255.0)(image)
    skips = []
    for filters in (8, 16):
        x = layers.PReLU(shared_axes=[1, 2])(layers.Conv2D(filters, 3, padding="same")(x))
        skips.append(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Conv2D(32, 3, padding="same", dilation_rate=2, activation="relu")(x)
    for filters, skip in zip((16, 8), reversed(skips)):
        x = layers.Conv2DTranspose(filters, 3, strides=2, padding="same")(x)
        x = layers.Concatenate()([x, skip])
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    return keras.Model(image, layers.Conv2D(2, 1, activation="sigmoid")(x))


def mixed():
    """Grouped, depthwise, separable, 1-D and 3-D convolutions and their relatives; group normalisation; image layers."""
    image = keras.Input((24, 24, 4))
    x = layers.ZeroPadding2D(((1, 0), (0, 1)))(layers.Resizing(20, 20)(image))
    x = layers.Conv2D(8, 3, groups=2, padding="same")(x)
    x = layers.GroupNormalization(4)(x)
    x = layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same")(x)
    x = layers.SeparableConv2D(12, 3, strides=2, padding="same")(x)
    x = layers.UpSampling2D(2, interpolation="bilinear")(layers.Cropping2D(1)(x))
    flat = layers.Reshape((-1, 12))(x)
    flat = layers.Conv1D(6, 5, strides=2, padding="same")(flat)
    flat = layers.Conv1DTranspose(6, 3, strides=2)(layers.SeparableConv1D(6, 3, padding="same")(flat))
    flat = layers.AveragePooling1D(2)(layers.Conv1D(6, 3, dilation_rate=2, padding="causal")(flat))
    cube = layers.Reshape((4, 4, 4, 3))(layers.Dense(192)(layers.GlobalMaxPooling1D()(flat)))
    cube = layers.MaxPooling3D()(layers.Conv3DTranspose(4, 3, strides=2, padding="same")(layers.Conv3D(4, 3, padding="same")(cube)))
    return keras.Model(image, layers.Flatten()(cube))


MODELS = {
    "MobileNet": application("MobileNet", 96),
    "MobileNetV2": application("MobileNetV2", 96),
    "MobileNetV3Small": application("MobileNetV3Small", 96),
    "MobileNetV3Large": application("MobileNetV3Large", 96),
    "ResNet50": application("ResNet50", 64, classes=10),
    "ResNet50V2": application("ResNet50V2", 64, classes=10),
    "EfficientNetB0": application("EfficientNetB0", 96),
    "EfficientNetV2B0": application("EfficientNetV2B0", 96),
    "DenseNet121": application("DenseNet121", 64),
    "InceptionV3": application("InceptionV3", 96),
    "InceptionResNetV2": application("InceptionResNetV2", 96),
    "Xception": application("Xception", 96),
    "NASNetMobile": application("NASNetMobile", 96),
    "ConvNeXtTiny": application("ConvNeXtTiny", 64),
    "VGG16": application("VGG16", 64, include_top=False),
    "transformer": transformer,
    "mlp": mlp,
    "unet": lambda: unet(32),
    "unet of any size": unet,
    "mixed": mixed,
}
# At most one Transpose for an image input and one for an image output (VGG16 stands without its top).
MOST_TRANSPOSES = collections.defaultdict(lambda: 1, {"unet": 2, "unet of any size": 2, "transformer": 99, "mlp": 0, "mixed": 99, "VGG16": 2})


def settle(model):
    """Weights that make every layer count: no zero biases, no unit statistics."""
    rng = np.random.default_rng(3)
    for weight in model.weights:
        value = weight.numpy()
        if not np.issubdtype(value.dtype, np.floating):
            continue
        if "variance" in weight.path:
            weight.assign(rng.uniform(0.5, 1.5, value.shape))
        elif value.ndim <= 1 and not weight.path.startswith("normalization"):
            weight.assign(value + rng.normal(0, 0.05, value.shape))
    return model


def sample(model):
    rng = np.random.default_rng(5)
    shape = [2] + [dim or 32 for dim in model.input_shape[1:]]
    if model.inputs[0].dtype == "int32":
        return rng.integers(0, 100, shape).astype(np.int32)
    return rng.uniform(0, 1, shape).astype(np.float32)


def count_transposes(path):
    graph = onnx.load(str(path), load_external_data=False).graph
    return sum(node.op_type == "Transpose" for node in graph.node)


@pytest.mark.parametrize("name", MODELS)
def test_saved_model(name, tmp_path):
    keras.utils.set_random_seed(1)
    model = settle(MODELS[name]())
    feed = sample(model)
    expected = model(feed, training=False).numpy()
    model.export(tmp_path / "saved_model", verbose=False)
    signature = tf.saved_model.load(tmp_path / "saved_model").signatures["serving_default"]
    for opset in parity.OPSETS:
        out = tmp_path / f"{opset}.onnx"
        parity.convert(tmp_path / "saved_model", out, "--opset", opset)
        onnx.checker.check_model(str(out), full_check=True)
        runtime = parity.session(out)
        assert [i.name for i in runtime.get_inputs()] == list(signature.structured_input_signature[1])
        assert [o.name for o in runtime.get_outputs()] == list(signature.structured_outputs)
        actual = runtime.run(None, {runtime.get_inputs()[0].name: feed})[0]
        parity.assert_same(expected, actual, of_range=True)
        assert count_transposes(out) <= MOST_TRANSPOSES[name]
    del model
    keras.backend.clear_session()


def test_external_data(tmp_path):
    keras.utils.set_random_seed(1)
    model = settle(MODELS["mlp"]())
    feed = sample(model)
    model.export(tmp_path / "saved_model", verbose=False)
    out = tmp_path / "out.onnx"
    parity.convert(tmp_path / "saved_model", out, "--external-data", "always")
    assert out.with_suffix(".onnx.data").stat().st_size > 0
    onnx.checker.check_model(str(out), full_check=True)
    parity.assert_same(model(feed, training=False).numpy(), list(parity.run_onnx(out, {parity.session(out).get_inputs()[0].name: feed}).values())[0])


@pytest.mark.parametrize("name", ["MobileNetV2", "transformer", "unet"])
def test_frozen_graph(name, tmp_path):
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    keras.utils.set_random_seed(2)
    model = settle(MODELS[name]())
    feed = sample(model)
    spec = tf.TensorSpec([None, *model.input_shape[1:]], model.inputs[0].dtype, name="fed")
    frozen = convert_variables_to_constants_v2(tf.function(lambda t: model(t, training=False)).get_concrete_function(spec))
    binary, text = tmp_path / "graph.pb", tmp_path / "graph.pbtxt"
    binary.write_bytes(frozen.graph.as_graph_def().SerializeToString())
    expected = model(feed, training=False).numpy()
    files = [binary]
    if name == "transformer":
        text.write_text(str(frozen.graph.as_graph_def()))
        files.append(text)
    for file in files:
        out = tmp_path / "out.onnx"
        parity.convert(file, out, "--inputs", "fed:0", "--outputs", frozen.outputs[0].name)
        parity.assert_same(expected, parity.run_onnx(out, {"fed:0": feed})[frozen.outputs[0].name], of_range=True)


def test_tf1_checkpoint(tmp_path):
    """A training graph with its optimizer: only what the output needs is looked at."""
    v1 = tf.compat.v1
    rng = np.random.default_rng(4)
    with tf.Graph().as_default(), v1.Session() as run:
        v1.disable_resource_variables()
        x = v1.placeholder(tf.float32, [None, 8], "x")
        label = v1.placeholder(tf.float32, [None, 3], "label")
        kernel = v1.get_variable("kernel", initializer=rng.normal(size=(8, 3)).astype("float32"))
        bias = v1.get_variable("bias", initializer=rng.normal(size=3).astype("float32"), use_resource=True)
        y = tf.identity(tf.nn.softmax(tf.matmul(x, kernel) + bias), "y")
        v1.train.AdamOptimizer().minimize(tf.reduce_mean(tf.square(y - label)))
        run.run(v1.global_variables_initializer())
        feed = rng.normal(size=(5, 8)).astype("float32")
        expected = run.run(y, {x: feed})
        v1.train.Saver().save(run, str(tmp_path / "model"))
    v1.enable_resource_variables()
    for path in ("model", "model.meta", "model.index"):
        out = tmp_path / "out.onnx"
        parity.convert(tmp_path / path, out, "--outputs", "y:0")
        parity.assert_same(expected, parity.run_onnx(out, {"x": feed})["y:0"])


def test_tf1_saved_model(tmp_path):
    """Variables of both kinds, two signatures, names and order as the signature has them."""
    v1 = tf.compat.v1
    rng = np.random.default_rng(8)
    with tf.Graph().as_default(), v1.Session() as run:
        a, b = v1.placeholder(tf.float32, [None, 8], "a"), v1.placeholder(tf.float32, [None, 3], "b")
        kernel = v1.get_variable("kernel", initializer=rng.normal(size=(8, 3)).astype("float32"), use_resource=False)
        bias = v1.get_variable("bias", initializer=rng.normal(size=3).astype("float32"), use_resource=True)
        hidden = tf.matmul(a, kernel) + bias
        outputs = {"joined": tf.concat([hidden, b], 1), "hidden": hidden}
        run.run(v1.global_variables_initializer())
        feeds = {"second": rng.normal(size=(5, 3)).astype("float32"), "first": rng.normal(size=(5, 8)).astype("float32")}
        expected = run.run(outputs, {a: feeds["first"], b: feeds["second"]})
        signature = v1.saved_model.predict_signature_def({"second": b, "first": a}, outputs)
        builder = v1.saved_model.Builder(str(tmp_path / "m"))
        builder.add_meta_graph_and_variables(run, ["serve"], {"predict": signature})
        builder.save()
    parity.convert(tmp_path / "m", tmp_path / "out.onnx", "--tag", "serve", "--signature", "predict")
    session = parity.session(tmp_path / "out.onnx")
    assert {i.name for i in session.get_inputs()} == set(feeds)
    # Joining them shows that both have one batch.
    assert len({i.shape[0] for i in session.get_inputs()}) == 1
    actual = parity.run_onnx(tmp_path / "out.onnx", feeds)
    assert set(actual) == set(expected)
    for name, value in expected.items():
        parity.assert_same(value, actual[name])


def test_saved_model_of_a_module(tmp_path):
    """tf.saved_model.save of a plain module with two signatures and several outputs: names and order are the signature's."""

    class Module(tf.Module):
        def __init__(self):
            super().__init__()
            self.scale = tf.Variable([[1.0, 2.0, 3.0]])

        @tf.function(input_signature=[tf.TensorSpec([None, 3], name="b"), tf.TensorSpec([None, 3], name="a")])
        def both(self, b, a):
            return {"total": a + b * self.scale, "first": a}

        @tf.function(input_signature=[tf.TensorSpec([], tf.int32, name="n")])
        def twice(self, n):
            return {"n2": n * 2}

    module = Module()
    tf.saved_model.save(module, tmp_path / "m", signatures={"both": module.both, "twice": module.twice})
    rng = np.random.default_rng(6)
    a, b = (rng.normal(size=(2, 3)).astype("float32") for _ in range(2))
    parity.convert(tmp_path / "m", tmp_path / "both.onnx", "--signature", "both")
    actual = parity.run_onnx(tmp_path / "both.onnx", {"a": a, "b": b})
    assert set(actual) == {"total", "first"}
    parity.assert_same(module.both(b, a)["total"], actual["total"])
    parity.assert_same(a, actual["first"])
    parity.convert(tmp_path / "m", tmp_path / "twice.onnx", "--signature", "twice")
    parity.assert_same(np.int32(14), parity.run_onnx(tmp_path / "twice.onnx", {"n": np.array(7, np.int32)})["n2"])
