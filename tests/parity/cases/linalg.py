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

# Diagonals and sizes of the run time: a pair of equal ones is one diagonal, which has no dim of its own.
for k in (0, -1, 2, [-2], [1], [1, 1], [-1, 1], [-2, 0], [1, 2]):
    lower, upper = np.min(k), np.max(k)
    count, longest = upper - lower + 1, min(3 + min(upper, 0), 4 - max(lower, 0))
    dims = (2, count, longest) if count > 1 else (2, longest)
    case("MatrixDiagPartV3", input=F(2, 3, 4), k=feed(k, "int32"), padding_value=feed(5.0, "float32"), align="LEFT_RIGHT")
    case("MatrixSetDiagV3", input=F(2, 3, 4), diagonal=F(*dims), k=feed(k, "int32"), align="RIGHT_LEFT")
    case("MatrixDiagV3", diagonal=F(*dims), k=feed(k, "int32"), num_rows=feed(3, "int32"), num_cols=feed(4, "int32"), padding_value=feed(5.0, "float32"), align="RIGHT_RIGHT")
for rows, columns in ((-1, -1), (3, -1), (-1, 4)):
    case("MatrixDiagV2", diagonal=I(3, 3), k=feed([-1, 1], "int32"), num_rows=feed(rows, "int32"), num_cols=feed(columns, "int32"), padding_value=const(7))
case("MatrixDiagPartV2", input=I(3, 3, dtype="int64"), k=feed([-1, 1], "int32"), padding_value=const(7, "int64"))
case("MatrixSetDiagV2", input=I(3, 3, dtype="int64"), diagonal=I(3, dtype="int64"), k=feed(0, "int32"))
case("MatrixSetDiagV3", input=F(0, 3, 3), diagonal=F(0, 2), k=feed([-1], "int32"))
case("MatrixDiagV3", diagonal=F(0, 3), k=feed([1], "int32"), num_rows=const(-1), num_cols=const(-1), padding_value=const(5.0))

case("Diag", diagonal=F(2, 3))
case("Diag", diagonal=I(4))
case("DiagPart", input=F(2, 3, 2, 3))
case("DiagPart", input=I(4, 4))

case("MatrixDeterminant", input=F(2, 3, 3))


def matrices(*dims, dtype="float32"):
    """Well-conditioned matrices that need pivoting."""
    n = dims[-1]
    mixed = np.random.default_rng(7).uniform(-1.0, 1.0, dims) + 4 * np.eye(n)[np.arange(n) - 1]
    return feed(mixed, dtype)


def positive(*dims, dtype="float32"):
    """Symmetric positive definite matrices, with numbers of no meaning above the diagonal."""
    half = np.random.default_rng(8).uniform(-1.0, 1.0, dims)
    whole = half @ half.swapaxes(-1, -2) + np.eye(dims[-1])
    return feed(np.tril(whole) + np.triu(half, 1), dtype)


for adjoint in (False, True):
    case("MatrixInverse", input=matrices(2, 5, 5), adjoint=adjoint)
    case("MatrixSolve", matrix=matrices(2, 4, 4), rhs=F(2, 4, 3), adjoint=adjoint)
    for lower in (True, False):
        case("MatrixTriangularSolve", matrix=feed(np.full((4, 4), 0.5) + 2 * np.eye(4), "float32"), rhs=F(4, 3), lower=lower, adjoint=adjoint)
        case("MatrixTriangularSolve", matrix=positive(3, 4, 4), rhs=F(2, 1, 4, 2), lower=lower, adjoint=adjoint)
case("MatrixInverse", input=feed([[0, 2], [4, 0]], "float64"))
case("MatrixInverse", input=feed(np.zeros((2, 0, 0)), "float32"))
case("MatrixSolve", matrix=matrices(5, 5, dtype="float64"), rhs=F(5, 1, dtype="float64"))
case("Lu", input=matrices(2, 5, 5))
case("Lu", input=matrices(4, 4, dtype="float64"), output_idx_type=np.int64)
case("LogMatrixDeterminant", input=matrices(3, 4, 4))
case("LogMatrixDeterminant", input=F(2, 5, 5, dtype="float64"))
case("LogMatrixDeterminant", input=feed([[[1, 2], [2, 4]], [[0, 3], [3, 0]], [[-1, 0], [0, 1]]], "float32"))
case("LogMatrixDeterminant", input=feed(np.zeros((2, 0, 0)), "float32"))
case("Cholesky", input=positive(2, 5, 5))
case("Cholesky", input=positive(1, 1, dtype="float64"))
for dims in ((2, 4, 4), (5, 3), (3, 5), (2, 1, 1)):
    for full in (False, True):
        case("Qr", input=F(*dims), full_matrices=full)
case("Qr", input=feed([[0, 1], [0, 2], [0, 2]], "float64"))
case("TridiagonalMatMul", superdiag=F(2, 1, 4), maindiag=F(2, 1, 4), subdiag=F(2, 1, 4), rhs=F(2, 4, 3))
case("TridiagonalMatMul", superdiag=F(1, 1), maindiag=F(1, 1), subdiag=F(1, 1), rhs=F(1, 3))

for dims in ((5, 3), (3, 5), (2, 4, 4), (2, 1), (1, 3)):
    case("Svd", input=F(*dims), compute_uv=False, _outputs=1)
case("Svd", input=feed([[1, 2], [2, 4], [3, 6]], "float64"), compute_uv=False, _outputs=1, _atol=1e-12)
case("Svd", input=F(6, 6, dtype="float64"), compute_uv=False, _outputs=1, _rtol=1e-11)
case("SelfAdjointEigV2", input=F(2, 5, 5), compute_v=False, _outputs=1)
case("SelfAdjointEigV2", input=feed([[0, 9], [1, 0]], "float64"), compute_v=False, _outputs=1, _rtol=1e-11)

for dims in ((5, 3), (3, 5), (2, 4, 4)):
    right = F(*dims[:-1], 2)
    case("MatrixSolveLs", matrix=F(*dims), rhs=right, l2_regularizer=const(0.5, "float64"), _dynamic="more rows")
    case("MatrixSolveLs", matrix=F(*dims), rhs=right, l2_regularizer=const(0.5, "float64"), fast=False, _rtol=1e-3)
case("MatrixSolveLs", matrix=feed([[1, 2], [2, 4], [3, 6]], "float64"), rhs=F(3, 1, dtype="float64"), l2_regularizer=const(0.0, "float64"), fast=False)
case("TridiagonalSolve", diagonals=feed([[1, 2, 3, np.nan], [4, 0.5, 6, 7], [np.nan, 9, 2, 3]], "float32"), rhs=F(4, 3))
case("TridiagonalSolve", diagonals=F(2, 3, 5, dtype="float64"), rhs=F(2, 5, 1, dtype="float64"), _rtol=1e-9)
case("TridiagonalSolve", diagonals=feed([[0], [2], [0]], "float32"), rhs=F(1, 2))

# What stands where the matrix has no such element is not looked at.
for lower in (True, False):
    for adjoint in (False, True):
        case("BandedTriangularSolve", matrix=F(2, 3, 5, low=1, high=2), rhs=F(2, 5, 2), lower=lower, adjoint=adjoint)
        case("BandedTriangularSolve", matrix=F(3, 1, 2, 4, low=1, high=2), rhs=F(2, 4, 1), lower=lower, adjoint=adjoint)
case("BandedTriangularSolve", matrix=F(1, 4, low=1, high=2), rhs=F(2, 4, 3))
case("BandedTriangularSolve", matrix=feed([[1, 2, 4], [np.nan, 1, 3], [np.inf, np.nan, 1]], "float64"), rhs=F(3, 2, dtype="float64"), _rtol=1e-12)
