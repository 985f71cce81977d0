"""Convolutions, pools, normalisation, dense layers."""
import numpy as np

from cases import B, F, I, case, const, feed  # noqa: F401



def W(*dims, dtype="float32"):
    """Weights: a constant of the graph."""
    return const(F(*dims, dtype=dtype).value, dtype)


S1 = [1, 1, 1, 1]
S2 = [1, 2, 2, 1]
for padding in ("SAME", "VALID"):
    for strides in (S1, S2):
        case("Conv2D", input=F(2, 7, 6, 3), filter=W(3, 2, 3, 4), strides=strides, padding=padding)
        case("MaxPool", input=F(2, 7, 6, 3), ksize=[1, 3, 2, 1], strides=strides, padding=padding)
        case("AvgPool", value=F(2, 7, 6, 3), ksize=[1, 3, 2, 1], strides=strides, padding=padding)
        case("DepthwiseConv2dNative", input=F(2, 7, 6, 3), filter=W(3, 2, 3, 2), strides=strides, padding=padding)
    case("Conv3D", input=F(1, 5, 6, 7, 2), filter=W(2, 3, 2, 2, 3), strides=[1, 2, 1, 2, 1], padding=padding)
    case("MaxPool3D", input=F(1, 5, 6, 7, 2), ksize=[1, 2, 3, 2, 1], strides=[1, 2, 1, 2, 1], padding=padding)
    case("AvgPool3D", input=F(1, 5, 6, 7, 2), ksize=[1, 2, 3, 2, 1], strides=[1, 2, 1, 2, 1], padding=padding)
    case("MaxPoolV2", input=F(2, 7, 6, 3), ksize=const([1, 3, 2, 1]), strides=const(S2), padding=padding)
case("Conv2D", input=F(1, 9, 9, 2), filter=W(3, 3, 2, 4), strides=S1, padding="SAME", dilations=[1, 2, 3, 1])
case("Conv2D", input=F(1, 9, 9, 2), filter=W(3, 3, 2, 4), strides=S1, padding="EXPLICIT", explicit_paddings=[0, 0, 1, 2, 0, 3, 0, 0])
case("Conv2D", input=F(2, 7, 6, 3, dtype="float64"), filter=W(3, 2, 3, 4, dtype="float64"), strides=S2, padding="SAME")

for padding in ("SAME", "VALID"):
    size = {"SAME": [2, 13, 8, 3], "VALID": [2, 16, 9, 3]}[padding]
    case("Conv2DBackpropInput", input_sizes=const(size), filter=W(3, 3, 3, 4),
         out_backprop=F(2, 7, 4, 4), strides=S2, padding=padding)
    size = {"SAME": [1, 5, 6, 7, 2], "VALID": [1, 6, 7, 8, 2]}[padding]
    grad = {"SAME": (1, 3, 3, 4, 3), "VALID": (1, 2, 3, 3, 3)}[padding]
    case("Conv3DBackpropInputV2", input_sizes=const(size), filter=W(3, 3, 3, 2, 3), out_backprop=F(*grad),
         strides=[1, 2, 2, 2, 1], padding=padding)
case("Conv2DBackpropInput", input_sizes=feed([2, 13, 8, 3], "int32"), filter=W(3, 3, 3, 4),
     out_backprop=F(2, 7, 4, 4), strides=S2, padding="SAME")
case("DepthwiseConv2dNativeBackpropInput", input_sizes=const([1, 7, 7, 2]), filter=W(3, 3, 2, 2),
     out_backprop=F(1, 4, 4, 4), strides=S2, padding="SAME")

for op in ("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"):
    for training in (False, True):
        case(op, x=F(3, 4, 5, 6), scale=F(6), offset=F(6), mean=const([] if training else F(6).value, "float32"),
             variance=const([] if training else F(6, low=0.5, high=2.0).value, "float32"), epsilon=0.01, is_training=training,
             _outputs=5 if training else 3)  # the rest is for gradients only, and not set by TensorFlow

case("MatMul", a=F(3, 4), b=F(4, 5))
case("MatMul", a=F(4, 3), b=F(5, 4), transpose_a=True, transpose_b=True)
case("MatMul", a=I(3, 4), b=I(4, 5))
case("BatchMatMul", x=F(2, 3, 4), y=F(2, 4, 5))
case("BatchMatMulV2", x=F(2, 1, 4, 3), y=F(3, 5, 4), adj_x=True, adj_y=True)
case("BatchMatMulV3", x=F(2, 3, 4), y=F(2, 4, 5), Tout="float32")
case("BiasAdd", value=F(2, 3, 4), bias=F(4))
case("BiasAdd", value=F(2, 3, 4, 5), bias=F(3), data_format="NCHW")
case("BiasAddV1", value=F(2, 3, 4), bias=F(4))

for radius, extra in ((1, {}), (2, dict(bias=2.0, alpha=0.3, beta=0.75)), (9, {})):
    case("LRN", input=F(2, 3, 4, 5), depth_radius=radius, **extra)
for padding in ("SAME", "VALID"):
    for strides in (1, 2):
        case("MaxPoolWithArgmax", input=F(2, 7, 6, 3), ksize=[1, 3, 2, 1], strides=[1, strides, strides, 1], padding=padding,
             include_batch_in_index=strides == 2)
        case("Dilation2D", input=F(2, 7, 6, 3), filter=F(3, 2, 3), strides=[1, strides, strides, 1], rates=[1, 2, 1, 1], padding=padding,
             _dynamic="filter")
case("Dilation2D", input=F(1, 3, 3, 1, dtype="float64"), filter=const([[[0.5]], [[1.0]]], "float64"), strides=[1, 1, 1, 1], rates=[1, 1, 1, 1],
     padding="SAME")
for merge in (True, False):
    for blank in (-1, 0, 2):
        case("CTCGreedyDecoder", inputs=F(7, 3, 4), sequence_length=feed([7, 4, 0], "int32"), merge_repeated=merge, blank_index=blank)

# Narrow beams lose sequences that come back as children of others; wide ones are not full for some steps.
LENGTHS = feed([9, 1, 5], "int32")
for merge in (False, True):
    for width, top in ((1, 1), (2, 2), (3, 1), (8, 3), (60, 5)):
        case("CTCBeamSearchDecoder", inputs=F(9, 3, 5, low=-4, high=4), sequence_length=LENGTHS, beam_width=width, top_paths=1 if width == 60 else top, merge_repeated=merge)
    case("CTCBeamSearchDecoder", inputs=F(12, 2, 4, dtype="float64"), sequence_length=feed([12, 10], "int32"), beam_width=4, top_paths=3, merge_repeated=merge, _rtol=1e-9)
case("CTCBeamSearchDecoder", inputs=F(40, 1, 6, low=-2, high=2), sequence_length=feed([40], "int32"), beam_width=5, top_paths=5)
case("CTCBeamSearchDecoder", inputs=F(6, 4, 2), sequence_length=feed([6, 5, 3, 6], "int32"), beam_width=20, top_paths=1)
PARENT_LOST = [[-0.5, 0.5, -0.134, -0.221, 0.0], [2.601, -1.789, 0.342, -1.896, 2.882], [-0.675, -2.607, 1.092, -2.575, -1.0]]
case("CTCBeamSearchDecoder", inputs=feed(np.array(PARENT_LOST)[:, None], "float32"), sequence_length=feed([3], "int32"), beam_width=8, top_paths=8)
