"""Gradients of element-wise ops."""
from cases import F, case, const, feed

G = F(3, 4)
for op in ("ReluGrad", "Relu6Grad", "LeakyReluGrad", "SoftplusGrad", "SoftsignGrad"):
    case(op, gradients=G, features=feed([[-1, 0, 0.5, 7]] * 3, "float32"))
for op in ("EluGrad", "SeluGrad"):
    case(op, gradients=G, outputs=F(3, 4, low=-0.9, high=1.0))
for op in ("SigmoidGrad", "TanhGrad", "SqrtGrad", "RsqrtGrad", "InvGrad", "ReciprocalGrad"):
    case(op, y=F(3, 4, low=0.1, high=0.9), dy=G)
case("BiasAddGrad", out_backprop=G)
case("BiasAddGrad", out_backprop=F(2, 3, 4, 5))
for a, b in (([2, 1, 3], [1, 3]), ([1], [1]), ([3], [2, 3]), ([2, 3], []), ([1, 1], [1]), ([2, 3], [2, 3])):
    case("BroadcastGradientArgs", s0=const(a, "int32"), s1=const(b, "int32"))
case("BroadcastGradientArgs", s0=feed([2, 1], "int32"), s1=feed([2, 1], "int32"), _dynamic="lengths")
