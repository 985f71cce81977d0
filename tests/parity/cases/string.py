"""Text."""
import numpy as np

from cases import B, I, case, const, feed

WORDS = feed([["b", "Aa"], ["c d", ""]], object)
LATER = (21, 28)  # ONNX joins and splits strings from opset 20 on
for op in ("StringLower", "StringUpper"):
    case(op, input=feed([["ABC \u00c9", "zZ"], ["", "0x\u00df"]], object))
    case(op, input=feed([], object))
    case(op, input=WORDS, encoding="utf-8", _refused="locales")
for separator in ("", "-"):
    case("StringJoin", inputs=[WORDS, const("x", object), WORDS], separator=separator, _opsets=LATER)
    for axes in ([0, 1], [1, 0], [0], [-1], []):
        case("ReduceJoin", inputs=WORDS, reduction_indices=const(axes, "int32"), separator=separator, _opsets=LATER)
case("StringJoin", inputs=[WORDS], _opsets=LATER)
case("ReduceJoin", inputs=WORDS, reduction_indices=const([0]), keep_dims=True, _opsets=LATER)
case("ReduceJoin", inputs=feed(np.zeros((0, 2)), object), reduction_indices=const([0]), _opsets=LATER)
TEXT = feed(["a,b,,c", " a  b ", "", ",", "abxab", "  "], object)
for separator in ("", ",", "ab"):
    case("StringSplitV2", input=TEXT, sep=const(separator, object), _opsets=LATER)
case("StringSplitV2", input=TEXT, sep=const(",", object), maxsplit=1, _opsets=LATER)
case("StringSplitV2", input=feed([""], object), sep=const("", object), _opsets=LATER)
case("StringSplitV2", input=TEXT, sep=const("", object), maxsplit=1, _refused="cannot be converted", _opsets=LATER)
for skip in (True, False):
    case("StringSplit", input=TEXT, delimiter=const(",", object), skip_empty=skip, _opsets=LATER)
SPACES = feed(["a b\tc\n\nd\x0be\x0cf\rg", "", "\t", " x\t y ", "a\u00a0b"], object)
case("StringSplitV2", input=SPACES, sep=const("", object), _opsets=LATER)
case("StringSplitV2", input=feed([], object), sep=const("", object), _opsets=LATER)
case("StringSplit", input=TEXT, delimiter=const(", b", object), _opsets=LATER)
case("StringSplit", input=feed(["", ";"], object), delimiter=const(";,", object), _opsets=LATER)
case("StringSplit", input=TEXT, delimiter=const(", ", object), skip_empty=False, _refused="cannot be converted", _opsets=LATER)
case("StringSplit", input=TEXT, delimiter=const("", object), _refused="cannot be converted", _opsets=LATER)
for dtype in ("int32", "int64", "uint8", "int8"):
    case("AsString", input=I(2, 3, dtype=dtype, low=0 if dtype[0] == "u" else -99, high=100))
case("AsString", input=B(2, 3))
case("AsString", input=feed([1.5], "float32"), _refused="otherwise")
case("AsString", input=feed([15], "int32"), width=4, _refused="width")
# Of integers they are converted: test_hashes.py.
case("StringToHashBucketFast", input=WORDS, num_buckets=9, _refused="bytes")
case("StringToHashBucketStrong", input=WORDS, num_buckets=9, key=[1, 2], _refused="bytes")

LETTERS = feed([["a", "b"], ["c", "d"], ["e", ""], ["g", "h"], ["\u00e9", "j"]], object)
for separator in ("", "--"):
    case("UnsortedSegmentJoin", inputs=LETTERS, segment_ids=feed([2, 0, 2, 4, 2], "int32"), num_segments=const(5), separator=separator, _opsets=LATER)
    case("UnsortedSegmentJoin", inputs=LETTERS, segment_ids=feed([[1, 0], [1, 1], [0, 1], [2, 2], [0, 2]], "int64"), num_segments=feed(3, "int32"), separator=separator, _opsets=LATER)
case("UnsortedSegmentJoin", inputs=feed([], object), segment_ids=feed([], "int32"), num_segments=const(2), _opsets=LATER)
