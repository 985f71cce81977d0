"""Reductions over axes."""
import numpy as np

from cases import B, F, I, case, const, feed

NONE = const(np.array([], "int32"))
for op in ("Sum", "Prod", "Max", "Min", "Mean", "EuclideanNorm"):
    case(op, input=F(2, 3, 4), axis=const([1]))
    case(op, input=F(2, 3, 4), axis=const([-1, 0]), keep_dims=True)
    case(op, input=F(2, 3), axis=const(0))
    case(op, input=F(2, 3), axis=NONE)
for op in ("Sum", "Prod", "Max", "Min", "Mean"):
    case(op, input=I(2, 5), axis=const([1]))
    case(op, input=I(2, 5, dtype="int64"), axis=const([0, 1]))
case("Mean", input=feed([[-7, 2], [-2, -1]], "int32"), axis=const([1]))
case("Mean", input=F(2, 0), axis=const([1]))
case("Sum", input=F(2, 0), axis=const([1]))
case("Prod", input=F(2, 0), axis=const([1]))
for op in ("All", "Any"):
    case(op, input=B(3, 4), axis=const([1]))
    case(op, input=B(3, 4), axis=const([0, 1]), keep_dims=True)
    case(op, input=feed(np.zeros((2, 0)), "bool"), axis=const([1]))
for op in ("ArgMax", "ArgMin"):
    case(op, input=F(3, 4), dimension=const(1))
    case(op, input=feed([[2, 7, 7], [1, 1, 3]], "int32"), dimension=const(-1), output_type="int32")
for op in ("Sum", "Mean"):
    case(op, input=F(2, 3, 4), axis=feed([2, 0], "int32"), _opsets=(13, 21, 28) if op == "Sum" else (21, 28))
case("Max", input=F(2, 3, 4), axis=feed([-1], "int32"), keep_dims=True, _opsets=(21, 28))
case("Sum", input=F(2, 3), axis=feed([], "int32"))
