"""Random numbers: those of a known seed are TensorFlow's; of the others only the shape and the type can be."""
import numpy as np
import tensorflow as tf

from cases import F, I, case, const, feed

SEED = const([12, -7], "int32")
KEY = dict(key=const([10413732777507651514], "uint64"), counter=const([2**64 - 2, 5], "uint64"), alg=const(1))
for shape, dtype in (([], tf.float32), ([2, 3, 5], tf.float32), ([0, 3], tf.float32), ([7], tf.float64), ([7], tf.float16)):
    for op in ("StatelessRandomUniform", "StatelessRandomNormal", "StatelessTruncatedNormal"):
        case(op, shape=const(shape, "int32"), seed=SEED, dtype=dtype)
        case(op + "V2", shape=const(shape, "int32"), dtype=dtype, **KEY)
for dtype in ("int32", "int64", "uint32", "uint64"):
    bounds = dict(minval=const(3, dtype), maxval=const(99, dtype))
    if dtype[0] == "i":
        case("StatelessRandomUniformInt", shape=const([2, 3]), seed=SEED, **bounds)
        case("StatelessRandomUniformIntV2", shape=const([5]), **bounds, **KEY)
    case("StatelessRandomUniformFullInt", shape=const([5]), seed=SEED, dtype=dtype)
    case("StatelessRandomUniformFullIntV2", shape=const([2, 3]), dtype=dtype, **KEY)
case("StatelessRandomUniformInt", shape=const([9]), seed=SEED, minval=const(-2**31, "int32"), maxval=const(2**31 - 1, "int32"))
case("StatelessRandomNormal", shape=const([2, 2]), seed=const([2**62, -1], "int64"))
FED = feed([-5, 2**40 + 3], "int64")
LATER = (21, 28)  # ONNX has what is needed for seeds of the run time from opset 18 on
for dtype in (tf.float32, tf.float64, tf.float16):
    for op in ("StatelessRandomUniform", "StatelessRandomNormal", "StatelessTruncatedNormal"):
        case(op, shape=const([7, 13]), seed=FED, dtype=dtype, _opsets=LATER)
case("StatelessRandomUniformV2", shape=feed([3, 3], "int32"), **KEY, _opsets=LATER)
case("StatelessRandomNormalV2", shape=const([5]), key=feed(KEY["key"].value), counter=feed(KEY["counter"].value), alg=const(3), _opsets=LATER)
for dtype in ("int32", "int64", "uint32", "uint64"):
    if dtype[0] == "i":
        bounds = dict(minval=feed(-3, dtype), maxval=const(99, dtype))
        case("StatelessRandomUniformInt", shape=const([2, 3]), seed=FED, **bounds, _opsets=LATER)
        case("StatelessRandomUniformIntV2", shape=const([5]), **bounds, **KEY, _opsets=LATER)
    case("StatelessRandomUniformFullInt", shape=const([5]), seed=FED, dtype=dtype, _opsets=LATER)
case("StatelessRandomGetKeyCounter", seed=FED, _opsets=LATER)
case("StatelessTruncatedNormalV2", shape=feed([3, 3], "int32"), **KEY, _opsets=LATER)
case("StatelessRandomGetKeyCounterAlg", seed=feed([7, -1], "int32"), _opsets=LATER)
case("StatelessRandomGetKeyCounter", seed=SEED)
case("StatelessRandomGetKeyCounterAlg", seed=const([5, 2**40], "int64"))
case("StatelessRandomGetAlg")

# ONNX Runtime has no kernel of ONNX's generators from opset 22 on.
DRAWN = dict(_no_value=True, _opsets=(13, 21))
for shape in (const([2, 3]), feed([4, 2], "int32")):
    for op in ("RandomUniform", "RandomStandardNormal", "TruncatedNormal"):
        case(op, shape=shape, dtype=tf.float32, seed=3, **DRAWN)
    case("RandomUniformInt", shape=shape, minval=const(2), maxval=const(9), **DRAWN)
for op in ("RandomUniform", "RandomStandardNormal", "TruncatedNormal"):
    case(op, shape=const([3]), dtype=tf.float64, **DRAWN)
    case(op, shape=const([3]), dtype=tf.float16, **DRAWN)
case("RandomUniformInt", shape=const([9]), minval=const(5, "int64"), maxval=const(6, "int64"), _opsets=(13, 21))
case("RandomShuffle", value=F(5, 2), **DRAWN)
case("RandomShuffle", value=feed([[7, 7]] * 4, "int64"), _opsets=(13, 21))
case("Multinomial", logits=F(3, 4), num_samples=const(5), **DRAWN)
case("Multinomial", logits=feed([[-50.0, 50.0, -50.0]], "float64"), num_samples=const(4), output_dtype=np.int32, _opsets=(13, 21))

# Cuts of dims that are not known when converting are those of Philox in ONNX.
RATIO = [1.0, 1.5, 1.3, 1.0]
SEEDED = dict(deterministic=True, seed=1739060381, seed2=5, _dynamic_opsets=LATER)
NANS = np.where(F(1, 13, 7, 9).value > 0.5, np.nan, F(1, 13, 7, 9).value)
for pseudo in (False, True):
    for overlapping in (False, True):
        for op in ("FractionalAvgPool", "FractionalMaxPool"):
            case(op, value=F(2, 11, 9, 2), pooling_ratio=RATIO, pseudo_random=pseudo, overlapping=overlapping, **SEEDED)
    case("FractionalAvgPool", value=F(1, 13, 7, 3), pooling_ratio=RATIO, pseudo_random=pseudo, **DRAWN)
    case("FractionalMaxPool", value=feed(NANS, "float32"), pooling_ratio=RATIO, pseudo_random=pseudo, **SEEDED)
for dtype in ("float64", "int32", "int64"):
    case("FractionalAvgPool", value=I(2, 31, 40, 1, dtype=dtype), pooling_ratio=[1.0, 3.7, 2.2, 1.0], **SEEDED)
    case("FractionalMaxPool", value=I(2, 31, 40, 1, dtype=dtype), pooling_ratio=[1.0, 3.7, 2.2, 1.0], **SEEDED)
case("FractionalMaxPool", value=F(1, 6, 4, 2), pooling_ratio=[1.0, 2.0, 1.0, 1.0], _dynamic_opsets=(13, 21))

# One alpha of each kind: below 1, 1, above. Alphas that are known give constants.
ALPHA = np.array([0.3, 1.0, 1.5, 40.0])
NEAR_END = dict(KEY, counter=const([2**64 - 300, 5], "uint64"))
for dtype in ("float32", "float64", "float16"):
    case("StatelessRandomGammaV3", shape=const([50, 4]), alpha=const(ALPHA, dtype), **NEAR_END)
    case("StatelessRandomGammaV3", shape=const([200, 4], "int64"), alpha=feed(ALPHA, dtype), **NEAR_END, _opsets=LATER, _rtol=1e-5)
    case("StatelessRandomGammaV2", shape=feed([3, 2, 4], "int32"), seed=FED, alpha=const(ALPHA, dtype), _opsets=LATER)
    case("RandomGamma", shape=const([3, 2]), alpha=const(ALPHA, dtype), _no_value=True, _opsets=(21,))
case("StatelessRandomGammaV2", shape=const([7]), seed=SEED, alpha=const(2.5, "float32"))
case("StatelessRandomGammaV2", shape=const([0, 4]), seed=SEED, alpha=const(ALPHA, "float32"))
case("StatelessRandomGammaV2", shape=const([40]), seed=FED, alpha=feed(0.9, "float64"), _opsets=LATER, _rtol=1e-12)
case("RandomGamma", shape=feed([2], "int32"), alpha=feed(1.0, "float32"), seed=3, _no_value=True, _opsets=(21,))

# Boxes: several, of no area, none. Seeds that are known give constant words.
BOXES = feed([[[0.1, 0.2, 0.6, 0.9], [0.5, 0.5, 0.5, 0.5], [0.0, 0.3, 1.0, 0.4]]], "float32")
NO_BOX = feed(np.zeros((1, 0, 4)), "float32")
STRICT = dict(min_object_covered=feed(0.9, "float32"), aspect_ratio_range=[0.2, 4.0], area_range=[0.1, 0.7], max_attempts=20)
for n, size in enumerate(([57, 300, 3], [640, 480, 1], [1, 9, 3], [300, 7, 3], [2, 2, 1])):
    for dtype in ("int32", "int64"):
        case("StatelessSampleDistortedBoundingBox", image_size=feed(size, dtype), bounding_boxes=BOXES, seed=const([n, 5]), min_object_covered=const(0.3))
        case("StatelessSampleDistortedBoundingBox", image_size=feed(size, dtype), bounding_boxes=BOXES, seed=feed([7, n], dtype), **STRICT, _opsets=LATER)
case("StatelessSampleDistortedBoundingBox", image_size=feed([200, 90, 3], "uint8"), bounding_boxes=NO_BOX, seed=SEED, min_object_covered=const(0.1), use_image_if_no_bounding_boxes=True)
case("StatelessSampleDistortedBoundingBox", image_size=const([20, 90, 3], "int16"), bounding_boxes=BOXES, seed=SEED, use_image_if_no_bounding_boxes=True, **STRICT)
for op in ("SampleDistortedBoundingBox", "SampleDistortedBoundingBoxV2"):
    covered = dict(min_object_covered=0.3 if op[-1] == "x" else const(0.3))
    case(op, image_size=feed([57, 300, 3], "int32"), bounding_boxes=BOXES, seed=1, seed2=42, **covered, **DRAWN)
    case(op, image_size=feed([1, 1, 3], "int32"), bounding_boxes=feed([[[0, 0, 1, 1]]], "float32"), **covered, _opsets=(13, 21))

ODD_LOGITS = feed([[0.1, 2, -1, 0.5], [1, -np.inf, 3, 0], [np.nan, 1, 2, np.inf], [-np.inf] * 4], "float32")
for samples in (const(7), const(1)):
    case("StatelessMultinomial", logits=ODD_LOGITS, num_samples=samples, seed=SEED, _dynamic_opsets=LATER)
case("StatelessMultinomial", logits=F(3, 5, dtype="float64"), num_samples=feed(40, "int32"), seed=FED, output_dtype=np.int32, _opsets=LATER)
case("StatelessMultinomial", logits=F(3, 5, dtype="float16"), num_samples=const(4), seed=SEED, _dynamic_opsets=LATER)

# Rates below 10 and from 10 on are drawn in two ways.
RATE = np.array([0.5, 0.0, 9.9, 10.0, 300.0])
for dtype in ("float64", "int32"):
    case("StatelessRandomPoisson", shape=const([60, 5]), seed=SEED, lam=const(RATE, "float32"), dtype=dtype)
    case("StatelessRandomPoisson", shape=feed([60, 5], "int32"), seed=FED, lam=feed(RATE, "float64"), dtype=dtype, _opsets=LATER)
    case("RandomPoissonV2", shape=const([3]), rate=const(RATE, "float64"), dtype=dtype, _no_value=True, _opsets=(21,))
