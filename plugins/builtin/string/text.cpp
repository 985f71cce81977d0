// Strings taken apart and rewritten.
#include <algorithm>
#include <string_view>

#include <flowport/ops.hpp>

#include "string.hpp"

namespace flowport::string {

namespace {

// TF:   StringLower(input: string) -> output: string, attr encoding: none for ASCII, or utf-8; StringUpper likewise
// ONNX: StringNormalizer in the locale C, where only ASCII letters have a case
void change_case(const Node& node) {
  if (!node.attr<std::string>("encoding", "").empty()) {
    node.unsupported("encoding 'utf-8', since what letters ONNX knows depends on the machine's locales",
                     "leave the encoding out where the text is ASCII");
  }
  const Value x = node.input(0);
  // One string more: ONNX Runtime takes no empty list.
  const bool is_list = x.rank() == 1;
  const Value flat = concat({is_list ? x : reshape(x, Ints{-1}), node.strings({1}, {""})}, 0);
  const Value changed =
      node.emit("StringNormalizer", {flat},
                {{"case_change_action", node.op() == "StringLower" ? "LOWER" : "UPPER"}, {"locale", "C"}});
  const Value y = slice(changed, {0}, {-1}, {0});
  node.bind(is_list ? y : reshape(y, shape_of(x)));
}

/// The tokens of each string as a sparse tensor: `tokens` [n, width], of which `kept` (bool, of that shape) count.
void bind_tokens(const Node& node, const Value& tokens, const Value& kept) {
  const Value mask = reshape(kept, Ints{-1});
  const Value place = cumsum(cast(kept, DType::kInt64), node.int_scalar(1), true, false);
  const auto flat = [&](const Value& v) { return node.emit("Compress", {reshape(v, Ints{-1}), mask}, {{"axis", 0}}); };
  const Value row = gather(node.emit("NonZero", {kept}), 0);
  node.bind(0, concat({unsqueeze(row, {1}), unsqueeze(flat(place), {1})}, 1));
  node.bind(1, flat(tokens));
  const Value counts = reduce_sum(cast(kept, DType::kInt64), {1}, false);
  node.bind(2, concat({shape_of(counts), reduce_max(concat({node.ints({0}), counts}, 0), {0}, true)}, 0));
}

struct Tokens {
  Value all;     ///< [n, width], filled up with empty strings
  Value counts;  ///< int64 [n]
};

/// Which of the tokens count: bool [n, width].
Value mask_of(const Tokens& tokens) {
  return less(unsqueeze(iota(dim_of(tokens.all, 1)), {0}), unsqueeze(tokens.counts, {1}));
}

Tokens split_text(const Value& text, const std::string& delimiter, std::int64_t most_splits) {
  const Node& node = text.node();
  Attrs attrs{{"delimiter", delimiter}};
  if (most_splits > 0) attrs.emplace_back("maxsplit", most_splits);
  const auto out = node.emit_n("StringSplit", {text}, attrs, 2);
  return {out[0], out[1]};
}

/// What lies between any of `delimiters`, [n, width], filled up with empty strings, which may stand between the pieces too. One
/// delimiter after the other: ONNX Runtime takes none but the space for white space.
Value pieces_of(const Value& text, std::string_view delimiters) {
  const Node& node = text.node();
  // A last row, taken off again: without rows their width could not be told.
  const Value rows = concat({text, node.strings({1}, {""})}, 0);
  Value pieces = rows;
  for (const char delimiter : delimiters)
    pieces = split_text(reshape(pieces, Ints{-1}), std::string(1, delimiter), -1).all;
  return slice(reshape(pieces, concat({shape_of(rows), node.ints({-1})}, 0)), {0}, {-1}, {0});
}

Value is_filled(const Value& text) { return logical_not(equal(text, text.node().strings({}, {""}))); }

constexpr std::string_view kWhiteSpace = " \t\n\v\f\r";

std::string delimiter_of(const Node& node) {
  const auto given = node.input(1).strings();
  if (!given || given->size() != 1) node.bad_model("the delimiter is not one string");
  return given->front();
}

// TF:   StringSplitV2(input: string [n], sep: string) -> indices: int64, values: string, shape: int64, attr maxsplit
// ONNX: StringSplit; the places of its tokens by NonZero
void string_split_v2(const Node& node) {
  const std::string delimiter = delimiter_of(node);
  const std::int64_t most = node.attr<std::int64_t>("maxsplit", -1);
  if (most == 0 || (most > 0 && delimiter.empty())) {
    node.unsupported("maxsplit of 0, or with white space as separator", "leave maxsplit out, or give a separator");
  }
  if (delimiter.empty()) {
    const Value pieces = pieces_of(node.input(0), kWhiteSpace);
    bind_tokens(node, pieces, is_filled(pieces));
    return;
  }
  Tokens tokens = split_text(node.input(0), delimiter, most);
  // To ONNX an empty string has no tokens, to TF it is one itself: there must be a column for it.
  const Value column = expand(node.strings({}, {""}), concat({shape_of(node.input(0)), node.ints({1})}, 0));
  tokens = {concat({tokens.all, column}, 1), maximum(tokens.counts, 1)};
  bind_tokens(node, tokens.all, mask_of(tokens));
}

// TF:   StringSplit(input: string [n], delimiter: string) -> indices: int64, values: string, shape: int64, attr skip_empty; each
//       byte of the delimiter splits, an empty one splits into bytes
// ONNX: as StringSplitV2, without empty tokens where they are skipped
void string_split_v1(const Node& node) {
  const std::string delimiter = delimiter_of(node);
  const bool skip = node.attr<bool>("skip_empty", true);
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (delimiter.empty() || !std::all_of(delimiter.begin(), delimiter.end(), is_ascii)) {
    node.unsupported("a split into bytes, or at bytes outside of ASCII", "split at ASCII characters");
  }
  if (delimiter.size() > 1) {
    if (!skip) node.unsupported("empty tokens between several delimiters", "set skip_empty, or split at one character");
    const Value pieces = pieces_of(node.input(0), delimiter);
    bind_tokens(node, pieces, is_filled(pieces));
    return;
  }
  const Tokens tokens = split_text(node.input(0), delimiter, -1);
  const Value counted = mask_of(tokens);
  bind_tokens(node, tokens.all, skip ? logical_and(counted, is_filled(tokens.all)) : counted);
}

// TF:   AsString(input: T) -> output: string, attrs precision, scientific, shortest, width, fill
// ONNX: Cast of integers, Where of bools
void as_string(const Node& node) {
  const Value x = node.input(0);
  if (x.dtype() == DType::kString) return node.bind(node.emit("Identity", {x}));
  if (node.attr<std::int64_t>("width", -1) > 0) node.unsupported("a width to be filled up", "leave width out");
  if (x.dtype() == DType::kBool) return node.bind(where(x, node.strings({}, {"true"}), node.strings({}, {"false"})));
  if (!is_integer(x.dtype())) {
    node.unsupported("floating point numbers as text: ONNX writes them otherwise than TensorFlow",
                     "write integers, or do it outside of the model");
  }
  node.bind(cast(x, DType::kString));
}

constexpr Handler kRows[] = {
    handler<as_string>("AsString"),
    handler<change_case>("StringLower"),
    handler<string_split_v1>("StringSplit", {.opset_min = 20, .const_inputs = inputs_known(1)}),
    handler<string_split_v2>("StringSplitV2", {.opset_min = 20, .const_inputs = inputs_known(1)}),
    handler<change_case>("StringUpper"),
};

}  // namespace

FLOWPORT_ROWS(kText, kRows);

}  // namespace flowport::string
