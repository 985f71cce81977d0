"""Arithmetic, bits, comparison, special functions, cumulative products, losses."""
import numpy as np

from cases import B, F, I, case, const, feed  # noqa: F401

NAN, INF = float("nan"), float("inf")
ODD = feed([0.0, -0.0, 1.0, -1.5, 2.5, 0.5, INF, -INF, NAN], "float32")

for op in ("Abs", "Ceil", "Floor", "Rint", "Round", "Sign", "Neg", "Square", "Exp", "Expm1", "Sigmoid", "Sin", "Cos", "Atan",
           "Tanh", "Asinh", "Erf", "Reciprocal", "Inv", "IsNan", "IsInf", "IsFinite", "Sqrt", "Rsqrt", "Log", "Log1p", "Acosh",
           "Tan", "Sinh", "Cosh", "Asin", "Acos", "Atanh"):
    case(op, x=ODD)
for op in ("Abs", "Sign", "Neg", "Square"):
    case(op, x=I(2, 3, dtype="int64"))
case("Sign", x=feed([NAN, -0.0, -2.0], "float16"))
case("Log1p", x=feed([1e-7, -1e-7, 1e-3, 5.0, -0.5], "float32"))
case("Expm1", x=feed([1e-7, -1e-7, 1e-3, 5.0, -50.0, 90.0], "float32"))

for op in ("Add", "AddV2", "Sub", "Mul", "Div", "SquaredDifference", "Maximum", "Minimum", "FloorMod", "FloorDiv"):
    case(op, x=F(2, 1, 3), y=F(4, 1))
    case(op, x=I(6), y=feed([1, 2, -3, 4, -5, 3], "int32"))
for op in ("RealDiv", "DivNoNan", "MulNoNan", "Xdivy", "Xlogy", "Xlog1py", "Atan2"):
    case(op, **{"y" if op == "Atan2" else "x": feed([0.0, -0.0, 1.0, 2.0, -1.0, INF], "float32"),
                "x" if op == "Atan2" else "y": feed([-0.0, 0.0, 0.5, 3.0, -0.5, 2.0], "float32")})
case("Atan2", y=feed([0.0, -0.0, INF, -INF, NAN, 1.0, INF], "float32"), x=feed([0.0, 0.0, -INF, INF, 1.0, -1.0, 2.0], "float32"))
case("Add", x=const(["a", "b"], "S"), y=const(["c", "d"], "S"), _opsets=(21, 28))
case("FloorMod", x=feed([5.0, -5.0, 6.0], "float32"), y=feed([3.0, 3.0, -3.0], "float32"))
case("FloorDiv", x=feed([200, 7], "uint8"), y=feed([3, 7], "uint8"))
case("FloorDiv", x=feed([-2147483648, 7, -7], "int32"), y=const(3))
case("TruncateDiv", x=feed([-7, 7, 8], "int32"), y=const(2))
for op in ("Mod", "TruncateMod"):
    case(op, x=feed([-7, 7, 8], "int32"), y=const(3))
case("AddN", inputs=[F(2, 3), F(2, 3)])
case("AccumulateNV2", inputs=[F(2, 3), F(2, 3)], shape=[2, 3])
case("Pow", x=F(5, low=0.1), y=F(5))
case("Pow", x=feed([3, 2, -1, 0], "int32"), y=feed([40, 33, 1000001, 0], "int32"))
case("Pow", x=feed([[3], [-7]], "int64"), y=feed([0, 21, 39], "int64"))
case("Pow", x=I(2, 3), y=const(5))
case("Pow", x=I(2, 3), y=const(0))
case("Cross", a=F(2, 3), b=F(2, 3))
case("Cumsum", x=F(2, 4), axis=const(1), exclusive=True)
case("Cumsum", x=I(2, 4), axis=const(-1), reverse=True)
case("Cumsum", x=feed([1, 2], "uint64"), axis=const(0))
for op in ("Cumprod", "CumulativeLogsumexp"):
    case(op, x=F(2, 4), axis=const(1))
    case(op, x=F(2, 4), axis=const(-2), exclusive=True, reverse=True)
    case(op, x=F(2, 3, 2), axis=const(1), reverse=True)
case("CumulativeLogsumexp", x=feed([-INF, -INF, 1.0, 2.0, INF, 3.0], "float32"), axis=const(0))

case("Erfc", x=feed([0.0, 0.5, 1.0, 3.0, -5.0, INF, -INF, NAN], "float32"))
case("Erfinv", x=feed([-1.0, 1.0, 0.0, 0.5, -0.9999, 2.0], "float32"))
case("Ndtri", x=feed([0.0, 1.0, 0.5, 1e-10, 1e-30, 0.9, -1.0], "float32"))
case("Lgamma", x=feed([0.0, -1.0, -0.5, 1.0, 2.0, 20.0, 1e8, INF, -INF, NAN], "float32"))
case("Digamma", x=feed([0.0, -1.0, -0.5, 1.0, 20.0, 0.1, INF], "float32"))

for op in ("LeftShift", "RightShift"):
    case(op, x=feed([1, 1, -8, -1, 100], "int32"), y=feed([40, -1, 1, 3, 2], "int32"))
    case(op, x=feed([200, 8], "uint8"), y=feed([1, 40], "uint8"))
    case(op, x=feed([-100, 77], "int64"), y=const([3, 62], "int64"))
case("Bitcast", input=feed([-1, 2], "int32"), type="uint32")
BITS = [0, 1, 2**23 - 1, 2**23, 2**23 + 1, 0x3f7fffff, 0x3f800000, 0x40490fdb, 0x7effffff, 0x7f7fffff, 0x7f800000]
BITS = np.array(BITS + np.random.default_rng(3).integers(0, 0x7f800000, 50).tolist(), "uint32")
BITS = np.concatenate([BITS, BITS | np.uint32(2**31)])
for dtype in ("int32", "uint32"):
    case("Bitcast", input=feed(BITS.view("float32")), type=dtype)
    case("Bitcast", input=feed(BITS.view(dtype)), type="float32", _rtol=0, _atol=0)
WIDE = np.random.default_rng(4).integers(-2**63, 2**63 - 1, (2, 8), "int64")
for wide, narrow in (("int32", "int8"), ("int64", "uint16"), ("uint64", "int32")):
    case("Bitcast", input=feed(WIDE.view(wide)), type=narrow)
    size = np.dtype(wide).itemsize // np.dtype(narrow).itemsize
    case("Bitcast", input=feed(WIDE.view(narrow).reshape(2, -1, size)), type=wide)
case("Bitcast", input=feed(BITS.view("float32")), type="uint8")
case("Bitcast", input=feed(BITS.view("uint8").reshape(-1, 4)), type="float32")
case("Bitcast", input=feed(BITS.view("int64")), type="float32")
case("Bitcast", input=feed(BITS.view("float32").reshape(-1, 2)), type="int64")
case("Bitcast", input=feed([-1.0, 2.0], "float64"), type="int64", _opsets=(28,))
case("NextAfter", x1=feed(BITS.view("float32")), x2=feed(BITS.view("float32")[::-1].copy()), _rtol=0, _atol=0)
case("NextAfter", x1=feed([0, 1, -1, 0, np.nan, 1], "float32"), x2=feed([0, 1, 1, -1, 1, np.nan], "float32"), _rtol=0, _atol=0)
case("NextAfter", x1=F(3), x2=const(0.0), _rtol=0, _atol=0)
case("NextAfter", x1=F(3, dtype="float64"), x2=const(0.0, "float64"), _rtol=0, _atol=0, _opsets=(28,))
for op in ("BitwiseAnd", "BitwiseOr", "BitwiseXor"):
    case(op, x=I(4), y=feed([1, -2, 7, 12], "int32"), _opsets=(21, 28))
case("Invert", x=I(4), _opsets=(21, 28))

for op in ("Equal", "NotEqual"):
    case(op, x=feed([1.0, NAN, INF], "float32"), y=feed([1.0, NAN, -INF], "float32"))
    case(op, x=B(2, 3), y=B(3))
    case(op, x=const(["a", "b"], "S"), y=const(["a", "d"], "S"))
    case(op, x=feed([["a"], [""], ["b"]], "S"), y=feed(["b", "a"], "S"))
    case(op, x=feed(["a", "b"], "S"), y=const("b", "S"))
    case(op, x=feed([], "S"), y=const("b", "S"))
    case(op, x=I(2), y=I(3), incompatible_shape_error=False, _dynamic="whether the shapes fit")
for op in ("Less", "LessEqual", "Greater", "GreaterEqual"):
    case(op, x=feed([1.0, NAN, INF], "float32"), y=feed([1.0, 2.0, -INF], "float32"))
    case(op, x=I(2, 3), y=I(3))
case("ApproximateEqual", x=feed([1.0, 2.0], "float32"), y=feed([1.05, 2.5], "float32"), tolerance=0.1)
for op in ("LogicalAnd", "LogicalOr"):
    case(op, x=B(2, 3), y=B(3))
case("LogicalNot", x=B(2, 3))
case("ClipByValue", t=F(2, 3), clip_value_min=const(-1.0), clip_value_max=const(0.5))
case("ClipByValue", t=F(2, 3), clip_value_min=const(1.0), clip_value_max=const(-1.0))
case("Cast", x=F(2, 3), DstT="int32")
case("Cast", x=feed([0.0, -2.0, NAN], "float32"), DstT="bool")
case("CheckNumerics", tensor=F(2), message="m")
case("CheckNumericsV2", tensor=F(2), message="m")
case("SoftmaxCrossEntropyWithLogits", features=F(3, 4), labels=F(3, 4, low=0.0, high=1.0))
case("SparseSoftmaxCrossEntropyWithLogits", features=F(3, 4), labels=feed([0, 3, 1], "int32"))

# ---- searched
case("Bucketize", input=F(3, 4), boundaries=[-1.0, 0.0, 0.5])
for op in ("LowerBound", "UpperBound"):
    case(op, sorted_inputs=feed([[1, 3, 3, 7], [0, 2, 4, 6]], "float32"), values=feed([[3, 8], [0, 5]], "float32"))

case("StringToNumber", string_tensor=const(["1.5", "-2"], "S"), out_type="float32")

BESSEL = feed([0, -1, 1e-20, 0.3, 1, 2, 2.5, 7.9, 8.1, -9, 60, np.inf, np.nan], "float64")
for name in ("I0", "I0e", "I1", "I1e", "K0", "K0e", "K1", "K1e"):
    case(f"Bessel{name}", x=BESSEL, _rtol=1e-11, _atol=0)
    case(f"Bessel{name}", x=F(3, 4, low=0.0, high=20.0), _rtol=1e-5, _atol=0)
case("Spence", x=feed([0, -1, 0.2, 0.5, 0.7, 1, 1.3, 1.5, 1.9, 2, 3, 40, np.inf, np.nan], "float64"), _rtol=1e-11, _atol=1e-14)
case("Spence", x=F(3, 4, low=0.0, high=4.0))
ORDERS = feed([0, 1, 1, 2, -1, 2, 2, np.inf, 3, 0, 1, np.nan, 1e-8, 5, 100, 0.5], "float64")
PLACES = feed([1, 0, np.inf, -1, 1, 2, 50, 2, np.inf, 0, np.nan, 1, 0.5, 5, 120, 0.1], "float64")
for op in ("Igamma", "Igammac"):
    case(op, a=ORDERS, x=PLACES, _rtol=1e-9, _atol=1e-12)
    case(op, a=F(3, 1, low=0.1, high=9.0), x=F(4, low=0.0, high=12.0), _rtol=1e-5)
case("Betainc", a=feed([0, 1, 2, -1, 2, 2, 2, 2, np.nan, 1, 40, 0.3], "float64"), b=feed([1, 2, 3, 1, 0, 2, 2, 2, 1, 1, 50, 0.7], "float64"),
     x=feed([0.5, 0, 1, 0.5, 0.5, -1, 2, 0.3, 0.5, np.nan, 0.45, 0.999], "float64"), _rtol=1e-9)
case("Betainc", a=F(3, 4, low=0.1, high=9.0), b=F(3, 4, low=0.5, high=7.0), x=F(3, 4, low=0.0, high=1.0), _rtol=1e-5)
case("Zeta", x=feed([1, 2, 0.5, 2, 2.5, 3, 3, 1.5, np.inf, 2, np.nan, 3, 30, 4], "float64"),
     q=feed([2, 1, 1, 0, -0.5, -2, -2.5, 1e10, 2, np.inf, 1, np.nan, 0.1, -20.3], "float64"), _rtol=1e-9)
case("Zeta", x=F(3, 1, low=1.1, high=5.0), q=F(4, low=0.1, high=12.0), _rtol=1e-5)
case("Polygamma", a=feed([0, 1, 2, -1, 1.5, 1, 3, 0, 7], "float64"), x=feed([1, 2, 3, 1, 1, -1, -1.5, -1, 0.3], "float64"), _rtol=1e-9)
case("Polygamma", a=const(1.0), x=F(3, 4, low=0.1, high=5.0), _rtol=1e-5)
