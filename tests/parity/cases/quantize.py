"""Quantization, and its rounding in floating point."""
import numpy as np

from cases import F, case, const, feed

X = F(3, 4, low=-3.0, high=3.0)
ODD = feed([-np.inf, -3.0, -0.25, 0.0, 0.25, 0.5, np.nan, np.inf], "float32")
for low, high in ((-1.0, 1.5), (0.0, 2.0), (-2.0, 0.0), (0.5, 2.0)):
    for extra in ({}, {"num_bits": 4}, {"num_bits": 16, "narrow_range": True}):
        case("FakeQuantWithMinMaxArgs", inputs=X, min=low, max=high, **extra)
        case("FakeQuantWithMinMaxVars", inputs=X, min=const(low), max=const(high), **extra)
case("FakeQuantWithMinMaxArgs", inputs=ODD)
case("FakeQuantWithMinMaxVars", inputs=ODD, min=feed(-0.3, "float32"), max=feed(0.6, "float32"))
case("FakeQuantWithMinMaxVars", inputs=X, min=feed(0.0, "float32"), max=feed(0.0, "float32"))
case("FakeQuantWithMinMaxVarsPerChannel", inputs=X, min=const([-1.0, 0.0, -2.0, 0.0]), max=const([1.5, 2.0, 0.0, 0.0]))
case("FakeQuantWithMinMaxVarsPerChannel", inputs=F(4), min=F(4, low=-3.0, high=-0.5), max=F(4, low=0.1, high=2.0), num_bits=5)

for signed in (True, False):
    for narrow in (True, False):
        for mode in ("HALF_TO_EVEN", "HALF_UP"):
            how = dict(signed_input=signed, narrow_range=narrow, round_mode=mode)
            case("QuantizeAndDequantizeV2", input=X, input_min=const(-1.0), input_max=const(1.5), range_given=True, **how)
            case("QuantizeAndDequantizeV4", input=X, input_min=const(0.0), input_max=const(0.0), num_bits=5, **how)
for dtype in ("float64",):
    case("QuantizeAndDequantizeV2", input=F(3, 4, dtype=dtype), input_min=const(-2.0, dtype), input_max=const(1.5, dtype), range_given=True,
         num_bits=4)
case("QuantizeAndDequantizeV2", input=ODD, input_min=feed(-0.3, "float32"), input_max=feed(0.6, "float32"), range_given=True)
case("QuantizeAndDequantizeV3", input=X, input_min=const([-1.0] * 3), input_max=const([0.5, 1.0, 0.0]), num_bits=const(8), axis=0)
case("QuantizeAndDequantizeV2", input=X, input_min=const([0.0] * 4), input_max=const([0.0] * 4), axis=1)
case("QuantizeAndDequantizeV2", input=F(4), input_min=const([0.0] * 4), input_max=const([0.0] * 4), axis=0)
case("QuantizeAndDequantizeV3", input=X, input_min=const(-1.0), input_max=const(1.5), num_bits=const(6))
case("QuantizeAndDequantizeV3", input=X, input_min=const([0.0] * 4), input_max=const([0.0] * 4), num_bits=const(8), range_given=False, axis=1,
     signed_input=False)
