"""Sparse tensors in their parts: indices, values, shape."""
from cases import F, case, const, feed

AT = feed([[0, 1], [2, 3]], "int64")
SHAPE = const([3, 4], "int64")
for op in ("SparseDenseCwiseAdd", "SparseDenseCwiseMul", "SparseDenseCwiseDiv"):
    case(op, sp_indices=AT, sp_values=F(2), sp_shape=SHAPE, dense=F(3, 4))
case("SparseTensorDenseAdd", a_indices=AT, a_values=F(2), a_shape=SHAPE, b=F(3, 4), _opsets=(21, 28))
