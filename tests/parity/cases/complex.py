"""Complex arithmetic, and ops that take complex tensors part by part."""
import numpy as np

from cases import B, C, F, I, case, const, feed

TYPES = ("complex64", "complex128")
INF = float("inf")

for dtype, real in (("complex64", "float32"), ("complex128", "float64")):
    case("Complex", real=F(2, 3, dtype=real), imag=F(2, 3, dtype=real), Tout=dtype)
    for op in ("Real", "Imag"):
        case(op, input=C(2, 3, dtype=dtype), Tout=real)
    case("Angle", input=C(2, 9, dtype=dtype), Tout=real)
    case("ComplexAbs", x=C(2, 3, dtype=dtype), Tout=real)
case("Complex", real=F(2, 1), imag=F(3))
case("Angle", input=feed([0, -1, complex(-1, -0.0), 1j, -1j, complex(-0.0, 0)], "complex64"))
case("ComplexAbs", x=feed([0, 3 + 4j, 1e30 + 1e30j, 1e-30j, INF], "complex64"))
case("ComplexAbs", x=feed([0, 3 + 4j, 1e300 + 1e300j, 1e-300j, INF], "complex128"), Tout="float64")
case("ComplexAbs", x=C(0, 3))

for to in ("complex64", "complex128", "float32", "int32", "bool"):
    case("Cast", x=C(2, 3), DstT=to)
for x in (F(2, 3), I(4), B(3)):
    case("Cast", x=x, DstT="complex64")

for dtype in TYPES:
    for op in ("Add", "AddV2", "Sub", "Mul", "Div", "RealDiv", "DivNoNan", "MulNoNan", "Pow", "SquaredDifference", "Equal", "NotEqual"):
        case(op, x=C(2, 3, dtype=dtype), y=C(3, dtype=dtype))
    for op in ("Neg", "Square", "Reciprocal", "Inv", "Sqrt", "Rsqrt", "Exp", "Log", "Sin", "Cos", "Tan", "Sinh", "Cosh", "Tanh", "Sigmoid", "Sign",
               "ZerosLike", "OnesLike", "StopGradient"):
        case(op, x=C(3, 5, dtype=dtype, low=-3, high=3)) if op != "StopGradient" else case("StopGradient", input=C(3, dtype=dtype))
    case("Conj", input=C(2, 3, dtype=dtype))
ZEROS = feed([0, 1, 2j, 1 + 1j], "complex64")
for op in ("DivNoNan", "MulNoNan"):
    case(op, x=feed([1, 0, 1 + 1j, 2], "complex64"), y=feed([0, 0, 0, 1j], "complex64"))
case("Div", x=feed([1e30 + 1j, 1, 2], "complex64"), y=feed([1e30j, 1e-30, 1 - 1j], "complex64"))
case("Equal", x=ZEROS, y=feed([0, 1, 2, 1 + 1j], "complex64"))
case("Sqrt", x=feed([0, -1, -4, complex(-4, -0.0), 3 + 4j, -3 + 4j, 1e30j, 1e-30], "complex64"))
case("Log", x=feed([0, -1, complex(-1, -0.0), 1e3], "complex64"))
case("Exp", x=feed([0, 100, -200 + 1j, np.pi * 1j], "complex64"))
case("Tanh", x=feed([0, 50 + 1j, -50 + 1j, 1j, 1e-5 + 1e-5j, 200], "complex64"), _atol=1e-9)
case("Sigmoid", x=feed([0, -100 + 1j, 100, 2 + 2j, -1000, -10 + 1j], "complex64"), _atol=1e-9)
case("Pow", x=feed([0, -1, 2 + 1j], "complex64"), y=feed([1, 0.5, 1 - 1j], "complex64"))
case("Sign", x=ZEROS)

case("MatMul", a=C(3, 2), b=C(4, 3), transpose_a=True, transpose_b=True)
case("MatMul", a=C(2, 3), b=C(3, 4))
for op in ("BatchMatMul", "BatchMatMulV2"):
    case(op, x=C(2, 4, 3), y=C(2, 4, 5), adj_x=True)
case("BatchMatMulV3", x=C(2, 3, 4), y=C(2, 5, 4), adj_y=True, Tout="complex64")
case("Einsum", inputs=[C(2, 3, 4), C(4, 5)], equation="bij,jk->bik")
case("Einsum", inputs=[C(2, 3)], equation="ij->ji")
case("ConjugateTranspose", x=C(2, 3, 4), perm=const([0, 2, 1]))
case("ConjugateTranspose", x=F(2, 3, 4), perm=const([2, 0, -2]))

case("Shape", input=C(2, 3))
case("Size", input=C(2, 3), out_type="int64")
case("Rank", input=C(2, 2))
case("ShapeN", input=[C(2, 3), C(4)])
case("Reshape", tensor=C(2, 6), shape=const([3, -1]))
case("Transpose", x=C(2, 3, 4), perm=const([2, 0, 1]))
case("Transpose", x=C(2, 3, 4), perm=feed([2, 0, 1], "int32"))
case("ConjugateTranspose", x=C(2, 3, 4), perm=feed([-1, 0, 1], "int32"))
case("ExpandDims", input=C(2, 3), axis=const(-1))
case("Squeeze", input=C(2, 1, 3), axis=[1])
case("Concat", concat_dim=const(-1), values=[C(2, 3), C(2, 2)])
case("ConcatV2", values=[C(2, 3), C(2, 2)], axis=const(-1))
case("Pack", values=[C(2), C(2)], axis=-1)
case("Unpack", value=C(3, 2), num=2, axis=1)
case("Split", axis=const(-1), value=C(2, 4), num_split=2)
case("SplitV", value=C(2, 5), size_splits=const([2, -1]), axis=const(1), num_split=2)
case("Slice", input=C(3, 4), begin=const([1, 0]), size=const([-1, 2]))
case("StridedSlice", input=C(3, 4), begin=const([0, 3]), end=const([2, 0]), strides=const([1, -1]), shrink_axis_mask=1, end_mask=2)
case("GatherV2", params=C(4, 3), indices=const([2, 0]), axis=const(0))
case("GatherNd", params=C(4, 3), indices=const([[2, 0], [1, 1]]))
case("Tile", input=C(2, 3), multiples=const([2, 1]))
case("Pad", input=C(2, 3), paddings=const([[1, 0], [0, 2]]))
case("PadV2", input=C(2, 3), paddings=const([[1, 0], [0, 2]]), constant_values=const(1 + 2j, "complex64"))
case("MirrorPad", input=C(2, 3), paddings=const([[1, 0], [0, 2]]), mode="REFLECT")
case("ReverseV2", tensor=C(2, 3), axis=const([-1]))
case("Roll", input=C(2, 3), shift=const([1]), axis=const([1]))
case("BroadcastTo", input=C(3), shape=const([2, 3]))
case("Fill", dims=const([2, 3]), value=C())
case("SelectV2", condition=B(2, 3), t=C(2, 3), e=C(3))
case("Select", condition=B(2), x=C(2, 3), y=C(2, 3))
case("Where", condition=feed([[1j, 0, 1], [0, 0, 2]], "complex64"))
case("OneHot", indices=const([2, 0, -1]), depth=const(3), on_value=const(1 + 2j, "complex64"), off_value=const(-1j, "complex64"))
case("ScatterNd", indices=const([[1], [3]]), updates=C(2, 2), shape=const([4, 2]))
case("TensorScatterUpdate", tensor=C(4, 2), indices=const([[1], [3]]), updates=C(2, 2))
case("ReverseSequence", input=C(2, 4), seq_lengths=const([2, 3]), seq_dim=1)
case("EnsureShape", input=C(2, 3), shape=[2, 3])
case("Sum", input=C(2, 3, 4), axis=const([0, -1]))
case("Mean", input=C(2, 3, 4), axis=const(1), keep_dims=True)
case("Cumsum", x=C(2, 3), axis=const(-1), reverse=True)
case("AddN", inputs=[C(2, 3), C(2, 3), C(2, 3)])
case("BiasAdd", value=C(2, 3), bias=C(3))
case("UnsortedSegmentSum", data=C(4, 2), segment_ids=const([0, 2, 0, 1]), num_segments=const(3))
case("MatrixDiag", diagonal=C(2, 3))
case("MatrixBandPart", input=C(3, 3), num_lower=const(1, "int64"), num_upper=const(0, "int64"))
case("DynamicStitch", indices=[const([0, 2]), const([1])], data=[C(2, 2), C(1, 2)])

case("Cumprod", x=C(3), axis=const(0), _refused="it takes no complex tensors")

CUTS = feed([0, 1e-6 + 1e-6j, 2, complex(2, -0.0), -2, 2j, complex(-0.0, -2), 1j / 2, 30 + 40j, 1e12j, -3 - 1e-3j], "complex64")
for op in ("Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Expm1", "Log1p"):
    case(op, x=CUTS, _atol=1e-9 if op not in ("Acos", "Expm1", "Log1p") else 1e-5)
    case(op, x=C(3, 5, dtype="complex128"))
for op in ("Xdivy", "Xlogy"):
    case(op, x=ZEROS, y=feed([0, 2, 1 - 1j, 3j], "complex64"))
case("EuclideanNorm", input=C(2, 3), axis=const(-1), keep_dims=True)
case("Prod", input=C(3, 5, 2), axis=const([0, 1]), _dynamic="along a dim that is not known")
case("Prod", input=C(2, 4, dtype="complex128"), axis=const(-1), keep_dims=True, _dynamic="along a dim that is not known")
case("Bitcast", input=C(2, 3), type="float32")
case("Bitcast", input=F(3, 2), type="complex64")
case("Bitcast", input=C(2, 3), type="int64", _refused="other than their parts")
