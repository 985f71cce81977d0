"""Rows combined by segment; counts by value."""
from cases import F, I, case, const, feed  # noqa: F401

for combine in ("Sum", "Prod", "Max", "Min"):
    op = f"UnsortedSegment{combine}"
    case(op, data=F(4, 3), segment_ids=feed([2, 0, -1, 2], "int32"), num_segments=const(4))
    case(op, data=F(2, 3, 2), segment_ids=feed([[0, 1, 1], [0, 0, -3]], "int64"), num_segments=feed(3, "int32"))
    case(op, data=I(5, dtype="int32"), segment_ids=const([1, 1, 0, 3, 1]), num_segments=const(5))
    op = f"Segment{combine}"
    case(op, data=F(4, 3), segment_ids=feed([0, 2, 2, 3], "int32"))
    case(op, data=I(5, dtype="int64"), segment_ids=const([0, 0, 1, 1, 4]))
case("UnsortedSegmentSum", data=F(3), segment_ids=const([0, 0, 1]), num_segments=const(2))
case("UnsortedSegmentMax", data=F(4, 2, dtype="float64"), segment_ids=const([1, 1, 0, 3]), num_segments=const(5))
case("UnsortedSegmentMin", data=F(4, 2, dtype="float16"), segment_ids=const([1, 1, 0, 3]), num_segments=const(5))
case("UnsortedSegmentMax", data=I(4, 2, dtype="int8"), segment_ids=const([1, 1, 0, 3]), num_segments=const(5))
case("UnsortedSegmentMin", data=I(4, 2, dtype="int64"), segment_ids=const([1, 1, 0, 3]), num_segments=const(5))
case("SegmentSum", data=F(0, 3), segment_ids=feed([], "int32"))
case("SegmentMax", data=F(0, 3), segment_ids=feed([], "int32"))
case("SegmentMean", data=F(4, 3), segment_ids=feed([0, 2, 2, 3], "int32"))
case("SegmentMean", data=F(4, dtype="float64"), segment_ids=const([0, 2, 2, 3]))

SPARSE = {"data": F(5, 3), "indices": feed([4, 0, 0, 2], "int32"), "segment_ids": feed([0, 0, 2, 2], "int32")}
for op in ("SparseSegmentSum", "SparseSegmentMean", "SparseSegmentSqrtN"):
    case(op, **SPARSE)
    case(op + "WithNumSegments", **SPARSE, num_segments=const(5))
    case(op + "WithNumSegments", **SPARSE, num_segments=feed(3, "int32"))

NONE = const([], "float32")
case("DenseBincount", input=feed([1, 1, 5, 9], "int32"), size=const(6), weights=NONE)
case("DenseBincount", input=feed([1, 1, 5, 9], "int64"), size=feed(6, "int64"), weights=const([1.0, 2.0, 3.0, 4.0]))
case("DenseBincount", input=feed([[1, 1, 5, 9], [0, 0, 0, 1]], "int32"), size=const(6), weights=NONE)
case("DenseBincount", input=feed([[1, 1, 5, 9], [0, 0, 0, 1]], "int32"), size=const(6), weights=NONE, binary_output=True)
case("DenseBincount", input=feed([[1, 1], [0, 7]], "int32"), size=const(3), weights=const([[1, 2], [3, 4]]))
case("DenseBincount", input=feed([1, 1, 5, 9], "int32"), size=const(6), weights=const([1.0, 2.0, 3.0, 4.0]), binary_output=True)
case("Bincount", arr=feed([1, 1, 5, 9], "int32"), size=const(6), weights=NONE)
case("Bincount", arr=feed([[1, 1], [5, 9]], "int32"), size=const(6), weights=const([[1.0, 2.0], [3.0, 4.0]]))
case("HistogramFixedWidth", values=feed([-1.0, 0.0, 1.5, 2.0, 5.0, 15.0], "float32"), value_range=const([0.0, 5.0]), nbins=const(5))
case("HistogramFixedWidth", values=feed([[-1, 0], [1, 15]], "int32"), value_range=const([0, 5]), nbins=const(3), dtype="int64")
