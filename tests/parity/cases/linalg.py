"""Matrices: bands, diagonals, decompositions, solvers."""
import numpy as np

from cases import B, F, I, case, const, feed

ALIGNS = ("RIGHT_LEFT", "LEFT_RIGHT", "LEFT_LEFT", "RIGHT_RIGHT")

for lower, upper in ((-1, 0), (0, -1), (1, 2), (-1, -1)):
    case("MatrixBandPart", input=F(2, 4, 5), num_lower=const(lower, "int64"), num_upper=const(upper, "int64"))
case("MatrixBandPart", input=B(4, 4), num_lower=const(-1), num_upper=const(0))
case("MatrixBandPart", input=I(5, 4), num_lower=feed(-1, "int64"), num_upper=feed(1, "int64"))

case("MatrixDiag", diagonal=F(2, 3))
case("MatrixDiagPart", input=F(2, 3, 4))
case("MatrixSetDiag", input=F(2, 3, 4), diagonal=F(2, 3))
case("MatrixDiag", diagonal=B(3))
for dtype in ("float64", "int32", "int64"):
    case("MatrixDiag", diagonal=I(3, dtype=dtype))

FREE = dict(num_rows=const(-1), num_cols=const(-1))
for k in (0, 2, -1):
    case("MatrixDiagV2", diagonal=F(2, 3), k=const(k), padding_value=const(7.0), **FREE)
case("MatrixDiagV2", diagonal=F(3, 3), k=const([-1, 1]), padding_value=const(7.0), **FREE)
case("MatrixDiagV3", diagonal=F(3), k=const(-1), num_rows=const(4), num_cols=const(5), padding_value=feed(2.0, "float32"))
case("MatrixDiagPartV2", input=F(2, 3, 4), k=const(1), padding_value=const(0.0))
case("MatrixDiagPartV2", input=F(2, 3, 4), k=const([-2, 1]), padding_value=const(5.0))
case("MatrixDiagPartV3", input=F(4, 3), k=const(-2), padding_value=const(5.0))
case("MatrixSetDiagV2", input=F(2, 3, 4), diagonal=F(2, 3), k=const(1))
for align in ALIGNS:
    case("MatrixDiagV3", diagonal=F(2, 4, 4), k=const([-1, 2]), num_rows=const(4), num_cols=const(4), padding_value=const(9.0), align=align)
    case("MatrixDiagPartV3", input=F(2, 3, 4), k=const([-2, 3]), padding_value=const(5.0), align=align)
    case("MatrixSetDiagV3", input=F(2, 4, 5), diagonal=F(2, 3, 4), k=const([-1, 1]), align=align)

case("Diag", diagonal=F(2, 3))
case("Diag", diagonal=I(4))
case("DiagPart", input=F(2, 3, 2, 3))
case("DiagPart", input=I(4, 4))

case("MatrixDeterminant", input=F(2, 3, 3))
